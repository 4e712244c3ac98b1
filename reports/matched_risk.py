"""Did one side meet an outcome more often than the other, among accounts that are otherwise alike?

In: for every stratum of like accounts, how many of either side there are and how many met the
outcome. Out: the risk ratio over all strata (Mantel and Haenszel 1959) with its 95 % interval
(Greenland and Robins 1985), and the exact two-sided p-value given the margins of every stratum: the
chance, were the outcome independent of the side within strata, of a count at least as unlikely as
the one observed (Birch 1964; Fisher's exact test where there is one stratum). Discrete p-values lie
at or above their nominal level; `randomized` gives the uniform ones that calibration needs.

Strata where one side is empty tell nothing and are left out, counted by the caller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.significance import Z_95

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

# Outcomes as likely as the observed one, up to rounding, count as at least as unlikely.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Strata:
    """One entry a stratum, shape (n,): accounts of either side, and those with the outcome."""

    exposed: Counts
    exposed_met: Counts
    controls: Counts
    controls_met: Counts

    def __post_init__(self) -> None:
        for met, of in ((self.exposed_met, self.exposed), (self.controls_met, self.controls)):
            if (met < 0).any() or (met > of).any():
                raise ValueError("a stratum counts more outcomes than accounts")

    def compared(self) -> Strata:
        """Only strata that hold both sides."""
        both = (self.exposed > 0) & (self.controls > 0)
        return Strata(
            self.exposed[both], self.exposed_met[both], self.controls[both], self.controls_met[both]
        )


@dataclass(frozen=True)
class Risk:
    """Ratio with interval, None where no account of one side met the outcome; and the p-value."""

    ratio: float | None
    low: float | None
    high: float | None
    p_value: float


def matched_risk(strata: Strata) -> Risk:
    """Compare the two sides within strata; raises ValueError when no stratum holds both."""
    used = strata.compared()
    if len(used.exposed) == 0:
        raise ValueError("no stratum holds accounts of both sides")
    return Risk(*_ratio(used), exact_p(used))


def _ratio(s: Strata) -> tuple[float | None, float | None, float | None]:
    n1, n0 = s.exposed.astype(float), s.controls.astype(float)
    a, c = s.exposed_met.astype(float), s.controls_met.astype(float)
    n = n1 + n0
    r, t = float((a * n0 / n).sum()), float((c * n1 / n).sum())
    if r == 0 or t == 0:
        return None, None, None
    spread = float((((a + c) * n1 * n0 - a * c * n) / n**2).sum())
    deviation = math.sqrt(max(spread / (r * t), 0.0))
    ratio = r / t
    return ratio, ratio * math.exp(-Z_95 * deviation), ratio * math.exp(Z_95 * deviation)


def _null(s: Strata) -> tuple[Floats, int]:
    """Probabilities of the summed count of exposed outcomes, from the smallest possible one on."""
    from scipy.stats import hypergeom

    total, low = np.ones(1), 0
    for n1, a, n0, c in zip(s.exposed, s.exposed_met, s.controls, s.controls_met, strict=True):
        met = int(a + c)
        least, most = max(0, met - int(n0)), min(met, int(n1))
        own = hypergeom.pmf(np.arange(least, most + 1), int(n1 + n0), met, int(n1))
        total, low = np.convolve(total, own), low + least
    return total / total.sum(), low


def exact_p(strata: Strata) -> float:
    """Two-sided exact p-value of the summed count."""
    probability, low = _null(strata.compared())
    seen = probability[int(strata.compared().exposed_met.sum()) - low]
    return float(min(1.0, probability[probability <= seen * (1 + ROUNDING)].sum()))


def randomized_p(strata: Strata, draw: float) -> float:
    """The p-value that is exactly uniform under the null; `draw` is uniform in 0..1.

    The chance of a count less likely than the observed, and `draw` times that of one as likely.
    """
    probability, low = _null(strata.compared())
    seen = probability[int(strata.compared().exposed_met.sum()) - low]
    less = probability[probability < seen * (1 - ROUNDING)].sum()
    same = probability[
        (probability >= seen * (1 - ROUNDING)) & (probability <= seen * (1 + ROUNDING))
    ].sum()
    return float(min(1.0, less + draw * same))
