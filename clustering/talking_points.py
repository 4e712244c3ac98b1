"""Which posts say nearly the same thing? Bands propose pairs, exact Jaccard confirms them.

In: posts and their normalized texts. Out: the tables pairs, point_posts and talking_points. Every
post belongs to exactly one talking point; a post like no other has its own, and so has a post of
which nothing is left after normalizing (links and mentions alone).

Equal texts are one before anything is compared; each different text is stood for by its smallest
post id, originals before reposts. A talking point is a connected component of confirmed pairs
(`clustering.edges`): it depends on the set of texts alone, not on row order, batches or engine.

Reposts follow what they repeat (`clustering.reposts`) and are counted apart. A repost is the
exemplar only where there is no original: such a point has posts = 0 and its earliest repost stands
for it. `point_id` is the content hash of the smallest post id among all members.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.edges import similarities, unit_labels
from clustering.links import Links, Standing, find_links
from clustering.reposts import followed_posts, matched_texts
from corpus.errors import SchemaError
from corpus.identity import content_id
from corpus.progress import Progress, Silent
from corpus.settings import TalkingPoints
from corpus.tables import POINT_POSTS, TALKING_POINTS
from engines.components import component_labels
from engines.engine import Engine

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
PairsOf = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class TalkingPointTables:
    """What the stage makes; contracts in `corpus.tables`."""

    pairs: pa.Table
    point_posts: pa.Table
    talking_points: pa.Table


def find_talking_points(
    engine: Engine[Any],
    posts: pa.Table,
    texts: pa.Table,
    *,
    settings: TalkingPoints | None = None,
    progress: Progress | None = None,
    pairs_of: PairsOf | None = None,
) -> TalkingPointTables:
    """Group posts that say nearly the same.

    Parameters
    ----------
    engine
        Where equal texts are collapsed and pairs are found and confirmed.
    posts
        The table posts; post_id is unique.
    texts
        The table texts, one row for each post.
    settings
        Threshold of the exact Jaccard and kind of shingles.
    progress
        Told of four steps.
    pairs_of
        Where the pairs of the different texts (post_id, text_norm) come from: an index that knows
        most of them already. None finds them on the engine.

    Raises
    ------
    SchemaError
        When a post id repeats or a post has no row in texts.
    """
    settings, progress = settings or TalkingPoints(), progress or Silent()
    progress.stage("talking points", 4)
    members = _members(posts, texts)
    heads = _heads(engine, members)
    progress.advance()
    units = _units(members, heads)
    joined = pairs_of(units) if pairs_of else _joined(engine, units, settings)
    progress.advance()
    labels = _labels(members, heads, joined)
    rank = _ranks(members)
    exemplars = _exemplars(labels, rank)
    links = find_links(engine, members.standing(heads, rank, labels), settings)
    progress.advance()
    similarity = _similarity(engine, members, exemplars[labels], settings.shingle)
    tables = _tables(members, labels, exemplars, similarity, links)
    progress.advance()
    return TalkingPointTables(links.pairs, *tables)


def _joined(engine: Engine[Any], units: pa.Table, settings: TalkingPoints) -> pa.Table:
    """Each unit (post_a) with the smallest unit of its family (post_b)."""
    labels = unit_labels(engine, units, threshold=settings.threshold, shingle=settings.shingle)
    ids = units.column("post_id")
    return pa.table({"post_a": ids, "post_b": ids.take(pa.array(labels))})


@dataclass(frozen=True)
class _Members:
    """All posts in the order of their ids; a post is its place in that order from here on."""

    table: pa.Table
    """post_id, account_id, created_at"""
    text: list[str]
    """normalized"""
    matched: list[str]
    """the text it is matched by: `text`, or the whole one that a cut repost repeats"""
    is_repost: Flags
    followed: Ints

    @property
    def ids(self) -> pa.Array:
        return self.table.column("post_id").combine_chunks()

    def standing(self, heads: Ints, rank: Ints, labels: Ints) -> Standing:
        completed = np.array(
            [own is not by for own, by in zip(self.text, self.matched, strict=True)], dtype=bool
        )
        return Standing(self.ids, self.matched, heads, rank, labels, self.followed, completed)


def _members(posts: pa.Table, texts: pa.Table) -> _Members:
    posts = posts.take(pc.sort_indices(posts, sort_keys=[("post_id", "ascending")]))
    ids = posts.column("post_id").combine_chunks()
    if len(pc.unique(ids)) < len(ids):
        raise SchemaError(
            "table 'posts': a post_id repeats, expected unique ids; keep one row each"
        )
    places = pc.index_in(ids, texts.column("post_id"))
    if places.null_count:
        raise SchemaError(
            f"table 'texts': {places.null_count} posts have no row; normalize all posts"
        )
    text = texts.column("text_norm").take(places).to_pylist()
    is_repost = pc.equal(posts.column("kind"), "repost").to_numpy()
    followed = followed_posts(ids, posts.column("parent_id"), is_repost)
    free = is_repost & (followed == np.arange(len(ids)))
    return _Members(
        posts.select(["post_id", "account_id", "created_at"]),
        text,
        matched_texts(posts.column("text"), text, free),
        is_repost,
        followed,
    )


def _heads(engine: Engine[Any], members: _Members) -> Ints:
    """Return for each post the post that stands for its matched text."""
    rows = pa.table(
        {
            "post_id": members.ids,
            "text_norm": pa.array(members.matched, pa.string()),
            "is_repost": pa.array(members.is_repost | _follows(members)),
        }
    )
    found = engine.collect(engine.group(engine.scan(rows), ["text_norm"], CollapseTexts()))
    ids = members.ids
    heads = np.empty(len(ids), dtype=np.int64)
    heads[_places(found.column("post_id"), ids)] = _places(found.column("head_id"), ids)
    return heads


def _follows(members: _Members) -> Flags:
    follows: Flags = members.followed != np.arange(len(members.followed))
    return follows


@dataclass(frozen=True)
class CollapseTexts:
    """Kernel post_id, text_norm, is_repost -> post_id, head_id: one head for equal texts.

    The head is the smallest id among originals, else among reposts; an empty text has its own.
    """

    @property
    def output(self) -> pa.Schema:
        """post_id and head_id."""
        return pa.schema([("post_id", pa.string()), ("head_id", pa.string())])

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need whole groups of text_norm."""
        keys = [(name, "ascending") for name in ("text_norm", "is_repost", "post_id")]
        table = table.take(pc.sort_indices(table, sort_keys=keys))
        text, ids = table.column("text_norm"), table.column("post_id").combine_chunks()
        if table.num_rows == 0:
            return self.output.empty_table()
        first = np.ones(len(ids), dtype=bool)
        differs = pc.not_equal(text.slice(1), text.slice(0, len(text) - 1))
        first[1:] = differs.to_numpy() | (pc.equal(text.slice(1), "").to_numpy())
        heads = np.flatnonzero(first)[np.cumsum(first) - 1]
        return pa.Table.from_arrays([ids, ids.take(pa.array(heads))], schema=self.output)


def _units(members: _Members, heads: Ints) -> pa.Table:
    """The different texts that are not empty; reposts that follow a post add none."""
    own = np.unique(heads[~_follows(members)])
    matched = [members.matched[at] for at in own]
    held = np.array([bool(text) for text in matched], dtype=bool)
    table = pa.table(
        {"post_id": members.ids.take(pa.array(own)), "text_norm": pa.array(matched, pa.string())}
    )
    return table.filter(pa.array(held))


def _labels(members: _Members, heads: Ints, pairs: pa.Table) -> Ints:
    """Return for each post the smallest post of its talking point."""
    ids, own = members.ids, np.arange(len(heads), dtype=np.int64)
    follows = _follows(members)
    target = np.where(follows, members.followed, heads)
    left = np.concatenate([own, _places(pairs.column("post_a"), ids)])
    right = np.concatenate([target, _places(pairs.column("post_b"), ids)])
    return component_labels(len(heads), left, right)


def _places(column: pa.ChunkedArray, ids: pa.Array) -> Ints:
    places: Ints = pc.index_in(column, ids).to_numpy().astype(np.int64)
    return places


def _ranks(members: _Members) -> Ints:
    """Return each post's rank: originals first, then the earliest, ties by id."""
    created = members.table.column("created_at").cast(pa.int64())
    unknown = pc.is_null(created).to_numpy()
    moment = pc.fill_null(created, 0).to_numpy()
    order = np.lexsort((moment, unknown, members.is_repost))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _exemplars(labels: Ints, rank: Ints) -> Ints:
    """Return, at the place of each label, its exemplar: the post of the lowest rank."""
    order = np.argsort(rank)
    exemplars = np.full(len(labels), -1, dtype=np.int64)
    exemplars[labels[order[::-1]]] = order[::-1]
    return exemplars


def _similarity(
    engine: Engine[Any], members: _Members, exemplar: Ints, shingle: str
) -> npt.NDArray[np.float64]:
    """Return the exact Jaccard of each post's text to its exemplar's; 1 for the exemplar itself."""
    text = np.array(members.text, dtype=object)
    same = text == text[exemplar]
    other = np.flatnonzero(~same)
    rows = pa.table(
        {
            "post_id": members.ids.take(pa.array(other)),
            "text_a": pa.array(text[other], pa.string()),
            "text_b": pa.array(text[exemplar[other]], pa.string()),
        }
    )
    found = engine.collect(engine.map(engine.scan(rows), ExemplarSimilarity(shingle)))
    similarity = np.ones(len(text))
    similarity[_places(found.column("post_id"), members.ids)] = found.column(
        "similarity"
    ).to_numpy()
    return similarity


@dataclass(frozen=True)
class ExemplarSimilarity:
    """Kernel post_id, text_a, text_b -> post_id, similarity: exact Jaccard of the two texts.

    Where mixed sets share nothing (one text was cut into words and the other into characters: a
    repost and the longer text that it follows), both are compared by characters.
    """

    shingle: str

    @property
    def output(self) -> pa.Schema:
        """post_id and similarity."""
        return pa.schema([("post_id", pa.string()), ("similarity", pa.float64())])

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_id, text_a and text_b."""
        similarity = similarities(table.column("text_a"), table.column("text_b"), self.shingle)
        apart = np.flatnonzero(similarity == 0.0)
        if self.shingle == "mixed" and len(apart):
            rows = table.take(pa.array(apart))
            similarity[apart] = similarities(rows.column("text_a"), rows.column("text_b"), "char-4")
        return pa.Table.from_arrays(
            [table.column("post_id"), pa.array(similarity)], schema=self.output
        )


def _tables(
    members: _Members,
    labels: Ints,
    exemplars: Ints,
    similarity: npt.NDArray[np.float64],
    links: Links,
) -> tuple[pa.Table, pa.Table]:
    ids = members.ids
    smallest = np.unique(labels)
    points = [content_id("point", post_id) for post_id in ids.take(pa.array(smallest)).to_pylist()]
    point_ids = pa.array(points, pa.string())
    number = np.searchsorted(smallest, labels)
    post_columns = [
        ids,
        point_ids.take(pa.array(number)),
        pa.array(similarity, pa.float32()),
        ids.take(pa.array(links.linked, mask=links.linked < 0)),
        pa.array(links.similarity, pa.float32(), mask=np.isnan(links.similarity)),
        pa.array(links.depth),
        pa.array(links.variant, mask=links.variant == 0),
    ]
    point_posts = pa.Table.from_arrays(post_columns, schema=POINT_POSTS.schema)
    counted = _counts(members, number, exemplars[labels], len(smallest))
    columns = [
        point_ids,
        ids.take(pa.array(exemplars[smallest])),
        *counted,
        *_cohesion(ids, number, links, len(smallest)),
    ]
    talking_points = pa.Table.from_arrays(columns, schema=TALKING_POINTS.schema)
    return point_posts, talking_points.sort_by("point_id")


def _cohesion(ids: pa.Array, number: Ints, links: Links, points: int) -> list[Any]:
    """medoid_id, texts, weakest, cohesion and variants of each point."""
    own = np.flatnonzero(links.earliest)
    of_point = number[own]
    texts = np.bincount(of_point, minlength=points)
    medoid = np.empty(points, dtype=np.int64)
    medoid[of_point] = links.medoid[own]
    weakest = np.full(points, np.inf)
    between = own[links.linked[own] >= 0]
    np.minimum.at(weakest, number[between], links.similarity[between])
    variants = np.ones(points, dtype=np.int64)
    np.maximum.at(variants, of_point, links.variant[own])
    total = np.bincount(of_point, weights=links.to_medoid[own], minlength=points)
    return [
        ids.take(pa.array(medoid)),
        pa.array(texts, pa.int64()),
        pa.array(weakest, pa.float32(), mask=np.isinf(weakest)),
        pa.array(total / texts, pa.float32()),
        pa.array(variants),
    ]


def _counts(members: _Members, number: Ints, exemplar: Ints, points: int) -> list[Any]:
    """posts, reposts, accounts, first_at, last_at and exact_share of each point."""
    original = ~members.is_repost
    posts = np.bincount(number[original], minlength=points)
    reposts = np.bincount(number[~original], minlength=points)
    # Copies are counted among originals; a point of reposts alone is counted over those.
    counted = original | (posts[number] == 0)
    text = np.array(members.text, dtype=object)
    equal = np.bincount(number[counted & (text == text[exemplar])], minlength=points)
    rows = members.table.append_column("number", pa.array(number))
    seen = rows.group_by("number").aggregate(
        [("account_id", "count_distinct"), ("created_at", "min"), ("created_at", "max")]
    ).sort_by("number")  # fmt: skip
    return [
        pa.array(posts, pa.int64()),
        pa.array(reposts, pa.int64()),
        seen.column("account_id_count_distinct"),
        seen.column("created_at_min"),
        seen.column("created_at_max"),
        pa.array(equal / np.maximum(np.where(posts > 0, posts, reposts), 1), pa.float32()),
    ]
