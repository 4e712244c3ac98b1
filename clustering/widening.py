"""Which points outside the dense groups plainly belong to one of them?

In: unit vectors and the labels of a density tree. Out: how far each group reaches, and which points
join it. A density tree leaves out what is sparse, and most of what real posts say is sparse: a
point joins when it lies no farther from a group's centre than the group's own members do (mean
cosine less `DEVIATIONS` standard deviations, so that a loose group takes more than a tight one, in
any embedder's space), and plainly nearer to that centre than to every other (`MARGIN`).

It refuses to decide between two groups, and to let a group outgrow its limit. The tree itself is
not touched: what joined is marked as joined.

Measured (benchmarks/coverage.py) against a fixed cosine, votes of nearest neighbours, a smaller
`min_samples`, smoothing, and clustering the rest again: for the same coverage all of them lost more
of the agreement with known labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.density import Floats, Labels, Matrix, group_centres

# Standard deviations of the members' cosines below their mean. On half of the labelled sets, with
# and without background tweets, 3 / 3.5 / 4 gained .19 / .22 / .24 coverage at .010 / .016 / .021
# AMI (mean of both embedders).
DEVIATIONS = 4.0
# Rows compared with all centres at once.
BLOCK_ROWS = 4_096
# How much nearer than the second nearest centre; .05 gained .02 coverage for .015 AMI, .2 lost .07.
MARGIN = 0.1


@dataclass(frozen=True)
class Reach:
    """Centres of groups, (groups, d) unit rows, and the least cosine at which a point joins."""

    centres: Matrix
    least: Floats
    margin: float


@dataclass(frozen=True)
class Near:
    """For each row: nearest group (-1: no vector or no group), cosine to it, whether it joins."""

    group: Labels
    score: Floats
    joins: np.ndarray


def reach_of(rows: Matrix, labels: Labels, groups: int, margin: float = MARGIN) -> Reach:
    """Return how far each of `groups` reaches, judged by its members' cosines to its centre."""
    centres = group_centres(rows, labels, groups)
    inside = labels >= 0
    own = np.einsum(
        "ij,ij->i", rows[inside].astype(np.float64), centres[labels[inside]].astype(np.float64)
    )
    size = np.maximum(np.bincount(labels[inside], minlength=groups), 1)
    mean = np.bincount(labels[inside], own, groups) / size
    square = np.bincount(labels[inside], own**2, groups) / size
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return Reach(centres, np.round(mean - DEVIATIONS * spread, 6), margin)


def fixed_reach(rows: Matrix, labels: Labels, groups: int, least: float) -> Reach:
    """Return groups that all reach equally far, whichever centre comes second."""
    return Reach(group_centres(rows, labels, groups), np.full(groups, least), 0.0)


def no_reach(rows: Matrix, labels: Labels, groups: int) -> Reach:
    """Return groups that nothing joins: the plain tree."""
    return fixed_reach(rows, labels, groups, np.inf)


def near(rows: Matrix, reach: Reach) -> Near:
    """Return the nearest group of each unit row; rounded, so that a batch's size cannot show."""
    group = np.full(len(rows), -1, dtype=np.int64)
    score, second = np.zeros(len(rows)), np.full(len(rows), -1.0)
    if len(reach.centres) == 0:
        return Near(group, score, np.zeros(len(rows), dtype=bool))
    wide = reach.centres.astype(np.float64).T
    for start in range(0, len(rows), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        cosines = np.round(rows[part].astype(np.float64) @ wide, 6)
        best = cosines.argmax(axis=1)
        group[part], score[part] = best, cosines[np.arange(len(best)), best]
        if cosines.shape[1] > 1:
            second[part] = np.partition(cosines, -2, axis=1)[:, -2]
    known = rows.any(axis=1)
    # Scores leave as float32: they are judged as what the reader sees.
    shown = score.astype(np.float32)
    joins = known & (shown >= reach.least[group].astype(np.float32))
    joins &= score - second >= reach.margin - 1e-9
    return Near(np.where(known, group, -1), np.where(known, score, 0.0), joins)


def widened(labels: Labels, found: Near, limit: int) -> Labels:
    """Return `labels` with those that join; no group grows beyond `limit`, the nearest first."""
    outside = np.flatnonzero((labels < 0) & found.joins)
    order = outside[np.lexsort((outside, -found.score[outside], found.group[outside]))]
    group = found.group[order]
    groups = int(max(labels.max(initial=-1), group.max(initial=-1))) + 1
    room = limit - np.bincount(labels[labels >= 0], minlength=groups)
    first = np.searchsorted(group, np.arange(groups))
    rank = np.arange(len(group)) - first[group]
    taken = order[rank < room[group]]
    wider = labels.copy()
    wider[taken] = found.group[taken]
    return wider
