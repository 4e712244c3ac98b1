"""The section on DISARM techniques: candidates with the evidence they rest on, nothing asserted.

In: the linked tables of a case, evidence to cite. Out: one entry a kind of finding:
the techniques it may accompany, how many findings there are, a few of them in words with citations,
and what they do not show; then the techniques that are never proposed, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports import wording
from reports.disarm import candidates_of, framework, techniques
from reports.evidence import Citation, Evidence
from reports.links import Links

# Findings told in words beside a technique, and posts cited with each; the rest is counted.
MAX_SHOWN, MAX_CITED = 3, 3


@dataclass(frozen=True)
class Example:
    """One finding in words."""

    why: str
    cited: list[Citation]
    more: int


@dataclass(frozen=True)
class Kind:
    """Findings of one kind, the techniques they may accompany, and what they do not show."""

    says: str
    limit: str
    techniques: list[tuple[str, str]]
    number: int
    accounts: int
    opens: str
    examples: list[Example]


@dataclass(frozen=True)
class Disarm:
    """The whole section; `proposed` is the number of techniques."""

    kinds: list[Kind]
    proposed: int
    unseen: list[tuple[str, str, str]]
    never: list[tuple[str, str]]
    confirm: str
    version: str
    credit: str


def section(links: Links, evidence: Evidence) -> Disarm:
    """Return the section."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    named: dict[str, list[tuple[str, str]]] = {}
    for row in candidates_of(links).to_pylist():
        kind, technique = row["finding_kind"], (row["technique_id"], row["name"])
        found.setdefault(kind, {})[row["finding_id"]] = row
        if technique not in named.setdefault(kind, []):
            named[kind].append(technique)
    known = framework()
    return Disarm(
        kinds=[_kind(evidence, k, list(rows.values()), named[k]) for k, rows in found.items()],
        proposed=len({one for techniques in named.values() for one in techniques}),
        unseen=[(t.technique_id, t.name, t.unseen) for t in techniques() if t.unseen],
        never=[(wording.joined(entry["ids"]), entry["why"]) for entry in known["never"]],
        confirm=known["confirm"],
        version=known["version"],
        credit=known["credit"],
    )


def _kind(
    evidence: Evidence, kind: str, rows: list[dict[str, Any]], named: list[tuple[str, str]]
) -> Kind:
    words = framework()["kind"][kind]
    accounts = {account for row in rows for account in row["account_ids"]}
    return Kind(
        says=words["says"],
        limit=words["limit"],
        techniques=named,
        number=len(rows),
        accounts=len(accounts),
        opens=_opens(evidence, rows, accounts),
        examples=[_example(evidence, kind, row) for row in rows[:MAX_SHOWN]],
    )


def _opens(evidence: Evidence, rows: Iterable[Mapping[str, Any]], accounts: set[str]) -> str:
    """The posts in evidence; where the evidence is profiles, the posts of these accounts."""
    posts = [one for row in rows for one in row["evidence"] if evidence.links.post(one)]
    return evidence.opens.posts(posts) if posts else evidence.opens.account(*sorted(accounts))


def _example(evidence: Evidence, kind: str, row: Mapping[str, Any]) -> Example:
    quotes = _quotes(evidence.links, kind, row)
    cited = [
        made
        for source in row["evidence"][:MAX_CITED]
        if (made := evidence.cite(source, **quotes.get(source, {}))) is not None
    ]
    told = evidence.redactor.statement(row["why"])
    return Example(told, cited, len(row["evidence"]) - len(cited))


def _quotes(links: Links, kind: str, row: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Which words of a snapshot are meant, for claims and shifts."""
    if kind.startswith("claimed_"):
        found = [c for c in links["claims"].to_pylist() if c["claim_id"] == row["finding_id"]]
        return {c["source_id"]: {"quote": c["quote"], "place": c["field"]} for c in found}
    if kind == "repurposing_pattern":
        found = [s for s in links["shifts"].to_pylist() if s["shift_id"] == row["finding_id"]]
        return {
            s[f"{side}_source"]: {"quote": s[f"quote_{side}"], "place": s[f"{side}_field"]}
            for s in found
            for side in ("before", "after")
        }
    return {}
