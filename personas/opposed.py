"""Which claims exclude each other? Reads the reviewed opposition table, `opposed.toml`.

In: two values of one attribute and a date. Out: their relation in one word, and the reason as the
table states it. It refuses a table with unknown keys: a misspelt row would silently oppose nothing.
A table and not a model, because a contradiction is a judgement that people must be able to review.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any, Literal

from corpus.errors import SettingsError

Relation = Literal["same", "benign", "elaboration", "different", "exclusive"]
_KEYS = {
    "family": {"attribute", "name", "values"},
    "exclusive": {
        "attribute",
        "a",
        "b",
        "where",
        "since",
        "until",
        "within_years",
        "why",
        "examples",
    },
    "combines": {"attribute", "values", "examples"},
    "benign": {"attribute", "before", "after", "why", "examples"},
    "implied": {"attribute", "woman", "man"},
    "single": {"attribute", "why", "examples"},
    "reviewed": {"attribute", "values", "why"},
}


When = tuple[datetime | None, datetime | None]
_YEAR_S = 365.2425 * 86_400
ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Verdict:
    """How two values stand to each other, and why."""

    relation: Relation
    why: str = ""


@dataclass(frozen=True)
class Exclusion:
    """One row of the table: values of `a` exclude values of `b`, where and while stated."""

    attribute: str
    a: frozenset[str]
    b: frozenset[str]
    where: str
    why: str
    since: datetime | None
    until: datetime | None
    within_years: float | None = None  # set: only from `a` to `b`, and only when they come so fast

    @property
    def told(self) -> str:
        """Why, with the place whose politics the row describes where there is one."""
        return (
            self.why
            if self.where == ANYWHERE
            else f"{self.why} (by the rule list for {self.where})"
        )

    def holds(self, attribute: str, one: str, two: str, when: When) -> bool:
        """Tell whether the row speaks about `one` and then `two` at these times."""
        if attribute != self.attribute:
            return False
        at, forth, back = when[1], one in self.a and two in self.b, one in self.b and two in self.a
        if self.within_years is not None:
            crossed = forth and _years(*when) <= self.within_years
        else:
            crossed = forth or back
        early = self.since is not None and at is not None and at < self.since
        late = self.until is not None and at is not None and at > self.until
        return crossed and not early and not late


@dataclass(frozen=True)
class Step:
    """An ordinary step from one value to another; "*" is any value."""

    attribute: str
    before: frozenset[str]
    after: frozenset[str]
    why: str

    def covers(self, attribute: str, before: str, after: str) -> bool:
        """Tell whether the step leads from `before` to `after`."""
        starts = before in self.before or "*" in self.before
        ends = after in self.after or "*" in self.after
        return attribute == self.attribute and starts and ends


@dataclass(frozen=True)
class Opposition:
    """The whole table; build it with `load_opposition`."""

    version: str
    families: tuple[tuple[str, frozenset[str]], ...]
    combining: frozenset[tuple[str, str]]
    exclusions: tuple[Exclusion, ...]
    steps: tuple[Step, ...]
    implied: Mapping[tuple[str, str], str]
    single: Mapping[str, str]
    reviewed: frozenset[tuple[str, str]] = frozenset()
    examples: tuple[tuple[str, str, str, str], ...] = ()

    def relation(
        self, attribute: str, before: str, after: str, when: When = (None, None)
    ) -> Verdict:
        """Return how `after` stands to `before`.

        `when` is the last time of the earlier claim and the first of the later; null is any time.
        """
        for row in self.exclusions:
            if row.holds(attribute, before, after, when):
                return Verdict("exclusive", row.told)
        if before == after or self._together(attribute, before, after):
            return Verdict("same")
        for step in self.steps:
            if step.covers(attribute, before, after):
                return Verdict("benign", step.why)
        if _narrows(before, after):
            return Verdict("elaboration", "the later claim says the same more precisely")
        if attribute in self.single:
            return Verdict("exclusive", self.single[attribute])
        return Verdict("different")

    def differs_in_gender_alone(self, attribute: str, before: str, after: str) -> bool:
        """Tell whether two kin words differ in the gender that they imply (mother, father)."""
        one = self.implied.get((attribute, before))
        two = self.implied.get((attribute, after))
        return one is not None and two is not None and one != two

    def implies_gender(self, attribute: str, value: str) -> bool:
        """Tell whether the table says that the value implies a gender."""
        return (attribute, value) in self.implied

    def knows(self, attribute: str, value: str) -> bool:
        """Tell whether some row speaks of the value, if only to say that it was looked at."""
        return (
            (attribute, value) in self.combining | self.reviewed
            or any(attribute == of and value in values for of, values in self.families)
            or any(attribute == row.attribute and value in row.a | row.b for row in self.exclusions)
        )

    def _together(self, attribute: str, one: str, two: str) -> bool:
        if (attribute, one) in self.combining or (attribute, two) in self.combining:
            return True
        return any(
            attribute == of and one in values and two in values for of, values in self.families
        )


def _years(before: datetime | None, after: datetime | None) -> float:
    if before is None or after is None:
        return 0.0
    return (after - before).total_seconds() / _YEAR_S


def _narrows(before: str, after: str) -> bool:
    """Engineer -> software_engineer, mother -> mother_of_3: all old words stay, some are added."""
    old, new = (set(v.replace("-", "_").split("_")) for v in (before, after))
    return old < new or new < old


@cache
def load_opposition() -> Opposition:
    """Return the table that ships with the package."""
    text = resources.files("personas").joinpath("opposed.toml").read_text(encoding="utf-8")
    return read_opposition(text, "opposed.toml")


def read_opposition(text: str, name: str) -> Opposition:
    """Parse a table of this format; raise SettingsError with every problem found."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"opposition table {name} is not valid TOML: {error}") from error
    problems = [p for kind in raw if kind != "version" for p in _problems(kind, raw[kind], name)]
    if problems:
        raise SettingsError(problems)
    return Opposition(
        version=str(raw.get("version", "")),
        families=tuple((r["attribute"], frozenset(r["values"])) for r in raw.get("family", [])),
        combining=frozenset(
            (row["attribute"], value) for row in raw.get("combines", []) for value in row["values"]
        ),
        exclusions=tuple(_exclusion(row) for row in raw.get("exclusive", [])),
        steps=tuple(_step(row) for row in raw.get("benign", [])),
        implied=_implied(raw.get("implied", [])),
        single={row["attribute"]: row["why"] for row in raw.get("single", [])},
        reviewed=frozenset(
            (row["attribute"], value) for row in raw.get("reviewed", []) for value in row["values"]
        ),
        examples=_examples(raw),
    )


def _problems(kind: str, rows: Any, name: str) -> list[str]:
    if kind not in _KEYS:
        return [f"opposition table {name} has [[{kind}]]; known: {', '.join(sorted(_KEYS))}"]
    optional = {"examples", "since", "until", "where", "within_years"}
    found = []
    for row in rows:
        unknown, missing = set(row) - _KEYS[kind], _KEYS[kind] - optional - set(row)
        found += [f"{name}: [[{kind}]] has the unknown key {key!r}" for key in sorted(unknown)]
        found += [f"{name}: [[{kind}]] lacks the key {key!r}" for key in sorted(missing)]
    return found


def _exclusion(row: dict[str, Any]) -> Exclusion:
    return Exclusion(
        row["attribute"],
        frozenset(row["a"]),
        frozenset(row["b"]),
        row.get("where", ANYWHERE),
        row["why"],
        _day(row.get("since")),
        _day(row.get("until")),
        row.get("within_years"),
    )


def _step(row: dict[str, Any]) -> Step:
    return Step(row["attribute"], frozenset(row["before"]), frozenset(row["after"]), row["why"])


def _implied(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {
        (row["attribute"], value): gender
        for row in rows
        for gender in ("woman", "man")
        for value in row[gender]
    }


def _examples(raw: dict[str, Any]) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (row["attribute"], *example)
        for kind in ("exclusive", "combines", "benign", "single")
        for row in raw.get(kind, [])
        for example in row.get("examples", [])
    )


def _day(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
