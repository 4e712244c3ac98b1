"""Which accounts carry a campaign's points more often than those who merely talk about it?

In: for every account on the campaign's narratives, how many of the campaign's points it carried.
Out: p and q for each account, and the estimated share of carriers with an interval.

People who talk about a thing copy a text now and then. Two sorts of accounts are told apart by
expectation and maximization (Dempster, Laird and Rubin 1977): talkers, whose copies are Poisson
with a mean below `MOST_COPIES`; and carriers, with a geometric number of points from one up. H0 of
an account: it is a talker; p is the chance of a talker carrying at least as many points. An account
that carried one point alone is never evidence (p = 1), however rare copies are: it counts in the
estimated share only, by its chance of being a carrier. q is Benjamini and Hochberg's over all
accounts on the narratives.

The estimated share is therefore not (accounts with evidence) / (accounts): that is its floor,
printed beside it. The interval is the wider, on either side, of the bootstrap's over accounts and
Wilson's for as many accounts; it covers chance in who posted, not narratives that were drawn too
wide or too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clustering.carried import LEAST_POINTS
from corpus.significance import Z_95, benjamini_hochberg

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 200
# Copies by talkers before an account was seen: one by ten accounts, worth twenty accounts.
PRIOR_COPIES, PRIOR_ACCOUNTS = 0.1, 20.0
# Who copies one point on average is no talker: most talkers copy none.
MOST_COPIES = 0.5
# Where the search begins: several points a carrier, as many carriers as talkers.
FIRST_MEAN, FIRST_SHARE = 4.0, 0.5
# Keeps logarithms finite where everybody or nobody is a carrier.
EDGE = 1e-9
LEAST_MEAN = 1.05
DRAWS = 200
# From the fit of all accounts, a draw of them is reached in fewer steps.
STEPS_OF_A_DRAW = 40
NULL_IN_WORDS = (
    "H0: the account is one of those who talk about the subject and copy a text now and then, as"
    " often as the others of them; p is the chance of carrying at least as many of the points,"
    " given which points are the campaign's: those that the same accounts carry. An account that"
    " carried a single point is no evidence."
)


@dataclass(frozen=True)
class Mixture:
    """Mean copies of talkers, mean points of carriers, share and chance of being a carrier."""

    copies: float
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
    copies: float


def fit_mixture(points: Ints) -> Mixture:
    """Part talkers and carriers by the points of each account, shape (n,)."""
    begin = np.array([[PRIOR_COPIES, FIRST_MEAN, FIRST_SHARE]])
    found, chance = _fitted(points, np.ones((1, len(points))), begin, STEPS)
    copies, mean, share = (float(each) for each in found[0])
    return Mixture(copies, mean, share, chance[0])


def _fitted(points: Ints, weight: Floats, begin: Floats, steps: int) -> tuple[Floats, Floats]:
    """Fit several weightings at once: `weight` (d, n), `begin` (d, 3) or (1, 3).

    Gives copies, mean points and share, (d, 3), and each account's chance, (d, n).
    """
    from scipy.special import gammaln

    copies, mean, share = (begin[:, [at]] for at in range(3))
    some, factorial = points > 0, gammaln(points + 1)
    chance = np.zeros(weight.shape)
    for _ in range(steps):
        talker = np.log1p(-share) + points * np.log(copies) - copies - factorial
        carrier = np.log(share) - np.log(mean) + (points - 1) * np.log1p(-1.0 / mean)
        chance = np.where(some, 1.0 / (1.0 + np.exp(np.clip(talker - carrier, -700, 700))), 0.0)
        own, other = weight * chance, weight * (1 - chance)
        carriers, talkers = (each.sum(axis=1, keepdims=True) for each in (own, other))
        share = np.clip(carriers / weight.sum(axis=1, keepdims=True), EDGE, 1 - EDGE)
        carried = (own * points).sum(axis=1, keepdims=True)
        mean = np.maximum(LEAST_MEAN, carried / np.maximum(carriers, EDGE))
        seen = (other * points).sum(axis=1, keepdims=True) + PRIOR_COPIES * PRIOR_ACCOUNTS
        copies = np.minimum(MOST_COPIES, seen / (talkers + PRIOR_ACCOUNTS))
    return np.concatenate([copies, mean, share], axis=1), chance


def judge_carriers(points: Ints, *, seed: int = 0) -> Carriers:
    """Test every account and estimate the share of carriers.

    Parameters
    ----------
    points
        Shape (n,): points of the campaign carried by each account on its narratives, 0 for most of
        those who merely talk about it.
    seed
        Of the bootstrap.
    """
    from scipy.stats import poisson

    found = fit_mixture(points)
    tail = poisson.sf(points - 1, found.copies)
    p = np.where(points >= LEAST_POINTS, tail, 1.0)
    low, high = _interval(points, found, seed)
    return Carriers(p, benjamini_hochberg(p), found.chance, found.share, low, high, found.copies)


def _interval(points: Ints, found: Mixture, seed: int) -> tuple[float, float]:
    """The wider of the bootstrap's and Wilson's limits on either side."""
    rng = np.random.default_rng(seed)
    kinds, counts = np.unique(points, return_counts=True)
    total, begin = int(counts.sum()), np.array([[found.copies, found.mean_points, found.share]])
    draws = rng.multinomial(total, counts / total, size=DRAWS).astype(float)
    drawn = _fitted(kinds, draws, begin, STEPS_OF_A_DRAW)[0][:, 2]
    low, high = (float(each) for each in np.quantile(drawn, [0.025, 0.975]))
    share, square = found.share, Z_95 * Z_95
    centre = (share + square / (2 * total)) / (1 + square / total)
    variance = share * (1 - share) / total + square / (4 * total * total)
    spread = Z_95 / (1 + square / total) * math.sqrt(variance)
    return max(0.0, min(low, centre - spread)), min(1.0, max(high, centre + spread))
