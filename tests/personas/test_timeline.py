"""Lanes, statements, episodes, and the tables of claims and personas."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.tables import PROFILES
from engines.local import LocalEngine
from personas.snapshots import CollapseLanes, FindDeletions, without_strays
from personas.timeline import episodes, statements_of_lanes, statements_of_posts
from personas.tracker import see

START = datetime(2022, 1, 1, tzinfo=UTC)
BIO = "Monarchist. Baker."
OTHER = "Baker."


def _lanes(story: Any, field: str = "bio") -> list[dict[str, object]]:
    lanes = CollapseLanes()(PROFILES.from_rows(story.profiles)).to_pylist()
    own = [lane for lane in lanes if lane["field"] == field]
    return sorted(own, key=lambda lane: (lane["from_at"] is None, str(lane["from_at"])))


def _episodes(story: Any) -> list[tuple[str, float, float]]:
    said = statements_of_lanes(_lanes(story), story.found)
    said += statements_of_posts(story.posts, story.found)
    return [
        (e.value, (e.first_at - START) / timedelta(days=1), (e.last_at - START) / timedelta(days=1))
        for e in episodes(said)
    ]


def test_equal_neighbours_make_one_lane(story: Any) -> None:
    story.stand([0, 1, 2], bio="A").stand([3], bio="B").stand([4], bio="A")
    assert [(lane["value"], lane["snapshots"]) for lane in _lanes(story)] == [
        ("A", 3), ("B", 1), ("A", 1),
    ]  # fmt: skip


def test_an_unknown_bio_ends_nothing_and_an_empty_one_does(story: Any) -> None:
    story.snapshot(0, bio="A").snapshot(1, handle="h").snapshot(2, bio="A")
    assert len(_lanes(story)) == 1
    story.snapshot(3, bio="").snapshot(4, bio="A")
    assert [lane["value"] for lane in _lanes(story)] == ["A", "", "A"]


def test_a_state_of_an_event_history_holds_until_the_next_one(story: Any) -> None:
    story.snapshot(0, bio="A", basis="event").snapshot(9, bio="B", basis="event")
    first, second = _lanes(story)
    assert first["until_at"] == START + timedelta(days=9)
    assert second["until_at"] == second["to_at"]


def test_a_state_seen_twice_holds_no_longer_than_it_was_seen(story: Any) -> None:
    story.stand([0, 1], bio="A").snapshot(9, bio="B")
    assert _lanes(story)[0]["until_at"] == START + timedelta(days=1)


def test_two_accounts_with_one_handle_stay_apart(story: Any) -> None:
    story.snapshot(0, "a1", handle="same", bio="A").snapshot(1, "a2", handle="same", bio="A")
    assert {lane["account_id"] for lane in _lanes(story)} == {"a1", "a2"}


@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_snapshots_in_any_order_and_batches_give_the_same_lanes(
    new_story: type[Any], chance: random.Random, batch_rows: int
) -> None:
    story = new_story()
    for day in range(12):
        story.snapshot(
            day // 2, f"a{day % 2}", bio=f"bio {day // 4}", statuses_count=900 - 60 * day
        )
    rows = list(story.profiles)
    expected = see(LocalEngine(), PROFILES.from_rows(rows))
    chance.shuffle(rows)
    found = see(LocalEngine(batch_rows), PROFILES.from_rows(rows))
    for name in ("lanes", "sightings", "falls"):
        one, two = getattr(found, name).to_pylist(), getattr(expected, name).to_pylist()
        assert sorted(map(str, one)) == sorted(map(str, two))


def test_a_claim_that_leaves_and_returns_makes_two_episodes(story: Any) -> None:
    story.says(BIO, "Monarchist", "affiliation", "monarchist")
    story.stand([0, 5], bio=BIO).snapshot(8, bio=OTHER).snapshot(12, bio=BIO)
    assert _episodes(story) == [("monarchist", 0, 5), ("monarchist", 12, 12)]


def test_another_wording_of_the_same_claim_continues_the_episode(story: Any) -> None:
    story.says(BIO, "Monarchist", "affiliation", "monarchist")
    story.says("جاوید‌شاه", "جاوید‌شاه", "affiliation", "monarchist", grade="M")
    story.snapshot(0, bio=BIO).snapshot(5, bio="جاوید‌شاه")
    assert _episodes(story) == [("monarchist", 0, 5)]


def test_posts_join_one_episode_until_another_value_comes_between(story: Any) -> None:
    for text, value in (("I am a nurse", "nurse"), ("I am a pilot", "pilot")):
        story.says(text, text, "occupation", value, grade="P", where="post")
    story.post(0, "I am a nurse").post(9, "I am a nurse")
    story.post(11, "I am a pilot").post(20, "I am a nurse")
    assert _episodes(story) == [("nurse", 0, 9), ("pilot", 11, 11), ("nurse", 20, 20)]


def test_former_claims_make_no_episode(story: Any) -> None:
    story.says("ex-communist", "communist", "affiliation", "communist", status="former")
    story.stand([0, 5], bio="ex-communist")
    assert _episodes(story) == []


def test_an_undated_snapshot_shows_a_claim_but_no_episode(
    story: Any, track: Callable[..., Any]
) -> None:
    story.says(BIO, "Monarchist", "affiliation", "monarchist").snapshot(0, bio=BIO)
    story.profiles[0]["observed_at"] = None
    tables = track(story)
    assert tables.claims.num_rows == 1
    assert tables.claims["said_at"][0].as_py() is None
    assert tables.personas.num_rows == 0


def test_one_wording_is_one_row_of_claims_with_its_whole_life(
    story: Any, track: Callable[..., Any]
) -> None:
    story.says(BIO, "Monarchist", "affiliation", "monarchist")
    longer = BIO + " 🌻"
    story.says(longer, "Monarchist", "affiliation", "monarchist")
    story.stand([0, 3], bio=BIO).stand([6, 9], bio=longer)
    rows = track(story).claims.to_pylist()
    assert len(rows) == 1
    assert rows[0]["n_snapshots"] == 4
    assert (rows[0]["last_seen"] - rows[0]["first_seen"]).days == 9
    assert rows[0]["source_id"] == story.profiles[0]["snapshot_id"]
    assert BIO[rows[0]["start"] : rows[0]["end"]] == rows[0]["quote"]


def test_a_stray_sighting_is_no_second_rename(story: Any) -> None:
    story.stand([0, 10], handle="old").snapshot(10.1, handle="new")
    story.stand([10.2, 20], handle="old").stand([20.2, 40], handle="new")
    lanes = without_strays(_lanes(story, "handle"))
    assert [lane["value"] for lane in lanes] == ["old", "new"]
    assert lanes[0]["snapshots"] == 4


def test_one_sighting_between_distant_ones_may_have_stood_for_days(story: Any) -> None:
    story.stand([0, 10], handle="old").snapshot(15, handle="new").stand([20, 30], handle="old")
    assert len(without_strays(_lanes(story, "handle"))) == 3


def test_a_value_that_stood_for_days_is_no_stray(story: Any) -> None:
    story.stand([0, 10], handle="old").stand([11, 13], handle="new").stand([14, 20], handle="old")
    assert len(without_strays(_lanes(story, "handle"))) == 3


@pytest.mark.parametrize(
    ("counts", "falls"), [((1000, 690), 1), ((1000, 710), 0), ((40, 1), 0), ((1000, None, 100), 1)]
)
def test_a_fall_of_the_post_count_by_three_tenths_is_a_mass_deletion(
    story: Any, counts: tuple[int | None, ...], falls: int
) -> None:
    for day, count in enumerate(counts):
        story.snapshot(day, statuses_count=count, bio="A")
    story.snapshot(0, "a2", statuses_count=5, bio="A")
    assert FindDeletions()(PROFILES.from_rows(story.profiles)).num_rows == falls
