"""How did an account post, month by month, of which only posts are known?

In: posts, the accounts to look at, the language and topic of each post where the caller knows them.
Out: rows of `post_habits`: counts of posts, languages, hours of the day and topics. One profile
snapshot is the common case; then no change of profile can be seen, and what an account says about
itself in posts is read beside how it posts.

Reposts are left out: they are the words of others. Hours are in UTC and count only posts whose time
is known to the minute, since a source that gives days would put everything at midnight. Counts
describe; nothing here says where an account is or who is behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import TS

Row = dict[str, Any]
# Bound on the accounts followed; those with most posts first. A report shows twenty of them.
MAX_ACCOUNTS = 1_000
HOURS = 24
_TIMED = ("second", "minute")
_NO_LANGUAGE = ("und", "", "zxx", "qme", "qht", "qam", "qst", "art")


def most_active(accounts: Mapping[str, int], most: int = MAX_ACCOUNTS) -> frozenset[str]:
    """Return the ids with the highest counts of posts; equal counts by id."""
    ranked = sorted(accounts, key=lambda account: (-accounts[account], account))
    return frozenset(ranked[:most])


def post_habits(
    posts: pa.Table,
    accounts: Collection[str],
    *,
    langs: Mapping[str, str] | None = None,
    topics: Mapping[str, str] | None = None,
) -> list[Row]:
    """Return one row for each account and month, in order.

    `posts` keeps its contract. `langs` and `topics` give the language found and the topic of a
    post by its id; a post that `langs` lacks has the language that its source states.
    """
    own = _own_posts(posts, accounts)
    if not own.num_rows:
        return []
    rows = own.append_column("found", _found(own, langs or {}))
    rows = rows.append_column("topic", _looked_up(own["post_id"], topics or {}))
    keys = [("account_id", "ascending"), ("month", "ascending"), ("post_id", "ascending")]
    ordered = rows.take(pc.sort_indices(rows, sort_keys=keys)).combine_chunks()
    borders = _borders(ordered)
    return [_month(ordered.slice(a, b - a)) for a, b in pairwise(borders)]


def _own_posts(posts: pa.Table, accounts: Collection[str]) -> pa.Table:
    """Return the accounts' own posts with a time, and the month of each."""
    columns = ["post_id", "account_id", "created_at", "time_precision", "lang", "kind"]
    kept = posts.select(columns)
    wanted = pc.is_in(kept["account_id"], value_set=pa.array(sorted(accounts), pa.string()))
    own = pc.and_(wanted, pc.not_equal(kept["kind"], "repost"))
    own = pc.and_(own, pc.is_valid(kept["created_at"]))
    kept = kept.filter(own)
    return kept.append_column("month", pc.floor_temporal(kept["created_at"], unit="month"))


def _found(own: pa.Table, langs: Mapping[str, str]) -> pa.ChunkedArray:
    """The language found, else the stated one without its region; null where neither says one."""
    stated = pc.replace_substring_regex(pc.utf8_lower(own["lang"]), "[-_].*", "")
    found = _looked_up(own["post_id"], langs)
    none = pa.array(_NO_LANGUAGE)
    found, stated = (pc.if_else(pc.is_in(c, none), None, c) for c in (found, stated))
    return pc.coalesce(found, stated)


def _looked_up(post_ids: pa.ChunkedArray, known: Mapping[str, str]) -> pa.Array:
    return pa.array([known.get(post_id) for post_id in post_ids.to_pylist()], pa.string())


def _borders(ordered: pa.Table) -> list[int]:
    """Return where each account and month begins, and the end."""
    n = ordered.num_rows
    starts = np.ones(n, dtype=bool)
    differs = [
        pc.not_equal(ordered[name].slice(1), ordered[name].slice(0, n - 1))
        for name in ("account_id", "month")
    ]
    starts[1:] = pc.or_(*differs).to_numpy(zero_copy_only=False)
    return [*np.flatnonzero(starts).tolist(), n]


def _month(rows: pa.Table) -> Row:
    lang, langs, known = _leading(rows["found"])
    topic, about, _ = _leading(rows["topic"])
    timed = rows.filter(pc.is_in(rows["time_precision"], pa.array(_TIMED)))
    hours = np.bincount(pc.hour(timed["created_at"]).to_numpy(), minlength=HOURS)
    return {
        "account_id": rows["account_id"][0].as_py(),
        "month_start": rows["month"][0].cast(TS).as_py(),
        "posts": rows.num_rows,
        "lang": lang,
        "lang_share": langs / known if known else None,
        "hours": [float(count) for count in hours],
        "timed_posts": timed.num_rows,
        "topic": topic,
        "topic_share": about / rows.num_rows if topic is not None else None,
    }


def _leading(column: pa.ChunkedArray) -> tuple[str | None, int, int]:
    """Return the most frequent value (equal counts by name), its count, and how many are known."""
    counts = pc.value_counts(column.drop_null()).to_pylist()
    if not counts:
        return None, 0, 0
    best = min(counts, key=lambda entry: (-entry["counts"], entry["values"]))
    return best["values"], best["counts"], sum(entry["counts"] for entry in counts)
