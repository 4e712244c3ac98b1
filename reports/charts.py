"""Bars over time as SVG, made here so that the page needs no script and prints sharp.

In: counts in bins of equal length. Out: SVG text. Positions are per cent of the width and heights
are pixels, so a chart fills any page without its letters shrinking. Colours come from the page's
style sheet; nothing is said by colour alone: each chart carries a title, and the page shows the
same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup, escape

HOUR = 3_600
# Bin lengths that readers know; the shortest one that needs no more than MAX_BINS is taken.
BIN_CHOICES_S = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR)
# More bars than this are thinner than two pixels on a page of 700; ten months of days still fit.
MAX_BINS = 320
SPARK_BINS = 60
TICKS = 5
GAP = 0.12  # share of a bin left empty between two bars


@dataclass(frozen=True)
class Bins:
    """Equal bins from `start`; `start` is a multiple of the length since 1970."""

    start: datetime
    bin_s: int
    number: int

    @property
    def end(self) -> datetime:
        """The end of the last bin."""
        return self.start + timedelta(seconds=self.bin_s * self.number)

    def at(self, place: int) -> datetime:
        """The start of one bin."""
        return self.start + timedelta(seconds=self.bin_s * place)

    def percent(self, moment: datetime) -> float:
        """Where a time stands, in per cent of the width, cut to 0..100."""
        part = (moment - self.start).total_seconds() / (self.bin_s * self.number)
        return min(100.0, max(0.0, 100 * part))

    def word(self) -> str:
        """How long a bin is: "hour", "3 hours", "day"."""
        hours = self.bin_s // HOUR
        if hours % 24:
            return "hour" if hours == 1 else f"{hours} hours"
        return "day" if hours == 24 else f"{hours // 24} days"


def choose_bins(first: datetime, last: datetime, most: int = MAX_BINS) -> Bins:
    """Return bins that cover both times."""
    span = (last - first).total_seconds()
    fitting = [size for size in BIN_CHOICES_S if span / size < most - 1]
    size = fitting[0] if fitting else int(span // (most - 1)) + 1
    start = int(first.timestamp() // size) * size
    number = int((last.timestamp() - start) // size) + 1
    return Bins(datetime.fromtimestamp(start, UTC), size, number)


def count_in_bins(times: pa.ChunkedArray, bins: Bins) -> list[int]:
    """Count the times that fall into each bin; nulls and times outside are left out."""
    seconds = pc.cast(times.drop_null(), pa.int64()).to_numpy() // 1_000_000
    places = (seconds - int(bins.start.timestamp())) // bins.bin_s
    inside = places[(places >= 0) & (places < bins.number)]
    counts: list[int] = np.bincount(inside, minlength=bins.number).tolist()
    return counts


def bars(
    counts: Sequence[int],
    bins: Bins,
    *,
    title: str,
    height: int,
    top: int | None = None,
    event: tuple[datetime, datetime] | None = None,
) -> Markup:
    """Return one row of bars; `top` is the count that reaches the full height."""
    most = max(top or max(counts, default=0), 1)
    width = 100 / bins.number
    shapes = [band(bins, event, height)]
    for place, number in enumerate(counts):
        if number:
            tall = max(1.0, height * number / most)
            shapes.append(
                f'<rect class="bar" x="{place * width + width * GAP / 2:.3f}%"'
                f' y="{height - tall:.1f}" width="{width * (1 - GAP):.3f}%" height="{tall:.1f}">'
                f"<title>{_when(bins.at(place))}: {number:,}</title></rect>"
            )
    return Markup(
        f'<svg class="bars" width="100%" height="{height}" role="img"'
        f' aria-label="{escape(title)}">{"".join(shapes)}</svg>'
    )


def band(bins: Bins, event: tuple[datetime, datetime] | None, height: int) -> str:
    """Return the event window behind a chart; nothing without an event or outside the bins."""
    if event is None:
        return ""
    left, right = bins.percent(event[0]), bins.percent(event[1])
    if right <= 0 or left >= 100:
        return ""
    return (
        f'<rect class="band" x="{left:.3f}%" y="0" width="{max(right - left, 0.2):.3f}%"'
        f' height="{height}"></rect>'
    )


def axis(bins: Bins) -> Markup:
    """Return the time axis under rows of bars, with at most TICKS dates."""
    marks = []
    for tick in range(TICKS):
        place = bins.number * tick // TICKS
        left = 100 * place / bins.number
        marks.append(
            f'<line class="tick" x1="{left:.3f}%" x2="{left:.3f}%" y1="0" y2="5"></line>'
            f'<text x="{left:.3f}%" y="17">{_tick(bins, place)}</text>'
        )
    words = "".join(dict.fromkeys(marks))
    return Markup(f'<svg class="axis" width="100%" height="20" aria-hidden="true">{words}</svg>')


def _tick(bins: Bins, place: int) -> str:
    at = bins.at(place)
    if bins.bin_s * bins.number > 400 * 24 * HOUR:
        return f"{at:%Y-%m}"
    return f"{at:%m-%d}" if bins.bin_s * bins.number > 4 * 24 * HOUR else f"{at:%m-%d %H:%M}"


def _when(at: datetime) -> str:
    return str(escape(f"{at:%Y-%m-%d %H:%M}"))
