"""Which texts of a crowded band belong together after its star was confirmed?

In: confirmed pairs, and the stars (smallest member and each other one) that name the members of
every crowded band. Out: further confirmed pairs, after which no two texts that share a crowded band
and reach the threshold are in different components.

Joined texts need no comparing. A pair across components of a band has at least one end outside the
band's largest component, so each text that is outside in some band is compared once with all its
band mates of other components: a few texts at first and then more, since the first few join most of
a family. When no text waits, nothing is untried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.jaccard import CELLS_AT_ONCE, CROWDED, MEETINGS_AT_ONCE, ShingleSets, reaches
from engines.components import component_labels

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Texts that are looked up first; doubles from step to step.
FIRST_TRIED = 16


@dataclass(frozen=True)
class Crowd:
    """Texts of crowded bands that still hold several components, numbered in the order of ids."""

    ids: pa.Array
    labels: Ints
    """The smallest text of each text's component so far."""
    bands: Ints
    """Band of each membership, in order."""
    members: Ints
    """Text of each membership."""

    @cached_property
    def incidence(self) -> csr_matrix:
        """Texts by bands: 1 where a text is in a band."""
        from scipy.sparse import csr_matrix

        ones = np.ones(len(self.members), dtype=np.int32)
        width = int(self.bands.max(initial=0)) + 1
        return csr_matrix((ones, (self.members, self.bands)), shape=(len(self.ids), width))

    @cached_property
    def columns(self) -> csr_matrix:
        """The same, bands by texts."""
        return self.incidence.T.tocsr()

    def fitting(self, these: Ints) -> int:
        """Return how many of these texts, at least one, can be looked up in one step."""
        meetings = self.incidence @ np.diff(self.columns.indptr).astype(np.int64)
        places = np.searchsorted(np.cumsum(meetings[these]), MEETINGS_AT_ONCE, side="right")
        return max(min(int(places), CELLS_AT_ONCE // len(self.ids)), 1)

    def band_mates(self, these: Ints) -> tuple[Ints, Ints]:
        """Return all pairs of one of `these` and a text that shares a band with it."""
        mates = (self.incidence[these] @ self.columns).tocoo()
        return these[mates.row], mates.col.astype(np.int64)

    def share_a_band(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return for each pair of texts whether some band holds both."""
        shared = self.incidence[left].multiply(self.incidence[right]).sum(axis=1)
        return np.asarray(shared).ravel() > 0

    def waiting(self, labels: Ints) -> Ints:
        """Return the texts that are outside the largest component of some band."""
        inside = labels[self.members]
        cells, cell, sizes = np.unique(
            self.bands * len(self.ids) + inside, return_inverse=True, return_counts=True
        )
        band_of_cell = cells // len(self.ids)
        order = np.lexsort((-sizes, band_of_cell))
        first = np.ones(len(order), dtype=bool)
        first[1:] = band_of_cell[order][1:] != band_of_cell[order][:-1]
        largest = np.zeros(len(order), dtype=bool)
        largest[order[first]] = True
        return np.unique(self.members[~largest[cell]])


def unfinished(confirmed: pa.Table, stars: pa.Table) -> Crowd:
    """Return the members of crowded bands in which not all are joined yet."""
    columns = [confirmed.column("post_a"), confirmed.column("post_b")]
    ids = _sorted_ids([*columns, stars.column("post_a"), stars.column("post_b")])
    labels = component_labels(len(ids), *_numbers(confirmed, ids))
    bands, members = _memberships(stars, ids)
    return _without_finished(Crowd(ids, labels, bands, members))


def _memberships(stars: pa.Table, ids: pa.Array) -> tuple[Ints, Ints]:
    """Band and text of each membership; a star names its hub once for every other member."""
    keys = stars.column("band_key").combine_chunks().dictionary_encode()
    band = keys.indices.to_numpy().astype(np.int64)
    hub, spoke = _numbers(stars, ids)
    both = np.concatenate([band, band]) * max(len(ids), 1) + np.concatenate([hub, spoke])
    cells = np.unique(both)
    return cells // max(len(ids), 1), cells % max(len(ids), 1)


def _without_finished(crowd: Crowd) -> Crowd:
    """Keep bands that hold a waiting text, and the texts in them, numbered anew in order."""
    waiting = np.zeros(len(crowd.ids), dtype=bool)
    waiting[crowd.waiting(crowd.labels)] = True
    open_bands = np.unique(crowd.bands[waiting[crowd.members]])
    kept = np.isin(crowd.bands, open_bands)
    texts, members = np.unique(crowd.members[kept], return_inverse=True)
    _, first, inverse = np.unique(crowd.labels[texts], return_index=True, return_inverse=True)
    bands = np.searchsorted(open_bands, crowd.bands[kept])
    return Crowd(crowd.ids.take(pa.array(texts)), first[inverse], bands, members)


def joining_pairs(crowd: Crowd, sets: ShingleSets, threshold: float) -> tuple[Ints, Ints, Floats]:
    """Return left, right and similarity of the pairs that join what is left to join."""
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    untried = np.ones(len(crowd.ids), dtype=bool)
    labels, step = crowd.labels, FIRST_TRIED
    while True:
        waiting = crowd.waiting(labels)
        these = waiting[untried[waiting]][:step]
        if not len(these):
            break
        these = these[: crowd.fitting(these)]
        untried[these] = False
        low, high, similarity = _across(crowd, sets, these, labels, threshold)
        found.append((low, high, similarity))
        labels = component_labels(len(labels), low, high, labels)
        step *= 2
    left, right, similarity = (np.concatenate(part) for part in zip(*found, strict=True))
    return left, right, similarity


def _across(
    crowd: Crowd, sets: ShingleSets, these: Ints, labels: Ints, threshold: float
) -> tuple[Ints, Ints, Floats]:
    """Pairs of one of `these` and a text of another component that share a band and are near."""
    left, right = crowd.band_mates(these)
    apart = labels[left] != labels[right]
    left, right = left[apart], right[apart]
    crowded = len(left) > CROWDED * len(these) * len(labels)
    if crowded:  # comparing with every text at once beats comparing one by one
        left, right, shared = sets.shared_with_all(these)
    else:
        shared = sets.shared(left, right)
    similarity = sets.similarity(left, right, shared)
    near = reaches(similarity, threshold) & (labels[left] != labels[right])
    left, right, similarity = left[near], right[near], similarity[near]
    if crowded:
        mates = crowd.share_a_band(left, right)
        left, right, similarity = left[mates], right[mates], similarity[mates]
    low, high = np.minimum(left, right), np.maximum(left, right)
    _, first = np.unique(low * len(labels) + high, return_index=True)
    return low[first], high[first], similarity[first]


def _sorted_ids(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for column in columns for chunk in column.chunks]
    ids = pc.unique(pa.chunked_array(chunks, type=pa.string()))
    return ids.take(pc.sort_indices(ids))


def _numbers(pairs: pa.Table, ids: pa.Array) -> tuple[Ints, Ints]:
    found = [pc.index_in(pairs.column(c), ids).to_numpy() for c in ("post_a", "post_b")]
    return found[0].astype(np.int64), found[1].astype(np.int64)
