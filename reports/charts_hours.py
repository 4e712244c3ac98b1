"""Posts in each hour of the day as a row of 24 bars.

In: 24 counts. Out: SVG text; heights are relative to the row's own highest hour, since rows of
different months compare the shape of a day and their counts stand beside them in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

HOURS = 24
GAP = 0.16  # share of an hour left empty between two bars


def hours_row(counts: Sequence[float], *, title: str, height: int = 26) -> Markup:
    """Return the bars of one row."""
    most, width = max([*counts, 1.0]), 100 / HOURS
    bars = []
    for hour, count in enumerate(counts):
        if count:
            tall = max(1.0, height * count / most)
            bars.append(
                f'<rect class="bar" x="{hour * width + width * GAP / 2:.3f}%"'
                f' y="{height - tall:.1f}" width="{width * (1 - GAP):.3f}%" height="{tall:.1f}">'
                f"<title>{hour:02d}:00 UTC: {count:,.0f}</title></rect>"
            )
    return Markup(
        f'<svg class="bars" width="100%" height="{height}" role="img"'
        f' aria-label="{escape(title)}">{"".join(bars)}</svg>'
    )


def hours_axis() -> Markup:
    """Return the hours under the rows."""
    marks = "".join(
        f'<line class="tick" x1="{100 * hour / HOURS:.3f}%" x2="{100 * hour / HOURS:.3f}%"'
        f' y1="0" y2="5"></line><text x="{100 * hour / HOURS:.3f}%" y="17">{hour:02d}</text>'
        for hour in range(0, HOURS, 6)
    )
    return Markup(f'<svg class="axis" width="100%" height="20" aria-hidden="true">{marks}</svg>')
