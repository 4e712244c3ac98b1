"""What every format reader hands over: rows under the file's own column names, undecided.

In: a file. Out: `Rows`: one Arrow table (text where the format knows only text), the row of the
file that each came from, and the rows that could not be taken apart. Which column is the text,
which rows make posts and which make profile snapshots is decided later, in one place for all
formats; so a reader is two short methods and knows no contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from corpus.readers.shelf import put
from corpus.rejects import Reject

# Rows turned into Arrow at once: bounds Python objects alive to some tens of megabytes.
BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Rows:
    """The rows of one file.

    `source_row[i]` is the row of the file (0 = first data row) behind `table` row i; a file row may
    give several table rows (one account's history), and then they share the number.
    """

    table: pa.Table
    source_row: np.ndarray[Any, np.dtype[np.int64]]
    rejects: tuple[Reject, ...]
    rows_read: int
    format: str
    notes: tuple[str, ...] = ()
    # What was taken from the look of the file: delimiter and encoding, as (what, taken).
    looks: tuple[tuple[str, str], ...] = ()


class Reader(Protocol):
    """One file format. `sniff` must be cheap: it sees every file before a reader is chosen."""

    @property
    def name(self) -> str:
        """What the format is called."""

    def sniff(self, path: Path) -> float:
        """Return how surely this reader can read `path`, 0..1."""

    def rows(self, path: Path, name: str) -> Rows:
        """Read the whole file; `name` is how rejects call it. Raises InputError."""


def text_batch(names: list[str], arrays: list[pa.Array]) -> pa.Table:
    """One batch of text columns, put where large tables go."""
    return put(pa.table(arrays, schema=pa.schema([(name, pa.string()) for name in names])))


def text_table(names: list[str], batches: list[list[pa.Array]]) -> pa.Table:
    """Join batches of text columns into one chunked table."""
    schema = pa.schema([(name, pa.string()) for name in names])
    parts = [pa.RecordBatch.from_arrays(arrays, schema=schema) for arrays in batches]
    return pa.Table.from_batches(parts, schema=schema)
