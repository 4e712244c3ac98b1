"""How mixed would the camps of a cluster be by chance, in a corpus where like meets like?

In: for each account of a cluster the pool of labelled accounts that could stand in its place (same
language, about as active, active in the same week). Out: seeded draws of the cluster's labels.

Shuffled labels alone are the wrong null: people share with their own camp, so ordinary clusters
are less mixed than a shuffle, and a coordinated one, whose accounts were given camps at will, looks
just like it. So each draw gives the cluster a leading camp, and each account follows it with
probability h, else keeps its shuffled label. Under this model the share of pairs of different camps
is (1 - h^2) times that of the shuffle, which gives h from all other clusters at once; at h = 0 the
draws are the plain permutation test (Good, Permutation Tests, 2005). h is taken at the lower end of
its interval: homophily that is not sure makes no finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Standard errors by which the homophily is lowered. Two change the sizes on shuffled camps by less
# than .001 (`tests/reports/test_convergence.py`) and cost power.
CAUTION = 1.0
# Above this a pool is drawn from with replacement: two equal draws in 2,000 move nothing.
LARGE_POOL = 2_000


@dataclass(frozen=True)
class Pool:
    """One stratum of a cluster: labels of all who are in it, and how many the cluster has."""

    labels: Codes
    members: int


def pairs_share(counts: Floats, matrix: Floats) -> Floats:
    """Share of pairs of distinct accounts for which `matrix` is 1; counts (..., labels)."""
    number = counts.sum(axis=-1)
    pairs = np.einsum("...i,ij,...j->...", counts, matrix, counts)
    return np.asarray(pairs / np.maximum(number * (number - 1), 1.0))


def expected_share(pools: Sequence[Pool], matrix: Floats) -> float:
    """Return the mean of `pairs_share` over all shuffles, exactly."""
    size = len(matrix)
    shares = np.array([np.bincount(p.labels, minlength=size) / len(p.labels) for p in pools])
    members = np.array([p.members for p in pools], float)
    between = shares @ matrix @ shares.T
    both = np.outer(members, members) * between
    # Two of one stratum are drawn without replacement: N / (N - 1) times as often different.
    held = np.array([len(p.labels) for p in pools], float)
    inside = members * (members - 1) * np.diag(between) * held / np.maximum(held - 1, 1.0)
    np.fill_diagonal(both, inside)
    number = members.sum()
    return float(both.sum() / max(number * (number - 1), 1.0))


def fit_homophily(observed: Floats, shuffled: Floats, weights: Floats) -> float:
    """Return h in 0..1, cautiously, from shares of pairs seen in clusters and under the shuffle.

    Parameters
    ----------
    observed, shuffled
        Shape (clusters,): share of pairs of different camps, and its mean over shuffles.
    weights
        Shape (clusters,): how many labelled accounts each cluster has.
    """
    whole = float((weights * shuffled).sum())
    if whole <= 0:
        return 0.0
    ratio = float((weights * observed).sum()) / whole
    rest = weights * (observed - ratio * shuffled)
    error = float(np.sqrt((rest**2).sum())) / whole
    return float(np.sqrt(np.clip(1 - ratio - CAUTION * error, 0.0, 1.0)))


def draw_counts(
    pools: Sequence[Pool], labels: int, homophily: float, draws: int, rng: np.random.Generator
) -> Floats:
    """Return how many accounts carry each label, shape (draws, labels)."""
    drawn = np.concatenate([_drawn(pool, draws, rng) for pool in pools], axis=1)
    if homophily > 0:
        everyone = np.concatenate([pool.labels for pool in pools])
        leading = everyone[rng.integers(0, len(everyone), draws)]
        follows = rng.random(drawn.shape) < homophily
        drawn = np.where(follows, leading[:, None], drawn)
    flat = drawn + labels * np.arange(draws)[:, None]
    counted = np.bincount(flat.ravel(), minlength=labels * draws)
    return counted.reshape(draws, labels).astype(float)


def _drawn(pool: Pool, draws: int, rng: np.random.Generator) -> Codes:
    size = len(pool.labels)
    if size > LARGE_POOL:
        return np.asarray(pool.labels[rng.integers(0, size, (draws, pool.members))])
    order = rng.random((draws, size)).argsort(axis=1)[:, : pool.members]
    return np.asarray(pool.labels[order])


def chance_of(observed: float, drawn: Floats, at: float = 1.0) -> float:
    """Return p = (draws above + at * (1 + draws equal)) / (1 + draws).

    At 1 the usual, slightly conservative p; at a uniform random number exactly uniform when
    nothing is there, which is how tests look at it.
    """
    above = int((drawn > observed + 1e-12).sum())
    equal = int((np.abs(drawn - observed) <= 1e-12).sum())
    return (above + at * (1 + equal)) / (1 + len(drawn))
