"""DataFrames at the door: the same mapping and the same rejects as for files.

In: a pandas DataFrame, or anything with `__arrow_c_stream__` (polars, pyarrow) or `to_pandas`.
Out: `Corpus`. NaN and None are unknown. An id column that pandas turned into floats has lost
digits: its rows are rejected. The frames handed in are never changed.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from corpus.errors import InputError
from corpus.progress import Progress, Silent
from corpus.readers.columnar import plain_table
from corpus.readers.columns import PROFILES_ROLE
from corpus.readers.dialect import unique_names
from corpus.readers.json_rows import cell_text
from corpus.readers.load import Corpus, Source, assemble, refuse_nothing
from corpus.readers.rows import Rows
from corpus.rejects import NOT_DECODABLE, Reject, excerpt
from corpus.settings import Reading

POSTS_NAME = "<dataframe>"
PROFILES_NAME = "<profiles dataframe>"


def read_frames(
    posts: Any,
    profiles: Any = None,
    *,
    settings: Reading | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read a frame of posts and, when there is one, of profiles (columns: see the contracts).

    Raises
    ------
    InputError
        When an argument is no DataFrame; and as `corpus.readers.read` does.
    """
    sources = [_source(posts, POSTS_NAME, None)]
    if profiles is not None:
        sources.append(_source(profiles, PROFILES_NAME, PROFILES_ROLE))
    corpus = assemble(sources, settings or Reading(), progress or Silent())
    refuse_nothing(corpus)
    return corpus


def _source(frame: Any, name: str, role: str | None) -> Source:
    table, bad = _to_arrow(frame, name)
    plain = plain_table(table)
    numbers = np.arange(plain.num_rows, dtype=np.int64)
    rejects = tuple(Reject(name, row, NOT_DECODABLE, text) for row, text in sorted(bad.items()))
    if bad:
        stay = ~np.isin(numbers, list(bad))
        plain, numbers = plain.filter(pa.array(stay)), numbers[stay]
    rows = Rows(plain, numbers, rejects, table.num_rows, "dataframe")
    return Source(name, _digest(plain), rows, role)


def _to_arrow(frame: Any, name: str) -> tuple[pa.Table, dict[int, str]]:
    """The frame as Arrow, and the rows whose text cannot be encoded."""
    if isinstance(frame, pa.Table):
        return frame, {}
    if not isinstance(frame, pd.DataFrame):
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame), {}
        if not hasattr(frame, "to_pandas"):
            raise InputError(
                f"{name}: expected a DataFrame (pandas, polars or pyarrow), found "
                f"{type(frame).__name__}; for files use corpus.readers.read"
            )
        frame = frame.to_pandas()
    names = unique_names([str(column) for column in frame.columns])
    bad: dict[int, str] = {}
    columns = [_column(frame.iloc[:, place], bad) for place in range(len(names))]
    return pa.table(columns, names=list(names)), bad


def _column(series: pd.Series[Any], bad: dict[int, str]) -> pa.ChunkedArray:
    try:
        found = pa.Array.from_pandas(series)
    except (pa.ArrowException, UnicodeEncodeError, TypeError, OverflowError):
        # Mixed types, or text with lone surrogates: cell by cell, so that only bad rows are lost.
        found = pa.array([_cell(row, value, bad) for row, value in enumerate(series)], pa.string())
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _cell(row: int, value: Any, bad: dict[int, str]) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and np.isnan(value):
        return None
    known = isinstance(value, str | bool | int | float | list | dict)
    text = cell_text(value) if known else str(value)
    try:
        (text or "").encode("utf-8")
    except UnicodeEncodeError:
        bad[row] = excerpt(text or "")
        return None
    return text


class _HashSink:
    """A file that only remembers the digest of what was written."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self.digest.update(view)
        return view.nbytes

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        self.closed = True


def _digest(table: pa.Table) -> str:
    """sha256 of the rows in Arrow's stream format: stands where a file has its own sha256."""
    sink = _HashSink()
    bare = table.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), bare.schema) as stream:
        stream.write_table(bare)
    return sink.digest.hexdigest()
