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

from collections.abc import Iterator, Sequence
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
# Cells of one block of the product of prefixes; 8 bytes each before empty ones are left out.
_CELLS_AT_ONCE = 20_000_000
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

    def jaccard(self, left: Ints, right: Ints) -> Floats:
        """Return the similarity of text left[i] and text right[i]; 0 where both are empty."""
        parts = [
            self._jaccard(left[at : at + _PAIRS_AT_ONCE], right[at : at + _PAIRS_AT_ONCE])
            for at in range(0, len(left), _PAIRS_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _jaccard(self, left: Ints, right: Ints) -> Floats:
        both = self.matrix[left].multiply(self.matrix[right])
        shared = np.asarray(both.sum(axis=1)).ravel()
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
    everything = np.arange(len(sets.sizes))
    found = list(pairs_between(sets, sets.prefixes(threshold), everything, everything, threshold))
    left = np.concatenate([part[0] for part in found]) if found else np.zeros(0, np.int64)
    right = np.concatenate([part[1] for part in found]) if found else np.zeros(0, np.int64)
    similarity = np.concatenate([part[2] for part in found]) if found else np.zeros(0)
    once = left < right
    return left[once], right[once], similarity[once]


def pairs_between(
    sets: ShingleSets, prefixes: csr_matrix, these: Ints, those: Ints, threshold: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield pairs of a text of `these` and another text of `those` at or above the threshold."""
    columns = prefixes[those].T.tocsr()
    step = max(_CELLS_AT_ONCE // max(len(those), 1), 1)
    for at in range(0, len(these), step):
        rows = these[at : at + step]
        meeting = (prefixes[rows] @ columns).tocoo()
        left, right = rows[meeting.row], those[meeting.col]
        apart = left != right
        left, right = left[apart], right[apart]
        similarity = sets.jaccard(left, right)
        near = reaches(similarity, threshold)
        yield left[near], right[near], similarity[near]
