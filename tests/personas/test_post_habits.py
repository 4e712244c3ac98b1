"""Habits of posting: own posts only, by month; the accounts of which only posts are known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.tables import POST_HABITS, POSTS, canonical, check
from personas.post_habits import HOURS, most_active, post_habits

SAID = "I am a journalist in the port"


def _posts(*rows: dict[str, Any]) -> pa.Table:
    base = {"platform": "x", "account_id": "a", "time_precision": "second", "text": "t",
            "kind": "post", "urls": [], "hashtags": [], "mentions": [], "source_file": "f",
            "source_row": 0}  # fmt: skip
    return POSTS.from_rows([base | {"post_id": f"p{n}"} | row for n, row in enumerate(rows)])


def _at(month: int, hour: int = 9) -> datetime:
    return datetime(2031, month, 3, hour, 30, tzinfo=UTC)


def test_months_hours_languages_and_topics_are_counted() -> None:
    posts = _posts(
        {"created_at": _at(1, 9), "lang": "en-US"},
        {"created_at": _at(1, 23), "lang": "fa"},
        {"created_at": _at(1, 23), "lang": "FA"},
        {"created_at": _at(2), "lang": "und"},
    )
    one, two = post_habits(posts, ["a"], topics={"p0": "harbor", "p3": "tram"})
    assert (one["month_start"], one["posts"], one["lang"]) == (
        datetime(2031, 1, 1, tzinfo=UTC), 3, "fa",
    )  # fmt: skip
    assert one["lang_share"] == 2 / 3
    assert {h: n for h, n in enumerate(one["hours"]) if n} == {9: 1.0, 23: 2.0}
    assert (one["topic"], one["topic_share"]) == ("harbor", 1 / 3)
    assert (two["lang"], two["lang_share"], two["topic"]) == (None, None, "tram")


def test_the_language_found_goes_before_the_one_stated() -> None:
    posts = _posts({"created_at": _at(1), "lang": "en"}, {"created_at": _at(1), "lang": "en"})
    (row,) = post_habits(posts, ["a"], langs={"p0": "fa", "p1": "und"})
    assert (row["lang"], row["lang_share"]) == ("en", 0.5)
    (row,) = post_habits(posts, ["a"], langs={"p0": "fa", "p1": "fa"})
    assert (row["lang"], row["lang_share"]) == ("fa", 1.0)


def test_reposts_other_accounts_and_posts_without_a_time_take_no_part() -> None:
    posts = _posts(
        {"created_at": _at(1), "kind": "repost"},
        {"created_at": None},
        {"created_at": _at(1), "account_id": "b"},
        {"created_at": _at(1), "account_id": None},
    )
    assert post_habits(posts, ["a"]) == []


def test_a_source_that_gives_days_puts_nothing_at_midnight() -> None:
    posts = _posts({"created_at": _at(1, 0), "time_precision": "day"}, {"created_at": _at(1, 7)})
    (row,) = post_habits(posts, ["a"])
    assert (row["posts"], row["timed_posts"], sum(row["hours"]), row["hours"][0]) == (2, 1, 1, 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(1, 12), st.integers(0, 23),
            st.sampled_from(["en", "fa", "", "und", None]),
        ),
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_rows_in_any_order_give_the_same_habits(rows: list[Any], shuffle: Any) -> None:
    made = [
        {"account_id": who, "created_at": _at(month, hour), "lang": lang, "post_id": f"p{n}"}
        for n, (who, month, hour, lang) in enumerate(rows)
    ]
    habits = post_habits(_posts(*made), ["a", "b"])
    shuffle.shuffle(made)
    assert post_habits(_posts(*made), ["b", "a"]) == habits
    check(canonical(POST_HABITS.from_rows(habits), POST_HABITS), POST_HABITS)
    told = sum(row["posts"] for row in habits)
    assert told == sum(row["account_id"] in ("a", "b") for row in made)
    assert all(len(row["hours"]) == HOURS and sum(row["hours"]) == row["posts"] for row in habits)


def test_the_bound_keeps_those_with_most_posts() -> None:
    assert most_active({"c": 5, "a": 1, "b": 5}, 2) == {"b", "c"}


def _habits(tables: Any) -> set[str]:
    return set(tables.post_habits["account_id"].to_pylist())


def test_accounts_known_by_posts_have_habits(story: Any, track: Any) -> None:
    story.post(1, SAID).post(40, "nice weather").says(
        SAID, "journalist", "occupation", "journalist", grade="P", where="post"
    )
    story.post(1, "nice weather", "a2")
    for day in range(0, 120, 10):
        story.snapshot(day, "a3", bio="potter")
    story.post(1, SAID, "a3")
    tables = track(story)
    assert _habits(tables) == {"a1"}
    assert tables.post_habits["posts"].to_pylist() == [1, 1]


def test_minors_and_accounts_with_a_hidden_change_have_no_habits(story: Any, track: Any) -> None:
    young = "I am 15 and a journalist"
    for account, text in (("a1", young), ("a2", SAID), ("a3", SAID)):
        story.post(1, text, account)
        story.says(text, "journalist", "occupation", "journalist", grade="P", where="post")
    story.says(young, "15", "age", "15", grade="P", where="post")
    one, two = "I am a man", "I am a woman 🏳️‍⚧️"
    for text, value in ((one, "man"), (two, "woman")):
        story.post(2, text, "a2").says(text, value, "gender", value, grade="P", where="post")
    tables = track(story)
    assert _habits(tables) == {"a3"}
    assert "gender" not in tables.claims["attribute"].to_pylist()


def test_with_gender_off_a_claim_of_gender_alone_makes_no_habits(story: Any, track: Any) -> None:
    text = "I am a woman"
    story.post(1, text).says(text, "woman", "gender", "woman", grade="P", where="post")
    assert _habits(track(story)) == {"a1"}
    assert _habits(track(story, gender=False)) == set()
