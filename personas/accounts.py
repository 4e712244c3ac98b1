"""Everything that is known of one account, and the shifts that follow from it.

In: one account's dated lanes, statements, posts and falls of its post count. Out: what the tables
may show of it, after the rules on gender and on minors. The order matters: gender is judged before
anything is kept, so that no later step can see what must stay hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from personas.abrupt import Abrupt, most_abrupt
from personas.ages import age_shifts, states_minor
from personas.breaks import is_near, removal_near, silence_before
from personas.coverage import MINOR, History
from personas.events import local_name
from personas.gender_rule import ATTRIBUTE, Outcome, judge, shows_gender
from personas.language_switch import language_shift
from personas.opposed import Opposition
from personas.postlog import PostLog
from personas.reidentity import (
    Replacement,
    Surroundings,
    handle_quotes,
    identity_shift,
    kept_name_shift,
    replacements,
)
from personas.shift import Quote, Shift
from personas.shifts import claim_shifts
from personas.shown_lanes import showable_fields
from personas.similarity import fold
from personas.timeline import Statement
from personas.topic_switch import Topics, topic_shift

Lane = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """What the analysis of every account depends on."""

    table: Opposition
    marked: Callable[[str], object]  # true where a text holds a marker that hides a change
    gender: bool
    prior: float
    topics: Topics = field(default_factory=dict)  # label of each post, where the caller knows it


@dataclass(frozen=True)
class Account:
    """One account as it was read."""

    history: History
    lanes: Mapping[str, Sequence[Lane]]  # dated lanes by field, in order of time
    undated: Sequence[Lane]
    statements: Sequence[Statement]
    falls: Sequence[Mapping[str, Any]]

    @property
    def account_id(self) -> str:
        """The platform's id."""
        return self.history.account_id


@dataclass(frozen=True)
class Result:
    """What the tables may show of one account."""

    reason: str  # why a shift could not be assessed, "" when it could
    statements: Sequence[Statement] = ()
    shifts: tuple[Shift, ...] = ()
    hidden: bool = False  # no name, handle or identity change may be shown
    fields: tuple[str, ...] = ()  # profile fields whose values may be shown over time
    unsaid: bool = False  # a change is hidden, so nothing beside the claims is told of it
    abrupt: Abrupt | None = None


def follow(account: Account, log: PostLog, rules: Rules) -> Result:
    """Apply all rules to one account."""
    outcome = _gender(account, log, rules)
    if states_minor(account.statements):
        return Result(MINOR, hidden=outcome.suppressed)
    kept = _kept(account.statements, outcome, rules)
    reason = account.history.reason(account.statements)
    seen = Posting(
        language_shift(account.account_id, log),
        topic_shift(account.account_id, log, rules.topics),
    )
    shifts = seen.shifts()
    abrupt = None
    if reason == "":
        shifts += _shifts(replace(account, statements=kept), log, rules, outcome, seen)
        abrupt = most_abrupt(account.lanes, kept, rules.table)
    if outcome.suppressed:
        shifts = [s for s in shifts if _harmless(s, rules)]
    hidden = outcome.suppressed and not any(s.level == 3 for s in shifts)
    fields = showable_fields(
        account.lanes, account.statements, outcome, marked=rules.marked, gender=rules.gender
    )
    return Result(
        reason,
        kept,
        tuple(shifts),
        hidden,
        fields=fields,
        unsaid=outcome.suppressed,
        abrupt=None if outcome.suppressed else abrupt,
    )


@dataclass(frozen=True)
class Posting:
    """What changed in an account's posts."""

    language: Shift | None
    topic: Shift | None

    def shifts(self) -> list[Shift]:
        """Return what there is."""
        return [shift for shift in (self.language, self.topic) if shift is not None]


def _gender(account: Account, log: PostLog, rules: Rules) -> Outcome:
    """Judge the account; its posts are read for markers only when a change could be hidden."""
    texts = {lane["value"] for field in account.lanes for lane in account.lanes[field]}
    texts |= {lane["value"] for lane in account.undated}
    return judge(
        account.account_id,
        account.statements,
        texts=sorted(texts),
        posts=lambda: log.own_texts(account.account_id),
        renamed=_renamed(account),
        table=rules.table,
        marked=rules.marked,
    )


def _renamed(account: Account) -> bool:
    """Tell whether the handle changed beyond case, or the shown name beyond case and symbols.

    A name that moves to another server (name@server) is the same name: that shows no former one.
    """
    lanes = account.lanes
    alike: dict[str, Callable[[str], str]] = {"handle": local_name, "name": fold}
    return any(
        same(a["value"]) != same(b["value"])
        for field, same in alike.items()
        for a, b in pairwise(lanes.get(field, ()))
    )


def _kept(statements: Sequence[Statement], outcome: Outcome, rules: Rules) -> list[Statement]:
    """Return the statements that may be shown.

    Where a change is hidden, a quote that holds a marker or a claim of gender ("I am a trans
    communist") goes too.
    """
    if not outcome.suppressed:
        return [s for s in statements if rules.gender or s.attribute != ATTRIBUTE]
    spoken = [s for s in statements if shows_gender(s, rules.table)]
    return [
        s
        for s in statements
        if not shows_gender(s, rules.table)
        and not rules.marked(s.quote)
        and not any(_overlap(s, other) for other in spoken)
    ]


def _overlap(one: Statement, two: Statement) -> bool:
    same = (one.field, one.text) == (two.field, two.text)
    return same and one.start < two.end and two.start < one.end


def _harmless(shift: Shift, rules: Rules) -> bool:
    """A shift that shows neither name nor handle nor the replaced bio of a hidden change.

    The pattern of level 3 stands on other evidence and stays; what it quotes was chosen for it.
    """
    quotes = (shift.quote_before, shift.quote_after)
    if shift.attribute == "identity":
        return shift.level == 3
    named = any(quote.field in {"name", "handle"} for quote in quotes)
    return not named and not any(rules.marked(quote.words) for quote in quotes)


def _shifts(
    account: Account, log: PostLog, rules: Rules, outcome: Outcome, seen: Posting
) -> list[Shift]:
    found = claim_shifts(account.account_id, account.statements, rules.table)
    found += age_shifts(account.account_id, account.statements)
    changes = replacements(account.lanes, account.statements, rules.table)
    for change in changes:
        around = _surroundings(account, change, log, found, seen)
        # Where genders differ, a whole bio would show more than the claim's own words.
        private = outcome.suppressed or outcome.note is not None
        quotes = _quotes(change, around, rules) if private else None
        if private and quotes is None:
            continue
        whole = identity_shift(account.account_id, change, around, rules.prior, quotes)
        kept = kept_name_shift(account.account_id, change)
        found += [s for s in (whole, kept) if s is not None]
    if rules.gender and outcome.note is not None:
        found.append(outcome.note)
    return found


def _quotes(change: Replacement, around: Surroundings, rules: Rules) -> tuple[Quote, Quote] | None:
    """Return what a replacement beside a hidden change may quote: a claim's own words, or handles.

    The whole bio is never quoted then. None where the handles themselves hold a marker.
    """
    handles = handle_quotes(change)
    if any(rules.marked(quote.words) for quote in handles):
        return None
    opposed = around.contradiction
    return handles if opposed is None else (opposed.quote_before, opposed.quote_after)


def _surroundings(
    account: Account,
    change: Replacement,
    log: PostLog,
    found: Sequence[Shift],
    seen: Posting,
) -> Surroundings:
    before, after = sorted((change.last_before, change.first_after))

    def near(shift: Shift | None) -> bool:
        if shift is None:
            return False
        return is_near(shift.quote_before.at, shift.quote_after.at, before, after)

    opposed = [s for s in found if s.kind in ("contradiction", "oscillation") and near(s)]
    return Surroundings(
        silence=silence_before(log.times(account.account_id), before, after),
        removal=removal_near(account.falls, before, after),
        language=seen.language if near(seen.language) else None,
        topic=seen.topic if near(seen.topic) else None,
        contradiction=opposed[0] if opposed else None,
    )
