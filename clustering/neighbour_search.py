"""Which rows are probably nearest to each row, without comparing all pairs?

In: unit rows in canonical order. Out: neighbours and distances, as exact search would give them but
for about one neighbour in twenty. Three steps: (1) spherical k-means on a sample puts rows into
lists of about 200; (2) each row is compared with all rows of its 16 nearest lists (inverted file:
Sivic and Zisserman 2003; Jegou, Douze and Schmid 2011); (3) once, with the neighbours of its
neighbours (NN-descent: Dong, Moses and Li 2011), where most of what was missed is found.

Why not a library: on 40,000 rows this took a tenth of the processor time of comparing all pairs,
and the answer must not depend on threads. Nothing is drawn: rows come in the order of their hashes,
so the first ones are a random sample. Products of matrices run on one thread each, in blocks whose
shape depends on the data alone; ties go to the lower row number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from clustering.unit_vectors import Floats, Labels, Matrix
from nlp.compiled.columns import even_parts, in_parts

Ints32 = NDArray[np.int32]

# Rows a list, and lists looked at: 16 of 200 found .92 of the true 15 nearest of 40,000 posts under
# a sentence model before step 3 and .96 after it; 8 lists .86 and .92 at two thirds of the time.
LIST_ROWS = 200
LISTS = 16
# Sample rows a list, and rounds of k-means: more changed no digit of the share found.
SAMPLE_ROWS = 32
ROUNDS = 4
# Rows that name a row as neighbour and are followed back.
REVERSE = 10
# Rows worked on at once: a block of similarities is 16 MB, a stretch is what a thread takes.
BLOCK = 4_096
STRETCH = 32_768


@dataclass(frozen=True)
class Lists:
    """Rows by list: list l holds `members[starts[l]:starts[l + 1]]`; `near` are a row's lists."""

    members: Labels
    starts: Labels
    near: Ints32


def search_neighbours(rows: Matrix, kept: int, threads: int | None = None) -> tuple[Labels, Floats]:
    """Return the `kept` probably nearest other rows and their distances, (n, kept) each.

    A place that nothing was found for holds -1 and an infinite distance.
    """
    from threadpoolctl import threadpool_limits

    parts = even_parts(len(rows), STRETCH)
    with threadpool_limits(1, user_api="blas"):
        lists = _lists(rows, threads)
        ids = np.full((len(rows), kept), -1, dtype=np.int32)
        best = np.full((len(rows), kept), -np.inf, dtype=np.float32)
        in_parts(lambda low, high: _search(rows, lists, ids, best, low, high), parts, threads)
    return _descended(rows, ids, lists.members, threads)


def refined_neighbours(
    rows: Matrix, neighbours: Labels, threads: int | None = None
) -> tuple[Labels, Floats]:
    """Return nearest neighbours of `rows` that moved a little since `neighbours` were found.

    Looks among the neighbours of the former neighbours alone (step 3), at a quarter of the time of
    a search.
    """
    order = np.lexsort(neighbours.T[:1])  # rows with one nearest neighbour share candidates
    return _descended(rows, neighbours.astype(np.int32), order, threads)


def _descended(
    rows: Matrix, ids: Ints32, order: Labels, threads: int | None
) -> tuple[Labels, Floats]:
    back, count = _named_by(ids, REVERSE)
    found = np.empty_like(ids)
    gaps = np.empty(ids.shape, dtype=np.float64)

    def work(low: int, high: int) -> None:
        _descend(rows, ids, back, count, order[low:high], found, gaps)

    in_parts(work, even_parts(len(rows), STRETCH), threads)
    return found.astype(np.int64), gaps


def _lists(rows: Matrix, threads: int | None) -> Lists:
    centres = _centres(rows, max(1, len(rows) // LIST_ROWS))
    looked_at = min(LISTS, len(centres))
    near = np.empty((len(rows), looked_at), dtype=np.int32)
    home = np.empty(len(rows), dtype=np.int64)

    def work(low: int, high: int) -> None:
        similar = rows[low:high] @ centres.T
        home[low:high] = similar.argmax(axis=1)
        near[low:high] = np.argpartition(-similar, looked_at - 1, axis=1)[:, :looked_at]

    in_parts(work, even_parts(len(rows), BLOCK), threads)
    members = np.argsort(home, kind="stable")
    return Lists(members, np.searchsorted(home[members], np.arange(len(centres) + 1)), near)


def _centres(rows: Matrix, count: int) -> Matrix:
    """Spherical k-means over the first rows; a centre that loses all its rows stays."""
    sample = rows[: count * SAMPLE_ROWS]
    centres = sample[:count].copy()
    for _ in range(ROUNDS):
        parts = even_parts(len(sample), BLOCK)
        home = np.concatenate([(sample[a:b] @ centres.T).argmax(axis=1) for a, b in parts])
        order = np.argsort(home, kind="stable")
        used, first = np.unique(home[order], return_index=True)
        sums = np.add.reduceat(sample[order], first, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres[used] = sums / np.maximum(lengths, np.float32(1e-9))
    return centres


def _search(rows: Matrix, lists: Lists, ids: Ints32, best: Matrix, low: int, high: int) -> None:
    """Compare rows low..high with all members of their lists, list by list."""
    near = lists.near[low:high]
    asked = np.argsort(near.ravel(), kind="stable")
    cuts = np.searchsorted(near.ravel()[asked], np.arange(len(lists.starts)))
    who = low + asked // near.shape[1]
    for at in range(len(lists.starts) - 1):
        members = lists.members[lists.starts[at] : lists.starts[at + 1]]
        for start in range(cuts[at], cuts[at + 1], BLOCK):
            asking = who[start : min(start + BLOCK, cuts[at + 1])]
            _merge(asking, members, rows[asking] @ rows[members].T, ids, best)


@numba.njit(cache=True, nogil=True)
def _merge(asking, members, similar, ids, best):
    """Keep the most similar members of each asking row, ties to the lower number."""
    last = ids.shape[1] - 1
    for a in range(asking.size):
        row = asking[a]
        for b in range(members.size):
            value, other = similar[a, b], members[b]
            if value < best[row, last] or other == row:
                continue
            if value == best[row, last] and other > ids[row, last]:
                continue
            at = last
            while at > 0 and (
                best[row, at - 1] < value
                or (best[row, at - 1] == value and ids[row, at - 1] > other)
            ):
                best[row, at], ids[row, at] = best[row, at - 1], ids[row, at - 1]
                at -= 1
            best[row, at], ids[row, at] = value, other


@numba.njit(cache=True, nogil=True)
def _named_by(ids, most):
    """Up to `most` rows that name a row as neighbour, those that name it first before others."""
    n, kept = ids.shape
    back = np.empty((n, most), np.int32)
    count = np.zeros(n, np.int32)
    for column in range(kept):
        for row in range(n):
            other = ids[row, column]
            if other >= 0 and count[other] < most:
                back[other, count[other]] = row
                count[other] += 1
    return back, count


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _gap(one, other):
    """Distance by differences, which keeps the digits of near rows."""
    total = np.float32(0)
    for at in range(one.size):
        step = one[at] - other[at]
        total += step * step
    return np.sqrt(np.float64(total))


@numba.njit(cache=True, nogil=True)
def _keep(ids, gaps, other, gap):
    """Put one row where it belongs among the nearest, ties to the lower number."""
    last = ids.size - 1
    if gap > gaps[last] or (gap == gaps[last] and ids[last] >= 0 and other > ids[last]):
        return
    at = last
    while at > 0 and (gaps[at - 1] > gap or (gaps[at - 1] == gap and ids[at - 1] > other)):
        gaps[at], ids[at] = gaps[at - 1], ids[at - 1]
        at -= 1
    gaps[at], ids[at] = gap, other


@numba.njit(cache=True, nogil=True)
def _descend(rows, ids, back, count, order, found, gaps):
    """Compare each row of `order` with the neighbours of those it names and of those naming it.

    In the order of lists one row's candidates are still in the cache for the next.
    """
    n, kept = ids.shape
    seen = np.full(n, -1, np.int32)
    for row in order:
        seen[row] = row
        found[row] = -1
        gaps[row] = np.inf
        for at in range(kept):
            if ids[row, at] >= 0:
                seen[ids[row, at]] = row
                _keep(found[row], gaps[row], ids[row, at], _gap(rows[row], rows[ids[row, at]]))
        for way in range(kept + count[row]):
            through = ids[row, way] if way < kept else back[row, way - kept]
            if through < 0:
                continue
            for at in range(-1, kept):
                other = through if at < 0 else ids[through, at]
                if other >= 0 and seen[other] != row:
                    seen[other] = row
                    _keep(found[row], gaps[row], other, _gap(rows[row], rows[other]))
