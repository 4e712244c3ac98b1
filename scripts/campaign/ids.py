"""Ids that look like those of a platform: 18 or 19 digits that grow with time.

Milliseconds since 2010 in the high bits, a drawn number in the low ones. Text everywhere: such
numbers do not survive a spreadsheet's 15 digits, which is why the synthetic files have them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from scripts.campaign.chance import Rng

EPOCH = datetime(2010, 1, 1, tzinfo=UTC)
LOW_BITS = 23


def new_id(rng: Rng, moment: datetime, taken: set[str]) -> str:
    """Give an id for `moment` that is not in `taken`, and put it there."""
    milliseconds = int((moment - EPOCH).total_seconds() * 1000)
    while True:
        value = str((milliseconds << LOW_BITS) | int(rng.integers(0, 1 << LOW_BITS)))
        if value not in taken:
            taken.add(value)
            return value
