"""Talking points that many posted and that belong to no narrative: a short list.

In: the tables narrative_points, talking_points and point_classes. Out: the talking points outside
every narrative that were posted more than once, most accounts first, with the reason why copies may
be harmless where one is known. Talking points that no run has looked at are not "outside".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from reports import wording
from reports.evidence import Citation, Evidence
from reports.links import Links

MAX_OUTSIDE = 10


@dataclass(frozen=True)
class Outside:
    """One talking point outside every narrative."""

    cited: Citation | None
    size: str
    when: str
    harmless: str | None


@dataclass(frozen=True)
class Section:
    """The first of them and how many there are."""

    shown: list[Outside]
    total: int


def section(links: Links, evidence: Evidence) -> Section | None:
    """Return the list, None when every repeated talking point is in a narrative."""
    of, points = links["narrative_points"], links["talking_points"]
    ids = of.filter(pc.is_null(of["narrative_id"]))["point_id"]
    repeated = points.filter(
        pc.and_(pc.is_in(points["point_id"], value_set=ids), pc.greater(points["posts"], 1))
    )
    rows = repeated.to_pylist()
    rows.sort(key=lambda row: (-row["accounts"], -row["posts"], row["point_id"]))
    if not rows:
        return None
    classes = {row["point_id"]: row for row in links["point_classes"].to_pylist()}
    shown = [_outside(evidence, row, classes) for row in rows[:MAX_OUTSIDE]]
    return Section(shown, len(rows))


def _outside(
    evidence: Evidence, row: Mapping[str, Any], classes: Mapping[str, Mapping[str, Any]]
) -> Outside:
    known = classes.get(row["point_id"])
    reason = None
    if known:
        told = wording.sentence(evidence.redactor.sentence(known["reason"]))
        reason = f"{known['benign_class'].replace('_', ' ')}: {told}"
    counts = ("account", "post", "repost")
    return Outside(
        cited=evidence.cite(row["exemplar_id"]),
        size=", ".join(wording.count(row[f"{noun}s"], noun) for noun in counts),
        when=f"{wording.day(row['first_at'])} to {wording.day(row['last_at'])}",
        harmless=reason,
    )
