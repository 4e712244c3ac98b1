"""The narrative cards: what was said, by how many, when, and in which variants.

In: the linked posts, evidence to cite. Out: one card a narrative, at most MAX_CARDS: the largest
first or, in an event, those that stand out in its window; the section says which and how many there
are. Every quote is a post, verbatim up to pseudonyms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from clustering.named_rank import ranked
from reports import wording
from reports.decided import set_aside
from reports.evidence import Citation, Evidence
from reports.found import phrases
from reports.links import Links, in_window, tally
from reports.narrative_findings import first_sentence, points_of
from reports.opens import WRITTEN, both
from reports.redacted_tables import named_row
from reports.report_evolution import History, Lives, history
from reports.report_most import Busy, busiest
from reports.report_narrative_facts import Facts, facts_of
from reports.report_paraphrases import RewordedPairs, reworded
from reports.report_points import Point, point_shown
from reports.report_timeline import Window, sparkline

# A report is read by people: after thirty cards they search, and the exports hold all narratives.
MAX_CARDS = 30
MAX_POINTS = 3
# Names on a card, about three lines; the table `named` holds up to twenty.
MAX_NAMES = 10


@dataclass(frozen=True)
class Shown:
    """A name that a narrative names: what it is and how many accounts posted it."""

    name: str
    kind: str
    accounts: str


@dataclass(frozen=True)
class Card:
    """One narrative."""

    anchor: str
    narrative_id: str
    rank: int
    label: str
    terms: list[str]
    names: list[Shown]
    lang: str
    embedder: str
    points: str
    posts: str
    reposts: str
    accounts: str
    first: str
    last: str
    in_event: str | None
    quoted: Citation | None
    spark: Markup | None
    copied: list[Point]
    copied_total: int
    reworded: RewordedPairs
    persistence: str
    top_account: str | None
    busiest: list[Busy]
    opens: str
    written: str
    started: str
    started_by: Citation | None
    facts: Facts
    history: History | None


def ordered(links: Links, event: Window | None) -> list[dict[str, Any]]:
    """The narratives in the order of reading: see `order_words`.

    In an event, a narrative counts its posts in the window times the share of its posts that lie
    there. Among narratives that is posts in the window times over-representation (its share there
    over the share of all posts there, which is the same for all); both matter, since one post in
    the window is all of a tiny narrative. Ties: most posts, then the id.
    """
    away = set_aside(links.tables, "narrative")
    rows: list[dict[str, Any]] = [
        row for row in links["narratives"].to_pylist() if row["narrative_id"] not in away
    ]
    weight = _event_weights(links, event) if event else {}
    return sorted(
        rows,
        key=lambda row: (
            -weight.get(row["narrative_id"], 0.0), -row["posts"], row["narrative_id"],
        ),
    )  # fmt: skip


def _event_weights(links: Links, event: Window) -> dict[str, float]:
    timed = links.written.filter(pc.is_valid(links.written["created_at"]))
    whole = dict(tally(timed, "narrative_id"))
    inside = tally(in_window(timed, "created_at", *event), "narrative_id")
    return {narrative_id: number * number / whole[narrative_id] for narrative_id, number in inside}


def order_words(event: Window | None) -> str:
    """How narratives are ordered, as a sentence."""
    return str(phrases()["narrative_order"]["event" if event else "posts"])


def narrative_cards(
    links: Links, evidence: Evidence, span: Window | None, event: Window | None
) -> list[Card]:
    """Return the cards of the first narratives."""
    rows = ordered(links, event)[:MAX_CARDS]
    anchors = {row["narrative_id"]: f"narrative-{rank}" for rank, row in enumerate(rows, 1)}
    lives = Lives(links)
    return [
        _card(links, evidence, rank, row, span, event, anchors, lives)
        for rank, row in enumerate(rows, 1)
    ]


def _card(  # noqa: PLR0917 - what all cards share
    links: Links,
    evidence: Evidence,
    rank: int,
    row: dict[str, Any],
    span: Window | None,
    event: Window | None,
    anchors: Mapping[str, str],
    lives: Lives,
) -> Card:
    written = links.written
    posts = written.filter(pc.equal(written["narrative_id"], row["narrative_id"]))
    quoted = evidence.cite(row["medoid_post_id"])
    opens = evidence.opens.narrative(row["narrative_id"])
    # One post and its reposts are no copying.
    points = points_of(links, row["narrative_id"])
    copied = [point for point in points if point["posts"] > 1 and point["accounts"] > 1]
    return Card(
        anchor=f"narrative-{rank}",
        narrative_id=evidence.redactor.derived(row["narrative_id"]),
        rank=rank,
        label=evidence.redactor.label(row["label"]),
        terms=[evidence.redactor.label(term) for term in row["terms"]],
        names=_names(links, evidence, row["narrative_id"]),
        lang=row["lang"],
        embedder=row["embedder"],
        points=f"{row['points']:,}",
        posts=f"{row['posts']:,}",
        reposts=f"{row['reposts']:,}",
        accounts=f"{row['accounts']:,}",
        first=wording.day(row["first_at"]),
        last=wording.day(row["last_at"]),
        in_event=_in_event(posts, event),
        quoted=quoted,
        spark=sparkline(posts, span, event),
        copied=[point_shown(links, evidence, point) for point in copied[:MAX_POINTS]],
        copied_total=len(copied),
        reworded=reworded(links, evidence, row["narrative_id"], points),
        persistence=f"{row['persistence']:.2f}",
        top_account=_top_account(row),
        busiest=busiest(evidence, posts),
        opens=opens,
        written=both(opens, WRITTEN),
        started=evidence.redactor.statement(first_sentence(posts)),
        started_by=evidence.cite(posts["post_id"][0].as_py()) if posts.num_rows else None,
        facts=facts_of(links, evidence, row, anchors),
        history=history(lives, evidence, row["narrative_id"]),
    )


def _top_account(row: Mapping[str, Any]) -> str | None:
    """The share of the account that wrote most of it; None when no account is known."""
    most = row.get("top_account_share")
    return None if most is None else wording.share(most, 1.0)


def _names(links: Links, evidence: Evidence, narrative_id: str) -> list[Shown]:
    """The first names, without the terms that stand above them."""
    rows = ranked(links["named"], narrative_id).to_pylist()
    named = [row for row in rows if row["kind"] != "term"]
    return [
        Shown(
            named_row(evidence.redactor, row)["name"],
            row["kind"],
            wording.count(row["accounts"], "account"),
        )
        for row in named[:MAX_NAMES]
    ]


def _in_event(posts: pa.Table, event: Window | None) -> str | None:
    times = posts["created_at"].drop_null().to_pylist()
    if event is None or not times:
        return None
    inside = sum(event[0] <= at <= event[1] for at in times)
    return wording.share(inside, len(times))
