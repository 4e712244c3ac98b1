"""One account on one page: what it posted, whom it is tied to, what it claimed, what became of it.

In: linked tables, evidence, an account id. Out: a `Page`. It says what the account wrote and showed
and what was counted, beside chance where that was tested; nothing of who is behind it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports import wording
from reports.closer import MAX_ROWS, Column, Page, Quotes, Row, Section, cut
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
from reports.links import Links, tally
from reports.persona_lanes import history, rows_of
from reports.redacted_tables import event_value
from reports.report_personas import Card, Side, cards_of

# A point that half the corpus posted makes no neighbours.
MAX_CROWD = 500


def account_page(links: Links, evidence: Evidence, account_id: str, **around: Any) -> Page:
    """Return the page of an account; `around` are marks, redaction and case."""
    posts = equal(links.posts, "account_id", account_id)
    cards = cards_of(links, evidence, account_id)
    no_shift = {"at_before": None, "at_after": None}
    lanes = cards[0].history if cards else history(evidence, account_id, no_shift)
    return Page(
        kind="account",
        id=evidence.redactor.account(account_id),
        title=f"Account {evidence.redactor.account(account_id)}",
        facts=_facts(links, evidence, account_id, posts),
        text="",
        lang=None,
        sections=kept(
            [
                _roles(links, evidence, account_id),
                _events(links, evidence, account_id),
                ties_section(evidence, ties_of(links, account_id), account_id),
                _groups(links, evidence, account_id),
                bursts_section(links, evidence, posts),
                _neighbours(links, evidence, account_id, posts),
                _claims(links, evidence, account_id),
                findings_section(
                    links, evidence, holding(links["findings"], "account_ids", account_id)
                ),
                posts_section(links, evidence, posts),
            ]
        ),
        quotes=[_quotes(card) for card in cards],
        history=lanes,
        drawing=None,
        **around,
    )


def _facts(
    links: Links, evidence: Evidence, account_id: str, posts: pa.Table
) -> list[tuple[str, str]]:
    profiles = equal(links["profiles"], "account_id", account_id)
    handles = _seen(profiles, "handle") or _seen(posts, "handle")
    names = _seen(profiles, "display_name")
    times = posts["created_at"].drop_null()
    reposts = pc.sum(pc.equal(posts["kind"], "repost")).as_py() or 0
    platforms = sorted({*_seen(posts, "platform"), *_seen(profiles, "platform")} - {""})
    joined = profiles["joined_at"].drop_null()
    facts = [
        ("Platform", ", ".join(platforms) or "unknown"),
        ("Handles", ", ".join(map(evidence.redactor.handle, handles)) or "unknown"),
        ("Shown names", ", ".join(map(evidence.redactor.name, names)) or "unknown"),
        ("Created", wording.day(joined[0].as_py() if len(joined) else None)),
        ("Posts", f"{posts.num_rows - reposts:,}, and {reposts:,} reposts"),
        ("First and last post", _span(times)),
        ("Languages", _languages(links, posts)),
        ("Snapshots of its profile", f"{profiles.num_rows:,}"),
        ("Last state seen", _state(profiles)),
    ]
    for row in rows_of(links, "persona_coverage", account_id):
        told = "yes" if row["assessable"] else f"no: {row['reason']}"
        facts.append(("Could a change of persona have been seen", told))
    for row in rows_of(links, "outlets", account_id):
        facts.append(("Writes as news outlets do", evidence.redactor.sentence(row["reason"])))
    return facts


def _seen(table: pa.Table, column: str) -> list[str]:
    """The different values of a column, in order of time."""
    if column not in table.column_names:
        return []
    by = "observed_at" if "observed_at" in table.column_names else "created_at"
    ordered = table.sort_by([(by, "ascending")])
    return [v for v in dict.fromkeys(ordered[column].to_pylist()) if v]


def _span(times: pa.ChunkedArray) -> str:
    if not len(times):
        return "unknown"
    return f"{wording.moment(times[0].as_py())} to {wording.moment(times[-1].as_py())}"


def _languages(links: Links, posts: pa.Table) -> str:
    counts = Counter(links.language(post) or "unknown" for post in posts["post_id"].to_pylist())
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{lang} {number:,}" for lang, number in ordered[:5]) or "unknown"


def _state(profiles: pa.Table) -> str:
    if not profiles.num_rows:
        return "unknown"
    last = profiles.sort_by([("observed_at", "ascending")])
    return str(last["state"][last.num_rows - 1].as_py())


def _roles(links: Links, evidence: Evidence, account_id: str) -> Section:
    rows = [
        {
            "role": row["role"],
            "points": row["points"],
            "firsts": row["firsts"],
            "expected": row["expected"],
            "q": row["q_value"],
            "lag": wording.span(row["lag_s"]) if row["lag_s"] > 0 else "first",
            "reach": row["reach"],
            "reason": evidence.redactor.sentence(row["reason"]),
            "campaign": evidence.redactor.derived(row["campaign_id"]),
        }
        for row in rows_of(links, "roles", account_id)
    ]
    columns = (
        Column("role", "Role, by time order"), Column("points", "Points", "count"),
        Column("firsts", "First in", "count"), Column("expected", "By chance", "number"),
        Column("q", "q", "chance"), Column("lag", "Lag"), Column("reach", "Reach", "count"),
        Column("reason", "Why"), Column("campaign", "Campaign", "id"),
    )  # fmt: skip
    note = ""
    member = rows_of(links, "campaign_accounts", account_id)
    if not rows and member:
        note = "It wrote on the narratives of a campaign, without evidence of a part in it."
    return Section("roles", "Role", columns, rows, len(rows), note)


def _events(links: Links, evidence: Evidence, account_id: str) -> Section:
    rows = []
    events = [*rows_of(links, "account_events", account_id)]
    events.sort(key=lambda r: (r["at"] is None, str(r["at"]), r["kind"], str(r["after"])))
    for row in events:
        sides = [
            event_value(evidence.redactor, row["kind"], side, row[side]) if row[side] else None
            for side in ("before", "after")
        ]
        rows.append(
            {
                "at": row["at"],
                "kind": row["kind"].replace("_", " "),
                "before": sides[0],
                "after": sides[1],
                "place": f"{evidence.redactor.file(row['source_file'])}, row {row['source_row']}",
            }
        )
    columns = (
        Column("at", "Time"), Column("kind", "What"), Column("before", "Before", "id"),
        Column("after", "After", "id"), Column("place", "Where read"),
    )  # fmt: skip
    return Section("fate", "What became of it", columns, cut(rows), len(rows))


def _groups(links: Links, evidence: Evidence, account_id: str) -> Section:
    rows = [
        {
            "group": evidence.redactor.derived(row["group_id"]),
            "size": row["size"],
            "members": [
                evidence.redactor.account(a) for a in sorted(row["accounts"]) if a != account_id
            ][:MAX_ROWS],
            "layers": ", ".join(layer.replace("_", " ") for layer in row["layers"]),
            "stability": row["stability"],
            "q": row["q_value"],
            "harmless": (row["benign_class"] or "none known").replace("_", " "),
        }
        for row in holding(links["groups"], "accounts", account_id)
    ]
    columns = (
        Column("group", "Group", "id"), Column("size", "Accounts", "count"),
        Column("members", "Others in it", "id"), Column("layers", "Shared"),
        Column("stability", "Stability", "share"), Column("q", "q", "chance"),
        Column("harmless", "Harmless reason"),
    )  # fmt: skip
    return Section("groups", "Groups", columns, cut(rows), len(rows))


def _neighbours(links: Links, evidence: Evidence, account_id: str, posts: pa.Table) -> Section:
    """Accounts that posted the most of the same talking points; counted, not tested."""
    points = pc.unique(posts["point_id"].drop_null())
    known = links["talking_points"]
    crowd = pc.and_(pc.is_in(known["point_id"], value_set=points),
                    pc.less_equal(known["accounts"], MAX_CROWD))  # fmt: skip
    small = known.filter(crowd)["point_id"].combine_chunks()
    others = links.posts.filter(pc.is_in(links.posts["point_id"], value_set=small))
    pairs = others.group_by(["account_id", "point_id"]).aggregate([])
    pairs = pairs.filter(pc.not_equal(pairs["account_id"], account_id))
    counts = tally(pairs, "account_id")
    rows = [
        {"account": evidence.redactor.account(account), "points": number}
        for account, number in counts[:MAX_ROWS]
    ]
    columns = (
        Column("account", "Account", "id"), Column("points", "Same talking points", "count"),
    )  # fmt: skip
    note = "Counted, not tested against chance; ties are." if rows else ""
    return Section("neighbours", "Said the same", columns, rows, len(counts), note)


def _claims(links: Links, evidence: Evidence, account_id: str) -> Section:
    """Asserted claims, oldest first, once for each wording."""
    own = rows_of(links, "claims", account_id)
    said = [row for row in own if row["status"] == "asserted"]
    said.sort(key=lambda r: (r["said_at"] is None, str(r["said_at"]), r["claim_id"]))
    first: dict[tuple[str, ...], Row] = {}
    for row in said:
        first.setdefault((row["attribute"], row["value"], row["quote"]), row)
    rows = list(first.values())
    return claims_section(evidence, rows[:MAX_ROWS], len(rows))


def _quotes(card: Card) -> Quotes:
    return Quotes(
        head=f"Level {card.level}: {card.level_words}; {card.kind}, {card.attribute}",
        before=_said(card.before),
        after=_said(card.after),
        why=[card.level_meaning, *card.reasons, *card.rates, *card.chances],
        else_=card.explanations,
    )


def _said(side: Side) -> Row:
    return {
        "at": side.at,
        "said": side.said,
        "quote": side.quote,
        "claimed": side.value,
        "shown_as": list(side.shown_as) if side.shown_as else None,
        "lang": side.cited.lang,
        "place": side.cited.place,
        "cite": side.cited.cite,
    }
