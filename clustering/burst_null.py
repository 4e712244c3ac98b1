"""How many posts would each bin of a series hold if nothing special happened?

In: counts of the whole corpus by bin, and the series' own counts. Out: for each bin the expected
count, its dispersion, and the chance of at least what was observed.

The null. A series' posts fall into bins in proportion to what everybody else wrote in them, so that
a wave of the whole corpus is nobody's burst. Everybody else's volume is itself counted, so it is
drawn towards a profile of hours of the day and days of the week, by as much as the corpus follows
one (gamma-Poisson; the strength is fitted). Counts scatter more than Poisson: variance = mean +
dispersion x mean squared (negative binomial). The dispersion is that of the other series of the
same kind; it is not fixed at one value but averaged over what the likelihood of the other series
leaves open: few series give a wide null, no series an even wider one. Sources: negative binomial
regression with offset (Hilbe, 2011); predictive p-values (Gelman, Meng and Stern, 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Dispersions that are weighed: Poisson, then by half powers of ten. Above the last, a single post
# and a hundred in one bin are about equally surprising.
DISPERSIONS = np.concatenate([[0.0], 10.0 ** np.arange(-3.0, 3.01, 0.25)])
# Dispersions up to this make no difference to any count, and formulas lose digits there.
POISSON = 1e-9
# Weights below this share of the largest change no p-value in its second digit.
NEGLIGIBLE = 1e-6
# Bins times series whose likelihood is computed; more series are sampled evenly.
MOST_CELLS = 1_000_000
FEWEST_SERIES = 20
HOUR_S, DAY_S, WEEK_S = 3_600, 86_400, 604_800
# Whole cycles that must be there before hours of the day (days of the week) get a profile.
CYCLES = 2


@dataclass(frozen=True)
class Volume:
    """What the corpus wrote, bin by bin, and how much one bin's count is believed."""

    start_s: int
    bin_s: int
    counts: Floats
    profile: Floats
    strength: float
    """posts that the profile is worth; small where the corpus does not follow it"""

    @property
    def trust(self) -> Floats:
        """Weight of the counted volume against the profile, 0..1 for each bin."""
        weight: Floats = self.profile / (self.profile + self.strength)
        return weight


@dataclass(frozen=True)
class Series:
    """Bins in which a series has posts, and how many."""

    bins: Ints
    counts: Ints

    @property
    def total(self) -> int:
        """All its posts."""
        return int(self.counts.sum())


def corpus_volume(bins: Ints, start_s: int, bin_s: int, size: int) -> Volume:
    """Count the corpus' posts by bin and fit its profile."""
    counts = np.bincount(bins, minlength=size).astype(np.float64)
    profile = _profile(counts, start_s, bin_s)
    likelihood = [_log_likelihood(counts, profile, a) for a in DISPERSIONS]
    dispersion = max(float(DISPERSIONS[int(np.argmax(likelihood))]), float(DISPERSIONS[1]))
    return Volume(start_s, bin_s, counts, profile, 1.0 / dispersion)


def _profile(counts: Floats, start_s: int, bin_s: int) -> Floats:
    """Mean volume times the factor of the hour of the day and of the day of the week."""
    at = start_s + np.arange(len(counts)) * bin_s
    span = len(counts) * bin_s
    profile = np.full(len(counts), max(float(counts.sum()) / max(len(counts), 1), 1e-9))
    if bin_s < DAY_S and span >= CYCLES * DAY_S:
        profile *= _factor(counts, at // HOUR_S % 24)
    if bin_s <= DAY_S and span >= CYCLES * WEEK_S:
        profile *= _factor(counts, at // DAY_S % 7)
    return profile


def _factor(counts: Floats, key: Ints) -> Floats:
    """How much more than the mean each phase of a cycle holds; one post keeps it above zero."""
    sums = np.bincount(key, counts) + 1.0
    sizes = np.bincount(key)
    mean = sums.sum() / sizes.sum()
    factor: Floats = (sums / np.maximum(sizes, 1) / mean)[key]
    return factor


def _log_likelihood(counts: Floats, mean: Floats, dispersion: float | Floats) -> float:
    """Negative binomial (Poisson at 0), without terms that the dispersion does not change."""
    from scipy.special import gammaln, xlogy

    spread = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), counts.shape)
    safe = np.where(spread > 0, spread, 1.0)
    grown = np.log1p(safe * mean)
    empty = np.where(spread > 0, -grown / safe, -mean).sum()
    held = np.flatnonzero(counts)
    x, mu, size = counts[held], mean[held], 1.0 / safe[held]
    negative = gammaln(x + size) - gammaln(size) + xlogy(x, safe[held] * mu) - x * grown[held]
    more = np.where(spread[held] > 0, negative, xlogy(x, mu)).sum()
    return float(empty + more)


@dataclass(frozen=True)
class Null:
    """The null of one kind of series."""

    volume: Volume
    likelihood: Floats
    """(n, dispersions): log likelihood of each series that was weighed"""
    weighed: dict[int, int]
    """number of a series to its row of `likelihood`"""

    def expected(self, series: Series, bins: Ints) -> Floats:
        """Posts expected in `bins`, the series' own left out of the volume."""
        trust = self.volume.trust
        rates = trust * (self.volume.counts + self.volume.strength)
        own = np.zeros(len(rates))
        own[series.bins] = series.counts
        total = rates.sum() - (trust[series.bins] * series.counts).sum()
        left = np.maximum(rates[bins] - trust[bins] * own[bins], 1e-12)
        shares: Floats = series.total * left / max(float(total), 1e-12)
        return shares

    def uncertainty(self, series: Series, bins: Ints) -> Floats:
        """Dispersion that stems from counting the volume of the others in `bins`."""
        own = np.zeros(len(self.volume.counts))
        own[series.bins] = series.counts
        others = self.volume.counts[bins] - own[bins]
        return 1.0 / np.maximum(others + self.volume.strength, 1e-3)

    def weights(self, number: int) -> Floats:
        """How far the other series leave each dispersion open; sums to 1."""
        total = self.likelihood.sum(axis=0)
        row = self.weighed.get(number)
        if row is not None:
            total = total - self.likelihood[row]
        weights = np.exp(total - total.max())
        kept = np.where(weights >= NEGLIGIBLE, weights, 0.0)
        shares: Floats = kept / kept.sum()
        return shares

    def dispersion(self, number: int, series: Series, bins: Ints) -> Floats:
        """Mean dispersion in `bins`, counting included."""
        own = float((self.weights(number) * DISPERSIONS).sum())
        return _joined(own, self.uncertainty(series, bins))

    def tail(self, number: int, series: Series, bins: Ints, counts: Ints) -> Floats:
        """Chance of at least `counts` posts in `bins`."""
        mean, counting = self.expected(series, bins), self.uncertainty(series, bins)
        weights = self.weights(number)
        p = np.zeros(len(bins))
        for weight, dispersion in zip(weights, DISPERSIONS, strict=True):
            if weight > 0:
                p += weight * at_least(counts, mean, _joined(dispersion, counting))
        return np.minimum(p, 1.0)


def _joined(dispersion: float, counting: Floats) -> Floats:
    """Two independent sources of scatter of a rate, multiplied."""
    joined: Floats = (1.0 + dispersion) * (1.0 + counting) - 1.0
    return joined


def at_least(counts: Ints, mean: Floats, dispersion: Floats) -> Floats:
    """Chance of at least `counts` under a negative binomial; Poisson without dispersion."""
    from scipy.special import betainc, gammainc

    x = np.maximum(counts, 1).astype(np.float64)
    scatters = dispersion > POISSON
    safe = np.where(scatters, dispersion, 1.0)
    grown = safe * mean
    negative = betainc(x, 1.0 / safe, grown / (1.0 + grown))
    found = np.where(scatters, negative, gammainc(x, mean))
    tail: Floats = np.where(counts <= 0, 1.0, found)
    return tail


def fit_null(volume: Volume, series: Sequence[Series]) -> Null:
    """Weigh dispersions by what the series of one kind show, bin by bin."""
    size = len(volume.counts)
    most = max(FEWEST_SERIES, MOST_CELLS // max(size, 1))
    step = max(1, -(-len(series) // most))
    chosen = list(range(0, len(series), step))
    empty = Null(volume, np.zeros((0, len(DISPERSIONS))), {})
    every = np.arange(size)
    rows = []
    for number in chosen:
        one = series[number]
        counts = np.zeros(size)
        counts[one.bins] = one.counts
        mean, counting = empty.expected(one, every), empty.uncertainty(one, every)
        rows.append([_log_likelihood(counts, mean, _joined(a, counting)) for a in DISPERSIONS])
    likelihood = np.array(rows).reshape(len(chosen), len(DISPERSIONS))
    return Null(volume, likelihood, {number: at for at, number in enumerate(chosen)})
