"""Trees over families, compiled: what `clustering.lineage` says, for families of any size.

In: shingle sets of texts, those of one family in a row and in order of rank. Out: for each text its
link, depth, variant and similarity to the medoid. All pairs of a family are compared once (Prim's
algorithm on the whole graph), so a pair must cost little: in a large family the shingles that most
texts have become 256 bits a text, which one instruction counts, the few others stay sorted lists,
and a shingle that one text alone has is in neither, for it is shared with none.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from nlp.compiled.columns import even_parts, in_parts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

_WORDS = 4  # of 64 bits a text
_BITS = 64 * _WORDS
# Below, finding the frequent shingles costs more than it saves.
_PACK_FROM = 32
# All pairs of 20,000 texts take about two seconds; a larger family gets a tree of first links, and
# its medoid is judged against a thousand texts spread over its ranks.
ALL_PAIRS_UP_TO = 20_000
_JUDGES = 1_000
# Similarities are summed as whole numbers of 2^-40, so that no order of adding changes a medoid.
UNIT = float(1 << 40)
ROUNDING = 1e-9
_FAMILIES_A_PART = 64


def family_trees(
    data: Hashes,
    offsets: Ints,
    starts: Ints,
    limits: tuple[float, float, float],
    threads: int | None = None,
) -> tuple[Ints, Floats, Ints, Ints, Ints, Floats]:
    """Return link, link similarity, depth, variant, medoid, similarity to the medoid of each text.

    Family i is texts starts[i]:starts[i + 1]; links and medoids are text numbers, a first text's
    link is -1. `limits`: the threshold, the similarity to the medoid below which a family shows
    variants (0 for none), and the one at which a text joins a variant.
    """
    n = len(offsets) - 1
    link, depth, variant, medoid = (np.zeros(n, dtype=np.int64) for _ in range(4))
    similarity, to_medoid = np.ones(n), np.ones(n)

    def work(low: int, high: int) -> None:
        _trees(
            data, offsets, starts[low : high + 1], ALL_PAIRS_UP_TO, *limits,
            link, similarity, depth, variant, medoid, to_medoid,
        )  # fmt: skip

    in_parts(work, even_parts(len(starts) - 1, _FAMILIES_A_PART), threads)
    return link, similarity, depth, variant, medoid, to_medoid


@numba.njit(cache=True, nogil=True)
def _trees(
    data, offsets, starts, dense, threshold, cohesive, variant_at,
    link, similarity, depth, variant, medoid, to_medoid,
):  # fmt: skip
    for family in range(starts.size - 1):
        low, high = starts[family], starts[family + 1]
        n = high - low
        bits, rest, rest_at = _packed(data, offsets, low, high)
        sizes = offsets[low + 1 : high + 1] - offsets[low:high]
        sums = np.zeros(n, np.int64)
        if n <= dense:
            _strongest_tree(bits, rest, rest_at, sizes, link[low:high], similarity[low:high],
                            depth[low:high], sums)  # fmt: skip
        else:
            _first_tree(bits, rest, rest_at, sizes, threshold, link[low:high],
                        similarity[low:high], depth[low:high])  # fmt: skip
            _judge(bits, rest, rest_at, sizes, sums)
        centre = int(np.argmax(sums))
        least = 1.0
        for text in range(n):
            near = 1.0
            if text != centre:
                near = _jaccard(bits, rest, rest_at, sizes, text, centre)
            to_medoid[low + text] = near
            least = min(least, near)
            medoid[low + text] = low + centre
            if link[low + text] >= 0:
                link[low + text] += low
        if least < cohesive - ROUNDING:
            _split(bits, rest, rest_at, sizes, variant_at, variant[low:high])


@numba.njit(cache=True, nogil=True)
def _packed(data, offsets, low, high):
    """Frequent shingles as bits, the others that two texts have as sorted lists."""
    n = high - low
    bits = np.zeros((n, _WORDS), np.uint64)
    rest_at = np.zeros(n + 1, np.int64)
    first = offsets[low]
    if n < _PACK_FROM:
        for text in range(n):
            rest_at[text + 1] = offsets[low + text + 1] - first
        return bits, data[first : offsets[high]].copy(), rest_at
    ordered = np.sort(data[first : offsets[high]])
    names = np.empty(ordered.size, np.uint64)
    counts = np.empty(ordered.size, np.int64)
    kinds = 0
    for i in range(ordered.size):
        if i == 0 or ordered[i] != ordered[i - 1]:
            names[kinds] = ordered[i]
            counts[kinds] = 0
            kinds += 1
        counts[kinds - 1] += 1
    names, counts = names[:kinds], counts[:kinds]
    place = np.full(kinds, -1, np.int64)
    frequent = np.argsort(-counts)[:_BITS]
    for bit in range(frequent.size):
        place[frequent[bit]] = bit
    rest = np.empty(ordered.size, np.uint64)
    kept = 0
    for text in range(n):
        for i in range(offsets[low + text], offsets[low + text + 1]):
            name = np.searchsorted(names, data[i])
            bit = place[name]
            if bit >= 0:
                bits[text, bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
            elif counts[name] > 1:
                rest[kept] = data[i]
                kept += 1
        rest_at[text + 1] = kept
    return bits, rest[:kept].copy(), rest_at


@numba.njit(cache=True, nogil=True)
def _ones(word):
    """Number of set bits; compiled to one instruction, whose pattern this is."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True, nogil=True)
def _jaccard(bits, rest, rest_at, sizes, one, other):
    """Exact Jaccard of two texts of a family."""
    counted = np.uint64(0)
    for word in range(_WORDS):
        counted += _ones(bits[one, word] & bits[other, word])
    shared = np.int64(counted)
    a, a_end = rest_at[one], rest_at[one + 1]
    b, b_end = rest_at[other], rest_at[other + 1]
    while a < a_end and b < b_end:
        if rest[a] == rest[b]:
            shared += 1
            a += 1
            b += 1
        elif rest[a] < rest[b]:
            a += 1
        else:
            b += 1
    return shared / max(sizes[one] + sizes[other] - shared, 1)


@numba.njit(cache=True, nogil=True)
def _strongest_tree(bits, rest, rest_at, sizes, link, similarity, depth, sums):
    """Maximum spanning tree from the first text; ties go to lower ranks. Adds up similarities."""
    n = sizes.size
    waiting = np.arange(1, n)
    best = np.full(n, -1.0)
    link[:] = -1
    similarity[0] = 1.0
    last, left = 0, n - 1
    while left:
        chosen = 0
        for i in range(left):
            text = waiting[i]
            near = _jaccard(bits, rest, rest_at, sizes, last, text)
            whole = np.int64(near * UNIT)
            sums[last] += whole
            sums[text] += whole
            if near > best[text] or (near == best[text] and last < link[text]):
                best[text] = near
                link[text] = last
            top = waiting[chosen]
            if best[text] > best[top] or (best[text] == best[top] and text < top):
                chosen = i
        last = waiting[chosen]
        similarity[last] = best[last]
        depth[last] = depth[link[last]] + 1
        left -= 1
        waiting[chosen] = waiting[left]


@numba.njit(cache=True, nogil=True)
def _first_tree(bits, rest, rest_at, sizes, threshold, link, similarity, depth):
    """Link each text to the first one in the tree that it is near to, until all are linked."""
    n = sizes.size
    tree = np.empty(n, np.int64)
    tree[0], grown = 0, 1
    link[:] = -1
    seen = np.zeros(n, np.int64)  # how much of the tree a text was compared with
    while grown < n:
        before = grown
        for text in range(1, n):
            if link[text] >= 0:
                continue
            for i in range(seen[text], grown):
                near = _jaccard(bits, rest, rest_at, sizes, text, tree[i])
                if near >= threshold - ROUNDING:
                    link[text], similarity[text] = tree[i], near
                    depth[text] = depth[tree[i]] + 1
                    tree[grown] = text
                    grown += 1
                    break
            else:
                seen[text] = grown
        if grown == before:
            break


@numba.njit(cache=True, nogil=True)
def _judge(bits, rest, rest_at, sizes, sums):
    """Add up each text's similarities to texts spread evenly over the ranks."""
    n = sizes.size
    for judge in range(_JUDGES):
        other = judge * n // _JUDGES
        for text in range(n):
            if text != other:
                sums[text] += np.int64(_jaccard(bits, rest, rest_at, sizes, text, other) * UNIT)


@numba.njit(cache=True, nogil=True)
def _split(bits, rest, rest_at, sizes, variant_at, variant):
    """Number variants from 1: a text joins the first one whose first text it is near to."""
    n = sizes.size
    leaders = np.empty(n, np.int64)
    found = 0
    for text in range(n):
        for each in range(found):
            near = _jaccard(bits, rest, rest_at, sizes, text, leaders[each])
            if near >= variant_at - ROUNDING:
                variant[text] = each + 1
                break
        else:
            leaders[found] = text
            found += 1
            variant[text] = found
