"""Would a group still be there if a tenth of the rows had not been collected?

In: the neighbour graph of a clustering, its labels, and a function from edges to labels. Out: one
number a group, 0..1: the mean, over samples of the rows, of the largest Jaccard similarity of the
group (what the sample holds of it) to any group found in the sample (Hennig 2007, cluster-wise
assessment of stability: below .5 a group dissolves, above .75 it stands).

The neighbours are searched once: in a sample, a row's nearest are those of its list that remain.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clustering.mutual_reach import spanning_tree
from clustering.unit_vectors import Floats, Labels

# Draws and share of rows: the usual choice; ten draws put the standard error of a mean near .03.
DRAWS = 10
SHARE = 0.9


def stability(
    neighbours: Labels,
    distances: Floats,
    labels: Labels,
    regroup: Callable[[Floats], Labels],
    *,
    min_samples: int,
    bridges: Floats | None = None,
    draws: int = DRAWS,
    share: float = SHARE,
    seed: int = 0,
) -> Floats:
    """Return (groups,) stabilities of `labels`, whose rows are those of `neighbours`, (n, kept).

    `regroup` turns the edges of a spanning tree into labels. `seed` draws the samples.
    """
    groups = int(labels.max(initial=-1)) + 1
    if groups == 0:
        return np.zeros(0)
    random = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        sample = np.sort(random.permutation(len(labels))[: max(2, round(share * len(labels)))])
        near, gaps = without_the_rest(neighbours, distances, sample)
        again = regroup(spanning_tree(near, gaps, min_samples, _left(bridges, sample, len(labels))))
        found.append(best_jaccard(labels[sample], again, groups))
    values = np.array(found)
    drawn = ~np.isnan(values)
    mean: Floats = np.where(drawn, values, 0.0).sum(axis=0) / np.maximum(drawn.sum(axis=0), 1)
    return mean


def without_the_rest(
    neighbours: Labels, distances: Floats, sample: Labels
) -> tuple[Labels, Floats]:
    """Return the lists of the rows in `sample`, renumbered, with what is not in it at the end.

    Places left empty hold -1 and an infinite distance.
    """
    number = np.full(len(neighbours) + 1, -1, dtype=np.int64)  # the last place answers for -1
    number[sample] = np.arange(len(sample))
    near = number[neighbours[sample]]
    order = np.argsort(near < 0, axis=1, kind="stable")
    near = np.take_along_axis(near, order, axis=1)
    gaps = np.take_along_axis(distances[sample], order, axis=1)
    return near, np.where(near >= 0, gaps, np.inf)


def _left(bridges: Floats | None, sample: Labels, rows: int) -> Floats | None:
    """The edges with both ends in the sample, renumbered."""
    if bridges is None:
        return None
    number = np.full(rows, -1, dtype=np.int64)
    number[sample] = np.arange(len(sample))
    ends = number[bridges[:, :2].astype(np.int64)]
    return np.column_stack([ends, bridges[:, 2]])[(ends >= 0).all(axis=1)]


def best_jaccard(before: Labels, after: Labels, groups: int) -> Floats:
    """Return for each group of `before` its largest Jaccard with a group of `after`.

    NaN for a group of which the rows hold nothing.
    """
    kept = np.bincount(before[before >= 0], minlength=groups)
    sizes = np.bincount(after[after >= 0], minlength=1)
    both = (before >= 0) & (after >= 0)
    cells, shared = np.unique(before[both] * len(sizes) + after[both], return_counts=True)
    one, other = np.divmod(cells, len(sizes))
    best = np.zeros(groups)
    np.maximum.at(best, one, shared / (kept[one] + sizes[other] - shared))
    return np.where(kept > 0, best, np.nan)
