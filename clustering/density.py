"""Which vectors stand so close together that they belong to one group, and which stand alone?

In: one vector for each talking point. Out: a label for each, -1 for those outside every group, with
memberships, persistences and a finer level. HDBSCAN (Campello, Moulavi and Sander 2013; McInnes,
Healy and Astels 2017): groups are dense regions of any size; what is not dense is left out rather
than forced in.

Up to `REFERENCE_ROWS` rows the tree is that of `hdbscan.HDBSCAN` itself. Above, the same tree is
built over nearest neighbours alone: neighbours (`clustering.neighbours`: exact, from 8,000 rows on
approximate) -> ways between islands (`clustering.bridges`) -> spanning tree of mutual reachability
(`clustering.mutual_reach`) -> hdbscan's own condensed tree -> groups (`clustering.condensed`).
docs/benchmarks.md holds times and agreement beside hdbscan. With `min_samples` 1 or 2 the labels
are hdbscan's but for a few rows; with 5 many edges of the tree have equal lengths, and how such
ties fall is open: there two orders of the rows set hdbscan itself at .96 to 1.00 against each
other. Here nothing is random, and rows are put into an order given by their content first, so the
input's order cannot matter.

This is the only module that imports hdbscan.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.exceptions import NotFittedError

from clustering.bridges import bridges
from clustering.condensed import MOST_DENSE, Condensed, Level, choose, no_groups
from clustering.mutual_reach import core_distances, spanning_tree
from clustering.neighbours import near_rows, near_rows_again, nearest_neighbours
from clustering.smoothing import smoothed
from clustering.stability import DRAWS, SHARE, stability
from clustering.unit_vectors import (
    BLOCK_ROWS,
    Floats,
    Labels,
    Matrix,
    canonical_order,
    group_centres,
    nearest_centre,
    unit_rows,
)
from corpus.errors import EngineError, InputError

__all__ = [
    "BLOCK_ROWS",
    "Floats",
    "Labels",
    "Matrix",
    "NarrativeClusterer",
    "NotFitted",
    "group_centres",
    "near_rows",
    "nearest_centre",
    "nearest_neighbours",
    "unit_rows",
]

# hdbscan itself takes about a second here and four times as long for twice the rows.
REFERENCE_ROWS = 2_000
# Neighbours kept for each row; 10 to 30 gave the same groups on 10,000 labelled posts.
NEIGHBOURS = 15
# Cosine at which a later row joins the nearest group, as for outliers; see docs for the trade.
JOIN_AT = 0.6


class NotFitted(InputError, NotFittedError):  # type: ignore[misc]
    """A clusterer was asked before it had seen vectors."""


@dataclass(frozen=True)
class Graph:
    """What was compared: rows `used`, in canonical order, their neighbours, and further edges."""

    used: Labels
    neighbours: Labels
    distances: Floats
    bridges: Floats


class NarrativeClusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Density clustering of unit vectors, in scikit-learn manners.

    Parameters
    ----------
    min_cluster_size:
        The least number of rows that make a group.
    min_samples:
        Which neighbour's distance measures density: 1 covers more, 5 is cleaner.
    cluster_selection_method:
        "eom" takes the most persistent groups (overview), "leaf" the smallest (detail).
    max_cluster_size:
        A larger group is replaced by the parts it splits into; 0 sets no limit. Only for "eom".
    join_at:
        Cosine to a group's centre at which `predict` lets a later row join.
    smoothing:
        Neighbours whose mean is added to each row before the tree is built, once; 0 is hdbscan's
        own tree. 10 covers more at the same agreement (`clustering.smoothing`).

    Attributes
    ----------
    labels_ : (n,) int64
        -1 outside; 0 is the group of the largest total weight, ties by content.
    membership_ : (n,) float64
        0 outside, 1 at the densest place of the group (hdbscan's probability).
    persistence_ : (groups,) float64
        How long each group survives in the tree, 0..1 (`clustering.condensed` says how counted).
    centres_ : (groups, d) float32
        Unit length, mean of the group's rows.
    detail_labels_, detail_membership_, detail_persistence_ :
        The same for the smallest groups ("leaf") of the same tree.
    detail_parent_ : (detail groups,) int64
        The group of `labels_` that holds all rows of a detail group, or -1 (outside).

    Raises
    ------
    InputError
        For vectors that are not a matrix of finite numbers, or weights that do not fit them.
    NotFitted
        (an InputError) when asked for later rows or stability before `fit`.

    Notes
    -----
    `weights` say how many posts a row stands for. They never change who belongs together (copies
    are not density); they order the labels. A row of zeros is "no vector" and stays outside.
    Rows are scaled to length 1. Equal rows get equal labels. Labels do not depend on the order of
    rows, on threads or on the run.
    """

    def __init__(
        self,
        min_cluster_size: int = 8,
        min_samples: int = 5,
        cluster_selection_method: str = "eom",
        max_cluster_size: int = 0,
        join_at: float = JOIN_AT,
        *,
        smoothing: int = 0,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_method = cluster_selection_method
        self.max_cluster_size = max_cluster_size
        self.join_at = join_at
        self.smoothing = smoothing

    def fit(
        self, vectors: ArrayLike, y: object = None, weights: ArrayLike | None = None
    ) -> NarrativeClusterer:
        """Find the groups of (n, d) `vectors`; `y` is ignored."""
        self._check_parameters()
        rows = unit_rows(vectors)
        heavy = _checked_weights(weights, len(rows))
        used = np.flatnonzero(rows.any(axis=1))
        used = used[canonical_order(rows[used])]
        self._graph, compared = self._neighbours(used, rows[used])
        return self._group(rows, compared, heavy)

    def regrouped(
        self, vectors: ArrayLike, weights: ArrayLike | None = None, **parameters: Any
    ) -> NarrativeClusterer:
        """Return another clusterer for the same (n, d) `vectors`, with other `parameters`.

        It stands on the neighbours that `fit` found, so that another `min_samples` or
        `max_cluster_size` costs a tree and no search; labels are those of a new `fit`. Where that
        would keep other neighbours (smoothing, a much larger `min_samples`), it is one.

        Raises
        ------
        NotFitted
            Before `fit`, or after a pickle, which leaves the neighbours out.
        InputError
            When the rows compared are not as many as those that were fitted.
        """
        if not hasattr(self, "_graph"):
            raise NotFitted("regrouping uses the neighbours that fit found: call fit before")
        former, rows = self._graph, unit_rows(vectors)
        other: NarrativeClusterer = clone(self).set_params(**parameters)
        kept = other._kept(len(former.used))
        if self.smoothing or other.smoothing or former.neighbours.shape[1] != kept:
            return other.fit(vectors, weights=weights)
        other._check_parameters()
        if int(rows.any(axis=1).sum()) != len(former.used):
            raise InputError(
                f"regrouping got {int(rows.any(axis=1).sum()):,} vectors and fit had"
                f" {len(former.used):,}: give the same vectors, or call fit"
            )
        compared = rows[former.used]
        core = core_distances(former.distances, other.min_samples)
        other._graph = replace(former, bridges=bridges(compared, former.neighbours, core))
        return other._group(rows, compared, _checked_weights(weights, len(rows)))

    def _group(self, rows: Matrix, compared: Matrix, weights: Floats) -> NarrativeClusterer:
        """Take both levels from one tree over the neighbours found."""
        used = self._graph.used
        found = rows[used]
        tree = self._tree(compared)
        level, detail = self._level(tree), choose(tree, "leaf") if tree else no_groups(len(found))
        first = _first_of_equals(found)
        self.labels_, self.membership_, self.persistence_ = _spread(level, first, used, weights)
        self.detail_labels_, self.detail_membership_, self.detail_persistence_ = _spread(
            detail, first, used, weights
        )
        self.detail_parent_ = _parents(self.detail_labels_, self.labels_)
        self.centres_ = group_centres(found, self.labels_[used], len(self.persistence_))
        self.n_features_in_ = rows.shape[1]
        return self

    def fit_predict(
        self, vectors: ArrayLike, y: object = None, weights: ArrayLike | None = None
    ) -> Labels:
        """Find the groups and return `labels_`."""
        return self.fit(vectors, y, weights).labels_

    def nearest(self, vectors: ArrayLike) -> tuple[Labels, Floats]:
        """Return the nearest group of each row and the cosine to its centre (-1 and 0 if none)."""
        if not hasattr(self, "centres_"):
            raise NotFitted("no groups were found yet: call fit or fit_predict before")
        rows = unit_rows(vectors)
        if rows.shape[1] != self.n_features_in_:
            raise InputError(
                f"X has {rows.shape[1]} features, but NarrativeClusterer is expecting"
                f" {self.n_features_in_} features as input: encode both with one embedder"
            )
        return nearest_centre(rows, self.centres_)

    def predict(self, vectors: ArrayLike) -> Labels:
        """Return the nearest group of each later row where its cosine reaches `join_at`, else -1.

        Not hdbscan's `approximate_predict`: that took 330 s for 30,000 rows (hdbscan issue 487).
        """
        labels, scores = self.nearest(vectors)
        return np.where(scores >= self.join_at, labels, -1)

    def stability(self, draws: int = DRAWS, share: float = SHARE, seed: int = 0) -> Floats:
        """Return for each group of `labels_` how well it survives the loss of rows, 0..1.

        `draws` samples of `share` of the rows are grouped again over the neighbours found by `fit`;
        the mean of the best Jaccard similarity counts (`clustering.stability`). Not kept in a
        pickle: call it on the clusterer that was fitted.
        """
        if not hasattr(self, "_graph"):
            raise NotFitted("stability needs the neighbours that fit found: call fit before")
        graph = self._graph
        if graph.neighbours.shape[1] == 0:
            return np.zeros(len(self.persistence_))
        return stability(
            graph.neighbours,
            graph.distances,
            self.labels_[graph.used],
            lambda edges: self._level(self._condense(edges)).labels,
            min_samples=self.min_samples,
            bridges=graph.bridges,
            draws=draws,
            share=share,
            seed=seed,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave the neighbour graph out: it is larger than all the rest."""
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_graph", None)
        return state

    def _check_parameters(self) -> None:
        if self.min_cluster_size < 2 or self.min_samples < 1 or self.smoothing < 0:
            raise InputError(
                f"min_cluster_size={self.min_cluster_size}, min_samples={self.min_samples},"
                f" smoothing={self.smoothing}: expected at least 2, 1 and 0"
            )
        if self.cluster_selection_method not in ("eom", "leaf"):
            raise InputError(
                f"cluster_selection_method={self.cluster_selection_method!r}: expected eom or leaf"
            )

    def _neighbours(self, used: Labels, rows: Matrix) -> tuple[Graph, Matrix]:
        """Neighbours of the rows that are compared, and those rows."""
        kept = self._kept(len(rows))
        if kept == 0:
            empty = np.zeros((len(rows), 0))
            return Graph(used, empty.astype(np.int64), empty, np.zeros((0, 3))), rows
        neighbours, distances = near_rows(rows, kept)
        if self.smoothing:
            rows = smoothed(rows, neighbours, self.smoothing)
            neighbours, distances = near_rows_again(rows, neighbours)
        core = core_distances(distances, self.min_samples)
        return Graph(used, neighbours, distances, bridges(rows, neighbours, core)), rows

    def _kept(self, rows: int) -> int:
        return min(max(NEIGHBOURS, self.min_samples + 1, self.smoothing), max(rows - 1, 0))

    def _tree(self, rows: Matrix) -> Condensed | None:
        if len(rows) < max(self.min_cluster_size, 3):
            return None
        if len(rows) <= REFERENCE_ROWS:
            return _reference(rows, self.min_cluster_size, self.min_samples)
        graph = self._graph
        return self._condense(
            spanning_tree(graph.neighbours, graph.distances, self.min_samples, graph.bridges)
        )

    def _condense(self, edges: Floats) -> Condensed:
        return _condense(edges, self.min_cluster_size)

    def _level(self, tree: Condensed | None) -> Level:
        if tree is None:
            return no_groups(len(self._graph.used))
        return choose(tree, self.cluster_selection_method, self.max_cluster_size)


def _checked_weights(weights: ArrayLike | None, rows: int) -> Floats:
    heavy = np.ones(rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if heavy.shape != (rows,) or not np.isfinite(heavy).all() or (heavy < 0).any():
        raise InputError(f"weights: expected {rows} numbers of at least 0, one for each vector")
    return heavy


def _first_of_equals(rows: Matrix) -> Labels:
    """For each row the first equal one; in canonical order equal rows are neighbours."""
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))


def _spread(
    level: Level, first: Labels, used: Labels, weights: Floats
) -> tuple[Labels, Floats, Floats]:
    """Labels, memberships and persistence in the input's order, the heaviest group first.

    Equal rows get what the first of them got; ties of weight stay in the order of the tree.
    """
    found = level.labels[first]
    inside = found >= 0
    groups = len(level.persistence)
    totals = np.bincount(found[inside], weights=weights[used][inside], minlength=groups)
    order = np.argsort(-totals, kind="stable")
    labels = np.full(len(weights), -1, dtype=np.int64)
    labels[used] = np.append(np.argsort(order), -1)[found]
    membership = np.zeros(len(weights))
    membership[used] = level.membership[first]
    return labels, membership, level.persistence[order]


def _parents(detail: Labels, labels: Labels) -> Labels:
    """The group that holds the rows of each detail group."""
    parent = np.full(int(detail.max(initial=-1)) + 1, -1, dtype=np.int64)
    inside = detail >= 0
    parent[detail[inside]] = labels[inside]
    return parent


def _reference(rows: Matrix, min_cluster_size: int, min_samples: int) -> Condensed:
    """hdbscan's tree, from hdbscan itself."""
    import hdbscan

    with warnings.catch_warnings():  # equal rows have an infinite density, which is meant
        warnings.simplefilter("ignore", RuntimeWarning)
        found = hdbscan.HDBSCAN(
            min_cluster_size=min_cluster_size, min_samples=min_samples, core_dist_n_jobs=1
        ).fit(rows)
    return _from_records(found.condensed_tree_.to_numpy(), len(rows))


def _condense(edges: Floats, min_cluster_size: int) -> Condensed:
    """hdbscan's own condensed tree over sorted `edges`.

    Both functions are private to hdbscan (checked with 0.8.40 to 0.8.44); this is the one place
    that calls them.
    """
    try:
        from hdbscan._hdbscan_linkage import label
        from hdbscan._hdbscan_tree import condense_tree

        records = condense_tree(label(np.ascontiguousarray(edges)), min_cluster_size)
        return _from_records(records, len(edges) + 1)
    except (ImportError, TypeError, ValueError) as error:
        raise EngineError(
            f"this version of hdbscan builds its tree differently ({error});"
            " install one that is known to fit: pip install 'hdbscan>=0.8.40,<=0.8.44'"
        ) from error


def _from_records(records: Any, rows: int) -> Condensed:
    return Condensed(
        np.asarray(records["parent"], dtype=np.int64),
        np.asarray(records["child"], dtype=np.int64),
        np.minimum(np.asarray(records["lambda_val"], dtype=np.float64), MOST_DENSE),
        np.asarray(records["child_size"], dtype=np.int64),
        rows,
    )
