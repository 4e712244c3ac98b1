"""Phrases and words by which harmless copying is known: read from `benign.toml`.

In: a post's text. Out: its shown form (links, mentions and numbers as slots), which class's phrase
it has, whether it is wholly a quotation, and whether it speaks in the first or second person.
Everything here looks at one post; what makes a talking point belong to a class is decided over all
of its posts and accounts (`clustering.benign`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from nlp.entities import without_entities
from nlp.fold import fold
from nlp.normalize import normalize
from nlp.quotation import quoted_spans, share_inside

_LINK = re.compile(r"https?://\S*", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)@[\w.\-]*\w")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_REPOSTED = re.compile(r"^\W*rt {user}\W*")
_OTHER_SCRIPT = re.compile(r"[^\x00-\x7f]+")
_PASSED_ON = re.compile(r"\W*RT\W", re.IGNORECASE)
_SLOTS = re.compile(r"\{(?:url|user|n)\}")

# Words of a text that counts as a quotation; a quoted title is shorter.
QUOTED_WORDS = 5
# Share of its characters between quotation marks; the rest is who said it.
QUOTED_SHARE = 0.6
# Words outside the marks in which a name or a word of attribution may stand.
OUTSIDE_WORDS = 6


@dataclass(frozen=True)
class Phrase:
    """One expression of `benign.toml`: its class, what it means in words, and its examples."""

    benign_class: str
    means: str
    pattern: re.Pattern[str]
    says: tuple[str, ...]
    never: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    file = resources.files("clustering").joinpath("benign.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def phrases() -> tuple[Phrase, ...]:
    """The expressions in the order of the file."""
    return tuple(
        Phrase(
            each["class"],
            each["means"],
            re.compile(_expression(each["match"])),
            tuple(each["says"]),
            tuple(each["not"]),
        )
        for each in _data()["phrase"]
    )


def _expression(match: str) -> str:
    """Fold the letters as texts are folded, and take {url}, {user} and {n} literally."""
    folded = _OTHER_SCRIPT.sub(lambda letters: fold(letters.group()), match)
    return _SLOTS.sub(lambda slot: re.escape(slot.group()), folded)


@cache
def person_words(lang: str) -> frozenset[str]:
    """Words of the first and second person; none where the language has no list."""
    return frozenset(normalize(_data()["person_words"].get(lang, "").split()))


@cache
def _attribution() -> frozenset[str]:
    return frozenset(fold(_data()["attribution"]["words"]).split())


def languages() -> tuple[str, ...]:
    """Languages with a list of person words."""
    return tuple(sorted(_data()["person_words"]))


def shown(text: str) -> str:
    """Fold `text` and put slots for its links, mentions and numbers."""
    folded = _LINK.sub(" {url} ", fold(text))
    folded = _MENTION.sub(" {user} ", folded)
    folded = " ".join(_NUMBER.sub("{n}", folded).split())
    return _REPOSTED.sub("", folded)


def numbers(text: str) -> tuple[str, ...]:
    """The numbers of a text in order, links and mentions left out."""
    return tuple(_NUMBER.findall(without_entities(fold(text))))


def without_links(text: str) -> str:
    """The text with a blank for each link."""
    return _LINK.sub(" ", text)


def phrase_of(shown_form: str) -> Phrase | None:
    """The first phrase that a shown form has, or None."""
    return next((each for each in phrases() if each.pattern.search(shown_form)), None)


def speaks_of_itself(words: Sequence[str], lang: str) -> bool:
    """Whether normalized words hold one of the first or second person."""
    return not person_words(lang).isdisjoint(words)


def is_quotation(text: str) -> bool:
    """Whether a text is somebody's words between quotation marks, with little or an author beside.

    Lines that begin with RT or > are what a person passed on, no quotation in this sense.
    """
    if _PASSED_ON.match(text):
        return False
    bare = " ".join(without_entities(text).split())
    spans = [span for span in quoted_spans(bare) if bare[span[0]] not in ">＞"]
    inside = share_inside(0, len(bare), spans)
    quoted = sum(len(bare[a:b].split()) for a, b in spans)
    outside = len(bare.split()) - quoted
    if quoted < QUOTED_WORDS or outside > OUTSIDE_WORDS or inside < QUOTED_SHARE:
        return False
    around = fold(_without(bare, spans))
    return inside > 1 - 1 / QUOTED_WORDS or _names_somebody(around, _without(bare, spans))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    kept, end = [], 0
    for start, stop in spans:
        kept.append(text[end:start])
        end = stop
    return " ".join([*kept, text[end:]])


def _names_somebody(folded: str, raw: str) -> bool:
    """A word of attribution, or a dash and a name."""
    dash = re.search(r"(?:^|\s)[-–—―~]\s*\w", raw) is not None
    return dash or not _attribution().isdisjoint(re.findall(r"\w+", folded))
