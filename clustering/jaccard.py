"""How much of two texts is the same, exactly?

In: normalized texts and pairs of their numbers. Out: the Jaccard similarity of their shingle sets:
shingles that both have over shingles that either has. Shingles are compared by 64-bit hashes (two
different ones of a pair collide about once in 10^15 pairs). Equal texts have 1. Texts of a mixed
set that are cut differently (words, characters) share no shingle and have 0.

`all_pairs` finds every pair at or above a threshold without looking at all pairs: two sets that
similar share one of their rarest shingles (prefix filter: Chaudhuri et al. 2006, Bayardo et al.
2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nlp.shingles import hash_shingles

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Pairs compared at once: about 60 shingles each in 16 bytes keep a step near 200 MB.
_PAIRS_AT_ONCE = 100_000
# Meetings of prefixes in one step: up to 32 bytes each.
MEETINGS_AT_ONCE = 8_000_000
# Pairs of texts in one step, 12 bytes each where every text shares something with every other.
CELLS_AT_ONCE = 20_000_000
# Share of all texts that a text is compared to, from which one product with all of them is faster:
# looking pairs up one by one costs about 40 times as much a pair.
CROWDED = 0.02
# Similarities are ratios of small integers: nothing lies between t and t minus this.
_ROUNDING = 1e-9


class ShingleSets:
    """The shingle sets of some normalized texts, as a matrix of texts by shingles."""

    def __init__(self, texts: Sequence[str], shingle: str) -> None:
        from scipy.sparse import csr_matrix

        hashed = hash_shingles(texts, shingle)
        self.comparable = hashed.comparable()
        self.by_words = hashed.by_words
        names, columns = np.unique(hashed.hashes, return_inverse=True)
        cells = (np.ones(len(columns), dtype=np.int32), columns, hashed.offsets)
        matrix = csr_matrix(cells, shape=(len(texts), max(len(names), 1)))
        matrix.sum_duplicates()
        matrix.data[:] = 1
        self.matrix: csr_matrix = matrix
        self.sizes: Ints = np.diff(matrix.indptr).astype(np.int64)

    @cached_property
    def columns(self) -> csr_matrix:
        """The same, shingles by texts."""
        return self.matrix.T.tocsr()

    def jaccard(self, left: Ints, right: Ints) -> Floats:
        """Return the similarity of text left[i] and text right[i]; 0 where both are empty."""
        return self.similarity(left, right, self.shared(left, right))

    def shared(self, left: Ints, right: Ints) -> Ints:
        """Return how many shingles text left[i] and text right[i] share."""
        shared = np.zeros(len(left), dtype=np.int64)
        for at in range(0, len(left), _PAIRS_AT_ONCE):
            part = slice(at, at + _PAIRS_AT_ONCE)
            both = self.matrix[left[part]].multiply(self.matrix[right[part]])
            shared[part] = np.asarray(both.sum(axis=1)).ravel()
        return shared

    def shared_with_all(self, these: Ints) -> tuple[Ints, Ints, Ints]:
        """Return left, right and number of shared shingles of all pairs that share any."""
        shared = (self.matrix[these] @ self.columns).tocoo()
        return these[shared.row], shared.col.astype(np.int64), shared.data.astype(np.int64)

    def similarity(self, left: Ints, right: Ints, shared: Ints) -> Floats:
        """Return the Jaccard of pairs that share so many shingles."""
        either = self.sizes[left] + self.sizes[right] - shared
        similarity: Floats = shared / np.maximum(either, 1)
        return similarity

    def prefixes(self, threshold: float) -> csr_matrix:
        """Return each comparable text's rarest shingles, as many as the threshold asks for."""
        from scipy.sparse import csr_matrix

        frequency = np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])
        rarity = np.empty(len(frequency), dtype=np.int64)
        rarity[np.argsort(frequency, kind="stable")] = np.arange(len(frequency))
        cells = (self.matrix.data.copy(), rarity[self.matrix.indices], self.matrix.indptr)
        ranked = csr_matrix(cells, shape=self.matrix.shape)
        ranked.sort_indices()
        needed = np.ceil(threshold * self.sizes - _ROUNDING).astype(np.int64)
        lengths = np.where(self.comparable, self.sizes - needed + 1, 0)
        place = np.arange(ranked.nnz) - np.repeat(ranked.indptr[:-1], self.sizes)
        kept = place < np.repeat(lengths, self.sizes)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return csr_matrix((ranked.data[kept], ranked.indices[kept], offsets), shape=ranked.shape)


def reaches(similarity: Floats, threshold: float) -> npt.NDArray[np.bool_]:
    """Return which similarities are at least the threshold, rounding apart."""
    return similarity >= threshold - _ROUNDING


def all_pairs(sets: ShingleSets, threshold: float) -> tuple[Ints, Ints, Floats]:
    """Return (left, right, similarity) of every pair of texts at or above the threshold.

    left < right; texts with fewer than three distinct shingles are in no pair.
    """
    search = PairSearch(sets, threshold)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    waiting = np.arange(len(sets.sizes))
    while len(waiting):
        step = search.fitting(waiting)
        left, right, similarity = search.pairs_of(waiting[:step])
        once = left < right
        found.append((left[once], right[once], similarity[once]))
        waiting = waiting[step:]
    left, right, similarity = (np.concatenate(part) for part in zip(*found, strict=True))
    return left, right, similarity


class PairSearch:
    """Finds the near-duplicates of some texts among all texts of `sets`."""

    def __init__(self, sets: ShingleSets, threshold: float) -> None:
        self.sets, self.threshold = sets, threshold
        self._prefixes = sets.prefixes(threshold)
        self._columns = self._prefixes.T.tocsr()
        self._meetings: Ints = self._prefixes @ np.diff(self._columns.indptr).astype(np.int64)

    def fitting(self, these: Ints) -> int:
        """Return how many of these texts, at least one, can be looked up in one step."""
        meetings = np.cumsum(self._meetings[these])
        by_meetings = int(np.searchsorted(meetings, MEETINGS_AT_ONCE, side="right"))
        return max(min(by_meetings, CELLS_AT_ONCE // len(self.sets.sizes)), 1)

    def pairs_of(self, these: Ints) -> tuple[Ints, Ints, Floats]:
        """Return every pair of a text of `these` and any other at or above the threshold."""
        meeting = (self._prefixes[these] @ self._columns).tocoo()
        if meeting.nnz > CROWDED * len(these) * len(self.sets.sizes):
            left, right, shared = self.sets.shared_with_all(these)
        else:
            left, right = these[meeting.row], meeting.col.astype(np.int64)
            shared = self.sets.shared(left, right)
        similarity = self.sets.similarity(left, right, shared)
        near = reaches(similarity, self.threshold) & (left != right)
        near &= self.sets.comparable[left] & self.sets.comparable[right]
        return left[near], right[near], similarity[near]
