"""How much more often does one side do something than the other, beyond noise?

In: how many accounts of each side did each thing, and how many accounts each side has. Out: the
log odds ratio of each thing, shrunken towards no difference, with its interval and p-value. The
prior is what both sides do together (Monroe, Colaresi and Quinn 2008, "Fightin' Words", here with
accounts in place of words, so that one loud account counts once). A thing seen twice on one side
and never on the other then moves little, where the plain ratio would be infinite.

It is the right measure for independent accounts. Where the same accounts stand on both sides, as
before and after an event, the interval is wider than it need be: it errs towards no difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corpus.significance import Z_95

Floats = NDArray[np.float64]

# Weight of the prior, in accounts on each side: a thing that ten accounts of one side do and none
# of the other is read as half noise.
PRIOR_ACCOUNTS = 10.0


@dataclass(frozen=True)
class LogOdds:
    """One entry a thing, shape (n,): natural log odds ratio, its 95 % interval, two-sided p."""

    log_odds: Floats
    low: Floats
    high: Floats
    p_value: Floats


def shrunken_log_odds(
    inside: ArrayLike,
    inside_total: float,
    outside: ArrayLike,
    outside_total: float,
    *,
    prior: float = PRIOR_ACCOUNTS,
) -> LogOdds:
    """Compare counts of accounts on two sides; positive: more often inside.

    Parameters
    ----------
    inside, outside
        Shape (n,): accounts of that side that did the thing; at most the side's total.
    inside_total, outside_total
        Accounts of each side, above 0.
    prior
        Accounts' worth of the common rate that is added to each side.

    Raises
    ------
    ValueError
        When a side has no accounts, a count is below 0 or above its side's total.
    """
    a, b = np.asarray(inside, np.float64), np.asarray(outside, np.float64)
    _check(a, inside_total)
    _check(b, outside_total)
    common = (a + b) / (inside_total + outside_total)
    did_a, did_b = a + prior * common, b + prior * common
    not_a, not_b = inside_total + prior - did_a, outside_total + prior - did_b
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody, or everybody, did it
        value = np.log(did_a / not_a) - np.log(did_b / not_b)
        deviation = np.sqrt(1 / did_a + 1 / not_a + 1 / did_b + 1 / not_b)
    settled = np.isfinite(value) & np.isfinite(deviation)
    value = np.where(settled, value, 0.0)
    deviation = np.where(settled, deviation, np.inf)
    tail = np.array([math.erfc(abs(z) / math.sqrt(2)) for z in (value / deviation).tolist()])
    return LogOdds(value, value - Z_95 * deviation, value + Z_95 * deviation, tail)


def _check(counts: Floats, total: float) -> None:
    if total <= 0:
        raise ValueError("a side without accounts cannot be compared")
    if ((counts < 0) | (counts > total)).any():
        raise ValueError(f"a count is outside 0..{total:g}, the accounts of its side")
