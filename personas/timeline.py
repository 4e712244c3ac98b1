"""Claims found in texts become statements of accounts, and statements become episodes.

In: lanes (what stood in each profile field, from when until when), posts that hold a claim, and
the claims found in each distinct text. Out: the tables `claims` and `personas`.

A statement is one claim as it stood in one stretch of one field, or in one post. An episode is the
time during which an account asserted one value without a visible interruption: a new state of the
same field without the claim ends it, an unknown field does not. Absence is never a contradiction;
it only ends an episode.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from corpus.identity import content_id
from personas.claims import STRENGTH

# Both sides of a contradiction must have stood this long, in two sightings.
PERSISTS = timedelta(hours=24)
# A post is no stretch of a field.
POST_LANE = -1

# What a statement takes over from the claim that the extractor found.
_SAID = ("attribute", "value", "status", "grade", "quote", "start", "end", "rule_id")

Found = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Statement:
    """One claim as it stood in one stretch of a profile field, or in one post."""

    account_id: str
    attribute: str
    value: str
    status: str
    grade: str
    quote: str
    field: str
    start: int
    end: int
    rule_id: str
    text: str
    source_id: str  # snapshot or post that first shows it
    last_source_id: str
    first_at: datetime | None
    last_at: datetime | None
    until_at: datetime | None
    sources: int
    lane: int  # number of the stretch among those of the field; POST_LANE for a post

    @property
    def claim_id(self) -> str:
        """The id of the row of `claims` that this statement belongs to."""
        return content_id(
            "claim", self.account_id, self.field, self.attribute, self.value, self.status,
            self.rule_id, self.quote,
        )  # fmt: skip


@dataclass(frozen=True)
class Episode:
    """A time during which an account asserted one value."""

    attribute: str
    value: str
    statements: tuple[Statement, ...]  # in order of time
    first_at: datetime
    last_at: datetime
    until_at: datetime
    sources: int

    @property
    def persistent(self) -> bool:
        """Seen twice at least a day apart, or known to have stood for a day."""
        twice = self.sources >= 2 or self.until_at > self.last_at
        return twice and self.until_at - self.first_at >= PERSISTS

    def grades(self) -> set[str]:
        """Return the grades of its statements."""
        return {s.grade for s in self.statements}

    def overlaps(self, other: Episode) -> bool:
        """Tell whether both were seen standing at one time."""
        return self.first_at <= other.last_at and other.first_at <= self.last_at


def statements_of_lanes(lanes: Iterable[Mapping[str, Any]], found: Found) -> list[Statement]:
    """Return the statements of lanes in order of time (rows of LANES, one account or many)."""
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    statements = []
    for lane in lanes:
        key = (lane["account_id"], lane["field"])
        for claim in _once(found.get((lane["field"], lane["value"]), ())):
            statements.append(_lane_statement(lane, claim, numbers[key]))
        numbers[key] += lane["from_at"] is not None
    return statements


def statements_of_posts(posts: Iterable[Mapping[str, Any]], found: Found) -> list[Statement]:
    """Return the statements of posts (rows with post_id, account_id, created_at, text)."""
    return [
        _post_statement(post, claim)
        for post in posts
        for claim in _once(found.get(("post", post["text"]), ()))
    ]


def _lane_statement(lane: Mapping[str, Any], claim: Mapping[str, Any], number: int) -> Statement:
    return Statement(
        **_said(claim),
        account_id=lane["account_id"],
        field=lane["field"],
        text=lane["value"],
        source_id=lane["snapshot_id"],
        last_source_id=lane["last_snapshot_id"],
        first_at=lane["from_at"],
        last_at=lane["to_at"],
        until_at=lane["until_at"],
        sources=lane["snapshots"],
        lane=number,
    )


def _post_statement(post: Mapping[str, Any], claim: Mapping[str, Any]) -> Statement:
    return Statement(
        **_said(claim),
        account_id=post["account_id"],
        field="post",
        text=post["text"],
        source_id=post["post_id"],
        last_source_id=post["post_id"],
        first_at=post["created_at"],
        last_at=post["created_at"],
        until_at=post["created_at"],
        sources=1,
        lane=POST_LANE,
    )


def _said(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {name: claim[name] for name in _SAID}


def _once(claims: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keep the first of equal claims in one text: saying it twice is still one statement."""
    kept: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for claim in sorted(claims, key=lambda c: (c["start"], c["end"], c["rule_id"], c["value"])):
        key = tuple(claim[k] for k in ("attribute", "value", "status", "rule_id", "quote"))
        kept.setdefault(key, claim)
    return list(kept.values())


def in_time(statement: Statement) -> tuple[Any, ...]:
    """Sort key: time (undated last), then what makes a statement unique."""
    undated = statement.first_at is None
    when = statement.first_at.timestamp() if statement.first_at else 0.0
    return (undated, when, statement.field, statement.lane, statement.source_id, statement.start,
            statement.attribute, statement.value, statement.rule_id)  # fmt: skip


def episodes(statements: Iterable[Statement]) -> list[Episode]:
    """Return the episodes of one account's dated, asserted statements, by time then value."""
    dated = [s for s in statements if s.status == "asserted" and s.first_at is not None]
    by_attribute: dict[str, list[Statement]] = defaultdict(list)
    for statement in sorted(dated, key=in_time):
        by_attribute[statement.attribute].append(statement)
    found = [e for group in by_attribute.values() for e in _episodes(group)]
    return sorted(found, key=lambda e: (e.first_at, e.attribute, e.value, e.last_at))


def _episodes(group: list[Statement]) -> list[Episode]:
    """Split one attribute's statements by value, and each value's where it is interrupted."""
    by_value: dict[str, list[Statement]] = defaultdict(list)
    for statement in group:
        by_value[statement.value].append(statement)
    result = []
    for value, own in by_value.items():
        others = [_time(s.first_at) for s in group if s.value != value]
        run = _Run()
        for statement in own:
            if run.statements and not run.reaches(statement, others):
                result.append(_episode(run.statements))
                run = _Run()
            run.add(statement)
        result.append(_episode(run.statements))
    return result


class _Run:
    """The statements of one episode while it grows."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.end = datetime.min.replace(tzinfo=UTC)
        self.lanes: dict[str, int] = {}

    def add(self, statement: Statement) -> None:
        self.statements.append(statement)
        self.end = max(self.end, _time(statement.last_at))
        self.lanes[statement.field] = statement.lane

    def reaches(self, new: Statement, others: list[datetime]) -> bool:
        """Tell whether `new` continues the run; `others` are the times of other values."""
        begins = _time(new.first_at)
        if begins <= self.end:
            return True
        if new.lane != POST_LANE:
            return self.lanes.get(new.field) in (new.lane - 1, new.lane)
        between = bisect_left(others, begins) - bisect_right(others, self.end)
        return "post" in self.lanes and between <= 0


def _episode(run: list[Statement]) -> Episode:
    return Episode(
        run[0].attribute,
        run[0].value,
        tuple(run),
        min(_time(s.first_at) for s in run),
        max(_time(s.last_at) for s in run),
        max(_time(s.until_at) for s in run),
        sum(s.sources for s in run),
    )


def _time(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("an undated statement has no place in an episode")
    return moment


def claim_rows(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    """Return rows of `claims`: one for each account, field, claim and wording.

    The quote stands in the earliest source; first_seen, last_seen and n_snapshots speak of all.
    """
    groups: dict[str, list[Statement]] = defaultdict(list)
    for statement in sorted(statements, key=in_time):
        groups[statement.claim_id].append(statement)
    return [_claim_row(claim_id, group) for claim_id, group in groups.items()]


def _claim_row(claim_id: str, group: list[Statement]) -> dict[str, Any]:
    first = group[0]
    ends = [s.last_at for s in group if s.last_at is not None]
    return {
        "claim_id": claim_id,
        "account_id": first.account_id,
        "attribute": first.attribute,
        "value": first.value,
        "status": first.status,
        "grade": first.grade,
        "quote": first.quote,
        "field": first.field,
        "source_id": first.source_id,
        "start": first.start,
        "end": first.end,
        "said_at": first.first_at,
        "rule_id": first.rule_id,
        "strength": STRENGTH[first.grade],
        "first_seen": first.first_at,
        "last_seen": max(ends) if ends else None,
        "n_snapshots": sum(s.sources for s in group),
    }


def persona_rows(account_id: str, found: Iterable[Episode]) -> list[dict[str, Any]]:
    """Return rows of `personas`: what one account claimed, and from when until when."""
    return [
        {
            "account_id": account_id,
            "attribute": episode.attribute,
            "value": episode.value,
            "from_at": episode.first_at,
            "to_at": episode.last_at,
            "claims": episode.sources,
        }
        for episode in found
    ]
