"""Cards of accounts that say who they are in posts and have no profile history to compare.

In: `post_habits` and the asserted claims in posts. Out: at most MAX_CARDS cards, the most active
accounts first: self-descriptions in their own words with source row and time, and how the account
posted month by month. No change is claimed: one snapshot shows none. A claim of gender is shown in
its own words and gets no value; accounts that state a young age, and accounts with a change that
must stay hidden, are in neither table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from reports import wording
from reports.charts_hours import hours_axis, hours_row
from reports.evidence import Citation, Evidence
from reports.found import attribute_words, phrases
from reports.links import Links
from reports.persona_lanes import rows_of
from reports.place_names import place_words
from reports.place_values import coarse

Row = Mapping[str, Any]
MAX_CARDS = 20
MAX_STATEMENTS = 6
MAX_MONTHS = 12
# Explicit statements first; grade W is too weak to show without a change beside it.
GRADES = ("P", "K", "M", "G")


@dataclass(frozen=True)
class Statement:
    """One self-description in the account's own words."""

    quote: str
    attribute: str
    value: str
    cited: Citation


@dataclass(frozen=True)
class Month:
    """How an account posted in one month."""

    title: str
    posts: str
    lang: str
    topic: str
    chart: Markup | None


@dataclass(frozen=True)
class PostsCard:
    """One account that is known by its posts."""

    account: str
    anchor: str
    profile: str
    statements: list[Statement]
    more_statements: int
    months: list[Month]
    more_months: int
    axis: Markup | None


def known_by_posts(links: Links) -> list[str]:
    """Return the accounts with a card, most posts first; those with a noted shift have another."""
    habits, shifts, claims = links["post_habits"], links["shifts"], links["claims"]
    noted = shifts.filter(pc.greater_equal(shifts["level"], 1))["account_id"]
    said = claims.filter(_spoken(claims))["account_id"]
    rows = habits.filter(
        pc.invert(pc.is_in(habits["account_id"], value_set=noted.combine_chunks()))
    )
    rows = rows.filter(pc.is_in(rows["account_id"], value_set=said.combine_chunks()))
    sums = rows.group_by(["account_id"]).aggregate([("posts", "sum")]).to_pylist()
    ordered = sorted(sums, key=lambda row: (-row["posts_sum"], row["account_id"]))
    return [row["account_id"] for row in ordered]


def posts_cards(links: Links, evidence: Evidence) -> list[PostsCard]:
    """Return the cards of the first accounts."""
    chosen = known_by_posts(links)[:MAX_CARDS]
    made = [_card(links, evidence, place, account) for place, account in enumerate(chosen, 1)]
    return [card for card in made if card.statements]


def _spoken(claims: pa.Table) -> pa.ChunkedArray:
    """Mark the asserted claims in posts of a grade that may be shown."""
    own = pc.and_(pc.equal(claims["field"], "post"), pc.equal(claims["status"], "asserted"))
    return pc.and_(own, pc.is_in(claims["grade"], value_set=pa.array(GRADES)))


def _card(links: Links, evidence: Evidence, place: int, account: str) -> PostsCard:
    said = _statements(links, account)
    months = sorted(rows_of(links, "post_habits", account), key=lambda r: r["month_start"])
    shown = months[-MAX_MONTHS:]
    timed = any(row["timed_posts"] for row in shown)
    statements = [_statement(evidence, row) for row in said[:MAX_STATEMENTS]]
    return PostsCard(
        account=evidence.redactor.account(account),
        anchor=f"posts-{place}",
        profile=_profile(links, account),
        statements=[s for s in statements if s is not None],
        more_statements=max(0, len(said) - MAX_STATEMENTS),
        months=[_month(evidence, row) for row in shown],
        more_months=len(months) - len(shown),
        axis=hours_axis() if timed else None,
    )


def _statements(links: Links, account: str) -> list[dict[str, Any]]:
    """Return the self-descriptions, explicit ones first; one for each claimed value."""
    claims = links["claims"].filter(_spoken(links["claims"]))
    rows = claims.filter(pc.equal(claims["account_id"], pa.scalar(account))).to_pylist()
    rows.sort(key=lambda r: (GRADES.index(r["grade"]), str(r["said_at"]), r["claim_id"]))
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        first.setdefault((row["attribute"], row["value"]), row)
    return list(first.values())


def _statement(evidence: Evidence, row: Row) -> Statement | None:
    cited = evidence.cite(row["source_id"], quote=row["quote"], place="post")
    if cited is None:
        return None
    # Of gender only the claim's own words: a value would be ours.
    value = "" if row["attribute"] == "gender" else place_words(coarse(row["value"]))
    return Statement(
        quote=evidence.redactor.quote(row["quote"], "post"),
        attribute=attribute_words(row["attribute"]),
        value=value.replace("_", " "),
        cited=cited,
    )


def _profile(links: Links, account: str) -> str:
    """How much of a profile the case holds, in words."""
    rows: Sequence[Row] = rows_of(links, "persona_coverage", account)
    snapshots = rows[0]["snapshots"] if rows else 0
    return wording.count(snapshots, "profile snapshot") if snapshots else "no profile snapshot"


def _month(evidence: Evidence, row: Row) -> Month:
    name = f"{row['month_start']:%Y-%m}"
    title = f"Posts by hour of the day (UTC) in {name}"
    lang = row["lang"]
    named = phrases()["language"].get(lang, lang) if lang else "not identified"
    topic = row["topic"]
    return Month(
        title=name,
        posts=wording.count(row["posts"], "post"),
        lang=f"{named} {wording.share(row['lang_share'], 1)}" if lang else named,
        topic=f"{evidence.redactor.label(topic)} ({wording.share(row['topic_share'], 1)})"
        if topic
        else "",
        chart=hours_row(row["hours"], title=title) if row["timed_posts"] else None,
    )
