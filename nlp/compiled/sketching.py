"""Signatures, band keys and shingle sets of many normalized texts.

In: a column of normalized texts. Out: what `nlp.shingles` and `nlp.minhash` make of them, bit for
bit: 64-bit shingle hashes as sorted sets, 32-bit minima, 64-bit band keys. Where only band keys are
asked for, a text's signature lives as long as the text is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from nlp.compiled.columns import Ints, Permutations, TextColumn, even_parts, in_parts
from nlp.compiled.tables import LETTER, UNSPACED, letter_table
from nlp.shingles import CHAR_MARK, KINDS, MIN_SHINGLES, MIN_WORDS, MULTIPLIER

Hashes = npt.NDArray[np.uint64]
Signatures = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

_WORD_1, _WORD_2, _CHAR_4, _MIXED = range(4)
_NUMBER = {"word-1": _WORD_1, "word-2": _WORD_2, "char-4": _CHAR_4, "mixed": _MIXED}
assert set(_NUMBER) == set(KINDS)

_P = np.uint64(MULTIPLIER)
_FMIX_1, _FMIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_33, _ONE, _BLANK = np.uint64(33), np.uint64(1), np.uint64(0x20 + 1)
_MIXED_CHARS_START = np.uint64(ord(CHAR_MARK) + 1)
_WIDTH = 4
# Short sets are sorted faster by insertion than by numpy's general sort.
_INSERTION = 48
_ROWS_A_PART = 20_000
_BLOCK = 256


@dataclass(frozen=True)
class ShingleRows:
    """Sorted sets of different 64-bit hashes: text i has `data[offsets[i]:offsets[i + 1]]`."""

    data: Hashes
    offsets: Ints


def signatures(
    texts: TextColumn, kind: str, scheme: Permutations, threads: int | None = None
) -> Signatures:
    """Return (n, num_perm) signatures of normalized texts."""
    found = np.empty((len(texts), len(scheme.multipliers)), dtype=np.uint32)
    no_keys = np.empty((0, 0), dtype=np.uint64)
    comparable = np.empty(len(texts), dtype=np.bool_)

    def work(low: int, high: int) -> None:
        _sketch(
            texts.data, texts.offsets, low, high, _NUMBER[kind], letter_table(),
            scheme.multipliers, scheme.offsets, 0, no_keys, comparable, found,
        )  # fmt: skip

    in_parts(work, even_parts(len(texts), _ROWS_A_PART), threads)
    return found


def band_keys(
    texts: TextColumn,
    kind: str,
    scheme: Permutations,
    shape: tuple[int, int],
    threads: int | None = None,
) -> tuple[Hashes, Flags]:
    """Return (bands, n) keys and which texts have any: those with enough different shingles.

    `shape` is (bands, rows). Keys of texts that have none are undefined.
    """
    bands, rows = shape
    used = bands * rows
    keys = np.empty((bands, len(texts)), dtype=np.uint64)
    comparable = np.empty(len(texts), dtype=np.bool_)
    no_signatures = np.empty((0, 0), dtype=np.uint32)

    def work(low: int, high: int) -> None:
        _sketch(
            texts.data, texts.offsets, low, high, _NUMBER[kind], letter_table(),
            scheme.multipliers[:used], scheme.offsets[:used], rows, keys, comparable,
            no_signatures,
        )  # fmt: skip

    in_parts(work, even_parts(len(texts), _ROWS_A_PART), threads)
    return keys, comparable


def shingle_rows(
    texts: TextColumn, rows: Ints, kind: str, threads: int | None = None
) -> ShingleRows:
    """Return the shingle sets of the texts in `rows`, in that order."""
    letters, number = letter_table(), _NUMBER[kind]

    def work(low: int, high: int) -> tuple[Hashes, Ints]:
        ends = np.empty(high - low, dtype=np.int64)
        data = np.empty(1 << 16, dtype=np.uint64)
        done = at = 0
        while True:
            done, at = _fill_sets(
                texts.data, texts.offsets, rows[low:high], done, number, letters, data, at, ends
            )
            if done == high - low:
                return data[:at].copy(), ends
            longest = 2 * int(texts.offsets[rows[low + done] + 1] - texts.offsets[rows[low + done]])
            data = np.concatenate([data[:at], np.empty(len(data) + longest, dtype=np.uint64)])

    pieces = in_parts(work, even_parts(len(rows), _ROWS_A_PART), threads)
    sizes = [np.diff(ends, prepend=0) for _, ends in pieces]
    offsets = np.concatenate([[0], *sizes]).astype(np.int64).cumsum()
    data = np.empty(int(offsets[-1]), dtype=np.uint64)
    at = 0
    while pieces:  # each piece is freed once it is copied
        piece, _ = pieces.pop(0)
        data[at : at + len(piece)] = piece
        at += len(piece)
    return ShingleRows(data, offsets)


@numba.njit(cache=True, nogil=True)
def _fmix64(h):
    h = (h ^ (h >> _33)) * _FMIX_1
    h = (h ^ (h >> _33)) * _FMIX_2
    return h ^ (h >> _33)


@numba.njit(cache=True, nogil=True)
def _fmix32(h):
    h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@numba.njit(cache=True, nogil=True)
def _decode(data, low, high, points):
    """Decode one text into `points`; return how many code points there are."""
    n = 0
    at = low
    while at < high:
        lead = np.uint32(data[at])
        if lead < 0x80:
            points[n] = lead
            at += 1
        elif lead < 0xE0:
            points[n] = ((lead & 31) << 6) | (data[at + 1] & 63)
            at += 2
        elif lead < 0xF0:
            point = (lead & 15) << 12 | (np.uint32(data[at + 1] & 63) << 6)
            points[n] = point | (data[at + 2] & 63)
            at += 3
        else:
            point = ((lead & 7) << 18) | (np.uint32(data[at + 1] & 63) << 12)
            points[n] = point | (np.uint32(data[at + 2] & 63) << 6) | (data[at + 3] & 63)
            at += 4
        n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _cut_by_words(points, n, kind, letters):
    """Whether a text is cut into words: the rule of `nlp.shingles`."""
    if kind != _MIXED:
        return kind != _CHAR_4
    words = letter = unspaced = 0
    for i in range(n):
        if points[i] == 0x20:
            words += 1
        flag = letters[points[i]]
        letter += flag & LETTER
        unspaced += (flag & UNSPACED) // UNSPACED
    return words + 1 >= MIN_WORDS and 2 * unspaced <= letter


@numba.njit(cache=True, nogil=True)
def _shingles(points, n, kind, letters, hashes):
    """Hash the shingles of one text, repeats included; return how many, and whether words."""
    by_words = _cut_by_words(points, n, kind, letters)
    found = 0
    if by_words and n:
        h = before = np.uint64(0)
        power = _ONE
        first = True
        for i in range(n + 1):
            if i < n and points[i] != 0x20:
                h = h * _P + np.uint64(points[i]) + _ONE
                power = power * _P
                continue
            if kind != _WORD_2:
                hashes[found] = _fmix64(h)
                found += 1
            if kind == _WORD_2 and not first:
                hashes[found] = _fmix64((before * _P + _BLANK) * power + h)
                found += 1
            before, h, power, first = h, np.uint64(0), _ONE, False
    elif not by_words:
        start = _MIXED_CHARS_START if kind == _MIXED else np.uint64(0)
        for i in range(n - _WIDTH + 1):
            h = start
            for j in range(_WIDTH):
                h = h * _P + np.uint64(points[i + j]) + _ONE
            hashes[found] = _fmix64(h)
            found += 1
    return found, by_words


@numba.njit(cache=True, nogil=True)
def _enough(hashes, n):
    """Whether MIN_SHINGLES (three) of the hashes differ."""
    differ = 0
    first = second = np.uint64(0)
    for i in range(n):
        if differ == 0:
            first = hashes[i]
            differ = 1
        elif differ == 1 and hashes[i] != first:
            second = hashes[i]
            differ = 2
        elif differ == 2 and hashes[i] != first and hashes[i] != second:
            return True
    return differ >= MIN_SHINGLES


@numba.njit(cache=True, nogil=True)
def _sketch(
    data, offsets, low, high, kind, letters, multipliers, additions, rows, keys, comparable, found
):  # fmt: skip
    """Sketch texts low..high: band keys when `rows` > 0, else signatures."""
    points = np.empty(1 << 10, np.uint32)
    hashes = np.empty(1 << 11, np.uint64)
    least = np.empty(multipliers.size, np.uint32)
    # Keys of one band lie far from those of the next: written in blocks, each is a short stretch.
    block = np.zeros((keys.shape[0], _BLOCK), np.uint64)
    for text in range(low, high):
        place = (text - low) % _BLOCK
        if rows and place == 0 and text > low:
            keys[:, text - _BLOCK : text] = block
        length = offsets[text + 1] - offsets[text]
        if length > points.size:
            points = np.empty(2 * length, np.uint32)
            hashes = np.empty(4 * length, np.uint64)
        n = _decode(data, offsets[text], offsets[text + 1], points)
        n, by_words = _shingles(points, n, kind, letters, hashes)
        comparable[text] = _enough(hashes, n)
        if rows and not comparable[text]:
            continue
        least[:] = np.uint32(0xFFFFFFFF)
        for i in range(n):
            h = _fmix32(np.uint32(hashes[i] >> np.uint64(32)))
            for k in range(multipliers.size):
                permuted = np.uint32(multipliers[k] * h + additions[k])
                least[k] = min(least[k], permuted)
        if rows:
            _bands(least, rows, by_words, block, place)
        else:
            found[text] = least
    if rows and high > low:
        last = (high - low - 1) % _BLOCK + 1
        keys[:, high - last : high] = block[:, :last]


@numba.njit(cache=True, nogil=True)
def _bands(least, rows, by_words, keys, place):
    """Write the band keys of one text."""
    for band in range(keys.shape[0]):
        key = _fmix64(np.uint64(2 * band) + np.uint64(by_words))
        for row in range(band * rows, (band + 1) * rows):
            key = key * _P + np.uint64(least[row]) + _ONE
        keys[band, place] = _fmix64(key)


@numba.njit(cache=True, nogil=True)
def _fill_sets(data, offsets, rows, done, kind, letters, sets, at, ends):
    """Write sorted sets of different hashes; stop early where `sets` may be too short."""
    points = np.empty(1 << 10, np.uint32)
    hashes = np.empty(1 << 11, np.uint64)
    while done < rows.size:
        low, high = offsets[rows[done]], offsets[rows[done] + 1]
        if high - low > points.size:
            points = np.empty(2 * (high - low), np.uint32)
            hashes = np.empty(4 * (high - low), np.uint64)
        n = _decode(data, low, high, points)
        n, _ = _shingles(points, n, kind, letters, hashes)
        if at + n > sets.size:
            return done, at
        _sort(hashes, n)
        for i in range(n):
            if i == 0 or hashes[i] != hashes[i - 1]:
                sets[at] = hashes[i]
                at += 1
        ends[done] = at
        done += 1
    return done, at


@numba.njit(cache=True, nogil=True)
def _sort(hashes, n):
    if n > _INSERTION:
        hashes[:n] = np.sort(hashes[:n])
        return
    for i in range(1, n):
        value = hashes[i]
        j = i - 1
        while j >= 0 and hashes[j] > value:
            hashes[j + 1] = hashes[j]
            j -= 1
        hashes[j + 1] = value
