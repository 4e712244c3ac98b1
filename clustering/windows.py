"""Into which stretches of equal length is a corpus cut, so that change over time can be read?

In: times in microseconds. Out: a width in seconds and the start of each post's window. Windows
start at multiples of their width since 1970 (UTC), so that two corpora and two runs share them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]

MICROSECONDS = 1_000_000
HOUR, DAY = 3_600, 86_400
# Widths that a reader names in one word or two.
WIDTHS_S = (HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY, 91 * DAY, 365 * DAY)
# More windows than these do not fit on a page.
MOST_WINDOWS = 24
# Stray times far outside the rest, as of a broken clock, do not set the width: 1 in 100 each side.
STRAY_SHARE = 0.01


def suggested_width(moments: Moments) -> int:
    """Return the smallest width, in seconds, that cuts the bulk into at most 24 windows."""
    if len(moments) == 0:
        return WIDTHS_S[0]
    low, high = np.quantile(moments, [STRAY_SHARE, 1 - STRAY_SHARE], method="nearest")
    span = (int(high) - int(low)) / MICROSECONDS
    return next((w for w in WIDTHS_S if span <= w * MOST_WINDOWS), WIDTHS_S[-1])


def window_starts(moments: Moments, width_s: int) -> Moments:
    """Return the start of each moment's window, in microseconds."""
    width = width_s * MICROSECONDS
    return np.floor_divide(moments, width) * width
