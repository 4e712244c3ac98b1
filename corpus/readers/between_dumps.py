"""Accounts of one dump of profiles that a later dump of the same accounts no longer holds.

In: the merged snapshots and posts of a case, and which of its files are profiles alone. Out:
account events of kind `not_in_later_file`, and a sentence for each pair of files that gave some.
It is said only where the later file covers the account:

- the later file holds profiles alone: one of posts holds whoever posted,
- all its sightings are later than those of the earlier file,
- it holds at least COVERED of the earlier file's accounts, and MIN_COMMON of them: a list of
  accounts was collected again,
- nothing in any file shows the account at or after the first sighting of the later one, and none
  has said that it is gone.

The event is at the last sighting of the later file and stands in the row of the last sighting of
the account. It is no statement that the account is gone: it may have been left out, or have a new
id. Where fewer accounts are found again, nothing is said of any of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import ACCOUNT_EVENTS

if TYPE_CHECKING:
    import pandas as pd

KIND = "not_in_later_file"
# What observes an account by itself; a profile beside a post says no more than the post.
DUMPED = ("retrieved", "export")
# A list collected again within months loses a few in a hundred; a search run again keeps far fewer.
COVERED, MIN_COMMON = 0.8, 5
GONE = ("suspended", "deleted")


@dataclass(frozen=True)
class _Dump:
    name: str
    first: datetime
    last: datetime
    accounts: frozenset[str]


def not_in_later_files(
    profiles: pa.Table, posts: pa.Table, profile_files: Collection[str]
) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the events and notes; tables keep their contracts.

    `profile_files` are the names of files that hold profiles alone.
    """
    dated = profiles.filter(pc.is_valid(profiles["observed_at"]))
    dumps = _dumps(dated)
    pairs = [
        (earlier, later)
        for later in dumps
        if later.name in profile_files and (earlier := _covered_by(later, dumps)) is not None
    ]
    if not pairs:
        return ACCOUNT_EVENTS.empty(), ()
    signs, gone, rows = _last_signs(dated, posts), _stated_gone(profiles), _last_rows(dated)
    events: dict[str, dict[str, Any]] = {}
    notes = []
    for earlier, later in pairs:
        missing = [
            account
            for account in sorted(earlier.accounts - later.accounts - gone - events.keys())
            if signs[account] < later.first
        ]
        for account in missing:
            events[account] = _event(account, later, rows[account])
        if missing:
            notes.append(_note(earlier, later, len(missing)))
    return ACCOUNT_EVENTS.from_rows([events[account] for account in sorted(events)]), tuple(notes)


def _dumps(dated: pa.Table) -> list[_Dump]:
    """Every file with dated sightings of its own, by the time of the last one."""
    own = dated.filter(pc.is_in(dated["basis"], value_set=pa.array(DUMPED)))
    frame = own.select(["source_file", "account_id", "observed_at"]).to_pandas()
    found = [
        _Dump(
            str(name),
            rows["observed_at"].min().to_pydatetime(),
            rows["observed_at"].max().to_pydatetime(),
            frozenset(rows["account_id"]),
        )
        for name, rows in frame.groupby("source_file")
    ]
    return sorted(found, key=lambda dump: (dump.last, dump.name))


def _covered_by(later: _Dump, dumps: list[_Dump]) -> _Dump | None:
    """The last dump before `later` whose accounts it holds again."""
    for earlier in reversed(dumps):
        common = len(earlier.accounts & later.accounts)
        enough = common >= max(MIN_COMMON, COVERED * len(earlier.accounts))
        if earlier.last < later.first and enough:
            return earlier
    return None


def _last_signs(dated: pa.Table, posts: pa.Table) -> dict[str, datetime]:
    """When each account was last seen, in a snapshot or by a post."""
    wrote = posts.filter(pc.is_valid(posts["created_at"])).select(["account_id", "created_at"])
    wrote = wrote.rename_columns(["account_id", "observed_at"])
    seen = dated.select(["account_id", "observed_at"])
    both = pa.concat_tables([seen, wrote], promote_options="permissive")
    frame: pd.DataFrame = both.to_pandas().dropna()
    last = frame.groupby("account_id")["observed_at"].max()
    return {str(name): at.to_pydatetime() for name, at in last.items()}


def _stated_gone(profiles: pa.Table) -> set[str]:
    gone = profiles.filter(pc.is_in(profiles["state"], value_set=pa.array(GONE)))
    return set(gone["account_id"].to_pylist())


def _last_rows(dated: pa.Table) -> dict[str, tuple[str, int]]:
    """File and row of the last dated sighting of each account."""
    keys = ("observed_at", "source_file", "source_row")
    ordered = dated.sort_by([(key, "ascending") for key in keys])
    columns = (ordered[name].to_pylist() for name in ("account_id", "source_file", "source_row"))
    return {account: (file, row) for account, file, row in zip(*columns, strict=True)}


def _event(account: str, later: _Dump, place: tuple[str, int]) -> dict[str, Any]:
    file, row = place
    return {
        "account_id": account,
        "kind": KIND,
        "at": later.last,
        "before": "in the file",
        "after": "not in it",
        "source_file": file,
        "source_row": row,
    }


def _note(earlier: _Dump, later: _Dump, missing: int) -> str:
    common, whole = len(earlier.accounts & later.accounts), len(earlier.accounts)
    return (
        f"accounts of {earlier.name} that are not in {later.name}, which holds {common:,} of its"
        f" {whole:,}, and give no later sign: {missing:,}; they may be gone, have a new id or have"
        " been left out"
    )
