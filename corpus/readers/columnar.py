"""Parquet files: the columns keep their types, so that a timestamp stays one.

In: a Parquet file. Out: `Rows`. Dictionary columns are decoded and large strings narrowed batch by
batch; nested columns become JSON text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import UnknownFormat
from corpus.readers.dialect import unique_names
from corpus.readers.files import head
from corpus.readers.packed import open_seekable
from corpus.readers.rows import BATCH_ROWS, Rows
from corpus.readers.shelf import put
from corpus.rejects import NOT_DECODABLE, Reject


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
                batches, rejects = _batches(file, name)
                empty = plain_table(file.schema_arrow.empty_table())
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise UnknownFormat(f"{name}: damaged Parquet file ({error})") from error
        table = pa.concat_tables([empty, *(batch for batch, _ in batches)])
        numbers = [np.zeros(0, dtype=np.int64), *(numbers for _, numbers in batches)]
        count = table.num_rows + len(rejects)
        return Rows(table, np.concatenate(numbers), tuple(rejects), count, "parquet")


Batch = tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]


def _batches(file: pq.ParquetFile, name: str) -> tuple[list[Batch], list[Reject]]:
    """Plain tables with the numbers of their rows; rows whose text is no UTF-8 are rejects."""
    batches: list[Batch] = []
    rejects: list[Reject] = []
    first = 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        raw = pa.Table.from_batches([batch])
        numbers = np.arange(first, first + raw.num_rows, dtype=np.int64)
        first += raw.num_rows
        bad = _undecodable(raw)
        if bad.any():
            rejects += [Reject(name, row, NOT_DECODABLE, "") for row in numbers[bad].tolist()]
            raw, numbers = raw.filter(pa.array(~bad)), numbers[~bad]
        batches.append((put(plain_table(raw)), numbers))
    return batches, rejects


def _undecodable(table: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows with a text that is no UTF-8: the format does not check, whatever it promises."""
    bad = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            bad |= [not _decodes(value) for value in _as_bytes(column)]
    return bad


def _as_bytes(column: pa.ChunkedArray) -> list[Any]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return list(column.cast(pa.large_binary()).to_pylist())
    return [cell for chunk in column.chunks for cell in chunk]


def _decodes(value: Any) -> bool:
    try:
        if isinstance(value, bytes):
            value.decode("utf-8")
        elif isinstance(value, pa.Scalar):
            value.as_py()
    except UnicodeDecodeError:
        return False
    return True


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
