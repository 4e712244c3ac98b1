"""The block of a narrative card that says which talking points say much the same in other words.

In: the linked posts and one narrative. Out: at most MAX_REWORDED pairs with at least one point in
the narrative, those that most accounts wrote first, each with both scores and where the other point
stands. Links of the paraphrase tier only: what is a copy is told above it, under talking points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports import wording
from reports.evidence import Citation, Evidence
from reports.links import Links

# Enough to see what the tier does; the table paraphrases holds all of them.
MAX_REWORDED = 3


@dataclass(frozen=True)
class Reworded:
    """Two talking points that say much the same; `elsewhere` names the other one's narrative."""

    one: Citation
    other: Citation
    one_size: str
    other_size: str
    lexical: str
    semantic: str
    score: str
    elsewhere: str | None


@dataclass(frozen=True)
class RewordedPairs:
    """The pairs that a card shows, and how many there are in all."""

    shown: list[Reworded]
    total: int


def reworded(
    links: Links, evidence: Evidence, narrative_id: str, points: Iterable[Mapping[str, Any]]
) -> RewordedPairs:
    """Return the pairs to show for a narrative with these points."""
    mine = {point["point_id"] for point in points}
    table = links["paraphrases"]
    ends = [pc.is_in(table[name], value_set=_ids(mine, table[name])) for name in _ENDS]
    rows = table.filter(pc.or_(*ends)).to_pylist()
    known = _points(links, {row[name] for row in rows for name in _ENDS})
    pairs = [_from_inside(row, mine) for row in rows]
    pairs.sort(key=lambda pair: _order(pair, known))
    shown = [_pair(links, evidence, narrative_id, pair, known) for pair in pairs[:MAX_REWORDED]]
    return RewordedPairs([pair for pair in shown if pair is not None], len(pairs))


_ENDS = ("point_a", "point_b")
_Pair = tuple[str, str, dict[str, Any]]


def _ids(ids: Iterable[str], column: Any) -> Any:
    return pa.array(sorted(ids), column.type)


def _points(links: Links, ids: set[str]) -> dict[str, dict[str, Any]]:
    table = links["talking_points"]
    rows = table.filter(pc.is_in(table["point_id"], value_set=_ids(ids, table["point_id"])))
    return {row["point_id"]: row for row in rows.to_pylist()}


def _from_inside(row: dict[str, Any], mine: set[str]) -> _Pair:
    a, b = row["point_a"], row["point_b"]
    return (a, b, row) if a in mine else (b, a, row)


def _order(pair: _Pair, known: Mapping[str, Mapping[str, Any]]) -> tuple[Any, ...]:
    one, other, row = pair
    return -min(known[one]["accounts"], known[other]["accounts"]), -row["score"], one, other


def _pair(
    links: Links,
    evidence: Evidence,
    narrative_id: str,
    pair: _Pair,
    known: Mapping[str, Mapping[str, Any]],
) -> Reworded | None:
    one, other, row = pair
    cited = [evidence.cite(known[point]["exemplar_id"]) for point in (one, other)]
    if cited[0] is None or cited[1] is None:
        return None
    return Reworded(
        cited[0],
        cited[1],
        _size(links, one),
        _size(links, other),
        f"{row['lexical']:.2f}",
        f"{row['semantic']:.2f}",
        f"{row['score']:.2f}",
        _elsewhere(links, evidence, narrative_id, other),
    )


def _size(links: Links, point_id: str) -> str:
    """Who wrote it and who only passed it on: "1 post, reposted by 1 account"."""
    posts = links.posts.filter(pc.equal(links.posts["point_id"], point_id))
    passed_on = pc.equal(posts["kind"], "repost")
    written, reposts = posts.filter(pc.invert(passed_on)), posts.filter(passed_on)
    told = wording.count(written.num_rows, "post")
    if written.num_rows != 1 and (writers := _accounts(written)):
        told += f" by {wording.count(writers, 'account')}"
    if reposts.num_rows:
        told += f", reposted by {wording.count(_accounts(reposts), 'account')}"
    return told


def _accounts(posts: pa.Table) -> int:
    return len(pc.unique(posts["account_id"].drop_null()))


def _elsewhere(links: Links, evidence: Evidence, narrative_id: str, point: str) -> str | None:
    """Where the other point stands, None in the same narrative."""
    of, named = links["narrative_points"], links["narratives"]
    told = of.filter(pc.equal(of["point_id"], point))["narrative_id"].to_pylist()
    if not told or told[0] is None:
        return "outside every narrative"
    if told[0] == narrative_id:
        return None
    labels = named.filter(pc.equal(named["narrative_id"], told[0]))["label"].to_pylist()
    return f"in the narrative “{evidence.redactor.label(labels[0])}”" if labels else None
