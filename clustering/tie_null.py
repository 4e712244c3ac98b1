"""How many objects would two accounts share within a window by chance? The analytic null.

In: who shared what (`clustering.shares`), and how many pairs of accounts met in each object and
window (`clustering.tie_pairs.Meetings`). Out: for rows of ties the expected number of objects in
which the two meet, and p = P(at least as many as observed). H0 in words: `NULL_IN_WORDS`.

The formula. p_aj, the probability that account a shares object j at all, comes from the bipartite
configuration model: the graph with the most entropy in which each account has its number of objects
and each object its number of accounts on average (Becatti, Caldarelli, Lambiotte, Saracco 2019,
arXiv:1901.07933), p_aj = x_a y_j / (1 + x_a y_j). Whoever shares it does so r_aj times, r_aj =
max(1, n_a n_j / (N p_aj)) with n_a and n_j the shares of account and object among all N. Two shares
of j lie within the window w with the chance s_jw, counted over the pairs of j's shares by different
accounts. Two accounts that are awake at the same hours and on the same days meet more often than
others: with q_a(c), the part of a's activity in time cell c, and R_w(c, c'), how much likelier than
average shares in c and c' are to meet within w, the pair's factor is T_abw = sum of q_a(c) R_w(c,
c') q_b(c'), once for hours of the day, once for periods of days. Then

    expected_abw = sum over objects j of p_aj p_bj min(1, r_aj r_bj s_jw T_abw)

of which the smallest of three upper bounds is taken: T outside the sum and no minimum, max(1, T)
outside it, or 1 for the minimum. The last one holds whatever T is: where nearly all meetings are a
team's own, T is fitted to the team and says nothing. The number of objects is a sum of independent
events; its upper tail is bounded by that of a Poisson with the same mean (Hoeffding 1956: for
counts above the mean plus one), which is used. So p is a little too large rather than too small.
Accounts and objects are put together in classes of nearly equal numbers, and each account's own
number of objects scales its class's answer.

What it does not know: that accounts share tastes. Organic crowds with one topic meet more often
than activity, popularity and time explain; the permutation null and the benign classes are there
for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clustering import pairing
from clustering.pairing import ACCOUNT_A, ACCOUNT_B, WINDOW
from clustering.shares import MICROSECONDS, Ints, Shares
from clustering.tie_pairs import Meetings, TimeCells

Floats = npt.NDArray[np.float64]
Profiles = npt.NDArray[np.float32]

NULL_IN_WORDS = (
    "H0: each account shares as many different objects, and each object is shared by as many "
    "accounts, as observed, but who shares what is independent of everyone else; whoever shares an "
    "object meets another of its accounts within the window as often as that object's accounts "
    "did on average, more often the more shares both have and the more their hours of the day and "
    "their active days overlap. p is the chance that two such accounts meet in at least as many "
    "objects."
)

# Weight of the corpus's own time profile in an account's, in shares: small, so that accounts with
# few posts count as awake when they posted. Raising it makes p smaller for them.
PROFILE_PRIOR = 1.0
# Pairs by which the time factors are drawn to what a window of that length gives by itself.
FACTOR_PRIOR = 100.0
# Periods of the corpus, none shorter than a day. Measured on 14 months of 217 real accounts: labels
# shuffled within each week or day gave false ties with 12 periods, none with 64 or more; with 512,
# real ties are lost too. So many accounts that their profiles would fill memory get fewer.
MAX_PERIODS = 128
MIN_PERIODS = 12
PROFILE_CELLS = 30_000_000
DAY = 86_400 * MICROSECONDS
HOUR = 3_600 * MICROSECONDS
# The degrees of the configuration model are met to this share, which changes no p visibly.
DEGREE_TOLERANCE = 1e-6
MAX_ITERATIONS = 2_000
# Classes of accounts and of objects over which chance is added up, and how near their members are:
# 2 %, or wider steps where there would be more classes (a second's work for all windows).
ACCOUNT_CLASSES = 300
OBJECT_CLASSES = 200
FIRST_STEP = 0.02
# Rows tested at once: bounds the memory of the time profiles.
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Bipartite:
    """The fitted configuration model: `x` of each account, `y` of each object."""

    x: Floats
    y: Floats


def time_cells(shares: Shares) -> TimeCells:
    """Cut the corpus into hours of the day and up to MAX_PERIODS periods of whole days (UTC)."""
    hours = ((shares.at % DAY) // HOUR).astype(np.int32)
    days = shares.at // DAY
    if not len(days):
        return TimeCells(hours, hours.copy(), 1)
    periods = int(np.clip(PROFILE_CELLS // len(shares.accounts), MIN_PERIODS, MAX_PERIODS))
    parts = np.quantile(days, np.arange(1, periods) / periods, method="nearest")
    edges = np.unique(parts[parts > days.min()])
    period = np.searchsorted(edges, days, side="right").astype(np.int32)
    return TimeCells(hours, period, len(edges) + 1)


def sharers_of(shares: Shares) -> tuple[Ints, Ints]:
    """Return the number of different objects of each account, and of accounts of each object."""
    of_accounts = np.zeros(len(shares.accounts), dtype=np.int64)
    of_objects = np.zeros(len(shares.objects), dtype=np.int64)
    pairing.count_sharers(shares.starts, shares.account, of_accounts, of_objects)
    return of_accounts, of_objects


def fit_bipartite(of_accounts: Ints, of_objects: Ints) -> Bipartite:
    """Fit p_aj to the degrees, by fixed-point iteration over the different degrees."""
    k, account, n_k = np.unique(of_accounts, return_inverse=True, return_counts=True)
    h, obj, n_h = np.unique(of_objects, return_inverse=True, return_counts=True)
    total = np.sqrt(max(int(of_accounts.sum()), 1))
    x, y = k / total, h / total
    for _ in range(MAX_ITERATIONS):
        x = k / ((n_h * y) / (1 + np.outer(x, y))).sum(axis=1)
        y = h / ((n_k * x)[:, np.newaxis] / (1 + np.outer(x, y))).sum(axis=0)
        odds = np.outer(x, y)
        if np.all(np.abs((odds / (1 + odds)) @ n_h - k) <= DEGREE_TOLERANCE * k):
            break
    return Bipartite(x[account], y[obj])


@dataclass(frozen=True)
class Chance:
    """For one window, over pairs of account classes: expected meetings at T = 1, with the minimum
    (`capped`) and without it (`free`); `most`: objects that both share, whether they meet or not.
    """

    capped: Floats
    free: Floats
    most: Floats


@dataclass(frozen=True)
class TieNull:
    """What chance gives. `classes` and `scale`: each account's class, and its number of objects
    over the class's mean; `chances`: one for each window, and `decayed` for the kernel.
    """

    classes: Ints
    scale: Floats
    chances: tuple[Chance, ...]
    decayed: Chance
    hour_profiles: Profiles
    period_profiles: Profiles
    hour_factors: Floats
    period_factors: Floats

    def expected(self, counts: npt.NDArray[np.int32]) -> Floats:
        """Return the expected number of objects for rows of counts; a loop has NaN."""
        found = np.full(len(counts), np.nan)
        for window, chance in enumerate(self.chances):
            rows = np.flatnonzero(counts[:, WINDOW] == window)
            found[rows] = self._expected(counts[rows], chance, window)
        found[counts[:, ACCOUNT_A] == counts[:, ACCOUNT_B]] = np.nan
        return found

    def expected_decayed(self, counts: npt.NDArray[np.int32], window: int) -> Floats:
        """Return the expected sum of exp(-gap / decay) over objects, with a window's factors."""
        found = self._expected(counts, self.decayed, window)
        found[counts[:, ACCOUNT_A] == counts[:, ACCOUNT_B]] = np.nan
        return found

    def _expected(self, counts: npt.NDArray[np.int32], chance: Chance, window: int) -> Floats:
        by_hour = self.hour_profiles @ self.hour_factors[window].astype(np.float32)
        by_period = self.period_profiles @ self.period_factors[window].astype(np.float32)
        found = np.empty(len(counts))
        for low in range(0, len(counts), ROWS_AT_ONCE):
            rows = counts[low : low + ROWS_AT_ONCE]
            a, b = rows[:, ACCOUNT_A], rows[:, ACCOUNT_B]
            factor = np.einsum("ij,ij->i", by_hour[a], self.hour_profiles[b])
            factor *= np.einsum("ij,ij->i", by_period[a], self.period_profiles[b])
            pair = self.classes[a], self.classes[b]
            bound = np.minimum(chance.capped[pair] * factor.clip(min=1), chance.free[pair] * factor)
            bound = np.minimum(bound, chance.most[pair])
            found[low : low + ROWS_AT_ONCE] = bound * self.scale[a] * self.scale[b]
        return found


def fit_null(shares: Shares, meetings: Meetings, cells: TimeCells, windows: Ints) -> TieNull:
    """Fit the null to the shares and to who met in which object and window."""
    k, h = sharers_of(shares)
    n_a = np.bincount(shares.account, minlength=len(k))
    n_j = np.bincount(shares.object, minlength=len(h))
    model = fit_bipartite(k, h)
    classes, accounts = _classes([model.x, n_a.astype(float)], ACCOUNT_CLASSES)
    objects = _Objects(model.y, n_j, _row_pairs(shares, n_j), len(shares))
    met = [*meetings.objects.T, meetings.decayed]
    chances = [_chance(accounts, objects, pairs) for pairs in met]
    mean_k = np.bincount(classes, weights=k) / np.bincount(classes).clip(min=1)
    hour = np.bincount(cells.hours, minlength=24) / max(len(shares), 1)
    period = np.bincount(cells.periods, minlength=cells.n_periods) / max(len(shares), 1)
    near = [_within_hours(window) for window in windows.tolist()]
    by_hour = [_factors(met, hour, w) for met, w in zip(meetings.by_hour, near, strict=True)]
    by_period = [_factors(met, period, np.eye(len(period))) for met in meetings.by_period]
    return TieNull(
        classes,
        k / mean_k[classes],
        tuple(chances[:-1]),
        chances[-1],
        _profiles(shares, cells.hours, hour),
        _profiles(shares, cells.periods, period),
        np.stack(by_hour),
        np.stack(by_period),
    )


@dataclass(frozen=True)
class _Objects:
    """y, shares, pairs of shares by different accounts, of each object; shares in all."""

    y: Floats
    shares: Ints
    pairs: Floats
    total: int


def _row_pairs(shares: Shares, n_j: Ints) -> Floats:
    """Pairs of each object's shares that are by different accounts."""
    squares = np.zeros(len(n_j), dtype=np.int64)
    pairing.add_squares(shares.starts, shares.account, len(shares.accounts), squares)
    return (n_j**2 - squares) / 2


def _chance(accounts: Floats, objects: _Objects, met: Ints | Floats) -> Chance:
    """Add up p_aj p_bj min(1, r_aj r_bj s_j) over objects in which anyone met."""
    some = np.flatnonzero(met > 0)
    n = objects.shares[some].astype(float)
    # (n - 1) / n: what a random pair of a's and b's shares, drawn with replacement, would meet.
    s = met[some] / objects.pairs[some] * (n - 1) / n
    labels, middle = _classes([objects.y[some], n, s], OBJECT_CLASSES)
    x, n_a = accounts.T
    capped, free, most = (np.zeros((len(x), len(x))) for _ in range(3))
    for size, (y, n_j, chance) in zip(np.bincount(labels).tolist(), middle.tolist(), strict=True):
        p = x * y / (1 + x * y)
        times = np.maximum(1.0, n_a * n_j / (objects.total * p))
        both, meet = np.outer(p, p) * size, np.outer(times, times) * chance
        capped += both * meet.clip(max=1.0)
        free += both * meet
        most += both
    return Chance(capped, free, most)


def _classes(values: list[Floats], limit: int) -> tuple[Ints, Floats]:
    """Put rows of positive numbers together where all are nearly equal, in at most about `limit`.

    Returns each row's class and the classes' means. Steps begin at 2 % and widen as needed.
    """
    rows = np.column_stack(values)
    if not len(rows):
        return np.zeros(0, dtype=np.int64), np.zeros((0, len(values)))
    step = FIRST_STEP
    while True:
        keys = np.floor(np.log(rows) / step).astype(np.int64)
        _, labels = np.unique(keys, axis=0, return_inverse=True)
        if labels.max() < limit:
            break
        step *= 1.5
    sizes = np.bincount(labels)
    means = [np.bincount(labels, weights=column) / sizes for column in rows.T]
    return labels.ravel(), np.column_stack(means)


def poisson_tail(observed: npt.NDArray[np.int32], expected: Floats) -> Floats:
    """Return P(Poisson(expected) >= observed); 1 where nothing is expected to be testable (NaN)."""
    from scipy.special import gammainc

    tail: Floats = gammainc(observed.astype(float), np.nan_to_num(expected, nan=0.0))
    return np.where(np.isnan(expected), 1.0, tail)


def chernoff_tail(observed: Floats, expected: Floats) -> Floats:
    """Bound P(sum of independent values in 0..1 with this mean >= observed) from above."""
    mean = np.nan_to_num(expected, nan=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = observed - mean - observed * np.log(observed / mean)
    return np.where((observed > mean) & ~np.isnan(expected), np.exp(log_p), 1.0)


def _profiles(shares: Shares, cell: npt.NDArray[np.int32], corpus: Floats) -> Profiles:
    """q_a(s): (accounts, cells), each account's activity by time cell, drawn to `corpus`."""
    width = len(corpus)
    counts = np.bincount(
        shares.account.astype(np.int64) * width + cell, minlength=len(shares.accounts) * width
    )
    profiles = counts.reshape(-1, width).astype(np.float32)
    total = profiles.sum(axis=1, keepdims=True)
    profiles += (PROFILE_PRIOR * corpus).astype(np.float32)
    profiles /= total + np.float32(PROFILE_PRIOR)
    return profiles


def _factors(met: Ints, corpus: Floats, within: Floats) -> Floats:
    """R(s, s'): how much likelier than average shares in cells s and s' meet.

    `within` (s, s') is the chance that a moment near one in s lies in s': what a corpus with few
    meetings falls back on.
    """
    prior = corpus[:, np.newaxis] * within
    pairs = met + FACTOR_PRIOR * prior
    pairs = (pairs + pairs.T) / 2
    usual = np.outer(corpus, corpus)
    rate = np.divide(pairs, usual, out=np.zeros(usual.shape), where=usual > 0)
    total = pairs.sum()
    return rate / total if total > 0 else np.ones(usual.shape)


def _within_hours(window: int) -> Floats:
    """Chance that a moment at most `window` away from one in hour s lies in hour s' (mod a day)."""
    steps = 240
    moments = (np.arange(steps) + 0.5) / steps  # of an hour
    away = np.linspace(-1, 1, 2 * steps + 1) * (window / HOUR)
    hours = np.floor(moments[:, np.newaxis] + away).astype(np.int64) % 24
    row = np.bincount(hours.ravel(), minlength=24) / hours.size
    return np.stack([np.roll(row, shift) for shift in range(24)])
