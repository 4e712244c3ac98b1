"""Findings about accounts: persona shifts, what could not be assessed, renames, accounts gone.

In: shifts, persona coverage and account events of a case. Out: `Found` rows. A gender change is
never among them: alone it is a note at most, and a note beside two quotes belongs on its card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.settings import Settings
from reports import wording
from reports.found import (
    MAX_IDS,
    Found,
    attribute_words,
    kinds,
    level_words,
    marked,
    phrases,
    shift_order,
)
from reports.links import Links, tally

GONE = ("suspended", "deleted", "removed")


def strong_shifts(links: Links) -> list[dict[str, Any]]:
    """Shifts of level 2 and above, the highest first, one an account."""
    shifts = links["shifts"]
    rows = shifts.filter(pc.greater_equal(shifts["level"], 2)).to_pylist()
    rows.sort(key=shift_order)
    return list({row["account_id"]: row for row in reversed(rows)}.values())[::-1]


def shifts(links: Links, settings: Settings) -> Iterable[Found]:
    """The strongest shifts by themselves, and how many accounts there are in all."""
    rows = strong_shifts(links)
    found = [_shift(row) for row in rows]
    listed = kinds()["shift"]["most"]
    if len(rows) > listed:
        told = [f"{wording.count(n, 'account')} {seen}" for n, seen in strong_by_kind(links)]
        words = {"by_kind": wording.joined(told)}
        evidence = tuple(source for row in rows for source in _sources(row))
        accounts = tuple(row["account_id"] for row in rows)
        found.append(Found("shift_count", "all", 1.0, words, evidence, accounts))
    return found


def strong_by_kind(links: Links) -> list[tuple[int, str]]:
    """How many accounts have shifts of level 2 and above, with what was seen: (29, "made …").

    An account that shows two kinds is counted in both, and the words differ by kind because a
    replaced identity is no statement that excludes another.
    """
    accounts: dict[str, set[str]] = {words: set() for words in phrases()["strong_kind"].values()}
    shifts = links["shifts"]
    for row in shifts.filter(pc.greater_equal(shifts["level"], 2)).to_pylist():
        kinds_told = phrases()["strong_kind"]
        accounts[kinds_told.get(row["kind"], kinds_told["other"])].add(row["account_id"])
    return [(len(ids), words) for words, ids in accounts.items() if ids]


def _sources(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["before_source"], row["after_source"]


def _shift(row: Mapping[str, Any]) -> Found:
    identity = row["attribute"] == "identity"
    words = {
        "level_words": level_words(row).capitalize(),
        "account": marked(row["account_id"]),
        "attribute": attribute_words(row["attribute"]),
        "before": row["before"],
        "after": row["after"],
        "at_before": wording.day(row["at_before"]),
        "at_after": wording.day(row["at_after"]),
    }
    kind = "shift_identity" if identity else "shift"
    # Level 3 is the highest; within a level the score only orders, so it adds a tenth at most.
    strength = row["level"] / 3 - 0.1 + 0.1 * min(1.0, max(0.0, (row["score"] or 0.0) / 10))
    return Found(kind, row["shift_id"], strength, words, _sources(row), (row["account_id"],))


def re_identities(links: Links, settings: Settings) -> Iterable[Found]:
    """Accounts with a replaced identity, and how many of them show nothing beside it."""
    rows = links["shifts"].filter(pc.equal(links["shifts"]["kind"], "re_identity")).to_pylist()
    ordered = sorted((row for row in rows if row["level"] >= 1), key=shift_order)
    accounts = tuple(dict.fromkeys(row["account_id"] for row in ordered))
    further = {row["account_id"] for row in ordered if row["level"] > 1}
    alone = len(accounts) - len(further)
    if not alone:
        return []
    words = {
        "accounts": wording.count(len(accounts), "account"),
        "alone": f"{alone:,} of them" if further else "all of them" if alone > 1 else "it came",
    }
    evidence = tuple(source for row in ordered for source in _sources(row))
    return [Found("re_identity", "all", 1.0, words, evidence, accounts)]


def coverage(links: Links, settings: Settings) -> Iterable[Found]:
    """For how many accounts a shift could not be assessed, and why."""
    rows = links["persona_coverage"]
    missing = rows.filter(pc.invert(rows["assessable"]))
    if not missing.num_rows:
        return []
    accounts = tuple(sorted(missing["account_id"].to_pylist()))
    words = {
        "accounts": f"{len(accounts):,}",
        "total": wording.count(rows.num_rows, "account"),
        "reason": tally(missing, "reason")[0][0].rstrip("."),
    }
    return [Found("coverage", "all", 1.0, words, _first_sources(links, accounts), accounts)]


def _first_sources(links: Links, accounts: tuple[str, ...]) -> tuple[str, ...]:
    """One snapshot, else one post, for each of the first accounts."""
    wanted = pa.array(accounts[:MAX_IDS], pa.string())
    found: dict[str, str] = {}
    for name, column in (("profiles", "snapshot_id"), ("posts", "post_id")):
        rows = links[name].filter(pc.is_in(links[name]["account_id"], value_set=wanted))
        pairs = zip(rows["account_id"].to_pylist(), rows[column].to_pylist(), strict=True)
        for account, source in sorted(pairs):
            found.setdefault(account, source)
    return tuple(found[account] for account in accounts[:MAX_IDS] if account in found)


def renamed(links: Links, settings: Settings) -> Iterable[Found]:
    """Accounts that changed their handle under one id."""
    events = links["account_events"]
    rows = events.filter(pc.equal(events["kind"], "renamed"))
    if not rows.num_rows:
        return []
    accounts = tuple(sorted(pc.unique(rows["account_id"]).to_pylist()))
    words = {
        "accounts": wording.count(len(accounts), "account"),
        "times": wording.count(rows.num_rows, "time"),
    }
    return [Found("renamed", "all", 1.0, words, _event_sources(links, rows), accounts)]


def gone(links: Links, settings: Settings) -> Iterable[Found]:
    """Accounts that a source records as suspended, deleted or removed."""
    events = links["account_events"]
    rows = events.filter(pc.is_in(events["kind"], value_set=pa.array(GONE)))
    if not rows.num_rows:
        return []
    accounts = tuple(sorted(pc.unique(rows["account_id"]).to_pylist()))
    by_kind = [f"{number:,} {kind}" for kind, number in tally(rows, "kind")]
    words = {
        "accounts": wording.count(len(accounts), "account"),
        "kinds": wording.joined(by_kind),
    }
    return [Found("gone", "all", 1.0, words, _event_sources(links, rows), accounts)]


def _event_sources(links: Links, events: pa.Table) -> tuple[str, ...]:
    """The snapshots or posts read from the rows that the events name, else the accounts' first."""
    wanted = set(
        zip(events["source_file"].to_pylist(), events["source_row"].to_pylist(), strict=True)
    )
    found: set[str] = set()
    accounts = tuple(sorted(pc.unique(events["account_id"]).to_pylist()))
    for name, column in (("profiles", "snapshot_id"), ("posts", "post_id")):
        table = links[name]
        rows = table.filter(
            pc.is_in(table["account_id"], value_set=pa.array(accounts, pa.string()))
        )
        places = zip(
            rows["source_file"].to_pylist(), rows["source_row"].to_pylist(),
            rows[column].to_pylist(), strict=True,
        )  # fmt: skip
        found |= {source for file, row, source in places if (file, row) in wanted}
    return tuple(sorted(found)) or _first_sources(links, accounts)
