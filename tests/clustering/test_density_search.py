"""Likely neighbours: nearly all of the true ones, and the same in every run and on any threads."""

from __future__ import annotations

import hdbscan
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering import density, neighbours
from clustering.bridges import bridges
from clustering.condensed import choose
from clustering.density import NarrativeClusterer, near_rows, nearest_neighbours, unit_rows
from clustering.mutual_reach import FARTHEST, core_distances, spanning_tree
from clustering.neighbour_search import search_neighbours
from clustering.unit_vectors import canonical_order


def posts_like(rows: int, seed: int = 0, width: int = 48) -> np.ndarray:
    """A third in dense groups, the rest strewn over broad subjects, as posts are."""
    rng = np.random.default_rng(seed)
    subjects = rng.normal(size=(40, width))
    groups = subjects[rng.integers(0, 40, 120)] + 0.8 * rng.normal(size=(120, width))
    dense = groups[rng.integers(0, 120, rows // 3)]
    dense = dense + rng.uniform(0.1, 0.3, (len(dense), 1)) * rng.normal(size=dense.shape)
    loose = subjects[rng.integers(0, 40, rows - len(dense))]
    loose = loose + 1.1 * rng.normal(size=loose.shape)
    found = unit_rows(np.vstack([dense, loose]))
    return found[canonical_order(found)]


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return posts_like(9_000)


def test_nineteen_in_twenty_true_neighbours_are_found(many: np.ndarray) -> None:
    likely, gaps = search_neighbours(many, 15)
    exact, _ = nearest_neighbours(many, 15)
    shared = sum(len(np.intersect1d(a, b)) for a, b in zip(likely, exact, strict=True))
    assert shared / exact.size >= 0.95
    assert (np.diff(gaps, axis=1) >= 0).all()
    assert not (likely == np.arange(len(many))[:, None]).any()


def test_distances_of_likely_neighbours_are_true_distances(many: np.ndarray) -> None:
    likely, gaps = search_neighbours(many, 6)
    wide = many.astype(np.float64)
    for column in range(6):
        true = np.linalg.norm(wide - wide[likely[:, column]], axis=1)
        np.testing.assert_allclose(gaps[:, column], true, atol=1e-6)


def test_threads_and_runs_change_nothing(many: np.ndarray) -> None:
    one = search_neighbours(many, 15, threads=1)
    for threads in (1, 2, 5):
        again = search_neighbours(many, 15, threads=threads)
        np.testing.assert_array_equal(one[0], again[0])
        np.testing.assert_array_equal(one[1], again[1])


def test_no_row_is_listed_twice(many: np.ndarray) -> None:
    likely, _ = search_neighbours(many, 15)
    assert (np.diff(np.sort(likely, axis=1), axis=1) > 0).all()


def test_equal_rows_are_neighbours_at_no_distance() -> None:
    rows = np.repeat(posts_like(300, width=16), 5, axis=0)
    likely, gaps = search_neighbours(rows, 4)
    assert (gaps == 0).all()
    np.testing.assert_array_equal(likely // 5, np.repeat(np.arange(300), 5)[:, None].repeat(4, 1))


def test_fewer_rows_than_neighbours_leave_places_empty() -> None:
    likely, gaps = search_neighbours(posts_like(6), 10)
    assert ((likely >= 0).sum(axis=1) == 5).all()
    assert np.isinf(gaps[:, 5:]).all()


def test_the_search_starts_where_it_wins(many: np.ndarray) -> None:
    limit = neighbours.APPROXIMATE_ROWS
    assert len(many) > limit
    few = many[:limit]
    np.testing.assert_array_equal(near_rows(few, 5)[0], nearest_neighbours(few, 5)[0])
    np.testing.assert_array_equal(near_rows(many, 5)[0], search_neighbours(many, 5)[0])


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_likely_neighbours_give_the_groups_of_all_pairs(
    many: np.ndarray, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    likely = NarrativeClusterer(8, 2, method).fit_predict(many)
    monkeypatch.setattr(neighbours, "APPROXIMATE_ROWS", len(many))
    exact = NarrativeClusterer(8, 2, method).fit_predict(many)
    assert likely.max() > 20
    assert adjusted_rand_score(likely, exact) >= 0.97


def test_any_order_of_many_rows_gives_the_same_labels(many: np.ndarray) -> None:
    order = np.random.default_rng(1).permutation(len(many))
    one = NarrativeClusterer(8, 2).fit(many)
    two = NarrativeClusterer(8, 2).fit(many[order])
    np.testing.assert_array_equal(one.labels_[order], two.labels_)
    np.testing.assert_array_equal(one.detail_labels_[order], two.detail_labels_)
    np.testing.assert_array_equal(one.membership_[order], two.membership_)
    np.testing.assert_array_equal(one.persistence_, two.persistence_)


def test_a_limit_on_reference_rows_is_below_that_on_all_pairs() -> None:
    assert density.REFERENCE_ROWS < neighbours.APPROXIMATE_ROWS


@pytest.mark.parametrize(("min_samples", "floor"), [(1, 0.97), (5, 0.9)])
@pytest.mark.parametrize("width", [48, 96])
def test_the_neighbour_graph_agrees_with_hdbscan(
    width: int, min_samples: int, floor: float
) -> None:
    """With 5, ties in the tree let hdbscan differ from itself too, by .96 to 1 (rows permuted)."""
    for seed in (1, 2, 3):
        rows = posts_like(2_200, seed=seed, width=width)
        assert len(rows) > density.REFERENCE_ROWS
        ours = NarrativeClusterer(8, min_samples).fit(rows)
        theirs = hdbscan.HDBSCAN(8, min_samples=min_samples).fit(rows)
        leaves = choose(density._from_records(theirs.condensed_tree_.to_numpy(), len(rows)), "leaf")
        assert theirs.labels_.max() > 20
        assert adjusted_rand_score(ours.labels_, theirs.labels_) >= floor
        assert adjusted_rand_score(ours.detail_labels_, leaves.labels) >= floor


def test_islands_are_bridged_by_the_shortest_way() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(3, 12) + np.array([[0, 0.5, 0], [0, 0, 0], [0, 0, 0]]).repeat(4, axis=1)
    rows = unit_rows((centres[:, None] + 0.02 * rng.normal(size=(3, 30, 12))).reshape(-1, 12))
    near, gaps = nearest_neighbours(rows, 5)
    core = core_distances(gaps, 1)
    ways = bridges(rows, near, core)
    full = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.testing.assert_allclose(
        ways[:, 2], full[ways[:, 0].astype(int), ways[:, 1].astype(int)], atol=1e-6
    )
    edges = spanning_tree(near, gaps, 1, ways)
    island = np.arange(90) // 30
    between = edges[island[edges[:, 0].astype(int)] != island[edges[:, 1].astype(int)]]
    apart = [full[np.ix_(island == a, island == b)].min() for a, b in [(0, 1), (0, 2), (1, 2)]]
    np.testing.assert_allclose(between[:, 2], sorted(apart)[:2], atol=1e-6)
    assert (spanning_tree(near, gaps, 1)[-2:, 2] == FARTHEST).all()


def test_one_piece_needs_no_bridge(many: np.ndarray) -> None:
    rows = many[::6]
    near, gaps = nearest_neighbours(rows, 60)
    assert bridges(rows, near, core_distances(gaps, 2)).shape == (0, 3)
