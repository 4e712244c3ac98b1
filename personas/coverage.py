"""Could a change have been seen at all? One answer in words for every account.

In: how often and how long an account was seen, and its claims. Out: rows of `persona_coverage`.
Most corpora hold one profile snapshot an account; then the honest answer is "single snapshot, shift
cannot be assessed", and silence would read as "no shift".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from personas.abrupt import Abrupt
from personas.timeline import POST_LANE, Statement

# With fewer sightings and a shorter span than this, a history is too thin to call a change.
MIN_SIGHTINGS = 5
MIN_SPAN = timedelta(days=30)
NOTHING = "no profile snapshot and no claim in a post with a time, shift cannot be assessed"
SINGLE = "single snapshot, shift cannot be assessed"
UNDATED = "several snapshots but none with a time, shift cannot be assessed"
INSUFFICIENT = "insufficient history: fewer than 5 snapshots and less than 30 days"
MINOR = "stated age under 18: no claims and no shifts are kept"
NO_CLAIMS = "no claims found: only a replaced name, handle and bio could have been seen"


@dataclass(frozen=True)
class History:
    """How an account was seen."""

    account_id: str
    snapshots: int
    distinct_states: int
    posts: int
    first_at: datetime | None
    last_at: datetime | None
    undated: int = 0  # snapshots without a time

    def reason(self, statements: Sequence[Statement]) -> str:
        """Return why a change could not be assessed, "" when it could."""
        said = sorted({s.first_at for s in statements if s.lane == POST_LANE and s.first_at})
        seen = self.snapshots + len(said)
        times = [t for t in (self.first_at, self.last_at, *said[:1], *said[-1:]) if t is not None]
        if seen < 2:
            return self._too_few()
        if seen < MIN_SIGHTINGS and max(times) - min(times) < MIN_SPAN:
            return INSUFFICIENT
        return ""

    def _too_few(self) -> str:
        if self.undated > 1:
            return UNDATED
        return SINGLE if self.snapshots or self.undated else NOTHING


def history(
    account_id: str, sighting: Mapping[str, Any] | None, posts: int, undated: int = 0
) -> History:
    """Read a row of SIGHTINGS; None for an account that only posts."""
    if sighting is None:
        return History(account_id, 0, 0, posts, None, None)
    return History(
        account_id,
        sighting["snapshots"],
        sighting["distinct_states"],
        posts,
        sighting["first_at"],
        sighting["last_at"],
        undated,
    )


def coverage_row(
    past: History,
    reason: str,
    claims: int,
    times: Sequence[datetime],
    *,
    exposure: float | None = None,
    abrupt: Abrupt | None = None,
) -> dict[str, Any]:
    """Return the row of one account; `times` are its first and last post, if any."""
    known = [t for t in (past.first_at, past.last_at, *times) if t is not None]
    assessable = reason == ""
    return {
        "account_id": past.account_id,
        "snapshots": past.snapshots,
        "distinct_states": past.distinct_states,
        "posts": past.posts,
        "claims": claims,
        "first_seen": min(known, default=None),
        "last_seen": max(known, default=None),
        "assessable": assessable,
        "reason": NO_CLAIMS if assessable and not claims else reason,
        "exposure_days": exposure,
        "score": abrupt.score if abrupt else None,
        "score_at": abrupt.at if abrupt else None,
    }


def coverage_notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return sentences that tell how many accounts could not be assessed, and why."""
    barred = [row["reason"] for row in rows if not row["assessable"]]
    if not barred:
        return []
    counts = sorted({reason: barred.count(reason) for reason in barred}.items())
    parts = "; ".join(f"{count} x {reason}" for reason, count in counts)
    return [f"persona shifts: {len(barred)} of {len(rows)} accounts not assessed ({parts})"]
