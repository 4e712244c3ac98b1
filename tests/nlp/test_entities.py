"""Links, mentions and hashtags stand where their spans say."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import fill_entities, find_entities, values, without_entities

TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("@#＃ ./:hps"), max_size=60)


@given(TEXTS)
def test_every_span_quotes_the_text(text: str) -> None:
    for found in find_entities(text):
        assert text[found.start : found.end].lstrip("@#＠＃") == found.value != ""


@given(TEXTS)
def test_no_link_is_left_and_what_is_left_is_not_longer(text: str) -> None:
    left = without_entities(text)
    assert values(left, "link") == []
    assert len(left) <= len(text)


def test_entities_are_read_in_several_scripts() -> None:
    text = "RT @user_1: ببینید #آزادی‌بیان و #Summit20 https://ex.am/p?q=1. (#tag)"
    assert values(text, "mention") == ["user_1"]
    assert values(text, "hashtag") == ["آزادی‌بیان", "Summit20", "tag"]
    assert values(text, "link") == ["https://ex.am/p?q=1"]


def test_a_part_of_a_link_or_an_address_is_neither_tag_nor_mention() -> None:
    assert [e.kind for e in find_entities("https://a.b/@me#top mail me@b.c &#39; a#b")] == ["link"]


def test_hashtags_can_stay() -> None:
    assert without_entities("#a @b c", keep_hashtags=True) == "#a   c"


def test_a_megabyte_of_signs_takes_no_time() -> None:
    assert find_entities("@" * 1_000_000 + "#" * 1_000_000) == []
    assert len(find_entities("http://" * 150_000)) == 1


def test_stated_entities_are_kept_and_missing_ones_are_read() -> None:
    strings = pa.list_(pa.string())
    posts = pa.table(
        {
            "text": ["@a #b", "@c #d"],
            "urls": pa.array([[], ["https://x.y"]], strings),
            "mentions": pa.array([["stated"], []], strings),
            "hashtags": pa.array([[], []], strings),
        }
    )
    filled = fill_entities(posts).to_pydict()
    assert filled["mentions"] == [["stated"], ["c"]]
    assert filled["hashtags"] == [["b"], ["d"]]
    assert filled["urls"] == [[], ["https://x.y"]]
