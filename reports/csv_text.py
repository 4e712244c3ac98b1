"""A few rows as CSV that a spreadsheet opens: what a command writes beside the exports of tables.

In: rows of cells. Out: one text (RFC 4180 with CR LF), every text cell safe to open
(`clean.for_csv`), times in ISO 8601, nothing for None. Whole tables go through `exports.csv_files`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from reports.clean import for_csv


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return the rows, the head among them, as one CSV text."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return for_csv(value.isoformat() if isinstance(value, datetime) else str(value))
