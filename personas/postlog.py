"""Each account's posts in order of time, without copying the texts.

In: the `posts` table. Out: a `PostLog` that gives times, stated languages, words and single posts
of an account. Posts without an account are left out. Posts without a time are the account's words,
but have no place in its order: they stand behind its dated ones, outside `ranges`.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    """Posts by account, time and id; `ranges` are row numbers of each account's dated posts."""

    rows: pa.Table
    ranges: dict[str, tuple[int, int]]
    _whole: dict[str, tuple[int, int]] = field(repr=False)  # with the undated posts behind
    _times: Array = field(repr=False)  # (n,) int64, microseconds since 1970
    _langs: Array = field(repr=False)  # (n,) str; "" for reposts and unknown languages
    _own: Array = field(repr=False)  # (n,) bool; False for reposts

    @property
    def accounts(self) -> frozenset[str]:
        """The ids of all accounts that posted, with a time or without."""
        return frozenset(self._whole)

    def count(self, account_id: str) -> int:
        """Return the number of an account's posts, undated ones included."""
        start, stop = self._whole.get(account_id, (0, 0))
        return stop - start

    def own_texts(self, account_id: str) -> Iterator[str]:
        """Yield the texts of an account's posts, undated ones included; no reposts."""
        start, stop = self._whole.get(account_id, (0, 0))
        texts = self.rows["text"].slice(start, stop - start)
        for text, own in zip(texts, self._own[start:stop], strict=True):
            if own and text.is_valid:
                yield text.as_py()

    def range_of(self, account_id: str) -> tuple[int, int]:
        """Return the first row of an account and the one after its last."""
        return self.ranges.get(account_id, (0, 0))

    def times(self, account_id: str) -> Array:
        """Return the post times of an account, (n,) int64 microseconds, rising."""
        return self._times[slice(*self.range_of(account_id))]

    def languages(self, account_id: str) -> Array:
        """Return the stated language of each post, (n,) str, "" where it says nothing of it."""
        return self._langs[slice(*self.range_of(account_id))]

    def own(self, account_id: str) -> Array:
        """Return for each post whether it holds the account's own words, (n,) bool."""
        return self._own[slice(*self.range_of(account_id))]

    def post(self, row: int) -> dict[str, Any]:
        """Return one post by its row number."""
        found: dict[str, Any] = self.rows.slice(row, 1).to_pylist()[0]
        return found


def read_posts(posts: pa.Table) -> PostLog:
    """Sort the posts by account, time (undated last) and id."""
    kept = posts.select(_COLUMNS).append_column("lang", _stated(posts))
    kept = kept.append_column("own", pc.fill_null(pc.not_equal(posts["kind"], "repost"), True))
    kept = kept.filter(pc.is_valid(kept["account_id"]))
    keys = [(name, "ascending") for name in ("account_id", "created_at", "post_id")]
    ordered = kept.take(pc.sort_indices(kept, sort_keys=keys)).combine_chunks()
    whole = {ordered["account_id"][a].as_py(): (a, b) for a, b in group_ranges(ordered)}
    dated = _array(pc.is_valid(ordered["created_at"])).astype(bool)
    ranges = {name: (a, a + int(dated[a:b].sum())) for name, (a, b) in whole.items()}
    ranges = {name: (a, b) for name, (a, b) in ranges.items() if b > a}
    times = _array(pc.fill_null(ordered["created_at"].cast(pa.int64()), 0))
    langs = _array(ordered["lang"]).astype(str)
    own = _array(ordered["own"]).astype(bool)
    return PostLog(ordered.select(_COLUMNS), ranges, whole, times, langs, own)


def _array(column: pa.ChunkedArray) -> Array:
    found: Array = column.to_numpy(zero_copy_only=False)
    return found


def _stated(posts: pa.Table) -> pa.ChunkedArray:
    """The language code without its region; "" for reposts, which are the words of others."""
    code = pc.replace_substring_regex(pc.utf8_lower(posts["lang"]), "[-_].*", "")
    silent = pc.or_(
        pc.is_in(code, pa.array(_NO_LANGUAGE)), pc.equal(posts["kind"], pa.scalar("repost"))
    )
    return pc.fill_null(pc.if_else(silent, "", code), "")
