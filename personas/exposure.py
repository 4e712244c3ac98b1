"""When was an account watched closely enough that a change would have been seen and dated?

In: the `profiles` table. Out: SPANS, the stretches of time in which each account was seen at least
every 30 days. A longer gap splits a span: what changed in it can be dated to no week, and counts
neither as exposure nor as an edit. A row whose basis is "event" was written when the state changed
and holds until the next row, so after it there is no gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import TS
from personas.snapshots import in_order, starts_of

# Two sightings further apart than this leave an unwatched time between them.
GAP = timedelta(days=30)
SPANS = pa.schema([("account_id", pa.string()), ("from_at", TS), ("to_at", TS)])


@dataclass(frozen=True)
class FindSpans:
    """Kernel over whole accounts: `profiles` rows -> SPANS."""

    @property
    def output(self) -> pa.Schema:
        """Return SPANS."""
        return SPANS

    def __call__(self, table: pa.Table) -> pa.Table:
        """Cut each account's dated rows where it was not watched."""
        timed = in_order(table.filter(pc.is_valid(table["observed_at"])))
        if timed.num_rows == 0:
            return SPANS.empty_table()
        begins = np.flatnonzero(starts_of(timed["account_id"]) | _after_a_gap(timed))
        ends = np.append(begins[1:], timed.num_rows) - 1
        first, last = timed.take(begins), timed.take(ends)
        columns = [first["account_id"], first["observed_at"], last["observed_at"]]
        return pa.table(columns, schema=SPANS)


def _after_a_gap(timed: pa.Table) -> np.ndarray:
    times = timed["observed_at"].cast(pa.int64()).to_numpy()
    far = np.diff(times, prepend=times[:1]) > GAP // timedelta(microseconds=1)
    event = pc.equal(timed["basis"], "event").to_numpy(zero_copy_only=False)
    held = np.concatenate([[False], event[:-1]])
    unwatched: np.ndarray = far & ~held
    return unwatched


def exposure_days(spans: pa.Table) -> dict[str, float]:
    """Return the days of all spans of each account."""
    days = spans["to_at"].cast(pa.int64()).to_numpy() - spans["from_at"].cast(pa.int64()).to_numpy()
    found: dict[str, float] = {}
    for account, length in zip(spans["account_id"].to_pylist(), days.tolist(), strict=True):
        found[account] = found.get(account, 0.0) + length / 86_400e6
    return found
