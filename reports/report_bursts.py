"""Bursts and flooded hashtags: when more was posted than the null explains, with the posts counted.

In: the linked tables of a case, evidence to cite. Out: what the template prints, redacted, each row
with a selector of the posts that it counts. Where decisions or a threshold leave other posts than
those that were counted, a row opens none rather than others. A burst says when, never why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports import wording
from reports.evidence import Evidence
from reports.links import Links, in_window

MOST_BURSTS = 15
LEVEL = 0.05


def bursts(links: Links, evidence: Evidence) -> dict[str, Any]:
    """The most surprising times, narratives first."""
    rows = [row for row in links["bursts"].to_pylist() if row["q_value"] <= LEVEL]
    rank = {"narrative": 0, "hashtag": 1, "point": 2}
    rows.sort(key=lambda r: (rank.get(r["scope"], 3), -r["observed"], r["scope_id"]))
    labels = {
        row["narrative_id"]: row["label"]
        for row in links["narratives"].select(["narrative_id", "label"]).to_pylist()
    }
    shown = [
        {
            "scope": row["scope"],
            "what": _scope_words(evidence, row, labels),
            "start": wording.moment(row["start_at"]),
            "end": wording.moment(row["end_at"]),
            "observed": f"{row['observed']:,}",
            "expected": wording.few(row["expected"]),
            "accounts": f"{row['accounts']:,}",
            "opens": _posts_of(links, evidence, row),
            "q": wording.chance(row["q_value"]),
            "cited": evidence.cite_all(row["evidence"][:2]),
        }
        for row in rows[:MOST_BURSTS]
    ]
    return {"shown": shown, "total": len(rows), "null": rows[0]["null_model"] if rows else ""}


def _scope_words(evidence: Evidence, row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    if row["scope"] == "hashtag":
        return "#" + evidence.redactor.tag(row["scope_id"])
    label = labels.get(row["narrative_id"] or "", "")
    named = evidence.redactor.label(label) if label else "outside the narratives"
    return named if row["scope"] == "narrative" else f"one talking point ({named})"


def _posts_of(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> str:
    """The posts that a burst counts; "" where the case as shown holds others than were counted."""
    end = pa.scalar(row["end_at"], links.written.schema.field("created_at").type)
    within = links.written.filter(pc.less(links.written["created_at"], end))
    within = in_window(within, "created_at", row["start_at"], None)
    if row["scope"] == "hashtag":
        own = _tagged(within, row["scope_id"])
    else:
        own = within.filter(pc.equal(within[f"{row['scope']}_id"], row["scope_id"]))
    return evidence.opens.posts(own["post_id"].to_pylist()) if len(own) == row["observed"] else ""


def _uses_of(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> str:
    """The uses of a hashtag that were tested; "" where the case as shown holds others."""
    posts = links.written
    known = pc.and_(pc.is_valid(posts["created_at"]), pc.is_valid(posts["account_id"]))
    own = _tagged(posts.filter(known), row["hashtag"])
    return evidence.opens.posts(own["post_id"].to_pylist()) if len(own) == row["posts"] else ""


def _tagged(posts: pa.Table, tag: str) -> pa.Table:
    """Posts with this hashtag, in any mixture of small and capital letters."""
    held = [tag in {one.lower() for one in tags or ()} for tags in posts["hashtags"].to_pylist()]
    return posts.filter(pa.array(held, pa.bool_()))


def flooding(links: Links, evidence: Evidence) -> dict[str, Any]:
    """Hashtags used closer in time than their popularity makes."""
    rows = links["flooding"].to_pylist()
    rows.sort(key=lambda r: (r["q_value"], -r["observed"], r["hashtag"]))
    beyond = [row for row in rows if row["q_value"] <= LEVEL]
    shown = [
        {
            "tag": "#" + evidence.redactor.tag(row["hashtag"]),
            "window": wording.span(row["window_s"]),
            "observed": f"{row['observed']:,}",
            "expected": f"{row['expected']:,.1f}",
            "synchronous": f"{row['synchronous']:,}",
            "accounts": f"{row['accounts']:,}",
            "opens": _uses_of(links, evidence, row),
            "q": wording.chance(row["q_value"]),
            "cited": evidence.cite_all(row["evidence"][:2]),
        }
        for row in beyond[:MOST_BURSTS]
    ]
    return {"shown": shown, "total": len(beyond), "tested": len(rows),
            "null": rows[0]["null_model"] if rows else ""}  # fmt: skip
