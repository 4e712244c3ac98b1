"""Long tables a piece at a time: where to cut, and rows by place without a copy of the whole.

In: tables of many chunks, some of them on disk (`shelf`). Out: the places of blocks, rows at some
places, the rows of a mask. Arrow joins all chunks of a column for some of these, which costs the
memory that blocks are there to save.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from corpus.readers.shelf import put, rest

# Rows understood at once: their cells take some tens of megabytes.
BLOCK_ROWS = 50_000

Places = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def borders(numbers: Places, size: int) -> list[tuple[int, int]]:
    """Beginnings and ends of blocks of about `size` rows; rows with one number stay together.

    Numbers that go down anywhere give one block: nobody knows what else belongs together there.
    """
    n = len(numbers)
    if n <= size or (numbers[1:] < numbers[:-1]).any():
        return [(0, n)]
    cuts = np.searchsorted(numbers, numbers[np.arange(size, n, size)], side="left")
    edges = [0, *np.unique(cuts[cuts > 0]).tolist(), n]
    return list(pairwise(edges))


def pieces(column: pa.ChunkedArray, size: int) -> Iterator[pa.ChunkedArray]:
    """A column in slices of `size` rows; an empty column is one slice."""
    for first in range(0, max(len(column), 1), size):
        yield column.slice(first, size)


def rows_at(table: pa.Table, places: Places) -> pa.Table:
    """As `table.take(places)`, copying those rows only."""
    order = np.argsort(places, kind="stable")
    ordered, first, taken = places[order], 0, []
    for batch in table.to_batches():
        low, high = np.searchsorted(ordered, [first, first + batch.num_rows])
        if high > low:
            taken.append(pa.Table.from_batches([batch.take(pa.array(ordered[low:high] - first))]))
        first += batch.num_rows
    found = pa.concat_tables([table.schema.empty_table(), *taken]).combine_chunks()
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return found.take(pa.array(back))


def rows_of(table: pa.Table, mask: Mask) -> pa.Table:
    """As `table.filter(mask)`, batch by batch, each put where large tables go."""
    if mask.all():
        return table
    kept, first = [table.schema.empty_table()], 0
    for batch in table.to_batches():
        part = batch.filter(pa.array(mask[first : first + batch.num_rows]))
        kept.append(put(pa.Table.from_batches([part])))
        first += batch.num_rows
        rest()
    return pa.concat_tables(kept)


def fingerprints(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Eight bytes a text: equal texts have equal ones, others very rarely."""
    found = [
        pd.util.hash_array(chunk.to_numpy(zero_copy_only=False), categorize=False)
        for chunk in column.chunks
    ]
    return np.concatenate([np.zeros(0, dtype=np.uint64), *found])


def repeated(values: np.ndarray[Any, np.dtype[np.uint64]]) -> Mask:
    """Where a value occurs more than once."""
    ordered = np.sort(values)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(twice, values), len(twice) - 1)
    return np.asarray(twice[at] == values, dtype=bool)
