"""How unusual is it here that an account edits its profile so often?

In: the tables `persona_edits`, `persona_base_rates` and `persona_coverage`. Out: one sentence for
each field that an account edited, its count beside what the accounts of this corpus do. A count
alone says nothing: ordinary partisans rewrite a bio six times a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import wording
from reports.links import Links
from reports.persona_lanes import rows_of

Row = Mapping[str, Any]
_FIELDS = {"handle": "handle", "name": "shown name", "bio": "bio", "location": "location field"}
# Smaller values of q are told as a bound: the tail of a fitted curve has no more digits.
LEAST_Q = 0.001


def edit_sentences(links: Links, account_id: str) -> list[str]:
    """Return the sentences of one account, in the order of a profile."""
    rates = {row["field"]: row for row in links["persona_base_rates"].to_pylist()}
    days = [row["exposure_days"] for row in rows_of(links, "persona_coverage", account_id)]
    edits = {row["field"]: row for row in rows_of(links, "persona_edits", account_id)}
    return [
        _sentence(edits[field], rates[field], days[0] if days else None)
        for field in _FIELDS
        if field in edits and field in rates
    ]


def _sentence(own: Row, rate: Row, days: float | None) -> str:
    field = _FIELDS[own["field"]]
    watched = f" in {wording.count(round(days), 'day')} watched" if days else ""
    yearly = rate["edits_per_account_year"]
    told = (
        f"This account changed its {field} {wording.count(own['edits'], 'time')}{watched};"
        f" accounts here do so {yearly:.1f} times a year, which lets expect {own['expected']:.1f}"
        f" ({_q(own['q_value'])})."
    )
    return told + (" That is more than chance gives here." if own["unusual"] else "")


def _q(value: float) -> str:
    return f"q below {LEAST_Q}" if value < LEAST_Q else f"q = {value:.2g}"
