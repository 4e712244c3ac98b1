"""One post on one page: who else said it, what it is evidence of, what was read in it.

In: linked tables, evidence, a post id. Out: a `Page`.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from clustering.tie_evidence import tie_id
from reports import wording
from reports.clean import safe_url
from reports.closer import Page, Row, Section
from reports.closer_rows import (
    bursts_section,
    claims_section,
    equal,
    findings_section,
    holding,
    kept,
    posts_section,
    ties_of,
    ties_section,
)
from reports.evidence import Evidence
from reports.links import Links


def post_page(links: Links, evidence: Evidence, post_id: str, **around: Any) -> Page:
    """Return the page of a post; `around` are marks, redaction and case."""
    own = equal(links.posts, "post_id", post_id)
    row, cited = own.to_pylist()[0], evidence.cite(post_id)
    return Page(
        kind="post",
        id=evidence.redactor.post(post_id),
        title=f"Post {evidence.redactor.post(post_id)}",
        facts=_facts(links, evidence, row),
        text=cited.text if cited else "",
        lang=cited.lang if cited else None,
        sections=kept(
            [
                _copies(links, evidence, row),
                ties_section(evidence, _ties(links, row)),
                bursts_section(links, evidence, own),
                _claims(links, evidence, post_id),
                findings_section(links, evidence, holding(links["findings"], "evidence", post_id)),
            ]
        ),
        quotes=[],
        history=None,
        beside=cited.beside if cited else (),
        drawing=None,
        **around,
    )


def _facts(links: Links, evidence: Evidence, row: Row) -> list[tuple[str, str]]:
    redactor = evidence.redactor
    cited = evidence.cite(row["post_id"])
    point = row["point_id"]
    facts = [
        ("Account", redactor.account(row["account_id"]) if row["account_id"] else "unnamed"),
        ("Time", wording.moment(row["created_at"], row["time_precision"])),
        ("Kind", row["kind"]),
        ("Platform", row["platform"] or "unknown"),
        ("Language", links.language(row["post_id"]) or "unknown"),
        ("Read from", cited.place if cited else "unknown"),
        ("Talking point", redactor.derived(point) if point else "none"),
        ("Narrative", _narrative(links, evidence, row["narrative_id"])),
    ]
    if row["parent_id"]:
        facts.append(("Repeats, quotes or answers", redactor.post(row["parent_id"])))
    if row["hashtags"]:
        facts.append(("Hashtags", " ".join("#" + redactor.tag(tag) for tag in row["hashtags"])))
    for url in row["urls"] or ():
        shared = redactor.link(url)
        facts.append(("Link", safe_url(shared) or shared))
    if cited:
        facts.append(("Cite as", cited.cite))
    return facts


def _narrative(links: Links, evidence: Evidence, narrative_id: str | None) -> str:
    if narrative_id is None:
        return "outside every narrative"
    rows = equal(links["narratives"], "narrative_id", narrative_id).to_pylist()
    label = evidence.redactor.label(rows[0]["label"]) if rows else "unknown"
    return f"{label} ({evidence.redactor.derived(narrative_id)})"


def _copies(links: Links, evidence: Evidence, row: Row) -> Section:
    """The other posts of its talking point, oldest first."""
    if row["point_id"] is None:
        return Section("posts", "Others that said nearly the same", (), [], 0)
    same = equal(links.posts, "point_id", row["point_id"])
    others = same.filter(pc.not_equal(same["post_id"], row["post_id"]))
    return posts_section(links, evidence, others, title="Others that said nearly the same", by=True)


def _ties(links: Links, post: Row) -> list[Row]:
    """Ties that name the post, by their evidence or side by side with another."""
    table, post_id = links["tie_evidence"], post["post_id"]
    mine = pc.or_(pc.equal(table["post_a"], post_id), pc.equal(table["post_b"], post_id))
    named = set(table.filter(mine)["tie_id"].to_pylist())
    return [
        row
        for row in ties_of(links, post["account_id"])
        if post_id in row["evidence"]
        or tie_id(row["account_a"], row["account_b"], row["layer"], row["window_s"]) in named
    ]


def _claims(links: Links, evidence: Evidence, post_id: str) -> Section:
    own = equal(links["claims"], "source_id", post_id).to_pylist()
    rows = sorted(own, key=lambda r: (r["start"], r["claim_id"]))
    return claims_section(evidence, rows, len(rows))
