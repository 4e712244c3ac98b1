"""What did an account show of itself at a given time?

In: the dated lanes of one account and its statements. Out: the lane that stood in each field at a
time, and the same as an `Identity` that can be compared. A field that was first seen later than the
caller allows is unknown, never empty. Claims that show a gender take no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from personas.gender_rule import shows_gender
from personas.opposed import Opposition
from personas.scoring import Identity
from personas.timeline import POST_LANE, Statement

Lane = Mapping[str, Any]
# Fields changed within a week of each other count as one change. A wider window lets ordinary edits
# add up: with 30 days a fifth fewer hard splices are found at 1 % false positives, and 4 of 89
# replaced identities of two synthetic campaigns were slow edits of ordinary accounts, for 1 of 86.
AROUND = timedelta(days=7)
# The fields that make up a shown identity.
IDENTITY_FIELDS = ("name", "handle", "bio", "location")


def standing(
    lanes: Mapping[str, Sequence[Lane]], at: datetime, latest: datetime
) -> dict[str, Lane]:
    """Return each field's lane at a time; its first lane when it was not known yet.

    A field that was first seen after `latest` is unknown.
    """
    found = {}
    for field in IDENTITY_FIELDS:
        begun = [lane for lane in lanes.get(field, ()) if lane["from_at"] <= at]
        first = [lane for lane in lanes.get(field, ())[:1] if lane["from_at"] <= latest]
        if begun or first:
            found[field] = begun[-1] if begun else first[0]
    return found


def identity_of(
    side: Mapping[str, Lane], statements: Sequence[Statement], table: Opposition
) -> Identity:
    """Return what stood in these lanes, with the claims asserted there that show no gender."""
    shown = {(field, lane["value"]) for field, lane in side.items()}
    claims = frozenset(
        (s.attribute, s.value)
        for s in statements
        if s.lane != POST_LANE and s.status == "asserted" and (s.field, s.text) in shown
        and not shows_gender(s, table)
    )  # fmt: skip
    values = {field: lane["value"] for field, lane in side.items()}
    return Identity(
        values.get("name"), values.get("handle"), values.get("bio"), claims, values.get("location")
    )
