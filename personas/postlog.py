"""Each account's posts in order of time, without copying the texts.

In: the `posts` table. Out: a `PostLog` that gives times, stated languages and single posts of an
account. Posts without an account or a time are left out: they have no place in an account's order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from personas.snapshots import group_ranges

Array = np.ndarray[Any, Any]
_COLUMNS = ("account_id", "created_at", "post_id", "text", "source_file", "source_row")
# Codes by which sources say "no language here".
_NO_LANGUAGE = ("und", "", "zxx", "qme", "qht", "qam", "qst", "art")


@dataclass(frozen=True)
class PostLog:
    """Posts by account, time and id; `ranges` are row numbers of each account."""

    rows: pa.Table
    ranges: dict[str, tuple[int, int]]
    _times: Array = field(repr=False)  # (n,) int64, microseconds since 1970
    _langs: Array = field(repr=False)  # (n,) str; "" for reposts and unknown languages

    def range_of(self, account_id: str) -> tuple[int, int]:
        """Return the first row of an account and the one after its last."""
        return self.ranges.get(account_id, (0, 0))

    def times(self, account_id: str) -> Array:
        """Return the post times of an account, (n,) int64 microseconds, rising."""
        return self._times[slice(*self.range_of(account_id))]

    def languages(self, account_id: str) -> Array:
        """Return the stated language of each post, (n,) str, "" where it says nothing of it."""
        return self._langs[slice(*self.range_of(account_id))]

    def post(self, row: int) -> dict[str, Any]:
        """Return one post by its row number."""
        found: dict[str, Any] = self.rows.slice(row, 1).to_pylist()[0]
        return found


def read_posts(posts: pa.Table) -> PostLog:
    """Sort the posts by account, time and id."""
    known = pc.and_(pc.is_valid(posts["account_id"]), pc.is_valid(posts["created_at"]))
    kept = posts.select(_COLUMNS).append_column("lang", _stated(posts)).filter(known)
    keys = [(name, "ascending") for name in ("account_id", "created_at", "post_id")]
    ordered = kept.take(pc.sort_indices(kept, sort_keys=keys)).combine_chunks()
    ranges = {ordered["account_id"][a].as_py(): (a, b) for a, b in group_ranges(ordered)}
    times = ordered["created_at"].cast(pa.int64()).to_numpy()
    langs = ordered["lang"].to_numpy(zero_copy_only=False).astype(str)
    return PostLog(ordered.select(_COLUMNS), ranges, times, langs)


def _stated(posts: pa.Table) -> pa.ChunkedArray:
    """The language code without its region; "" for reposts, which are the words of others."""
    code = pc.replace_substring_regex(pc.utf8_lower(posts["lang"]), "[-_].*", "")
    silent = pc.or_(
        pc.is_in(code, pa.array(_NO_LANGUAGE)), pc.equal(posts["kind"], pa.scalar("repost"))
    )
    return pc.fill_null(pc.if_else(silent, "", code), "")
