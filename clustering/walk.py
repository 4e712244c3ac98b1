"""Compiled steps from band keys to families: who shares a key, who is near, who is linked.

In: band keys and shingle sets of different texts. Out: the smallest text of each text's family. A
family is a connected component of G = {pairs that share a band key and have an exact Jaccard of at
least the threshold}, so neither the order of texts nor that of bands changes it.

A bucket (texts with one key) holds one list a component: a text is compared with the lists of other
components alone, and a list that it is near to is joined to its own. Texts that are joined already
are never compared, so a bucket of one family costs one comparison a text. Before two sets are
walked through, 448-bit sketches of them bound how much they can share (bitmap filter: Sandes,
Teodoro, Melo 2020). A sketch and the size of its set fill one cache line, so unlike texts, of which
crowded buckets compare many, part after one access to memory.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from nlp.compiled.columns import in_parts

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

# Similarities are ratios of small integers: nothing lies between t and t minus this. The same as in
# `clustering.jaccard`.
_ROUNDING = 1e-9
# Words of 64 bits in a cache line: the size of the set, and seven words of its sketch.
_LINE = 8
_SKETCH_BITS = 64 * (_LINE - 1)
# Slots a text in the filter for repeated keys: about one text in twelve passes it without a mate.
_SLOTS_A_TEXT = 8
_MIN_BITS = 16


def shared_keys(
    keys: Hashes, comparable: npt.NDArray[np.bool_], threads: int | None = None
) -> list[tuple[Hashes, Ints]]:
    """Return for each band the keys that two or more texts share, in order, and whose they are."""
    bits = max(int(_SLOTS_A_TEXT * max(len(comparable), 1)).bit_length(), _MIN_BITS)

    def work(band: int, _: int) -> tuple[Hashes, Ints]:
        members = _maybe_repeated(keys[band], comparable, bits)
        found = keys[band][members]
        order = np.argsort(found, kind="stable")
        found, members = found[order], members[order]
        shared = np.zeros(len(found), dtype=bool)
        same = found[1:] == found[:-1]
        shared[1:] |= same
        shared[:-1] |= same
        return found[shared], members[shared]

    return in_parts(work, [(band, band + 1) for band in range(len(keys))], threads)


def sketches(data: Hashes, offsets: Ints) -> Hashes:
    """Return (n, 8) words: the size of each shingle set, and a bit for each of its values."""
    n = len(offsets) - 1
    room = np.zeros((n + 1) * _LINE, dtype=np.uint64)
    start = (-room.ctypes.data // 8) % _LINE  # so that each row is one line
    found = room[start : start + n * _LINE].reshape(n, _LINE)
    _fill_sketches(data, offsets, found)
    return found


def walk(
    bands: list[tuple[Hashes, Ints]], data: Hashes, offsets: Ints, threshold: float
) -> tuple[Ints, int]:
    """Return the smallest text of each text's family, and how many pairs were compared.

    Members in `bands` number the shingle sets in `data`.
    """
    parent = np.arange(len(offsets) - 1, dtype=np.int64)
    bits = sketches(data, offsets)
    compared = 0
    for keys, members in bands:
        compared += _join_buckets(keys, members, data, offsets, bits, threshold, parent)
    _shorten(parent)
    return parent, compared


@numba.njit(cache=True, nogil=True)
def _ones(word):
    """Number of set bits; compiled to one instruction, whose pattern this is."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True, nogil=True)
def _maybe_repeated(keys, comparable, bits):
    """Texts whose key may occur twice: a second one falls on a set bit."""
    once = np.zeros((1 << bits) // 64, np.uint64)
    twice = np.zeros((1 << bits) // 64, np.uint64)
    shift = np.uint64(64 - bits)
    for text in range(keys.size):
        if comparable[text]:
            slot = keys[text] >> shift
            word, bit = slot >> np.uint64(6), np.uint64(1) << (slot & np.uint64(63))
            twice[word] |= once[word] & bit
            once[word] |= bit
    found = np.empty(keys.size, np.int64)
    n = 0
    for text in range(keys.size):
        if comparable[text]:
            slot = keys[text] >> shift
            if twice[slot >> np.uint64(6)] & (np.uint64(1) << (slot & np.uint64(63))):
                found[n] = text
                n += 1
    return found[:n].copy()


@numba.njit(cache=True, nogil=True)
def _fill_sketches(data, offsets, found):
    for text in range(found.shape[0]):
        found[text, 0] = offsets[text + 1] - offsets[text]
        for i in range(offsets[text], offsets[text + 1]):
            bit = ((data[i] >> np.uint64(32)) * np.uint64(_SKETCH_BITS)) >> np.uint64(32)
            found[text, 1 + (bit >> np.uint64(6))] |= np.uint64(1) << (bit & np.uint64(63))


@numba.njit(cache=True, nogil=True)
def _root(parent, text):
    while parent[text] != text:
        parent[text] = parent[parent[text]]
        text = parent[text]
    return text


@numba.njit(cache=True, nogil=True)
def _union(parent, one, other):
    one, other = _root(parent, one), _root(parent, other)
    if one < other:
        parent[other] = one
    else:
        parent[one] = other


@numba.njit(cache=True, nogil=True)
def _shorten(parent):
    for text in range(parent.size):
        parent[text] = parent[parent[text]]  # parents are smaller, so theirs is final


@numba.njit(cache=True, nogil=True)
def _may_be_near(lines, one, other, needed_share):
    """Whether sizes and sketches leave room for enough shared values; most texts part here."""
    size, other_size = np.int64(lines[one, 0]), np.int64(lines[other, 0])
    both = size + other_size
    needed = np.int64(np.ceil(both * needed_share))
    spare = both - 2 * needed
    if min(size, other_size) < needed:
        return False
    for word in range(1, _LINE):
        spare -= np.int64(_ones(lines[one, word] ^ lines[other, word]))
        if spare < 0:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _near(data, offsets, one, other, least):
    """Whether two sets have a Jaccard of at least `least`."""
    a, a_end = offsets[one], offsets[one + 1]
    b, b_end = offsets[other], offsets[other + 1]
    both = (a_end - a) + (b_end - b)
    needed = np.int64(np.ceil(both * (least / (1.0 + least))))
    a_spare, b_spare = a_end - a - needed, b_end - b - needed
    shared = 0
    while a < a_end and b < b_end:
        if data[a] == data[b]:
            shared += 1
            a += 1
            b += 1
        elif data[a] < data[b]:
            a += 1
            a_spare -= 1
            if a_spare < 0:
                return False
        else:
            b += 1
            b_spare -= 1
            if b_spare < 0:
                return False
    return shared / (both - shared) >= least


@numba.njit(cache=True, nogil=True)
def _join_buckets(keys, members, data, offsets, bits, threshold, parent):
    """Join what is near in each bucket of one band; return how many pairs were compared."""
    room = 64
    lines, lists = np.empty((room, _LINE), np.uint64), np.empty((4, room), np.int64)
    compared = 0
    low = 0
    while low < keys.size:
        high = low + 1
        first = _root(parent, members[low])
        joined = True
        while high < keys.size and keys[high] == keys[low]:
            joined &= _root(parent, members[high]) == first
            high += 1
        if not joined:
            if high - low > room:
                room = 2 * (high - low)
                lines, lists = np.empty((room, _LINE), np.uint64), np.empty((4, room), np.int64)
            # Copied beside each other: a crowded bucket compares each line with many others.
            for place in range(low, high):
                lines[place - low] = bits[members[place]]
            compared += _join_bucket(
                members[low:high], lines, data, offsets, threshold, parent, lists
            )
        low = high
    return compared


@numba.njit(cache=True, nogil=True)
def _join_bucket(members, lines, data, offsets, threshold, parent, lists):
    """Keep one list a component; compare each text with the lists of the others."""
    after, head, tail, roots = lists[0], lists[1], lists[2], lists[3]
    least = threshold - _ROUNDING
    needed_share = least / (1.0 + least)
    compared = count = 0
    for place in range(members.size):
        text = members[place]
        after[place] = -1
        root = _root(parent, text)
        own = 0
        while own < count and roots[own] != root:
            own += 1
        if own == count:
            head[own] = tail[own] = place
            roots[own] = root
            count += 1
        else:
            after[tail[own]] = place
            tail[own] = place
        each = 0
        while each < count:
            if each == own:
                each += 1
                continue
            other = head[each]
            while other >= 0:
                compared += 1
                if _may_be_near(lines, place, other, needed_share) and _near(
                    data, offsets, text, members[other], least
                ):
                    break
                other = after[other]
            if other < 0:
                each += 1
                continue
            _union(parent, text, members[other])
            after[tail[own]] = head[each]
            tail[own] = tail[each]
            roots[own] = min(roots[own], roots[each])  # the root that a union keeps
            count -= 1
            head[each], tail[each], roots[each] = head[count], tail[count], roots[count]
            if own == count:
                own = each
    return compared
