"""The persona cards and the account events: what accounts said about themselves, and what became.

In: shifts, coverage and account events, evidence to cite. Out: one card a shift, the highest level
first, at most MAX_CARDS: two quotes side by side, what stood in the profile over time, how often
accounts here edit theirs; a table of events. A shift whose sources the case does not hold gets no
card: no quote, no claim. What must stay hidden is in none of the tables read here; the profiles
themselves give the quoted snapshot alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from personas.sentences import reason
from reports import wording
from reports.bio_change import BioChange, bio_change
from reports.evidence import Citation, Evidence
from reports.found import attribute_words, level_meaning, level_words, phrases, shift_order
from reports.links import Links, tally
from reports.persona_lanes import History, history, rows_of
from reports.persona_rates import edit_sentences
from reports.place_names import place_words
from reports.redacted_tables import event_value
from reports.report_persona_more import Rename, renames_of

# Fifty cards are a day's reading; the exports hold every shift.
MAX_CARDS = 50
MAX_EVENTS = 30
# Every account has these; they are facts about it and nothing that happened.
NOT_HAPPENED = ("created", "last_seen")


@dataclass(frozen=True)
class Side:
    """One of the two statements."""

    at: str
    said: str
    quote: str
    value: str
    cited: Citation
    shown_as: tuple[str, str] | None  # display name and handle of a replaced identity


@dataclass(frozen=True)
class Card:
    """One shift with both quotes."""

    anchor: str
    shift_id: str
    account: str
    level: int
    level_words: str
    level_meaning: str
    kind: str
    attribute: str
    before: Side
    after: Side
    gap: str | None
    reasons: list[str]
    chances: list[str]
    rates: list[str]
    renames: list[Rename]
    history: History | None
    bios: BioChange | None
    explanations: list[str]


@dataclass(frozen=True)
class Event:
    """One dated change of an account."""

    account: str
    kind: str
    at: str
    before: str
    after: str
    place: str


def noted(links: Links) -> list[dict[str, Any]]:
    """Shifts of level 1 and above, the highest first."""
    rows = links["shifts"].filter(pc.greater_equal(links["shifts"]["level"], 1)).to_pylist()
    return sorted(rows, key=shift_order)


def persona_cards(links: Links, evidence: Evidence) -> list[Card]:
    """Return the cards of the highest shifts."""
    made = [_card(evidence, place, row) for place, row in enumerate(noted(links)[:MAX_CARDS], 1)]
    return [card for card in made if card is not None]


def _card(evidence: Evidence, place: int, row: Mapping[str, Any]) -> Card | None:
    before, after = _side(evidence, row, "before"), _side(evidence, row, "after")
    if before is None or after is None:
        return None
    links, account, reasons = evidence.links, row["account_id"], _reasons(evidence, row)
    return Card(
        anchor=f"shift-{place}",
        shift_id=evidence.redactor.derived(row["shift_id"]),
        account=evidence.redactor.account(account),
        level=row["level"],
        level_words=level_words(row),
        level_meaning=level_meaning(row),
        kind=phrases()["kind"].get(row["kind"], row["kind"].replace("_", " ")),
        attribute=attribute_words(row["attribute"]),
        before=before,
        after=after,
        gap=wording.span(row["gap_s"]) if row["gap_s"] else None,
        reasons=[r for r in reasons if not _is_chance(r)],
        chances=[r for r in reasons if _is_chance(r)],
        rates=edit_sentences(links, account),
        renames=renames_of(links, evidence, account),
        history=history(evidence, account, row),
        bios=bio_change(rows_of(links, "profile_lanes", account), row, evidence.redactor),
        explanations=_explanations(evidence, row),
    )


@cache
def _chance() -> re.Pattern[str]:
    """The sentence on what share of such accounts changed to a new use, at one prior."""
    told = re.escape(reason("prior", prior="\0", posterior="\1"))
    return re.compile(told.replace(re.escape("\0"), ".+").replace(re.escape("\1"), ".+"))


def _is_chance(sentence: str) -> bool:
    return _chance().fullmatch(sentence) is not None


def _reasons(evidence: Evidence, row: Mapping[str, Any]) -> list[str]:
    """The shift's reasons, without those that only repeat the two quotes beside each other."""
    quotes = (row["quote_before"], row["quote_after"])
    telling = [r for r in row["reasons"] if not all(quote and quote in r for quote in quotes)]
    return [wording.sentence(evidence.redactor.sentence(told)) for told in telling]


def _side(evidence: Evidence, row: Mapping[str, Any], side: str) -> Side | None:
    place, quote = row[f"{side}_field"], row[f"quote_{side}"]
    cited = evidence.cite(row[f"{side}_source"], quote=quote, place=place)
    if cited is None:
        return None
    before, after = evidence.redactor.values(row["before"], row["after"])
    value = {"before": before, "after": after}[side]
    identity = row["attribute"] == "identity"
    return Side(
        at=wording.day(row[f"at_{side}"]),
        said=phrases()["field"].get(place, place),
        quote=evidence.redactor.quote(quote, place),
        value="" if identity else place_words(value).replace("_", " "),
        cited=cited,
        shown_as=_shown_as(evidence, row, side) if identity else None,
    )


def _shown_as(evidence: Evidence, row: Mapping[str, Any], side: str) -> tuple[str, str] | None:
    """The display name and handle of the quoted snapshot, where both may be shown over time."""
    snapshot = evidence.links.snapshot(row[f"{side}_source"])
    lanes = rows_of(evidence.links, "profile_lanes", row["account_id"])
    if snapshot is None or not {"name", "handle"} <= {lane["field"] for lane in lanes}:
        return None
    redactor = evidence.redactor
    name, handle = snapshot["display_name"], snapshot["handle"]
    return redactor.name(name) if name else "unknown", redactor.handle(
        handle
    ) if handle else "unknown"


def _explanations(evidence: Evidence, row: Mapping[str, Any]) -> list[str]:
    """The shift's own caveats; where it lists none, what is possible for any such statement."""
    known = phrases()["explanations"]
    if row["caveats"]:
        return [wording.sentence(evidence.redactor.sentence(c)) for c in row["caveats"]]
    by_kind = known.get(row["attribute"], known.get(row["kind"], []))
    return list(dict.fromkeys([*by_kind, *known["any"]]))


def event_counts(links: Links) -> list[tuple[str, int, int]]:
    """(kind, events, accounts) for each kind of account event, most accounts first."""
    known = links["account_events"]
    events = known.filter(pc.invert(pc.is_in(known["kind"], value_set=pa.array(NOT_HAPPENED))))
    rows = []
    for kind, number in tally(events, "kind"):
        of_kind = events.filter(pc.equal(events["kind"], kind))
        rows.append((kind.replace("_", " "), number, len(pc.unique(of_kind["account_id"]))))
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def dated_events(links: Links, evidence: Evidence) -> tuple[list[Event], int]:
    """Renames and other changes with a before or after, oldest first, and how many in all."""
    events = links["account_events"]
    told = events.filter(pc.is_valid(events["after"])).to_pylist()
    told.sort(key=lambda row: (row["at"] is None, str(row["at"]), row["account_id"], row["after"]))
    return [_event(evidence, row) for row in told[:MAX_EVENTS]], len(told)


def _event(evidence: Evidence, row: Mapping[str, Any]) -> Event:
    redactor = evidence.redactor

    def side(name: str) -> str:
        return event_value(redactor, row["kind"], name, row[name])

    return Event(
        account=redactor.account(row["account_id"]),
        kind=row["kind"].replace("_", " "),
        at=wording.moment(row["at"]),
        before=side("before") if row["before"] else "unknown",
        after=side("after"),
        place=f"{redactor.file(row['source_file'])}, row {row['source_row']}",
    )


def cards_of(links: Links, evidence: Evidence, account_id: str) -> list[Card]:
    """Return the cards of one account's shifts, the highest first."""
    own = [row for row in noted(links) if row["account_id"] == account_id]
    made = [_card(evidence, place, row) for place, row in enumerate(own, 1)]
    return [card for card in made if card is not None]
