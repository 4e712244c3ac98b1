"""How often does each text hold each word, word pair and character n-gram, without naming them?

In: texts. Out: 64-bit feature hashes with the text they stand in, or a sparse count matrix over a
chosen vocabulary of hashes. Nothing can be read back from a hash: this is for vectors, not names.

Why not scikit-learn's vectorizers: they loop over characters in Python (40,632 short posts took 17
seconds). Here all texts lie in one buffer of code points and every n-gram is hashed by array
arithmetic, which is the same for any batch of texts. Two features out of a million share a 64-bit
hash with a chance of about 1e-8; kinds and lengths are salted so that they never meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.tokens import pieces

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]

# An odd constant of 64 well mixed bits (2^64 over the golden ratio), for polynomial hashes.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SPACE = 32
# Characters hashed at once: about 100 MB of temporary arrays.
BLOCK_CHARACTERS = 1_000_000
# A post of an article's length says its topic early; the rest would only cost time.
MAX_CHARACTERS = 2_000


@dataclass(frozen=True)
class WordGrams:
    """Runs of 1 to `longest` words."""

    longest: int = 2

    def features(self, block: Block) -> Iterator[tuple[Rows, Hashes]]:
        """Yield (row, hash) for every run, one length at a time."""
        rows, single = block.word_hashes()
        joined = single
        yield rows, _mix(single, 1)
        for length in range(2, self.longest + 1):
            joined = joined[:-1] * _FACTOR + single[length - 1 :]
            inside = rows[length - 1 :] == rows[: len(joined)]
            yield rows[length - 1 :][inside], _mix(joined[inside], length)


@dataclass(frozen=True)
class CharacterGrams:
    """Runs of `shortest` to `longest` characters inside words, a blank standing for a border."""

    shortest: int = 3
    longest: int = 5

    def features(self, block: Block) -> Iterator[tuple[Rows, Hashes]]:
        """Yield (row, hash) for every run, one length at a time."""
        for length in range(self.shortest, self.longest + 1):
            starts = block.starts_inside_words(length)
            hashes = np.zeros(len(starts), dtype=np.uint64)
            for offset in range(length):
                hashes = hashes * _FACTOR + block.points[starts + offset]
            yield block.rows[starts], _mix(hashes, 100 + length)


@dataclass(frozen=True)
class Block:
    """Some texts as one buffer: each is " word word ... word ", in code points."""

    points: NDArray[np.uint64]
    rows: Rows
    """For every character, the row of its text, counted from the block's first."""

    def starts_inside_words(self, length: int) -> Rows:
        """Positions from which `length` characters hold no blank but at their two ends."""
        blanks = np.concatenate([[0], np.cumsum(self.points == _SPACE)])
        last = len(self.points) - length
        if last < 0:
            return np.zeros(0, dtype=np.int64)
        inner = blanks[length - 1 : length + last] - blanks[1 : last + 2]
        return np.flatnonzero(inner == 0)

    def word_hashes(self) -> tuple[Rows, Hashes]:
        """Row and hash of every word, in reading order."""
        letter = self.points != _SPACE
        before = np.concatenate([[False], letter[:-1]])
        starts = np.flatnonzero(letter & ~before)
        if len(starts) == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
        word = np.cumsum(letter & ~before) - 1
        place = np.arange(len(self.points)) - starts[np.maximum(word, 0)]
        powers = _powers(int(place[letter].max()) + 1)
        values = np.where(letter, self.points * powers[np.where(letter, place, 0)], np.uint64(0))
        return self.rows[starts], np.add.reduceat(values, starts)


def _powers(count: int) -> Hashes:
    powers = np.full(count, _FACTOR, dtype=np.uint64)
    return np.multiply.accumulate(powers)


def _mix(hashes: Hashes, salt: int) -> Hashes:
    """Spread the bits (murmur3's finalizer), salted with the feature's kind."""
    mixed = hashes ^ np.uint64(salt * int(_FACTOR) & 0xFFFFFFFFFFFFFFFF)
    for constant in (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)):
        mixed = (mixed ^ (mixed >> np.uint64(33))) * constant
    return mixed ^ (mixed >> np.uint64(33))


def blocks(texts: Sequence[str]) -> Iterator[Block]:
    """Cut `texts` into blocks of about `BLOCK_CHARACTERS` characters, in order."""
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(f" {' '.join(pieces(text[:MAX_CHARACTERS]))} ")
        size += len(held[-1])
        if size >= BLOCK_CHARACTERS:
            yield _block(held)
            held, size = [], 0
    if held:
        yield _block(held)


def _block(held: list[str]) -> Block:
    raw = "".join(held).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype="<u4").astype(np.uint64)
    lengths = [len(text) for text in held]
    return Block(points, np.repeat(np.arange(len(held), dtype=np.int64), lengths))


Grams = WordGrams | CharacterGrams


def document_frequencies(texts: Sequence[str], grams: Grams) -> tuple[Hashes, Rows]:
    """Return every feature of `texts` (sorted) and the number of texts that hold it."""
    found, counts = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    for block in blocks(texts):
        for rows, hashes in grams.features(block):
            features, texts_holding = _count_texts(rows, hashes)
            found.append(features)
            counts.append(texts_holding)
    features, place = np.unique(np.concatenate(found), return_inverse=True)
    summed = np.bincount(place, weights=np.concatenate(counts), minlength=len(features))
    return features, summed.astype(np.int64)


def _count_texts(rows: Rows, hashes: Hashes) -> tuple[Hashes, Rows]:
    order = np.argsort(hashes, kind="stable")  # rows rise already, so they rise within a hash
    rows, hashes = rows[order], hashes[order]
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    return np.unique(hashes[first], return_counts=True)


def count(texts: Sequence[str], grams: Grams, vocabulary: Hashes) -> sparse.csr_matrix:
    """Return how often each text holds each feature of the sorted `vocabulary`, float32."""
    parts = [_count_block(block, grams, vocabulary) for block in blocks(texts)]
    if not parts:
        return sparse.csr_matrix(np.zeros((0, len(vocabulary)), dtype=np.float32))
    return sparse.csr_matrix(sparse.vstack(parts))


def _count_block(block: Block, grams: Grams, vocabulary: Hashes) -> sparse.csr_matrix:
    texts = int(block.rows[-1]) + 1
    all_rows, all_places = [], []
    for rows, hashes in grams.features(block):
        place = np.searchsorted(vocabulary, hashes)
        place[place == len(vocabulary)] = 0
        known = vocabulary[place] == hashes if len(vocabulary) else np.zeros(len(rows), dtype=bool)
        all_rows.append(rows[known])
        all_places.append(place[known])
    rows, places = np.concatenate(all_rows), np.concatenate(all_places)
    ones = np.ones(len(rows), dtype=np.float32)
    shape = (texts, len(vocabulary))
    return sparse.coo_matrix((ones, (rows, places)), shape=shape).tocsr()
