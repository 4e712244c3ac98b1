"""Which rows are nearest to each row?

In: unit rows. Out: for each row the nearest other rows and their distances, nearest first.
`nearest_neighbours` compares every pair and is exact. `near_rows` does the same for few rows and
looks at the likely ones alone for many (`clustering.neighbour_search`), which on 10,000 rows of 384
numbers took a third of the processor time and on 40,000 a tenth. Both give rows in one order give
the same answer in every run, for any number of threads.
"""

from __future__ import annotations

import numpy as np

from clustering.unit_vectors import BLOCK_ROWS, Floats, Labels, Matrix

# From here on looking at likely rows alone costs less than half of comparing all pairs.
APPROXIMATE_ROWS = 8_000
# Candidates beyond those kept, of which rounding decides which are seen.
SPARE = 5


def near_rows(rows: Matrix, kept: int) -> tuple[Labels, Floats]:
    """Return the `kept` nearest other rows and their distances, (n, kept) each.

    Exact up to `APPROXIMATE_ROWS` rows. Beyond, about one in twenty of the true neighbours is
    replaced by one a little farther off; a place left empty holds -1 at an infinite distance.
    Give the rows in canonical order: the search takes its sample from the first ones.
    """
    if len(rows) <= APPROXIMATE_ROWS:
        return nearest_neighbours(rows, kept)
    from clustering.neighbour_search import search_neighbours

    return search_neighbours(rows, kept)


def near_rows_again(rows: Matrix, neighbours: Labels) -> tuple[Labels, Floats]:
    """Return what `near_rows` would for rows that moved since it gave `neighbours` (n, kept)."""
    if len(rows) <= APPROXIMATE_ROWS:
        return nearest_neighbours(rows, neighbours.shape[1])
    from clustering.neighbour_search import refined_neighbours

    return refined_neighbours(rows, neighbours)


def nearest_neighbours(rows: Matrix, kept: int) -> tuple[Labels, Floats]:
    """Return the `kept` nearest other rows of each row and their distances, both (n, kept).

    Exact, block by block; candidates by similarity in float32, distances again by differences. The
    last digits of a product of matrices depend on threads, so that a few more are looked at.
    """
    looked_at = min(kept + SPARE, len(rows) - 1)
    neighbours = np.zeros((len(rows), kept), dtype=np.int64)
    distances = np.zeros((len(rows), kept))
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        similar = block @ rows.T
        own = np.arange(len(block))
        similar[own, start + own] = -np.inf  # with equal rows the nearest need not be itself
        near = np.argpartition(similar, -looked_at, axis=1)[:, -looked_at:]
        gap = _distances(block, rows, near)
        order = np.lexsort((near, gap), axis=1)[:, :kept]
        neighbours[start : start + BLOCK_ROWS] = np.take_along_axis(near, order, axis=1)
        distances[start : start + BLOCK_ROWS] = np.take_along_axis(gap, order, axis=1)
    return neighbours, distances


def _distances(block: Matrix, rows: Matrix, near: Labels) -> Floats:
    """Distances by differences: 2 - 2 cos would lose half the digits of near rows."""
    gaps = [
        np.linalg.norm(block - rows[near[:, column]], axis=1) for column in range(near.shape[1])
    ]
    return np.stack(gaps, axis=1).astype(np.float64)
