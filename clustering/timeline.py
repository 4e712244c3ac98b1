"""When was each narrative told, by how many accounts?

In: posts, their talking points, and the points' narratives. Out: one row for each narrative and bin
that holds a post: posts, reposts and distinct accounts. Bins start at multiples of their width
since 1970 (UTC), so that two corpora and two runs share them. Posts without a time are in no bin,
and posts outside every narrative in no row. Empty bins are not written: a gap is a gap.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import TIMELINES, TS, conform

MICROSECONDS = 1_000_000


def bin_posts(
    *, posts: pa.Table, point_posts: pa.Table, narrative_points: pa.Table, bin_s: int = 3600
) -> pa.Table:
    """Return TIMELINES in bins of `bin_s` seconds, ordered by narrative and time."""
    told = narrative_of_posts(posts, point_posts, narrative_points)
    told = told.filter(pc.is_valid(told.column("created_at")))
    moments = told.column("created_at").cast(pa.int64())
    width = bin_s * MICROSECONDS
    start = pc.multiply(_floor_divide(moments, width), width)
    reposted = pc.cast(pc.equal(told.column("kind"), "repost"), pa.int64())
    rows = pa.table(
        {
            "narrative_id": told.column("narrative_id"),
            "bin_start": start,
            "posts": pc.subtract(1, reposted),
            "reposts": reposted,
            "accounts": told.column("account_id"),
        }
    )
    binned = rows.group_by(["narrative_id", "bin_start"]).aggregate(
        [("posts", "sum"), ("reposts", "sum"), ("accounts", "count_distinct")]
    )
    return conform(_finished(binned, bin_s), TIMELINES)


def narrative_of_posts(
    posts: pa.Table, point_posts: pa.Table, narrative_points: pa.Table
) -> pa.Table:
    """Return posts in narratives: post_id, account_id, created_at, kind, point_id, narrative_id."""
    inside = narrative_points.filter(pc.is_valid(narrative_points.column("narrative_id")))
    place = pc.index_in(point_posts.column("point_id"), value_set=inside.column("point_id"))
    members = point_posts.select(["post_id", "point_id"]).filter(pc.is_valid(place))
    narrative = inside.column("narrative_id").take(pc.drop_null(place))
    rows = pc.index_in(members.column("post_id"), value_set=posts.column("post_id"))
    found = posts.select(["post_id", "account_id", "created_at", "kind"]).take(rows)
    found = found.append_column("point_id", members.column("point_id"))
    return found.append_column("narrative_id", narrative)


def _floor_divide(moments: pa.ChunkedArray, width: int) -> pa.ChunkedArray:
    """Arrow divides toward zero; times before 1970 must fall into the bin below."""
    divided = pc.divide(moments, width)
    below = pc.less(moments, pc.multiply(divided, width))
    return pc.subtract(divided, pc.cast(below, pa.int64()))


def _finished(binned: pa.Table, bin_s: int) -> pa.Table:
    ordered = binned.sort_by([("narrative_id", "ascending"), ("bin_start", "ascending")])
    return pa.table(
        {
            "narrative_id": ordered.column("narrative_id"),
            "bin_start": ordered.column("bin_start").cast(TS),
            "bin_s": pa.array([bin_s] * ordered.num_rows, pa.int64()),
            "posts": ordered.column("posts_sum"),
            "reposts": ordered.column("reposts_sum"),
            "accounts": ordered.column("accounts_count_distinct"),
        }
    )
