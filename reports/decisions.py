"""What analysts decided, replayed: which decision holds on what, and on what it falls now.

In: decisions in the order in which they were made, and the tables of a case. Out: the table
`decisions`, and for each finding or narrative of now its state. Decisions on different things never
touch each other, so their order among themselves does not matter; of decisions of one kind on one
thing the last one holds, notes add up, and `undo` takes back. Nothing is deleted: a decision that
was replaced, or whose thing is gone, stays a row.

A thing is found again by its id, which is a hash of what it is made of. After a new run the id may
be another one; then the posts that the decision names lead to it: the narrative or talking point
that holds at least half of them, the finding or shift of the same kind that rests on them. It
refuses to guess beyond that: such a decision is listed as not found again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.identity import content_id
from corpus.tables import DECISIONS
from reports.links import table_of

Tables = Mapping[str, pa.Table]
VERDICTS = ("confirm", "dismiss")
SLOTS = ("verdict", "note", "rename", "merge", "pin")
ACTIONS = (*VERDICTS, "note", "rename", "merge", "pin", "undo")
# scope -> (table, column of the id)
SCOPES = {
    "finding": ("findings", "finding_id"),
    "narrative": ("narratives", "narrative_id"),
    "point": ("talking_points", "point_id"),
    "shift": ("shifts", "shift_id"),
}
# Posts kept with a decision. Forty tell a narrative from any other after a run that moved some.
MAX_ANCHORS = 40
# Less than half of its posts is another thing, or several.
LEAST_SHARED = 0.5


@dataclass(frozen=True)
class Decision:
    """One decision as it was made; ids are real."""

    at: str
    action: str
    scope: str
    target: str
    who: str | None = None
    takes_back: str | None = None
    kind: str | None = None
    into: str | None = None
    words: str | None = None
    posts: tuple[str, ...] = ()
    into_posts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As one line of the case's file; what is None or empty is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Decision:
        """Read a line back; raise KeyError, TypeError or ValueError when it is none."""
        lists = {name: tuple(map(str, row.get(name, ()))) for name in ("posts", "into_posts")}
        made = cls(**{**row, **lists})
        if made.action not in ACTIONS or made.scope not in SCOPES:
            raise ValueError(f"unknown action or scope: {made.action!r}, {made.scope!r}")
        datetime.fromisoformat(made.at)
        return made

    @property
    def slot(self) -> str:
        """What kind of decision it is; confirm and dismiss replace each other."""
        return "verdict" if self.action in VERDICTS else self.action


@dataclass(frozen=True)
class State:
    """What holds on one thing; rows are those of the table `decisions`."""

    verdict: Mapping[str, Any] | None = None
    rename: Mapping[str, Any] | None = None
    merge: Mapping[str, Any] | None = None
    pin: Mapping[str, Any] | None = None
    notes: tuple[Mapping[str, Any], ...] = ()

    @property
    def set_aside(self) -> bool:
        """Whether the analyst dismissed it."""
        return self.verdict is not None and self.verdict["action"] == "dismiss"


def holding(decisions: Sequence[Decision], things: Sequence[str] | None = None) -> list[bool]:
    """Tell of each decision whether it holds: neither replaced nor taken back by a later one.

    `things` are the ids of now, where those of then are others; two ids may be one thing by now.
    """
    held = [False] * len(decisions)
    last: dict[tuple[str, str, str], list[int]] = {}
    ids = things if things is not None else [one.target for one in decisions]
    for place, (one, id_) in enumerate(zip(decisions, ids, strict=True)):
        if one.action == "undo":
            for slot in [one.takes_back] if one.takes_back else SLOTS:
                _let_go(held, last.pop((one.scope, id_, str(slot)), []))
            continue
        standing = last.setdefault((one.scope, id_, one.slot), [])
        if one.slot != "note":
            _let_go(held, standing)
            standing.clear()
        standing.append(place)
        held[place] = True
    return held


def _let_go(held: list[bool], places: Iterable[int]) -> None:
    for place in places:
        held[place] = False


def anchors(tables: Tables, scope: str, target: str) -> tuple[str, ...]:
    """Return the ids of posts or snapshots by which a thing is found again, the best first."""
    name, column = SCOPES[scope]
    table = table_of(tables, name)
    row = table.filter(pc.equal(table[column], target)).to_pylist()[0]
    if scope == "finding":
        return tuple(row["evidence"][:MAX_ANCHORS])
    if scope == "shift":
        return (row["before_source"], row["after_source"])
    of_post = table_of(tables, "point_posts")
    if scope == "point":
        own = of_post.filter(pc.equal(of_post["point_id"], target))["post_id"].to_pylist()
        return tuple(dict.fromkeys([row["exemplar_id"], *sorted(own)]))[:MAX_ANCHORS]
    points = table_of(tables, "narrative_points")
    held = points.filter(pc.equal(points["narrative_id"], target))["point_id"]
    known = table_of(tables, "talking_points")
    firsts = known.filter(pc.is_in(known["point_id"], value_set=held))["exemplar_id"].to_pylist()
    return tuple(dict.fromkeys([row["medoid_post_id"], *sorted(firsts)]))[:MAX_ANCHORS]


class Finder:
    """Finds the things of decisions in the tables of now; look-ups are made once."""

    def __init__(self, tables: Tables) -> None:
        self._ids = {
            scope: set(table_of(tables, name)[column].to_pylist())
            for scope, (name, column) in SCOPES.items()
        }
        of_post, of_point = table_of(tables, "point_posts"), table_of(tables, "narrative_points")
        self._point = dict(
            zip(of_post["post_id"].to_pylist(), of_post["point_id"].to_pylist(), strict=True)
        )
        self._narrative = dict(
            zip(of_point["point_id"].to_pylist(), of_point["narrative_id"].to_pylist(), strict=True)
        )
        self._findings = table_of(tables, "findings").to_pylist()
        self._shifts = table_of(tables, "shifts").to_pylist()

    def find(
        self, scope: str, target: str, posts: Sequence[str], kind: str | None = None
    ) -> tuple[str | None, str | None]:
        """Return (id of now, how it was found: id or posts), or (None, None)."""
        if target in self._ids[scope]:
            return target, "id"
        by_posts = {
            "finding": lambda: self._finding(set(posts), kind),
            "shift": lambda: self._shift(set(posts)),
            "point": lambda: self._most([self._point.get(post) for post in posts]),
            "narrative": lambda: self._most([self._narrative_of(post) for post in posts]),
        }
        found = by_posts[scope]()
        return (found, "posts") if found is not None else (None, None)

    def _narrative_of(self, post: str) -> str | None:
        return self._narrative.get(self._point.get(post, ""))

    def _most(self, held: Sequence[str | None]) -> str | None:
        """The one that holds at least half of the posts; of two halves that of the first post."""
        counts = Counter(one for one in held if one is not None)
        enough = [one for one, n in counts.items() if n >= LEAST_SHARED * len(held)]
        return min(enough, key=lambda one: (-counts[one], held.index(one)), default=None)

    def _finding(self, posts: set[str], kind: str | None) -> str | None:
        """The finding of the same kind whose evidence is most like these posts."""
        shared = [
            (_likeness(posts, set(row["evidence"][:MAX_ANCHORS])), str(row["finding_id"]))
            for row in self._findings
            if row["kind"] == kind
        ]
        enough = [(share, id_) for share, id_ in shared if share >= LEAST_SHARED]
        return min(enough, key=lambda pair: (-pair[0], pair[1]))[1] if enough else None

    def _shift(self, sources: set[str]) -> str | None:
        same = [
            str(row["shift_id"])
            for row in self._shifts
            if {row["before_source"], row["after_source"]} == sources
        ]
        return min(same, default=None)


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def decisions_table(decisions: Sequence[Decision], tables: Tables) -> pa.Table:
    """Return the table `decisions`: every decision with whether it holds and on what it falls."""
    finder = Finder(tables)
    found = [finder.find(one.scope, one.target, one.posts, one.kind) for one in decisions]
    things = [now or one.target for one, (now, _) in zip(decisions, found, strict=True)]
    holds = holding(decisions, things)
    rows = [
        {"number": n, "now_id": now, "found_by": by, "holds": held, **_row(n, one, finder)}
        for n, (one, (now, by), held) in enumerate(zip(decisions, found, holds, strict=True), 1)
    ]
    return DECISIONS.from_rows(rows)


def _row(number: int, one: Decision, finder: Finder) -> dict[str, Any]:
    into, _ = finder.find("narrative", one.into, one.into_posts) if one.into else (None, None)
    parts = (one.at, one.who, one.action, one.takes_back, one.scope, one.target, one.into)
    return {
        "decision_id": content_id("decision", *parts, one.words, number),
        "decided_at": datetime.fromisoformat(one.at).astimezone(UTC),
        "who": one.who,
        "action": one.action,
        "takes_back": one.takes_back,
        "scope": one.scope,
        "kind": one.kind,
        "target_id": one.target,
        "into_id": into,
        "words": one.words,
        "evidence": list(one.posts),
    }


def states(decisions: pa.Table) -> dict[tuple[str, str], State]:
    """Return what holds on each thing of now, by (scope, id)."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(decisions.to_pylist(), key=lambda r: r["number"]):
        if not row["holds"] or row["now_id"] is None:
            continue
        state = found.setdefault((row["scope"], row["now_id"]), {"notes": []})
        slot = "verdict" if row["action"] in VERDICTS else row["action"]
        if slot == "note":
            state["notes"].append(row)
        else:
            state[slot] = row
    return {
        thing: State(**{**held, "notes": tuple(held["notes"])}) for thing, held in found.items()
    }


def merged(held: Mapping[tuple[str, str], State]) -> dict[str, str]:
    """Return the narratives that were merged into another: id -> the one that shows them all.

    Merges follow each other; a circle, as two runs may leave one, merges into its smallest id.
    """
    step = {
        id_: str(state.merge["into_id"])
        for (scope, id_), state in held.items()
        if scope == "narrative" and state.merge and state.merge["into_id"] not in (None, id_)
    }
    ends = {id_: _end(id_, step) for id_ in step}
    return {id_: end for id_, end in ends.items() if id_ != end}


def _end(start: str, step: Mapping[str, str]) -> str:
    seen = [start]
    while (following := step.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def not_found(decisions: pa.Table) -> list[dict[str, Any]]:
    """Return the decisions that hold and whose thing, or merge target, is not in the case now."""
    rows = [row for row in decisions.to_pylist() if row["holds"]]
    lost = [r for r in rows if r["now_id"] is None or (r["action"] == "merge" and not r["into_id"])]
    return sorted(lost, key=lambda row: int(row["number"]))
