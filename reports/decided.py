"""The tables of a case as the analyst left them: merged narratives as one, titles as renamed.

In: the tables of a case, among them `decisions`. Out: the same tables in which a merged narrative's
talking points and posts count for the one that it was merged into, and a renamed one carries the
analyst's title; and the marks that the page shows beside findings and narratives. The tables on
disk stay as they were made; only what is read from here differs. It never drops a row that was set
aside: the page lists those apart.

Tests (bursts, ties, both sides) were made on the narratives apart; merging does not make them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import ALL, canonical
from reports import wording
from reports.decisions import State, merged, not_found, states
from reports.links import link_posts, table_of
from reports.redacted_tables import decision_row
from reports.redaction import Redactor

Tables = Mapping[str, pa.Table]
VERDICT_WORDS = {"confirm": "confirmed", "dismiss": "set aside"}
# Rows of these tables describe one narrative of the run; a merged one's stay its own and go.
OF_ONE = ("sub_narratives", "narrative_links", "narrative_map", "named")


def with_decisions(tables: Tables) -> dict[str, pa.Table]:
    """Return the tables as decided; the same ones where nothing was merged or renamed."""
    held = states(table_of(tables, "decisions"))
    if not held or "narratives" not in tables:
        return dict(tables)
    ends = merged(held)
    titles = {id_: str(s.rename["words"]) for (scope, id_), s in held.items()
              if scope == "narrative" and s.rename}  # fmt: skip
    out = dict(tables)
    old = dict(
        zip(*(tables["narratives"][n].to_pylist() for n in ("narrative_id", "label")), strict=True)
    )
    if ends:
        out |= _as_one(out, ends)
    out["narratives"] = _titled(out["narratives"], titles)
    if "findings" in out:
        # A statement about a narrative that others were merged into counts that one alone.
        alone = {old[i]: t for i, t in titles.items() if i not in ends.values()}
        out["findings"] = _retold(out["findings"], alone)
    return out


def _as_one(tables: Tables, ends: Mapping[str, str]) -> dict[str, pa.Table]:
    """Every table that names a narrative, with the merged ones under their common id."""
    out: dict[str, pa.Table] = {}
    for name, table in tables.items():
        if name in OF_ONE or name in {"narratives", "timelines", "decisions"}:
            continue
        for column in ("narrative_id", "narratives"):
            if column in table.column_names:
                table = _renamed(table, column, ends)  # noqa: PLW2901 - one column after the other
        out[name] = table
    for name in OF_ONE:
        if name in tables:
            out[name] = _without(tables[name], ends)
            if "near" in out[name].column_names:
                out[name] = _renamed(out[name], "near", ends)
    both = {**tables, **out}
    out["narratives"] = _counted(tables["narratives"], ends, both)
    if "timelines" in tables:
        out["timelines"] = _timelines(tables["timelines"], ends, both)
    return out


def _renamed(table: pa.Table, column: str, ends: Mapping[str, str]) -> pa.Table:
    values = table[column].to_pylist()
    if pa.types.is_list(table.schema.field(column).type):
        mapped = [
            None if ids is None else list(dict.fromkeys(ends.get(i, i) for i in ids))
            for ids in values
        ]
    else:
        mapped = [ends.get(value, value) for value in values]
    place = table.column_names.index(column)
    field = table.schema.field(column)
    return table.set_column(place, field, pa.array(mapped, field.type))


def _without(table: pa.Table, ends: Mapping[str, str]) -> pa.Table:
    gone = pa.array(sorted(ends), pa.string())
    for column in ("narrative_id", "narrative_a", "narrative_b"):
        if column in table.column_names:
            table = table.filter(pc.invert(pc.is_in(table[column], value_set=gone)))
    return table


def _counted(narratives: pa.Table, ends: Mapping[str, str], tables: Tables) -> pa.Table:
    """The narratives that stay, those with a merged one counted again from posts."""
    posts = link_posts(tables)
    rows = []
    for row in narratives.to_pylist():
        if row["narrative_id"] in ends:
            continue
        rows.append({**row, **_counts(posts, row)} if row["narrative_id"] in ends.values() else row)
    return canonical(ALL["narratives"].from_rows(rows), ALL["narratives"])


def _counts(posts: pa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    own = posts.filter(pc.equal(posts["narrative_id"], row["narrative_id"]))
    reposts = pc.sum(pc.equal(own["kind"], "repost")).as_py() or 0
    times = own["created_at"].drop_null().to_pylist()
    accounts = own["account_id"].drop_null()
    most = max((entry["counts"] for entry in pc.value_counts(accounts).to_pylist()), default=0)
    return {
        "points": len(pc.unique(own["point_id"])),
        "posts": own.num_rows - reposts,
        "reposts": reposts,
        "accounts": len(pc.unique(accounts)),
        "first_at": min(times, default=None),
        "last_at": max(times, default=None),
        "top_account_share": most / own.num_rows if most else row["top_account_share"],
        "stability": None,
        "mark": None,
        "mark_reason": None,
    }


def _timelines(timelines: pa.Table, ends: Mapping[str, str], tables: Tables) -> pa.Table:
    """Bins of merged narratives as one; accounts are counted again, one may be in both."""
    touched = pa.array(sorted({*ends, *ends.values()}), pa.string())
    mine = pc.is_in(timelines["narrative_id"], value_set=touched)
    apart = timelines.filter(pc.invert(mine)).to_pylist()
    bins = {row["narrative_id"]: row["bin_s"] for row in timelines.filter(mine).to_pylist()}
    posts = link_posts(tables)
    timed = posts.filter(pc.is_valid(posts["created_at"]))
    counts: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    wanted = timed.filter(pc.is_in(timed["narrative_id"], value_set=touched))
    for post in wanted.select(["narrative_id", "created_at", "kind", "account_id"]).to_pylist():
        length = bins.get(post["narrative_id"]) or max(bins.values())
        start = int(post["created_at"].timestamp() // length * length)
        counts.setdefault((post["narrative_id"], start), []).append(post)
    kind = ALL["timelines"].schema.field("bin_start").type
    for (narrative_id, start), held in counts.items():
        reposts = sum(post["kind"] == "repost" for post in held)
        apart.append(
            {
                "narrative_id": narrative_id,
                "bin_start": pa.scalar(start * 1_000_000, kind).as_py(),
                "bin_s": bins.get(narrative_id) or max(bins.values()),
                "posts": len(held) - reposts,
                "reposts": reposts,
                "accounts": len({p["account_id"] for p in held if p["account_id"] is not None}),
            }
        )
    return canonical(ALL["timelines"].from_rows(apart), ALL["timelines"])


def _titled(narratives: pa.Table, titles: Mapping[str, str]) -> pa.Table:
    ids, labels = (narratives[name].to_pylist() for name in ("narrative_id", "label"))
    new = [titles.get(id_, label) for id_, label in zip(ids, labels, strict=True)]
    place = narratives.column_names.index("label")
    return narratives.set_column(
        place, narratives.schema.field("label"), pa.array(new, pa.string())
    )


def _retold(findings: pa.Table, titles: Mapping[str, str]) -> pa.Table:
    """Statements that name a narrative by its label name it by the analyst's title."""
    told = []
    for statement in findings["statement"].to_pylist():
        for label, title in titles.items():
            statement = statement.replace(f"“{label}”", f"“{title}”")  # noqa: PLW2901
        told.append(statement)
    place = findings.column_names.index("statement")
    return findings.set_column(
        place, findings.schema.field("statement"), pa.array(told, pa.string())
    )


# what the page shows ------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """The analyst's word on one finding, narrative, talking point or shift, as it may be shown."""

    verdict: str
    set_aside: bool
    pinned: bool
    told: list[str]
    original: str
    merged: list[str]


def _by(row: Mapping[str, Any], redactor: Redactor) -> str:
    who = f" by {redactor.words(row['who'])}" if row["who"] else ""
    return f"{who} on {wording.day(row['decided_at'])}"


def _said(row: Mapping[str, Any], redactor: Redactor) -> str:
    words = decision_row(redactor, row)["words"]
    return f": {words}" if words else ""


def marks(tables: Tables, redactor: Redactor) -> dict[str, Mark]:
    """Return the marks by the id that the page shows; `tables` are those of the run itself."""
    held = states(table_of(tables, "decisions"))
    narratives = table_of(tables, "narratives").to_pylist()
    labels = {row["narrative_id"]: row["label"] for row in narratives}
    into: dict[str, list[str]] = {}
    for id_, end in sorted(merged(held).items()):
        into.setdefault(end, []).append(id_)
    things = {**held, **{("narrative", end): held.get(("narrative", end), State()) for end in into}}
    return {
        redactor.derived(id_): _mark(
            state, labels.get(id_), _labels(into.get(id_, []), labels, redactor), redactor
        )
        for (_, id_), state in things.items()
    }


def _labels(ids: Sequence[str], labels: Mapping[str, str], redactor: Redactor) -> list[str]:
    return [redactor.label(labels[id_]) for id_ in ids if id_ in labels]


def _mark(state: State, label: str | None, joined: list[str], redactor: Redactor) -> Mark:
    verdict = VERDICT_WORDS[state.verdict["action"]] if state.verdict else ""
    told = [f"{VERDICT_WORDS[r['action']]}{_by(r, redactor)}{_said(r, redactor)}"
            for r in [state.verdict] if r]  # fmt: skip
    told += [f"pinned{_by(r, redactor)}{_said(r, redactor)}" for r in [state.pin] if r]
    told += [f"renamed{_by(r, redactor)}" for r in [state.rename] if r]
    told += [f"note{_by(r, redactor)}{_said(r, redactor)}" for r in state.notes]
    return Mark(
        verdict=verdict,
        set_aside=state.set_aside,
        pinned=state.pin is not None,
        told=[wording.sentence(line) for line in told],
        original=redactor.label(label) if state.rename and label else "",
        merged=joined,
    )


def set_aside(tables: Tables, scope: str) -> frozenset[str]:
    """Return the ids of findings, narratives, points or shifts that the analyst dismissed."""
    held = states(table_of(tables, "decisions"))
    return frozenset(id_ for (of, id_), state in held.items() if of == scope and state.set_aside)


def pinned(tables: Tables, scope: str) -> frozenset[str]:
    """Return the ids of findings, narratives, points or shifts that the analyst pinned."""
    held = states(table_of(tables, "decisions"))
    return frozenset(id_ for (of, id_), state in held.items() if of == scope and state.pin)


def aside_lines(tables: Tables, redactor: Redactor) -> list[str]:
    """Name the dismissed narratives and talking points, one sentence each."""
    labels = {r["narrative_id"]: r["label"] for r in table_of(tables, "narratives").to_pylist()}
    held = states(table_of(tables, "decisions"))
    lines = []
    for (scope, id_), state in sorted(held.items()):
        if state.set_aside and state.verdict and scope in {"narrative", "point", "shift"}:
            name = f" “{redactor.label(labels[id_])}”" if id_ in labels else ""
            what = {"point": "talking point", "shift": "persona shift"}.get(scope, scope)
            told = f"{_by(state.verdict, redactor)}{_said(state.verdict, redactor)}"
            lines.append(wording.sentence(f"{what}{name} ({redactor.derived(id_)}){told}"))
    return lines


def lost_lines(tables: Tables, redactor: Redactor) -> list[str]:
    """Name the decisions whose thing is not in the case now: listed, never lost."""
    lines = []
    for row in not_found(table_of(tables, "decisions")):
        target = row["target_id"] if row["now_id"] is None else row["now_id"]
        told = f"{row['action']} of {row['scope']} {redactor.derived(target)}"
        lines.append(wording.sentence(f"{told}{_by(row, redactor)}{_said(row, redactor)}"))
    return lines


def parted(findings: pa.Table, tables: Tables) -> tuple[pa.Table, pa.Table]:
    """Part findings in reading order: those that stay, pinned ones first, and those set aside."""
    away, first = set_aside(tables, "finding"), pinned(tables, "finding")
    ids = findings["finding_id"].to_pylist()
    stay = [place for place, id_ in enumerate(ids) if id_ not in away]
    stay.sort(key=lambda place: ids[place] not in first)
    gone = [place for place, id_ in enumerate(ids) if id_ in away]
    return findings.take(pa.array(stay, pa.int64())), findings.take(pa.array(gone, pa.int64()))
