"""Which texts of a corpus are copies of these, or hold them, or stand in them?

In: matching forms of queries and of a corpus' different texts. Out: pairs with the exact Jaccard of
their shingle sets and the share of the smaller set that the larger holds. The corpus is read once,
in pieces, whatever the number of queries; nothing of it is kept. Equal texts have 1 even where they
are too short to compare otherwise; an empty text matches nothing.

Sets do not find a few words inside a post: they are too small to judge by, and in mixed sets a text
cut into characters shares nothing with one cut into words. Such queries are looked for as they are:
whole words in a row, from three words and twelve characters on; shorter ones stand in posts by
chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from clustering.jaccard import reaches
from clustering.sketches import jaccard as jaccard_of
from nlp.shingles import Hashes, ShingleHashes, hash_shingles, hashed_chunks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Share of the smaller text that the larger must hold: a lifted passage loses little of itself.
CONTAINED_AT = 0.8
# Smaller sets than this are found in much by chance: five words with their pairs are nine shingles.
CONTAINED_SHINGLES = 9
# Queries below either are not looked for word by word: "in the end" stands in posts by chance.
FRAGMENT_WORDS, FRAGMENT_CHARACTERS = 3, 12


@dataclass(frozen=True)
class Copies:
    """Pairs (query, text) with `jaccard` and `contained`, the held share of the smaller text."""

    query: Ints
    text: Ints
    jaccard: Floats
    contained: Floats
    query_is_smaller: NDArray[np.bool_]


def find_copies(
    queries: Sequence[str], texts: Sequence[str], *, threshold: float, shingle: str
) -> Copies:
    """Return pairs at or above the Jaccard threshold, and pairs where one text holds the other."""
    sets = _distinct(hash_shingles(queries, shingle))
    known, columns = np.unique(sets.hashes, return_inverse=True)
    asked = _matrix(columns, sets.offsets, len(known))
    parts = [_equal(queries, texts), _fragments(queries, texts, sets, shingle)]
    start = 0
    for chunk in hashed_chunks(texts, shingle):
        held = _distinct(chunk)
        found = _compare(asked, sets, known, held, threshold)
        parts.append((found[0], found[1] + start, *found[2:]))
        start += len(held.offsets) - 1
    return _once(parts)


@dataclass(frozen=True)
class _Sets:
    hashes: Hashes
    offsets: Ints
    comparable: NDArray[np.bool_]
    by_words: NDArray[np.bool_]

    @property
    def sizes(self) -> Ints:
        return np.diff(self.offsets)


def _distinct(hashed: ShingleHashes) -> _Sets:
    rows = hashed.rows()
    order = np.lexsort((hashed.hashes, rows))
    rows, hashes = rows[order], hashed.hashes[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])
    counts = np.bincount(rows[new], minlength=len(hashed.offsets) - 1)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return _Sets(hashes[new], offsets, hashed.comparable(), hashed.by_words)


def _matrix(columns: Ints, offsets: Ints, width: int) -> sparse.csr_matrix:
    cells = (np.ones(len(columns), dtype=np.int32), columns, offsets)
    return sparse.csr_matrix(cells, shape=(len(offsets) - 1, max(width, 1)))


_Found = tuple[Ints, Ints, Floats, Floats, NDArray[np.bool_]]


def _equal(queries: Sequence[str], texts: Sequence[str]) -> _Found:
    places: dict[str, list[int]] = {text: [] for text in queries if text}
    for at, text in enumerate(texts):
        if text in places:
            places[text].append(at)
    pairs = [(at, row) for at, text in enumerate(queries) for row in places.get(text, ())]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    ones = np.ones(len(both))
    return both[:, 0], both[:, 1], ones, ones, np.zeros(len(both), dtype=bool)


def _fragments(queries: Sequence[str], texts: Sequence[str], sets: _Sets, shingle: str) -> _Found:
    """Texts that hold a query as whole words in a row, for queries that sets cannot find."""
    padded = pc.binary_join_element_wise("", pa.array(texts, pa.string()), "", " ")
    query, text = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    small = (sets.sizes < CONTAINED_SHINGLES) | ~sets.by_words
    for at in np.flatnonzero(small).tolist():
        if is_fragment(queries[at]):
            held = pc.match_substring(padded, f" {queries[at]} ").to_numpy(zero_copy_only=False)
            rows = [row for row in np.flatnonzero(held).tolist() if texts[row] != queries[at]]
            text.append(np.array(rows, dtype=np.int64))
            query.append(np.full(len(text[-1]), at, dtype=np.int64))
    left, right = np.concatenate(query), np.concatenate(text)
    similarity = jaccard_of(queries, texts, left, right, shingle)
    return left, right, similarity, np.ones(len(left)), np.ones(len(left), dtype=bool)


def is_fragment(form: str) -> bool:
    """Whether a matching form is long enough to be looked for word by word."""
    return form.count(" ") + 1 >= FRAGMENT_WORDS and len(form) >= FRAGMENT_CHARACTERS


def _compare(
    asked: sparse.csr_matrix, sets: _Sets, known: Hashes, held: _Sets, threshold: float
) -> _Found:
    """Compare all queries with one piece of the corpus."""
    place = np.searchsorted(known, held.hashes)
    place[place == len(known)] = 0
    wanted = known[place] == held.hashes if len(known) else np.zeros(len(place), dtype=bool)
    counts = np.concatenate([[0], np.cumsum(wanted)])[held.offsets]
    shared = (asked @ _matrix(place[wanted], counts, len(known)).T).tocoo()
    query, text = shared.row.astype(np.int64), shared.col.astype(np.int64)
    mine, theirs = sets.sizes[query], held.sizes[text]
    jaccard = shared.data / (mine + theirs - shared.data)
    smaller = np.minimum(mine, theirs)
    contained = shared.data / smaller
    both = sets.comparable[query] & held.comparable[text]
    near = both & reaches(jaccard, threshold)
    near |= (smaller >= CONTAINED_SHINGLES) & reaches(contained, CONTAINED_AT)
    return query[near], text[near], jaccard[near], contained[near], (mine < theirs)[near]


def _once(parts: list[_Found]) -> Copies:
    """Join the pieces; equal texts and fragments may have been found twice."""
    query, text, jaccard, contained, smaller = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((-contained, -jaccard, text, query))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (query[order][1:] != query[order][:-1]) | (text[order][1:] != text[order][:-1])
    kept = order[first]
    return Copies(query[kept], text[kept], jaccard[kept], contained[kept], smaller[kept])
