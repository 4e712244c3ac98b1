"""Everything that is known of one account, and the shifts that follow from it.

In: one account's dated lanes, statements, posts and falls of its post count. Out: what the tables
may show of it, after the rules on gender and on minors. The order matters: gender is judged before
anything is kept, so that no later step can see what must stay hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from personas.ages import age_shifts, states_minor
from personas.breaks import is_near, removal_near, silence_before
from personas.coverage import MINOR, History
from personas.gender_rule import ATTRIBUTE, Outcome, judge, shows_gender
from personas.language_switch import language_shift
from personas.opposed import Opposition
from personas.postlog import PostLog
from personas.reidentity import (
    Replacement,
    Surroundings,
    identity_shift,
    kept_name_shift,
    replacements,
)
from personas.shift import Shift
from personas.shifts import claim_shifts
from personas.similarity import fold
from personas.timeline import Statement

Lane = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """What the analysis of every account depends on."""

    table: Opposition
    marked: Callable[[str], object]  # true where a text holds a marker that hides a change
    gender: bool
    prior: float


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


def follow(account: Account, log: PostLog, rules: Rules) -> Result:
    """Apply all rules to one account."""
    if states_minor(account.statements):
        return Result(MINOR)
    outcome = _gender(account, rules)
    kept = [s for s in account.statements if not _barred(s, outcome, rules)]
    reason = account.history.reason(account.statements)
    language = language_shift(account.account_id, log)
    shifts = [] if language is None else [language]
    if reason == "":
        shifts += _shifts(replace(account, statements=kept), log, rules, outcome, language)
    hidden = outcome.suppressed and not any(s.level == 3 for s in shifts)
    return Result(reason, kept, tuple(s for s in shifts if not hidden or _harmless(s)), hidden)


def _gender(account: Account, rules: Rules) -> Outcome:
    texts = {lane["value"] for field in account.lanes for lane in account.lanes[field]}
    texts |= {lane["value"] for lane in account.undated}
    return judge(
        account.account_id,
        account.statements,
        texts=texts,
        renamed=_renamed(account),
        table=rules.table,
        marked=rules.marked,
    )


def _renamed(account: Account) -> bool:
    """Tell whether the shown name or the handle changed beyond case and symbols."""
    return any(
        fold(a["value"]) != fold(b["value"])
        for field in ("name", "handle")
        for a, b in pairwise(account.lanes.get(field, ()))
    )


def _barred(statement: Statement, outcome: Outcome, rules: Rules) -> bool:
    if outcome.suppressed and shows_gender(statement, rules.table):
        return True
    return not rules.gender and statement.attribute == ATTRIBUTE


def _harmless(shift: Shift) -> bool:
    """A shift that shows neither name nor handle nor the replaced bio of a hidden change."""
    fields = {shift.quote_before.field, shift.quote_after.field}
    return shift.attribute != "identity" and not fields & {"name", "handle"}


def _shifts(
    account: Account, log: PostLog, rules: Rules, outcome: Outcome, language: Shift | None
) -> list[Shift]:
    found = claim_shifts(account.account_id, account.statements, rules.table)
    found += age_shifts(account.account_id, account.statements)
    changes = replacements(account.lanes, account.statements, rules.table)
    for change in changes:
        around = _surroundings(account, change, log, found, language)
        whole = identity_shift(account.account_id, change, around, rules.prior)
        kept = kept_name_shift(account.account_id, change)
        found += [s for s in (whole, kept) if s is not None]
    if rules.gender and outcome.note is not None:
        found.append(outcome.note)
    return found


def _surroundings(
    account: Account,
    change: Replacement,
    log: PostLog,
    found: Sequence[Shift],
    language: Shift | None,
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
        language=language if near(language) else None,
        contradiction=opposed[0] if opposed else None,
    )
