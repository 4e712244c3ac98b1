"""Words for names: spelled as people spell them, without links, mentions and function words."""

from __future__ import annotations

import pytest

from nlp.tokens import pieces, plain, stop_words, words


def test_links_mentions_and_a_leading_rt_are_not_words() -> None:
    assert words("RT @name: The Bridge https://a.b/c is #Closed @x") == [
        "the",
        "bridge",
        "is",
        "#closed",
    ]


def test_a_word_that_begins_with_rt_stays() -> None:
    assert plain("RTL is a channel") == "RTL is a channel"


def test_half_spaces_and_combining_marks_stay_inside_words() -> None:
    assert words("می‌شود") == ["می‌شود"]
    assert words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]


def test_arabic_keyboards_do_not_split_persian_words_and_arabic_keeps_its_letters() -> None:
    assert words("ملي", "fa") == words("ملی", "fa")
    assert words("علي", "ar") == ["علي"]


def test_emoji_are_pieces_but_not_words() -> None:
    assert words("party 🎉") == ["party"]
    assert pieces("party 🎉") == ["party", "🎉"]


@pytest.mark.parametrize("lang", ["en", "fa", "ar", "fr", "es", "ru", "de", "tr", "pt"])
def test_every_list_of_function_words_loads(lang: str) -> None:
    assert len(stop_words(lang)) > 100


def test_a_language_without_a_list_has_no_function_words() -> None:
    assert stop_words("xx") == frozenset()
    assert stop_words("../en") == frozenset()


def test_function_words_are_compared_as_words_are_cut() -> None:
    for word in words("it's what the people don't say", "en")[:3]:
        assert word in stop_words("en")
