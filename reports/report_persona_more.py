"""Beside the cards: shared bio templates, handles used by two ids, and what stood around renames.

In: the tables `bio_templates`, `account_events`, `rename_contexts` and `shifts`. Out: short lists,
the largest first, with how many there are in all. None of them is a finding: slogans are copied,
handles are released and taken over, and most renames change nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from reports import wording
from reports.evidence import Evidence
from reports.found import phrases
from reports.links import Links
from reports.persona_lanes import rows_of

Row = Mapping[str, Any]
MAX_TEMPLATES = 10
MAX_TEMPLATE_ACCOUNTS = 8
MAX_REUSES = 20
MAX_RENAMES = 20


@dataclass(frozen=True)
class Template:
    """One bio that several accounts showed, nearly word for word."""

    accounts: int
    texts: int
    quote: str
    first: str
    place: str
    shown: list[str]


@dataclass(frozen=True)
class Reuse:
    """One handle seen under two account ids."""

    handle: str
    before: str
    after: str
    at: str


@dataclass(frozen=True)
class Rename:
    """What an account posted before and after a new handle."""

    account: str
    at: str
    before: str
    after: str
    posts: str
    reasons: list[str]
    languages: str
    topics: str
    words: tuple[str, str] | None


def templates(links: Links, evidence: Evidence) -> tuple[list[Template], int]:
    """Return the templates of most accounts, and how many there are."""
    by_template: dict[str, list[Row]] = defaultdict(list)
    for row in links["bio_templates"].to_pylist():
        by_template[row["template_id"]].append(row)
    apart = _quoted_apart(links)
    made = [(rows, _quotable(rows, apart)) for rows in by_template.values()]
    ready = [(rows, row) for rows, row in made if row is not None]
    ready.sort(key=lambda pair: (-pair[1]["accounts"], pair[1]["template_id"]))
    return [_template(evidence, *pair) for pair in ready[:MAX_TEMPLATES]], len(ready)


def _quoted_apart(links: Links) -> frozenset[str]:
    """Accounts whose statements about gender differ: only a claim's own words are quoted."""
    shifts = links["shifts"]
    own = shifts.filter(pc.equal(shifts["attribute"], "gender"))
    return frozenset(own["account_id"].to_pylist())


def _quotable(rows: list[Row], apart: frozenset[str]) -> Row | None:
    """Return the earliest showing of a template that may be quoted whole."""
    free = [row for row in rows if row["account_id"] not in apart]
    return min(free, key=lambda r: (str(r["first_at"]), r["account_id"]), default=None)


def _template(evidence: Evidence, rows: list[Row], quoted: Row) -> Template:
    accounts = sorted(evidence.redactor.account(row["account_id"]) for row in rows)
    return Template(
        accounts=quoted["accounts"],
        texts=quoted["texts"],
        quote=evidence.redactor.quote(quoted["quote"], "bio"),
        first=wording.day(quoted["first_at"]),
        place=evidence.row_of(quoted["source_id"]),
        shown=accounts[:MAX_TEMPLATE_ACCOUNTS],
    )


def handle_reuses(links: Links, evidence: Evidence) -> tuple[list[Reuse], int]:
    """Return the handles seen under two ids, oldest first, and how many there are."""
    events = links["account_events"]
    rows = events.filter(pc.equal(events["kind"], "handle_reused")).to_pylist()
    rows.sort(key=lambda r: (str(r["at"]), str(r["after"]), r["account_id"]))
    redactor = evidence.redactor
    made = [
        Reuse(
            handle=redactor.handle(row["after"] or ""),
            before=redactor.account(row["before"]) if row["before"] else "unknown",
            after=redactor.account(row["account_id"]),
            at=wording.day(row["at"]),
        )
        for row in rows[:MAX_REUSES]
    ]
    return made, len(rows)


def renames(links: Links, evidence: Evidence) -> tuple[list[Rename], int, int]:
    """Return the renames around which something changed, most telling first.

    Also how many such renames there are, and how many renames in all.
    """
    rows = links["rename_contexts"].to_pylist()
    telling = [row for row in rows if row["reasons"]]
    telling.sort(key=lambda r: (*(-part for part in _moved(r)), str(r["at"]), r["account_id"]))
    return [rename(evidence, row) for row in telling[:MAX_RENAMES]], len(telling), len(rows)


def renames_of(links: Links, evidence: Evidence, account_id: str) -> list[Rename]:
    """Return an account's renames with what stood around each, oldest first."""
    rows = sorted(rows_of(links, "rename_contexts", account_id), key=lambda r: str(r["at"]))
    return [rename(evidence, row) for row in rows]


def _moved(row: Row) -> tuple[int, float, int]:
    """How much changed: the language, the topics, words."""
    switched = None not in (row["lang_before"], row["lang_after"])
    switched = switched and row["lang_before"] != row["lang_after"]
    return int(switched), row["topic_divergence"] or 0.0, len(row["words_after"])


def rename(evidence: Evidence, row: Row) -> Rename:
    """Return one rename as the report tells it."""
    redactor = evidence.redactor
    words = [", ".join(map(redactor.label, row[f"words_{side}"])) for side in ("before", "after")]
    return Rename(
        account=redactor.account(row["account_id"]),
        at=wording.day(row["at"]),
        before=redactor.handle(row["before"]),
        after=redactor.handle(row["after"]),
        posts=f"{wording.count(row['posts_before'], 'post')} before, {row['posts_after']:,} after",
        reasons=[redactor.sentence(reason) for reason in row["reasons"]],
        languages=_two(_language(row, "before"), _language(row, "after")),
        topics=_two(*(_topic(evidence, row, side) for side in ("before", "after"))),
        words=(words[0], words[1]) if any(words) else None,
    )


def _two(before: str, after: str) -> str:
    if not (before or after):
        return ""
    return before if before == after else f"{before or 'unknown'} → {after or 'unknown'}"


def _language(row: Row, side: str) -> str:
    lang = row[f"lang_{side}"]
    if lang is None:
        return ""
    named = phrases()["language"].get(lang, lang)
    return f"{named} {wording.share(row[f'lang_share_{side}'], 1)}"


def _topic(evidence: Evidence, row: Row, side: str) -> str:
    topic = row[f"topic_{side}"]
    return evidence.redactor.label(topic) if topic else ""
