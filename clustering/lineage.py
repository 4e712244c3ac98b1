"""How does each text of a family hang together with the others?

In: the different texts of families, with ranks (0 is the earliest). Out: for each text the one that
it is linked to and how alike they are, how many links away the family's first text is, its
similarity to the medoid, and its variant where the family has any.

The links are the family's maximum spanning tree over all its pairs, seen from its earliest text:
each text hangs on the strongest chain that leads to it. Ties go to earlier texts. So the tree
depends on the texts and their ranks alone, not on bands or on the order in which pairs were found,
and cutting its links below a higher threshold leaves what that threshold would have joined
(`clustering.regroup`); its weakest link is where the family falls apart first. A family of more
than 20,000 texts gets a tree of first links instead: still every link is confirmed, but a higher
threshold may part more of it than need be.

The medoid is the text most like all others. Where some text is less like it than the threshold
minus LOOSE, the family drifted, and shows variants: in order of rank, a text joins the first
variant whose first text has a similarity of at least the threshold minus APART, else opens one.
A family is never split by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.jaccard import ShingleSets
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import TextColumn

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Trees = tuple[Ints, Floats, Ints, Ints, Ints, Floats]

# Measured on 100,000 posts: splitting drifted families at t - .15 keeps a B-cubed recall of .90 to
# .99 inside them, splitting at t itself breaks true families (.84).
LOOSE, APART = 0.2, 0.15
# The same as in `clustering.spanning`, which cannot be imported without compiling.
_UNIT = float(1 << 40)
_ROUNDING = 1e-9

LINEAGE = pa.schema(
    [
        ("post_id", pa.string()),
        ("family", pa.int64()),
        ("linked_to", pa.string()),
        ("link_similarity", pa.float64()),
        ("depth", pa.int64()),
        ("variant", pa.int64()),
        ("medoid_id", pa.string()),
        ("to_medoid", pa.float64()),
    ]
)


@dataclass(frozen=True)
class FamilyTrees:
    """Kernel post_id, family, rank, text_norm -> LINEAGE.

    linked_to and link_similarity are null for a family's first text, variant where it shows none.
    """

    threshold: float
    shingle: str

    @property
    def output(self) -> pa.Schema:
        """The columns of LINEAGE."""
        return LINEAGE

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need whole groups of family; texts of one family differ and have different ranks."""
        keys = [("family", "ascending"), ("rank", "ascending")]
        table = table.take(pc.sort_indices(table, sort_keys=keys)).combine_chunks()
        family = table.column("family").to_numpy()
        borders = np.flatnonzero(np.diff(family, prepend=-1, append=-1))
        limits = (self.threshold, self.threshold - LOOSE, self.threshold - APART)
        make = _compiled_trees if table.num_rows >= MANY_TEXTS else readable_trees
        found = make(table.column("text_norm"), borders, limits, self.shingle)
        return _as_table(table, found)


def _as_table(table: pa.Table, found: Trees) -> pa.Table:
    link, similarity, depth, variant, medoid, to_medoid = found
    ids, first = table.column("post_id"), link < 0
    columns: list[Any] = [
        ids,
        table.column("family"),
        ids.take(pa.array(link, mask=first)),
        pa.array(similarity, mask=first),
        pa.array(depth),
        pa.array(variant, mask=variant == 0),
        ids.take(pa.array(medoid)),
        pa.array(to_medoid),
    ]
    return pa.Table.from_arrays(columns, schema=LINEAGE)


def _compiled_trees(
    texts: pa.ChunkedArray, borders: Ints, limits: tuple[float, float, float], shingle: str
) -> Trees:
    from clustering.spanning import family_trees
    from nlp.compiled.sketching import shingle_rows

    rows = np.arange(len(texts), dtype=np.int64)
    sets = shingle_rows(TextColumn.from_arrow(texts), rows, shingle)
    return family_trees(sets.data, sets.offsets, borders, limits)


def readable_trees(
    texts: pa.ChunkedArray, borders: Ints, limits: tuple[float, float, float], shingle: str
) -> Trees:
    """Return what `clustering.spanning.family_trees` returns, for few texts."""
    parts = [
        _tree(texts.slice(low, high - low).to_pylist(), int(low), limits, shingle)
        for low, high in pairwise(borders)
    ]
    if not parts:
        none, nothing = np.zeros(0, np.int64), np.zeros(0)
        return none, nothing, none, none, none, nothing
    link, similarity, depth, variant, medoid, to_medoid = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return link, similarity, depth, variant, medoid, to_medoid


def _tree(texts: list[str], low: int, limits: tuple[float, float, float], shingle: str) -> Trees:
    """The tree of one family, whose texts are in order of rank."""
    _, cohesive, variant_at = limits
    near = _all_similarities(texts, shingle)
    link, similarity, depth = _strongest_links(near)
    sums = np.floor(near * _UNIT).astype(np.int64).sum(axis=1)
    medoid = int(np.argmax(sums))
    to_medoid = near[medoid]
    drifted = bool(to_medoid.min() < cohesive - _ROUNDING)
    variant = _variants(near, variant_at) if drifted else np.zeros(len(texts), np.int64)
    numbers = np.where(link >= 0, link + low, -1)
    return numbers, similarity, depth, variant, np.full(len(texts), low + medoid), to_medoid


def _all_similarities(texts: list[str], shingle: str) -> Floats:
    sets = ShingleSets(texts, shingle)
    shared = (sets.matrix @ sets.columns).toarray().astype(np.int64)
    either = sets.sizes[:, np.newaxis] + sets.sizes - shared
    near: Floats = shared / np.maximum(either, 1)
    np.fill_diagonal(near, 1.0)
    return near


def _strongest_links(near: Floats) -> tuple[Ints, Floats, Ints]:
    """Prim's algorithm: the waiting text with the strongest link comes next."""
    n = len(near)
    link, depth = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    best, waiting = np.full(n, -1.0), np.ones(n, dtype=bool)
    similarity = np.ones(n)
    last = 0
    for _ in range(n - 1):
        waiting[last] = False
        closer = (near[last] > best) | ((near[last] == best) & (last < link))
        closer &= waiting
        best[closer], link[closer] = near[last][closer], last
        last = int(np.argmax(np.where(waiting, best, -2.0)))
        similarity[last] = best[last]
        depth[last] = depth[link[last]] + 1
    return link, similarity, depth


def _variants(near: Floats, variant_at: float) -> Ints:
    variant = np.zeros(len(near), dtype=np.int64)
    leaders: list[int] = []
    for text in range(len(near)):
        joined = np.flatnonzero(near[text, leaders] >= variant_at - _ROUNDING)
        if len(joined):
            variant[text] = joined[0] + 1
        else:
            leaders.append(text)
            variant[text] = len(leaders)
    return variant
