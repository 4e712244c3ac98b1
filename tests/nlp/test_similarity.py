"""Wording is compared the same from both sides, in any order, in any script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize import normalize
from nlp.similarity import NAMES, Wording, compare

WORDS = st.sampled_from(
    ["summit", "harbor", "tonight", "نشست", "بندرگاه", "می\u200cرود", "прогноз", "会议", "😡", "a"]
)
TEXTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=8)


def measured(texts: list[str], a: list[int], b: list[int]) -> dict[str, np.ndarray]:
    wording = Wording(texts)
    return compare(wording.corpus, np.array(a), wording.corpus, np.array(b))


@given(TEXTS)
def test_likeness_is_symmetric_bounded_and_whole_for_the_text_itself(raw: list[str]) -> None:
    texts = normalize(raw)
    a, b = (part.ravel().tolist() for part in np.indices((len(texts), len(texts))))
    one, other = measured(texts, a, b), measured(texts, b, a)
    for name in NAMES:
        assert (one[name] == other[name]).all()
        assert ((one[name] >= 0) & (one[name] <= 1)).all()
        same = [texts[x] == texts[y] and bool(texts[x]) for x, y in zip(a, b, strict=True)]
        assert (one[name][same] == 1).all()


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_corpus_does_not_matter(raw: list[str], random: object) -> None:
    texts = normalize(raw)
    order = list(range(len(texts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = [texts[at] for at in order]
    mine = measured(texts, order, order[::-1])
    theirs = measured(shuffled, list(range(len(order))), list(range(len(order)))[::-1])
    for name in NAMES:
        assert mine[name] == pytest.approx(theirs[name], abs=2e-6)


@given(TEXTS, st.lists(WORDS, max_size=8).map(" ".join))
def test_a_text_outside_the_corpus_compares_like_one_inside(raw: list[str], query: str) -> None:
    texts, asked = normalize(raw), normalize([query])
    wording = Wording(texts)
    b = np.arange(len(texts))
    found = compare(wording.forms(asked), np.zeros_like(b), wording.corpus, b)
    if asked[0] in texts:
        at = texts.index(asked[0])
        inside = compare(wording.corpus, np.full_like(b, at), wording.corpus, b)
        for name in NAMES:
            assert (found[name] == inside[name]).all()
    assert all(((found[name] >= 0) & (found[name] <= 1)).all() for name in NAMES)


def test_a_rare_shared_word_counts_more_than_a_common_one() -> None:
    texts = ["the velmora port", "velmora again", "the other day"] + ["the end"] * 5
    found = measured(texts, [0, 0], [1, 2])["words"]
    assert found[0] > found[1]


def test_grams_see_through_typos_that_words_do_not() -> None:
    found = measured(["parliament building closed", "parlaiment buildng closd"], [0], [1])
    assert found["words"][0] == 0
    assert found["grams"][0] > 0.25


def test_an_unknown_name_lowers_the_likeness() -> None:
    wording = Wording(["the port is closed", "nothing else"])
    forms = wording.forms(["the port is closed", "the port of velmora is closed"])
    near = compare(forms, np.array([0, 1]), wording.corpus, np.array([0, 0]))
    assert near["words"][0] == 1 > near["words"][1]


def test_an_empty_text_is_like_no_other() -> None:
    found = measured(["", "harbor", ""], [0, 0], [1, 2])
    assert all((found[name] == 0).all() for name in NAMES)
