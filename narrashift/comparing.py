"""What differs between two parts of one case, and by how much beyond noise?

In: an analysis and what to part it by: the event (before, during, after), the platform, the groups
of accounts found, what the last `add` brought, or any column of the posts. Out: rows of
`clustering.contrast`, named with their words, best first; `redacted` gives them as they may leave
the case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import InputError, SettingsError
from corpus.settings import parse_time

if TYPE_CHECKING:
    from narrashift.analysis import Analysis
    from reports.redaction import Redactor

# More parts than these cannot be read side by side; the smaller ones are compared as one.
MOST_PARTS = 12
OTHERS = "all others"
NO_GROUP = "no group"
# Ways whose parts we name ourselves.
OUR_WORDS = frozenset(("event", "added", "language", "platform", "kind", "time_precision"))
# Rows of each part and unit that are printed; a CSV or the library gives all.
SHOWN = 5
# Columns of the posts that name no part: texts, ids, times and lists.
NO_PART = frozenset(
    ("post_id", "account_id", "text", "created_at", "parent_id", "url", "urls", "hashtags",
     "mentions", "handle", "source_row")
)  # fmt: skip


def compare_in(analysis: Analysis, by: str) -> pa.Table:
    """Return rows of `clustering.contrast.SCHEMA` with a `name` in words behind `unit_id`.

    Raises
    ------
    SettingsError
        When `by` names no way to part this case, with those that it has.
    InputError
        When the case holds no talking points, or fewer than two parts with accounts.
    """
    from clustering.contrast import contrast_parts

    tables = analysis.arrow
    if "point_posts" not in tables:
        raise InputError(
            "this case holds no talking points to compare; make one with: narrashift analyze FILE"
            " --out CASE"
        )
    parts = _few(parts_by(analysis, by))
    try:
        found = contrast_parts(tables, parts)
    except ValueError as error:
        raise InputError(f"--by {by}: {error}") from None
    return _named(found, tables)


def parts_by(analysis: Analysis, by: str) -> dict[str, str]:
    """Return the part of each post; posts in no part are left out. Raises SettingsError."""
    posts = analysis.arrow["posts"]
    ids = posts.column("post_id").to_pylist()
    if by == "event":
        return _around_event(analysis, ids)
    if by == "group":
        return _by_group(analysis, ids)
    if by == "added":
        return _by_addition(analysis, ids)
    return _by_column(analysis.arrow, by, ids)


def _around_event(analysis: Analysis, ids: Sequence[str]) -> dict[str, str]:
    event = analysis.settings.event
    if not event.start or not event.end:
        raise SettingsError(
            "this case names no event; set event.start and event.end in case.toml, or run analyze"
            " with --event START/END"
        )
    start, end = parse_time(event.start), parse_time(event.end)
    times = analysis.arrow["posts"].column("created_at").to_pylist()
    # Named in the order of time, which is the order in which parts are shown.
    order = dict.fromkeys(("before", "during", "after"))
    sides = {
        post: "before" if at < start else "after" if at > end else "during"
        for post, at in zip(ids, times, strict=True)
        if at is not None
    }
    return {post: side for name in order for post, side in sides.items() if side == name}


def _by_group(analysis: Analysis, ids: Sequence[str]) -> dict[str, str]:
    groups = analysis.arrow.get("groups")
    if groups is None or groups.num_rows == 0:
        raise SettingsError("this case holds no groups of accounts that moved together")
    of = {account: row["group_id"] for row in groups.to_pylist() for account in row["accounts"]}
    accounts = analysis.arrow["posts"].column("account_id").to_pylist()
    return {
        post: of.get(account, NO_GROUP)
        for post, account in zip(ids, accounts, strict=True)
        if account is not None
    }


def _by_addition(analysis: Analysis, ids: Sequence[str]) -> dict[str, str]:
    additions = analysis.manifest.facts.get("additions", [])
    if not additions:
        raise SettingsError("nothing was added to this case; add files with: narrashift add")
    new = set(additions[-1]["files"])
    files = analysis.arrow["posts"].column("source_file").to_pylist()
    return {p: "added" if f in new else "earlier" for p, f in zip(ids, files, strict=True)}


def _by_column(tables: Mapping[str, pa.Table], by: str, ids: Sequence[str]) -> dict[str, str]:
    posts = tables["posts"]
    if by == "language":
        texts = tables["texts"]
        langs = texts.column("lang").to_pylist()
        return dict(zip(texts.column("post_id").to_pylist(), langs, strict=True))
    if by in posts.column_names and by not in NO_PART:
        values = posts.column(by).to_pylist()
        return {p: str(v) for p, v in zip(ids, values, strict=True) if v not in (None, "")}
    kept = tables.get("kept_columns")
    if kept is not None and by in (own := set(kept.column("column").to_pylist())) and own:
        rows = kept.filter(pc.equal(kept.column("column"), by))
        pairs = zip(
            rows.column("post_id").to_pylist(), rows.column("value").to_pylist(), strict=True
        )
        return {post: value for post, value in pairs if value}
    raise SettingsError(f"nothing is called {by!r} here; --by takes {', '.join(_ways(tables))}")


def _ways(tables: Mapping[str, pa.Table]) -> list[str]:
    columns = [c for c in tables["posts"].column_names if c not in NO_PART]
    kept = tables.get("kept_columns")
    own = sorted(set(kept.column("column").to_pylist())) if kept is not None else []
    return ["event", "group", "added", "language", *columns, *own]


def _few(parts: Mapping[str, str]) -> dict[str, str]:
    """Keep the largest parts by name; the rest become one."""
    sizes = Counter(parts.values())
    if len(sizes) <= MOST_PARTS:
        return dict(parts)
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[: MOST_PARTS - 1]
    kept = set(largest)
    return {post: part if part in kept else OTHERS for post, part in parts.items()}


def _named(found: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Put the words of each thing beside its id: a quote, a label, or the term itself."""
    points = tables["talking_points"]
    quotes = _lookup(tables["posts"], "post_id", "text")
    exemplar = _lookup(points, "point_id", "exemplar_id")
    narratives = tables.get("narratives")
    labels = _lookup(narratives, "narrative_id", "label") if narratives is not None else {}

    def name(unit: str, own: str) -> str:
        if unit == "point":
            return quotes.get(exemplar.get(own, ""), "")
        return labels.get(own, own) if unit == "narrative" else own

    units, ids = found.column("unit").to_pylist(), found.column("unit_id").to_pylist()
    names = [name(unit, own) for unit, own in zip(units, ids, strict=True)]
    return found.add_column(3, "name", pa.array(names, pa.string()))


def _lookup(table: pa.Table, key: str, value: str) -> dict[str, str]:
    return dict(zip(table.column(key).to_pylist(), table.column(value).to_pylist(), strict=True))


def redacted(rows: pa.Table, by: str, redactor: Redactor) -> list[dict[str, Any]]:
    """Return the rows as they may leave the case."""
    return [_redacted(row, by, redactor) for row in rows.to_pylist()]


def _redacted(row: dict[str, Any], by: str, redactor: Redactor) -> dict[str, Any]:
    unit = row["unit"]
    hide = {"point": redactor.text, "hashtag": redactor.tag}.get(unit, redactor.label)
    own = {"hashtag": redactor.tag, "term": redactor.label}.get(unit, redactor.derived)
    return {
        **row,
        "part": _part(row["part"], by, redactor),
        "unit_id": own(row["unit_id"]),
        "name": hide(row["name"]),
        "evidence": redactor.post(row["evidence"]),
    }


def _part(name: str, by: str, redactor: Redactor) -> str:
    """A part's name: our own word, a group's id, or whatever stood in the analyst's column."""
    if by in OUR_WORDS or name in (OTHERS, NO_GROUP):
        return name
    return redactor.derived(name) if by == "group" else redactor.text(name)


def compare_case(
    analysis: Analysis, by: str, *, redact: str | None = None, top: int | None = SHOWN
) -> dict[str, Any]:
    """Return what `compare` prints: the parts and, for each, what it carries more often.

    `top` rows for each part and unit whose interval lies above no difference; None gives all rows.
    """
    rows = compare_in(analysis, by)
    redactor = analysis.redactor(redact)
    parts = list(dict.fromkeys(rows.column("part").to_pylist()))
    if top is not None:
        rows = _leading(rows, top)
    return {
        "by": by,
        "parts": [_part(part, by, redactor) for part in parts],
        "compared": "accounts that carry it in the part, against accounts of all other parts",
        "rows": redacted(rows, by, redactor),
    }


def _leading(rows: pa.Table, top: int) -> pa.Table:
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for number, row in enumerate(rows.select(["part", "unit", "low"]).to_pylist()):
        key = (row["part"], row["unit"])
        if row["low"] > 0 and seen[key] < top:
            seen[key] += 1
            kept.append(number)
    return rows.take(pa.array(kept, pa.int64()))


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return redacted rows as CSV, safe to open in a spreadsheet."""
    from reports.csv_text import csv_text

    return csv_text([list(rows[0]) if rows else ["part"], *(row.values() for row in rows)])
