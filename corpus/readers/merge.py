"""Several files become one corpus: one copy of each post, one spelling of each account.

In: the parts of all files. Out: posts without repeated ids, snapshots under content ids, account
events, and the copies that were left out. Which copy of a post stays depends on its content alone,
so neither the order of files nor of rows can change it. Where more than one platform occurs,
account ids read "platform:id" everywhere, and so do post ids that two platforms share. A profile
that names no platform joins the account whose bare id it has, if there is exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.blocks import fingerprints, repeated, rows_at, rows_of
from corpus.readers.cells import Mask, is_null, to_mask
from corpus.readers.parts import FilePart, sortable
from corpus.readers.shelf import rest
from corpus.readers.snapshots import name_snapshots
from corpus.rejects import DUPLICATE, Reject, excerpt
from corpus.tables import ACCOUNT_EVENTS, POSTS, PROFILES, Table, conform, with_fields

# Platforms whose profile events are titles of groups and channels. The display name of a person is
# followed by the persona tracker alone, which knows what must not be told.
TITLED = ("telegram",)
# Columns by which one of several copies is chosen, most telling first. Before them come a known
# time, a known account and the longest text, for dumps cut the text of reposts; where it was read
# comes last, so that it decides between equal copies only.
_CHOICE = [
    "created_at", "account_id", "text", "kind", "parent_id", "lang", "handle", "url", "urls",
    "hashtags", "mentions", "time_precision", "source_file", "source_row",
]  # fmt: skip
_RANKS = ["no_time", "no_account", "shortness"]
_ORDER = [(name, "ascending") for name in ("platform", "post_id", *_RANKS, *_CHOICE)]


def merge_posts(parts: Sequence[FilePart]) -> tuple[pa.Table, list[Reject], np.ndarray[Any, Any]]:
    """Return the posts, the rejected copies, and which rows of the joined parts stayed."""
    joined = joined_tables([part.posts for part in parts], POSTS)
    leave = _copies(joined)
    rejects = [_reject(row) for row in rows_at(joined, leave).to_pylist()]
    stay = np.ones(joined.num_rows, dtype=bool)
    stay[leave] = False
    return rows_of(joined, stay), rejects, stay


def joined_tables(tables: Sequence[pa.Table], contract: Table) -> pa.Table:
    """Put tables of one contract below each other, whatever each says about nulls."""
    loose = pa.schema([pa.field(f.name, f.type) for f in contract.schema])
    return pa.concat_tables([with_fields(table.select(loose.names), loose) for table in tables])


def _copies(posts: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Rows that repeat a post of the same platform, except the chosen copy of each."""
    places = np.flatnonzero(repeated(fingerprints(posts.column("post_id"))))
    rest()
    if not len(places):
        return places.astype(np.int64)
    names = ["platform", "post_id", *_CHOICE]
    rows = sortable(rows_at(posts.select(names), places))
    order = pc.sort_indices(_with_ranks(rows), sort_keys=_ORDER).to_numpy()
    keys = rows.select(["platform", "post_id"]).take(pa.array(order)).to_pandas()
    return np.sort(places[order][keys.duplicated(keep="first").to_numpy()])


def _with_ranks(rows: pa.Table) -> pa.Table:
    """Add what weighs most between copies: smaller is better."""
    return (
        rows.append_column("no_time", pc.is_null(rows["created_at"]))
        .append_column("no_account", pc.is_null(rows["account_id"]))
        .append_column("shortness", pc.negate(pc.utf8_length(rows["text"])))
    )


def _reject(row: dict[str, Any]) -> Reject:
    shown = {name: row[name] for name in ("post_id", "account_id", "text")}
    shown["text"] = shown["text"][:200]
    text = orjson.dumps(shown).decode("utf-8")
    return Reject(row["source_file"], row["source_row"], DUPLICATE, excerpt(text))


def named_platforms(tables: Sequence[pa.Table]) -> list[str]:
    """Every platform that some row names."""
    found = {name for table in tables for name in pc.unique(table.column("platform")).to_pylist()}
    return sorted(name for name in found if name)


def with_platform_ids(posts: pa.Table, snapshots: pa.Table) -> tuple[pa.Table, pa.Table, list[str]]:
    """Write account ids as platform:id, and post ids that occur on two platforms.

    The third part is what to say about profiles that name no platform.
    """
    shared = _shared_ids(posts)
    posts = _prefixed(_prefixed(posts, "account_id", None), "post_id", shared)
    snapshots, notes = _joined_by_id(_prefixed(snapshots, "account_id", None), posts)
    return _prefixed(posts, "parent_id", shared), snapshots, notes


def accounts_of(*tables: pa.Table) -> pa.Array:
    """Every account id of some tables."""
    columns = [table.column("account_id").combine_chunks().drop_null() for table in tables]
    return pc.unique(pa.concat_arrays(columns))


def settled(
    ids: pa.ChunkedArray, known: pa.Array, platforms: Sequence[str]
) -> tuple[pa.ChunkedArray, Mask]:
    """The account among `known` that each bare id means, null for none; and where it fits several.

    An id fits as it is, and behind the name of each platform.
    """
    written = [ids, *[pc.binary_join_element_wise(name, ids, ":") for name in platforms]]
    fitting = [to_mask(pc.is_in(one, value_set=known)) & ~is_null(ids) for one in written]
    count = np.sum(fitting, axis=0)
    found = pc.coalesce(
        *[pc.if_else(pa.array(fits), one, None) for fits, one in zip(fitting, written, strict=True)]
    )
    return pc.if_else(pa.array(count == 1), found, None), count > 1


def _joined_by_id(snapshots: pa.Table, posts: pa.Table) -> tuple[pa.Table, list[str]]:
    """Profiles that name no platform, under the one account that has their bare id."""
    named = pc.not_equal(snapshots.column("platform"), "")
    known = accounts_of(posts, snapshots.filter(named))
    ids = snapshots.column("account_id")
    found, _ = settled(ids, known, named_platforms([posts, snapshots]))
    unnamed = pc.and_(pc.invert(named), pc.is_valid(ids))
    apart = len(pc.unique(ids.filter(pc.and_(unnamed, pc.is_null(found)))))
    joined = len(pc.unique(ids.filter(pc.and_(unnamed, pc.is_valid(found)))))
    at = snapshots.column_names.index("account_id")
    written = pc.if_else(named, ids, pc.coalesce(found, ids))
    if not apart + joined:
        return snapshots, []
    note = (
        f"account ids of profiles that name no platform: {joined:,} joined to the only account "
        f"with that id; {apart:,} left apart, fitting none or several; add a column platform"
    )
    return snapshots.set_column(at, "account_id", written), [note]


def _shared_ids(posts: pa.Table) -> pa.Array:
    pairs = posts.select(["post_id", "platform"]).group_by(["post_id", "platform"]).aggregate([])
    counts = pairs.group_by("post_id").aggregate([("platform", "count")])
    return pc.unique(counts.filter(pc.greater(counts.column("platform_count"), 1))["post_id"])


def _prefixed(table: pa.Table, name: str, only: pa.Array | None) -> pa.Table:
    ids, platform = table.column(name), table.column("platform")
    wanted = pc.not_equal(platform, "")
    if only is not None:
        wanted = pc.and_kleene(wanted, pc.is_in(ids, value_set=only))
    written = pc.binary_join_element_wise(platform, ids, ":")
    at = table.column_names.index(name)
    return table.set_column(at, name, pc.if_else(wanted, written, ids))


def without_platform_ids(posts: pa.Table, snapshots: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Undo `with_platform_ids`, so that it can be done anew when further rows are there."""
    bare = _bare(posts, "post_id", None)
    changed = pc.not_equal(bare.column("post_id"), posts.column("post_id"))
    # Only ids that two platforms share were written so; another one merely looks like it.
    shared = _shared_ids(bare.filter(changed))
    posts = _bare(_bare(posts, "account_id", None), "post_id", shared)
    posts = _bare(posts, "parent_id", shared)
    return posts, _bare(snapshots, "account_id", None, named_platforms([posts, snapshots]))


def _bare(
    table: pa.Table, name: str, only: pa.Array | None, joined: Sequence[str] = ()
) -> pa.Table:
    """Take the row's platform off the ids of a column, where what is left is among `only`.

    A row that names none may have joined an account of one of the platforms in `joined`.
    """
    ids, platform = table.column(name), table.column("platform").to_pylist()
    bare = [
        None if id_ is None else _without(id_, [own] if own else joined)
        for id_, own in zip(ids.to_pylist(), platform, strict=True)
    ]
    found = pa.chunked_array([pa.array(bare, pa.string())])
    if only is not None:
        found = pc.if_else(pc.is_in(found, value_set=only), found, ids)
    return table.set_column(table.column_names.index(name), name, found)


def _without(id_: str, platforms: Sequence[str]) -> str:
    start = next((f"{name}:" for name in platforms if id_.startswith(f"{name}:")), "")
    return id_[len(start) :]


def merge_snapshots(snapshots: pa.Table) -> pa.Table:
    """Give content ids and drop equal sightings."""
    return conform(name_snapshots(snapshots), PROFILES)


def stated_events(snapshots: pa.Table) -> pa.Table:
    """What the sources themselves say: when an account was created, first seen gone, retitled."""
    created = snapshots.filter(pa.array(~is_null(snapshots.column("joined_at"))))
    gone = snapshots.filter(
        pc.is_in(snapshots.column("state"), value_set=pa.array(["suspended", "deleted"]))
    )
    rows = pa.concat_tables([_events(created, "joined_at", None), _events(gone, "observed_at", "")])
    titles = _retitled(snapshots)
    keys = ("account_id", "kind", "at", "source_file", "source_row")
    rows = rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in keys]))
    first = rows.select(["account_id", "kind"]).to_pandas().duplicated(keep="first")
    once = conform(rows.filter(pa.array(~first.to_numpy(dtype=bool))), ACCOUNT_EVENTS)
    return pa.concat_tables([once, titles])


def _retitled(snapshots: pa.Table) -> pa.Table:
    """Edits of a chat's title, which its service messages state one by one; see TITLED."""
    stated = pc.and_(
        pc.equal(snapshots.column("basis"), "event"),
        pc.is_in(snapshots.column("platform"), value_set=pa.array(TITLED)),
    )
    named = pc.and_(
        pc.is_valid(snapshots.column("display_name")), pc.is_valid(snapshots.column("observed_at"))
    )
    keys = ("account_id", "observed_at", "source_file", "source_row", "display_name")
    rows = snapshots.filter(pc.and_(stated, named)).sort_by([(key, "ascending") for key in keys])
    titles = rows.select(list(keys)).to_pylist()
    return ACCOUNT_EVENTS.from_rows(
        [
            {**{name: new[name] for name in ("account_id", "source_file", "source_row")},
             "kind": "retitled", "at": new["observed_at"], "before": old["display_name"],
             "after": new["display_name"]}
            for old, new in pairwise(titles)
            if old["account_id"] == new["account_id"]
            and old["display_name"] != new["display_name"]
        ]
    )  # fmt: skip


def _events(rows: pa.Table, time: str, kind: str | None) -> pa.Table:
    n = rows.num_rows
    kinds = pa.array(["created"] * n, pa.string()) if kind is None else rows.column("state")
    none = pa.nulls(n, pa.string())
    columns = {
        "account_id": rows.column("account_id"),
        "kind": kinds,
        "at": rows.column(time),
        "before": none,
        "after": none,
        "source_file": rows.column("source_file"),
        "source_row": rows.column("source_row"),
    }
    return pa.table(list(columns.values()), names=list(columns))
