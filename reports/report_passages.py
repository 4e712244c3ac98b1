"""The section on shared passages: which texts hold the same stretch, whose, and where.

In: the table shared_passages, evidence to cite. Out: counts, the accounts that share most, and the
longest stretches, copies before quotations, the earlier text first; nothing when there are none. A
long stretch is shown up to SHOWN_CHARS, with its whole length. Offsets count in the text as read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from reports import wording
from reports.diff import diff_html
from reports.evidence import Citation, Evidence
from reports.found import phrases
from reports.links import Links, tally

# A report is read by people; the table of the case holds every stretch.
MAX_SHOWN = 20
MAX_ACCOUNTS = 10
SHOWN_CHARS = 600
# Copies first: a quotation may come from a third, and boilerplate says who runs a page at most.
_ORDER = ("copied", "contained", "quoted", "boilerplate")
_UNKNOWN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Side:
    """One text that holds the stretch."""

    cited: Citation
    place: str
    share: str


@dataclass(frozen=True)
class Shared:
    """One stretch in two texts; `diff` marks the later wording where it differs."""

    kind: str
    first: Side
    second: Side
    quote: str
    cut: str | None
    diff: Markup | None
    similarity: str


@dataclass(frozen=True)
class Section:
    """What the template prints."""

    total: int
    texts: str
    accounts: str
    kinds: list[tuple[str, int]]
    pairs: list[tuple[str, str, int, int]]
    shown: list[Shared]


def section(links: Links, evidence: Evidence) -> Section | None:
    """Return the section, or None when no text shares a passage."""
    rows = links["shared_passages"]
    if not rows.num_rows:
        return None
    sides = rows.select(["post_a", "post_b"]).to_pylist()
    ids = {row[side] for row in sides for side in ("post_a", "post_b")}
    owners = {post_id: (links.post(post_id) or {}).get("account_id") for post_id in ids}
    accounts = {owner for owner in owners.values() if owner is not None}
    words = phrases()["kind_of_passage"]
    chosen = sorted(rows.to_pylist(), key=_rank)
    return Section(
        total=rows.num_rows,
        texts=wording.count(len(ids), "text"),
        accounts=wording.count(len(accounts), "account"),
        kinds=[
            (str(words.get(f"{kind}_any", words[kind])), count)
            for kind, count in tally(rows, "kind")
        ],
        pairs=_pairs(sides, owners, evidence),
        shown=[made for row in chosen[:MAX_SHOWN] if (made := _shared(links, evidence, row))],
    )


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    length = min(row["end_a"] - row["start_a"], row["end_b"] - row["start_b"])
    places = (row["post_a"], row["post_b"], row["start_a"], row["start_b"])
    return (_ORDER.index(row["kind"]), -length, *places)


def _pairs(
    sides: list[dict[str, str]], owners: dict[str, str | None], evidence: Evidence
) -> list[tuple[str, str, int, int]]:
    """Two accounts, stretches and pairs of texts: those that share most."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    texts: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for row in sides:
        a, b = owners[row["post_a"]], owners[row["post_b"]]
        if a is not None and b is not None:
            pair = (a, b) if a <= b else (b, a)
            count[pair] += 1
            texts[pair].add((row["post_a"], row["post_b"]))
    most = sorted(count, key=lambda pair: (-count[pair], pair))[:MAX_ACCOUNTS]
    name = evidence.redactor.account
    return [(name(a), name(b), count[a, b], len(texts[a, b])) for a, b in most]


def _shared(links: Links, evidence: Evidence, row: dict[str, Any]) -> Shared | None:
    sides = sorted("ab", key=lambda side: _written(links, row[f"post_{side}"]))
    made = [_side(evidence, row, side) for side in sides]
    first, second = made
    if first is None or second is None:
        return None
    quotes = [evidence.redactor.text(row[f"quote_{side}"]) for side in sides]
    long = len(quotes[0]) > SHOWN_CHARS
    differs = quotes[0] != quotes[1] and not evidence.redactor.withheld() and not long
    return Shared(
        kind=_kind(row),
        first=first,
        second=second,
        quote=quotes[0][:SHOWN_CHARS],
        cut=f"{SHOWN_CHARS} of {len(quotes[0]):,} characters shown" if long else None,
        diff=diff_html(quotes[0], quotes[1]) if differs else None,
        similarity=f"containment {row['containment']:.2f}, Jaccard {row['jaccard']:.2f}",
    )


def _kind(row: dict[str, Any]) -> str:
    """The kind in words; only where both quotes are equal is it the same passage."""
    words = phrases()["kind_of_passage"]
    equal = row["quote_a"] == row["quote_b"]
    return str(words.get(f"{row['kind']}_whole" if equal else row["kind"], words[row["kind"]]))


def _written(links: Links, post_id: str) -> tuple[datetime, str]:
    row = links.post(post_id)
    return (row["created_at"] if row and row["created_at"] else _UNKNOWN, post_id)


def _side(evidence: Evidence, row: dict[str, Any], side: str) -> Side | None:
    cited = evidence.cite(row[f"post_{side}"])
    if cited is None:
        return None
    place = f"characters {row[f'start_{side}']:,} to {row[f'end_{side}']:,}"
    return Side(cited, place, wording.share(row[f"share_{side}"], 1.0))
