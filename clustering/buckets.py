"""Who has the same band keys? Buckets that grow, kept as one list for each component.

In: band keys of numbered texts, and the forest that says which texts are joined. Out: runs: the
members of one bucket that were in one component when the run was written. Components only grow, so
a run stays of one component, and whoever is joined to its first member need not look at the rest:
a family of twenty thousand is one run in each of its buckets.

Keys lie in a few sorted segments, small ones merged into larger ones as they come (log-structured
merge, O'Neil et al. 1996), so that adding costs in proportion to what is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clustering.forest import Forest

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

# A segment is merged into the next when that is less than this many times as large: fewer segments
# to search against fewer times that an entry is moved.
MERGE_BELOW = 4


@dataclass(frozen=True)
class Segment:
    """Runs in the order of their keys; run i has members[starts[i]:starts[i + 1]]."""

    keys: Keys
    starts: Ints
    members: Ints

    def entry_keys(self) -> Keys:
        """Return the key of each member."""
        return np.repeat(self.keys, np.diff(self.starts))


def segment_of(keys: Keys, members: Ints, forest: Forest) -> Segment:
    """Sort (key, member) entries into runs of one bucket and one component."""
    order = np.argsort(keys, kind="stable")  # quick where stretches are sorted already
    keys, members = keys[order], members[order]
    differs = keys[1:] != keys[:-1]
    shared = np.zeros(len(keys), dtype=bool)  # entries that are not alone in their bucket
    shared[1:] |= ~differs
    shared[:-1] |= ~differs
    places = np.flatnonzero(shared)
    roots = forest.roots(members[places])
    inner = np.lexsort((members[places], roots, keys[places]))
    members[places] = members[places[inner]]
    new_run = np.ones(len(keys), dtype=bool)
    new_run[1:] = differs
    roots = roots[inner]
    new_run[places[1:]] |= roots[1:] != roots[:-1]
    starts = np.flatnonzero(new_run)
    return Segment(keys[starts], np.append(starts, len(keys)), members)


@dataclass(frozen=True)
class Visits:
    """Texts and the runs that each must still be compared with, from place `at` up to `end`."""

    text: Ints
    segment: Ints
    at: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.text)

    def where(self, chosen: npt.NDArray[np.bool_] | Ints) -> Visits:
        """Return some of them."""
        return Visits(self.text[chosen], self.segment[chosen], self.at[chosen], self.end[chosen])

    def after(self, steps: int) -> Visits:
        """Return what is left when the next `steps` members of each run are done."""
        moved = Visits(self.text, self.segment, self.at + steps, self.end)
        return moved.where(moved.at < moved.end)


class Buckets:
    """All entries so far."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def add(self, keys: Keys, texts: Ints, forest: Forest) -> None:
        """Add texts with their (n, bands) keys."""
        if not len(texts):
            return
        entries, members = keys.ravel(), np.repeat(texts, keys.shape[1])
        while self.segments and len(self.segments[-1].members) < MERGE_BELOW * len(members):
            last = self.segments.pop()
            entries = np.concatenate([last.entry_keys(), entries])
            members = np.concatenate([last.members, members])
        self.segments.append(segment_of(entries, members, forest))

    def visits(self, keys: Keys, texts: Ints) -> Visits:
        """Return every run that holds one of a text's (n, bands) keys."""
        entries, owners = keys.ravel(), np.repeat(texts, keys.shape[1])
        order = np.argsort(entries)  # neighbouring searches touch neighbouring memory
        entries, owners = entries[order], owners[order]
        found = [_none()]
        for number, segment in enumerate(self.segments):
            low = np.searchsorted(segment.keys, entries, side="left")
            high = np.searchsorted(segment.keys, entries, side="right")
            met = high > low
            runs, places = spread(low[met], high[met])
            text = owners[met][places]
            found.append(visits_of(text, segment, runs, number))
        return joined(found)


def spread(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return all numbers of the ranges low[i]..high[i] - 1, and i for each of them."""
    sizes = high - low
    places = np.repeat(np.arange(len(low)), sizes)
    numbers = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + low[places]
    return numbers, places


def visits_of(text: Ints, segment: Segment, runs: Ints, number: int) -> Visits:
    """Return the visits of text[i] to run runs[i] of the segment with this number."""
    at, end = segment.starts[runs], segment.starts[runs + 1]
    return Visits(text, np.full(len(text), number, dtype=np.int64), at, end)


def joined(parts: Sequence[Visits]) -> Visits:
    """Put visits below each other."""
    names = ("text", "segment", "at", "end")
    return Visits(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _none() -> Visits:
    nothing = np.zeros(0, np.int64)
    return Visits(nothing, nothing, nothing, nothing)


def members_at(segments: Sequence[Segment], which: Ints, at: Ints) -> Ints:
    """Return the member at place at[i] of segment which[i]."""
    found = np.empty(len(at), dtype=np.int64)
    for number, segment in enumerate(segments):
        chosen = which == number
        found[chosen] = segment.members[at[chosen]]
    return found
