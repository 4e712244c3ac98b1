"""What happened to the accounts: created, renamed, suspended, deleted, last seen, handle reused.

In: lanes, sightings and post times. Out: the table `account_events`, keyed by account id, and for
`PersonaTracker` a table of fates. It says only what the source says: an account that is not seen
again was last seen then, nothing more. A handle that moves to another id is an event of its own
(released handles are taken over by others), never a rename. A change of upper and lower case alone
is no rename.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from personas.postlog import PostLog
from personas.snapshots import GONE

Row = dict[str, Any]
Lane = Mapping[str, Any]


def renames(account_id: str, handles: Sequence[Lane]) -> list[Row]:
    """Return one row for each change of handle of one account (dated lanes in order).

    On networks of servers (name@server) a change of the server alone is "moved".
    """
    return [
        _event(
            account_id,
            _move_or_rename(old["value"], new["value"]),
            new["from_at"],
            new,
            before=old["value"],
            after=new["value"],
        )
        for old, new in pairwise(handles)
        if old["value"].casefold() != new["value"].casefold()
    ]


def local_name(handle: str) -> str:
    """Return a handle in small letters, without the server of name@server."""
    name, at, server = handle.lstrip("@").casefold().partition("@")
    return name if at and server and "@" not in server else handle.casefold()


def _move_or_rename(before: str, after: str) -> str:
    one, two = (value.lstrip("@").casefold().split("@") for value in (before, after))
    moved = len(one) == len(two) == 2 and one[0] == two[0]
    return "moved" if moved else "renamed"


def departures(account_id: str, states: Sequence[Lane]) -> list[Row]:
    """Return the first sighting of each stretch in which the source says that it is gone.

    Where it is stated to be active after such a stretch, that is an event, too.
    """
    rows = []
    before: str | None = None
    for lane in states:
        if lane["value"] in GONE and lane["value"] != before:
            rows.append(_event(account_id, lane["value"], lane["from_at"], lane, before=before))
        elif lane["value"] == "active" and before in GONE:
            rows.append(_event(account_id, "active_again", lane["from_at"], lane, before=before))
        before = lane["value"]
    return rows


def first_and_last(sightings: Iterable[Mapping[str, Any]], log: PostLog) -> list[Row]:
    """Return `created` where the source states it, and `last_seen`, for every account."""
    rows, seen = [], set()
    for row in sightings:
        account = row["account_id"]
        seen.add(account)
        if row["joined_at"] is not None:
            rows.append(_event(account, "created", row["joined_at"], row))
        rows += _last_seen(account, row["last_active_at"], row, log)
    for account in sorted(set(log.ranges) - seen):
        rows += _last_seen(account, None, None, log)
    return rows


def _last_seen(
    account: str, snapshot_at: datetime | None, row: Mapping[str, Any] | None, log: PostLog
) -> list[Row]:
    """The later of the last snapshot in which the account stood, and its last post."""
    start, stop = log.range_of(account)
    post = log.post(stop - 1) if stop > start else None
    if post is not None and (snapshot_at is None or post["created_at"] >= snapshot_at):
        return [_event(account, "last_seen", post["created_at"], post)]
    if row is None or snapshot_at is None:
        return []
    return [_event(account, "last_seen", snapshot_at, row)]


def reused_handles(lanes: Iterable[Lane], hidden: Collection[str] = ()) -> list[Row]:
    """Return one row for each account that shows a handle after another account showed it.

    `before` is the earlier account's id and `after` the handle. Accounts in `hidden` take no part.
    A source without ids uses the handle as id; such an account is no second one.
    """
    holders: dict[tuple[str, str], dict[str, Lane]] = defaultdict(dict)
    for lane in lanes:
        account, handle = lane["account_id"], lane["value"].casefold()
        if handle and account not in hidden and account.casefold().split(":")[-1] != handle:
            known = holders[lane["platform"], handle].setdefault(account, lane)
            if _dated(lane) < _dated(known):
                holders[lane["platform"], handle][account] = lane
    return [row for who in holders.values() for row in _takeovers(who)]


def _takeovers(holders: Mapping[str, Lane]) -> list[Row]:
    order = sorted(holders.values(), key=_dated)
    return [
        _event(new["account_id"], "handle_reused", new["from_at"], new,
               before=old["account_id"], after=new["value"])
        for old, new in pairwise(order)
    ]  # fmt: skip


def _dated(lane: Lane) -> tuple[bool, float, str]:
    at = lane["from_at"]
    return (at is None, 0.0 if at is None else at.timestamp(), lane["account_id"])


def fates(events: Iterable[Row], log: PostLog) -> list[Row]:
    """Return what the source last said of each account: suspended, deleted, renamed or seen."""
    by_account: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        by_account[event["account_id"]].append(event)
    return [_fate(account, by_account[account], log) for account in sorted(by_account)]


def _fate(account: str, events: list[Row], log: PostLog) -> Row:
    dated = [e for e in events if e["at"] is not None and e["kind"] in (*GONE, "last_seen")]
    last = max(dated, key=lambda e: (e["at"], e["kind"] in GONE, e["kind"]), default=None)
    moved = [e for e in events if e["kind"] == "renamed"]
    newest = max(moved, key=lambda e: (e["at"], e["after"]), default=None)
    gone = last is not None and last["kind"] in GONE
    outcome = last["kind"] if last is not None and gone else "renamed" if newest else "seen"
    start, stop = log.range_of(account)
    return {
        "account_id": account,
        "outcome": outcome,
        "at": newest["at"] if outcome == "renamed" and newest else last and last["at"],
        "last_post_at": log.post(stop - 1)["created_at"] if stop > start else None,
        "before": newest["before"] if newest else None,
        "after": newest["after"] if newest else None,
    }


def _event(
    account_id: str,
    kind: str,
    at: datetime | None,
    where: Mapping[str, Any],
    *,
    before: str | None = None,
    after: str | None = None,
) -> Row:
    return {
        "account_id": account_id,
        "kind": kind,
        "at": at,
        "before": before,
        "after": after,
        "source_file": where["source_file"],
        "source_row": where["source_row"],
    }
