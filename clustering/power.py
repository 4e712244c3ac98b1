"""How large would something have to be for this corpus to show it?

In: sizes of a corpus. Out: the smallest burst, and the smallest number of shared things between two
accounts, that the tests would find with 80 % power at q <= .05. A result of "nothing found" means
"nothing of that size or more", and is told with these numbers.

Analytic: the critical count is the smallest one whose chance under the null passes Benjamini and
Hochberg's threshold (for as many findings at once as are stated), the size is the mean at which
80 % of counts reach it. Both take the counts of the tests themselves (`clustering.burst_null`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.burst_null import at_least

LEVEL, POWER = 0.05, 0.8
# Counts above this are found in any corpus; the search ends there.
MOST = 1_000_000


@dataclass(frozen=True)
class Detectable:
    """The smallest effect that would have been found."""

    critical: int
    """count from which the test rejects"""
    size: float
    """mean count at which it does so in 80 % of cases"""
    expected: float
    """mean count under the null"""
    sentence: str


def smallest_burst(
    *, posts: float, bins: int, series: int = 1, dispersion: float = 0.0, bin_s: int = 3600
) -> Detectable:
    """Return the smallest burst of one bin for a series of `posts` posts spread over `bins` bins.

    Parameters
    ----------
    posts
        Posts of the series besides the burst.
    bins, series
        Bins of the corpus and series tested: together the number of tests.
    dispersion
        Of the null: variance = mean + dispersion x mean squared.
    bin_s
        Width of a bin, for the sentence.

    Raises
    ------
    ValueError
        When a size is not positive.
    """
    _positive(posts=posts, bins=bins, series=series)
    expected = posts / bins
    critical = _critical(expected, dispersion, LEVEL / (bins * series))
    size = _size(critical)
    return Detectable(
        critical,
        size,
        expected,
        f"a burst of about {size:,.0f} posts in {bin_s / 3600:g} h would have been found in 80 % of"
        f" cases, in a series of {posts:,.0f} posts over {bins:,} bins; a smaller one may be there",
    )


def smallest_tie(
    *, accounts: int, expected: float, tests: int | None = None, group: int = 2
) -> Detectable:
    """Return the smallest number of things two accounts must share within the window.

    Parameters
    ----------
    accounts
        Accounts whose pairs are tested.
    expected
        Things that a pair shares under the null, such as `expected_shares`.
    tests
        Number of tests; all pairs of accounts when None. Times windows and layers where several.
    group
        Accounts that all share as much at once: their pairs pass together, which eases each.

    Raises
    ------
    ValueError
        When a size is not positive or the group larger than the corpus.
    """
    _positive(accounts=accounts - 1, expected=expected, group=group - 1)
    if group > accounts:
        raise ValueError(f"group = {group}; expected at most the {accounts} accounts")
    pairs = accounts * (accounts - 1) // 2 if tests is None else tests
    found = group * (group - 1) // 2
    critical = _critical(expected, 0.0, LEVEL * found / pairs)
    size = _size(critical)
    return Detectable(
        critical,
        size,
        expected,
        f"{group} accounts that share about {size:,.0f} things in pairs would have been found in"
        f" 80 % of cases, among {accounts:,} accounts of which a pair shares {expected:.2g} by"
        " chance; fewer shared things may be there",
    )


def expected_shares(posts_each: float, objects: int, window_s: float, span_s: float) -> float:
    """Things that two accounts share within a window when both draw at random.

    Each posts `posts_each` of `objects` equally popular things at any time of `span_s` seconds.
    """
    _positive(posts_each=posts_each, objects=objects, window_s=window_s, span_s=span_s)
    near = min(1.0, 2 * window_s / span_s)
    return posts_each**2 / objects * near


def _positive(**sizes: float) -> None:
    for name, value in sizes.items():
        if not value > 0:
            raise ValueError(f"{name} = {value!r}; expected a number above 0")


def _critical(mean: float, dispersion: float, level: float) -> int:
    """The smallest count whose chance is at most `level` (bisection: chances fall)."""
    low, high = 0, 1
    while high < MOST and _chance(high, mean, dispersion) > level:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if _chance(middle, mean, dispersion) > level:
            low = middle
        else:
            high = middle
    return high


def _chance(count: int, mean: float, dispersion: float) -> float:
    found = at_least(np.array([count]), np.array([mean]), np.array([dispersion]))
    return float(found[0])


def _size(critical: int) -> float:
    """The Poisson mean at which the critical count is reached with the power wanted."""
    from scipy.special import gammaincinv

    return float(gammaincinv(critical, POWER))
