"""Sentences from frames: [a|b] picks one, {slot} draws from a list, {2..9} draws a number.

In: a frame and the slots of its language. Out: text. Frames and lists are the TOML files in
`words/`; a frame that names an unknown slot raises KeyError with the frame, because that is a
mistake in the data file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scripts.campaign.chance import Rng, pick

WORDS = Path(__file__).parent / "words"
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]*)\}")
_SENTENCE_START = re.compile(r"(^|[.!?] )([a-zà-ÿ])")


@dataclass(frozen=True)
class Words:
    """The vocabulary of one language, as its TOML file says it."""

    lang: str
    slots: Mapping[str, Sequence[str]]
    topics: Mapping[str, Mapping[str, Sequence[str]]]
    positive: Mapping[str, Mapping[str, Sequence[str]]]
    negative: Mapping[str, Mapping[str, Sequence[str]]]
    openers: Sequence[str]
    reactions: Sequence[str]
    campaign: Mapping[str, Sequence[str]]
    critic: Mapping[str, Sequence[str]]
    news: Mapping[str, Sequence[str]]
    apps: Sequence[str]
    profile: Mapping[str, Any]


@dataclass(frozen=True)
class Point:
    """One talking point of the coordinated population with its wordings in each language."""

    point_id: str
    narrative: str
    wordings: Mapping[str, Sequence[str]]


@cache
def words(lang: str) -> Words:
    """Load the vocabulary of a language."""
    raw = _toml(f"{lang}.toml")
    return Words(
        lang=lang,
        slots=raw["slots"],
        topics=raw["topics"],
        positive=raw["positive"],
        negative=raw["negative"],
        openers=raw["opener"]["items"],
        reactions=raw["reaction"]["items"],
        campaign=raw["campaign"],
        critic=raw["critic"],
        news=raw["news"],
        apps=raw["apps"]["items"],
        profile=raw["profile"],
    )


@cache
def points() -> tuple[Point, ...]:
    """Load the talking points, in the order of the file."""
    rows = _toml("points.toml")["point"]
    return tuple(
        Point(row["id"], row["narrative"], {lang: row[lang] for lang in ("en", "fa", "ar", "fr")})
        for row in rows
    )


@cache
def edit_data() -> Mapping[str, Any]:
    """Load the look-alike letters, emoji and link hosts of the typed edits."""
    return _toml("edits.toml")


def expand(rng: Rng, frame: str, vocabulary: Words, extra: Mapping[str, str] | None = None) -> str:
    """Fill a frame; `extra` holds slots that the caller decides."""
    text = frame
    while match := _CHOICE.search(text):
        text = text[: match.start()] + pick(rng, match.group(1).split("|")) + text[match.end() :]
    while match := _SLOT.search(text):
        filled = _fill(rng, match.group(1), vocabulary, extra or {})
        text = text[: match.start()] + filled + text[match.end() :]
    return text


def as_carried(frame: str) -> str:
    """Give a talking point as it is first written: the first of every choice."""
    return _CHOICE.sub(lambda match: match.group(1).split("|")[0], frame)


def swap_pairs(frame: str) -> list[tuple[str, str]]:
    """List (word as carried, word that may replace it) of a talking point."""
    choices = [match.group(1).split("|") for match in _CHOICE.finditer(frame)]
    return [(first, other) for first, *others in choices for other in others]


def capitalized(text: str) -> str:
    """Raise the first letter of each sentence, for Latin scripts."""
    return _SENTENCE_START.sub(lambda match: match.group(1) + match.group(2).upper(), text)


def _fill(rng: Rng, name: str, vocabulary: Words, extra: Mapping[str, str]) -> str:
    if ".." in name:
        low, high = name.split("..")
        return str(int(rng.integers(int(low), int(high) + 1)))
    if name in extra:
        return extra[name]
    if name not in vocabulary.slots:
        raise KeyError(f"words/{vocabulary.lang}.toml uses the slot {{{name}}} without defining it")
    return pick(rng, vocabulary.slots[name])


def _toml(name: str) -> dict[str, Any]:
    with (WORDS / name).open("rb") as file:
        return tomllib.load(file)
