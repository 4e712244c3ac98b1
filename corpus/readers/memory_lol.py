"""Names that accounts of X had, with the days on which they were seen (memory.lol, one document).

In: `{"accounts": [{"id": .., "screen-names": {"old": null, "new": ["2021-08-18"]}}]}`. Out: one
profile row a name and day. A day is a sighting, not the day of a change; a name without one was
seen at an unknown time, and its row says so. The mapping file keeps the reader to accounts that are
in the corpus: a name in common is no proof that two accounts are one person's.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.readers.digging import Record, as_text, record_at, text_at
from corpus.readers.json_formats import JsonFormat, Row

NAME = "memory_lol"
NAMES = "screen-names"


def knows(record: Record) -> bool:
    """An account: an id, and names with their days."""
    return isinstance(record.get(NAMES), dict) and ("id" in record or "id-str" in record)


def unpack(record: Record) -> Iterable[Row]:
    """A row for each sighting of a name."""
    account = text_at(record, "id-str", "id")
    if account is None:
        return []
    names = record_at(record, NAMES)
    return [
        {
            "account_id": account,
            "handle": name,
            "observed_at": day,
            "basis": "retrieved" if day else "unknown",
        }
        for name, days in names.items()
        for day in _days(days)
    ]


def _days(days: object) -> list[str | None]:
    """The days of a name, [None] where it has none."""
    found = [day for one in days if (day := as_text(one))] if isinstance(days, list) else []
    return [*found] or [None]


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, arrays=("accounts",))
