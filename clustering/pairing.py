"""Compiled steps from shares to ties: crowds, nearest gaps, and the walk over pairs.

In: arrays of `clustering.shares.Shares` (rows ordered by object and time) and windows in rising
order, in microseconds. Out: arrays. What the walk counts, and why, stands in
`clustering.tie_pairs`, the only caller.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint8]

# Columns of the counts of a row.
ACCOUNT_A, ACCOUNT_B, WINDOW, WEIGHT, N_OBJECTS, POSTS_A, POSTS_B = range(7)
# Columns of its measures: sum and median of the gaps, pairs in which account_a came first.
# Then, for the decay kernel: the sum over pairs, and the sum over objects of the nearest pair.
GAP_SUM, GAP_MEDIAN, A_FIRST, DECAYED, NEAREST = range(5)


@numba.njit(cache=True, nogil=True)
def crowds(
    starts: Ints, account: Codes, at: Ints, windows: Ints, held: Ints, crowd: Ints, busiest: Ints
) -> None:
    """Most accounts and most shares of each object inside any stretch as long as a window."""
    for o in range(len(starts) - 1):
        for w in range(len(windows)):
            low, inside = starts[o], 0
            for i in range(starts[o], starts[o + 1]):
                if held[account[i]] == 0:
                    inside += 1
                held[account[i]] += 1
                while at[i] - at[low] > windows[w]:
                    held[account[low]] -= 1
                    if held[account[low]] == 0:
                        inside -= 1
                    low += 1
                crowd[o, w] = max(crowd[o, w], inside)
                busiest[o, w] = max(busiest[o, w], i - low + 1)
            for i in range(low, starts[o + 1]):
                held[account[i]] = 0


@numba.njit(cache=True, nogil=True)
def count_sharers(starts: Ints, account: Codes, of_accounts: Ints, of_objects: Ints) -> None:
    """Add up the different objects of each account and the different accounts of each object."""
    seen = np.full(len(of_accounts), -1, np.int64)
    for o in range(len(starts) - 1):
        for i in range(starts[o], starts[o + 1]):
            if seen[account[i]] != o:
                seen[account[i]] = o
                of_accounts[account[i]] += 1
                of_objects[o] += 1


@numba.njit(cache=True, nogil=True)
def add_squares(starts: Ints, account: Codes, accounts: int, squares: Ints) -> None:
    """Add up, for each object, the squares of how often each account shared it."""
    times = np.zeros(accounts, np.int64)
    for o in range(len(starts) - 1):
        for i in range(starts[o], starts[o + 1]):
            squares[o] += 2 * times[account[i]] + 1
            times[account[i]] += 1
        for i in range(starts[o], starts[o + 1]):
            times[account[i]] = 0


@numba.njit(cache=True, nogil=True)
def nearest_gaps(
    starts: Ints, account: Codes, content: Codes, variant: Codes, at: Ints, own: Flags,
    loops: bool, widest: int, gaps: Ints,
) -> None:  # fmt: skip
    """Gap of each share to the nearest one that it makes a pair with, if within the widest window.

    Stretches of one account are jumped over: `jump` is the nearest earlier share of another one.
    """
    for o in range(len(starts) - 1):
        low, high = starts[o], starts[o + 1]
        jump = low - 1
        for i in range(low, high):
            if i > low and (loops or account[i - 1] != account[i]):
                jump = i - 1
            k = jump
            while k >= low and at[i] - at[k] <= widest and (loops or not own[i]):
                if _make_pair(i, k, account, content, variant, own, loops):
                    gaps[i] = min(gaps[i], at[i] - at[k])
                    break
                k -= 1
        jump = high
        for i in range(high - 1, low - 1, -1):
            if i < high - 1 and (loops or account[i + 1] != account[i]):
                jump = i + 1
            k = jump
            while k < high and at[k] - at[i] <= widest and (loops or not own[i]):
                if _make_pair(i, k, account, content, variant, own, loops):
                    gaps[i] = min(gaps[i], at[k] - at[i])
                    break
                k += 1


@numba.njit(cache=True, nogil=True)
def _make_pair(
    i: int, j: int, account: Codes, content: Codes, variant: Codes, own: Flags, loops: bool
) -> bool:
    """Are two different shares of an object a pair, whoever came first?"""
    if variant[i] == variant[j]:
        return False
    if loops:
        return True
    return account[i] != account[j] and content[i] != content[j] and not own[i] and not own[j]


@numba.njit(cache=True, nogil=True)
def window_spans(starts: Ints, at: Ints, windows: Ints, reach: Ints) -> tuple[Ints, Ints]:
    """Rows low[i]..high[i] - 1 of its object that lie within the widest window of share i."""
    low, high = np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    for o in range(len(starts) - 1):
        left, right = starts[o], starts[o]
        for i in range(starts[o], starts[o + 1]):
            if reach[o] == 0:
                low[i], high[i] = i, i
                continue
            widest = windows[reach[o] - 1]
            while at[i] - at[left] > widest:
                left += 1
            while right < starts[o + 1] and at[right] - at[i] <= widest:
                right += 1
            low[i], high[i] = left, right
    return low, high


@numba.njit(cache=True, nogil=True)
def _pairs_up(
    i: int, j: int, account: Codes, content: Codes, variant: Codes, own: Flags, loops: bool
) -> bool:
    """Is (i, j) a pair that the smaller account's share i counts?"""
    if account[j] < account[i] or (account[j] == account[i] and j <= i):
        return False
    return _make_pair(i, j, account, content, variant, own, loops)


@numba.njit(cache=True, nogil=True)
def _different(values: Codes, rows: Ints, picked: Ints, seen: Ints, stamp: int) -> int:
    """How many different values stand in rows[picked]; `seen` remembers by stamp."""
    found = 0
    for k in picked:
        value = values[rows[k]]
        if seen[value] != stamp:
            seen[value] = stamp
            found += 1
    return found


@numba.njit(cache=True, nogil=True)
def _gather(
    a, order, bounds, low, high, account, content, variant, own, loops, count, place, partners
):
    """Return a's pairs (row of a, row of the other), put together by the other account."""
    known, total = 0, 0
    for p in range(bounds[a], bounds[a + 1]):
        i = order[p]
        for j in range(low[i], high[i]):
            if _pairs_up(i, j, account, content, variant, own, loops):
                b = account[j]
                if count[b] == 0:
                    partners[known] = b
                    known += 1
                count[b] += 1
                total += 1
    met = np.sort(partners[:known])
    reached = 0
    for b in met:
        place[b] = reached
        reached += count[b]
    ours, theirs = np.empty(total, np.int64), np.empty(total, np.int64)
    if total == 0:
        return met, ours, theirs
    for p in range(bounds[a], bounds[a + 1]):
        i = order[p]
        for j in range(low[i], high[i]):
            if _pairs_up(i, j, account, content, variant, own, loops):
                b = account[j]
                ours[place[b]] = i
                theirs[place[b]] = j
                place[b] += 1
    return met, ours, theirs


@numba.njit(cache=True, nogil=True)
def _note_meetings(
    ours, theirs, gaps, objects, windows, reach, hours, periods, decay, seen, stamp,
    met, met_decayed, by_hour, by_period,
):  # fmt: skip
    """Count pairs of shares by object and first window, and by the time cells of each object's
    nearest pair.
    """
    for k in range(len(gaps)):
        one, other = ours[k], theirs[k]
        o = objects[one]
        w = 0
        while windows[w] < gaps[k]:
            w += 1
        if w >= reach[o]:
            continue
        met[o, w] += 1
        if decay > 0 and reach[o] == len(windows):
            met_decayed[o] += np.exp(-gaps[k] / decay)
        if seen[o] != stamp:
            seen[o] = stamp
            by_hour[w, hours[one], hours[other]] += 1
            by_period[w, periods[one], periods[other]] += 1


@numba.njit(cache=True, nogil=True)
def _choose(ours, theirs, gaps, w, window, objects, content, reach, bits, chosen):
    """Fill `chosen` with the pairs that count in window w, nearest first; return how many."""
    n = 0
    for k in range(len(gaps)):
        if gaps[k] > window:
            break
        i, j = ours[k], theirs[k]
        if w < reach[objects[i]] and ((bits[content[i]] | bits[content[j]]) >> w) & 1:
            chosen[n] = k
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _count(ours, theirs, picked, objects, content, seen_object, seen_content, stamp, row):
    """Different objects and contents of these pairs; uses the next two stamps."""
    row[N_OBJECTS] = _different(objects, ours, picked, seen_object, stamp + 1)
    row[POSTS_A] = _different(content, ours, picked, seen_content, stamp + 1)
    row[POSTS_B] = _different(content, theirs, picked, seen_content, stamp + 2)


@numba.njit(cache=True, nogil=True)
def _measure(ours, theirs, gaps, picked, at, measures):
    """Sum and median gap, and how often ours came first; at the same moment counts as half."""
    n = len(picked)
    total, first = 0.0, 0.0
    for k in picked:
        total += gaps[k]
        if at[ours[k]] < at[theirs[k]]:
            first += 1.0
        elif at[ours[k]] == at[theirs[k]]:
            first += 0.5
    measures[GAP_SUM] = total
    measures[GAP_MEDIAN] = (gaps[picked[(n - 1) // 2]] + gaps[picked[n // 2]]) / 2
    measures[A_FIRST] = first
    measures[DECAYED] = 0.0
    measures[NEAREST] = 0.0


@numba.njit(cache=True, nogil=True)
def _decay(ours, gaps, picked, objects, decay, sharers, seen, stamp, measures):
    """exp(-gap / decay), over each object's accounts less one (Newman); and of nearest pairs."""
    for k in picked:  # nearest first
        o = objects[ours[k]]
        kernel = np.exp(-gaps[k] / decay)
        measures[DECAYED] += kernel / max(sharers[o] - 1, 1)
        if seen[o] != stamp:
            seen[o] = stamp
            measures[NEAREST] += kernel


@numba.njit(cache=True, nogil=True)
def _name_contents(ours, theirs, picked, content, seen, stamp, evidence):
    """Write the different contents of these pairs, nearest pair first; return how many."""
    n = 0
    for k in picked:
        for c in (content[ours[k]], content[theirs[k]]):
            if seen[c] != stamp:
                seen[c] = stamp
                evidence[n] = c
                n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _longer(rows, needed):
    """Return the same rows with room for `needed`."""
    grown = np.empty((max(needed, 2 * len(rows)), rows.shape[1]), rows.dtype)
    grown[: len(rows)] = rows
    return grown


@numba.njit(cache=True, nogil=True)
def walk_accounts(
    start, end, order, bounds, low, high,
    account, objects, content, variant, at, own, hours, periods,
    windows, reach, bits, loops, evidence_pairs, least_weight, decay, sharers,
    count, place, partners, seen_object, seen_content, stamps,
    met, met_decayed, by_hour, by_period,
):  # fmt: skip
    """Return (counts, measures, evidence_starts, evidence) of the ties of accounts start..end - 1.

    `count` and `place` are zero by account, before and after; `seen_*` hold stamps not above
    stamps[0]; pairs that met fewer than `least_weight` times have no row; `met`, `met_decayed`,
    `by_hour` and `by_period` are added to. `decay` in microseconds, 0 for none; `sharers` counts
    the accounts of each object.
    """
    counts, measures = np.empty((64, 7), np.int32), np.empty((64, 5), np.float64)
    cuts, evidence = np.zeros((65, 1), np.int64), np.empty((256, 1), np.int32)
    rows, named, width = 0, 0, len(windows)
    chosen, one_gap = np.empty(64, np.int64), np.empty(1, np.int64)
    for a in range(start, end):
        met_accounts, ours_all, theirs_all = _gather(
            a, order, bounds, low, high, account, content, variant, own, loops,
            count, place, partners,
        )  # fmt: skip
        if rows + len(met_accounts) * width > len(counts):
            counts = _longer(counts, rows + len(met_accounts) * width)
            measures = _longer(measures, len(counts))
            cuts = _longer(cuts, len(counts) + 1)
        reached = 0
        for b in met_accounts:
            size = count[b]
            count[b], place[b] = 0, 0
            ours, theirs = ours_all[reached : reached + size], theirs_all[reached : reached + size]
            reached += size
            if size == 1:
                gaps = one_gap
                gaps[0] = abs(at[theirs[0]] - at[ours[0]])
            else:
                gaps = np.abs(at[theirs] - at[ours])
                rank = np.argsort(gaps, kind="mergesort")
                gaps, ours, theirs = gaps[rank], ours[rank], theirs[rank]
            stamp = stamps[0] + 1
            if a != b:
                _note_meetings(
                    ours, theirs, gaps, objects, windows, reach, hours, periods, decay,
                    seen_object, stamp, met, met_decayed, by_hour, by_period,
                )  # fmt: skip
            if size == 1 and least_weight > 1:
                stamps[0] = stamp
                continue
            if len(chosen) < size:
                chosen = np.empty(2 * size, np.int64)
            for w in range(width):
                if windows[w] < gaps[0]:
                    continue
                n = _choose(
                    ours, theirs, gaps, w, windows[w], objects, content, reach, bits, chosen
                )
                if n < least_weight:
                    continue
                picked = chosen[:n]
                row = counts[rows]
                row[ACCOUNT_A], row[ACCOUNT_B], row[WINDOW], row[WEIGHT] = a, b, w, n
                _count(
                    ours, theirs, picked, objects, content, seen_object, seen_content, stamp, row
                )
                _measure(ours, theirs, gaps, picked, at, measures[rows])
                if decay > 0 and w == width - 1:
                    _decay(
                        ours, gaps, picked, objects, decay, sharers,
                        seen_object, stamp + 2, measures[rows],
                    )  # fmt: skip
                shown = picked[:evidence_pairs]
                if named + 2 * len(shown) > len(evidence):
                    evidence = _longer(evidence, named + 2 * len(shown))
                named += _name_contents(
                    ours, theirs, shown, content, seen_content, stamp + 3, evidence[named:, 0]
                )
                stamp += 3
                rows += 1
                cuts[rows, 0] = named
            stamps[0] = stamp
    return counts[:rows], measures[:rows], cuts[: rows + 1, 0], evidence[:named, 0]
