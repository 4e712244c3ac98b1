"""How alike names, handles and bios are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.similarity import (
    bio_similarity,
    edit_distance,
    handle_similarity,
    kept_name_parts,
    name_similarity,
)

WORDS = st.text(alphabet="abcdefgh سلام_ 👑é", max_size=12)


@given(WORDS, WORDS)
def test_similarity_does_not_depend_on_which_side_comes_first(a: str, b: str) -> None:
    for compare in (name_similarity, handle_similarity, bio_similarity):
        assert compare(a, b) == pytest.approx(compare(b, a))
        assert 0.0 <= compare(a, b) <= 1.0
        assert compare(a, a) == 1.0


@given(WORDS, WORDS, WORDS)
def test_edit_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert edit_distance(a, b) >= abs(len(a) - len(b))


def test_edit_distance_counts_single_letters() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3


def test_emoji_case_and_styled_letters_are_no_change_of_name() -> None:
    assert name_similarity("Mara Lindqvist 🌻", "𝗠𝗮𝗿𝗮 LINDQVIST") == 1.0


def test_turning_the_parts_of_a_name_is_no_change_of_name() -> None:
    assert name_similarity("Lindqvist, Mara", "Mara Lindqvist") == 1.0


def test_arabic_and_persian_letters_of_one_name_meet_without_marks() -> None:
    assert name_similarity("سارَا", "سارا") == 1.0


def test_a_marriage_keeps_one_name_part() -> None:
    assert kept_name_parts("Mara Lindqvist", "Mara Okafor-Bell") == ["mara"]
    assert kept_name_parts("Al de Sousa", "Al de Vries") == []


def test_a_rewrapped_link_is_no_change_of_bio() -> None:
    before, after = "Baker in Vell https://t.co/abc123", "Baker in Vell https://t.co/zzz999"
    assert bio_similarity(before, after) == 1.0


def test_two_bios_without_a_common_word_share_nothing() -> None:
    assert bio_similarity("Baker. Runner.", "عاشق موسیقی") == 0.0
    assert bio_similarity("🌻", "🌻") == 1.0
    assert bio_similarity("🌻", "🔥") == 0.0
