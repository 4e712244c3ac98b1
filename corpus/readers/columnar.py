"""Parquet files: the columns keep their types, so that a timestamp stays one.

In: a Parquet file. Out: `Rows`. Dictionary columns are decoded and large strings narrowed batch by
batch; nested columns become JSON text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import UnknownFormat
from corpus.readers.dialect import unique_names
from corpus.readers.files import head
from corpus.readers.packed import open_seekable
from corpus.readers.rows import BATCH_ROWS, Rows


@dataclass(frozen=True)
class Columnar:
    """Reads Parquet."""

    name: str = "parquet"

    def sniff(self, path: Path) -> float:
        """Parquet says so in its first four bytes."""
        return 1.0 if head(path, 4) == b"PAR1" else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file. Raises UnknownFormat when it is damaged."""
        try:
            with open_seekable(path) as stream, pq.ParquetFile(stream) as file:
                batches = [
                    plain_table(pa.Table.from_batches([batch]))
                    for batch in file.iter_batches(batch_size=BATCH_ROWS)
                ]
                empty = plain_table(file.schema_arrow.empty_table())
        except (pa.ArrowException, OSError) as error:
            raise UnknownFormat(f"{name}: damaged Parquet file ({error})") from error
        table = pa.concat_tables([empty, *batches])
        return typed_rows(table, "parquet")


def typed_rows(table: pa.Table, kind: str, notes: Sequence[str] = ()) -> Rows:
    """Wrap a typed table as the rows 0..n-1 of a file."""
    numbers = np.arange(table.num_rows, dtype=np.int64)
    return Rows(table, numbers, (), table.num_rows, kind, tuple(notes))


def plain_table(table: pa.Table) -> pa.Table:
    """Decode dictionaries, narrow large strings, turn nested values into JSON text."""
    columns = [_plain(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=list(unique_names(table.column_names)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind):
        texts = [None if value is None else _json(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [
            None if value is None else value.decode("utf-8", "backslashreplace")
            for value in column.to_pylist()
        ]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column


def _json(value: object) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8")
