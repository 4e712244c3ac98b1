"""Does a text carry a word after which a change of claimed gender must not be shown?

In: a text. Out: the spans of trans and non-binary markers and of mixed or non-binary pronoun lists.
It draws no conclusion about anyone: a marker on either side of a change only keeps that change out
of shifts, reports and exports. Wide on purpose: a marker too many hides a note, one too few could
show a former name.

Method: the word lists of `lexicons/suppression.toml`, on the same fold as the claims.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from personas.grammar import Phrases
from personas.pronouns import pronoun_index, pronoun_lists
from personas.rules import LEXICONS, load_rules
from personas.segments import tokenize

_FILE = LEXICONS / "suppression.toml"


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A marker at code points [start, end); kind is trans, nonbinary or pronouns."""

    start: int
    end: int
    kind: str


@cache
def _markers(path: Path = _FILE) -> dict[str, Phrases]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {kind: Phrases(section["forms"]) for kind, section in table.items()}


@cache
def _pronouns() -> dict[str, tuple[str, str]]:
    return pronoun_index(load_rules().grammars)


def gender_markers(text: str | None) -> list[Marker]:
    """Return the markers of a text in order; none for an unknown or empty text."""
    if not text:
        return []
    tokens = tokenize(text)
    found = [
        Marker(tokens.starts[start], tokens.ends[end - 1], kind)
        for kind, phrases in _markers().items()
        for start, end in phrases.within(tokens.keys, 0, len(tokens))
    ]
    found += [
        Marker(tokens.starts[listed.start], tokens.ends[listed.end - 1], "pronouns")
        for listed in pronoun_lists(tokens, _pronouns())
        if listed.value in {"nonbinary", "multiple"}
    ]
    return sorted(found)


def suppression_markers(text: str | None) -> list[tuple[int, int]]:
    """Return the (start, end) code points of all markers of a text."""
    return [(marker.start, marker.end) for marker in gender_markers(text)]
