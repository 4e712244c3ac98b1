"""Which texts are near-duplicates of each other? Bands propose pairs, exact Jaccard confirms them.

In: different, non-empty normalized texts, each under one id. Out: confirmed pairs whose connected
components are those of the graph G = {pairs that share a band key and have exact Jaccard >= t}. G
depends on the texts alone, so the components do too: neither row order nor batch size nor engine
changes them. No unconfirmed pair joins anything.

All pairs of a crowded band would be quadratic. Up to BUCKET_LIMIT members all pairs are proposed;
above it each member is compared to the smallest one (a star), and then, in a rest round, members
that are still in different components are compared to each other until nothing is left untried.
Skipping a pair that is already joined cannot change a component, so the shortcut is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.crowded import joining_pairs, unfinished
from clustering.jaccard import ShingleSets, reaches
from corpus.tables import PAIRS
from engines.components import component_labels
from engines.engine import Engine
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import TextColumn
from nlp.minhash import MinHashBands, bands_for

# All pairs of 40 members are 780 comparisons; real bands beyond that size are mostly one family,
# which a star joins with one comparison a member.
BUCKET_LIMIT = 40

Ints = npt.NDArray[np.int64]

_CANDIDATES = pa.schema(
    [
        pa.field("band_key", pa.binary()),
        pa.field("post_a", pa.string()),
        pa.field("post_b", pa.string()),
    ]
)


def near_duplicate_pairs(
    engine: Engine[Any], units: pa.Table, *, threshold: float, shingle: str
) -> pa.Table:
    """Return the table pairs: confirmed edges that hold the families of `units` together.

    `units` has post_id and text_norm; its texts are different from each other and not empty.
    """
    bands, rows = bands_for(threshold)
    frame = engine.scan(units)
    keys = engine.map(frame, MinHashBands(bands=bands, rows=rows, shingle=shingle))
    candidates = engine.group(keys, ["band_key"], BucketPairs(BUCKET_LIMIT))
    distinct = engine.distinct(engine.map(candidates, WithoutKey()))
    confirmed = engine.collect(_confirmed(engine, frame, distinct, threshold, shingle))
    stars = engine.collect(engine.map(candidates, Stars()))
    rest = _rest_round(engine, units, confirmed, stars, threshold=threshold, shingle=shingle)
    return pa.concat_tables([confirmed, rest]).sort_by(
        [("post_a", "ascending"), ("post_b", "ascending")]
    )


def _confirmed(
    engine: Engine[Any], frame: Any, candidates: Any, threshold: float, shingle: str
) -> Any:
    """Bring both texts to each candidate pair and keep the pairs that reach the threshold."""
    for side in ("a", "b"):
        texts = engine.map(frame, Side(side))
        candidates = engine.join(candidates, texts, [f"post_{side}"])
    return engine.map(candidates, ConfirmPairs(threshold, shingle))


def unit_labels(engine: Engine[Any], units: pa.Table, *, threshold: float, shingle: str) -> Ints:
    """Return for each row of `units` the smallest row of its family.

    Where all rows are in this process and there are many, they are walked through at once
    (`clustering.families`); else the engine's verbs find the pairs. Both give the same families.
    """
    if engine.in_process and units.num_rows >= MANY_TEXTS:
        from clustering.families import unit_families

        column = TextColumn.from_arrow(units.column("text_norm"))
        return unit_families(column, threshold=threshold, shingle=shingle)
    pairs = near_duplicate_pairs(engine, units, threshold=threshold, shingle=shingle)
    ids = units.column("post_id").combine_chunks()
    left, right = (
        pc.index_in(pairs.column(side), ids).to_numpy().astype(np.int64)
        for side in ("post_a", "post_b")
    )
    return component_labels(units.num_rows, left, right)


@dataclass(frozen=True)
class BucketPairs:
    """Kernel bands -> candidate pairs; a pair of a star carries its band_key, others have null."""

    limit: int

    @property
    def output(self) -> pa.Schema:
        """band_key?, post_a, post_b with post_a < post_b."""
        return _CANDIDATES

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need whole groups of band_key."""
        starts, sizes = _runs(table.column("band_key"))
        small = (sizes > 1) & (sizes <= self.limit)
        large = sizes > self.limit
        left, right = _all_pairs(starts[small], sizes[small])
        ids = table.column("post_id").combine_chunks()
        hub, spoke = _stars(ids, starts[large], sizes[large])
        keys = table.column("band_key").take(pa.array(spoke)).combine_chunks()
        empty = pa.nulls(len(left), pa.binary())
        return _ordered_pairs(
            pa.concat_arrays([empty, keys.cast(pa.binary())]),
            ids.take(pa.array(np.concatenate([left, hub]))),
            ids.take(pa.array(np.concatenate([right, spoke]))),
        )


@dataclass(frozen=True)
class WithoutKey:
    """Kernel candidate pairs -> post_a, post_b."""

    @property
    def output(self) -> pa.Schema:
        """post_a and post_b."""
        return pa.schema([_CANDIDATES.field("post_a"), _CANDIDATES.field("post_b")])

    def __call__(self, table: pa.Table) -> pa.Table:
        """Drop the band key."""
        return table.select(self.output.names)


@dataclass(frozen=True)
class Stars:
    """Kernel candidate pairs -> those of crowded bands: hub and spokes name all members."""

    @property
    def output(self) -> pa.Schema:
        """The same columns."""
        return _CANDIDATES

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep pairs with a band key."""
        return table.filter(pc.is_valid(table.column("band_key")))


@dataclass(frozen=True)
class Side:
    """Kernel units -> the same under the column names of one side of a pair."""

    side: str

    @property
    def output(self) -> pa.Schema:
        """post_<side> and text_<side>."""
        return pa.schema([(f"post_{self.side}", pa.string()), (f"text_{self.side}", pa.string())])

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_id and text_norm."""
        return pa.Table.from_arrays(
            [table.column("post_id"), table.column("text_norm")], schema=self.output
        )


@dataclass(frozen=True)
class ConfirmPairs:
    """Kernel pairs with both texts -> the table pairs: those that reach the exact Jaccard."""

    threshold: float
    shingle: str

    @property
    def output(self) -> pa.Schema:
        """The contract of the table pairs."""
        return PAIRS.schema

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_a, post_b, text_a and text_b."""
        similarity = similarities(table.column("text_a"), table.column("text_b"), self.shingle)
        near = pa.array(reaches(similarity, self.threshold))
        kept = table.select(["post_a", "post_b"]).filter(near)
        return pairs_table(
            kept.column("post_a"), kept.column("post_b"), similarity[near.to_numpy(False)]
        )


def similarities(
    left: pa.ChunkedArray, right: pa.ChunkedArray, shingle: str
) -> npt.NDArray[np.float64]:
    """Return the exact Jaccard of the normalized texts left[i] and right[i]; equal texts have 1."""
    texts = pc.unique(pa.chunked_array([*left.chunks, *right.chunks], type=pa.string()))
    a, b = (pc.index_in(side, texts).to_numpy().astype(np.int64) for side in (left, right))
    return np.where(a == b, 1.0, ShingleSets(texts.to_pylist(), shingle).jaccard(a, b))


def pairs_table(post_a: Any, post_b: Any, similarity: npt.NDArray[np.float64]) -> pa.Table:
    """Return the table pairs over confirmed pairs whose ids are ordered already."""
    columns = [post_a, post_b, similarity.astype(np.float32), np.ones(len(similarity), dtype=bool)]
    return pa.Table.from_arrays([*columns[:2], *map(pa.array, columns[2:])], schema=PAIRS.schema)


def _runs(keys: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """Starts and sizes of stretches of equal keys; equal keys stand together."""
    rows = len(keys)
    if rows == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    differs = pc.not_equal(keys.slice(1), keys.slice(0, rows - 1)).to_numpy()
    starts = np.concatenate([[0], np.flatnonzero(differs) + 1])
    return starts, np.diff(np.append(starts, rows))


def _all_pairs(starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Row numbers of all pairs in each stretch, sizes handled one after the other."""
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in np.unique(sizes):
        i, j = np.triu_indices(int(size), k=1)
        firsts = starts[sizes == size][:, np.newaxis]
        lefts.append((firsts + i).ravel())
        rights.append((firsts + j).ravel())
    return np.concatenate(lefts), np.concatenate(rights)


def _stars(ids: Any, starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Row numbers of hub (smallest id) and spoke of each crowded stretch."""
    hubs, spokes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for start, size in zip(starts, sizes, strict=True):  # few: stretches beyond BUCKET_LIMIT
        order = pc.sort_indices(ids.slice(int(start), int(size))).to_numpy().astype(np.int64)
        hubs.append(np.full(int(size) - 1, start + order[0]))
        spokes.append(start + np.sort(order[1:]))
    return np.concatenate(hubs), np.concatenate(spokes)


def _ordered_pairs(keys: Any, left: Any, right: Any) -> pa.Table:
    swapped = pc.greater(left, right)
    a, b = pc.if_else(swapped, right, left), pc.if_else(swapped, left, right)
    return pa.Table.from_arrays([keys, a, b], schema=_CANDIDATES)


def _rest_round(
    engine: Engine[Any],
    units: pa.Table,
    confirmed: pa.Table,
    stars: pa.Table,
    *,
    threshold: float,
    shingle: str,
) -> pa.Table:
    """Compare members of crowded bands across components, until nothing is left untried."""
    crowd = unfinished(confirmed, stars)
    if not len(crowd.ids):
        return PAIRS.empty()
    wanted = engine.scan(pa.table({"post_id": crowd.ids}))
    texts = engine.collect(engine.join(engine.scan(units), wanted, ["post_id"], "semi"))
    order = pc.index_in(crowd.ids, texts.column("post_id").combine_chunks())
    sets = ShingleSets(texts.column("text_norm").take(order).to_pylist(), shingle)
    left, right, similarity = joining_pairs(crowd, sets, threshold)
    a, b = crowd.ids.take(pa.array(left)), crowd.ids.take(pa.array(right))
    return pairs_table(a, b, similarity)
