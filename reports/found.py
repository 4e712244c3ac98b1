"""One finding on its way to the table, and the phrases it is filled into.

In: counts and ids from `narrative_findings` and `account_findings`. Out: a `Found` each and, from
the data files, the kinds of findings and the words for levels, fields and attributes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

# Ids kept with a finding. More would be a copy of the corpus; the counts stand in the sentence.
MAX_IDS = 200
_ID_MARKS = str.maketrans("‹›", "<>")


@dataclass(frozen=True)
class Found:
    """One finding before it is ranked; `strength` in 0..1 among findings of its kind."""

    kind: str
    key: str
    strength: float
    words: Mapping[str, str]
    evidence: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    narrative_id: str | None = None


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("reports").joinpath(f"data/{name}").read_text("utf-8"))


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """The kinds of findings: weight, most and statement, from `data/findings.toml`."""
    return _toml("findings.toml")


@cache
def phrases() -> dict[str, Any]:
    """The words of levels, fields, attributes and explanations, from `data/phrases.toml`."""
    return _toml("phrases.toml")


def marked(account_id: str) -> str:
    """Return an account id as it stands in a sentence: between ‹ ›, so that it can be replaced.

    Only what stands there is an id; a count or a word that equals one is not.
    """
    return f"‹{account_id.translate(_ID_MARKS)}›"


def attribute_words(attribute: str) -> str:
    """An attribute as a reader says it: birth_year is "a birth year"."""
    return str(phrases()["attribute"].get(attribute, attribute.replace("_", " ")))


def _level_key(row: Mapping[str, Any]) -> str:
    """Level 2 has two meanings, by kind."""
    replaced = row["level"] == 2 and row["kind"] == "re_identity"
    return "2_re_identity" if replaced else str(row["level"])


def level_words(row: Mapping[str, Any]) -> str:
    """A shift's level in words."""
    return str(phrases()["level"][_level_key(row)])


def level_meaning(row: Mapping[str, Any]) -> str:
    """What a shift's level means, in one sentence."""
    return str(phrases()["level_meaning"][_level_key(row)])


def shift_order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sort key of shifts: level, then score, then id."""
    return (-row["level"], -(row["score"] or 0.0), row["shift_id"])
