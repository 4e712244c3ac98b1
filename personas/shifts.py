"""How did an account's claims change, and can both be true?

In: the statements of one account and the opposition table. Out: shifts about affiliation,
occupation, origin, family and place (age, gender, identity and language have modules of their own).

A contradiction (level 2) needs two values that exclude each other, both asserted with grade P, K or
M, each persistent, never seen at one time, and no word of the account that tells the change. All
else that differs is at most a note. A value that merely disappears gives no row: absence is never
a contradiction, and a row needs two quotes. Ordinary changes (graduation, retirement, a move, a
more precise word) are kept at level 0, to show a reader why they are no finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

from personas.opposed import Opposition, Verdict
from personas.sentences import caveats, reason
from personas.shift import Shift, first_quote, last_quote, quotes_sentence
from personas.timeline import POST_LANE, Episode, Statement, episodes

# Grades that may carry a contradiction; G (grammar) and W (weak) are too often wrong alone.
FIRM = frozenset("PKM")
# Attributes followed here. Flags and languages shown are no statements about the account.
FOLLOWED = ("affiliation", "birthplace", "family", "location", "nationality", "occupation",
            "origin")  # fmt: skip
# A replaced value of these is worth a note although both may be true.
NOTED = frozenset({"affiliation", "nationality", "occupation"})
# A change of these stays a note even when the account tells it; a former trade is ordinary.
CONVICTIONS = frozenset({"affiliation"})
# Statuses in which a text may speak of the earlier value when it tells the change.
TELLING = frozenset({"former", "mentioned", "reported"})


def claim_shifts(
    account_id: str, statements: Sequence[Statement], opposition: Opposition
) -> list[Shift]:
    """Return the shifts of one account's claims, in order of attribute and time."""
    by_attribute: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes(statements):
        if episode.grades() != {"W"}:
            by_attribute[episode.attribute].append(episode)
    found: list[Shift] = []
    for attribute in FOLLOWED:
        own = [s for s in statements if s.attribute == attribute]
        account = _Account(account_id, own, by_attribute[attribute], opposition)
        found += account.shifts()
    return sorted(found, key=lambda s: (s.attribute, s.level, s.shift_id))


class _Account:
    """One account's episodes and statements of one attribute."""

    def __init__(
        self, account_id: str, own: list[Statement], found: list[Episode], table: Opposition
    ) -> None:
        self.account_id, self.own, self.table = account_id, own, table
        self.by_value: dict[str, list[Episode]] = defaultdict(list)
        for episode in found:
            self.by_value[episode.value].append(episode)

    def shifts(self) -> list[Shift]:
        pairs = combinations(sorted(self.by_value), 2)
        found = [self._between(one, two) for one, two in pairs]
        found += [self._told_as_past(value) for value in sorted(self.by_value)]
        found += [self._negated(value) for value in sorted(self.by_value)]
        return _one_a_change([shift for shift in found if shift is not None])

    def _between(self, one: str, two: str) -> Shift | None:
        """Compare two values; those that ever stood together are no change."""
        series = sorted(self.by_value[one] + self.by_value[two], key=_by_time)
        if _stand_together(self.by_value[one], self.by_value[two]):
            return None
        for a, b in pairwise(series):
            if a.value != b.value:
                verdict = self.table.relation(
                    a.attribute, a.value, b.value, (a.last_at, b.first_at)
                )
                if verdict.relation == "exclusive":
                    return self._exclusive(series, verdict)
                break
        return self._replaced(series)

    def _exclusive(self, series: list[Episode], verdict: Verdict) -> Shift:
        firm = [e for e in series if e.persistent and _firm(e)]
        pair = _first_change(firm) or _first_change(series)
        assert pair is not None  # `series` holds two values
        a, b = pair
        told = self._telling(a.value, b.value)
        solid = _first_change(firm) is not None
        back = next((e for e in firm if e.value == a.value and e.first_at > b.last_at), None)
        reasons = [reason("exclusive", why=verdict.why)]
        if told is not None:
            reasons.append(reason("told", quote=told.quote))
        elif not solid:
            reasons.append(reason("brief" if _firm(a) and _firm(b) else "weak_grade"))
        else:
            reasons.append(reason("persistent"))
        if told is not None or not solid:
            return self._shift(a, b, "tension", 1, reasons)
        if back is not None:
            reasons.append(reason("returned", at=back.first_at))
        return self._shift(a, b, "contradiction" if back is None else "oscillation", 2, reasons)

    def _replaced(self, series: list[Episode]) -> Shift | None:
        """One value gave way to another in one edit of one field, and nothing else stayed."""
        for a, b in pairwise(series):
            if a.value != b.value and self._one_edit(a, b):
                return self._combinable(a, b)
        return None

    def _combinable(self, a: Episode, b: Episode) -> Shift | None:
        verdict = self.table.relation(a.attribute, a.value, b.value, (a.last_at, b.first_at))
        if verdict.relation in ("benign", "elaboration"):
            why = reason(verdict.relation, why=verdict.why)
            return self._shift(a, b, verdict.relation, 0, [why])
        if verdict.relation != "different" or a.attribute not in NOTED:
            return None
        told = self._telling(a.value, b.value)
        if told is not None:
            kind = "tension" if a.attribute in CONVICTIONS else "benign"
            words = [reason("told", quote=told.quote), reason("different")]
            return self._shift(a, b, kind, int(kind == "tension"), words)
        firm = _firm(a) and _firm(b)
        return self._shift(a, b, "tension", 1, [reason("different")]) if firm else None

    def _one_edit(self, a: Episode, b: Episode) -> bool:
        left, right = a.statements[-1], b.statements[0]
        if left.field != right.field or POST_LANE in (left.lane, right.lane):
            return False
        return right.lane == left.lane + 1 and not (
            self._values(left.field, left.lane) & self._values(right.field, right.lane)
        )

    def _values(self, field: str, lane: int) -> set[str]:
        found = (s for s in self.own if s.field == field and s.lane == lane)
        return {s.value for s in found if s.status == "asserted" and s.first_at is not None}

    def _telling(self, before: str, after: str) -> Statement | None:
        """Return words that tell the change: the earlier value as former, or both in one text."""
        for s in self.own:
            if s.value == before and s.status == "former":
                return s
        texts: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        for s in self.own:
            texts[s.field, s.text].append(s)
        for group in texts.values():
            told = [s for s in group if s.value == before and s.status in TELLING]
            if told and any(s.value == after for s in group):
                return told[0]
        return None

    def _told_as_past(self, value: str) -> Shift | None:
        """An asserted value that is later told as former: a veteran, a retired teacher."""
        return self._later(value, "former", "benign", 0, "benign")

    def _negated(self, value: str) -> Shift | None:
        """An asserted value that is later denied: a note, never a contradiction."""
        if self.by_value[value][-1].attribute not in NOTED:
            return None
        return self._later(value, "negated", "tension", 1, "negated")

    def _later(self, value: str, status: str, kind: str, level: int, name: str) -> Shift | None:
        a = self.by_value[value][-1]
        later = [s for s in self.own if s.value == value and s.status == status]
        after = [s for s in later if s.first_at is not None and s.first_at > a.last_at]
        if level:  # a marker after "no" or "nor" often belongs to another phrase
            after = [s for s in after if s.grade in "PK"]
        if not after or not _firm(a) or (level and not a.persistent):
            return None
        why = reason(name, why="the account tells it as past", quote=after[0].quote)
        one, two = last_quote(firmest(a.statements[::-1])), first_quote(after[0])
        reasons = (quotes_sentence(one, two), why)
        return Shift(self.account_id, a.attribute, kind, level, value, f"{status}: {value}",
                     one, two, reasons, tuple(caveats(kind)))  # fmt: skip

    def _shift(
        self, a: Episode, b: Episode, kind: str, level: int, reasons: Iterable[str]
    ) -> Shift:
        one = last_quote(firmest(a.statements[::-1]))
        two = first_quote(firmest(b.statements))
        return Shift(
            self.account_id,
            a.attribute,
            kind,
            level,
            a.value,
            b.value,
            one,
            two,
            (quotes_sentence(one, two), *reasons),
            tuple(caveats(kind)),
        )


def _one_a_change(found: Sequence[Shift]) -> list[Shift]:
    """Keep one row below level 2 for each edit: {nurse, poet} -> {pilot} is one change."""
    kept: dict[tuple[object, ...], Shift] = {}
    for shift in sorted(found, key=_by_place):
        one, two = shift.quote_before, shift.quote_after
        own = shift.shift_id if shift.level >= 2 else ""
        kept.setdefault((shift.kind, one.source_id, two.source_id, own), shift)
    return list(kept.values())


def _by_place(shift: Shift) -> tuple[object, ...]:
    return (shift.quote_before.start, shift.quote_after.start, shift.before, shift.after)


def firmest(statements: Sequence[Statement]) -> Statement:
    """Return the first statement of a firm grade, else the first."""
    return next((s for s in statements if s.grade in FIRM), statements[0])


def _by_time(episode: Episode) -> tuple[object, ...]:
    return (episode.first_at, episode.last_at, episode.value)


def _firm(episode: Episode) -> bool:
    return bool(episode.grades() & FIRM)


def _stand_together(one: Sequence[Episode], two: Sequence[Episode]) -> bool:
    return any(a.overlaps(b) for a in one for b in two)


def _first_change(series: Sequence[Episode]) -> tuple[Episode, Episode] | None:
    """Return the first neighbours of different value."""
    return next(((a, b) for a, b in pairwise(series) if a.value != b.value), None)
