"""Shared passages against planted truth in four scripts, on a seed that tuned nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.passages import Score, generate, score

Floors = Callable[[str], dict[str, float]]


@pytest.fixture(scope="module")
def measured() -> Score:
    return score(generate(articles=400, seed=451))


def test_shared_passages_reach_their_floors(measured: Score, floors: Floors) -> None:
    found = {
        "precision": measured.precision,
        "recall": measured.recall,
        "quotes marked": measured.quotes_marked / measured.quotes,
    }
    pinned = floors("passages")
    assert set(pinned) == set(found)
    assert {name: found[name] for name in pinned if found[name] < pinned[name]} == {}


def test_the_measure_rests_on_enough_cases(measured: Score) -> None:
    assert measured.planted >= 400
    assert measured.rows >= 300
    assert measured.quotes >= 100
    assert measured.kinds["contained"] >= 100
