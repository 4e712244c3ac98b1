"""Each account's posts in order of time, without copying the texts.

In: the `posts` table. Out: a `PostLog` that gives times, languages and single posts of an account.
Posts without an account or a time are left out: they have no place in an account's order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from personas.snapshots import group_ranges

_COLUMNS = ("account_id", "created_at", "post_id", "lang", "text", "kind", "source_file",
            "source_row")  # fmt: skip


@dataclass(frozen=True)
class PostLog:
    """Posts by account, time and id; `ranges` are row numbers of each account."""

    rows: pa.Table
    ranges: dict[str, tuple[int, int]]
    _times: np.ndarray = field(repr=False)  # (n,) int64, microseconds since 1970

    def times(self, account_id: str) -> np.ndarray:
        """Return the post times of an account, (n,) int64 microseconds, rising."""
        start, stop = self.ranges.get(account_id, (0, 0))
        return self._times[start:stop]

    def own_words(self, account_id: str) -> pa.Table:
        """Return the account's posts other than reposts, in order."""
        start, stop = self.ranges.get(account_id, (0, 0))
        part = self.rows.slice(start, stop - start)
        return part.filter(pc.not_equal(part["kind"], "repost"))


def read_posts(posts: pa.Table) -> PostLog:
    """Sort the posts by account, time and id."""
    kept = posts.select(_COLUMNS).filter(
        pc.and_(pc.is_valid(posts["account_id"]), pc.is_valid(posts["created_at"]))
    )
    keys = [(name, "ascending") for name in ("account_id", "created_at", "post_id")]
    ordered = kept.take(pc.sort_indices(kept, sort_keys=keys))
    ranges = {ordered["account_id"][a].as_py(): (a, b) for a, b in group_ranges(ordered)}
    times = ordered["created_at"].cast(pa.int64()).to_numpy()
    return PostLog(ordered, ranges, times)
