"""The density clusterer: equal to hdbscan, blind to row order, honest about missing vectors."""

from __future__ import annotations

import pickle
import warnings
from random import Random

import hdbscan
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from clustering import density
from clustering.density import NarrativeClusterer, NotFitted, nearest_neighbours, unit_rows
from clustering.unit_vectors import canonical_order
from corpus.errors import InputError


def blobs(groups: int, each: int, noise: int, seed: int = 0, width: int = 24) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, width))
    spread = rng.uniform(0.08, 0.25, size=(groups, 1, 1))
    dense = centres[:, None] + spread * rng.normal(size=(groups, each, width)) * 1.2
    rows = np.vstack([dense.reshape(-1, width), rng.normal(size=(noise, width))])
    return unit_rows(rows)


def same_groups(one: np.ndarray, two: np.ndarray) -> bool:
    return bool(adjusted_rand_score(one, two) == 1.0) and bool(((one < 0) == (two < 0)).all())


@pytest.mark.parametrize("method", ["eom", "leaf"])
@pytest.mark.parametrize("min_samples", [1, 5])
def test_small_inputs_get_exactly_what_hdbscan_says(method: str, min_samples: int) -> None:
    # Equal lengths in the spanning tree are broken by row order: give hdbscan the same order.
    rows = blobs(6, 40, 60)
    rows = rows[canonical_order(rows)]
    ours = NarrativeClusterer(8, min_samples, method).fit(rows)
    theirs = hdbscan.HDBSCAN(
        min_cluster_size=8, min_samples=min_samples, cluster_selection_method=method
    ).fit(rows)
    assert same_groups(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.membership_, theirs.probabilities_, atol=1e-6)


@pytest.mark.parametrize("min_samples", [1, 5])
def test_the_neighbour_graph_agrees_with_hdbscan(min_samples: int) -> None:
    rows = blobs(25, 80, 700, seed=2, width=32)
    assert len(rows) > density.REFERENCE_ROWS
    ours = NarrativeClusterer(8, min_samples).fit_predict(rows)
    theirs = hdbscan.HDBSCAN(min_cluster_size=8, min_samples=min_samples).fit_predict(rows)
    assert adjusted_rand_score(ours, theirs) >= 0.97
    assert ((ours < 0) == (theirs < 0)).mean() >= 0.97


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=15, deadline=None)
def test_row_order_changes_nothing_but_the_rows(random: Random, large: bool) -> None:
    rows = blobs(5, 30, 50)
    rows = np.vstack([rows, rows[:40], rows[-10:], np.zeros((3, rows.shape[1]), np.float32)])
    order = list(range(len(rows)))
    random.shuffle(order)
    limit = density.REFERENCE_ROWS
    density.REFERENCE_ROWS = 10 if large else limit
    try:
        one = NarrativeClusterer(6, 2).fit(rows)
        two = NarrativeClusterer(6, 2).fit(rows[order])
    finally:
        density.REFERENCE_ROWS = limit
    np.testing.assert_array_equal(one.labels_[order], two.labels_)
    np.testing.assert_array_equal(one.membership_[order], two.membership_)


@pytest.mark.parametrize("limit", [0, 60])
@pytest.mark.parametrize("samples", [(5, 1), (2, 5), (3, 20), (20, 3)])
@pytest.mark.parametrize("reference", [10, 2_000])
def test_grouping_again_over_the_same_neighbours_is_a_new_fit(
    monkeypatch: pytest.MonkeyPatch, reference: int, samples: tuple[int, int], limit: int
) -> None:
    monkeypatch.setattr(density, "REFERENCE_ROWS", reference)
    rows = np.vstack([blobs(5, 40, 50), np.zeros((2, 24), np.float32)])
    first = NarrativeClusterer(6, samples[0]).fit(rows)
    before = first.labels_.copy()
    again = first.regrouped(rows, min_samples=samples[1], max_cluster_size=limit)
    fresh = NarrativeClusterer(6, samples[1], max_cluster_size=limit).fit(rows)
    np.testing.assert_array_equal(again.labels_, fresh.labels_)
    np.testing.assert_array_equal(again.detail_labels_, fresh.detail_labels_)
    np.testing.assert_array_equal(again.stability(3), fresh.stability(3))
    np.testing.assert_array_equal(first.labels_, before)
    with pytest.raises(InputError, match="the same vectors"):
        first.regrouped(rows[:-9], min_samples=samples[0])


def test_scaling_twice_is_scaling_once() -> None:
    rows = unit_rows(np.random.default_rng(0).normal(size=(50, 30)))
    np.testing.assert_array_equal(unit_rows(rows), rows)


def test_rows_of_zeros_stay_outside() -> None:
    rows = np.vstack([blobs(3, 20, 0), np.zeros((30, 24), np.float32)])
    found = NarrativeClusterer(5, 1).fit(rows)
    assert (found.labels_[-30:] == -1).all()
    assert (found.membership_[-30:] == 0).all()
    assert found.predict(np.zeros((2, 24))).tolist() == [-1, -1]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5, 8, 12])
def test_very_few_rows_are_no_problem(rows: int) -> None:
    labels = NarrativeClusterer(3, 1).fit_predict(np.eye(12, dtype=np.float32)[:rows])
    assert labels.shape == (rows,)
    assert labels.dtype == np.int64


def test_weights_order_the_labels_and_move_nobody() -> None:
    rows = blobs(3, 20, 0)
    weights = np.repeat([1.0, 50.0, 7.0], 20)
    light = NarrativeClusterer(5, 1).fit_predict(rows)
    heavy = NarrativeClusterer(5, 1).fit_predict(rows, weights=weights)
    assert same_groups(light, heavy)
    assert np.bincount(heavy[20:40] + 1).argmax() == 1


def test_later_rows_join_the_nearest_group_or_none() -> None:
    rows = blobs(3, 30, 0)
    found = NarrativeClusterer(5, 1).fit(rows)
    inside = np.flatnonzero(found.labels_ >= 0)
    np.testing.assert_array_equal(found.predict(rows[inside]), found.labels_[inside])
    assert found.predict(-found.centres_.sum(axis=0, keepdims=True)).tolist() == [-1]


def test_a_group_above_the_limit_is_replaced_by_its_parts() -> None:
    rows = blobs(8, 40, 0)
    whole = NarrativeClusterer(5, 1).fit_predict(rows)
    limited = NarrativeClusterer(5, 1, max_cluster_size=45).fit_predict(rows)
    assert np.bincount(limited[limited >= 0]).max() <= 45
    assert limited.max() >= whole.max()


def test_it_has_the_manners_of_scikit_learn() -> None:
    model = NarrativeClusterer(min_cluster_size=9, min_samples=2)
    assert clone(model).get_params() == model.get_params()
    model.set_params(min_samples=3)
    assert model.min_samples == 3
    rows = blobs(3, 20, 5)
    before = rows.copy()
    model.set_params(min_cluster_size=5).fit(rows)
    np.testing.assert_array_equal(rows, before)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(rows), model.predict(rows))


def test_neighbours_are_exact_and_never_the_row_itself() -> None:
    rows = np.vstack([blobs(2, 30, 20), blobs(2, 30, 20)[:15]])
    neighbours, distances = nearest_neighbours(rows, 5)
    assert not (neighbours == np.arange(len(rows))[:, None]).any()
    full = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(full, np.inf)
    np.testing.assert_allclose(distances, np.sort(full, axis=1)[:, :5], atol=1e-6)


@pytest.mark.parametrize(
    ("vectors", "weights", "message"),
    [
        (np.zeros(4), None, "matrix"),
        (np.array([[1.0, np.nan]]), None, "finite"),
        (np.eye(3), [1.0, 2.0], "expected 3 numbers"),
        (np.eye(3), [1.0, -2.0, 1.0], "at least 0"),
    ],
)
def test_bad_input_is_refused_in_words(vectors: np.ndarray, weights: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NarrativeClusterer().fit(vectors, weights=weights)  # type: ignore[arg-type]


def test_bad_parameters_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="min_cluster_size"):
        NarrativeClusterer(min_cluster_size=1).fit(np.eye(3))
    with pytest.raises(InputError, match="eom or leaf"):
        NarrativeClusterer(cluster_selection_method="best").fit(np.eye(3))


@pytest.mark.parametrize("ask", ["predict", "nearest"])
def test_another_width_than_fitted_is_refused_in_words(ask: str) -> None:
    found = NarrativeClusterer(5, 1).fit(blobs(3, 20, 0))
    with pytest.raises(InputError, match="encode both with one embedder"):
        getattr(found, ask)(np.eye(3))


def test_stability_is_not_kept_in_a_pickle_and_says_so() -> None:
    copy = pickle.loads(pickle.dumps(NarrativeClusterer(5, 1).fit(blobs(3, 20, 0))))
    with pytest.raises(NotFitted, match="call fit"):
        copy.stability()


def test_scikit_learn_accepts_it_but_for_an_empty_corpus_being_no_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checks = check_estimator(
            NarrativeClusterer(min_cluster_size=5, min_samples=2), on_fail=None, on_skip=None
        )
    failed = {check["check_name"] for check in checks if check["status"] == "failed"}
    assert failed == {"check_estimators_empty_data_messages"}
    assert sum(check["status"] == "passed" for check in checks) > 30


def test_predicting_before_fitting_is_one_sentence() -> None:
    with pytest.raises(InputError, match="call fit"):
        NarrativeClusterer().predict(np.eye(3))
