"""What moment does a cell name, and how exactly?

In: one column of a file (text, numbers or timestamps). Out: `Times`: moments as timestamp[us, UTC],
a mask of cells that hold something unreadable, the precision of the whole column, and sentences on
what had to be guessed. Written forms are recognised by RE2 patterns (linear on any input) and
computed column-wise. It refuses to guess silently: 3/4/2020 is decided by the rest of the column
and the decision is stated; a year outside 1970-2099 (another calendar, damage) is unreadable.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from corpus.settings import known_zone
from corpus.tables import TS

FIRST_YEAR, LAST_YEAR = 1970, 2099
# From this many times on, seconds that are all zero mean that the source has minutes only: by
# chance that happens once in 60**8 columns.
ENOUGH_TO_JUDGE = 8

# Texts taken apart at once: the parts are Python objects, some hundred bytes a time.
BLOCK_ROWS = 50_000

_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE = r"(?: ?(?P<zone>[A-Z]{1,4}|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
_WEEKDAY = r"(?:[A-Za-z]{3,9},? )?"
_NAME = r"(?P<name>[A-Za-z]{3})[a-z]{0,6}\.?"

PATTERNS: dict[str, str] = {
    "ISO": r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    rf"(?:[Tt ] ?{_CLOCK}{_ZONE})?",
    "numeric": r"(?P<a>\d{1,2})(?P<separator>[/.-])(?P<b>\d{1,2})[/.-](?P<year>\d{4}|\d{2})"
    rf"(?:[T,]? ?{_CLOCK}{_ZONE})?",
    "Twitter": rf"{_WEEKDAY}{_NAME} (?P<day>\d{{1,2}}) {_CLOCK}{_ZONE} (?P<year>\d{{4}})",
    "mail": rf"{_WEEKDAY}(?P<day>\d{{1,2}})[ -]{_NAME}[ -](?P<year>\d{{4}})(?:,? {_CLOCK}{_ZONE})?",
    "month name": rf"{_WEEKDAY}{_NAME} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})"
    rf"(?:,? {_CLOCK}{_ZONE})?",
    "compact": r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:T?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?(?P<zone>Z)?)?",
}
# Seconds, milliseconds, microseconds, nanoseconds: each unit's years 1973-2099 fill one band.
_EPOCH_UNITS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (np.inf, 1_000_000_000))
_EPOCH = r"^-?\d{1,19}(?:\.\d{1,9})?$"
_MISSING = pa.array(["", "nan", "nat", "none", "null", "n/a", "na", "\\n"])


@dataclass(frozen=True)
class Times:
    """A column of moments; `unreadable` marks cells that hold something but no known time.

    `zoneless` tells that some cell states a clock and no zone, so that one had to be assumed.
    """

    values: pa.ChunkedArray
    unreadable: np.ndarray[Any, np.dtype[np.bool_]]
    precision: str
    notes: tuple[str, ...] = ()
    zoneless: bool = False


@cache
def _words() -> dict[str, dict[str, int]]:
    """Month and zone words, read once."""
    text = resources.files("corpus").joinpath("times.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def parse_times(
    column: pa.ChunkedArray, *, timezone: str = "UTC", date_order: str = "auto"
) -> Times:
    """Read one column of times.

    `timezone` is the IANA zone of times that state none. `date_order` decides 3/4/2020:
    month-first, day-first, or auto (decided by the column, stated in `notes`).

    Raises
    ------
    SettingsError
        When `timezone` is not a zone.
    """
    known_zone(timezone)
    column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _from_timestamps(column, timezone)
    blocks = [column.slice(at, BLOCK_ROWS) for at in range(0, len(column) or 1, BLOCK_ROWS)]
    order, notes = _column_order(blocks, date_order)
    read = [_read_block(block, timezone, order) for block in blocks]
    clock = _finest({unit for block in read for unit in block.units})
    return Times(
        pa.chunked_array([_moments(block.micros) for block in read]),
        np.concatenate([block.unreadable for block in read]),
        _precision([block.micros for block in read], clock),
        tuple(notes),
        any(block.zoneless for block in read),
    )


@dataclass(frozen=True)
class _Block:
    """The moments of some rows and what they tell of the column."""

    micros: np.ndarray[Any, Any]
    unreadable: np.ndarray[Any, np.dtype[np.bool_]]
    units: frozenset[str]
    zoneless: bool


def _read_block(column: pa.ChunkedArray, timezone: str, order: _Order) -> _Block:
    """Read the rows of a block by their distinct texts."""
    texts = column.cast(pa.string())
    distinct = pc.unique(texts)
    found = _read_texts(distinct, timezone, order)
    place = pc.index_in(texts, value_set=distinct).to_numpy()
    place = np.asarray(place, dtype=np.int64)
    return replace(found, micros=found.micros[place], unreadable=found.unreadable[place])


def _moments(micros: np.ndarray[Any, Any]) -> pa.Array:
    missing = np.isnat(micros)
    return pa.array(micros.astype("int64"), mask=missing).cast(TS)


def _from_timestamps(column: pa.ChunkedArray, timezone: str) -> Times:
    """Arrow already holds moments; only zone, range and precision remain."""
    zoned = getattr(column.type, "tz", None) is not None
    nulls = pc.is_null(column).to_numpy()
    micros = np.array(
        pc.cast(column, pa.timestamp("us", tz="UTC" if zoned else None), safe=False)
        .cast(pa.int64())
        .fill_null(0)
        .to_numpy()
    ).astype("datetime64[us]")
    if not zoned:
        micros = _localize(micros, timezone)
    outside = ~_in_range(micros) & ~nulls
    micros[nulls | outside] = np.datetime64("NaT")
    dated = pa.types.is_date(column.type)
    precision = "day" if dated and (~np.isnat(micros)).any() else _precision([micros], "second")
    zoneless = not zoned and not dated and not bool(nulls.all())
    return Times(pa.chunked_array([_moments(micros)]), outside, precision, (), zoneless)


def _in_range(micros: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    low, high = np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01")
    inside: np.ndarray[Any, Any] = (micros >= low) & (micros < high)
    return inside


def _precision(blocks: Sequence[np.ndarray[Any, Any]], clock: str) -> str:
    """`clock` is the finest unit written; many times that are all round have less."""
    count, days, minutes = 0, True, True
    for micros in blocks:
        seconds = micros[~np.isnat(micros)].astype("datetime64[s]").astype("int64")
        count += len(seconds)
        minutes = minutes and bool((seconds % 60 == 0).all())
        days = days and minutes and bool((seconds % 86_400 == 0).all())
    if not count:
        return "unknown"
    if clock == "day" or count < ENOUGH_TO_JUDGE:
        return clock
    if days:
        return "day"
    return "minute" if minutes else clock


def _localize(micros: np.ndarray[Any, Any], timezone: str) -> np.ndarray[Any, Any]:
    """Times without a zone become UTC; a doubled hour in autumn is taken as the earlier one."""
    if timezone.upper() == "UTC" or not len(micros):
        return micros
    inside = _in_range(micros)
    safe = np.where(inside, micros, np.datetime64("NaT", "us"))
    local = pd.Series(pd.DatetimeIndex(safe)).dt.tz_localize(
        timezone, ambiguous=np.ones(len(safe), dtype=bool), nonexistent="shift_forward"
    )
    done = local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.where(inside, done, micros)


def _read_texts(texts: pa.Array, timezone: str, order: _Order) -> _Block:
    """Return what distinct texts say."""
    trimmed = pc.utf8_trim_whitespace(texts)
    empty = pc.or_kleene(
        pc.is_null(trimmed), pc.is_in(pc.utf8_lower(trimmed), value_set=_MISSING)
    ).to_numpy(zero_copy_only=False)
    micros = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[us]")
    todo, units = ~empty, set[str]()
    zoneless = False
    for name, pattern in PATTERNS.items():
        rows, parts = _matches(trimmed, todo, pattern)
        if not len(rows):
            continue
        if name == "numeric":
            _settle_order(parts, order)
        micros[rows] = _compute(parts, timezone)
        zoneless |= _lacks_zone(parts)
        todo[rows] = False
        units |= _units(parts)
    rows, moments = _epochs(trimmed, todo)
    if len(rows):
        micros[rows], todo[rows] = moments, False
        units.add("second")
    inside = _in_range(micros)
    micros[~inside] = np.datetime64("NaT")
    return _Block(micros, ~empty & ~inside, frozenset(units), zoneless)


def _finest(units: set[str]) -> str:
    return next((unit for unit in ("second", "minute", "day") if unit in units), "unknown")


Parts = dict[str, np.ndarray[Any, Any]]


def _matches(
    texts: pa.Array, todo: np.ndarray[Any, Any], pattern: str
) -> tuple[np.ndarray[Any, Any], Parts]:
    rows = np.flatnonzero(todo)
    found = pc.extract_regex(texts.take(pa.array(rows)), f"^{pattern}$")
    hit = found.is_valid().to_numpy(zero_copy_only=False)
    found = found.filter(pa.array(hit))
    parts = {
        field.name: found.field(i).to_numpy(zero_copy_only=False)
        for i, field in enumerate(found.type)
    }
    return rows[hit], parts


def _number(parts: Parts, name: str) -> np.ndarray[Any, Any]:
    """A group as int64, 0 where it is absent."""
    n = len(parts["year"])
    if name not in parts:
        return np.zeros(n, dtype=np.int64)
    cells = pa.array([cell or "0" for cell in parts[name]], pa.string())
    return np.asarray(cells.cast(pa.int64()).to_numpy())


def _compute(parts: Parts, timezone: str) -> np.ndarray[Any, Any]:
    """Year, month, day, clock and zone to UTC; NaT where no such day or hour exists."""
    year, day = _number(parts, "year"), _number(parts, "day")
    year = np.where(year < 70, year + 2000, np.where(year < 100, year + 1900, year))
    month = _months(parts["name"]) if "name" in parts else _number(parts, "month")
    hour, minute, second = (_number(parts, n) for n in ("hour", "minute", "second"))
    hour, hour_ok = _twelve_hours(hour, parts)
    possible = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & hour_ok
    possible &= (hour < 24) & (minute < 60) & (second < 61)
    start = ((year - 1970) * 12 + np.where(possible, month, 1) - 1).astype("datetime64[M]")
    date = start.astype("datetime64[D]") + (day - 1)
    possible &= date.astype("datetime64[M]") == start
    seconds = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    micros = date.astype("datetime64[us]") + seconds + _fractions(parts)
    shift, stated = _zones(parts)
    micros = np.where(stated, micros - shift, _localize(micros, timezone))
    micros[~possible | (stated & np.isnat(shift))] = np.datetime64("NaT")
    return micros


def _months(names: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    known = _words()["months"]
    return np.array([known.get(str(name).lower(), 0) for name in names], dtype=np.int64)


def _twelve_hours(
    hour: np.ndarray[Any, Any], parts: Parts
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    half = np.array([str(cell or "").lower() for cell in parts.get("half", [""] * len(hour))])
    stated = half != ""
    ok = ~stated | ((hour >= 1) & (hour <= 12))
    return np.where(stated, hour % 12 + np.where(half == "p", 12, 0), hour), ok


def _fractions(parts: Parts) -> np.ndarray[Any, Any]:
    cells = parts.get("fraction", [""] * len(parts["year"]))
    digits = [(str(cell or "") + "000000")[:6] for cell in cells]
    return np.array([int(text) for text in digits], dtype="timedelta64[us]")


def _zones(parts: Parts) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Offsets from UTC (NaT for an unknown abbreviation) and where a zone was written."""
    cells = [str(cell or "") for cell in parts.get("zone", [""] * len(parts["year"]))]
    offsets = {cell: _offset(cell) for cell in set(cells)}
    shift = np.array([offsets[cell] for cell in cells], dtype="timedelta64[m]")
    return shift.astype("timedelta64[us]"), np.array([cell != "" for cell in cells], dtype=bool)


def _offset(zone: str) -> np.timedelta64:
    if zone[:1] in {"+", "-"}:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return np.timedelta64(-minutes if zone[0] == "-" else minutes, "m")
    known = _words()["zones"]
    return np.timedelta64(known[zone], "m") if zone in known else np.timedelta64("NaT", "m")


def _lacks_zone(parts: Parts) -> bool:
    """Whether some cell with a clock says nothing of its zone."""
    if "hour" not in parts:
        return False
    zones = parts.get("zone", [""] * len(parts["hour"]))
    return any(hour and not zone for hour, zone in zip(parts["hour"], zones, strict=True))


def _units(parts: Parts) -> set[str]:
    """How finely the times of one pattern were written."""

    def written(name: str) -> bool:
        return name in parts and any(bool(cell) for cell in parts[name])

    if written("second"):
        return {"second"}
    return {"minute"} if written("hour") else {"day"}


@dataclass(frozen=True)
class _Order:
    """Whether the day comes first; `judged` by the column rather than told."""

    day_first: bool
    judged: bool


@dataclass(frozen=True)
class _Votes:
    """What dates like 3/4/2020 tell of their order and spelling."""

    day: int = 0
    month: int = 0
    separators: Counter[str] = field(default_factory=Counter)
    zero: bool = False
    long_year: bool = False

    def __add__(self, other: _Votes) -> _Votes:
        return _Votes(
            self.day + other.day,
            self.month + other.month,
            self.separators + other.separators,
            self.zero or other.zero,
            self.long_year or other.long_year,
        )

    @property
    def counted(self) -> bool:
        """Whether the counts matter, not only which of them are zero."""
        return len(self.separators) > 1 or bool(self.day and self.month)


def _settle_order(parts: Parts, order: _Order) -> None:
    """Add `day` and `month` to the parts of a/b/year."""
    a, b = _number(parts, "a"), _number(parts, "b")
    day_first = np.full(len(a), order.day_first)
    if order.judged:  # a value that fits one order only is read by that order
        day_first = np.where(a > 12, True, np.where(b > 12, False, day_first))
    parts["day"] = np.where(day_first, a, b).astype(str).astype(object)
    parts["month"] = np.where(day_first, b, a).astype(str).astype(object)


def _column_order(blocks: Sequence[pa.ChunkedArray], wanted: str) -> tuple[_Order, list[str]]:
    """Decide day and month of a/b/year for the whole column, by its distinct texts."""
    if wanted != "auto":
        return _Order(wanted == "day-first", False), []
    found = [_numeric_dates(block) for block in blocks]
    votes = sum(map(_votes, found), _Votes())
    if len(blocks) > 1 and votes.counted:  # texts that occur in several blocks count once
        texts = pc.unique(pa.chunked_array(found))
        parts = (texts.slice(at, BLOCK_ROWS) for at in range(0, len(texts), BLOCK_ROWS))
        votes = sum(map(_votes, parts), _Votes())
    if not votes.separators:
        return _Order(False, True), []
    order, notes = _order(votes)
    return _Order(order == "day-first", True), notes


def _numeric_dates(column: pa.ChunkedArray) -> pa.Array:
    """The distinct texts of a column in the form a/b/year."""
    texts = pc.unique(column.cast(pa.string()))
    trimmed = pc.utf8_trim_whitespace(texts)
    return texts.filter(pc.match_substring_regex(trimmed, f"^{PATTERNS['numeric']}$"))


def _votes(texts: pa.Array) -> _Votes:
    trimmed = pc.utf8_trim_whitespace(texts)
    _, parts = _matches(trimmed, np.ones(len(texts), dtype=bool), PATTERNS["numeric"])
    a, b = _number(parts, "a"), _number(parts, "b")
    cells = [*parts["a"].tolist(), *parts["b"].tolist()]
    return _Votes(
        int((a > 12).sum()),
        int((b > 12).sum()),
        Counter(parts["separator"].tolist()),
        any(cell.startswith("0") for cell in cells),
        any(len(cell) == 4 for cell in parts["year"].tolist()),
    )


def _order(votes: _Votes) -> tuple[str, list[str]]:
    say, like = "set reading.date_order to decide", f"dates written like {_shape(votes)}"
    if votes.day and votes.month:
        order = "day-first" if votes.day > votes.month else "month-first"
        return order, [f"{like} contradict each other; read as {order}; {say}"]
    if votes.day or votes.month:
        order = "day-first" if votes.day else "month-first"
        return order, [f"{like} read as {order}, as other dates of the column show"]
    dotted = set(votes.separators) == {"."}  # never the American order
    order = "day-first" if dotted else "month-first"
    return order, [f"{like} guessed to be {order}: no date decides it; {say}"]


def _shape(votes: _Votes) -> str:
    """The 3rd or 4th of 2020 as this column would write it; nothing of the column is quoted."""
    separators = votes.separators
    separator: str = min(separators, key=lambda found: (-separators[found], found))
    zero, year = "0" if votes.zero else "", "2020" if votes.long_year else "20"
    return separator.join([f"{zero}3", f"{zero}4", year])


def _epochs(
    texts: pa.Array, todo: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Numbers since 1970; the size tells the unit, and no digit above a microsecond is lost."""
    rows = np.flatnonzero(todo)
    candidates = texts.take(pa.array(rows))
    hit = pc.match_substring_regex(candidates, _EPOCH).to_numpy(zero_copy_only=False).astype(bool)
    # Distinct texts only, and exact integers: floats would lose microseconds.
    moments = [_epoch(text) for text in candidates.filter(pa.array(hit)).to_pylist()]
    return rows[hit], np.array(moments, dtype="datetime64[us]")


def _epoch(text: str) -> np.datetime64:
    whole, _, fraction = text.partition(".")
    number = int(whole)
    unit = next(unit for limit, unit in _EPOCH_UNITS if abs(number) < limit)
    micros = number * 1_000_000 // unit
    if unit == 1 and fraction:
        micros += int((fraction + "000000")[:6])
    return np.datetime64(micros, "us")
