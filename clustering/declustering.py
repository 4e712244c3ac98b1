"""Which accounts start points by themselves, and which carry on what others started?

In: the moments at which accounts wrote points for the first time in a campaign. Out: who starts and
who carries on, how much likelier that reading is than the other one for each account, the likeliest
source of each carried start, and the typical lag.

A point told in another language or in other words shares no text with its source, but it follows
it. So starts are taken for a branching process (Hawkes 1971; parted by likelihood after Zhuang,
Ogata and Vere-Jones 2002) of two generations. A starting account's n starts have the intensity n
g(t), with g the campaign's own density of starts, so that busy hours make nobody a starter. A
carrying account's follow the starts of starting accounts,

    n ((1 - e) mean over their starts j of exp(-(t - t_j) / d) / d + e g(t))

with d the mean lag, and e the share of its starts that follow nothing seen here. The parting of the
accounts with the greatest likelihood is taken, found by moving one account at a time.

What it cannot know: a source outside the corpus. Then the first carrier of the corpus is the
starter, and "started" means "is the first that this corpus holds".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOUR = 3600.0
# Width of the campaign's density of starts: half a day keeps nights and busy days, not minutes.
SPREAD_S = 12 * HOUR
# Mean lags tried, from minutes to half a day: below are machines, above is no "following".
LAGS_S = tuple(HOUR * factor for factor in (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12))
# Share of a carrying account's starts that may follow nothing seen.
BY_ITSELF = 0.1
# Where one account alone starts things, nobody else could have: no ratio, a large number instead.
NO_OTHER_READING = 100.0


@dataclass(frozen=True)
class Parted:
    """`starts`: shape (a,) whether the account starts things; `evidence`: (a,) log likelihood
    ratio for the reading taken; `source`: (n,) the start carried on, -1 for none; `lag_s`: mean.
    """

    starts: Flags
    evidence: Floats
    source: Ints
    lag_s: float


@dataclass(frozen=True)
class _Starts:
    account: Ints
    sizes: Floats
    gaps: Floats
    able: Flags
    density: Floats

    def near(self, lag_s: float) -> Floats:
        """Density of each start after each other one, in 1/s; (n, n)."""
        near: Floats = np.where(self.able, np.exp(-self.gaps / lag_s) / lag_s, 0.0)
        return near


def part_starts(times_s: Floats, account: Ints, accounts: int) -> Parted:
    """Part starts at `times_s` (seconds) by `account` (0..accounts-1, each with a start)."""
    gaps = times_s[:, None] - times_s[None, :]
    able = (gaps > 0) & (account[:, None] != account[None, :])
    sizes = np.bincount(account, minlength=accounts).astype(float)
    starts = _Starts(account, sizes, np.where(able, gaps, 0.0), able, _density(times_s))
    best = max(
        (_best_for(starts, lag, accounts) for lag in LAGS_S), key=lambda each: (each[0], -each[1])
    )
    _, lag_s, chosen = best
    near = starts.near(lag_s)
    return Parted(chosen, _evidence(starts, near, chosen), _sources(starts, near, chosen), lag_s)


def _best_for(starts: _Starts, lag_s: float, accounts: int) -> tuple[float, float, Flags]:
    """Move one account at a time to the side where it fits better, from several beginnings."""
    near = starts.near(lag_s)
    drawn = near.sum(axis=0) - near.sum(axis=1)
    order = np.argsort(-np.bincount(starts.account, drawn, accounts) / starts.sizes, kind="stable")
    found: list[tuple[float, Flags]] = []
    for size in range(1, accounts + 1):
        chosen = np.isin(np.arange(accounts), order[:size])
        found.append((_log_likelihood(starts, near, chosen), chosen))
    value, chosen = max(found, key=lambda each: each[0])
    moved = True
    while moved:
        moved = False
        for one in range(accounts):
            other = chosen.copy()
            other[one] = not other[one]
            if other.any() and (tried := _log_likelihood(starts, near, other)) > value + 1e-9:
                value, chosen, moved = tried, other, True
    return value, lag_s, chosen


def _log_likelihood(starts: _Starts, near: Floats, chosen: Flags) -> float:
    """Log likelihood of all starts when the `chosen` accounts start things (up to a constant)."""
    origin = chosen[starts.account]
    followed = near[:, origin].sum(axis=1) / max(origin.sum(), 1)
    carried = (1 - BY_ITSELF) * followed + BY_ITSELF * starts.density
    return float(np.log(np.where(origin, starts.density, carried)).sum())


def _evidence(starts: _Starts, near: Floats, chosen: Flags) -> Floats:
    value = _log_likelihood(starts, near, chosen)
    ratios = np.full(len(chosen), NO_OTHER_READING)
    for one in range(len(chosen)):
        other = chosen.copy()
        other[one] = not other[one]
        if other.any():
            ratios[one] = value - _log_likelihood(starts, near, other)
    return ratios


def _sources(starts: _Starts, near: Floats, chosen: Flags) -> Ints:
    """The nearest start of a starting account before each carried one; -1 where it fits none."""
    origin = chosen[starts.account]
    weight = np.where(origin[None, :], near, 0.0)
    followed = weight.sum(axis=1) / max(origin.sum(), 1)
    by_itself = BY_ITSELF * starts.density > (1 - BY_ITSELF) * followed
    source = np.where(origin | by_itself, -1, weight.argmax(axis=1))
    return source.astype(np.int64)


def _density(times_s: Floats) -> Floats:
    """Kernel density of the starts at the starts, in 1/s."""
    scaled = (times_s[:, None] - times_s[None, :]) / SPREAD_S
    height = np.exp(-0.5 * scaled**2).sum(axis=1)
    found: Floats = height / (len(times_s) * SPREAD_S * np.sqrt(2 * np.pi))
    return found
