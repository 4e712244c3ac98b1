"""Bars and bins: every post is counted once, nothing needs a colour or a script."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import MAX_BINS, axis, bars, choose_bins, count_in_bins

TIMES = st.datetimes(
    datetime(1970, 1, 2), datetime(2099, 1, 1), timezones=st.just(UTC)
)  # fmt: skip


@given(st.lists(TIMES, min_size=1, max_size=50))
def test_every_time_falls_into_exactly_one_bin(times: list[datetime]) -> None:
    bins = choose_bins(min(times), max(times))
    column = pa.chunked_array([pa.array(times, pa.timestamp("us", "UTC"))])
    assert sum(count_in_bins(column, bins)) == len(times)
    assert bins.number <= MAX_BINS


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=80), st.text(max_size=20))
def test_a_chart_is_valid_xml_with_a_title_for_each_bar(counts: list[int], title: str) -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    bins = choose_bins(start, start + timedelta(hours=len(counts) - 1))
    event = (start, start + timedelta(hours=2))
    clean = "".join(c for c in title if c.isprintable())
    root = ET.fromstring(bars(counts[: bins.number], bins, title=clean, height=40, event=event))
    drawn = [shape for shape in root if shape.get("class") == "bar"]
    assert len(drawn) == sum(count > 0 for count in counts[: bins.number])
    assert all(shape.find("title") is not None for shape in drawn)
    assert root.get("aria-label") == clean
    ET.fromstring(axis(bins))


def test_an_empty_column_counts_nothing() -> None:
    start = datetime(2031, 1, 1, tzinfo=UTC)
    empty = pa.chunked_array([pa.array([], pa.timestamp("us", "UTC"))])
    assert sum(count_in_bins(empty, choose_bins(start, start))) == 0
