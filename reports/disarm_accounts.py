"""Findings in accounts and profiles that a technique of the framework may accompany.

In: the linked tables of a case. Out: `Seen` rows on accounts with evidence: level-3 shifts,
renames, silence, creation dates, what went after the campaign, claimed places and occupations,
shared bios and pictures, handles of another. Whatever rests on gender is left out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import exp, lgamma
from typing import Any

import pyarrow.compute as pc

from corpus.identity import content_id
from corpus.significance import benjamini_hochberg
from reports import wording
from reports.disarm_seen import LEAST_CARRIERS, LEVEL, Seen, seen
from reports.evident import evident_accounts, moving_together
from reports.found import phrases
from reports.life_cycle import Life, Lives, lives_of
from reports.links import Links

HIGHEST = 3
# Half a year: holidays and exams last weeks, and a term or a lost phone months.
DORMANT = timedelta(days=182)
# A month before the campaign; platforms call accounts new for about as long.
NEW = timedelta(days=30)
# attribute and value of an asserted claim, None for any value, and the kind it makes.
CLAIMS = (
    ("location", None, "claimed_place"),
    ("occupation", "journalist", "claimed_journalist"),
    ("occupation", "activist", "claimed_activist"),
)


def seen_of_accounts(links: Links) -> Iterator[Seen]:
    """Every finding in accounts."""
    moved = moving_together(links)
    yield from _repurposed(links)
    lives = lives_of(links)
    yield from _events(links, lives)
    yield from _claimed(links, moved)
    yield from _templates(links, moved)
    yield from _avatars(links, moved)
    start = _start(links)
    yield from _created_together(lives, moved)
    if start is not None:
        yield from _dormant(lives, moved, start)
        yield from _new(lives, moved, start)


def _start(links: Links) -> datetime | None:
    starts: list[datetime] = links["campaign"]["start_at"].to_pylist()
    return min(starts, default=None)


def _repurposed(links: Links) -> Iterator[Seen]:
    shifts = links["shifts"]
    for row in shifts.filter(pc.equal(shifts["level"], HIGHEST)).to_pylist():
        if row["attribute"] != "gender":
            when = f"between {wording.day(row['at_before'])} and {wording.day(row['at_after'])}"
            why = f"Pattern consistent with a new use of the account, {when}; both states are kept."
            sources = (row["before_source"], row["after_source"])
            accounts = (row["account_id"],)
            yield seen("repurposing_pattern", row["shift_id"], sources, accounts, why,
                       row["score"] or 0.0)  # fmt: skip


def _events(links: Links, lives: Lives) -> Iterator[Seen]:
    """Renames, handles of another, and accounts gone after the campaign."""
    evident, moved = evident_accounts(links), moving_together(links)
    ends = [end for end in links["campaign"]["end_at"].to_pylist() if end is not None]
    for row in links["account_events"].to_pylist():
        account = row["account_id"]
        if row["kind"] == "renamed" and account in evident:
            why = f"The account changed its handle by {wording.day(row['at'])}; its id stayed."
            yield _event(lives, "renamed", row, why)
        elif row["kind"] == "handle_reused" and account in evident:
            why = "The account took a handle that another account in these files had before."
            yield _event(lives, "handle_of_another", row, why)
        elif account in moved and ends and _gone_from(row, min(ends)):
            yield _event(lives, "gone_after", row, _gone_words(row))


def _gone_from(row: Mapping[str, Any], end: datetime) -> bool:
    gone = row["kind"] in {"deleted", "removed"}
    return gone and row["at"] is not None and row["at"] >= end


def _gone_words(row: Mapping[str, Any]) -> str:
    if row["kind"] == "deleted":
        return f"The source states that the account was deleted by {wording.day(row['at'])}."
    return (
        f"The account was gone by {wording.day(row['at'])}; deletion by its owner and removal by"
        " the platform cannot be told apart."
    )


def _event(lives: Lives, kind: str, row: Mapping[str, Any], why: str) -> Seen:
    account = row["account_id"]
    found = content_id("disarm", kind, account, str(row["at"]), str(row["after"]))
    return seen(kind, found, _sightings(lives[account], row["at"]), (account,), why)


def _sightings(life: Life, at: datetime | None) -> list[str]:
    """The snapshots just before and from that time on, else the account's last post."""
    place = len(life.seen) if at is None else bisect_left(life.seen, at)
    return list(life.snapshots[max(0, place - 1) : place + 1]) or list(life.posts[-1:])


def _claimed(links: Links, moved: frozenset[str]) -> Iterator[Seen]:
    claims = links["claims"]
    asserted = claims.filter(pc.equal(claims["status"], "asserted")).to_pylist()
    for row in sorted(asserted, key=lambda row: str(row["claim_id"])):
        kind = _kind_of_claim(row)
        if kind is None or row["account_id"] not in moved:
            continue
        # Without the quote: a name field holds a name. Whoever shows it cites the claim.
        why = f"{_CLAIMED[kind]}, as {phrases()['field'][row['field']]}."
        sources, accounts = (row["source_id"],), (row["account_id"],)
        yield seen(kind, row["claim_id"], sources, accounts, why, float(row["n_snapshots"]))


_CLAIMED = {
    "claimed_place": "The account claimed to be of a place",
    "claimed_journalist": "The account claimed to be a journalist",
    "claimed_activist": "The account claimed to be an activist",
}


def _kind_of_claim(row: Mapping[str, Any]) -> str | None:
    found = (
        kind
        for attribute, value, kind in CLAIMS
        if row["attribute"] == attribute and value in {None, row["value"]}
    )
    return next(found, None)


def _templates(links: Links, moved: frozenset[str]) -> Iterator[Seen]:
    by_template: dict[str, list[dict[str, Any]]] = {}
    for row in links["bio_templates"].to_pylist():
        by_template.setdefault(row["template_id"], []).append(row)
    for template, rows in sorted(by_template.items()):
        accounts = [row["account_id"] for row in rows]
        inside = len(set(accounts) & moved)
        if inside < LEAST_CARRIERS:
            continue
        why = (
            f"One frame of a bio on {wording.count(len(accounts), 'account')}, {inside:,} of them"
            " with evidence of posting together."
        )
        yield seen("shared_bio_template", template, (r["source_id"] for r in rows), accounts, why)


def _avatars(links: Links, moved: frozenset[str]) -> Iterator[Seen]:
    profiles = links["profiles"]
    named = profiles.filter(pc.is_valid(profiles["avatar_hash"]))
    holders: dict[str, dict[str, str]] = {}
    for picture, account, snapshot in zip(
        *(named[c].to_pylist() for c in ("avatar_hash", "account_id", "snapshot_id")), strict=True
    ):
        if picture:
            holders.setdefault(picture, {}).setdefault(account, snapshot)
    for picture, shown in sorted(holders.items()):
        inside = sorted(shown.keys() & moved)
        if len(inside) >= LEAST_CARRIERS:
            why = (
                f"One picture on {wording.count(len(shown), 'account')}, {len(inside):,} of them"
                " with evidence of posting together."
            )
            found = content_id("disarm", "shared_avatar", picture)
            yield seen("shared_avatar", found, (shown[a] for a in inside), inside, why)


def _dormant(lives: Lives, moved: frozenset[str], start: datetime) -> Iterator[Seen]:
    for account in sorted(moved & lives.keys()):
        life = lives[account]
        if life.silent_before(start) >= DORMANT and life.first_from(start) is not None:
            days = life.silent_before(start).days
            why = f"No post in these files for {days:,} days before the campaign, then posts in it."
            found = content_id("disarm", "dormant_then_active", account)
            shown = [one for one in (life.last_until(start), life.first_from(start)) if one]
            yield seen("dormant_then_active", found, shown, (account,), why, float(days))


def _new(lives: Lives, moved: frozenset[str], start: datetime) -> Iterator[Seen]:
    for account in sorted(moved & lives.keys()):
        life = lives[account]
        if life.created is not None and start - NEW <= life.created <= start:
            why = f"The profile states {wording.day(life.created)} as the day it was created."
            found = content_id("disarm", "newly_created", account)
            shown = [one for one in (life.first_from(life.created),) if one]
            yield seen("newly_created", found, shown, (account,), why)


def _created_together(lives: Lives, moved: frozenset[str]) -> Iterator[Seen]:
    """Days on which more accounts with evidence were created than all accounts let expect."""
    day_of = {a: life.created.date() for a, life in lives.items() if life.created is not None}
    inside = {account: day for account, day in day_of.items() if account in moved}
    every, own = Counter(day_of.values()), Counter(inside.values())
    days = sorted(day for day, number in own.items() if number >= LEAST_CARRIERS)
    p = [at_least(own[day], len(day_of), every[day], len(inside)) for day in days]
    q = benjamini_hochberg(p, max(len(every), len(p)))
    for day, each in zip(days, q, strict=True):
        if each > LEVEL:
            continue
        accounts = sorted(account for account, created in inside.items() if created == day)
        why = (
            f"{wording.count(len(accounts), 'account')} with evidence were created on {day}, of"
            f" {every[day]:,} in all (q {each:.3f})."
        )
        found = content_id("disarm", "created_together", str(day))
        shown = [post for a in accounts if (post := lives[a].first_post)]
        yield seen("created_together", found, shown, accounts, why, float(len(accounts)))


def at_least(hits: int, whole: int, marked: int, drawn: int) -> float:
    """Chance of at least `hits` marked among `drawn` of `whole` (hypergeometric upper tail)."""
    most = min(marked, drawn)
    total = _log_choose(whole, drawn)
    terms = (
        _log_choose(marked, k) + _log_choose(whole - marked, drawn - k) - total
        for k in range(max(hits, drawn - (whole - marked)), most + 1)
    )
    return min(1.0, sum(exp(term) for term in terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
