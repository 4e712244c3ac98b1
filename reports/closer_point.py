"""One talking point on one page: its wordings, who said it when, what it counts toward.

In: linked tables, evidence, a talking point's id. Out: a `Page`.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clustering.tie_evidence import tie_id
from reports import wording
from reports.closer import Column, Page, Row, Section, cut
from reports.closer_post import _narrative
from reports.closer_rows import (
    accounts_section,
    bursts_section,
    equal,
    kept,
    posts_section,
    ties_of,
    ties_section,
)
from reports.evidence import Evidence
from reports.links import Links


def point_page(links: Links, evidence: Evidence, point_id: str, **around: Any) -> Page:
    """Return the page of a talking point; `around` are marks, redaction and case."""
    row = equal(links["talking_points"], "point_id", point_id).to_pylist()[0]
    posts = equal(links.posts, "point_id", point_id)
    cited = evidence.cite(row["exemplar_id"])
    return Page(
        kind="point",
        id=evidence.redactor.derived(point_id),
        title=f"Talking point {evidence.redactor.derived(point_id)}",
        facts=_facts(links, evidence, row, posts),
        text=cited.text if cited else "",
        lang=cited.lang if cited else None,
        sections=kept(
            [
                _wordings(evidence, posts),
                _paraphrases(links, evidence, point_id),
                bursts_section(links, evidence, posts),
                ties_section(evidence, _ties(links, point_id)),
                accounts_section(links, evidence, posts),
                posts_section(links, evidence, posts, by=True),
            ]
        ),
        quotes=[],
        history=None,
        beside=cited.beside if cited else (),
        drawing=None,
        **around,
    )


def _facts(links: Links, evidence: Evidence, row: Row, posts: pa.Table) -> list[tuple[str, str]]:
    redactor = evidence.redactor
    told = equal(links["narrative_points"], "point_id", row["point_id"]).to_pylist()
    narrative = told[0]["narrative_id"] if told else None
    first = posts["account_id"].to_pylist()[:1]
    facts = [
        ("Posts", f"{row['posts']:,}, and {row['reposts']:,} reposts"),
        ("Accounts", f"{row['accounts']:,}"),
        ("From", wording.moment(row["first_at"])),
        ("To", wording.moment(row["last_at"])),
        ("First by", redactor.account(first[0]) if first and first[0] else "unnamed"),
        ("Identical after normalizing", wording.share(row["exact_share"], 1.0)),
        ("Different texts", "unknown" if row["texts"] is None else f"{row['texts']:,}"),
        ("Weakest link between two texts", _similar(row["weakest"])),
        ("Narrative", _narrative(links, evidence, narrative)),
    ]
    for known in equal(links["point_classes"], "point_id", row["point_id"]).to_pylist():
        reason = redactor.sentence(known["reason"])
        facts.append(("May be copied without coordination", reason))
    scope = links["stances"]
    mine = pc.and_(pc.equal(scope["scope"], "point"), pc.equal(scope["scope_id"], row["point_id"]))
    for known in scope.filter(mine).to_pylist():
        target = redactor.label(known["target"])
        facts.append(("Stance", f"{known['stance']} {target} ({known['source']})"))
    return facts


def _similar(value: float | None) -> str:
    return "one text" if value is None else f"{value:.2f}"


def _wordings(evidence: Evidence, posts: pa.Table) -> Section:
    """The different texts, the most frequent first, with a post that shows each."""
    held: dict[str, list[str]] = {}
    columns = posts.select(["text", "post_id", "kind"]).to_pylist()
    for post in columns:
        if post["kind"] != "repost":
            held.setdefault(post["text"], []).append(post["post_id"])
    ordered = sorted(held.values(), key=lambda ids: (-len(ids), ids[0]))
    rows = []
    for ids in ordered:
        cited = evidence.cite(ids[0])
        if cited is not None:
            rows.append({"text": cited.text, "lang": cited.lang, "posts": len(ids),
                         "id": cited.source})  # fmt: skip
    columns_ = (
        Column("text", "Wording", "quote"), Column("posts", "Posts", "count"),
        Column("id", "For example", "id"),
    )  # fmt: skip
    return Section("wordings", "Wordings", columns_, cut(rows), len(rows))


def _paraphrases(links: Links, evidence: Evidence, point_id: str) -> Section:
    table = links["paraphrases"]
    mine = pc.or_(pc.equal(table["point_a"], point_id), pc.equal(table["point_b"], point_id))
    exemplars = dict(
        zip(*(links["talking_points"][n].to_pylist() for n in ("point_id", "exemplar_id")),
            strict=True)
    )  # fmt: skip
    rows = []
    found = table.filter(mine).to_pylist()
    for row in sorted(found, key=lambda r: (-r["score"], r["point_a"], r["point_b"])):
        other = row["point_b"] if row["point_a"] == point_id else row["point_a"]
        cited = evidence.cite(exemplars.get(other, ""))
        if cited is not None:
            rows.append({"text": cited.text, "lang": cited.lang, "score": f"{row['score']:.2f}",
                         "id": evidence.redactor.derived(other)})  # fmt: skip
    columns = (
        Column("text", "In other words", "quote"), Column("score", "Score"),
        Column("id", "Talking point", "id"),
    )  # fmt: skip
    note = "Links, not copies: the talking points stay apart." if rows else ""
    return Section("paraphrases", "Said in other words", columns, cut(rows), len(rows), note)


def _ties(links: Links, point_id: str) -> list[Row]:
    """Ties over this talking point, as the posts side by side name it."""
    behind = equal(links["tie_evidence"], "object_id", point_id)
    named = set(behind["tie_id"].to_pylist())
    posts = [links.post(post) for post in behind["post_a"].to_pylist()]
    return [
        row
        for row in ties_of(links, *sorted({post["account_id"] for post in posts if post}))
        if tie_id(row["account_a"], row["account_b"], row["layer"], row["window_s"]) in named
    ]
