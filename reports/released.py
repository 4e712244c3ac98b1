"""The tables of a case as report and exports may read them: cut first, redacted after.

In: the tables as read, the redactor of one output. Out: the same tables without what is told of too
few accounts (`threshold`), and in mode `full` without the row of the file, by which two outputs
could be joined; ids, names and texts are still those that were read, the redactor replaces them.
Also the words that tell a reader what was withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import pyarrow as pa

from reports.redaction import Redactor
from reports.threshold import countable, cut

# Big numbers of the report that count accounts one by one, by their label.
OF_ACCOUNTS = frozenset(
    {"accounts", "copied talking points", "accounts at level 2 or 3", "accounts renamed"}
)
# Rows of the data card that speak of who wrote.
OF_WRITERS = frozenset({"Profile history", "Author unknown"})
Labelled = TypeVar("Labelled")


def released(
    tables: Mapping[str, pa.Table], redactor: Redactor, *, counted: bool = False
) -> Mapping[str, pa.Table]:
    """Return the tables that an output may be made from.

    `counted`: posts without their account get a stand-in, for outputs that count accounts by them.
    """
    left = cut(tables, redactor.min_accounts).tables
    if counted and redactor.min_accounts > 1:
        left = countable(left, tables)
    return {n: _without_rows(t) for n, t in left.items()} if redactor.mode == "full" else left


def _without_rows(table: pa.Table) -> pa.Table:
    if "source_row" not in table.column_names:
        return table
    place = table.column_names.index("source_row")
    none = pa.array([0] * table.num_rows, pa.int64())
    return table.set_column(place, table.schema.field(place), none)


def told_numbers(numbers: Iterable[Labelled], least: int) -> list[Labelled]:
    """Return the big numbers that a threshold leaves true."""
    left = [n for n in numbers if getattr(n, "label", "") not in OF_ACCOUNTS]
    return left if least > 1 else list(numbers)


def told_rows(rows: Iterable[tuple[str, str]], least: int) -> list[tuple[str, str]]:
    """Return the (label, words) rows of the data card that a threshold leaves true."""
    return [row for row in rows if least <= 1 or row[0] not in OF_WRITERS]


def redaction_words(redactor: Redactor) -> str:
    """How this output treats names, ids and quotes, in words for its header or index."""
    words = {
        "none": "names and ids shown as read",
        "pseudonym": "pseudonyms for accounts, handles, names, posts and links",
        "full": "no account, handle, name or address; labels hold inside this output alone",
    }[redactor.mode]
    if redactor.withheld():
        words += "; texts withheld"
    if len(redactor.public.accounts | redactor.public.handles):
        words += "; listed public figures shown as they are"
    return words


def threshold_words(least: int) -> str:
    """What a threshold withholds, in one sentence; "" where nothing is."""
    if least <= 1:
        return ""
    return (
        f"Withheld: whatever describes fewer than {least} accounts (< {least}), its quotes, and"
        " where subtracting would tell it the next smallest row too; counts here are of what is"
        " left."
    )
