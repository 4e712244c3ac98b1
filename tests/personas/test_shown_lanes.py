"""Lanes show the history around a noted shift, and nothing that the rule on gender hides."""

from __future__ import annotations

from typing import Any

import pytest

CROWN, RED = "Monarchist and potter", "Communist and weaver"
DAYS = (range(0, 50, 10), range(60, 120, 10))


def _turn(story: Any, before: str = CROWN, after: str = RED, **more: Any) -> Any:
    """A contradiction of two bios under one handle and name."""
    same = {"handle": "harbor_jo", "display_name": "Jo Harbor"} | more
    for days, bio, word in zip(
        DAYS, (before, after), (("Monarchist", "monarchist"), ("Communist", "communist")),
        strict=True,
    ):  # fmt: skip
        story.stand(days, bio=bio, **same).says(bio, word[0], "affiliation", word[1])
    return story


def _gender(story: Any, text: str, quote: str, value: str, grade: str = "P") -> None:
    story.says(text, quote, "gender", value, grade=grade)


def _fields(tables: Any) -> set[str]:
    return set(tables.profile_lanes["field"].to_pylist())


def test_a_noted_shift_brings_the_lanes_around_it(story: Any, track: Any) -> None:
    tables = track(_turn(story))
    assert {row["level"] for row in tables.shifts.to_pylist()} == {2}
    bios = [r for r in tables.profile_lanes.to_pylist() if r["field"] == "bio"]
    assert [(r["value"], r["snapshots"]) for r in bios] == [(CROWN, 5), (RED, 6)]
    assert bios[0]["to_at"] < bios[1]["from_at"]
    assert _fields(tables) == {"handle", "name", "bio"}
    profiles = {row["snapshot_id"]: row for row in story.profiles}
    column = {"handle": "handle", "name": "display_name", "bio": "bio"}
    for row in tables.profile_lanes.to_pylist():
        assert profiles[row["source_id"]][column[row["field"]]] == row["value"]


def test_an_account_without_a_noted_shift_has_no_lanes(story: Any, track: Any) -> None:
    story.stand(DAYS[0], bio=CROWN, handle="a", display_name="A")
    story.stand(DAYS[1], bio=CROWN + " and cook", handle="b", display_name="A")
    assert track(story).profile_lanes.num_rows == 0


def test_a_swapped_emoji_is_the_same_state(story: Any, track: Any) -> None:
    _turn(story).snapshot(130, bio=RED + " 🌷", handle="harbor_jo", display_name="Jo Harbor")
    tables = track(story.says(RED + " 🌷", "Communist", "affiliation", "communist"))
    bios = [r["value"] for r in tables.profile_lanes.to_pylist() if r["field"] == "bio"]
    assert bios == [CROWN, RED]


def test_where_genders_differ_only_the_handle_is_shown_over_time(story: Any, track: Any) -> None:
    before, after = "he/him. " + CROWN, "she/her. " + RED
    _turn(story, before, after)
    _gender(story, before, "he/him", "man")
    _gender(story, after, "she/her", "woman")
    tables = track(story)
    assert "gender" in tables.shifts["attribute"].to_pylist()
    assert _fields(tables) == {"handle"}


@pytest.mark.parametrize("side", [0, 1])
def test_a_hidden_change_has_no_lanes_whatever_else_is_noted(
    story: Any, track: Any, side: int
) -> None:
    bios = ["he/him. " + CROWN, "she/her. " + RED]
    bios[side] += " 🏳️‍⚧️"
    _turn(story, *bios)
    _gender(story, bios[0], "he/him", "man")
    _gender(story, bios[1], "she/her", "woman")
    tables = track(story)
    assert "affiliation" in tables.shifts["attribute"].to_pylist()
    assert tables.profile_lanes.num_rows == 0


def test_added_pronouns_are_in_no_bio_lane(story: Any, track: Any) -> None:
    after = "she/her. " + RED
    _turn(story, CROWN, after)
    _gender(story, after, "she/her", "woman")
    assert _fields(track(story)) == {"handle", "name"}


def test_a_field_with_a_marker_has_no_lane(story: Any, track: Any) -> None:
    _turn(story, CROWN + " 🏳️‍⚧️", RED + " 🏳️‍⚧️")
    assert _fields(track(story)) == {"handle", "name"}


def test_with_gender_off_a_bio_that_states_one_is_not_shown_whole(story: Any, track: Any) -> None:
    bios = ["she/her. " + CROWN, "she/her. " + RED]
    _turn(story, *bios)
    for bio in bios:
        _gender(story, bio, "she/her", "woman")
    assert _fields(track(story)) == {"handle", "name", "bio"}
    assert _fields(track(story, gender=False)) == {"handle", "name"}


def test_an_account_that_states_a_young_age_has_no_lanes(story: Any, track: Any) -> None:
    _turn(story, CROWN + ", 15", RED)
    story.says(CROWN + ", 15", "15", "age", "15", grade="P")
    assert track(story).profile_lanes.num_rows == 0
