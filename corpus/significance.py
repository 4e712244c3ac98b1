"""How surprising is the smallest of many p-values? Benjamini-Hochberg over every test made.

In: p-values of the tests that were looked at, and how many tests there could have been. Out: one q
value for each. A test that nobody looked at, because it had nothing to show, still counts: leaving
it out makes whatever was selected look significant (coordination of accounts picks the pairs that
share something out of all pairs).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# 95 % of a normal distribution lies within so many standard deviations.
Z_95 = 1.959963984540054


def benjamini_hochberg(p_values: ArrayLike, tests: int | None = None) -> NDArray[np.float64]:
    """Return q values, shape (n,), in the order of `p_values`.

    Parameters
    ----------
    p_values
        Shape (n,), each in 0..1.
    tests
        All tests made, at least n; those not listed count with p = 1. None: just these.

    Returns
    -------
    array of float64
        q_(i) = min over j >= i of p_(j) * tests / j, at most 1 (Benjamini and Hochberg 1995).

    Raises
    ------
    ValueError
        When a p-value is outside 0..1 or not a number, or `tests` is below n.
    """
    p = np.asarray(p_values, dtype=np.float64).ravel()
    total = len(p) if tests is None else int(tests)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a p-value is outside 0..1")
    if total < len(p):
        raise ValueError(f"{len(p)} p-values of {total} tests; expected at least as many tests")
    order = np.argsort(p, kind="stable")
    scaled = p[order] * total / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    # p * n / n may round below p: a q value under its own p would be a claim nobody made.
    return np.maximum(q, p)
