"""From when to when did a campaign run? The crest of its accounts' bursts, with what led up to it.

In: all posts, and the posts by which accounts carried one narrative (or a set of talking points).
Out: `CampaignWindow`, or None where no bin of these posts is beyond the null.

These posts are one series beside groups of all other accounts, so the null of `burst_null`
applies. A campaign's bins are of two sorts: the crest, where its waves follow each other, and the
tail, in which single copies trickle on for days. A two-state chain (Poisson counts, fitted by
expectation and maximization; Rabiner, 1989) parts them. The crest is the cluster of high bins with
most posts, clusters being a day of silence apart, and holds a significant bin; the window starts
with the first bin above expectation that leads up to it without a pause, and ends with the crest.
When the tail ends is told apart. An earlier try-out of a few posts, days before, is a burst of its
own and not in the window.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.burst_null import Null, Series, fit_null
from clustering.bursts import EPOCH, LEVEL, Dated, binned, dated_posts
from corpus.identity import content_id
from corpus.significance import benjamini_hochberg

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Groups of other accounts whose scatter serves as the null's: enough to tell a dispersion.
GROUPS = 20
# Silence that parts one campaign from another: a night and more.
APART_S = 86_400
# Longest pause on the way up to the crest.
PAUSE_S = 3 * 3_600
# Steps of expectation and maximization; the crest no longer changes after about ten.
STEPS = 30
# Where the chain starts: the high state holds this many times the mean, the low this share of it.
HIGH, LOW = 10.0, 0.5
# Chances of staying in the low and the high state, to begin with.
STAY_LOW, STAY_HIGH = 0.99, 0.95
MIN_POSTS = 5


@dataclass(frozen=True)
class CampaignWindow:
    """Start and end of the crest, when the tail ends, and the test of the most surprising bin."""

    start_at: datetime
    end_at: datetime
    tail_end_at: datetime
    posts: int
    expected: float
    p_value: float
    q_value: float
    null_model: str


def campaign_window(
    posts: pa.Table, carried: Collection[str], *, bin_s: int = 3600
) -> CampaignWindow | None:
    """Return the window of the posts whose ids are `carried`, or None.

    Parameters
    ----------
    posts
        The table posts; all of it, since the null is what everybody else wrote.
    carried
        Ids of the posts by which the accounts in question carried the narrative. Reposts and posts
        without a time are not counted.
    bin_s
        Width of a bin in seconds.

    Raises
    ------
    SettingsError
        When `bin_s` does not suit the time that the posts span.
    """
    dated = dated_posts(posts, bin_s)
    inside = pc.is_in(dated.ids, value_set=pa.array(sorted(carried), pa.string()))
    own = inside.to_numpy(zero_copy_only=False)
    if own.sum() < MIN_POSTS or own.sum() == len(own):
        return None
    series = binned(dated.bins[own])
    null = fit_null(dated.volume, [series, *_others(dated, own)])
    p = null.tail(0, series, series.bins, series.counts)
    q = benjamini_hochberg(p, len(dated.volume.counts))
    significant = series.bins[q <= LEVEL]
    if len(significant) == 0:
        return None
    return _window(dated, null, series, significant, (float(p.min()), float(q.min())))


def _others(dated: Dated, own: Flags) -> list[Series]:
    """Posts of everybody else, parted by account into groups that do not depend on any order."""
    accounts = dated.account.dictionary_encode()
    names = accounts.dictionary.to_pylist()
    group_of = np.array([int(content_id("group", name), 16) % GROUPS for name in names])
    group = np.full(len(own), -1, dtype=np.int64)
    known = accounts.indices.is_valid().to_numpy(zero_copy_only=False)
    group[known] = group_of[accounts.indices.drop_null().to_numpy()]
    rows = [np.flatnonzero((group == number) & ~own) for number in range(GROUPS)]
    return [binned(dated.bins[each]) for each in rows if len(each) >= MIN_POSTS]


def _window(
    dated: Dated, null: Null, series: Series, significant: Ints, found: tuple[float, float]
) -> CampaignWindow:
    bin_s = dated.volume.bin_s
    crest = _crest(series, significant, APART_S // bin_s)
    above = series.bins[series.counts > null.expected(series, series.bins)]
    start = _reached(above[above <= crest[0]][::-1], int(crest[0]), max(1, PAUSE_S // bin_s))
    last = int(crest[-1])
    tail = _reached(significant[significant >= last], last, max(1, APART_S // bin_s))
    inside = (series.bins >= start) & (series.bins <= last)

    def moment(number: int) -> datetime:
        return EPOCH + timedelta(seconds=dated.volume.start_s + number * bin_s)

    return CampaignWindow(
        moment(start),
        moment(last + 1),
        moment(tail + 1),
        int(series.counts[inside].sum()),
        float(null.expected(series, np.arange(start, last + 1)).sum()),
        *found,
        "the accounts' posts on the narrative fall into bins in proportion to everybody else's,"
        " drawn towards the corpus' hours and days; counts scatter as those of"
        f" {GROUPS} groups of all other accounts, negative binomial",
    )


def _reached(bins: Ints, start: int, pause: int) -> int:
    """The last of `bins` (going away from `start`) before a pause of more than `pause` bins."""
    reached = start
    for one in bins.tolist():
        if abs(one - reached) > pause:
            break
        reached = int(one)
    return reached


def _crest(series: Series, significant: Ints, apart: int) -> Ints:
    """The cluster of bins in the high state that holds most posts, and a significant bin."""
    first = int(series.bins[0])
    counts = np.zeros(int(series.bins[-1]) - first + 1)
    counts[series.bins - first] = series.counts
    high = np.flatnonzero(high_state(counts))
    clusters = np.split(high, np.flatnonzero(np.diff(high) > max(apart, 1)) + 1)
    sure = [each for each in clusters if np.isin(each + first, significant).any()]
    best = max(sure or [significant - first], key=lambda each: (counts[each].sum(), -int(each[0])))
    return best.astype(np.int64) + first


def high_state(counts: Floats) -> Flags:
    """Which bins are in the high one of two states with Poisson counts (Baum and Welch)?"""
    from scipy.special import gammaln, xlogy

    if len(counts) < 3 or counts.max() <= counts.mean():
        return np.ones(len(counts), dtype=bool)
    rates = np.array([counts.mean() * LOW, counts.mean() * HIGH])
    moves = np.array([[STAY_LOW, 1 - STAY_LOW], [1 - STAY_HIGH, STAY_HIGH]])
    states = np.zeros((len(counts), 2))
    for _ in range(STEPS):
        logs = xlogy(counts[:, None], rates) - rates - gammaln(counts + 1)[:, None]
        seen = np.exp(logs - logs.max(axis=1, keepdims=True)) + 1e-12
        states, moved = _forward_backward(seen, moves)
        moves = (moved + 1e-6) / (moved + 1e-6).sum(axis=1, keepdims=True)
        weight = np.maximum(states.sum(axis=0), 1e-9)
        rates = np.maximum((states * counts[:, None]).sum(axis=0) / weight, 1e-6)
    top = int(rates.argmax())
    high: Flags = states[:, top] > 0.5
    return high


def _forward_backward(seen: Floats, moves: Floats) -> tuple[Floats, Floats]:
    """Chances of the states of each bin, and expected counts of moves between them."""
    size = len(seen)
    forward, scale = np.zeros((size, 2)), np.zeros(size)
    ahead = np.array([0.5, 0.5])
    for at in range(size):
        step = ahead * seen[at]
        scale[at] = step.sum()
        forward[at] = step / scale[at]
        ahead = forward[at] @ moves
    backward = np.ones((size, 2))
    for at in range(size - 2, -1, -1):
        backward[at] = moves @ (seen[at + 1] * backward[at + 1]) / scale[at + 1]
    states = forward * backward
    later = seen[1:] * backward[1:] / scale[1:, None]
    moved = moves * np.einsum("ti,tj->ij", forward[:-1], later)
    return states / states.sum(axis=1, keepdims=True), moved
