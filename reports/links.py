"""Which post belongs to which talking point and narrative? One table that every section reads.

In: the tables of a case. Out: `posts` joined with their talking point and narrative, oldest first,
and lookups over it. A table that a run did not make is empty here, so the sections need no special
cases. It loses no post: one without talking point or narrative carries null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import ALL, POSTS


def table_of(tables: Mapping[str, pa.Table], name: str) -> pa.Table:
    """Return a table, or an empty one that keeps its contract."""
    return tables[name] if name in tables else ALL[name].empty()


def _looked_up(keys: pa.ChunkedArray, known: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.Array:
    """For each key the value that stands beside it in `known`, null where it is absent."""
    places = pc.index_in(keys, value_set=known)
    return values.take(places)


def link_posts(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return posts with point_id and narrative_id, sorted by time, then id; unknown times last."""
    posts = table_of(tables, "posts")
    of_post = table_of(tables, "point_posts")
    of_point = table_of(tables, "narrative_points")
    points = _looked_up(posts["post_id"], of_post["post_id"], of_post["point_id"])
    narratives = _looked_up(points, of_point["point_id"], of_point["narrative_id"])
    linked = posts.append_column("point_id", points).append_column("narrative_id", narratives)
    return linked.sort_by([("created_at", "ascending"), ("post_id", "ascending")])


@dataclass(frozen=True)
class Links:
    """The tables of one case with the joins that the report needs, made once."""

    tables: Mapping[str, pa.Table]

    def __getitem__(self, name: str) -> pa.Table:
        return table_of(self.tables, name)

    @cached_property
    def posts(self) -> pa.Table:
        """Every post with its talking point and narrative; see `link_posts`."""
        return link_posts(self.tables)

    @cached_property
    def written(self) -> pa.Table:
        """Posts other than reposts: what the accounts wrote themselves."""
        return self.posts.filter(pc.not_equal(self.posts["kind"], "repost"))

    @cached_property
    def place_of_post(self) -> dict[str, int]:
        """Post id -> its row in `posts`."""
        ids = self.posts["post_id"].to_pylist()
        return {post_id: place for place, post_id in enumerate(ids)}

    @cached_property
    def _place_of_snapshot(self) -> dict[str, int]:
        ids = self["profiles"]["snapshot_id"].to_pylist()
        return {snapshot_id: place for place, snapshot_id in enumerate(ids)}

    def post(self, post_id: str) -> dict[str, Any] | None:
        """Return one post's row, or None when the case does not hold it."""
        place = self.place_of_post.get(post_id)
        return _row(self.posts, place) if place is not None else None

    def snapshot(self, snapshot_id: str) -> dict[str, Any] | None:
        """Return one profile snapshot's row, or None when the case does not hold it."""
        place = self._place_of_snapshot.get(snapshot_id)
        return _row(self["profiles"], place) if place is not None else None

    def language(self, post_id: str) -> str | None:
        """The language found for a post, else the one the source states."""
        place = self._place_in_texts.get(post_id)
        found = self["texts"]["lang"][place].as_py() if place is not None else None
        if found and found != "und":
            return str(found)
        row = self.post(post_id)
        return row["lang"] if row else None

    @cached_property
    def _place_in_texts(self) -> dict[str, int]:
        ids = self["texts"]["post_id"].to_pylist()
        return {post_id: place for place, post_id in enumerate(ids)}

    def written_in_point(self, point_id: str) -> pa.Table:
        """The posts of a talking point other than reposts, oldest first."""
        return self.written.filter(pc.equal(self.written["point_id"], point_id))

    def accounts(self) -> list[str]:
        """Every account id of posts and profiles, sorted."""
        found = set(pc.unique(self["posts"]["account_id"]).to_pylist())
        found |= set(pc.unique(self["profiles"]["account_id"]).to_pylist())
        return sorted(account for account in found if account is not None)


def _row(table: pa.Table, place: int) -> dict[str, Any]:
    row: dict[str, Any] = table.slice(place, 1).to_pylist()[0]
    return row


def tally(table: pa.Table, column: str) -> list[tuple[str, int]]:
    """Count the values of a column, most frequent first, equal counts by name; nulls left out."""
    counts = pc.value_counts(table[column].drop_null()).to_pylist()
    pairs = [(str(entry["values"]), int(entry["counts"])) for entry in counts]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def in_window(table: pa.Table, column: str, start: Any, end: Any) -> pa.Table:
    """Return the rows whose time lies in [start, end]; None leaves that side open."""
    if start is not None:
        table = table.filter(pc.greater_equal(table[column], _stamp(start)))
    if end is not None:
        table = table.filter(pc.less_equal(table[column], _stamp(end)))
    return table


def _stamp(moment: Any) -> pa.Scalar:
    return pa.scalar(moment, POSTS.schema.field("created_at").type)


def first_known(values: Iterable[Any]) -> Any:
    """The first value that is not None, or None."""
    return next((value for value in values if value is not None), None)
