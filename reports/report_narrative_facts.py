"""What else is known about one narrative: how firm it is, its parts, stances, other languages.

In: the tables narratives, sub_narratives, stances and narrative_links. Out: what the card prints; a
table that a run did not make gives nothing. Labels and targets leave through the redactor, quotes
through the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports import wording
from reports.evidence import Citation, Evidence
from reports.found import phrases
from reports.links import Links

# A card shows a few lines; the tables of the case hold all.
MAX_PARTS = 5
MAX_PART_POINTS = 3
MAX_STANCES = 6
MAX_OTHER_LANGUAGES = 5
MAX_SHARED = 3
# In fewer than half of its points, on average, the group is another one when a tenth is missing.
LOW_STABILITY = 0.5
_MARKS = {"single_account": "Mostly a single account", "template": "Application template"}


@dataclass(frozen=True)
class Part:
    """A denser part of a narrative."""

    label: str
    size: str
    cited: Citation | None
    points: list[PartPoint]
    points_total: int


@dataclass(frozen=True)
class PartPoint:
    """A talking point of a part."""

    size: str
    opens: str
    cited: Citation


@dataclass(frozen=True)
class OtherLanguage:
    """A narrative of another language that shares more than chance allows."""

    anchor: str | None
    label: str
    lang: str
    language: str
    basis: str
    shared: str


@dataclass(frozen=True)
class Facts:
    """What a card says beside its numbers."""

    firm: str | None
    mark: str | None
    mark_reason: str | None
    parts: list[Part]
    parts_total: int
    stances: list[str]
    languages: list[OtherLanguage]
    languages_total: int


def facts_of(
    links: Links, evidence: Evidence, row: Mapping[str, Any], anchors: Mapping[str, str]
) -> Facts:
    """Return what else is known about the narrative `row`; `anchors` leads to other cards."""
    mine = row["narrative_id"]
    parts = _parts(links, mine)
    languages = _linked(links, mine)
    reason = row.get("mark_reason")
    return Facts(
        firm=_firm(row),
        mark=_MARKS.get(row.get("mark") or "", row.get("mark")),
        mark_reason=evidence.redactor.sentence(reason) if reason else None,
        parts=[_part(links, evidence, part) for part in parts[:MAX_PARTS]],
        parts_total=len(parts),
        stances=_stances(links, evidence, mine)[:MAX_STANCES],
        languages=[
            _other(links, evidence, mine, link, anchors) for link in languages[:MAX_OTHER_LANGUAGES]
        ],
        languages_total=len(languages),
    )


def _firm(row: Mapping[str, Any]) -> str | None:
    """How much of it comes back when a tenth of the points is missing; None: not measured."""
    stability = row.get("stability")
    if stability is None:
        return None
    told = (
        "In samples of nine tenths of the talking points this narrative came back with overlap"
        f" {stability:.2f}"
    )
    low = "; below .5: read with care" if stability < LOW_STABILITY else ""
    return f"{told}{low}."


def _parts(links: Links, narrative_id: str) -> list[dict[str, Any]]:
    table = links["sub_narratives"]
    rows = table.filter(pc.equal(table["narrative_id"], narrative_id)).to_pylist()
    return sorted(rows, key=lambda part: (-part["posts"], part["sub_narrative_id"]))


def _part(links: Links, evidence: Evidence, part: Mapping[str, Any]) -> Part:
    size = (
        f"{wording.count(part['points'], 'talking point')}, {wording.count(part['posts'], 'post')}"
        f" and {wording.count(part['reposts'], 'repost')} by"
        f" {wording.count(part['accounts'], 'account')}"
    )
    label = evidence.redactor.label(part["label"])
    points = _points_of_part(links, part["sub_narrative_id"])
    shown = [_part_point(evidence, point) for point in points[:MAX_PART_POINTS]]
    return Part(
        label=label,
        size=size,
        cited=evidence.cite(part["medoid_post_id"]),
        points=[point for point in shown if point is not None],
        points_total=len(points),
    )


def _points_of_part(links: Links, sub_narrative_id: str) -> list[dict[str, Any]]:
    """Talking points of a part, most accounts first."""
    of, table = links["narrative_points"], links["talking_points"]
    ids = of.filter(pc.equal(of["sub_narrative_id"], sub_narrative_id))["point_id"]
    rows = table.filter(pc.is_in(table["point_id"], value_set=ids.combine_chunks())).to_pylist()
    return sorted(rows, key=lambda row: (-row["accounts"], -row["posts"], row["point_id"]))


def _part_point(evidence: Evidence, point: Mapping[str, Any]) -> PartPoint | None:
    cited = evidence.cite(point["exemplar_id"])
    if cited is None:
        return None
    size = (
        f"{wording.count(point['posts'], 'post')} and {wording.count(point['reposts'], 'repost')}"
    )
    size += f" by {wording.count(point['accounts'], 'account')}"
    return PartPoint(size, evidence.opens.point(point["point_id"]), cited)


def _stances(links: Links, evidence: Evidence, narrative_id: str) -> list[str]:
    """One sentence for each target and stance that the analyst's labels give here."""
    table, of = links["stances"], links["narrative_points"]
    if not table.num_rows:
        return []
    points = of.filter(pc.equal(of["narrative_id"], narrative_id))["point_id"]
    at_point = pc.and_(
        pc.equal(table["scope"], "point"), pc.is_in(table["scope_id"], value_set=pa.array(points))
    )
    of_all = pc.and_(
        pc.equal(table["scope"], "narrative"), pc.equal(table["scope_id"], narrative_id)
    )
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for row in table.filter(pc.or_(at_point, of_all)).to_pylist():
        kind = row["scope"] if row["source"] == "analyst" else "spread"
        counts = counted.setdefault((row["target"], row["stance"]), {})
        counts[kind] = counts.get(kind, 0) + 1
    # What the analyst said of the whole narrative comes first.
    keys = sorted(counted, key=lambda key: (-counted[key].get("narrative", 0), key))
    return [_stance(evidence, *key, counted[key]) for key in keys]


def _stance(evidence: Evidence, target: str, stance: str, counts: Mapping[str, int]) -> str:
    told = []
    if "narrative" in counts:
        told.append("the analyst said so of the narrative")
    if "point" in counts:
        told.append(f"the analyst said so of {wording.count(counts['point'], 'talking point')}")
    if "spread" in counts:
        told.append(f"the label spread to {wording.count(counts['spread'], 'talking point')}")
    head = "Neutral on" if stance == "neutral" else stance.capitalize()
    return f"{head} “{evidence.redactor.label(target)}”: {wording.joined(told)}."


def _linked(links: Links, narrative_id: str) -> list[dict[str, Any]]:
    table = links["narrative_links"]
    either = pc.or_(
        pc.equal(table["narrative_a"], narrative_id), pc.equal(table["narrative_b"], narrative_id)
    )
    rows = table.filter(either).to_pylist()
    return sorted(
        rows, key=lambda r: (r["q_value"], -r["shared"], r["narrative_a"], r["narrative_b"])
    )


def _other(
    links: Links,
    evidence: Evidence,
    narrative_id: str,
    link: Mapping[str, Any],
    anchors: Mapping[str, str],
) -> OtherLanguage:
    side = "b" if link["narrative_a"] == narrative_id else "a"
    other, lang = link[f"narrative_{side}"], link[f"lang_{side}"]
    named = links["narratives"]
    labels = named.filter(pc.equal(named["narrative_id"], other))["label"].to_pylist()
    return OtherLanguage(
        anchor=anchors.get(other),
        label=evidence.redactor.label(labels[0]) if labels else evidence.redactor.derived(other),
        lang=lang,
        language=phrases()["language"].get(lang, lang),
        basis=wording.sentence(evidence.redactor.sentence(link["basis"])),
        shared=_shared(evidence, link),
    )


def _shared(evidence: Evidence, link: Mapping[str, Any]) -> str:
    """The first links, tags and handles that both hold."""
    redactor = evidence.redactor
    found = [
        *(redactor.link(url) for url in link["urls"][:MAX_SHARED]),
        *(f"#{redactor.tag(tag)}" for tag in link["hashtags"][:MAX_SHARED]),
        *(f"@{redactor.handle(handle)}" for handle in link["mentions"][:MAX_SHARED]),
    ]
    return ", ".join(found)
