"""Which accounts did a platform remove? Adds a list of removed accounts to what was read.

In: a CSV with account_id and, when known, state (suspended or deleted) and observed_at. Out: one
account event for each row. It says only what the file says: a row that states no kind of removal
becomes an event of kind `removed`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pv

from corpus.errors import SchemaError, UnknownFormat
from corpus.rejects import BAD_TIME, NO_ACCOUNT, Reject, excerpt
from corpus.settings import parse_time
from corpus.tables import ACCOUNT_EVENTS

if TYPE_CHECKING:
    from corpus.readers import Corpus

STATED = {"suspended": "suspended", "deleted": "deleted"}


def read_removed(path: Path) -> tuple[pa.Table, tuple[Reject, ...]]:
    """Return (events, rejects) of a removal list; raise UnknownFormat or SchemaError."""
    rows = _rows(path)
    events, rejects = [], []
    for number, row in enumerate(rows):
        event, reason = _event(row, path.name, number)
        if event is None:
            shown = excerpt(", ".join(f"{key}={value}" for key, value in row.items()))
            rejects.append(Reject(path.name, number, reason, shown))
        else:
            events.append(event)
    return ACCOUNT_EVENTS.from_rows(events), tuple(rejects)


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        names = pv.open_csv(path).schema.names
        as_text = pv.ConvertOptions(column_types={name: pa.string() for name in names})
        table = pv.read_csv(path, convert_options=as_text)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UnknownFormat(
            f"{path.name} is not a readable CSV ({error}); --removed expects columns account_id,"
            " state, observed_at"
        ) from error
    if "account_id" not in names:
        raise SchemaError(
            f"{path.name} has columns {', '.join(names)}; --removed expects account_id and, when"
            " known, state and observed_at"
        )
    rows: list[dict[str, str | None]] = table.to_pylist()
    return rows


def _event(row: dict[str, str | None], name: str, number: int) -> tuple[dict[str, Any] | None, str]:
    account = (row.get("account_id") or "").strip()
    if not account:
        return None, NO_ACCOUNT
    moment: datetime | None = None
    stated = (row.get("observed_at") or "").strip()
    if stated:
        try:
            moment = parse_time(stated)
        except ValueError:
            return None, BAD_TIME
    state = (row.get("state") or "").strip().lower()
    kind = STATED.get(state, "removed")
    event = {"account_id": account, "kind": kind, "at": moment, "before": None, "after": None}
    return event | {"source_file": name, "source_row": number}, ""


def with_removed(corpus: Corpus, path: Path) -> Corpus:
    """Return `corpus` with the removal list's events, and its unusable rows among the rejects."""
    events, rejects = read_removed(path)
    return replace(
        corpus,
        account_events=pa.concat_tables([corpus.account_events, events]),
        rejects=(*corpus.rejects, *rejects),
    )
