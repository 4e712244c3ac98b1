"""At its most abrupt moment, how much did an account's shown identity change at once?

In: the dated lanes of one account and its statements. Out: the highest log10 likelihood ratio among
its changes, and when; None where nothing ever changed. The score needs no replaced handle, so it
also orders accounts whose handle was kept. It is a queue for reading: it gives no level, and about
one ordinary account in a hundred stands above the threshold that `likelihood.toml` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from personas.opposed import Opposition
from personas.scoring import Likeness, compare, features, score
from personas.standing import AROUND, IDENTITY_FIELDS, Lane, identity_of, standing
from personas.timeline import Statement


@dataclass(frozen=True)
class Abrupt:
    """The highest score of an account's changes, and when that change was first seen."""

    score: float
    at: datetime


def most_abrupt(
    lanes: Mapping[str, Sequence[Lane]], statements: Sequence[Statement], table: Opposition
) -> Abrupt | None:
    """Return the most abrupt change of one account; of equal ones the earliest."""
    found = [
        Abrupt(score(_around(lanes, moment, statements, table)), moment)
        for moment in change_times(lanes)
    ]
    return max(found, key=lambda a: (a.score, -a.at.timestamp()), default=None)


def change_features(
    lanes: Mapping[str, Sequence[Lane]], statements: Sequence[Statement], table: Opposition
) -> list[tuple[datetime, dict[str, float]]]:
    """Return when each change was first seen, and its features (names of `likelihood.toml`)."""
    return [
        (moment, features(_around(lanes, moment, statements, table)))
        for moment in change_times(lanes)
    ]


def change_times(lanes: Mapping[str, Sequence[Lane]]) -> list[datetime]:
    """Return when a field of the shown identity was first seen with another value, rising."""
    return sorted(
        {lane["from_at"] for field in IDENTITY_FIELDS for lane in lanes.get(field, ())[1:]}
    )


def _around(
    lanes: Mapping[str, Sequence[Lane]],
    moment: datetime,
    statements: Sequence[Statement],
    table: Opposition,
) -> Likeness:
    """How alike the identities shown a week before and a week after are."""
    before = standing(lanes, moment - AROUND, moment - timedelta(microseconds=1))
    after = standing(lanes, moment + AROUND, moment)
    seen = {field: lane for field, lane in after.items() if _seen_from(lane, moment)}
    return compare(*(identity_of(side, statements, table) for side in (before, seen)))


def _seen_from(lane: Lane, moment: datetime) -> bool:
    """Tell whether a lane was seen at a moment or later; if not, the field is unknown then."""
    return bool(lane["to_at"] >= moment or lane["until_at"] > moment)
