"""Each row moved half way to the mean of its nearest neighbours, once.

In: unit rows and their neighbour lists. Out: unit rows of the same shape. A group pulls itself
together and its surroundings towards it, so that more rows stand in dense places: with the sentence
model and 10,000 posts, half of them labelled, coverage of those rose from .53 to .73 while the
agreement (AMI) on what was covered stayed at .88. Once and not twice: two passes made four groups
of everything. A row that lies between two groups is moved too, so this is an option, never the
default of the clusterer, which stays hdbscan's tree.
"""

from __future__ import annotations

import numpy as np

from clustering.unit_vectors import SUMMED_ROWS, Labels, Matrix, unit_rows


def smoothed(rows: Matrix, neighbours: Labels, kept: int) -> Matrix:
    """Return each row plus the mean of its first `kept` neighbours, at length 1.

    `neighbours` is (n, at least kept), nearest first; -1 is none and counts as the row itself.
    """
    if kept < 1 or neighbours.shape[1] == 0:
        return rows
    near = neighbours[:, :kept]
    near = np.where(near < 0, np.arange(len(rows))[:, None], near)
    moved = np.empty_like(rows)
    for start in range(0, len(rows), SUMMED_ROWS):
        part = slice(start, start + SUMMED_ROWS)
        total = np.zeros(rows[part].shape)
        for column in range(near.shape[1]):
            total += rows[near[part, column]]
        moved[part] = unit_rows(rows[part] + total / near.shape[1])
    return moved
