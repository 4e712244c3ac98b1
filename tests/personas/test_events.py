"""What happened to accounts: renames keyed by id, departures, reused handles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Track = Callable[..., Any]


def _events(tables: Any, kind: str) -> list[dict[str, Any]]:
    return [row for row in tables.account_events.to_pylist() if row["kind"] == kind]


def test_a_chain_of_handles_is_renames_of_one_id(story: Any, track: Track) -> None:
    story.stand([0, 9], handle="first").stand([20, 29], handle="second")
    story.stand([40, 49], handle="third")
    rows = _events(track(story), "renamed")
    assert [(r["account_id"], r["before"], r["after"]) for r in rows] == [
        ("a1", "first", "second"), ("a1", "second", "third"),
    ]  # fmt: skip
    assert rows[0]["at"] == story.profiles[2]["observed_at"]
    assert rows[0]["source_row"] == 2


def test_a_rename_alone_is_an_event_and_no_shift(story: Any, track: Track) -> None:
    tables = track(story.stand([0, 40], handle="first").stand([50, 90], handle="xyzzy"))
    assert tables.shifts.num_rows == 0


def test_capital_letters_are_no_rename(story: Any, track: Track) -> None:
    assert (
        _events(track(story.snapshot(0, handle="Mara").snapshot(9, handle="MARA")), "renamed") == []
    )


def test_one_handle_under_two_ids_is_reused_and_no_rename(story: Any, track: Track) -> None:
    story.snapshot(0, "a1", handle="Shared").snapshot(30, "a2", handle="shared")
    tables = track(story)
    rows = _events(tables, "handle_reused")
    assert [(r["account_id"], r["before"], r["after"]) for r in rows] == [("a2", "a1", "shared")]
    assert _events(tables, "renamed") == []


def test_the_same_handle_on_two_platforms_is_not_reused(story: Any, track: Track) -> None:
    story.snapshot(0, "a1", handle="same").snapshot(1, "a2", handle="same", platform="y")
    assert _events(track(story), "handle_reused") == []


def test_an_account_named_by_its_handle_is_no_second_holder(story: Any, track: Track) -> None:
    story.snapshot(0, "mara", handle="Mara").snapshot(1, "778", handle="mara")
    assert _events(track(story), "handle_reused") == []


def test_a_suspension_is_reported_once_for_each_stretch(story: Any, track: Track) -> None:
    story.snapshot(0, bio="x").stand([10, 20], state="suspended").snapshot(30, bio="x")
    story.snapshot(40, state="suspended")
    tables = track(story)
    assert len(_events(tables, "suspended")) == 2
    last = _events(tables, "last_seen")
    assert [r["at"] for r in last] == [story.profiles[3]["observed_at"]]


def test_the_last_post_counts_as_last_seen(story: Any, track: Track) -> None:
    story.snapshot(0, bio="x").post(50, "still here").post(2, "only posts", account="a2")
    rows = {r["account_id"]: r["at"] for r in _events(track(story), "last_seen")}
    assert rows == {"a1": story.posts[0]["created_at"], "a2": story.posts[1]["created_at"]}


def test_creation_is_reported_where_the_source_states_it(story: Any, track: Track) -> None:
    born = datetime(2019, 5, 1, tzinfo=UTC)
    story.snapshot(0, joined_at=born).snapshot(1, "a2", bio="x")
    rows = _events(track(story), "created")
    assert [(r["account_id"], r["at"]) for r in rows] == [("a1", born)]
