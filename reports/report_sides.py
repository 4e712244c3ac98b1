"""Both sides: narratives and talking points that accounts of opposed claimed camps carry.

In: the linked tables of a case, evidence to cite. Out: what the template prints, redacted: those
that were tested, findings first, with the posts of the accounts counted. It speaks of what accounts
claimed, not of what they believe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from reports import wording
from reports.evidence import Evidence
from reports.links import Links

MOST_SIDES = 10


def both_sides(links: Links, evidence: Evidence) -> dict[str, Any]:
    """Clusters that opposed camps carry: tested ones first, the finding ones before them."""
    rows = links["convergence"].to_pylist()
    tested = [row for row in rows if row["p_value"] is not None]
    tested.sort(
        key=lambda r: (
            not r["both_sides"], r["point_id"] is not None, -r["score"], -r["labeled"],
            r["narrative_id"] or "", r["point_id"] or "",
        )
    )  # fmt: skip
    labels = {
        row["narrative_id"]: row["label"]
        for row in links["narratives"].select(["narrative_id", "label"]).to_pylist()
    }
    shown = [_sides(links, evidence, row, labels) for row in tested[:MOST_SIDES]]
    return {
        "shown": shown,
        "tested": len(tested),
        "untested": len(rows) - len(tested),
        "found": sum(row["both_sides"] for row in rows),
    }


def _sides(
    links: Links, evidence: Evidence, row: Mapping[str, Any], labels: Mapping[str, str]
) -> dict[str, Any]:
    label = labels.get(row["narrative_id"] or "", "")
    named = evidence.redactor.label(label) if label else "outside the narratives"
    cited = [
        (camp.replace("_", " "), made)
        for post, camp in zip(row["evidence"], row["evidence_camps"], strict=True)
        for made in [evidence.cite(post)]
        if made is not None
    ]
    return {
        "what": named if row["point_id"] is None else f"one talking point ({named})",
        "camps": row["camps"],
        "labeled": f"{row['labeled']:,}",
        "accounts": f"{row['accounts']:,}",
        "opens": _posts_of(links, evidence, row),
        "opposed": f"{100 * row['opposed_share']:.0f} %",
        "expected": f"{100 * row['null_mean']:.0f} %",
        "q": wording.chance(row["q_value"]),
        "percentile": "" if row["percentile"] is None else f"{row['percentile']:.0f}",
        "gap": "" if row["gap_s"] is None else wording.span(row["gap_s"]),
        "both": row["both_sides"],
        "reason": row["reason"],
        "null": row["null_model"],
        "cited": cited[:6],
    }


def _posts_of(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> str:
    """The posts of the accounts that carry it; "" where the case as shown holds others."""
    scope = "narrative_id" if row["point_id"] is None else "point_id"
    posts = links.written.filter(pc.is_valid(links.written["account_id"]))
    own = posts.filter(pc.equal(posts[scope], row[scope]))
    same = len(pc.unique(own["account_id"])) == row["accounts"]
    return evidence.opens.posts(own["post_id"].to_pylist()) if same else ""
