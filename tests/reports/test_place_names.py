"""Country codes become names in sentences and on cards, and nothing else changes."""

from __future__ import annotations

import pytest

from reports.place_names import in_statement, place_words
from reports.redaction import Redactor

SHIFT = (
    "Inconsistent statements: account ‹a› claimed a place “{}” until 2031-01-01"
    " and “{}” from 2031-01-02."
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("CA", "Canada"),
        ("IR-US", "Iran and United States"),
        ("IR-shiraz", "Shiraz in Iran"),
        ("a place in IR", "a place in Iran"),
        ("another place in IR", "another place in Iran"),
        ("place-norvia", "Norvia"),
        ("a place", "a place"),
        ("QQ", "QQ"),
        ("student", "student"),
        ("1981", "1981"),
    ],
)
def test_a_place_is_told_in_english_and_other_values_stay(value: str, words: str) -> None:
    assert place_words(value) == words


def test_the_sentence_of_a_shift_names_countries_and_no_finer_place() -> None:
    assert in_statement(SHIFT.format("CA", "CL")) == SHIFT.format("Canada", "Chile")
    told = Redactor("pseudonym", b"k" * 32).statement(SHIFT.format("IR-shiraz", "IR-tabriz"))
    assert "“a place in Iran” until" in told and "“another place in Iran” from" in told
    assert "shiraz" not in told.lower()


def test_quotes_of_other_sentences_keep_their_words() -> None:
    sentence = "The narrative “CA” holds 3 posts between 2031-01-01 and 2031-01-02."
    assert in_statement(sentence) == sentence
