"""Which way leads from an island of rows to the rest, when no neighbour list does?

In: unit rows, neighbour lists, core distances. Out: further edges (a, b, distance), enough to make
the graph of neighbours one piece. A group of more rows than a list holds, far from all others, is
named by nobody outside and names nobody outside; without its true distance to the rest the tree
would take it for a much longer lasting group than it is (five groups of fully .6 adjusted Rand on
rows with such islands; with bridges hdbscan's own answer).

Boruvka's way: each island but the largest looks for its nearest outside row, islands so joined are
one, and again until one is left. Large islands are spoken for by their first rows in canonical
order, a random sample of them. Posts under a sentence model gave no island at all, so this costs
nothing there.
"""

from __future__ import annotations

import numpy as np

from clustering.unit_vectors import BLOCK_ROWS, Floats, Labels, Matrix

# Rows that speak for all islands together (at least one an island), compared with every row.
SPEAKERS = 4_096


def bridges(rows: Matrix, neighbours: Labels, core: Floats) -> Floats:
    """Return (m, 3) edges a, b, distance that connect what `neighbours` (n, kept) leave apart."""
    from threadpoolctl import threadpool_limits

    island = _islands(len(rows), _lines(neighbours))
    found = np.zeros((0, 3))
    with threadpool_limits(1, user_api="blas"):
        while island.max(initial=0) > 0:
            found = np.vstack([found, _ways_out(rows, core, island)])
            ends = np.vstack([_lines(neighbours), found[:, :2].astype(np.int64)])
            island = _islands(len(rows), ends)
    return found


def _lines(neighbours: Labels) -> Labels:
    ends = np.column_stack(
        [np.repeat(np.arange(len(neighbours)), neighbours.shape[1]), neighbours.ravel()]
    )
    return ends[ends[:, 1] >= 0]


def _islands(rows: int, ends: Labels) -> Labels:
    """The island of each row; 0 is the largest, ties to the one with the lowest row."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    graph = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(rows, rows))
    _, part = connected_components(graph, directed=False)
    _, first, at, size = np.unique(part, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    return np.argsort(order)[at].astype(np.int64)


def _ways_out(rows: Matrix, core: Floats, island: Labels) -> Floats:
    """For each speaker of an island other than 0 the nearest row outside, by mutual reach."""
    speakers = _speakers(island)
    ways = []
    for start in range(0, len(speakers), BLOCK_ROWS):
        asking = speakers[start : start + BLOCK_ROWS]
        reach = np.sqrt(np.maximum(2 - 2 * (rows[asking] @ rows.T), 0))
        np.maximum(reach, core[asking, None], out=reach)
        np.maximum(reach, core[None], out=reach)
        reach[island[asking, None] == island[None]] = np.inf
        other = reach.argmin(axis=1)
        gap = np.linalg.norm(rows[asking] - rows[other], axis=1)
        ways.append(np.column_stack([asking, other, gap]))
    return np.vstack(ways)


def _speakers(island: Labels) -> Labels:
    """The first rows of each island other than 0, as many for each as there is room for."""
    order = np.argsort(island, kind="stable")
    starts = np.searchsorted(island[order], np.arange(int(island.max()) + 1))
    rank = np.arange(len(order)) - starts[island[order]]
    most = max(1, SPEAKERS // int(island.max()))
    return order[(island[order] > 0) & (rank < most)]
