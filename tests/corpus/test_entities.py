"""Hashtags, mentions and links, stated or found."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.entities import PATTERNS, find, parse_list, stated_or_found


def found(field: str, *texts: str) -> list[list[str]]:
    lists: list[list[str]] = find(field, pa.chunked_array([pa.array(list(texts))])).to_pylist()
    return lists


def test_a_persian_hashtag_keeps_its_joiner() -> None:
    assert found("hashtags", "ببینید #راه\u200cحل و #دو_کلمه!") == [["راه\u200cحل", "دو_کلمه"]]


def test_a_number_sign_in_a_link_or_before_a_number_is_no_hashtag() -> None:
    assert found("hashtags", "https://a.example/#top we are #1", "#a1 x#b") == [[], ["a1"]]


def test_an_address_is_no_mention() -> None:
    assert found("mentions", "mail me@a.example or @Anna_1 (@bo)") == [["Anna_1", "bo"]]


def test_a_link_ends_before_the_punctuation_around_it() -> None:
    assert found("urls", "see (https://a.example/x). HTTP://B.example") == [
        ["https://a.example/x", "HTTP://B.example"]
    ]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('["a", "#b"]', ["a", "b"]),
        ("['a', 'b c']", ["a", "b c"]),
        ("[47813521]", ["47813521"]),
        ('[{"text": "a"}, {"tag": "b"}]', ["a", "b"]),
        ("a, b;c", ["a", "b", "c"]),
        ("#a #b", ["a", "b"]),
        ("[]", []),
        ("[a, b]", ["a", "b"]),
        ("nan", None),
        ("", None),
    ],
)
def test_a_stated_list_is_read_in_any_notation(cell: str, meant: list[str] | None) -> None:
    assert parse_list("hashtags", cell) == meant


def test_a_stated_list_wins_and_an_empty_cell_is_answered_from_the_text() -> None:
    texts = pa.chunked_array([pa.array(["#x", "#y", "#z"])])
    stated = pa.chunked_array([pa.array(["['a']", "", "[]"])])
    assert stated_or_found("hashtags", stated, texts).to_pylist() == [["a"], ["y"], []]


@given(st.text(max_size=200))
def test_no_cell_stops_the_reading_of_lists(cell: str) -> None:
    for field in PATTERNS:
        listed = parse_list(field, cell)
        assert listed is None or all(isinstance(item, str) for item in listed)


@pytest.mark.parametrize("seed", ["#", "@", "http://", "#\u200c", "[[", "a@"])
@pytest.mark.parametrize("field", list(PATTERNS))
def test_long_repetitions_are_searched_once(field: str, seed: str) -> None:
    text = seed * (50_000 // len(seed))
    assert len(found(field, text)) == 1
    parse_list(field, text)
