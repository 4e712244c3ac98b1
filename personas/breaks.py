"""Was there a break just before an account changed: a long silence, or posts removed in bulk?

In: post times, falls of the post count, and the interval of a change. Out: the break, if one lies
near enough. Misleading repurposing is more likely after inactivity and after the removal of old
posts (Elmas et al., ICWSM 2023). A silence is measured by the account's own habit: half a year is
nothing for somebody who posts twice a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

# A silence counts from 90 days on, and from five times the 95th percentile of the account's own
# gaps.
DORMANT = timedelta(days=90)
DORMANT_TIMES_USUAL = 5.0
USUAL_PERCENTILE = 95.0
# Fewer other gaps than this give no percentile worth the name.
MIN_GAPS = 10
# A silence lies "just before" when it ends at most this long before the old state was last seen.
JUST_BEFORE = timedelta(days=30)
# Posts removed later than this after the new state was first seen belong to another story.
JUST_AFTER = timedelta(days=7)
# Removal, a switch of language or a contradiction lies near a change within this time.
NEAR = timedelta(days=90)


@dataclass(frozen=True)
class Silence:
    """A gap between two posts, and the account's usual gap; both in days."""

    days: float
    usual_days: float


@dataclass(frozen=True)
class Removal:
    """A fall of the post count between two sightings."""

    at_before: datetime
    at_after: datetime
    posts_before: int
    posts_after: int


def silence_before(times: np.ndarray, before: datetime, after: datetime) -> Silence | None:
    """Return the longest silence that leads up to a change between `before` and `after`.

    `times` are post times, (n,) int64 microseconds, rising.
    """
    gaps = np.diff(times)
    if len(gaps) <= MIN_GAPS:
        return None
    begins, ends = times[:-1], times[1:]
    long = gaps >= _microseconds(DORMANT)
    near = (begins <= _epoch(after)) & (ends >= _epoch(before - JUST_BEFORE))
    best: Silence | None = None
    for at in np.flatnonzero(long & near):
        usual = float(np.percentile(np.delete(gaps, at), USUAL_PERCENTILE))
        days = float(gaps[at]) / _microseconds(timedelta(days=1))
        if gaps[at] >= DORMANT_TIMES_USUAL * usual and (best is None or days > best.days):
            best = Silence(days, usual / _microseconds(timedelta(days=1)))
    return best


def removal_near(
    falls: Iterable[Mapping[str, Any]], before: datetime, after: datetime
) -> Removal | None:
    """Return the first fall of the post count (rows of DELETIONS) near the change."""
    for fall in sorted(falls, key=lambda f: (f["at_before"], f["at_after"])):
        soon = fall["at_before"] <= after + JUST_AFTER
        if soon and is_near(fall["at_before"], fall["at_after"], before, after):
            return Removal(
                fall["at_before"], fall["at_after"], fall["posts_before"], fall["posts_after"]
            )
    return None


def is_near(
    start: datetime | None, end: datetime | None, before: datetime, after: datetime
) -> bool:
    """Tell whether [start, end] comes within NEAR of [before, after]."""
    if start is None or end is None:
        return False
    return start <= after + NEAR and end >= before - NEAR


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _epoch(moment: datetime) -> int:
    return _microseconds(moment - datetime(1970, 1, 1, tzinfo=UTC))
