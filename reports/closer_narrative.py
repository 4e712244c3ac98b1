"""One narrative on one page: its terms, talking points, accounts and times.

In: linked tables, evidence, a narrative's id. Out: a `Page`. The name is the leading terms of the
run, or the analyst's title with the run's beside it.
"""

from __future__ import annotations

from typing import Any

from clustering.named_rank import ranked
from reports import wording
from reports.closer import MAX_ROWS, Column, Page, Row, Section
from reports.closer_rows import accounts_section, bursts_section, equal, kept, posts_section
from reports.evidence import Evidence
from reports.links import Links
from reports.narrative_findings import points_of
from reports.redacted_tables import named_row
from reports.report_timeline import sparkline


def narrative_page(links: Links, evidence: Evidence, narrative_id: str, **around: Any) -> Page:
    """Return the page of a narrative; `around` are marks, redaction and case."""
    row = equal(links["narratives"], "narrative_id", narrative_id).to_pylist()[0]
    posts = equal(links.posts, "narrative_id", narrative_id)
    written = equal(links.written, "narrative_id", narrative_id)
    cited = evidence.cite(row["medoid_post_id"])
    times = links.written["created_at"].drop_null()
    span = (times[0].as_py(), times[-1].as_py()) if len(times) else None
    return Page(
        kind="narrative",
        id=evidence.redactor.derived(narrative_id),
        title=f"Narrative {evidence.redactor.label(row['label'])}",
        facts=_facts(links, evidence, row),
        text=cited.text if cited else "",
        lang=cited.lang if cited else None,
        sections=kept(
            [
                _points(links, evidence, narrative_id),
                _named(links, evidence, narrative_id),
                bursts_section(links, evidence, posts),
                accounts_section(links, evidence, posts),
                posts_section(links, evidence, posts, by=True),
            ]
        ),
        quotes=[],
        history=None,
        beside=cited.beside if cited else (),
        drawing=sparkline(written, span, None),
        **around,
    )


def _facts(links: Links, evidence: Evidence, row: Row) -> list[tuple[str, str]]:
    redactor = evidence.redactor
    facts = [
        ("Terms", ", ".join(redactor.label(term) for term in row["terms"])),
        ("Posts", f"{row['posts']:,}, and {row['reposts']:,} reposts"),
        ("Accounts", f"{row['accounts']:,}"),
        ("Talking points", f"{row['points']:,}"),
        ("From", wording.moment(row["first_at"])),
        ("To", wording.moment(row["last_at"])),
        ("Language", row["lang"]),
        ("Vectors", row["embedder"]),
        ("Persistence", f"{row['persistence']:.2f}"),
        ("Stability", "not measured" if row["stability"] is None else f"{row['stability']:.2f}"),
    ]
    if row["top_account_share"] is not None:
        facts.append(("Most by one account", wording.share(row["top_account_share"], 1.0)))
    if row["mark"]:
        reason = redactor.sentence(row["mark_reason"] or "")
        facts.append((row["mark"].replace("_", " "), reason))
    campaigns = [r for r in links["campaign"].to_pylist() if row["narrative_id"] in r["narratives"]]
    for campaign in campaigns:
        told = f"{campaign['with_evidence']:,} accounts carried its points beyond chance"
        facts.append(("In a campaign", f"{told}, q {campaign['q_value']:.2g}"))
    stances = links["stances"].to_pylist()
    for known in stances:
        if known["scope"] == "narrative" and known["scope_id"] == row["narrative_id"]:
            facts.append(("Stance", f"{known['stance']} {redactor.label(known['target'])}"))
    return facts


def _points(links: Links, evidence: Evidence, narrative_id: str) -> Section:
    """Its talking points, the most copied first."""
    rows = []
    points = points_of(links, narrative_id)
    for point in points[:MAX_ROWS]:
        cited = evidence.cite(point["exemplar_id"])
        if cited is not None:
            rows.append(
                {
                    "text": cited.text,
                    "lang": cited.lang,
                    "accounts": point["accounts"],
                    "posts": point["posts"],
                    "first": point["first_at"],
                    "id": evidence.redactor.derived(point["point_id"]),
                }
            )
    columns = (
        Column("text", "Talking point", "quote"), Column("accounts", "Accounts", "count"),
        Column("posts", "Posts", "count"), Column("first", "First"), Column("id", "Id", "id"),
    )  # fmt: skip
    return Section("talking_points", "Talking points", columns, rows, len(points))


def _named(links: Links, evidence: Evidence, narrative_id: str) -> Section:
    found = ranked(links["named"], narrative_id).to_pylist()
    rows = [
        {
            "name": named_row(evidence.redactor, row)["name"],
            "kind": row["kind"],
            "accounts": row["accounts"],
            "posts": row["posts"],
        }
        for row in found
        if row["kind"] != "term"
    ]
    columns = (
        Column("name", "Name"), Column("kind", "What it is"),
        Column("accounts", "Accounts", "count"), Column("posts", "Posts", "count"),
    )  # fmt: skip
    return Section("named", "Whom and what it names", columns, rows[:MAX_ROWS], len(rows))
