from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.charfold import fold


@given(st.text())
def test_the_fold_keeps_the_length_of_any_text(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_a_fold_depends_on_words_alone(left: str, right: str) -> None:
    assert fold(f"{left} {right}") == f"{fold(left)} {fold(right)}"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("𝗪𝗼𝗺𝗮𝗻", "woman"),
        ("ＭＡＧＡ", "maga"),
        ("Womаn", "woman"),  # with a Cyrillic a
        ("İstanbul", "istanbul"),
        ("I’m", "i'm"),
        ("سلطنت\u200cطلب", "سلطنت طلب"),
        ("جاويد", "جاوید"),
        ("كمونيست", "کمونیست"),
        ("أستاذة", "استاذه"),
        ("۲۲ ٢٢ २२", "22 22 22"),
    ],
)
def test_spellings_of_one_word_meet(written: str, read: str) -> None:
    assert fold(written) == read


def test_a_russian_word_stays_russian() -> None:
    assert fold("Москва and Ohio") == "москва and ohio"


def test_a_letter_with_no_look_alike_keeps_the_word_as_it_is() -> None:
    assert fold("жena") == "жena"
