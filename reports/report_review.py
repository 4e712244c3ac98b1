"""What the report says of the analysts' decisions and of coders' judgements.

In: the tables `decisions` and `agreement` as the run and the analysts left them. Out: marks by id,
sentences on what was set aside or not found again, rows of the table of agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from reports import wording
from reports.decided import aside_lines, lost_lines, marks
from reports.links import table_of
from reports.redaction import Redactor


def section(tables: Mapping[str, pa.Table], redactor: Redactor) -> dict[str, Any]:
    """Return what the templates print; empty where nobody decided anything."""
    return {
        "marks": marks(tables, redactor),
        "aside": aside_lines(tables, redactor),
        "lost": lost_lines(tables, redactor),
        "agreement": agreement_rows(tables),
    }


def agreement_rows(tables: Mapping[str, pa.Table]) -> list[dict[str, str]]:
    """The table of agreement in words, the latest sample first, each followed by its kinds."""
    rows = table_of(tables, "agreement").to_pylist()
    rows.sort(
        key=lambda r: (-r["read_at"].timestamp(), r["sheet_id"], r["kind"] != "all", r["kind"])
    )
    return [_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    what = row["scope"].replace("_", " ")
    kind = row["kind"].replace("_", " ")
    return {
        "what": what if row["kind"] == "all" else f"{what}: {kind}",
        "read": wording.day(row["read_at"]),
        "coders": f"{row['coders']:,}",
        "judged": f"{row['items']:,}",
        "alpha": between(row["alpha"], row["alpha_low"], row["alpha_high"]),
        "precision": _precision(row),
        "open": f"{row['tied']:,}, {row['unclear']:,}",
        "controls": f"{row['controls_affirmed']:,} of {row['controls']:,}",
    }


def _precision(row: Mapping[str, Any]) -> str:
    told = between(row["precision"], row["precision_low"], row["precision_high"])
    decided = row["confirmed"] + row["rejected"]
    if not decided:
        return told
    told += f"; {row['confirmed']:,} of {decided:,}"
    affirmed = 2 * row["controls_affirmed"] > row["controls"]
    return f"{told}; most controls were affirmed too, so this says little" if affirmed else told


def between(value: float | None, low: float | None, high: float | None) -> str:
    """A figure with its interval, as `.71 (.60 to .80)`; "not defined" for None."""
    if value is None:
        return "not defined"
    if low is None or high is None:
        return _short(value)
    return f"{_short(value)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"
