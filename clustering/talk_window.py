"""From when to when was a subject talked about? The stretch between two changes of the rate.

In: times of posts on the campaign's narratives, and of all other posts. Out: the hours in which the
subject was talked about at its height, or None.

Where a campaign's own posts fade away over days, they do not say when its occasion was over; the
talk around it, of everyone, does. The rate of talk, beside what the hour of the day gives, is cut
into stretches of constant rate by optimal partitioning (Jackson et al. 2005) of Poisson counts, a
cut costing what the Bayesian information criterion asks (Yao 1988). The height is the stretch with
most posts beyond what the whole time gives; neighbours at `NEAR_HEIGHT` of its rate or more belong
to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from clustering.bursts import EPOCH

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HOUR_S = 3_600
# Below this many posts two changes of rate cannot be told.
LEAST_POSTS = 20
# A stretch at this part of the highest rate still belongs to the height.
NEAR_HEIGHT = 0.3
# Bins beyond these are made wider: the search grows with their square.
MOST_BINS = 4_000
# Posts of each hour of the day before any was seen.
PRIOR = 1.0


def talk_window(
    talk_s: Ints, other_s: Ints, *, bin_s: int = HOUR_S
) -> tuple[datetime, datetime] | None:
    """Return start and end of the height of the talk.

    Parameters
    ----------
    talk_s, other_s
        Seconds since 1970 of the posts on the narratives, and of all others.
    bin_s
        Width of a bin in seconds; doubled until the time spanned has at most `MOST_BINS` bins.
    """
    if len(talk_s) < LEAST_POSTS:
        return None
    while (talk_s.max() - talk_s.min()) // bin_s >= MOST_BINS:
        bin_s *= 2
    bins = talk_s // bin_s
    first = int(bins.min())
    counts = np.bincount(bins - first).astype(float)
    expected = _expected(counts, other_s, first, bin_s)
    edges = _cuts(counts, expected)
    low, high = _height(counts, expected, edges)
    start = EPOCH + timedelta(seconds=(first + low) * bin_s)
    return start, EPOCH + timedelta(seconds=(first + high) * bin_s)


def _expected(counts: Floats, other_s: Ints, first: int, bin_s: int) -> Floats:
    """What each bin holds when the talk is spread over the hours of the day as other posts are."""
    hour = np.bincount(other_s // HOUR_S % 24, minlength=24) + PRIOR
    per_bin = hour[((np.arange(len(counts)) + first) * bin_s // HOUR_S) % 24]
    if bin_s >= 24 * HOUR_S:
        per_bin = np.ones(len(counts))
    expected: Floats = per_bin / per_bin.sum() * counts.sum()
    return expected


def _cuts(counts: Floats, expected: Floats) -> list[int]:
    """Edges of stretches of constant rate: optimal partitioning, from left to right."""
    size = len(counts)
    posts, chance = (np.concatenate([[0.0], np.cumsum(each)]) for each in (counts, expected))
    penalty = np.log(size)
    best, back = np.zeros(size + 1), np.zeros(size + 1, dtype=np.int64)
    best[0] = -penalty
    for end in range(1, size + 1):
        k, e = posts[end] - posts[:end], chance[end] - chance[:end]
        gain = np.where(k > 0, k * np.log(np.maximum(k, 1.0) / np.maximum(e, 1e-12)) - k, 0.0)
        cost = best[:end] - gain + penalty
        back[end] = int(cost.argmin())
        best[end] = cost[back[end]]
    edges = [size]
    while edges[-1] > 0:
        edges.append(int(back[edges[-1]]))
    return edges[::-1]


def _height(counts: Floats, expected: Floats, edges: list[int]) -> tuple[int, int]:
    """The stretch with most posts beyond chance, with neighbours nearly as high."""
    stretches = list(pairwise(edges))
    excess = [counts[a:b].sum() - expected[a:b].sum() for a, b in stretches]
    rate = [counts[a:b].sum() / expected[a:b].sum() for a, b in stretches]
    top = int(np.argmax(excess))
    low = high = top
    while low > 0 and rate[low - 1] >= NEAR_HEIGHT * rate[top]:
        low -= 1
    while high + 1 < len(stretches) and rate[high + 1] >= NEAR_HEIGHT * rate[top]:
        high += 1
    return stretches[low][0], stretches[high][1]
