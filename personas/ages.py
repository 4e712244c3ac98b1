"""Do an account's stated ages grow with the years? And is the latest one below 18?

In: the statements of one account (attributes `age`, whole years, and `birth_year`). Out: shifts of
the attribute "age", and whether the account must be left alone. An age that stands in a bio for
years grows stale there, so each statement is read as true on any day on which it was seen: two ages
contradict each other only when no pair of such days makes them fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from personas.sentences import caveats, reason
from personas.shift import Shift, first_quote, last_quote, quotes_sentence
from personas.shifts import FIRM, firmest
from personas.timeline import Episode, Statement, episodes, in_time

# Ages may differ from the time passed by this many years; less is a stale or rounded age.
AGE_TOLERANCE_YEARS = 3.0
# Accounts that state an age below this get no claims, shifts or cards.
ADULT_YEARS = 18
_DAY_S = 86_400
_YEAR_S = 365.2425 * _DAY_S
_ATTRIBUTES = ("age", "birth_year")


def states_minor(statements: Sequence[Statement]) -> bool:
    """Tell whether the latest stated age (undated ones count as latest) is below 18.

    Hearsay counts here ("im 14 lol"): to leave an adult alone harms nobody.
    """
    said = ("asserted", "reported")
    ages = [s for s in statements if s.attribute in _ATTRIBUTES and s.status in said]
    known = [(s, age) for s in sorted(ages, key=_lately) if (age := _age_when_said(s)) is not None]
    return bool(known) and known[-1][1] < ADULT_YEARS


def age_shifts(account_id: str, statements: Sequence[Statement]) -> list[Shift]:
    """Return contradictions, notes and ordinary birthdays of one account, in order of time."""
    wanted = [s for s in statements if s.attribute in _ATTRIBUTES and s.value.isdigit()]
    found = [e for e in episodes(wanted) if e.grades() != {"W"}]
    found.sort(key=lambda e: (e.first_at, e.last_at, e.attribute, e.value))
    solid = [e for e in found if e.persistent and e.grades() & FIRM]
    shifts = [s for a, b in _neighbours(solid) if (s := _compare(account_id, a, b, True))]
    if any(s.level for s in shifts):
        return shifts
    brief = [s for a, b in _neighbours(found) if (s := _compare(account_id, a, b, False))]
    return shifts + [s for s in brief if s.level]


def _neighbours(found: Sequence[Episode]) -> list[tuple[Episode, Episode]]:
    return [(a, b) for a, b in pairwise(found) if not a.overlaps(b)]


def _compare(account_id: str, a: Episode, b: Episode, solid: bool) -> Shift | None:
    misfit = _misfit_years(a, b)
    if misfit <= AGE_TOLERANCE_YEARS:
        grown = a.attribute == b.attribute == "age" and int(b.value) > int(a.value)
        why = [reason("age_benign")]
        return _shift(account_id, a, b, "benign", level=0, why=why) if grown and solid else None
    moved = _age(b, b.first_at) - _age(a, a.last_at)
    elapsed = elapsed_words((b.first_at - a.last_at).total_seconds())
    why = [reason("age", elapsed=elapsed, delta=f"{moved:+.0f}")]
    kind = "contradiction" if solid else "tension"
    why.append(reason("persistent" if solid else "brief"))
    return _shift(account_id, a, b, kind, level=2 if solid else 1, why=why)


def elapsed_words(seconds: float) -> str:
    """Return a time in words: in days while it is under a year, since 0.0 years tells nothing."""
    if seconds >= _YEAR_S:
        return f"{seconds / _YEAR_S:.1f} years"
    days = max(1, round(seconds / _DAY_S))
    return f"{days} day{'s' if days > 1 else ''}"


def _shift(
    account_id: str, a: Episode, b: Episode, kind: str, *, level: int, why: list[str]
) -> Shift:
    one, two = last_quote(firmest(a.statements[::-1])), first_quote(firmest(b.statements))
    reasons = (quotes_sentence(one, two), *why)
    other = tuple(caveats("age" if level else kind))
    return Shift(account_id, "age", kind, level, a.value, b.value, one, two, reasons, other)


def _misfit_years(a: Episode, b: Episode) -> float:
    """Return the years by which the birth dates that both allow miss each other."""
    low_a, high_a = _born(a)
    low_b, high_b = _born(b)
    return max(0.0, max(low_a, low_b) - min(high_a, high_b))


def _born(episode: Episode) -> tuple[float, float]:
    """Return the span of birth dates (fractional years) that fit some day of the episode."""
    value = int(episode.value)
    if episode.attribute == "birth_year":
        return float(value), value + 1.0
    return _year(episode.first_at) - value, _year(episode.last_at) - value


def _age(episode: Episode, at: datetime) -> float:
    value = int(episode.value)
    return _year(at) - value if episode.attribute == "birth_year" else float(value)


def _year(at: datetime) -> float:
    return 1970.0 + at.timestamp() / _YEAR_S


def _age_when_said(statement: Statement) -> float | None:
    if not statement.value.isdigit():
        return None
    if statement.attribute == "age":
        return float(statement.value)
    return None if statement.last_at is None else _year(statement.last_at) - int(statement.value)


def _lately(statement: Statement) -> tuple[object, ...]:
    moment = statement.last_at
    return (moment is None, 0.0 if moment is None else moment.timestamp(), in_time(statement))
