"""Into which pieces is a text cut, so that two texts can be compared as sets?

In: normalized texts (words separated by one blank). Out: 64-bit hashes of their shingles.

Kinds: `word-1` the words, `word-2` pairs of neighbouring words, `char-4` four characters in a row.
`mixed`, the default: word-1 where a text has at least six words and its script puts blanks between
them, else char-4 (`docs/decisions/0003-which-shingles.md` has the measurements). A text shorter
than a shingle has none. Fewer than three distinct shingles say too little: such texts match only
when they are equal.

Hash of a shingle, over its code points c: h = h * P + c + 1 mod 2^64 from 0, then the MurmurHash3
finalizer of 64 bits; a sketch takes the top 32 bits. `shingles` and `shingle_hash` are the readable
twins of the vectorised form, and what datasketch is given to reach the same sketches.

Words and characters of mixed sets never meet: a char-4 shingle could be a word, so there it carries
the control character U+0003 in front, which no normalized text holds: its hash starts from 4
instead of 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus.errors import SettingsError
from nlp.codepoints import chunks, code_points
from nlp.script import script_numbers, unspaced_letters

KINDS = ("word-1", "word-2", "char-4", "mixed")
DEFAULT_KIND = "mixed"
# One changed word of six leaves a Jaccard of 5/7, just above the default threshold; of five, 4/6.
MIN_WORDS = 6
# "ok ok" and "ok" share all their shingles and say nothing.
MIN_SHINGLES = 3
CHAR_MARK = "\x03"
_WIDTH = 4

_MASK = (1 << 64) - 1
MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(MULTIPLIER, -1, 1 << 64)
_FMIX_1, _FMIX_2 = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


def checked_kind(kind: str) -> str:
    """Return `kind`; raise SettingsError when it is not one of KINDS."""
    if kind not in KINDS:
        raise SettingsError(f"shingle = {kind!r}; expected one of {', '.join(KINDS)}")
    return kind


def shingles(text: str, kind: str = DEFAULT_KIND) -> list[str]:
    """Return the shingles of one normalized text in order, repeats included."""
    words = text.split(" ") if text else []
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    fours = [text[at : at + _WIDTH] for at in range(len(text) - _WIDTH + 1)]
    if checked_kind(kind) == "mixed":
        by_words = len(words) >= MIN_WORDS and not _is_unspaced(text)
        return words if by_words else [CHAR_MARK + four for four in fours]
    return {"word-1": words, "word-2": pairs, "char-4": fours}[kind]


def shingle_hash(shingle: str) -> int:
    """Return the 32-bit hash of one shingle: what datasketch takes as `hashfunc`."""
    h = 0
    for char in shingle:
        h = (h * MULTIPLIER + ord(char) + 1) & _MASK
    h = ((h ^ (h >> 33)) * _FMIX_1) & _MASK
    h = ((h ^ (h >> 33)) * _FMIX_2) & _MASK
    return (h ^ (h >> 33)) >> 32


def _is_unspaced(text: str) -> bool:
    points, _ = code_points([text])
    numbers = script_numbers(points)
    return bool(2 * np.count_nonzero(unspaced_letters(numbers)) > np.count_nonzero(numbers))


@dataclass(frozen=True)
class ShingleHashes:
    """Hashes of n texts in a row: text i has `hashes[offsets[i]:offsets[i + 1]]`, with repeats."""

    hashes: Hashes
    offsets: Ints
    by_words: npt.NDArray[np.bool_]
    """Which texts were cut into words; kinds other than mixed cut all texts alike."""

    def counts(self) -> Ints:
        """Return the number of shingles of each text."""
        return np.diff(self.offsets)

    def rows(self) -> Ints:
        """Return the text number of each hash."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.counts())

    def comparable(self) -> npt.NDArray[np.bool_]:
        """Return which texts have at least MIN_SHINGLES distinct shingles."""
        enough = self.counts() >= MIN_SHINGLES
        held = np.flatnonzero(self.counts())
        if len(held):
            starts, rows = self.offsets[held], self.rows()
            edges = np.zeros((2, len(enough)), dtype=np.uint64)
            edges[0, held] = np.minimum.reduceat(self.hashes, starts)
            edges[1, held] = np.maximum.reduceat(self.hashes, starts)
            inner = (self.hashes != edges[0, rows]) & (self.hashes != edges[1, rows])
            # A third distinct value lies between the smallest and the largest.
            enough[held] &= np.logical_or.reduceat(inner, starts)
        return enough


def hash_shingles(texts: Sequence[str], kind: str = DEFAULT_KIND) -> ShingleHashes:
    """Return the shingle hashes of normalized texts, all at once."""
    parts = list(hashed_chunks(texts, kind))
    if not parts:
        return ShingleHashes(np.zeros(0, np.uint64), np.zeros(1, np.int64), np.zeros(0, bool))
    counts = np.concatenate([part.counts() for part in parts])
    return ShingleHashes(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([part.by_words for part in parts]),
    )


def hashed_chunks(texts: Sequence[str], kind: str) -> Iterator[ShingleHashes]:
    """Yield shingle hashes of consecutive texts, in pieces that fit in memory."""
    checked_kind(kind)
    for part in chunks(texts):
        yield _hash_chunk(texts[part], kind)


def fmix64(h: Hashes) -> Hashes:
    """Return the 64-bit finalizer of MurmurHash3: every input bit reaches every output bit."""
    h = (h ^ (h >> np.uint64(33))) * np.uint64(_FMIX_1)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(_FMIX_2)
    return h ^ (h >> np.uint64(33))


@dataclass(frozen=True)
class _Chunk:
    """Code points of some texts and what any stretch of them hashes to."""

    points: npt.NDArray[np.uint32]
    offsets: Ints
    sums: Hashes
    powers: Hashes

    def texts_of(self, positions: Ints) -> Ints:
        return np.searchsorted(self.offsets, positions, side="right") - 1

    def hash(self, starts: Ints, ends: Ints, before: int) -> Hashes:
        """Hash the stretches start..end; `before` is the hash that they start from."""
        h = self.powers[ends] * (self.sums[ends] - self.sums[starts])
        if before:
            h = h + np.uint64(before) * self.powers[ends - starts]
        return fmix64(h)


# Powers for ordinary chunks are computed once; those for one very long text are not kept.
_KEPT_BITS = 21


def _powers(base: int, size: int) -> Hashes:
    """Return base^0 .. base^(size - 1) mod 2^64."""
    if size <= 1 << _KEPT_BITS:
        return _kept_powers(base)[:size]
    return _computed_powers(base, size)


@cache
def _kept_powers(base: int) -> Hashes:
    return _computed_powers(base, 1 << _KEPT_BITS)


def _computed_powers(base: int, size: int) -> Hashes:
    table = np.full(size, base, dtype=np.uint64)
    table[0] = 1
    powers: Hashes = np.cumprod(table, dtype=np.uint64)
    return powers


def _prepare(texts: Sequence[str]) -> _Chunk:
    """Sum (c + 1) / P^(k + 1) along the chunk: P is odd, so it has an inverse modulo 2^64, and the
    hash of a stretch is a difference of two sums times a power of P.
    """
    points, offsets = code_points(texts)
    size = len(points) + 1
    sums = np.zeros(size, dtype=np.uint64)
    terms = (points.astype(np.uint64) + np.uint64(1)) * _powers(_INVERSE, size)[1:]
    np.cumsum(terms, out=sums[1:])
    return _Chunk(points, offsets, sums, _powers(MULTIPLIER, size))


def _hash_chunk(texts: Sequence[str], kind: str) -> ShingleHashes:
    chunk = _prepare(texts)
    word_starts, word_ends = _words(chunk)
    n = len(texts)
    of_word = chunk.texts_of(word_starts)
    by_words = _cut_by_words(chunk, np.bincount(of_word, minlength=n), kind)
    found: list[tuple[Ints, Hashes]] = []
    if kind in ("word-1", "mixed"):
        chosen = by_words[of_word]
        starts, ends = word_starts[chosen], word_ends[chosen]
        found.append((of_word[chosen], chunk.hash(starts, ends, 0)))
    if kind == "word-2":
        chosen = (of_word[1:] == of_word[:-1]) & by_words[of_word[1:]]
        starts, ends = word_starts[:-1][chosen], word_ends[1:][chosen]
        found.append((of_word[1:][chosen], chunk.hash(starts, ends, 0)))
    if kind in ("char-4", "mixed"):
        starts = _char_starts(chunk, ~by_words)
        before = ord(CHAR_MARK) + 1 if kind == "mixed" else 0
        found.append((chunk.texts_of(starts), chunk.hash(starts, starts + _WIDTH, before)))
    return _by_text(found, n, by_words)


def _words(chunk: _Chunk) -> tuple[Ints, Ints]:
    """Starts and ends of all words: stretches without blanks inside one text."""
    blank = chunk.points == 0x20
    border = np.zeros(len(blank) + 1, dtype=bool)
    border[chunk.offsets] = True
    inside = ~blank
    before = np.concatenate([[False], inside[:-1]])
    after = np.concatenate([inside[1:], [False]])
    starts = np.flatnonzero(inside & (~before | border[:-1]))
    ends = np.flatnonzero(inside & (~after | border[1:])) + 1
    return starts, ends


def _cut_by_words(chunk: _Chunk, words: Ints, kind: str) -> npt.NDArray[np.bool_]:
    if kind != "mixed":
        return np.full(len(words), kind != "char-4")
    numbers = script_numbers(chunk.points)
    rows = np.repeat(np.arange(len(words)), np.diff(chunk.offsets))
    letters = np.bincount(rows[numbers > 0], minlength=len(words))
    unspaced = np.bincount(rows[unspaced_letters(numbers)], minlength=len(words))
    return (words >= MIN_WORDS) & (2 * unspaced <= letters)


def _char_starts(chunk: _Chunk, texts: npt.NDArray[np.bool_]) -> Ints:
    lengths = np.where(texts, np.maximum(np.diff(chunk.offsets) - _WIDTH + 1, 0), 0)
    firsts = np.repeat(chunk.offsets[:-1], lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    starts: Ints = firsts + within
    return starts


def _by_text(
    found: list[tuple[Ints, Hashes]], n: int, by_words: npt.NDArray[np.bool_]
) -> ShingleHashes:
    rows = np.concatenate([rows for rows, _ in found])
    hashes = np.concatenate([hashes for _, hashes in found])
    if len(found) > 1:
        hashes = hashes[np.argsort(rows, kind="stable")]
    counts = np.bincount(rows, minlength=n)
    return ShingleHashes(hashes, np.concatenate([[0], np.cumsum(counts)]), by_words)
