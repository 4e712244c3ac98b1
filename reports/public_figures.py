"""Whom the analyst shows as they are: heads of state, ministries, newsrooms, by handle or id.

In: what the setting `report.public` lists, and the tables of a case. Out: the account ids, handles
and display names that stay. Somebody listed by a handle that one account of the case carries is
shown with that account's id, handles and names. A handle that several accounts carried, one after
the other or on several platforms, is refused: the list would show people who are not on it. Who is
not in the case is passed over, so one list serves many cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from reports.known_names import spelling


@dataclass(frozen=True)
class PublicFigures:
    """Account ids as read, handles as `known_names.spelling` writes them, names without ends."""

    accounts: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


NOBODY = PublicFigures()


def resolve(listed: Iterable[str], tables: Mapping[str, pa.Table]) -> PublicFigures:
    """Return who is shown as they are.

    Raises
    ------
    SettingsError
        When a listed handle belongs to several accounts, with how many.
    """
    wanted = [entry.strip() for entry in listed if entry.strip()]
    if not wanted:
        return NOBODY
    pairs = _pairs(tables, "handle")
    ids = {account for account, _ in pairs} | _ids(tables)
    accounts: set[str] = set()
    handles: set[str] = set()
    for entry in wanted:
        if entry in ids:
            accounts.add(entry)
            continue
        handles.add(spelling(entry.lstrip("@＠")))
        accounts |= _carriers(entry, pairs)
    theirs = [handle for account, handle in pairs if account in accounts]
    names = {
        name.strip() for account, name in _pairs(tables, "display_name") if account in accounts
    }
    return PublicFigures(
        frozenset(accounts), frozenset(handles | {spelling(handle) for handle in theirs}),
        frozenset(names),
    )  # fmt: skip


def _carriers(entry: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    handle = spelling(entry.lstrip("@＠"))
    found = {account for account, theirs in pairs if spelling(theirs) == handle}
    if len(found) > 1:
        raise SettingsError(
            f"report.public has {entry!r}, a handle that {len(found)} accounts of this case"
            " carried; list the account id of the one that is meant"
        )
    return found


def _pairs(tables: Mapping[str, pa.Table], column: str) -> list[tuple[str, str]]:
    """Distinct (account id, value) pairs of posts and profiles, in order."""
    found: set[tuple[str, str]] = set()
    for name in ("posts", "profiles"):
        table = tables.get(name)
        if table is None or column not in table.column_names:
            continue
        both = table.select(["account_id", column]).drop_null()
        both = both.group_by(["account_id", column]).aggregate([])
        found |= {(row["account_id"], row[column]) for row in both.to_pylist() if row[column]}
    return sorted(found)


def _ids(tables: Mapping[str, pa.Table]) -> set[str]:
    found: set[str] = set()
    for name in ("posts", "profiles"):
        if name in tables:
            found |= set(pc.unique(tables[name]["account_id"].drop_null()).to_pylist())
    return found
