"""Histories read backwards, and histories with one more ordinary sighting: no level may rise.

The histories are long enough to be assessed: a fifth sighting of a thin one lets it be read at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

Track = Callable[..., Any]
CROWN, RED, PLAIN = "Monarchist from the valley", "Communist and reader", "Bread, song and trains"
NAMES = ("Mara Lindqvist", "Nova Report", "Mara L. 🌻")
HANDLES = ("mara_l", "thenovadesk", "mara_l2")
BIOS = (CROWN, RED, PLAIN)
STATES = st.tuples(st.sampled_from(NAMES), st.sampled_from(HANDLES), st.sampled_from(BIOS))
# What people add to a standing profile every day.
ORDINARY = st.sampled_from([" 🌻", "!", " …", " 🇫🇮", "  "])


def _told(story: Any, states: list[tuple[str, str, str]], days: list[int]) -> Any:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    story.says(RED, "Communist", "affiliation", "communist")
    for day, (name, handle, bio) in zip(days, states, strict=True):
        story.snapshot(day, display_name=name, handle=handle, bio=bio)
        story.snapshot(day + 9, display_name=name, handle=handle, bio=bio)
    return story


def _highest(tables: Any) -> int:
    return max(tables.shifts["level"].to_pylist(), default=0)


@given(st.lists(STATES, min_size=2, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_one_more_ordinary_sighting_never_raises_a_level(
    new_story: Any, track: Track, states: list[tuple[str, str, str]], data: Any
) -> None:
    days = [30 * at for at in range(len(states))]
    before = track(_told(new_story(), states, days))
    at = data.draw(st.integers(0, len(states) - 1))
    name, handle, bio = states[at]
    story = _told(new_story(), states, days)
    kind = data.draw(st.sampled_from(["same", "name", "bio", "unknown"]))
    dressed = data.draw(ORDINARY)
    shown: dict[str, str] = {"display_name": name, "handle": handle, "bio": bio}
    if kind == "name":
        shown["display_name"] += dressed
    elif kind == "bio":
        shown["bio"] += dressed
        for quote, value in (("Monarchist", "monarchist"), ("Communist", "communist")):
            if quote in bio:
                story.says(shown["bio"], quote, "affiliation", value)
    elif kind == "unknown":
        shown = {"handle": handle}
    after = track(story.snapshot(days[at] + data.draw(st.integers(1, 8)), **shown))
    assert _highest(after) <= _highest(before)


@given(st.lists(STATES, min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_history_read_backwards_reaches_the_same_levels(
    new_story: Any, track: Track, states: list[tuple[str, str, str]]
) -> None:
    days = [30 * at for at in range(len(states))]
    forth, back = (track(_told(new_story(), s, days)) for s in (states, states[::-1]))
    assert _highest(forth) == _highest(back)


@given(st.lists(STATES, min_size=2, max_size=5))
@settings(max_examples=25, deadline=None)
def test_every_quote_of_a_shift_is_a_slice_of_its_source(
    new_story: Any, track: Track, states: list[tuple[str, str, str]]
) -> None:
    story = _told(new_story(), states, [30 * at for at in range(len(states))])
    columns = {"name": "display_name", "handle": "handle", "bio": "bio"}
    sources = {(s["snapshot_id"], f): s[c] for s in story.profiles for f, c in columns.items()}
    for row in track(story).shifts.to_pylist():
        for side in ("before", "after"):
            text = sources[row[f"{side}_source"], row[f"{side}_field"]]
            assert text[row[f"{side}_start"] : row[f"{side}_end"]] == row[f"quote_{side}"] != ""
        assert row["at_after"] - row["at_before"] >= timedelta(0)
