"""What an account showed and claimed over time, as lanes on one axis of time.

In: the tables `profile_lanes`, `personas` and `account_events` of one account. Out: one row of SVG
for the handle, the name, the bio and each claim, and the same states in words with the row each was
read from. It reads no profile: what must stay hidden is in none of these tables. Values of places
are no finer than a country in every mode, and claims of gender have no lane: they are quoted in
their own words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup, escape

from reports import wording
from reports.charts import Bins, axis, choose_bins
from reports.evidence import Evidence
from reports.found import attribute_words
from reports.links import Links
from reports.place_names import place_words
from reports.place_values import coarse
from reports.redacted_tables import event_value

Row = Mapping[str, Any]
FIELDS = {"handle": "handle", "name": "shown name", "bio": "bio"}
# An account that swaps its name daily would fill pages; the table holds every state.
MAX_STATES = 12
MAX_CLAIM_LANES = 8
MAX_EVENTS = 12
LANE_HEIGHT = 18
# A state seen once is drawn this wide (per cent); narrower than this a number does not fit.
MIN_WIDTH, NUMBER_WIDTH = 0.8, 4.0
_HIDDEN_LANES = frozenset({"gender"})


@dataclass(frozen=True)
class Lane:
    """One row of the drawing."""

    title: str
    note: str
    chart: Markup


@dataclass(frozen=True)
class State:
    """One state of a profile field in words."""

    number: int
    dates: str
    text: str
    seen: str
    place: str


@dataclass(frozen=True)
class FieldStates:
    """The states of one field, oldest first; `more` were left out."""

    title: str
    states: list[State]
    more: int


@dataclass(frozen=True)
class History:
    """All lanes of one account."""

    lanes: list[Lane]
    axis: Markup
    fields: list[FieldStates]
    events: list[str]
    more_claims: int


def rows_of(links: Links, name: str, account_id: str) -> list[dict[str, Any]]:
    """Return one account's rows of a table."""
    table = links[name]
    own: list[dict[str, Any]] = table.filter(
        pc.equal(table["account_id"], pa.scalar(account_id))
    ).to_pylist()
    return own


def history(evidence: Evidence, account_id: str, shift: Row) -> History | None:
    """Return the lanes of a shift's account; None where nothing with a time may be shown."""
    links = evidence.links
    fields = _fields(rows_of(links, "profile_lanes", account_id))
    claims = _claims(rows_of(links, "personas", account_id))
    events = _events(evidence, rows_of(links, "account_events", account_id))
    spans = [(r["from_at"], r["to_at"]) for rows in fields.values() for r in rows]
    spans += [span for own in claims.values() for span in own]
    if not spans:
        return None
    cuts = [at for at in (shift["at_before"], shift["at_after"]) if at is not None]
    times = [at for span in spans for at in span] + cuts
    bins = choose_bins(min(times), max(times))
    shown = dict(list(claims.items())[:MAX_CLAIM_LANES])
    return History(
        lanes=[_field_lane(f, rows, bins, cuts) for f, rows in fields.items()]
        + [_claim_lane(title, own, bins, cuts) for title, own in shown.items()],
        axis=axis(bins),
        fields=[_states(evidence, f, rows) for f, rows in fields.items()],
        events=events,
        more_claims=len(claims) - len(shown),
    )


def _fields(rows: Sequence[Row]) -> dict[str, list[Row]]:
    return {
        field: own
        for field in FIELDS
        if (own := sorted((r for r in rows if r["field"] == field), key=_began))
    }


def _began(row: Row) -> Any:
    return row["from_at"], row["to_at"], row["value"]


def _claims(rows: Sequence[Row]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return the times of each claim by its words, first claimed first."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in sorted(rows, key=lambda r: (str(r["from_at"]), r["attribute"], r["value"])):
        if row["attribute"] in _HIDDEN_LANES or row["from_at"] is None:
            continue
        value = place_words(coarse(row["value"])).replace("_", " ")
        title = f"{attribute_words(row['attribute'])}: {value}"
        found.setdefault(title, []).append((row["from_at"], row["to_at"] or row["from_at"]))
    return found


def _field_lane(field: str, rows: Sequence[Row], bins: Bins, cuts: Sequence[datetime]) -> Lane:
    spans = [(row["from_at"], row["to_at"]) for row in rows]
    note = wording.count(len(rows), "state")
    title = f"{FIELDS[field]}: {note} seen"
    return Lane(FIELDS[field], note, _drawn(spans, bins, cuts, title, numbered=True))


def _claim_lane(
    title: str, spans: Sequence[tuple[datetime, datetime]], bins: Bins, cuts: Sequence[datetime]
) -> Lane:
    dates = _dates(spans[0][0], max(end for _, end in spans))
    return Lane(title, dates, _drawn(spans, bins, cuts, f"{title}, {dates}", numbered=False))


def _drawn(
    spans: Sequence[tuple[datetime, datetime]],
    bins: Bins,
    cuts: Sequence[datetime],
    title: str,
    *,
    numbered: bool,
) -> Markup:
    """Return one row: a block for each stretch, a line at each date that the card compares."""
    shapes = [_block(n, span, bins, numbered=numbered) for n, span in enumerate(spans, 1)]
    shapes += [_cut(bins.percent(at)) for at in cuts]
    return Markup(
        f'<svg class="states" width="100%" height="{LANE_HEIGHT}" role="img"'
        f' aria-label="{escape(title)}">{"".join(shapes)}</svg>'
    )


def _block(number: int, span: tuple[datetime, datetime], bins: Bins, *, numbered: bool) -> str:
    left, right = bins.percent(span[0]), bins.percent(span[1])
    width = max(right - left, MIN_WIDTH)
    left = min(left, 100 - width)
    kind = "state" if number % 2 else "state other"
    block = (
        f'<rect class="{kind}" x="{left:.3f}%" y="1" width="{width:.3f}%"'
        f' height="{LANE_HEIGHT - 2}"><title>{_dates(*span)}</title></rect>'
    )
    if numbered and width >= NUMBER_WIDTH:
        block += f'<text class="{kind}" x="{left:.3f}%" dx="5" y="13">{number}</text>'
    return block


def _cut(left: float) -> str:
    return (
        f'<line class="cut" x1="{left:.3f}%" x2="{left:.3f}%" y1="-2" y2="{LANE_HEIGHT + 2}">'
        "</line>"
    )


def _dates(first: datetime, last: datetime) -> str:
    one, two = wording.day(first), wording.day(last)
    return one if one == two else f"{one} to {two}"


def _states(evidence: Evidence, field: str, rows: Sequence[Row]) -> FieldStates:
    """The first and last states of a field; what lies between is counted."""
    numbered = list(enumerate(rows, 1))
    half = MAX_STATES // 2
    kept = numbered if len(rows) <= MAX_STATES else numbered[:half] + numbered[-half:]
    states = [_state(evidence, field, number, row) for number, row in kept]
    return FieldStates(FIELDS[field], states, len(rows) - len(states))


def _state(evidence: Evidence, field: str, number: int, row: Row) -> State:
    text = evidence.redactor.quote(row["value"], field)
    return State(
        number=number,
        dates=_dates(row["from_at"], row["to_at"]),
        text=text or "(empty)",
        seen=wording.count(row["snapshots"], "sighting"),
        place=evidence.row_of(row["source_id"]),
    )


def _events(evidence: Evidence, rows: Iterable[Row]) -> list[str]:
    """What the sources record of the account, oldest first, in words."""
    dated = [row for row in rows if row["at"] is not None]
    dated.sort(key=lambda r: (r["at"], r["kind"], str(r["after"])))
    return [_event(evidence, row) for row in dated[:MAX_EVENTS]]


def _event(evidence: Evidence, row: Row) -> str:
    kind = row["kind"]
    sides = [
        event_value(evidence.redactor, kind, side, row[side]) if row[side] else None
        for side in ("before", "after")
    ]
    told = " → ".join(side for side in sides if side)
    words = kind.replace("_", " ") + (f": {told}" if told else "")
    return f"{wording.day(row['at'])} {words}"


def spans(links: Links, account_id: str) -> list[tuple[str, list[tuple[datetime, datetime]]]]:
    """Return (what, times seen) of each lane of an account: profile fields, then claims."""
    fields = _fields(rows_of(links, "profile_lanes", account_id))
    shown = [(FIELDS[f], [(r["from_at"], r["to_at"]) for r in rows]) for f, rows in fields.items()]
    claims = _claims(rows_of(links, "personas", account_id))
    return [*shown, *list(claims.items())[:MAX_CLAIM_LANES]]
