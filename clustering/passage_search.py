"""Which passages stand, nearly whole, in which other texts, and where?

In: runs of texts (`clustering.passage_runs`), the account of each, which are long, which places are
hidden. Out: hits: a passage, and the stretch of another text that holds at least `containment` of
its shingles (|A and B| / |A|, exact; shingles as in `nlp.shingles`, mixed). Two texts of one
account and two short texts are never compared.

Not all pairs: a passage that shares a given part of its grams with a text shares two of its rarest
ones (prefix filter for containment: Chaudhuri et al. 2006, Agrawal et al. 2010), so those alone are
looked up in an inverted index. This finds every hit, also of Jaccard at or above the threshold,
which contains less; bands would add a second index and find fewer. A gram in more than LISTED texts
lists the earliest of them alone: what many texts hold costs a bounded number of look-ups each, and
two late texts that share such a passage meet through the earliest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clustering.passage_runs import Flags, Floats, Ints, Runs, ranges
from nlp.shingles import hash_shingles

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Texts that a gram lists: enough for what a region's outlets take over from each other.
LISTED = 50
# Grams that a passage and a text must share to be looked at: one shared gram is mostly chance.
MEETINGS = 2
# Different grams below which a passage is a refrain ("ha ha ha ha").
MIN_GRAMS = 4
# A changed word takes one word and two pairs with it, so the share of changed pairs is at most
# 4/3 of the share of changed shingles; the rest is for short passages.
GRAM_LOSS = 1.5
# A changed word of two characters takes five shingles of four characters with it, where the same
# change of a text in words takes three of as many: the same edits must lead to the same answer.
CHAR_LOSS = 5 / 3
# Passages in characters are looked up by the shingles they are judged by; the rest is as above.
CHAR_GRAM_LOSS = 1.75
# A copy may be longer than its source by a quarter: words put in.
SLACK = 1.25
# Look-ups in one step, about 50 bytes each.
_AT_ONCE = 4_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Hits:
    """Passage number, and two ranges of places: in the passage, and in the other text."""

    passage: Ints
    first_a: Ints
    last_a: Ints
    first_b: Ints
    last_b: Ints

    def take(self, chosen: Ints | Flags) -> Hits:
        """Return some of the hits."""
        parts = (self.passage, self.first_a, self.last_a, self.first_b, self.last_b)
        return Hits(*(part[chosen] for part in parts))


@dataclass(frozen=True)
class Found:
    """All hits, and how many passages were compared to the earliest texts alone."""

    hits: Hits
    limited: int


def search(runs: Runs, *, account: Ints, long: Flags, hidden: Flags, containment: float) -> Found:
    """Return all hits; `hidden` places are neither looked up nor found."""
    by_words = runs.by_words[runs.text_at[runs.first]]
    loss = np.where(by_words, GRAM_LOSS, CHAR_GRAM_LOSS)
    least = np.maximum(1 - loss * (1 - containment), _ROUNDING)
    index = _Index(runs, np.where(hidden, -1, runs.grams))
    of_long = long[runs.text_at[runs.first]]
    found, limited = [_no_hits()], 0
    # What short texts hold is looked up in the long ones alone.
    for asking, answering in ((of_long, np.ones_like(long)), (~of_long, long)):
        lists = index.lists(answering)
        look_ups = index.look_ups(np.flatnonzero(asking), least, lists)
        limited += look_ups.limited
        for passages, texts in _meetings(look_ups, lists):
            apart = account[runs.text_at[runs.first[passages]]] != account[texts]
            found.append(index.places(passages[apart], texts[apart], least))
    return Found(_confirmed(runs, _joined(found), containment), limited)


def asked(containment: float, by_words: Flags) -> Floats:
    """Return what share of its shingles a passage must share, by how its text is cut."""
    loss = np.where(by_words, 1.0, CHAR_LOSS)
    return np.maximum(1 - loss * (1 - containment), _ROUNDING) - _ROUNDING


def contained(texts: list[str], others: list[str]) -> tuple[Floats, Floats, Floats]:
    """Return Jaccard and both containments of texts[i] and others[i], over mixed shingles."""
    from scipy.sparse import csr_matrix

    hashed = hash_shingles([*texts, *others])
    names, columns = np.unique(hashed.hashes, return_inverse=True)
    cells = (np.ones(len(columns), dtype=np.int32), columns, hashed.offsets)
    matrix = csr_matrix(cells, shape=(2 * len(texts), max(len(names), 1)))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    sizes = np.diff(matrix.indptr).astype(np.float64)
    left, right = matrix[: len(texts)], matrix[len(texts) :]
    shared = np.asarray(left.multiply(right).sum(axis=1), dtype=np.float64).ravel()
    a, b = sizes[: len(texts)], sizes[len(texts) :]
    parts = (a + b - shared, a, b)
    jaccard, in_b, in_a = (shared / np.maximum(whole, 1) for whole in parts)
    return jaccard, in_b, in_a


@dataclass(frozen=True)
class _Lists:
    """The earliest texts that hold each gram (grams by texts), and how many texts hold it."""

    earliest: csr_matrix
    frequency: Ints


@dataclass(frozen=True)
class _LookUps:
    """Passages, their rarest grams (passages by grams), and how many meet cut lists alone."""

    passages: Ints
    grams: csr_matrix
    limited: int


class _Index:
    """Which texts hold a gram, and where."""

    def __init__(self, runs: Runs, grams: Ints) -> None:
        self.runs, self.grams = runs, grams
        self.n_texts, self.n_grams = len(runs.offsets) - 1, max(runs.n_grams, 1)
        places = np.flatnonzero(grams >= 0)
        keys = runs.text_at[places] * self.n_grams + grams[places]
        order = np.argsort(keys, kind="stable")
        self._keys, self._places = keys[order], places[order]

    def lists(self, texts: Flags) -> _Lists:
        """Return which of these texts hold each gram, the earliest LISTED of them."""
        from scipy.sparse import csr_matrix

        held = self._keys[_begins(self._keys)]
        held = held[texts[held // self.n_grams]]
        text, gram = held // self.n_grams, held % self.n_grams
        order = np.lexsort((text, gram))
        text, gram = text[order], gram[order]
        frequency = np.bincount(gram, minlength=self.n_grams)
        kept = _rank(gram, frequency) < LISTED
        cells = (np.ones(int(kept.sum()), dtype=np.int32), (gram[kept], text[kept]))
        return _Lists(csr_matrix(cells, shape=(self.n_grams, self.n_texts)), frequency)

    def look_ups(self, passages: Ints, least: Floats, lists: _Lists) -> _LookUps:
        """Return the rarest grams of these passages, as many as must hold two shared ones."""
        from scipy.sparse import csr_matrix

        of, gram, counts, useful = self._grams_of(passages)
        order = np.lexsort((gram, lists.frequency[gram], of))
        of, gram = of[order], gram[order]
        needed = np.ceil(least[passages] * counts - _ROUNDING)
        lengths = np.where(useful, np.minimum(counts - needed + MEETINGS, counts), 0)
        kept = _rank(of, counts) < lengths[of]
        of, gram = of[kept], gram[kept]
        whole_lists = np.bincount(of, lists.frequency[gram] <= LISTED, minlength=len(counts))
        limited = int(np.count_nonzero(useful & (whole_lists < MEETINGS)))
        rows, at = np.unique(of, return_inverse=True)
        cells = (np.ones(len(gram), dtype=np.int32), (at, gram))
        shape = (len(rows), self.n_grams)
        return _LookUps(passages[rows], csr_matrix(cells, shape=shape), limited)

    def _grams_of(self, passages: Ints) -> tuple[Ints, Ints, Ints, Flags]:
        """Return (which, gram) of the different grams in sight, their number, and if it will do."""
        of, places = self.runs.grams_of(passages)
        whole = np.bincount(of, minlength=len(passages))
        seen = self.grams[places] >= 0
        pairs = np.unique(of[seen] * self.n_grams + self.grams[places[seen]])
        of = pairs // self.n_grams
        counts = np.bincount(of, minlength=len(passages))
        # A passage that is mostly hidden is not looked up either.
        return of, pairs % self.n_grams, counts, (counts >= MIN_GRAMS) & (counts >= whole / 2)

    def places(self, passages: Ints, texts: Ints, least: Floats) -> Hits:
        """Return for each passage where in its text most of it stands, if enough does."""
        runs = self.runs
        sizes = runs.last[passages] - runs.first[passages]
        found = [_no_hits()]
        step = max(_AT_ONCE // max(int(sizes.max(initial=1)), 1) // 4, 1)
        for at in range(0, len(passages), step):
            part = slice(at, at + step)
            found.append(self._densest(passages[part], texts[part], least))
        return _joined(found)

    def _densest(self, passages: Ints, texts: Ints, least: Floats) -> Hits:
        """Return the stretch of each text that most of its passage's grams stand in."""
        runs = self.runs
        length = runs.last[passages] - runs.first[passages]
        of, x, y = self._matches(passages, texts)
        if not len(of):
            return _no_hits()
        begins = np.flatnonzero(_begins(of))
        held = of[begins]
        row, at = _fullest(of, y, begins, np.ceil(length * SLACK).astype(np.int64))
        room = np.ceil(length[held] * (SLACK - 1)).astype(np.int64) + 1
        kept = _aligned(row, x[at], y[at], room)
        row, x, y = row[kept], x[at[kept]], y[at[kept]]
        first_a, last_a = _extent(x, row)
        first_b, last_b = _extent(y, row)
        width, needed = runs.width[texts[held]], least[passages[held]]
        hits = Hits(passages[held], first_a, last_a + width, first_b, last_b + width)
        return hits.take(np.bincount(row) >= needed * (length[held] - width + 1) - _ROUNDING)

    def _matches(self, passages: Ints, texts: Ints) -> tuple[Ints, Ints, Ints]:
        """Return (which, place in the passage, place in the text) of equal grams, in that order."""
        of, x = self.runs.grams_of(passages)
        seen = self.grams[x] >= 0
        of, x = of[seen], x[seen]
        keys = texts[of] * self.n_grams + self.grams[x]
        lows = np.searchsorted(self._keys, keys, side="left")
        row, at = ranges(lows, np.searchsorted(self._keys, keys, side="right"))
        of, x, y = of[row], x[row], self._places[at]
        order = np.lexsort((x, y, of))
        return of[order], x[order], y[order]


def _rank(groups: Ints, counts: Ints) -> Ints:
    """Return the rank of each row within its group; rows of a group stand together."""
    return np.arange(len(groups)) - (np.cumsum(counts) - counts)[groups]


def _first_largest(groups: Ints, values: Ints, begins: Ints) -> Ints:
    """Return the row of the first largest value of each group."""
    largest = np.maximum.reduceat(values, begins)
    sizes = np.diff(np.append(begins, len(values)))
    rows = np.flatnonzero(values == np.repeat(largest, sizes))
    return rows[np.unique(groups[rows], return_index=True)[1]]


def _meetings(look_ups: _LookUps, lists: _Lists) -> Iterator[tuple[Ints, Ints]]:
    """Yield passages and the texts that share enough of their rarest grams."""
    load = np.cumsum(look_ups.grams @ np.diff(lists.earliest.indptr).astype(np.int64))
    start = 0
    while start < len(load):
        limit = (load[start - 1] if start else 0) + _AT_ONCE
        end = max(int(np.searchsorted(load, limit, side="right")), start + 1)
        met = (look_ups.grams[start:end] @ lists.earliest).tocoo()
        enough = met.data >= MEETINGS
        yield look_ups.passages[start:end][met.row[enough]], met.col[enough].astype(np.int64)
        start = end


def _fullest(of: Ints, y: Ints, begins: Ints, reach: Ints) -> tuple[Ints, Ints]:
    """Return (group, match) of the matches in the fullest stretch of `reach` places of each group.

    Matches are ordered by group, then by place; the first of equally full stretches counts.
    """
    size = int(y.max()) + int(reach.max()) + 1
    keys = of * size + y
    until = np.searchsorted(keys, keys + reach[of], side="left")
    best = _first_largest(of, until - np.arange(len(of)), begins)
    return ranges(best, until[best])


def _aligned(row: Ints, x: Ints, y: Ints, room: Ints) -> Ints:
    """Return the matches of each row that run along together, each place matched once.

    Most matches of a copy lie at one distance y - x; words put in or left out move it by `room` at
    most. A match at another distance is a repeated turn of phrase, not this copy.
    """
    shift = y - x
    usual = _most_frequent(row, shift)
    away = np.abs(shift - usual[row])
    kept = np.flatnonzero(away <= room[row])
    for place in (x, y):
        order = kept[np.lexsort((x[kept], away[kept], place[kept], row[kept]))]
        kept = order[_begins(row[order], place[order])]
    return np.sort(kept)


def _most_frequent(row: Ints, values: Ints) -> Ints:
    """Return the value that most of each row's have, the smallest of equally frequent ones."""
    order = np.lexsort((values, row))
    group = np.flatnonzero(_begins(row[order], values[order]))
    counts = np.diff(np.append(group, len(row)))
    row, values = row[order][group], values[order][group]
    return values[_first_largest(row, counts, np.flatnonzero(_begins(row)))]


def _begins(*columns: Ints) -> Flags:
    """Return which rows differ from the one before them."""
    begins = np.ones(len(columns[0]), dtype=bool)
    begins[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return begins


def _extent(values: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return the least and the greatest value of each group; no group is empty."""
    begins = np.flatnonzero(_begins(groups))
    return np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)


def _confirmed(runs: Runs, hits: Hits, containment: float) -> Hits:
    """Keep the hits whose passage is contained, measured on the words themselves."""
    passages = runs.joined(runs.first[hits.passage], runs.last[hits.passage])
    _, share, _ = contained(passages, runs.joined(hits.first_b, hits.last_b))
    return hits.take(share >= asked(containment, runs.by_words[runs.text_at[hits.first_a]]))


def _no_hits() -> Hits:
    return Hits(*(np.zeros(0, dtype=np.int64) for _ in range(5)))


def _joined(found: list[Hits]) -> Hits:
    parts = [(h.passage, h.first_a, h.last_a, h.first_b, h.last_b) for h in found]
    return Hits(*(np.concatenate(part) for part in zip(*parts, strict=True)))
