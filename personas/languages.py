"""Whose lexicon may read this text?

In: a text and a hint. Out: the languages whose rows may fire, so that "links", "mari" or "adam" are
not read in the wrong one. It does not identify languages in general (`nlp.language` does): bios are
too short for that, and one that could be two languages is read in both.

Method: script first; then words and letters that only one of our languages uses. English needs no
sign, since its self-descriptions stand in bios of every language, but steps back where another
language shows itself and English does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from personas.rules import RuleBook
from personas.segments import Tokens

_ARABIC = re.compile(r"[\u0620-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z\u00e0-\u024f]")
# Letters of Urdu, Kurdish, Pashto, Sindhi, Uyghur: neither Persian nor Arabic reads such a text.
_OTHER_ARABIC = re.compile("[ٹڈڑںےہھێۆڕڵەټډړښګېۍئۇۈۋې]")
_SCRIPTS = {"ar": "arabic", "fa": "arabic", "ru": "cyrillic"}
# English gives way to a language with this many of its own words, when it has none itself.
CLEAR = 2


def active_languages(
    text: str, tokens: Tokens, book: RuleBook, hint: str | None = None
) -> list[str]:
    """Return the languages to read `text` with, sorted; `hint` is a language code or None."""
    present = set()
    if _LATIN.search(tokens.folded):
        present.add("latin")
    if not tokens.folded.isascii():
        present |= {"arabic"} if _ARABIC.search(text) else set()
        present |= {"cyrillic"} if _CYRILLIC.search(tokens.folded) else set()
    chosen = _latin(text, tokens, book, hint) if "latin" in present else set()
    if "arabic" in present:
        chosen |= _arabic(text, tokens, book, hint)
    if "cyrillic" in present:
        chosen |= {name for name in book.grammars if _SCRIPTS.get(name) == "cyrillic"}
    return sorted(chosen & set(book.grammars))


def _signs(text: str, tokens: Tokens, book: RuleBook, name: str) -> int:
    """How many different words and letters of the text belong to this language."""
    grammar = book.grammars[name]
    words = len(grammar.words["detect"].intersection(tokens.keys))
    letters = sum(letter in text for letter in grammar.lexicon.list_of("distinct_letters"))
    return words + letters


def _best(scores: dict[str, int]) -> Sequence[str]:
    top = max(scores.values(), default=0)
    return [name for name, score in scores.items() if score == top and score > 0]


def _latin(text: str, tokens: Tokens, book: RuleBook, hint: str | None) -> set[str]:
    names = [name for name in book.grammars if name not in _SCRIPTS]
    scores = {name: _signs(text, tokens, book, name) for name in names}
    if hint in scores:
        scores[hint] += CLEAR
    english = scores.pop("en", 0)
    chosen = set(_best(scores))
    if "en" in names and (english or not _foreign(tokens, book, max(scores.values(), default=0))):
        chosen.add("en")
    return chosen


def _foreign(tokens: Tokens, book: RuleBook, best: int) -> bool:
    """Whether the words are clearly of another language, also one without a lexicon here."""
    others = len(book.grammars["en"].words["foreign"].intersection(tokens.keys))
    return max(best, others) >= CLEAR


def _arabic(text: str, tokens: Tokens, book: RuleBook, hint: str | None) -> set[str]:
    names = [name for name in book.grammars if _SCRIPTS.get(name) == "arabic"]
    if hint in names:
        return {hint}
    if _OTHER_ARABIC.search(text):
        return set()
    scores = {name: _signs(text, tokens, book, name) for name in names}
    # Arabic shows itself in almost any phrase (ال, ة, ي); a text without a sign reads as Persian.
    return set(_best(scores)) or {"fa"}
