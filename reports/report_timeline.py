"""The timeline section: posts over time, all and by narrative, overview and event close-up.

In: the linked posts, the narratives that have cards, the event. Out: rows of bars on one time axis
and the same numbers as a table. Reposts are left out, as everywhere a text is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from reports import wording
from reports.charts import SPARK_BINS, Bins, axis, bars, choose_bins, count_in_bins
from reports.links import Links, in_window
from reports.opens import WRITTEN, Opens, both

# Rows that fit on one page beside each other and can still be told apart.
MAX_LANES = 6
ALL_HEIGHT, LANE_HEIGHT, SPARK_HEIGHT = 72, 34, 30
# The close-up shows this much before and after the event, at least a day.
MARGIN_SHARE = 0.5
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Lane:
    """One row of bars."""

    label: str
    lang: str | None
    peak: str
    svg: Markup
    counts: list[int]
    # The selector of its posts.
    opens: str


@dataclass(frozen=True)
class Chart:
    """Rows of bars on one axis; `rows` is the table: time, its seconds, counts."""

    title: str
    unit: str
    lanes: list[Lane]
    axis: Markup
    has_event: bool
    rows: list[tuple[str, int, list[int]]]
    start_s: int
    bin_s: int
    bins: int


def timeline(
    links: Links, named: Sequence[tuple[str, str, str | None]], event: Window | None, opens: Opens
) -> list[Chart]:
    """Return the overview and, where the event is a small part of it, a close-up.

    `named` are (narrative_id, label, language) of the narratives to show, in order.
    """
    timed = links.written.filter(pc.is_valid(links.written["created_at"]))
    if not timed.num_rows:
        return []
    first, last = timed["created_at"][0].as_py(), timed["created_at"][-1].as_py()
    charts = [_chart("The whole span", timed, named, choose_bins(first, last), event, opens)]
    near = _close_up(event, first, last) if event else None
    if near is not None:
        inside = in_window(timed, "created_at", *near)
        charts.append(_chart("Around the event", inside, named, choose_bins(*near), event, opens))
    return charts


def _close_up(event: Window, first: datetime, last: datetime) -> Window | None:
    margin = max((event[1] - event[0]) * MARGIN_SHARE, timedelta(days=1))
    near = max(first, event[0] - margin), min(last, event[1] + margin)
    if near[0] >= near[1] or (near[1] - near[0]) * 2 > last - first:
        return None
    return near


def _chart(  # noqa: PLR0917 - what both charts share
    title: str,
    posts: pa.Table,
    named: Sequence[tuple[str, str, str | None]],
    bins: Bins,
    event: Window | None,
    opens: Opens,
) -> Chart:
    every = count_in_bins(posts["created_at"], bins)
    counts = [
        count_in_bins(_of(posts, narrative_id)["created_at"], bins)
        for narrative_id, _, _ in named[:MAX_LANES]
    ]
    top = max((max(row) for row in counts), default=1)
    lanes = [_lane("All posts", None, every, bins, ALL_HEIGHT, None, event, WRITTEN)]
    for (narrative_id, label, lang), row in zip(named, counts, strict=False):
        own = both(opens.narrative(narrative_id), WRITTEN)
        lanes.append(_lane(label, lang, row, bins, LANE_HEIGHT, top, event, own))
    rows = [
        (
            wording.moment(bins.at(place)),
            int(bins.at(place).timestamp()),
            [lane.counts[place] for lane in lanes],
        )
        for place in range(bins.number)
        if every[place]
    ]
    start = int(bins.start.timestamp())
    return Chart(
        title, bins.word(), lanes, axis(bins), event is not None, rows,
        start, bins.bin_s, bins.number,
    )  # fmt: skip


def _of(posts: pa.Table, narrative_id: str) -> pa.Table:
    return posts.filter(pc.equal(posts["narrative_id"], narrative_id))


def _lane(  # noqa: PLR0917 - one row of a chart is what it is
    label: str,
    lang: str | None,
    counts: list[int],
    bins: Bins,
    height: int,
    top: int | None,
    event: Window | None,
    opens: str,
) -> Lane:
    most = max(counts, default=0)
    peak = f"peak {most:,}, {wording.moment(bins.at(counts.index(most)))}" if most else "none"
    svg = bars(counts, bins, title=f"Posts per {bins.word()}; {peak}", height=height, top=top,
               event=event)  # fmt: skip
    return Lane(label, lang, peak, svg, counts, opens)


def sparkline(posts: pa.Table, span: Window | None, event: Window | None) -> Markup | None:
    """Return a small chart of these posts over the whole span; None when no time is known."""
    if span is None or not len(posts["created_at"].drop_null()):
        return None
    bins = choose_bins(*span, most=SPARK_BINS)
    counts = count_in_bins(posts["created_at"], bins)
    title = f"Posts per {bins.word()} over the whole span, at most {max(counts):,}"
    return bars(counts, bins, title=title, height=SPARK_HEIGHT, event=event)
