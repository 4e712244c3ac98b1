"""The posts that classes are judged by, as numbers: who wrote which talking point when.

In: posts, texts, point_posts. Out: `Told`, one entry for each post that has an author and is no
repost (reposts copy by pressing a button and say nothing about a wording), in the order of post
ids; accounts and points are numbered. Also here: how far each post is from the nearest copy by
somebody else, and which posts of a talking point are read when it has very many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# A gap that is not known or not there; longer than any corpus.
NO_GAP = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Told:
    """Posts with an author that are no reposts; arrays of one length."""

    table: pa.Table
    """post_id, text, text_norm, lang, kind, tokens, links, mentions"""
    accounts: pa.Array
    account: Ints
    points: pa.Array
    point: Ints
    at_s: Ints
    """seconds since 1970; 0 where the time is unknown"""
    dated: Flags

    def __len__(self) -> int:
        return len(self.account)

    def accounts_of_points(self) -> Ints:
        """How many accounts each point has."""
        pairs = np.unique(self.point * max(len(self.accounts), 1) + self.account)
        counts: Ints = np.bincount(
            pairs // max(len(self.accounts), 1), minlength=len(self.points)
        ).astype(np.int64)
        return counts


def told_posts(posts: pa.Table, texts: pa.Table, point_posts: pa.Table) -> Told:
    """Bring the three tables together."""
    authored = pc.and_(
        pc.is_valid(posts.column("account_id")), pc.not_equal(posts["kind"], "repost")
    )
    told = posts.filter(authored)
    told = told.take(pc.sort_indices(told, sort_keys=[("post_id", "ascending")]))
    ids = told.column("post_id")
    place = pc.index_in(ids, value_set=point_posts.column("post_id"))
    told, ids = told.filter(pc.is_valid(place)), ids.filter(pc.is_valid(place))
    points = point_posts.column("point_id").take(pc.drop_null(place))
    rows = texts.take(pc.index_in(ids, value_set=texts.column("post_id")))
    account, accounts = _numbered(told.column("account_id"))
    point, names = _numbered(points)
    moments = told.column("created_at").cast(pa.int64())
    seconds = pc.fill_null(moments, 0).to_numpy() // 1_000_000
    table = pa.table(
        {
            "post_id": ids,
            "text": told.column("text"),
            "text_norm": rows.column("text_norm"),
            "lang": rows.column("lang"),
            "tokens": rows.column("tokens"),
            "kind": told.column("kind"),
            "links": pc.list_value_length(told.column("urls")),
            "mentions": pc.list_value_length(told.column("mentions")),
        }
    )
    dated = pc.is_valid(moments).to_numpy()
    return Told(table, accounts, account, names, point, seconds.astype(np.int64), dated)


def _numbered(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Number the values in their own order, so that numbers do not depend on the order of rows."""
    values = pc.unique(column)
    values = values.take(pc.sort_indices(values))
    numbers: Ints = pc.index_in(column, value_set=values).to_numpy().astype(np.int64)
    return numbers, values


def gaps_to_others(told: Told, keep: Flags) -> Ints:
    """Seconds from each post to the nearest post of the same point by another account.

    `NO_GAP` where there is none, where a time is unknown and for posts outside `keep`.
    """
    gaps = np.full(len(told), NO_GAP, dtype=np.int64)
    rows = np.flatnonzero(keep & told.dated)
    if len(rows) == 0:
        return gaps
    rows = rows[np.lexsort((told.account[rows], told.at_s[rows], told.point[rows]))]
    point, account, at = told.point[rows], told.account[rows], told.at_s[rows]
    opens = np.ones(len(rows), dtype=bool)
    opens[1:] = (point[1:] != point[:-1]) | (account[1:] != account[:-1])
    run = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(rows)) - 1
    before = _between(point, at, last, first, shift=-1)[run]
    after = _between(point, at, first, last, shift=1)[run]
    found = np.full(len(rows), NO_GAP, dtype=np.int64)
    np.minimum(found, np.where(before == NO_GAP, NO_GAP, at - before), out=found)
    np.minimum(found, np.where(after == NO_GAP, NO_GAP, after - at), out=found)
    gaps[rows] = found
    return gaps


def _between(point: Ints, at: Ints, near: Ints, own: Ints, *, shift: int) -> Ints:
    """Time of the neighbouring run's nearest post of the same point, for each run."""
    times = np.full(len(near), NO_GAP, dtype=np.int64)
    here = np.arange(len(near))
    other = here + shift
    inside = (other >= 0) & (other < len(near))
    here, other = here[inside], other[inside]
    same = point[near[other]] == point[own[here]]
    times[here[same]] = at[near[other[same]]]
    return times


def first_posts(group: Ints, spread_over: Ints, rows: Ints, most: int) -> Ints:
    """Up to `most` of `rows` for each group, each value of `spread_over` once before any twice.

    `rows` in a fixed order (of post ids) decides between posts that are equal in this.
    """
    order = rows[np.lexsort((rows, spread_over[rows], group[rows]))]
    again = _rank_within(group[order], spread_over[order])
    order = order[np.lexsort((order, again, group[order]))]
    rank = _rank_within(group[order], np.zeros(len(order), dtype=np.int64))
    return order[rank < most]


def _rank_within(a: Ints, b: Ints) -> Ints:
    """Place of each row in its run of equal (a, b); rows are sorted by them."""
    if len(a) == 0:
        return np.empty(0, dtype=np.int64)
    opens = np.ones(len(a), dtype=bool)
    opens[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    starts = np.flatnonzero(opens)
    rank: Ints = np.arange(len(a)) - starts[np.cumsum(opens) - 1]
    return rank
