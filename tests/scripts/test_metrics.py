"""The measures of agreement: known values, bounds, and independence of names and order."""

from __future__ import annotations

import warnings
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from scripts.campaign.metrics import (
    Rate,
    adjusted_mutual_information,
    adjusted_rand,
    b_cubed,
    count_pairs,
    matched,
    pair_recall_of,
    wilson,
)

labelings = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30).map(
    lambda rows: ([row[0] for row in rows], [row[1] for row in rows])
)


@given(labelings)
def test_pairs_from_the_contingency_table_equal_pairs_that_are_listed(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = labels
    listed = list(combinations(range(len(truth)), 2))
    pairs = count_pairs(truth, found)
    assert pairs.truth == sum(truth[a] == truth[b] for a, b in listed)
    assert pairs.predicted == sum(found[a] == found[b] for a, b in listed)
    assert pairs.both == sum(truth[a] == truth[b] and found[a] == found[b] for a, b in listed)


@given(labelings)
def test_recall_over_all_items_equals_pair_recall(labels: tuple[list[int], list[int]]) -> None:
    truth, found = labels
    pairs = count_pairs(truth, found)
    rate = pair_recall_of(truth, found, [True] * len(truth))
    assert (rate.hits, rate.total) == (2 * pairs.both, 2 * pairs.truth)


@given(labelings)
def test_precision_and_recall_change_places_when_truth_and_prediction_do(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = labels
    assert b_cubed(truth, found) == pytest.approx(b_cubed(found, truth)[::-1])


@given(labelings)
def test_names_of_labels_and_order_of_items_do_not_matter(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = labels
    renamed = [f"x{label}" for label in found][::-1]
    assert b_cubed(truth, found) == pytest.approx(b_cubed(truth[::-1], renamed))
    assert adjusted_rand(truth, found) == pytest.approx(adjusted_rand(truth[::-1], renamed))


@settings(deadline=None)
@given(labelings)
def test_the_adjusted_rand_index_equals_that_of_scikit_learn(
    labels: tuple[list[int], list[int]],
) -> None:
    truth, found = labels
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes")
        known = adjusted_rand_score(truth, found)
    assert adjusted_rand(truth, found) == pytest.approx(known)


def test_b_cubed_of_the_worked_example_of_amigo_and_others() -> None:
    truth = ["a", "a", "a", "b", "b"]
    found = [1, 1, 2, 2, 2]
    precision, recall = b_cubed(truth, found)
    assert precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)


def test_equal_partitions_score_one() -> None:
    assert adjusted_rand([1, 1, 2], ["x", "x", "y"]) == 1.0
    assert adjusted_mutual_information(["p", "p", "q"], [7, 7, 9]) == pytest.approx(1.0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_holds_the_share_and_stays_within_0_and_1(
    counts: tuple[int, int],
) -> None:
    hits, total = counts
    low, high = wilson(hits, total)
    assert 0.0 <= low <= hits / total + 1e-12
    assert hits / total - 1e-12 <= high <= 1.0


def test_the_wilson_interval_of_ten_in_ten_is_the_published_one() -> None:
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=5e-4)


@pytest.mark.parametrize(("hits", "total"), [(0, 0), (3, 2), (-1, 4)])
def test_counts_that_make_no_share_are_refused(hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, total)


def test_nothing_to_count_has_no_value() -> None:
    assert Rate(0, 0).value is None
    assert Rate(0, 0).interval is None


def test_sets_of_findings_are_matched_on_both_sides() -> None:
    precision, recall = matched({1, 2, 3}, {2, 3, 4, 5})
    assert (precision.hits, precision.total) == (2, 4)
    assert (recall.hits, recall.total) == (2, 3)
