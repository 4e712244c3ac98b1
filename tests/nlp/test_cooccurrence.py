"""What a word's company says: order-free, silent on words that go with everything."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from nlp.cooccurrence import (
    LEAST_TOPICALITY,
    WINDOW_WORDS,
    cooccurrences,
    topicality,
    windows,
    word_directions,
)

# Columns: a word of every text; two words of one topic that never meet; two of another; a loner.
THE, BOAT, SHIP, SAIL, BREAD, LOAF, OVEN, ALONE = range(8)
ROWS = [[THE, BOAT, SAIL], [THE, SHIP, SAIL], [THE, BREAD, OVEN], [THE, LOAF, OVEN]] * 20


def held(rows: list[list[int]], words: int) -> sparse.csr_matrix:
    matrix = np.zeros((len(rows), words), dtype=np.float32)
    for at, row in enumerate(rows):
        matrix[at, row] = 1
    return sparse.csr_matrix(matrix)


def test_words_said_beside_the_same_words_point_the_same_way_though_they_never_meet() -> None:
    together = cooccurrences(held([*ROWS, [ALONE]], 8))
    assert together[BOAT, SHIP] == 0
    rows = word_directions(together, 4, seed=0)
    assert rows[BOAT] @ rows[SHIP] > 0.9
    assert rows[BOAT] @ rows[LOAF] < 0.1


def test_a_word_that_goes_with_everything_says_least() -> None:
    weights = topicality(cooccurrences(held(ROWS, 7)))
    assert weights.argmin() == THE


def test_a_word_without_company_has_the_least_weight_and_no_direction() -> None:
    together = cooccurrences(held([*ROWS, [ALONE]], 8))
    assert topicality(together)[ALONE] == np.float32(LEAST_TOPICALITY)
    assert not word_directions(together, 4, seed=0)[ALONE].any()


def test_a_rare_word_of_no_topic_weighs_less_than_a_rare_word_of_one() -> None:
    rng = np.random.default_rng(8)
    topics = [[10 * topic + word for word in range(10)] for topic in range(10)]
    rows = [list(rng.choice(topics[at % 10], 4, replace=False)) for at in range(1_000)]
    anywhere, somewhere = 100, 101
    for at in range(0, 1_000, 50):
        rows[at + at // 50 % 10].append(anywhere)
    for at in range(0, 200, 10):
        rows[at].append(somewhere)
    weights = topicality(cooccurrences(held(rows, 102)))
    assert weights[somewhere] > 2 * weights[anywhere]


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True), max_size=12))
def test_counts_agree_with_a_plain_loop(rows: list[list[int]]) -> None:
    together = cooccurrences(held(rows, 6)).toarray()
    for one in range(6):
        for two in range(6):
            by_hand = sum(one in row and two in row for row in rows) if one != two else 0
            assert together[one, two] == by_hand


@given(st.lists(st.integers(0, 120), min_size=1, max_size=8), st.integers(1, 40))
def test_windows_are_short_and_none_is_lost_while_there_is_room(
    lengths: list[int], limit: int
) -> None:
    texts = [" ".join(["word"] * length) for length in lengths]
    cut = windows(texts, limit)
    assert len(cut) <= max(limit, len(texts))
    assert max(len(window.split()) for window in cut) <= WINDOW_WORDS
    if limit >= 4 * len(texts):
        assert " ".join(cut).split() == " ".join(texts).split()
