"""Which accounts shared the same object within a window? Counted in one walk, for every window.

In: shares ordered by object and time (`clustering.shares`), windows in rising order. Out: rows
(tie, window) with their counts, and for each object how many pairs of accounts met in it. The walk
goes account by account: each share looks at the shares of its object that lie within the widest
window and belong to later accounts, and the pairs found are put together by the other account. No
list of all pairs exists at any time, ties come out in order, and memory is bounded by the ties and
one account's pairs. A pair keeps its gap and counts in each window that is as wide.

Two rules are CooRTweet's (R package 2.1.3, detect_groups), and tests hold us to its counts:
without loops a pair needs two accounts, two contents and no content that is the object itself; and
after pairing an account must still have `min_participation` shares whose content met another, else
its contents count as single, and a pair needs one content that is not. The second needs no pairs:
the gap to a share's nearest partner says in which windows its content met.

Objects with more accounts (or shares) inside a window than a cap yield no pairs in that window and
wider ones; below the caps every pair is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clustering import pairing
from clustering.shares import Ints, Shares

Bits = npt.NDArray[np.uint8]

# Shares looked at in one stretch of accounts: the rows found are some hundred MB at most.
STRETCH_SHARES = 2_000_000
# Pairs whose contents are named for one tie and window, nearest first; `tie_evidence` lists all.
EVIDENCE_PAIRS = 100
# Windows are marked in one byte for each content.
MAX_WINDOWS = 8
# No gap: a share that no other met.
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Reach:
    """For each object in how many of the windows its pairs are counted, and its largest crowds.

    `crowd` (objects, windows) counts the most accounts inside one window, `busiest` the most
    shares.
    """

    windows: Ints
    crowd: Ints
    busiest: Ints


@dataclass(frozen=True)
class TimeCells:
    """For each share its hour of the day (0..23) and its period; how many periods there are."""

    hours: npt.NDArray[np.int32]
    periods: npt.NDArray[np.int32]
    n_periods: int


@dataclass(frozen=True)
class Meetings:
    """How often accounts met, before the second filter: what the null is fitted to.

    `objects` (objects, windows): pairs of shares by two accounts within a window of each other;
    `decayed` (objects): the same pairs, each counted exp(-gap / decay); `by_hour` and `by_period`
    (windows, cells, cells): the nearest pair of each two accounts and object by its time cells,
    account_a's cell first.
    """

    objects: Ints
    decayed: npt.NDArray[np.float64]
    by_hour: Ints
    by_period: Ints


@dataclass(frozen=True)
class TieRows:
    """m rows (account_a, account_b, window), in that order.

    `counts` (m, 7) and `measures` (m, 5) have the columns named in `clustering.pairing`; row i
    names the contents `evidence[cuts[i]:cuts[i + 1]]`.
    """

    counts: npt.NDArray[np.int32]
    measures: npt.NDArray[np.float64]
    cuts: Ints
    evidence: npt.NDArray[np.int32]


def reach_of(shares: Shares, windows: Ints, *, max_accounts: int, max_shares: int) -> Reach:
    """Return how far each object is counted; `windows` in microseconds, rising."""
    crowd = np.zeros((len(shares.objects), len(windows)), dtype=np.int64)
    busiest = np.zeros_like(crowd)
    held = np.zeros(len(shares.accounts), dtype=np.int64)
    pairing.crowds(shares.starts, shares.account, shares.at, windows, held, crowd, busiest)
    fits = (crowd <= max_accounts) & (busiest <= max_shares)
    return Reach(np.cumprod(fits, axis=1, dtype=np.int64).sum(axis=1), crowd, busiest)


def kept_contents(
    shares: Shares, windows: Ints, reach: Reach, *, min_participation: int, loops: bool
) -> Bits:
    """Return for each content a bit for each window in which it survives the second filter."""
    gaps = np.full(len(shares), _NEVER, dtype=np.int64)
    pairing.nearest_gaps(
        shares.starts, shares.account, shares.content, shares.variant, shares.at, shares.own,
        loops, windows[-1], gaps,
    )  # fmt: skip
    met = np.searchsorted(windows, gaps)  # the first window that is wide enough
    met[met >= reach.windows[shares.object]] = len(windows)
    first = np.full(len(shares.contents), len(windows), dtype=np.int64)
    np.minimum.at(first, shares.content, met)
    bits = np.zeros(len(shares.contents), dtype=np.uint8)
    for number in range(len(windows)):
        among = first[shares.content] <= number
        counts = np.bincount(shares.account[among], minlength=len(shares.accounts))
        stays = among & (counts[shares.account] >= min_participation)
        bits[shares.content[stays]] |= np.uint8(1 << number)
    return bits


class PairWalk:
    """The walk over all accounts: iterate to get the rows; then `meetings` is complete."""

    def __init__(
        self,
        shares: Shares,
        windows: Ints,
        reach: Reach,
        bits: Bits,
        cells: TimeCells,
        *,
        loops: bool,
        least_weight: int,
        decay: int,
        sharers: Ints,
    ) -> None:
        self.shares, self.windows, self.reach = shares, windows, reach
        self.bits, self.cells, self.loops = bits, cells, loops
        self.least_weight, self.decay, self.sharers = least_weight, decay, sharers
        width = len(windows)
        self._met = np.zeros((len(shares.objects), width), dtype=np.int64)
        self._decayed = np.zeros(len(shares.objects), dtype=np.float64)
        self._by_hour = np.zeros((width, 24, 24), dtype=np.int64)
        self._by_period = np.zeros((width, cells.n_periods, cells.n_periods), dtype=np.int64)

    def __iter__(self) -> Iterator[TieRows]:
        """Yield the rows of stretch after stretch of accounts."""
        shares, accounts = self.shares, len(self.shares.accounts)
        order = np.argsort(shares.account, kind="stable")
        bounds = np.searchsorted(shares.account[order], np.arange(accounts + 1)).astype(np.int64)
        low, high = pairing.window_spans(shares.starts, shares.at, self.windows, self.reach.windows)
        near = np.concatenate([[0], np.cumsum((high - low)[order])])[bounds]
        count, place = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
        partners, stamps = np.zeros(accounts, np.int64), np.zeros(1, np.int64)
        seen_object = np.zeros(len(shares.objects), np.int64)
        seen_content = np.zeros(len(shares.contents), np.int64)
        for start, end in _stretches(np.diff(near)):
            yield TieRows(
                *pairing.walk_accounts(
                    start,
                    end,
                    order,
                    bounds,
                    low,
                    high,
                    shares.account,
                    shares.object,
                    shares.content,
                    shares.variant,
                    shares.at,
                    shares.own,
                    self.cells.hours,
                    self.cells.periods,
                    self.windows,
                    self.reach.windows,
                    self.bits,
                    self.loops,
                    EVIDENCE_PAIRS,
                    self.least_weight,
                    self.decay,
                    self.sharers,
                    count,
                    place,
                    partners,
                    seen_object,
                    seen_content,
                    stamps,
                    self._met,
                    self._decayed,
                    self._by_hour,
                    self._by_period,
                )
            )

    @property
    def meetings(self) -> Meetings:
        """What met in each window: a pair that met within 10 s met within 60 s too."""
        within = np.cumsum(self._met, axis=1)
        allowed = np.arange(len(self.windows)) < self.reach.windows[:, np.newaxis]
        return Meetings(
            within * allowed,
            self._decayed,
            np.cumsum(self._by_hour, axis=0),
            np.cumsum(self._by_period, axis=0),
        )


def _stretches(near: Ints) -> Iterator[tuple[int, int]]:
    """Cut accounts into stretches of about STRETCH_SHARES shares to look at."""
    start, held = 0, 0
    for account, size in enumerate(near.tolist()):
        if held and held + size > STRETCH_SHARES:
            yield start, account
            start, held = account, 0
        held += size
    if start < len(near):
        yield start, len(near)
