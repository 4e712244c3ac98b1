"""Which branches of hdbscan's condensed tree are groups, and how firmly do rows sit in them?

In: the condensed tree (one line for each row or branch that leaves a branch, and at which density).
Out: two levels of groups from that one tree: the most persistent branches (excess of mass, "eom":
the overview) and its last branches ("leaf": the detail). Each detail group lies within one overview
group, or outside all of them, because one is a branch of the other. The choice is hdbscan's
(Campello, Moulavi and Sander 2013; `hdbscan._hdbscan_tree.get_clusters`); tests hold it to that.

Persistence is not hdbscan's: that divides by the highest density anywhere, so that one pair of
nearly equal rows takes every group's value to zero. Here it is the mean over a group's rows of
1 - (distance at which a row leaves) / (distance at which the group is born): 0 for a group that
dissolves as soon as it exists, 1 for equal rows with nothing near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.unit_vectors import Floats, Labels

Flags = NDArray[np.bool_]

# Densities are 1 / distance; a distance of zero counts as this density.
MOST_DENSE = 1e9
# Rows nearer than this (cosine .99875) count as equally dense, or a pair of nearly equal rows would
# take the membership of all others to zero.
NEARLY_EQUAL = 0.05


@dataclass(frozen=True)
class Condensed:
    """The condensed tree: line i says that `child` leaves `parent` at `density`, `size` rows.

    Children below `rows` are rows, others are branches; the root is number `rows`, and a branch
    has a higher number than the branch that it leaves.
    """

    parent: Labels
    child: Labels
    density: Floats
    size: Labels
    rows: int


@dataclass(frozen=True)
class Level:
    """One choice of groups: (rows,) labels and memberships, (groups,) persistence and branch."""

    labels: Labels
    membership: Floats
    persistence: Floats
    branches: Labels


def no_groups(rows: int) -> Level:
    """Return the level in which every row is outside."""
    none = np.zeros(0, dtype=np.int64)
    return Level(np.full(rows, -1, dtype=np.int64), np.zeros(rows), np.zeros(0), none)


def choose(tree: Condensed, method: str, max_cluster_size: int = 0) -> Level:
    """Return the groups of `method`, "eom" or "leaf"; a limit of 0 is none and only eom has one."""
    count = int(tree.parent.max()) - tree.rows + 1 if len(tree.parent) else 1
    if count < 2:
        return no_groups(tree.rows)
    births, sizes, above = _branches(tree, count)
    leaves = np.bincount(above[1:], minlength=count) == 0
    if method == "leaf":
        chosen = leaves
    else:
        chosen = _most_persistent(_stabilities(tree, births), sizes, above, max_cluster_size)
    chosen[0] = False
    return _level(tree, chosen, births, above)


def _branches(tree: Condensed, count: int) -> tuple[Floats, Labels, Labels]:
    """Density at birth, size and parent of each branch, numbered from the root as 0."""
    births, sizes = np.zeros(count), np.full(count, tree.rows, dtype=np.int64)
    above = np.zeros(count, dtype=np.int64)
    lines = tree.child >= tree.rows
    at = tree.child[lines] - tree.rows
    births[at], sizes[at] = tree.density[lines], tree.size[lines]
    above[at] = tree.parent[lines] - tree.rows
    return births, sizes, above


def _stabilities(tree: Condensed, births: Floats) -> Floats:
    at = tree.parent - tree.rows
    lasting = (tree.density - births[at]) * tree.size
    return np.bincount(at, weights=lasting, minlength=len(births)).astype(np.float64)


def _most_persistent(own: Floats, sizes: Labels, above: Labels, limit: int) -> Flags:
    """Excess of mass: a branch is chosen where it lasts longer than what it splits into."""
    count = len(own)
    chosen = np.ones(count, dtype=bool)
    below, lasting = np.zeros(count), own.copy()
    for branch in range(count - 1, 0, -1):
        if below[branch] > lasting[branch] or (limit and sizes[branch] > limit):
            chosen[branch], lasting[branch] = False, below[branch]
        below[above[branch]] += lasting[branch]
    chosen[0] = False
    covered = np.zeros(count, dtype=bool)
    for branch in range(1, count):
        covered[branch] = covered[above[branch]] or chosen[above[branch]]
    return chosen & ~covered


def _level(tree: Condensed, chosen: Flags, births: Floats, above: Labels) -> Level:
    number = np.where(chosen, np.cumsum(chosen) - 1, -1)
    for branch in range(1, len(chosen)):  # a branch above comes first
        if not chosen[branch]:
            number[branch] = number[above[branch]]
    groups = int(chosen.sum())
    lines = tree.child < tree.rows
    labels = np.full(tree.rows, -1, dtype=np.int64)
    labels[tree.child[lines]] = number[tree.parent[lines] - tree.rows]
    density = np.zeros(tree.rows)
    density[tree.child[lines]] = np.minimum(tree.density[lines], 1 / NEARLY_EQUAL)
    own = tree.parent - tree.rows
    highest = np.zeros(len(chosen))
    np.maximum.at(highest, own, np.minimum(tree.density, 1 / NEARLY_EQUAL))
    peak = np.append(highest[chosen], 1.0)
    membership = np.where(labels >= 0, np.minimum(density / peak[labels], 1.0), 0.0)
    return Level(
        labels, membership, _persistence(tree, births)[chosen], np.flatnonzero(chosen)[:groups]
    )


def _persistence(tree: Condensed, births: Floats) -> Floats:
    """Share of a branch's distance at birth that is gone when its rows leave, on average."""
    own = tree.parent - tree.rows
    gone = 1 - births[own] / np.maximum(tree.density, births[own] + 1e-12)
    total = np.bincount(own, weights=gone * tree.size, minlength=len(births))
    return total / np.maximum(np.bincount(own, weights=tree.size, minlength=len(births)), 1)
