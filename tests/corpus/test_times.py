"""Times of every written form become the moment they name, and nothing else does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.times import Times, parse_times


def parse(cells: list[str | None], **options: str) -> Times:
    return parse_times(pa.chunked_array([pa.array(cells, pa.string())]), **options)


def moments(cells: list[str | None], **options: str) -> list[datetime | None]:
    found: list[datetime | None] = parse(cells, **options).values.to_pylist()
    return found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2017-08-19 15:13", datetime(2017, 8, 19, 15, 13)),
        ("2017-08-19T15:13:05.25Z", datetime(2017, 8, 19, 15, 13, 5, 250_000)),
        ("2017-08-19T15:13:05+03:30", datetime(2017, 8, 19, 11, 43, 5)),
        ("2017-08-19T15:13:05-0400", datetime(2017, 8, 19, 19, 13, 5)),
        ("2021-01-01 10:00:00 EST", datetime(2021, 1, 1, 15)),
        ("Fri May 25 16:40:41 +0000 2018", datetime(2018, 5, 25, 16, 40, 41)),
        ("Fri, 25 May 2018 16:40:41 GMT", datetime(2018, 5, 25, 16, 40, 41)),
        ("May 3, 2020, 4:05 PM", datetime(2020, 5, 3, 16, 5)),
        ("10/31/2017 19:58", datetime(2017, 10, 31, 19, 58)),
        ("31.10.2017", datetime(2017, 10, 31)),
        ("12/31/17 12:05 AM", datetime(2017, 12, 31, 0, 5)),
        ("20170819", datetime(2017, 8, 19)),
        ("1500000000", datetime(2017, 7, 14, 2, 40)),
        ("1500000000123", datetime(2017, 7, 14, 2, 40, 0, 123_000)),
        ("1500000000123456", datetime(2017, 7, 14, 2, 40, 0, 123_456)),
    ],
)
def test_a_known_form_is_read_as_the_moment_it_names(written: str, meant: datetime) -> None:
    assert moments([written]) == [meant.replace(tzinfo=UTC)]


@pytest.mark.parametrize(
    "written",
    ["tomorrow", "2020-13-01", "2020-02-30", "25:00", "1398-05-01", "1.5E+09", "13/13/2020",
     "2020-01-01 10:00:00 CST", "2020-01-01 10:75", "۲۰۲۰-۰۱-۰۱"],
)  # fmt: skip
def test_what_cannot_be_understood_is_marked_and_not_guessed(written: str) -> None:
    times = parse([written])
    assert times.values.to_pylist() == [None]
    assert times.unreadable.tolist() == [True]


def test_an_empty_cell_is_unknown_and_not_unreadable() -> None:
    times = parse(["", None, "nan", "  ", "2020-01-01"])
    assert times.unreadable.tolist() == [False] * 5
    assert times.values.null_count == 4


@given(st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))
def test_an_iso_time_survives_to_the_microsecond(moment: datetime) -> None:
    assert moments([moment.isoformat()]) == [moment]


@given(st.lists(st.text(max_size=30), max_size=20))
def test_no_text_whatever_stops_the_reading(cells: list[str]) -> None:
    times = parse(list(cells))
    assert len(times.values) == len(times.unreadable) == len(cells)


def test_one_date_decides_the_order_of_the_whole_column() -> None:
    assert moments(["3/4/2020", "13/4/2020"])[0] == datetime(2020, 4, 3, tzinfo=UTC)
    assert moments(["3/4/2020", "4/13/2020"])[0] == datetime(2020, 3, 4, tzinfo=UTC)


def test_an_order_that_no_date_decides_is_called_a_guess() -> None:
    assert any("guessed" in note for note in parse(["3/4/2020"]).notes)
    assert parse(["3/4/2020"], date_order="day-first").notes == ()


@pytest.mark.parametrize(
    ("cells", "shape"),
    [
        (["01.02.2024", "11.03.2024"], "03.04.2020"),
        (["1.2.24", "5.6.24"], "3.4.20"),
        (["5/6/2024", "7/8/2024", "9-9-2024"], "3/4/2020"),
        (["05-06-2024", "07-08-2024 10:00"], "03-04-2020"),
    ],
)
def test_a_note_on_the_order_shows_dates_as_the_column_writes_them(
    cells: list[str], shape: str
) -> None:
    [note] = parse(list(cells)).notes
    assert f"dates written like {shape} guessed" in note
    assert parse(cells[::-1]).notes == (note,)


def test_a_stated_order_wins_and_makes_other_dates_unreadable() -> None:
    times = parse(["3/4/2020", "13/4/2020"], date_order="month-first")
    assert times.values.to_pylist() == [datetime(2020, 3, 4, tzinfo=UTC), None]


def test_a_time_without_a_zone_is_taken_in_the_stated_one() -> None:
    assert moments(["2020-07-01 12:00"], timezone="Asia/Tehran") == [
        datetime(2020, 7, 1, 7, 30, tzinfo=UTC)
    ]
    assert moments(["2020-07-01 12:00Z"], timezone="Asia/Tehran") == [
        datetime(2020, 7, 1, 12, tzinfo=UTC)
    ]


def test_the_doubled_hour_of_autumn_is_the_earlier_one() -> None:
    assert moments(["2020-10-25 02:30"], timezone="Europe/Berlin") == [
        datetime(2020, 10, 25, 0, 30, tzinfo=UTC)
    ]


def test_an_unknown_zone_is_a_setting_to_correct() -> None:
    with pytest.raises(SettingsError, match="Mars/Base"):
        parse(["2020-01-01"], timezone="Mars/Base")


def test_precision_is_what_was_written() -> None:
    assert parse(["2020-01-01 10:00:01"]).precision == "second"
    assert parse(["2020-01-01 10:00"]).precision == "minute"
    assert parse(["2020-01-01"]).precision == "day"
    assert parse([None]).precision == "unknown"


def test_many_times_without_seconds_have_minute_precision() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    whole = pa.array([start + timedelta(minutes=7 * i) for i in range(20)], pa.timestamp("us"))
    assert parse_times(pa.chunked_array([whole])).precision == "minute"


def test_arrow_timestamps_and_dates_are_taken_as_they_are() -> None:
    naive = pa.chunked_array([pa.array([datetime(2020, 7, 1, 12)], pa.timestamp("ns"))])
    assert parse_times(naive, timezone="Asia/Tehran").values.to_pylist() == [
        datetime(2020, 7, 1, 7, 30, tzinfo=UTC)
    ]
    days = parse_times(pa.chunked_array([pa.array([date(2020, 7, 1)])]))
    assert days.precision == "day"
    assert days.values.to_pylist() == [datetime(2020, 7, 1, tzinfo=UTC)]


def test_a_number_column_counts_seconds() -> None:
    assert parse_times(pa.chunked_array([pa.array([1_500_000_000])])).values.to_pylist() == [
        datetime(2017, 7, 14, 2, 40, tzinfo=UTC)
    ]
    floats = parse_times(pa.chunked_array([pa.array([1_500_000_000.0, None])]))
    assert floats.values.to_pylist() == [datetime(2017, 7, 14, 2, 40, tzinfo=UTC), None]


@given(st.permutations(["3/4/2020", "13/4/2020", "2020-01-01", "x", "", "1500000000"]))
def test_the_order_of_the_rows_changes_no_time(cells: list[str]) -> None:
    found = dict(zip(cells, moments(list(cells)), strict=True))
    assert found["3/4/2020"] == datetime(2020, 4, 3, tzinfo=UTC)
    assert found["x"] is None
