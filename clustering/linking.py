"""Which texts does a new text join? Compared across components only, until nothing is untried.

In: band keys of some texts, the forest of what is joined so far, and a way to compare pairs. Out:
confirmed pairs; the forest is joined on the way. Afterwards no pair that shares a band and reaches
the threshold is in two components, so the components are those of the graph G of
`clustering.edges`: skipping a pair that is joined already cannot change one.

Against earlier texts (`link_to_earlier`): a new text visits every run of its buckets that is not of
its own component, a few members at first and then more. Among themselves (`link_among`): stars
first; then whoever is outside the largest run of a bucket visits the other runs, a few texts at
first, since the first few join most of a family. Either end of an untried pair will do, and one of
the two is always outside the largest run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from clustering.buckets import (
    Buckets,
    Ints,
    Keys,
    Segment,
    Visits,
    members_at,
    segment_of,
    spread,
    visits_of,
)
from clustering.forest import Forest

Floats = npt.NDArray[np.float64]
Edges = tuple[Ints, Ints, Floats]
Confirm = Callable[[Ints, Ints], Edges]
"""Takes pairs (left, right); returns those that reach the threshold, with their similarity."""

# Pairs that are gathered at once: 50 bytes each while duplicates are dropped.
PAIRS_AT_ONCE = 2_000_000
# Members of a run that are tried next; four times as many in each round.
FIRST_MEMBERS = 4
# Texts outside the largest runs that are tried first; four times as many in each round.
FIRST_TEXTS = 64
# Stars before anything is searched: the first member of a bucket, then the last one.
STARS = (0, -1)


def no_edges() -> Edges:
    """Return no pairs."""
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)


def joined_edges(parts: Sequence[Edges]) -> Edges:
    """Put confirmed pairs below each other."""
    left, right, similarity = (np.concatenate(part) for part in zip(*parts, strict=True))
    return left, right, similarity


def link_to_earlier(
    keys: Keys, texts: Ints, buckets: Buckets, forest: Forest, confirm: Confirm
) -> Edges:
    """Join texts to the texts in `buckets`."""
    return _exhaust(buckets.visits(keys, texts), buckets.segments, forest, confirm)


def link_among(keys: Keys, texts: Ints, forest: Forest, confirm: Confirm) -> Edges:
    """Join texts to each other."""
    if not len(texts):
        return no_edges()
    entries, members = keys.ravel(), np.repeat(texts, keys.shape[1])
    found = [no_edges()]
    segment = _open(segment_of(entries, members, forest))
    for which in STARS:
        found.append(_joined(*_star(segment, which), forest, confirm))
        segment = _open(segment_of(segment.entry_keys(), segment.members, forest))
    tried, step = np.zeros(0, np.int64), FIRST_TEXTS
    while len(visits := _visits_from_outside(segment, tried, step)):
        found.append(_exhaust(visits, [segment], forest, confirm))
        tried, step = np.union1d(tried, visits.text), 4 * step
        segment = _open(segment_of(segment.entry_keys(), segment.members, forest))
    return joined_edges(found)


def _open(segment: Segment) -> Segment:
    """Keep the buckets that hold more than one run."""
    same = segment.keys[1:] == segment.keys[:-1]
    several = np.zeros(len(segment.keys), dtype=bool)
    several[1:] |= same
    several[:-1] |= same
    sizes = np.diff(segment.starts)
    kept = segment.members[np.repeat(several, sizes)]
    starts = np.concatenate([[0], np.cumsum(sizes[several])])
    return Segment(segment.keys[several], starts, kept)


def _bucket_starts(segment: Segment) -> Ints:
    """Return the first run of each bucket, and the number of runs at the end."""
    first = np.flatnonzero(np.append(True, segment.keys[1:] != segment.keys[:-1]))
    return np.append(first[: len(segment.keys)], len(segment.keys))


def _star(segment: Segment, which: int) -> tuple[Ints, Ints]:
    """Pair one member of each bucket (the first or the last) with all others."""
    bounds = segment.starts[_bucket_starts(segment)]
    sizes = np.diff(bounds)
    hubs = segment.members[bounds[:-1] if which == 0 else bounds[1:] - 1]
    return np.repeat(hubs, sizes), segment.members


def _visits_from_outside(segment: Segment, tried: Ints, most: int) -> Visits:
    """Visits of some untried texts outside the largest run of a bucket to all its other runs."""
    bounds = _bucket_starts(segment)
    buckets = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    sizes = np.diff(segment.starts)
    order = np.lexsort((-sizes, buckets))
    outside = np.ones(len(sizes), dtype=bool)
    outside[order[bounds[:-1]]] = False
    run_of = np.repeat(np.arange(len(sizes)), sizes)
    places = np.flatnonzero(outside[run_of] & ~np.isin(segment.members, tried))
    others = np.diff(bounds)[buckets[run_of[places]]]
    places = places[_of_some(segment.members[places], others, most)]
    own = run_of[places]
    runs, which = spread(bounds[buckets[own]], bounds[buckets[own] + 1])
    other = runs != own[which]
    return visits_of(segment.members[places[which[other]]], segment, runs[other], 0)


def _of_some(texts: Ints, visits: Ints, most: int) -> npt.NDArray[np.bool_]:
    """Choose the entries of up to `most` texts, at least one, whose visits fit in memory."""
    names, places = np.unique(texts, return_inverse=True)
    load = np.cumsum(np.bincount(places, weights=visits, minlength=len(names)))
    fitting = int(np.searchsorted(load, PAIRS_AT_ONCE, side="right"))
    chosen: npt.NDArray[np.bool_] = places < max(min(most, fitting), 1)
    return chosen


def _exhaust(
    visits: Visits, segments: Sequence[Segment], forest: Forest, confirm: Confirm
) -> Edges:
    """Compare each text with the runs that it visits, until it is joined to them or they end."""
    found = [no_edges()]
    visits, one = _one_for_each_component(visits, segments, forest)
    found.append(_joined(one.text, members_at(segments, one.segment, one.at), forest, confirm))
    step = FIRST_MEMBERS
    while len(visits := _apart(visits, segments, forest)):
        step = max(min(step, PAIRS_AT_ONCE // len(visits)), 1)
        ends = np.minimum(visits.at + step, visits.end)
        at, places = spread(visits.at, ends)
        right = members_at(segments, visits.segment[places], at)
        found.append(_joined(visits.text[places], right, forest, confirm))
        visits, step = visits.after(step), 4 * step
    return joined_edges(found)


def _apart(visits: Visits, segments: Sequence[Segment], forest: Forest) -> Visits:
    """Keep visits to components that the text is not joined to."""
    own, other = _components(visits, segments, forest)
    return visits.where(own != other)


def _one_for_each_component(
    visits: Visits, segments: Sequence[Segment], forest: Forest
) -> tuple[Visits, Visits]:
    """Return the visits, and of those one for each pair of a text and a component."""
    visits = _apart(visits, segments, forest)
    _, other = _components(visits, segments, forest)
    _, first = np.unique(visits.text * len(forest) + other, return_index=True)
    return visits, visits.where(first)


def _components(visits: Visits, segments: Sequence[Segment], forest: Forest) -> tuple[Ints, Ints]:
    """Roots of the text and of the run of each visit; a run is of one component."""
    return forest.roots(visits.text), forest.roots(members_at(segments, visits.segment, visits.at))


def _joined(left: Ints, right: Ints, forest: Forest, confirm: Confirm) -> Edges:
    """Confirm the distinct pairs that are still apart, and join them."""
    apart = forest.roots(left) != forest.roots(right)
    low = np.minimum(left[apart], right[apart])
    high = np.maximum(left[apart], right[apart])
    codes = np.unique(low * len(forest) + high)
    if not len(codes):
        return no_edges()
    edges = confirm(codes // len(forest), codes % len(forest))
    forest.join(edges[0], edges[1])
    return edges
