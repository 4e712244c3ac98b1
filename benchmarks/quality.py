"""How good are groups, against planted truth or against other groups?

In: two labelings of the same posts. Out: pair and B-cubed precision and recall, counted over the
cells (truth, found) of their contingency table, so that large groups cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Quality:
    """Shares in 0..1; a precision over no pairs is 1."""

    pair_precision: float
    pair_recall: float
    b3_precision: float
    b3_recall: float


def compare(truth: Ints, found: Ints) -> Quality:
    """Judge `found` by `truth`."""
    _, a = np.unique(truth, return_inverse=True)
    _, b = np.unique(found, return_inverse=True)
    cells, sizes = np.unique(a * (int(b.max()) + 1) + b, return_counts=True)
    in_truth, in_found = np.bincount(a), np.bincount(b)
    row, column = np.divmod(cells, int(b.max()) + 1)
    together = float(_pairs(sizes).sum())
    return Quality(
        together / max(float(_pairs(in_found).sum()), 1.0) if _pairs(in_found).sum() else 1.0,
        together / max(float(_pairs(in_truth).sum()), 1.0),
        float((sizes * (sizes / in_found[column])).sum() / len(a)),
        float((sizes * (sizes / in_truth[row])).sum() / len(a)),
    )


def rows_changed(one: Ints, other: Ints) -> int:
    """Return how many posts are not with exactly the same posts in both labelings."""
    _, a = np.unique(one, return_inverse=True)
    _, b = np.unique(other, return_inverse=True)
    cells, cell, sizes = np.unique(
        a * (int(b.max()) + 1) + b, return_inverse=True, return_counts=True
    )
    row, column = np.divmod(cells, int(b.max()) + 1)
    same = (sizes == np.bincount(a)[row]) & (sizes == np.bincount(b)[column])
    return int((~same[cell]).sum())


def _pairs(sizes: Ints) -> Ints:
    pairs: Ints = sizes * (sizes - 1) // 2
    return pairs
