"""Overview and detail from one tree, persistence that means something, stability by group."""

from __future__ import annotations

import hdbscan
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from clustering import density, neighbours
from clustering.density import NarrativeClusterer, unit_rows
from clustering.smoothing import smoothed
from clustering.stability import best_jaccard, without_the_rest
from clustering.unit_vectors import canonical_order


def nested(seed: int, subjects: int = 5, parts: int = 3, each: int = 25, width: int = 24):
    """Subjects, each of a few parts, among strangers."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(subjects, 1, width))
    inner = centres + rng.uniform(0.2, 0.6) * rng.normal(size=(subjects, parts, width))
    dense = inner[:, :, None] + 0.12 * rng.normal(size=(subjects, parts, each, width))
    strangers = rng.normal(size=(60, width))
    found = unit_rows(np.vstack([dense.reshape(-1, width), strangers]))
    return found[canonical_order(found)]


def every_part_is_within_one(found: NarrativeClusterer) -> bool:
    for part, parent in enumerate(found.detail_parent_):
        if set(found.labels_[found.detail_labels_ == part]) != {parent}:
            return False
    return True


@given(st.integers(0, 10_000), st.sampled_from([0, 40]), st.booleans())
@settings(max_examples=15, deadline=None)
def test_a_detail_group_lies_within_one_narrative_or_outside(
    seed: int, limit: int, over_neighbours: bool
) -> None:
    before = density.REFERENCE_ROWS
    density.REFERENCE_ROWS = 10 if over_neighbours else before
    try:
        found = NarrativeClusterer(6, 2, max_cluster_size=limit).fit(nested(seed))
    finally:
        density.REFERENCE_ROWS = before
    assert len(found.detail_parent_) == len(found.detail_persistence_) >= found.labels_.max() + 1
    assert every_part_is_within_one(found)
    if not limit:  # every narrative has at least one part
        assert set(found.detail_parent_) - {-1} == set(range(found.labels_.max() + 1))


@given(st.integers(0, 10_000), st.sampled_from(["eom", "leaf"]), st.sampled_from([0, 30, 60]))
@settings(max_examples=25, deadline=None)
def test_groups_and_memberships_are_those_of_hdbscan(seed: int, method: str, limit: int) -> None:
    rows = nested(seed)
    limit = limit if method == "eom" else 0
    ours = NarrativeClusterer(6, 2, method, limit).fit(rows)
    theirs = hdbscan.HDBSCAN(
        min_cluster_size=6, min_samples=2, cluster_selection_method=method, max_cluster_size=limit
    ).fit(rows)
    assert adjusted_rand_score(ours.labels_, theirs.labels_) == 1
    np.testing.assert_array_equal(ours.labels_ < 0, theirs.labels_ < 0)
    np.testing.assert_allclose(ours.membership_, theirs.probabilities_, atol=1e-6)


def test_the_detail_level_is_what_leaf_alone_finds() -> None:
    rows = nested(3)
    both = NarrativeClusterer(6, 2).fit(rows)
    alone = NarrativeClusterer(6, 2, "leaf").fit(rows)
    np.testing.assert_array_equal(both.detail_labels_, alone.labels_)
    np.testing.assert_array_equal(both.detail_persistence_, alone.persistence_)
    np.testing.assert_array_equal(alone.detail_parent_, np.arange(alone.labels_.max() + 1))


@pytest.mark.parametrize("over_neighbours", [False, True])
def test_one_nearly_equal_pair_does_not_flatten_every_group(
    over_neighbours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = nested(8)
    if over_neighbours:
        monkeypatch.setattr(density, "REFERENCE_ROWS", 10)
    plain = NarrativeClusterer(6, 1).fit(rows)
    inside = int(np.flatnonzero(plain.labels_ == 0)[0])
    pair = rows[inside].copy()
    pair[0] += 1e-5
    found = NarrativeClusterer(6, 1).fit(np.vstack([rows, unit_rows(pair[None])]))
    for one in (plain, found):
        assert (one.persistence_ > 0).all() and (one.persistence_ < 1).all()
        assert (one.membership_[one.labels_ >= 0] > 0.05).all()
        assert (one.membership_[one.labels_ < 0] == 0).all()
    assert np.median(found.persistence_) > 0.8 * np.median(plain.persistence_)


def test_persistence_orders_tight_before_loose() -> None:
    rng = np.random.default_rng(0)
    centres = 10 * np.eye(4, 32)
    spreads = np.array([0.1, 0.6, 1.2, 1.8])
    rows = centres[:, None] + spreads[:, None, None] * rng.normal(size=(4, 40, 32))
    found = NarrativeClusterer(10, 2).fit(rows.reshape(-1, 32))
    assert found.labels_.max() == 3
    of_centre = [found.labels_[40 * at + np.arange(40)].max() for at in range(4)]
    lasting = found.persistence_[of_centre]
    assert (np.diff(lasting) < 0).all()
    assert lasting[0] > 0.5


def test_equal_rows_with_nothing_near_persist_fully() -> None:
    rows = np.repeat(np.eye(3, 8), 10, axis=0)
    found = NarrativeClusterer(5, 2).fit(rows)
    assert found.labels_.max() == 2
    np.testing.assert_allclose(found.persistence_, 1, atol=1e-6)
    np.testing.assert_allclose(found.membership_, 1)


def test_a_group_of_its_own_is_stable_and_a_slice_of_fog_is_not() -> None:
    rng = np.random.default_rng(4)
    islands = np.zeros((3, 40, 24))
    islands[:, :, :3] = 6 * np.eye(3)[:, None]
    islands += 0.2 * rng.normal(size=islands.shape)
    fog = np.zeros((400, 24))
    fog[:, 3:] = rng.normal(size=(400, 21))  # at a right angle to every island
    found = NarrativeClusterer(8, 2).fit(np.vstack([islands.reshape(-1, 24), fog]))
    stable = found.stability()
    assert stable.shape == found.persistence_.shape
    assert [len(set(found.labels_[40 * at : 40 * at + 40])) for at in range(3)] == [1, 1, 1]
    assert stable[found.labels_[[0, 40, 80]]].min() > 0.9
    parts = NarrativeClusterer(4, 1, "leaf").fit(fog)
    assert parts.labels_.max() > 5
    assert parts.stability().mean() < 0.85


def test_stability_is_drawn_by_its_seed_and_blind_to_row_order() -> None:
    rows = nested(5)
    order = np.random.default_rng(0).permutation(len(rows))
    one = NarrativeClusterer(6, 2).fit(rows)
    two = NarrativeClusterer(6, 2).fit(rows[order])
    np.testing.assert_array_equal(one.stability(seed=3), two.stability(seed=3))
    assert (one.stability(draws=3, share=0.6, seed=3) != one.stability(draws=3, seed=3)).any()


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_no_groups_have_no_stability(rows: int) -> None:
    assert NarrativeClusterer(3, 1).fit(np.eye(5)[:rows]).stability().shape == (0,)


def test_without_the_rest_keeps_what_remains_in_order() -> None:
    near = np.array([[1, 2, 3], [0, 3, 2], [3, 0, -1], [2, 1, 0]])
    gaps = np.array([[1.0, 2, 3], [1, 4, 5], [1, 2, np.inf], [1, 4, 5]])
    left, kept = without_the_rest(near, gaps, np.array([0, 2, 3]))
    assert left.tolist() == [[1, 2, -1], [2, 0, -1], [1, 0, -1]]
    assert kept.tolist() == [[2, 3, np.inf], [1, 2, np.inf], [1, 5, np.inf]]


def test_best_jaccard_counts_what_the_sample_holds() -> None:
    before, after = np.array([0, 0, 0, 1, 1, -1]), np.array([0, 0, -1, 1, 0, 1])
    found = best_jaccard(before, after, 3)
    np.testing.assert_allclose(found, [0.5, 1 / 3, np.nan])


def strewn(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(6, 1, 24))
    rows = centres + rng.uniform(0.3, 0.9, (6, 60, 1)) * rng.normal(size=(6, 60, 24))
    return unit_rows(np.vstack([rows.reshape(-1, 24), rng.normal(size=(80, 24))]))


@pytest.mark.parametrize("over_neighbours", [False, True])
def test_smoothing_covers_more_and_mixes_no_subjects(
    over_neighbours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if over_neighbours:
        monkeypatch.setattr(density, "REFERENCE_ROWS", 10)
        monkeypatch.setattr(neighbours, "APPROXIMATE_ROWS", 10)
    rows, subject = strewn(2), np.arange(440) // 60
    before = rows.copy()
    plain = NarrativeClusterer(8, 2).fit(rows)
    smooth = NarrativeClusterer(8, 2, smoothing=10).fit(rows)
    assert (smooth.labels_ >= 0).mean() > (plain.labels_ >= 0).mean() + 0.1
    inside = smooth.labels_[:360] >= 0
    assert adjusted_rand_score(subject[:360][inside], smooth.labels_[:360][inside]) > 0.9
    np.testing.assert_array_equal(rows, before)
    order = np.random.default_rng(0).permutation(len(rows))
    again = NarrativeClusterer(8, 2, smoothing=10).fit(rows[order])
    np.testing.assert_array_equal(smooth.labels_[order], again.labels_)
    assert smooth.stability().shape == smooth.persistence_.shape


def test_smoothing_moves_half_way_to_the_neighbours_mean() -> None:
    rows = unit_rows(np.eye(4))
    moved = smoothed(rows, np.array([[1, 2], [0, -1], [-1, -1], [0, 1]]), 2)
    np.testing.assert_allclose(moved[0], np.array([2, 1, 1, 0]) / 6**0.5, atol=1e-6)
    np.testing.assert_allclose(moved[1], np.array([1, 3, 0, 0]) / 10**0.5, atol=1e-6)
    np.testing.assert_allclose(moved[2], rows[2], atol=1e-6)
