"""Which accounts carry a campaign's points more often than those who merely talk about it?

In: for every account on the campaign's narratives, how many posts it wrote there and how many of
the campaign's points it carried. Out: p and q for each account, and the estimated share of carriers
with an interval.

People who talk about a thing copy a text now and then. Two sorts of accounts are told apart by
expectation and maximization (Dempster, Laird and Rubin 1977): talkers, whose copies are Poisson
with one rate a post; and carriers, with a geometric number of points from one up. H0 of an account:
it is a talker; p is the binomial chance of at least as many points in its posts at the talkers'
rate. An account that carried one point alone is never evidence (p = 1), however rare copies are;
it counts in the estimated share only, by its chance of being a carrier. q is Benjamini and
Hochberg's over all accounts on the narratives.

The share is therefore not (accounts with evidence) / (accounts): that is its floor, printed beside
it. The interval is the bootstrap's over accounts, joined with Wilson's for as many accounts; it
covers chance in who posted, not a narrative that was drawn too wide or too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clustering.carried import LEAST_POINTS
from clustering.significance import benjamini_hochberg

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 200
# The rate of talkers before a post was seen: one copy in a hundred posts, worth ten posts.
PRIOR_RATE, PRIOR_POSTS = 0.01, 10.0
DRAWS = 400
LEVEL = 0.05
Z_95 = 1.959963984540054
NULL_IN_WORDS = (
    "H0: the account is one of those who talk about the subject and copy a text now and then, at"
    " the same rate a post as all of them; p is the chance of carrying at least as many of the"
    " points in as many posts. An account that carried a single point is no evidence."
)


@dataclass(frozen=True)
class Mixture:
    """Copies a post of talkers, mean points of carriers, share and chance of being a carrier."""

    rate: float
    mean_points: float
    share: float
    chance: Floats


@dataclass(frozen=True)
class Carriers:
    """Shape (n,) p, q and chance of being a carrier; the estimated share and its interval."""

    p_value: Floats
    q_value: Floats
    chance: Floats
    share: float
    low: float
    high: float
    rate: float


def fit_mixture(posts: Ints, points: Ints, weight: Floats | None = None) -> Mixture:
    """Part talkers and carriers; `posts` and `points` of each account, shape (n,)."""
    weight = np.ones(len(posts)) if weight is None else weight
    some = points > 0
    rate, mean, share = PRIOR_RATE, max(2.0, float(points[some].mean()) if some.any() else 2.0), 0.5
    chance = np.zeros(len(posts))
    for _ in range(STEPS):
        talker = np.log1p(-share) + _poisson(points, rate * posts)
        stay = 1.0 - 1.0 / mean
        carrier = math.log(share) - math.log(mean) + (points - 1) * math.log(stay)
        carrier = np.where(some, carrier, -np.inf)
        chance = np.exp(carrier - np.logaddexp(talker, carrier))
        own = weight * chance
        share = float(np.clip(own.sum() / weight.sum(), 1e-9, 1 - 1e-9))
        mean = max(1.05, float((own * points).sum() / max(own.sum(), 1e-9)))
        copies = float((weight * (1 - chance) * points).sum()) + PRIOR_RATE * PRIOR_POSTS
        rate = copies / (float((weight * (1 - chance) * posts).sum()) + PRIOR_POSTS)
    return Mixture(rate, mean, share, chance)


def _poisson(counts: Ints, expected: Floats) -> Floats:
    from scipy.special import gammaln, xlogy

    logs: Floats = xlogy(counts, expected) - expected - gammaln(counts + 1)
    return logs


def judge_carriers(posts: Ints, points: Ints, *, seed: int = 0) -> Carriers:
    """Test every account and estimate the share of carriers.

    Parameters
    ----------
    posts, points
        Shape (n,): posts of each account on the narratives, and points of the campaign carried;
        points may not exceed posts.
    seed
        Of the bootstrap.
    """
    from scipy.stats import binom

    found = fit_mixture(posts, points)
    p = np.where(
        points >= LEAST_POINTS, binom.sf(points - 1, np.maximum(posts, 1), found.rate), 1.0
    )
    low, high = _interval(posts, points, found.share, seed)
    return Carriers(p, benjamini_hochberg(p), found.chance, found.share, low, high, found.rate)


def _interval(posts: Ints, points: Ints, share: float, seed: int) -> tuple[float, float]:
    """The wider of the bootstrap's and Wilson's limits on either side."""
    rng = np.random.default_rng(seed)
    kinds, counts = np.unique(np.stack([posts, points]), axis=1, return_counts=True)
    total = int(counts.sum())
    drawn = [
        fit_mixture(kinds[0], kinds[1], rng.multinomial(total, counts / total).astype(float)).share
        for _ in range(DRAWS)
    ]
    low, high = (float(each) for each in np.quantile(drawn, [0.025, 0.975]))
    square = Z_95 * Z_95
    centre = (share + square / (2 * total)) / (1 + square / total)
    spread = (
        Z_95
        / (1 + square / total)
        * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    )
    return max(0.0, min(low, centre - spread)), min(1.0, max(high, centre + spread))
