"""How do the posts of a talking point hang together?

In: posts with their texts and talking points. Out: for each post the post that it is linked to, how
alike the two texts are, how many links it is from the point's earliest post, and its variant; for
each point its medoid, its different texts, its weakest link and how alike its texts are. And the
table pairs: the links between different texts, which hold the points together.

Equal texts hang on the earliest post that has theirs. Different texts hang on each other as
`clustering.lineage` says, each stood for by the earliest post that has it. A repost hangs on the
post it repeats, or on the earliest post with the text that a cut one begins like; the platform says
so, not the words, so such a link has no similarity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.edges import pairs_table
from clustering.lineage import FamilyTrees
from corpus.settings import TalkingPoints
from corpus.tables import PAIRS
from engines.engine import Engine

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Standing:
    """Posts, known by their places in the order of ids, and what they stand for."""

    ids: pa.Array
    matched: list[str]
    """the normalized text that a post is matched by"""
    head: Ints
    """the post that stands for the same matched text"""
    rank: Ints
    """originals before reposts, then by time and id"""
    label: Ints
    """the smallest post of the talking point"""
    followed: Ints
    """the post that a repost names, else the post itself"""
    completed: Flags
    """cut reposts, which are matched by a longer text than their own"""

    @property
    def follows(self) -> Flags:
        """Reposts that name a post which is here."""
        named: Flags = self.followed != np.arange(len(self.followed))
        return named


@dataclass(frozen=True)
class Links:
    """One value a post, but `pairs`; numbers are places in the order of ids."""

    pairs: pa.Table
    linked: Ints
    """-1 for the earliest post of a point"""
    similarity: Floats
    """nan where there is none"""
    depth: Ints
    variant: Ints
    """from 1; 0 where the point shows none"""
    medoid: Ints
    """of the post's point; -1 for reposts that name a post"""
    to_medoid: Floats
    earliest: Flags
    """posts that stand for a different text each"""


def find_links(engine: Engine[Any], posts: Standing, settings: TalkingPoints) -> Links:
    """Link every post to another one of its talking point, but the earliest."""
    earliest = _earliest(posts)
    own = np.arange(len(posts.head))
    stands = (earliest == own) & ~posts.follows
    trees = _trees(engine, posts, np.flatnonzero(stands), settings)
    linked, similarity = np.full(len(own), -1, dtype=np.int64), np.full(len(own), np.nan)
    depth, variant = (np.zeros(len(own), dtype=np.int64) for _ in range(2))
    medoid, to_medoid = own.copy(), np.ones(len(own))
    place = _places(trees.column("post_id"), posts.ids)
    linked[place] = _places(trees.column("linked_to"), posts.ids)
    similarity[place] = trees.column("link_similarity").to_numpy()
    for values, name in ((depth, "depth"), (variant, "variant"), (to_medoid, "to_medoid")):
        values[place] = pc.fill_null(trees.column(name), 0).to_numpy()
    medoid[place] = _places(trees.column("medoid_id"), posts.ids)
    linked = np.where(stands, linked, np.where(posts.follows, posts.followed, earliest))
    equal = ~stands & ~posts.follows & ~posts.completed
    similarity[equal] = 1.0
    text = np.where(posts.follows, earliest[posts.followed], earliest)
    return Links(
        _pairs(trees), linked, similarity, depth[text], variant[text], medoid[text],
        to_medoid[text], stands,
    )  # fmt: skip


def _earliest(posts: Standing) -> Ints:
    """Return for each post the earliest one with its text, reposts that name a post left out."""
    order = np.lexsort((posts.rank, posts.follows, posts.head))
    head = posts.head[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = head[1:] != head[:-1]
    earliest = np.empty(len(order), dtype=np.int64)
    earliest[head[first]] = order[first]
    return earliest[posts.head]


def _trees(engine: Engine[Any], posts: Standing, units: Ints, settings: TalkingPoints) -> pa.Table:
    """LINEAGE of the points that have more than one text."""
    label = posts.label[units]
    units = units[np.bincount(label, minlength=len(posts.head))[label] > 1]
    texts = pa.array([posts.matched[at] for at in units], pa.string())
    table = pa.table(
        {
            "post_id": posts.ids.take(pa.array(units)),
            "family": posts.label[units],
            "rank": posts.rank[units],
            "text_norm": texts,
        }
    )
    kernel = FamilyTrees(settings.threshold, settings.shingle)
    return engine.collect(engine.group(engine.scan(table), ["family"], kernel))


def _pairs(trees: pa.Table) -> pa.Table:
    """The links between different texts, as the table pairs."""
    links = trees.filter(pc.is_valid(trees.column("linked_to")))
    if not links.num_rows:
        return PAIRS.empty()
    one, other = links.column("post_id"), links.column("linked_to")
    swapped = pc.greater(one, other)
    low, high = pc.if_else(swapped, other, one), pc.if_else(swapped, one, other)
    pairs = pairs_table(low, high, links.column("link_similarity").to_numpy())
    return pairs.sort_by([("post_a", "ascending"), ("post_b", "ascending")])


def _places(column: pa.ChunkedArray, ids: pa.Array) -> Ints:
    places: Ints = pc.fill_null(pc.index_in(column, ids), -1).to_numpy().astype(np.int64)
    return places
