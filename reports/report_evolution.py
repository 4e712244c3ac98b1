"""What became of one narrative over time: born, merged, split, returned, ended, with dates.

In: the tables narrative_windows and evolution. Out: the events of those groups of talking points
that belong to the narrative, oldest first, each with its window, what it rests on and a talking
point to read. That a group merely continues is counted, not listed. It says nothing when the tables
are absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports import wording
from reports.evidence import Citation, Evidence
from reports.links import Links

# A card shows a few lines; the table of the case holds every event.
MAX_EVENTS = 8
# Other narratives named beside one event.
MAX_OTHERS = 2
# In the order in which the summary counts them.
_TOLD = {"born": "born", "merged": "merged", "split": "split", "returned": "returned",
         "ended": "ended"}  # fmt: skip
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Change:
    """One event: when, what, with which other narratives, and a text to read."""

    when: str
    what: str
    cited: Citation | None


@dataclass(frozen=True)
class History:
    """The events of one narrative: a summary line and the first of them."""

    summary: str
    shown: list[Change]
    total: int


class Lives:
    """The two tables with the lookups that every narrative needs, made once."""

    def __init__(self, links: Links) -> None:
        self.groups = {row["group_key"]: row for row in links["narrative_windows"].to_pylist()}
        self.events: dict[str, list[dict[str, Any]]] = {}
        for event in links["evolution"].to_pylist():
            keys = {*event["groups_before"], *event["groups_after"]}
            for narrative_id in {self.narrative(key) for key in keys} - {None}:
                self.events.setdefault(str(narrative_id), []).append(event)
        self.labels = {row["narrative_id"]: row["label"] for row in links["narratives"].to_pylist()}
        points = links["talking_points"]
        ids, exemplars = points["point_id"].to_pylist(), points["exemplar_id"].to_pylist()
        self.exemplar = dict(zip(ids, exemplars, strict=True))

    def narrative(self, group_key: str) -> str | None:
        """The narrative of the whole corpus that a group belongs to, None when there is none."""
        group = self.groups.get(group_key)
        return group["narrative_id"] if group else None


def history(lives: Lives, evidence: Evidence, narrative_id: str) -> History | None:
    """Return what became of a narrative; None when nothing but going on is known."""
    events = lives.events.get(narrative_id, [])
    told = sorted((e for e in events if e["kind"] in _TOLD), key=lambda e: _in_time(lives, e))
    if not told:
        return None
    shown = [_change(lives, evidence, event, narrative_id) for event in told[:MAX_EVENTS]]
    return History(_summary(lives, events, narrative_id), shown, len(told))


def _in_time(lives: Lives, event: Mapping[str, Any]) -> tuple[datetime, int, str]:
    """By the window that is shown, then as the summary counts them."""
    known = _meant(lives, event)
    start = known[0]["window_start"] if known else event["at"]
    return start, list(_TOLD).index(event["kind"]), event["event_id"]


def _meant(lives: Lives, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The groups that an event is told of: what came, or what was there before it left."""
    came = event["kind"] in {"born", "merged", "returned"}
    keys = event["groups_after"] if came else event["groups_before"]
    return [lives.groups[key] for key in keys if key in lives.groups]


def _summary(lives: Lives, events: Sequence[Mapping[str, Any]], narrative_id: str) -> str:
    widths = {
        group["window_s"]
        for group in lives.groups.values()
        if group["narrative_id"] == narrative_id
    }
    kinds = [event["kind"] for event in events]
    parts = [f"{word} {_times(kinds.count(kind))}" for kind, word in _TOLD.items() if kind in kinds]
    if went_on := kinds.count("continued"):
        parts.append(f"continued {_times(went_on)}")
    width = f"in windows of {wording.span(max(widths))}" if widths else "in windows"
    return f"Over time, {width}: {wording.joined(parts)}"


def _times(number: int) -> str:
    return _TIMES.get(number, f"{number:,} times")


def _change(
    lives: Lives, evidence: Evidence, event: Mapping[str, Any], narrative_id: str
) -> Change:
    known = _meant(lives, event)
    what = _what(event) + _size(known)
    keys = [*event["groups_before"], *event["groups_after"]]
    what += _others(lives, evidence, keys, narrative_id) + _rests_on(event)
    points = [*event["evidence"], *(point for group in known for point in group["point_ids"])]
    source = next((lives.exemplar[point] for point in points if point in lives.exemplar), None)
    return Change(_when(event, known), what, evidence.cite(source) if source else None)


def _what(event: Mapping[str, Any]) -> str:
    before, after = len(event["groups_before"]), len(event["groups_after"])
    return {
        "born": "born: nothing in the window before is like it",
        "merged": f"merged: {before} groups of the window before became one",
        "split": f"split: one group became {after}",
        "returned": "returned: like a group that had ended earlier",
        "ended": "ended: nothing in the next window is like it",
    }[str(event["kind"])]


def _size(known: Sequence[Mapping[str, Any]]) -> str:
    """How large the one group is that was born, came out of it, came back or ended."""
    if len(known) != 1:
        return ""
    group = known[0]
    points = wording.count(group["points"], "talking point")
    posts = wording.count(group["posts"], "post")
    return f" ({points}, {posts} by {wording.count(group['accounts'], 'account')})"


def _others(lives: Lives, evidence: Evidence, keys: Sequence[str], narrative_id: str) -> str:
    """Other narratives whose groups take part, by label."""
    ids = {lives.narrative(key) for key in keys} - {None, narrative_id}
    labels = sorted(evidence.redactor.label(lives.labels[i]) for i in ids if i in lives.labels)
    if not labels:
        return ""
    more = f" and {len(labels) - MAX_OTHERS} more" if len(labels) > MAX_OTHERS else ""
    return "; also of " + ", ".join(f"“{label}”" for label in labels[:MAX_OTHERS]) + more


def _rests_on(event: Mapping[str, Any]) -> str:
    if event["kind"] in {"born", "ended"}:
        return ""
    shared, cosine = event["shared_points"], event["cosine"]
    told = f"; {wording.count(shared, 'shared talking point')}" if shared else ""
    return told + (f"; cosine of the centres {cosine:.2f}" if cosine is not None else "")


def _when(event: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> str:
    """The window of the group; for one that split or ended its last window, not the one after."""
    if not known:
        return wording.day(event["at"])
    start, width = known[0]["window_start"], known[0]["window_s"]
    if width < wording.DAY:
        return f"{wording.moment(start)} to {wording.moment(start + timedelta(seconds=width))}"
    last = start + timedelta(seconds=width - 1)
    first, end = wording.day(start), wording.day(last)
    return first if first == end else f"{first} to {end}"
