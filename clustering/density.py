"""Which vectors stand so close together that they belong to one group, and which stand alone?

In: one vector for each talking point. Out: a label for each, -1 for those outside every group, with
memberships and persistences. HDBSCAN (Campello, Moulavi and Sander 2013; McInnes, Healy and Astels
2017): groups are dense regions of any size; what is not dense is left out rather than forced in.

Up to `REFERENCE_ROWS` rows this is `hdbscan.HDBSCAN` itself. Above, the same tree is built over the
exact nearest neighbours alone: neighbours -> mutual reachability -> minimum spanning tree ->
hdbscan's own condensed tree. At 10,000 rows of 384 numbers that took a fiftieth of the time, at an
adjusted Rand index of .98 against hdbscan; an equivalence test holds it there. Nothing is random,
and rows are put into an order given by their content first, so the input's order cannot matter.

This is the only module that imports hdbscan.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin

from corpus.errors import EngineError, InputError

Matrix = NDArray[np.float32]
Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

# hdbscan itself takes about a second here and four times as long for twice the rows.
REFERENCE_ROWS = 2_000
# Neighbours kept for each row; 10 to 30 gave the same groups on 10,000 labelled posts.
NEIGHBOURS = 15
# Rows compared with all others at once: 1,024 x 50,000 similarities are 200 MB.
BLOCK_ROWS = 1_024
# The largest distance of unit vectors; joins parts of the graph that no neighbour connects.
FARTHEST = 2.0
# A distance of zero would vanish from a sparse matrix.
TINY = 1e-9
# How far rounding takes the length of a float32 row from 1.
UNIT_TOLERANCE = 1e-5
# Cosine at which a later row joins the nearest group, as for outliers; see docs for the trade.
JOIN_AT = 0.6


@dataclass(frozen=True)
class Tree:
    """What one run of the condensed tree says about rows in canonical order."""

    labels: Labels
    membership: Floats
    persistence: Floats


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

    Attributes
    ----------
    labels_ : (n,) int64
        -1 outside; 0 is the group of the largest total weight, ties by content.
    membership_ : (n,) float64
        0 outside, 1 at the densest place of the group.
    persistence_ : (groups,) float64
        How long each group survives in the tree, 0..1.
    centres_ : (groups, d) float32
        Unit length, mean of the group's rows.

    Raises
    ------
    InputError
        For vectors that are not a matrix of finite numbers, or weights that do not fit them.

    Notes
    -----
    `weights` say how many posts a row stands for. They never change who belongs together (copies
    are not density); they order the labels. A row of zeros is "no vector" and stays outside.
    Rows are scaled to length 1. Equal rows get equal labels.
    """

    def __init__(
        self,
        min_cluster_size: int = 8,
        min_samples: int = 5,
        cluster_selection_method: str = "eom",
        max_cluster_size: int = 0,
        join_at: float = JOIN_AT,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_method = cluster_selection_method
        self.max_cluster_size = max_cluster_size
        self.join_at = join_at

    def fit(
        self, vectors: ArrayLike, y: object = None, weights: ArrayLike | None = None
    ) -> NarrativeClusterer:
        """Find the groups of (n, d) `vectors`; `y` is ignored."""
        self._check_parameters()
        rows = unit_rows(vectors)
        heavy = _checked_weights(weights, len(rows))
        used = np.flatnonzero(rows.any(axis=1))
        order = used[_canonical_order(rows[used])]
        tree = _equal_rows_alike(rows[order], self._tree(rows[order]))
        groups = _heaviest_first(tree.labels, heavy[order])
        self.labels_ = np.full(len(rows), -1, dtype=np.int64)
        self.labels_[order] = np.append(np.argsort(groups), -1)[tree.labels]
        self.membership_ = np.zeros(len(rows))
        self.membership_[order] = np.where(tree.labels >= 0, tree.membership, 0.0)
        self.persistence_ = tree.persistence[groups]
        self.centres_ = group_centres(rows[order], self.labels_[order], len(groups))
        self.n_features_in_ = rows.shape[1]
        return self

    def fit_predict(
        self, vectors: ArrayLike, y: object = None, weights: ArrayLike | None = None
    ) -> Labels:
        """Find the groups and return `labels_`."""
        return self.fit(vectors, y, weights).labels_

    def nearest(self, vectors: ArrayLike) -> tuple[Labels, Floats]:
        """Return the nearest group of each row and the cosine to its centre (-1 and 0 if none)."""
        return nearest_centre(unit_rows(vectors), self.centres_)

    def predict(self, vectors: ArrayLike) -> Labels:
        """Return the nearest group of each later row where its cosine reaches `join_at`, else -1.

        Not hdbscan's `approximate_predict`: that took 330 s for 30,000 rows (hdbscan issue 487).
        """
        if not hasattr(self, "centres_"):
            raise InputError("predict found no groups: call fit or fit_predict before")
        labels, scores = self.nearest(vectors)
        return np.where(scores >= self.join_at, labels, -1)

    def _check_parameters(self) -> None:
        if self.min_cluster_size < 2 or self.min_samples < 1:
            raise InputError(
                f"min_cluster_size={self.min_cluster_size}, min_samples={self.min_samples}:"
                " expected at least 2 and 1"
            )
        if self.cluster_selection_method not in ("eom", "leaf"):
            raise InputError(
                f"cluster_selection_method={self.cluster_selection_method!r}: expected eom or leaf"
            )

    def _tree(self, rows: Matrix) -> Tree:
        if len(rows) < max(self.min_cluster_size, 3):
            return Tree(np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows)), np.zeros(0))
        if len(rows) <= REFERENCE_ROWS:
            return self._reference(rows)
        return self._graph(rows)

    def _reference(self, rows: Matrix) -> Tree:
        """hdbscan itself."""
        import hdbscan

        found = hdbscan.HDBSCAN(
            min_cluster_size=self.min_cluster_size,
            min_samples=self.min_samples,
            cluster_selection_method=self.cluster_selection_method,
            max_cluster_size=self.max_cluster_size,
            core_dist_n_jobs=1,
        ).fit(rows)
        labels = found.labels_.astype(np.int64)
        return Tree(labels, found.probabilities_, np.asarray(found.cluster_persistence_))

    def _graph(self, rows: Matrix) -> Tree:
        """hdbscan's tree over nearest neighbours."""
        kept = min(max(NEIGHBOURS, self.min_samples + 1), len(rows) - 1)
        neighbours, distances = nearest_neighbours(rows, kept)
        edges = spanning_tree(neighbours, distances, min(self.min_samples, kept))
        return _condense(
            edges,
            self.min_cluster_size,
            method=self.cluster_selection_method,
            max_cluster_size=self.max_cluster_size,
        )


def unit_rows(vectors: ArrayLike) -> Matrix:
    """Return a float32 copy with rows of length 1 (or zero); raises InputError.

    Rows that have length 1 up to rounding are left bit for bit, so that doing it twice is once.
    """
    rows = np.array(vectors, dtype=np.float32, ndmin=2, copy=True)
    if np.ndim(vectors) != 2:
        raise InputError(f"vectors have {np.ndim(vectors)} dimensions; expected a matrix (n, d)")
    if not np.isfinite(rows).all():
        raise InputError("vectors hold values that are not finite numbers; expected floats")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[np.abs(lengths - 1) < UNIT_TOLERANCE] = 1
    unit: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit + np.float32(0)  # no negative zeros: they would hash differently


def _checked_weights(weights: ArrayLike | None, rows: int) -> Floats:
    heavy = np.ones(rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if heavy.shape != (rows,) or not np.isfinite(heavy).all() or (heavy < 0).any():
        raise InputError(f"weights: expected {rows} numbers of at least 0, one for each vector")
    return heavy


def _canonical_order(rows: Matrix) -> Labels:
    """Row numbers in the order of their contents' hashes."""
    keys = [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in rows]
    return np.array(sorted(range(len(rows)), key=lambda row: keys[row]), dtype=np.int64)


def _equal_rows_alike(rows: Matrix, tree: Tree) -> Tree:
    """Give equal rows (neighbours in canonical order) what the first of them got."""
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    first = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    return Tree(tree.labels[first], tree.membership[first], tree.persistence)


def _heaviest_first(labels: Labels, weights: Floats) -> Labels:
    """Group numbers, the largest total weight first, ties in the order of the tree."""
    inside = labels >= 0
    totals = np.bincount(labels[inside], weights=weights[inside])
    return np.argsort(-totals, kind="stable")


def group_centres(rows: Matrix, labels: Labels, groups: int) -> Matrix:
    """Return the unit mean of the rows of each label 0..groups-1, (groups, d) float32."""
    centres = np.zeros((groups, rows.shape[1]), dtype=np.float64)
    inside = labels >= 0
    np.add.at(centres, labels[inside], rows[inside].astype(np.float64))
    return unit_rows(centres)


def nearest_centre(rows: Matrix, centres: Matrix) -> tuple[Labels, Floats]:
    """Return the nearest centre of each unit row and the cosine; -1 and 0 for a row of zeros.

    Computed in double precision and rounded, so that the size of a batch cannot show.
    """
    if len(centres) == 0 or len(rows) == 0:
        return np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows))
    wide = centres.astype(np.float64).T
    labels = np.full(len(rows), -1, dtype=np.int64)
    scores = np.zeros(len(rows))
    for start in range(0, len(rows), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        cosines = np.round(rows[part].astype(np.float64) @ wide, 6)
        known = rows[part].any(axis=1)
        labels[part] = np.where(known, cosines.argmax(axis=1), -1)
        scores[part] = np.where(known, cosines.max(axis=1), 0.0)
    return labels, scores


def nearest_neighbours(rows: Matrix, kept: int) -> tuple[Labels, Floats]:
    """Return the `kept` nearest other rows of each row and their distances, both (n, kept).

    Exact, block by block; candidates by similarity in float32, distances again in float64.
    """
    neighbours = np.zeros((len(rows), kept), dtype=np.int64)
    distances = np.zeros((len(rows), kept))
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        similar = block @ rows.T
        own = np.arange(len(block))
        similar[own, start + own] = -np.inf  # with equal rows the nearest need not be itself
        near = np.argpartition(similar, -kept, axis=1)[:, -kept:]
        gap = _distances(block, rows, near)
        order = np.lexsort((near, gap), axis=1)
        neighbours[start : start + BLOCK_ROWS] = np.take_along_axis(near, order, axis=1)
        distances[start : start + BLOCK_ROWS] = np.take_along_axis(gap, order, axis=1)
    return neighbours, distances


def _distances(block: Matrix, rows: Matrix, near: Labels) -> Floats:
    """Distances by differences: 2 - 2 cos would lose half the digits of near rows."""
    gaps = [
        np.linalg.norm(block - rows[near[:, column]], axis=1) for column in range(near.shape[1])
    ]
    return np.stack(gaps, axis=1).astype(np.float64)


def spanning_tree(neighbours: Labels, distances: Floats, min_samples: int) -> Floats:
    """Return the minimum spanning tree of mutual reachability: (n - 1, 3) of a, b, length.

    The core distance of a row is the distance to its `min_samples`-th other row, as in hdbscan.
    Parts that share no neighbour are joined at the largest possible distance.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    n, kept = neighbours.shape
    core = distances[:, min_samples - 1]
    source = np.repeat(np.arange(n), kept)
    target = neighbours.ravel()
    reach = np.maximum(distances.ravel(), np.maximum(core[source], core[target])) + TINY
    graph = sparse.csr_matrix((reach, (source, target)), shape=(n, n))
    tree = minimum_spanning_tree(graph.maximum(graph.T)).tocoo()
    parts, part_of = connected_components(tree, directed=False)
    first = np.unique(part_of, return_index=True)[1]
    bridges = np.column_stack(
        [np.full(parts - 1, first[0]), first[1:], np.full(parts - 1, FARTHEST)]
    )
    edges = np.vstack([np.column_stack([tree.row, tree.col, tree.data]), bridges])
    return edges[np.lexsort((edges[:, 1], edges[:, 0], edges[:, 2]))]


def _condense(edges: Floats, min_cluster_size: int, *, method: str, max_cluster_size: int) -> Tree:
    """hdbscan's own condensed tree over sorted `edges`.

    Both functions are private to hdbscan (checked with 0.8.40 to 0.8.44); this is the one place
    that calls them.
    """
    try:
        from hdbscan._hdbscan_linkage import label
        from hdbscan.hdbscan_ import _tree_to_labels

        merged = label(np.ascontiguousarray(edges))
        found: Any = _tree_to_labels(
            None,
            merged,
            min_cluster_size,
            cluster_selection_method=method,
            max_cluster_size=max_cluster_size,
        )
        labels, membership, persistence = found[:3]
    except (ImportError, TypeError, ValueError) as error:
        raise EngineError(
            f"this version of hdbscan builds its tree differently ({error});"
            " install one that is known to fit: pip install 'hdbscan>=0.8.40,<=0.8.44'"
        ) from error
    return Tree(labels.astype(np.int64), np.asarray(membership), np.asarray(persistence))
