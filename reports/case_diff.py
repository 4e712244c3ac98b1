"""What differs between two cases: what appeared, grew, shrank, merged, split or vanished.

In: the tables of two cases, the earlier first. Out: one `Change` for each narrative, shared talking
point, group of accounts and finding that is not the same in both. Method: things of equal id are
matched, and all that hold the same posts or accounts, where at least half of the smaller is shared.
One that meets several is split, several that meet one are merged. Talking points that one account
alone wrote in a case are left out of that case.

It compares what two runs found. Where settings or files differ, a change may come from them. It
says nothing about why a thing grew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.links import table_of

UNITS = ("narrative", "talking_point", "group", "finding")
CHANGES = ("appeared", "vanished", "merged", "split", "grew", "shrank", "changed")
# At least this share of the smaller of two things must be shared for them to be matched; below a
# half, one thing could be matched with several that share nothing with each other.
LINK_SHARE = 0.5
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Thing:
    """A narrative, talking point, group or finding of one case, and what it holds."""

    thing_id: str
    label: str
    members: frozenset[str]
    accounts: int
    kind: str = ""


@dataclass(frozen=True)
class Change:
    """One difference; `new` and `gone` are the members that one side alone holds, sorted.

    `elsewhere` counts those of them that the other case has too, only not in this thing; None where
    members are no posts.
    """

    unit: str
    change: str
    before: tuple[Thing, ...]
    after: tuple[Thing, ...]
    matched_by: str
    shared: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    elsewhere: int | None = None

    @property
    def size(self) -> int:
        """How much changed: the order of reading."""
        return len(self.new) + len(self.gone)


@dataclass(frozen=True)
class CaseDiff:
    """All differences, and what stayed as it was."""

    changes: tuple[Change, ...]
    same: Mapping[str, int]
    posts: Mapping[str, int]
    """Posts of both cases, of the earlier alone, of the later alone."""

    def of(self, unit: str, change: str) -> list[Change]:
        """The changes of one kind, the largest first."""
        return [c for c in self.changes if (c.unit, c.change) == (unit, change)]


def case_diff(before: Tables, after: Tables) -> CaseDiff:
    """Compare two cases.

    Parameters
    ----------
    before, after
        Tables of two cases, as read; absent ones count as empty.

    Returns
    -------
    CaseDiff
        Changes in the order of UNITS and CHANGES, then the largest first; how many things of each
        unit are the same; how many posts the cases share. Ids and texts are as read.
    """
    found: list[Change] = []
    same: dict[str, int] = {}
    posts = tuple(set(table_of(t, "posts")["post_id"].to_pylist()) for t in (before, after))
    for unit, things in (
        ("narrative", _narratives),
        ("talking_point", _points),
        ("group", _groups),
        ("finding", _findings),
    ):
        changes = list(_compared(unit, things(before), things(after)))
        found += [_placed(change, posts) for change in changes if change.change != "same"]
        same[unit] = sum(change.change == "same" for change in changes)
    found.sort(key=_reading_order)
    old, new = posts
    shares = {"both": len(old & new), "before": len(old - new), "after": len(new - old)}
    return CaseDiff(tuple(found), same, shares)


def _reading_order(change: Change) -> tuple[Any, ...]:
    ids = [thing.thing_id for thing in (*change.before, *change.after)]
    return UNITS.index(change.unit), CHANGES.index(change.change), -change.size, ids


def _placed(change: Change, posts: tuple[set[str], ...]) -> Change:
    if change.unit not in {"narrative", "talking_point"}:
        return change
    old, new = posts
    return replace(change, elsewhere=len(old & set(change.new)) + len(new & set(change.gone)))


# what there is to compare -------------------------------------------------------------------


def _members(tables: Tables) -> dict[str, list[str]]:
    """Talking point -> its posts."""
    found: dict[str, list[str]] = {}
    linked = table_of(tables, "point_posts")
    for post, point in zip(
        linked["post_id"].to_pylist(), linked["point_id"].to_pylist(), strict=True
    ):
        found.setdefault(point, []).append(post)
    return found


def _narratives(tables: Tables) -> list[Thing]:
    posts = _members(tables)
    held: dict[str, set[str]] = {}
    for row in (
        table_of(tables, "narrative_points").select(["point_id", "narrative_id"]).to_pylist()
    ):
        if row["narrative_id"] is not None:
            held.setdefault(row["narrative_id"], set()).update(posts.get(row["point_id"], ()))
    columns = ["narrative_id", "label", "accounts"]
    return [
        Thing(
            row["narrative_id"],
            row["label"],
            frozenset(held.get(row["narrative_id"], ())),
            row["accounts"],
        )
        for row in table_of(tables, "narratives").select(columns).to_pylist()
    ]


def _points(tables: Tables) -> list[Thing]:
    """Talking points of two or more accounts, told by their earliest text."""
    points = table_of(tables, "talking_points")
    points = points.filter(pc.greater_equal(points["accounts"], 2))
    posts = table_of(tables, "posts")
    wanted = posts.filter(pc.is_in(posts["post_id"], value_set=points["exemplar_id"]))
    texts = dict(zip(wanted["post_id"].to_pylist(), wanted["text"].to_pylist(), strict=True))
    members = _members(tables)
    return [
        Thing(
            row["point_id"],
            texts.get(row["exemplar_id"], ""),
            frozenset(members.get(row["point_id"], ())),
            row["accounts"],
        )
        for row in points.select(["point_id", "exemplar_id", "accounts"]).to_pylist()
    ]


def _groups(tables: Tables) -> list[Thing]:
    columns = ["group_id", "accounts", "layers"]
    return [
        Thing(
            row["group_id"],
            ", ".join(row["layers"]),
            frozenset(row["accounts"]),
            len(row["accounts"]),
        )
        for row in table_of(tables, "groups").select(columns).to_pylist()
    ]


def _findings(tables: Tables) -> list[Thing]:
    columns = ["finding_id", "kind", "statement", "account_ids", "evidence"]
    return [
        Thing(
            row["finding_id"],
            row["statement"],
            frozenset(row["evidence"] or ()),
            len(row["account_ids"] or ()),
            row["kind"],
        )
        for row in table_of(tables, "findings").select(columns).to_pylist()
    ]


# matching -----------------------------------------------------------------------------------


def _compared(unit: str, before: list[Thing], after: list[Thing]) -> Iterator[Change]:
    old = {thing.thing_id: thing for thing in before}
    new = {thing.thing_id: thing for thing in after}
    links = _links(unit, old, new)
    forward: dict[str, list[str]] = {}
    backward: dict[str, list[str]] = {}
    for left, right in sorted(links):
        forward.setdefault(left, []).append(right)
        backward.setdefault(right, []).append(left)
    for left, thing in old.items():
        met = forward.get(left, [])
        if not met:
            yield _change(unit, "vanished", [thing], [])
        elif len(met) > 1:
            yield _change(unit, "split", [thing], [new[right] for right in met])
    for right, thing in new.items():
        met = backward.get(right, [])
        if not met:
            yield _change(unit, "appeared", [], [thing])
        elif len(met) > 1:
            yield _change(unit, "merged", [old[left] for left in met], [thing])
        elif len(forward[met[0]]) == 1:
            yield _pair(unit, old[met[0]], thing)


def _links(unit: str, old: Mapping[str, Thing], new: Mapping[str, Thing]) -> set[tuple[str, str]]:
    """Pairs that are the same thing, by id or by what they hold."""
    links = {(known, known) for known in old.keys() & new.keys()}
    holders: dict[str, list[str]] = {}
    for right, thing in new.items():
        for member in thing.members:
            holders.setdefault(member, []).append(right)
    for left, thing in old.items():
        shared = Counter(right for member in thing.members for right in holders.get(member, ()))
        for right, common in shared.items():
            smaller = min(len(thing.members), len(new[right].members))
            if common >= LINK_SHARE * smaller and _may_match(unit, thing, new[right], old, new):
                links.add((left, right))
    return links


def _may_match(
    unit: str, left: Thing, right: Thing, old: Mapping[str, Thing], new: Mapping[str, Thing]
) -> bool:
    """Findings rest on the same posts without being one: their kind and their ids decide first."""
    if unit != "finding":
        return True
    return left.kind == right.kind and left.thing_id not in new and right.thing_id not in old


def _pair(unit: str, old: Thing, new: Thing) -> Change:
    if old.members == new.members:
        # A group is told by its accounts alone; of a finding the sentence counts.
        kept = unit != "finding" or old.label == new.label
        return _change(unit, "same" if kept else "changed", [old], [new])
    if unit == "finding" or len(old.members) == len(new.members):
        return _change(unit, "changed", [old], [new])
    return _change(unit, "grew" if len(new.members) > len(old.members) else "shrank", [old], [new])


def _change(unit: str, change: str, before: list[Thing], after: list[Thing]) -> Change:
    old, new = _held(before), _held(after)
    by_id = {t.thing_id for t in before} & {t.thing_id for t in after}
    held = {"group": "shared accounts", "finding": "shared evidence"}.get(unit, "shared posts")
    if not before or not after:
        matched = "nothing alike on the other side"
    else:
        matched = "the same id" if by_id else held
    return Change(
        unit,
        change,
        tuple(before),
        tuple(after),
        matched,
        len(old & new),
        tuple(sorted(new - old)),
        tuple(sorted(old - new)),
    )


def _held(things: Iterable[Thing]) -> frozenset[str]:
    return frozenset(member for thing in things for member in thing.members)
