"""Numbers, times and spans in words, the same way everywhere.

In: counts, shares, times, seconds. Out: short English phrases. Refuses to round a share that is not
zero down to "0 %" or one that is not all up to "100 %".
"""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# Above these the next larger unit reads better: 90 minutes, 48 hours.
_STEPS = ((2 * MINUTE, 1, "second"), (2 * HOUR, MINUTE, "minute"), (3 * DAY, HOUR, "hour"))


def count(number: int, noun: str) -> str:
    """`count(1203, "post")` is "1,203 posts"."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def share(part: float, whole: float) -> str:
    """Return a share as whole per cent, e.g. "38 %", "under 1 %", "over 99 %"."""
    if whole <= 0:
        return "0 %"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "under 1 %"
    if 99 < percent < 100:
        return "over 99 %"
    return f"{round(percent)} %"


def moment(at: datetime | None, precision: str = "second") -> str:
    """Return a time in UTC, no finer than it is known; "an unknown time" for None."""
    if at is None:
        return "an unknown time"
    known = at.astimezone(UTC)
    if precision == "day":
        return f"{known:%Y-%m-%d}"
    return f"{known:%Y-%m-%d %H:%M} UTC"


def day(at: datetime | None) -> str:
    """Return the date in UTC; "unknown date" for None."""
    return f"{at.astimezone(UTC):%Y-%m-%d}" if at is not None else "unknown date"


def span(seconds: float) -> str:
    """Return a length of time, rounded up to a unit that reads well: "3 hours", "12 days"."""
    for limit, unit, noun in _STEPS:
        if seconds <= limit:
            return count(max(1, -int(-seconds // unit)), noun)
    return count(-int(-seconds // DAY), "day")


def joined(words: list[str]) -> str:
    """Join with commas and a last "and"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(words: str) -> str:
    """Begin with a capital and end with a full stop, unless a mark already ends it.

    A first word with a dot or colon inside is a file or a name and keeps its letters.
    """
    text = words.strip()
    if not text:
        return text
    end = "" if text[-1] in ".!?…:”»" else "."
    named = any(mark in text.split()[0][:-1] for mark in ".:/_")
    return (text if named else text[0].upper() + text[1:]) + end


def chance(value: float | None) -> str:
    """A p or q value as it is printed: never 0."""
    if value is None:
        return "not tested"
    return "under .001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 1 else "1"


def few(expected: float) -> str:
    """An expected count as it is printed: one decimal, never 0."""
    return f"{expected:,.1f}" if expected >= 0.1 else "under 0.1"
