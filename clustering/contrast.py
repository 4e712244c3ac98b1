"""What does one part of a corpus say more often than the rest, and by how much beyond noise?

In: posts, their talking points and narratives, and the part that each post lies in (before and
after an event, one platform and another). Out: one row for each part and each talking point,
narrative, hashtag and term: how many accounts and posts of the part carry it and how many of the
rest, the shrunken log odds with interval, p and q (`clustering.log_odds`), and the earliest post of
the part that carries it. The unit is the account: within a part each counts once.

It refuses parts of no account. Posts without an account or outside every part are not counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clustering.labels import terms
from clustering.log_odds import shrunken_log_odds
from clustering.timeline import narrative_of_posts
from corpus.significance import benjamini_hochberg

Codes = NDArray[np.int64]

# Carried by fewer accounts over all parts, a thing shows nothing about any of them.
LEAST_ACCOUNTS = 3
SCHEMA = pa.schema(
    [
        ("part", pa.string()), ("unit", pa.string()), ("unit_id", pa.string()),
        ("accounts", pa.int64()), ("accounts_of", pa.int64()),
        ("rest", pa.int64()), ("rest_of", pa.int64()),
        ("posts", pa.int64()), ("rest_posts", pa.int64()),
        ("log_odds", pa.float64()), ("low", pa.float64()), ("high", pa.float64()),
        ("p_value", pa.float64()), ("q_value", pa.float64()), ("evidence", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Carried:
    """Which post carries which thing: `row` is the post's row, `thing` a code into `ids`."""

    unit: str
    row: Codes
    thing: Codes
    ids: Sequence[str]


@dataclass(frozen=True)
class Parts:
    """Rows of posts in parts: `row` of the post, `part` a code into `names`, `account` a code."""

    row: Codes
    part: Codes
    account: Codes
    names: tuple[str, ...]


def contrast_parts(tables: Mapping[str, pa.Table], part_of_post: Mapping[str, str]) -> pa.Table:
    """Compare each part with all others; return a table of SCHEMA, the most telling rows first.

    Parameters
    ----------
    tables
        posts, texts and point_posts; narrative_points when there are narratives.
    part_of_post
        The part of each post by post_id; posts that it leaves out are not counted.

    Raises
    ------
    ValueError
        When fewer than two parts hold a post with an account.
    """
    posts = tables["posts"]
    parts = _parts(posts, part_of_post)
    if len(parts.names) < 2:
        found = f"one part, {parts.names[0]!r}," if parts.names else "no part"
        raise ValueError(f"{found} holds posts with an account; a comparison needs two")
    when = _order_in_time(posts)
    rows = [
        row
        for carried in (_points(tables), _narratives(tables), _hashtags(posts), _terms(tables))
        for row in _rows_of(carried, parts, when, posts.column("post_id").to_pylist())
    ]
    return _with_q(pa.Table.from_pylist(rows, SCHEMA))


def _parts(posts: pa.Table, part_of_post: Mapping[str, str]) -> Parts:
    of = [part_of_post.get(post) for post in posts.column("post_id").to_pylist()]
    accounts = posts.column("account_id").combine_chunks().dictionary_encode()
    known = np.asarray(pc.is_valid(accounts)) & np.array([part is not None for part in of], bool)
    row = np.flatnonzero(known)
    names = tuple(dict.fromkeys(part for part in part_of_post.values() if part is not None))
    held = {of[r] for r in row.tolist()}
    kept = tuple(name for name in names if name in held)
    code = {name: number for number, name in enumerate(kept)}
    part = np.array([code[str(of[r])] for r in row.tolist()], np.int64)
    account = np.asarray(accounts.indices.fill_null(0)).astype(np.int64)[row]
    return Parts(row, part, account, kept)


def _order_in_time(posts: pa.Table) -> Codes:
    """Rank of each post by time, then id: the evidence is the earliest."""
    keys = [("created_at", "ascending"), ("post_id", "ascending")]
    order = np.asarray(pc.sort_indices(posts, sort_keys=keys))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _coded(unit: str, row: Codes, ids: pa.Array) -> Carried:
    coded = ids.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    return Carried(unit, row, np.asarray(coded.indices, np.int64), coded.dictionary.to_pylist())


def _points(tables: Mapping[str, pa.Table]) -> Carried:
    of = tables["point_posts"]
    where = pc.index_in(of.column("post_id"), value_set=tables["posts"].column("post_id"))
    return _coded("point", np.asarray(where, np.int64), of.column("point_id").combine_chunks())


def _narratives(tables: Mapping[str, pa.Table]) -> Carried:
    posts = tables["posts"]
    if "narrative_points" not in tables:
        return Carried("narrative", np.empty(0, np.int64), np.empty(0, np.int64), [])
    told = narrative_of_posts(posts, tables["point_posts"], tables["narrative_points"])
    where = pc.index_in(told.column("post_id"), value_set=posts.column("post_id"))
    ids = told.column("narrative_id").combine_chunks()
    return _coded("narrative", np.asarray(where, np.int64), ids)


def _hashtags(posts: pa.Table) -> Carried:
    tags = posts.column("hashtags").combine_chunks()
    row = np.asarray(pc.list_parent_indices(tags), np.int64)
    return _coded("hashtag", row, pc.utf8_lower(pc.list_flatten(tags)))


def _terms(tables: Mapping[str, pa.Table]) -> Carried:
    """Words and word pairs, read once for each distinct text and language."""
    posts, texts = tables["posts"], tables["texts"]
    where = pc.index_in(posts.column("post_id"), value_set=texts.column("post_id"))
    langs = texts.column("lang").take(where).to_pylist()
    vocabulary: dict[str, int] = {}
    known: dict[tuple[str, str | None], list[int]] = {}
    held = array("q")
    counts = np.zeros(posts.num_rows, np.int64)
    for row, said in enumerate(zip(posts.column("text").to_pylist(), langs, strict=True)):
        own = known.get(said)
        if own is None:
            spoken = sorted(terms(said[0], said[1] or ""))
            own = known[said] = [vocabulary.setdefault(term, len(vocabulary)) for term in spoken]
        counts[row] = len(own)
        held.extend(own)
    rows = np.repeat(np.arange(posts.num_rows), counts)
    return Carried("term", rows, np.frombuffer(held, np.int64), list(vocabulary))


def _rows_of(
    carried: Carried, parts: Parts, when: Codes, post_ids: Sequence[str]
) -> list[dict[str, object]]:
    """One row for each part and thing that enough accounts carry."""
    part, account, rank, thing = _joined(carried, parts, when)
    if len(thing) == 0:
        return []
    kept = _accounts_by_thing(thing, account) >= LEAST_ACCOUNTS
    chosen = kept[thing]
    part, account, rank, thing = part[chosen], account[chosen], rank[chosen], thing[chosen]
    by_rank = np.argsort(when)
    rows: list[dict[str, object]] = []
    for number, name in enumerate(parts.names):
        inside = part == number
        rows += _part_rows(
            (carried, name),
            (account, rank, thing, inside),
            _totals(parts, number),
            by_rank,
            post_ids,
        )
    return rows


def _joined(carried: Carried, parts: Parts, when: Codes) -> tuple[Codes, Codes, Codes, Codes]:
    """(part, account, rank in time, thing) of every post in a part that carries a thing."""
    place = np.full(len(when), -1, np.int64)
    place[parts.row] = np.arange(len(parts.row))
    own = place[carried.row]
    kept = own >= 0
    own, thing, row = own[kept], carried.thing[kept], carried.row[kept]
    return parts.part[own], parts.account[own], when[row], thing


def _accounts_by_thing(thing: Codes, account: Codes) -> Codes:
    """Distinct accounts of each thing, shape (largest thing + 1,)."""
    width = int(account.max(initial=0)) + 1
    pairs = np.unique(thing * width + account)
    return np.bincount(pairs // width, minlength=int(thing.max(initial=-1)) + 1)


def _totals(parts: Parts, number: int) -> tuple[int, int]:
    inside = parts.part == number
    return len(np.unique(parts.account[inside])), len(np.unique(parts.account[~inside]))


def _part_rows(
    named: tuple[Carried, str],
    use: tuple[Codes, Codes, Codes, NDArray[np.bool_]],
    totals: tuple[int, int],
    by_rank: Codes,
    post_ids: Sequence[str],
) -> list[dict[str, object]]:
    """Rows of one part: things that it carries at least once."""
    carried, name = named
    account, rank, thing, inside = use
    size = len(carried.ids)
    here = _padded(_accounts_by_thing(thing[inside], account[inside]), size)
    rest = _padded(_accounts_by_thing(thing[~inside], account[~inside]), size)
    posts = np.bincount(thing[inside], minlength=size)
    others = np.bincount(thing[~inside], minlength=size)
    first = np.full(size, len(by_rank), np.int64)
    np.minimum.at(first, thing[inside], rank[inside])
    shown = np.flatnonzero(here)
    odds = shrunken_log_odds(here[shown], totals[0], rest[shown], totals[1])
    return [
        {
            "part": name, "unit": carried.unit, "unit_id": carried.ids[t],
            "accounts": int(here[t]), "accounts_of": totals[0],
            "rest": int(rest[t]), "rest_of": totals[1],
            "posts": int(posts[t]), "rest_posts": int(others[t]),
            "log_odds": float(odds.log_odds[i]), "low": float(odds.low[i]),
            "high": float(odds.high[i]), "p_value": float(odds.p_value[i]),
            "q_value": 1.0, "evidence": post_ids[by_rank[first[t]]],
        }
        for i, t in enumerate(shown.tolist())
    ]  # fmt: skip


def _padded(counts: Codes, size: int) -> Codes:
    return np.concatenate([counts, np.zeros(size - len(counts), np.int64)])


def _with_q(rows: pa.Table) -> pa.Table:
    """Set q over all rows at once, and put the surest excess first within part and unit."""
    q = benjamini_hochberg(np.asarray(rows.column("p_value")))
    place = rows.schema.get_field_index("q_value")
    rows = rows.set_column(place, "q_value", pa.array(q))
    keys = [("low", "descending"), ("part", "ascending"), ("unit", "ascending")]
    return rows.sort_by([*keys, ("unit_id", "ascending")])
