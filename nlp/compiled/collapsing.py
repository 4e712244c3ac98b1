"""Which texts of a column are equal?

In: a column of texts. Out: for each the first text that is equal to it. A 64-bit digest finds
candidates in an open table; bytes decide, so two texts are never one by accident. An empty text
equals nothing, not even another empty one.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from nlp.compiled.columns import Ints, TextColumn, in_parts

Hashes = npt.NDArray[np.uint64]

_P = np.uint64(0x9E3779B97F4A7C15)
_FMIX_1, _FMIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_33, _29 = np.uint64(33), np.uint64(29)
# Half of the table stays free, so a probe takes about one and a half steps.
_SLOTS_A_TEXT = 2


def digests(texts: TextColumn, threads: int | None = None) -> Hashes:
    """Return a 64-bit digest of each text's bytes."""
    found = np.empty(len(texts), dtype=np.uint64)
    in_parts(
        lambda low, high: _digest(texts.data, texts.offsets, low, high, found),
        texts.stretches(),
        threads,
    )
    return found


def first_equal(texts: TextColumn, threads: int | None = None) -> Ints:
    """Return for each text the number of the first text that is equal to it."""
    found = np.empty(len(texts), dtype=np.int64)
    slots = 1 << max(_SLOTS_A_TEXT * len(texts), 2).bit_length()
    table = np.full(slots, -1, dtype=np.int32 if len(texts) < 1 << 31 else np.int64)
    _collapse(texts.data, texts.offsets, digests(texts, threads), table, found)
    return found


def keep_only(texts: TextColumn, rows: Ints) -> TextColumn:
    """Return the texts in ascending `rows`, moved together in their memory: overwrites `texts`."""
    sizes = texts.offsets[rows + 1] - texts.offsets[rows]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    _gather(texts.data, texts.offsets, rows, offsets)
    return TextColumn(texts.data[: offsets[-1]], offsets)


@numba.njit(cache=True, nogil=True)
def _digest(data, offsets, low, high, found):
    for text in range(low, high):
        at, end = offsets[text], offsets[text + 1]
        h = np.uint64(end - at)
        while at < end:
            word = np.uint64(0)
            for k in range(min(8, end - at)):
                word |= np.uint64(data[at + k]) << np.uint64(8 * k)
            h = (h ^ word) * _P
            h ^= h >> _29
            at += 8
        h = (h ^ (h >> _33)) * _FMIX_1
        h = (h ^ (h >> _33)) * _FMIX_2
        found[text] = h ^ (h >> _33)


@numba.njit(cache=True, nogil=True)
def _collapse(data, offsets, digests, table, found):
    mask = np.uint64(table.size - 1)
    for text in range(digests.size):
        if offsets[text + 1] == offsets[text]:
            found[text] = text
            continue
        slot = digests[text] & mask
        while True:
            other = table[slot]
            if other < 0:
                table[slot] = text
                found[text] = text
                break
            if digests[other] == digests[text] and _equal(data, offsets, text, other):
                found[text] = other
                break
            slot = (slot + np.uint64(1)) & mask


@numba.njit(cache=True, nogil=True)
def _equal(data, offsets, one, other):
    a, b = offsets[one], offsets[other]
    length = offsets[one + 1] - a
    if offsets[other + 1] - b != length:
        return False
    for k in range(length):
        if data[a + k] != data[b + k]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _gather(data, offsets, rows, moved):
    for i in range(rows.size):
        low = offsets[rows[i]]
        at = moved[i]
        for k in range(moved[i + 1] - at):
            data[at + k] = data[low + k]
