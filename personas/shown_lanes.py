"""Which profile fields of an account may be shown over time, and what stood in them?

In: an account as it was read, what the rule on gender decided, its shifts. Out: rows of
`profile_lanes`. Only accounts with a noted shift have any: a card about a change needs the history
around it, and nothing else does.

The rule is narrower than the one on shifts, since a lane shows whole texts and not a claim's own
words. Nothing where a change is hidden. The handle alone where statements about gender differ. No
field in which any value holds a marker of being trans. No bio or name where what the account says
of its gender is not the same in every text (a pronoun list that was added), or where the attribute
is switched off and the field states it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from personas.gender_rule import ATTRIBUTE, Outcome
from personas.shift import Shift
from personas.similarity import fold
from personas.timeline import Statement

Lane = Mapping[str, Any]
Row = dict[str, Any]
FIELDS = ("handle", "name", "bio")
# The level from which a shift is noted and has a card.
NOTED = 1
# True where a text holds a marker that hides a change.
Marked: TypeAlias = Callable[[str], object]


def showable_fields(
    lanes: Mapping[str, Sequence[Lane]],
    statements: Iterable[Statement],
    outcome: Outcome,
    *,
    marked: Marked,
    gender: bool,
) -> tuple[str, ...]:
    """Return those of FIELDS whose values may be shown; `gender` is the setting."""
    if outcome.suppressed:
        return ()
    if outcome.note is not None:
        fields: tuple[str, ...] = ("handle",)
    else:
        said = _said_of_gender(statements)
        fields = tuple(f for f in FIELDS if _steady(f, lanes.get(f, ()), said, gender=gender))
    return tuple(f for f in fields if not any(marked(lane["value"]) for lane in lanes.get(f, ())))


def _said_of_gender(statements: Iterable[Statement]) -> dict[tuple[str, str], frozenset[str]]:
    """Return what each (field, text) says of its account's gender, whatever the status."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for s in statements:
        if s.attribute == ATTRIBUTE:
            key = (s.field, s.text)
            found[key] = found.get(key, frozenset()) | {f"{s.status} {s.value}"}
    return found


def _steady(
    field: str,
    lanes: Sequence[Lane],
    said: Mapping[tuple[str, str], frozenset[str]],
    *,
    gender: bool,
) -> bool:
    """Tell whether every text of a field says the same of gender, and nothing where it is off."""
    each = [said.get((field, lane["value"]), frozenset()) for lane in lanes]
    return all(a == b for a, b in pairwise(each)) and (gender or not any(each))


def lane_rows(
    account_id: str,
    lanes: Mapping[str, Sequence[Lane]],
    shown: Sequence[str],
    shifts: Iterable[Shift],
) -> list[Row]:
    """Return the rows of one account; none where no shift is noted."""
    if not any(shift.level >= NOTED for shift in shifts):
        return []
    return [_row(account_id, field, run) for field in shown for run in _runs(lanes.get(field, ()))]


def _runs(lanes: Sequence[Lane]) -> list[list[Lane]]:
    """Join neighbours that differ only in case, emoji or punctuation: they are one statement."""
    runs: list[list[Lane]] = []
    for lane in lanes:
        if runs and fold(runs[-1][-1]["value"]) == fold(lane["value"]):
            runs[-1].append(lane)
        else:
            runs.append([lane])
    return runs


def _row(account_id: str, field: str, run: Sequence[Lane]) -> Row:
    return {
        "account_id": account_id,
        "field": field,
        "value": run[0]["value"],
        "from_at": run[0]["from_at"],
        "to_at": run[-1]["to_at"],
        "snapshots": sum(lane["snapshots"] for lane in run),
        "source_id": run[0]["snapshot_id"],
    }
