"""Texts written to invite a wrong claim, in nine languages: how many are read as a person would?"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from personas.claims import ClaimReader
from personas.rules import load_rules

FOLDER = Path(__file__).parent / "adversarial"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.tsv"))
FLOORS = tomllib.loads(
    (Path(__file__).parents[1] / "quality" / "floors.toml").read_text(encoding="utf-8")
)["persona statuses"]
Triple = tuple[str, str, str]


@dataclass(frozen=True)
class Item:
    """One text and all that it claims, as (attribute, value, status)."""

    language: str
    trap: str
    field: str
    text: str
    claims: frozenset[Triple]


def _claims(written: str) -> frozenset[Triple]:
    parts = [] if written == "none" else written.split("; ")
    found = []
    for part in parts:
        attribute, rest = part.split("=")
        value, status = rest.rsplit(":", 1)
        found.append((attribute, value, status))
    return frozenset(found)


def read_items() -> list[Item]:
    """Every item of every language."""
    items = []
    for language in LANGUAGES:
        lines = (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line and not line.startswith("#"):
                trap, field, text, claims = line.split("\t")
                items.append(Item(language, trap, field, text, _claims(claims)))
    return items


ITEMS = read_items()
READERS = {name: ClaimReader(load_rules(), name) for name in ("bio", "name", "post")}


def told(item: Item) -> set[Triple]:
    """What the engine says of an item, flags shown left out."""
    found = READERS[item.field].read(item.text)
    return {(c.attribute, c.value, c.status) for c in found if c.attribute != "flag_shown"}


def right(item: Item) -> bool:
    """Whether every expected claim is found in its status and nothing else is asserted."""
    found = told(item)
    asserted = {claim for claim in found if claim[2] == "asserted"}
    return item.claims <= found and asserted <= item.claims


def _share(items: list[Item]) -> float:
    return sum(map(right, items)) / len(items)


def test_the_set_is_large_and_covers_nine_languages() -> None:
    assert len(ITEMS) >= 200
    counts = Counter(item.language for item in ITEMS)
    assert len(counts) == 9
    assert min(counts.values()) >= 20
    assert len({(item.field, item.text) for item in ITEMS}) == len(ITEMS)


def test_statuses_are_read_as_a_person_reads_them() -> None:
    wrong = [(i.language, i.trap, i.text, sorted(told(i))) for i in ITEMS if not right(i)]
    assert _share(ITEMS) >= FLOORS["accuracy"], wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_falls_behind(language: str) -> None:
    assert _share([i for i in ITEMS if i.language == language]) >= FLOORS["accuracy_by_language"]
