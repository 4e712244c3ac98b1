"""Agreement is what the published examples say, in any order; precision counts what was said."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.agreement import (
    NO,
    TIED,
    UNCLEAR,
    YES,
    alpha_interval,
    judged,
    krippendorff_alpha,
    majority,
    share_interval,
)


def units(*coders: str) -> list[list[str]]:
    """One string a coder, one letter an item, a dot for a missing answer."""
    return [[answer for answer in column if answer != "."] for column in zip(*coders, strict=True)]


# The worked examples of K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).


def test_two_coders_of_binary_data_as_published() -> None:
    assert krippendorff_alpha(units("0100000010", "1110010000")) == pytest.approx(0.095, abs=5e-4)


def test_two_coders_of_nominal_data_as_published() -> None:
    assert krippendorff_alpha(units("aabbdcccedda", "babbbccceddd")) == pytest.approx(
        0.692, abs=5e-4
    )


def test_four_coders_with_missing_answers_as_published() -> None:
    coders = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert krippendorff_alpha(units(*coders)) == pytest.approx(0.743, abs=5e-4)


ANSWERS = st.sampled_from([YES, NO, UNCLEAR])
UNITS = st.lists(st.lists(ANSWERS, max_size=5), max_size=25)


def by_pairs(found: list[list[str]]) -> float | None:
    """Alpha as it is defined: unlike pairs within units over unlike pairs among all answers."""
    paired = [unit for unit in found if len(unit) > 1]
    every = [answer for unit in paired for answer in unit]
    n = len(every)
    expected = sum(x != y for i, x in enumerate(every) for j, y in enumerate(every) if i != j)
    if not expected:
        return None
    observed = sum(
        sum(x != y for i, x in enumerate(unit) for j, y in enumerate(unit) if i != j)
        / (len(unit) - 1)
        for unit in paired
    )
    return 1 - (observed / n) / (expected / (n * (n - 1)))


@given(found=UNITS, seed=st.integers(0, 99))
def test_alpha_is_its_definition_and_no_order_changes_it(found: list[list[str]], seed: int) -> None:
    told = krippendorff_alpha(found)
    slow = by_pairs(found)
    assert (told is None) == (slow is None)
    if told is not None and slow is not None:
        assert told == pytest.approx(slow)
    mixed = [random.Random(seed).sample(unit, len(unit)) for unit in found]
    random.Random(seed).shuffle(mixed)
    assert krippendorff_alpha(mixed) == (told if told is None else pytest.approx(told))


@given(answers=st.lists(ANSWERS, min_size=2, max_size=30), coders=st.integers(2, 5))
def test_coders_who_agree_on_everything_have_alpha_one(answers: list[str], coders: int) -> None:
    found = [[answer] * coders for answer in answers]
    assert krippendorff_alpha(found) == (None if len(set(answers)) == 1 else pytest.approx(1.0))


def test_the_interval_holds_zero_as_often_as_it_says_when_answers_are_drawn_by_chance() -> None:
    draw, held, runs = random.Random(5), 0, 100
    for seed in range(runs):
        found = [[draw.choice([YES, NO]) for _ in range(3)] for _ in range(100)]
        told = alpha_interval(found, seed=seed, draws=200)
        assert told.low is not None
        assert told.high is not None
        held += told.low <= 0 <= told.high
        assert told == alpha_interval(found, seed=seed, draws=200)
    assert held >= 87  # 95 expected; fewer than 87 of 100 has a chance of 1 in 600


@given(found=UNITS)
def test_the_interval_holds_the_figure_and_stays_at_most_one(found: list[list[str]]) -> None:
    told = alpha_interval(found, seed=1, draws=50)
    if told.value is not None and told.high is not None and told.low is not None:
        assert told.low <= told.high <= 1 + 1e-9


def test_the_majority_is_what_most_said_and_neither_when_as_many_did() -> None:
    assert majority([YES, YES, NO]) == YES
    assert majority([NO, UNCLEAR, NO]) == NO
    assert majority([YES, NO]) == TIED
    assert majority([YES, UNCLEAR]) == UNCLEAR
    assert majority([YES, NO, UNCLEAR]) == UNCLEAR


def test_the_wilson_interval_is_the_published_one() -> None:
    told = share_interval(81, 263)  # Newcombe 1998, table I, method 3
    assert told.low == pytest.approx(0.2553, abs=5e-4)
    assert told.high == pytest.approx(0.3662, abs=5e-4)
    assert share_interval(0, 0).value is None


@settings(max_examples=25)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.lists(ANSWERS, min_size=1, max_size=4)))
def test_every_finding_is_counted_once(found: dict[str, list[str]]) -> None:
    told = judged(found, {}, seed=2)
    counted = [told[name] for name in ("confirmed", "rejected", "tied", "unclear")]
    assert sum(int(n or 0) for n in counted) == told["items"] == len(found)
