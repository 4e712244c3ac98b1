"""What value does a pattern's capture hold: an age, a year, or a place?

In: a pattern and tokens. Out: the captured value and the tokens it was read from. It refuses ages
and years that no writer can have, and place names that are no names ("born in March").
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.charfold import fold
from personas.grammar import Grammar
from personas.places import Place
from personas.rules import Pattern, RuleBook
from personas.segments import Tokens

# Stated ages outside this range are jokes or anniversaries.
AGES = range(8, 100)
# A bare number in a bio is an age only in this range; platforms ask for 13.
BARE_AGES = range(13, 100)
YEARS = range(1920, 2016)
# Solar Hijri years of the same span; the Gregorian year that holds most of such a year is 621 more.
SOLAR_YEARS = range(1299, 1395)
SOLAR_SHIFT = 621
# "born in San Juan de Norvia": more words than this are not one name.
MAX_PLACE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Capture:
    """A value at tokens [first, last)."""

    value: str
    first: int
    last: int


def capture(
    book: RuleBook, grammar: Grammar, pattern: Pattern, tokens: Tokens
) -> Iterator[Capture]:
    """Yield the values that a pattern finds in the text."""
    for match in pattern.expression.finditer(tokens.folded):
        first = bisect_right(tokens.starts, match.start()) - 1
        at = bisect_right(tokens.starts, match.start("value")) - 1
        if first < 0 or match.start() == match.end():
            continue
        kind = pattern.rule.capture
        if kind in {"age", "year"}:
            value = _number(grammar, match, kind)
            last = bisect_left(tokens.starts, match.end())
        elif kind == "implied":  # the words themselves tell the value ("أبو خالد")
            value, last = pattern.rule.implies or "", bisect_left(tokens.starts, match.end())
        else:
            value, last = _place(book, grammar, tokens, at, named=kind == "place")
        if value:
            yield Capture(value, max(first, 0), last)


def _number(grammar: Grammar, match: re.Match[str], kind: str) -> str:
    """Read digits, or a word of the list `numbers`, whose place is its number."""
    words = [fold(word) for word in grammar.lexicon.list_of("numbers")]
    written = match["value"]
    number = words.index(written) if written in words else int(written)
    if kind == "age":
        return str(number) if number in AGES else ""
    if number in SOLAR_YEARS:
        number += SOLAR_SHIFT
    return str(number) if number in YEARS else ""


def _place(
    book: RuleBook, grammar: Grammar, tokens: Tokens, at: int, *, named: bool
) -> tuple[str, int]:
    """Return a place value and the token after it; an unlisted name counts only where `named`."""
    known = book.places.at(tokens.keys, at, len(tokens)) or _without_case(book, tokens, at)
    written = tokens.text[tokens.starts[at] : tokens.ends[at]]
    if known is None and written in book.places.short:  # "born & raised in NH"
        return book.places.short[written], at + 1
    if known is not None:
        return (known.value if named else known.country), at + known.length
    if not named or _is_demonym(book, tokens.keys[at]):
        return "", at
    return _unlisted(grammar, tokens, at)


def _without_case(book: RuleBook, tokens: Tokens, at: int) -> Place | None:
    """Read "Almanya'da" as the name before its case ending."""
    name, apostrophe, _ = tokens.keys[at].partition("'")
    return book.places.at([name], 0, 1) if apostrophe else None


def _unlisted(grammar: Grammar, tokens: Tokens, at: int) -> tuple[str, int]:
    """A capitalised name, or one word of a script without capitals; no month or the like."""
    end = at
    while end < min(len(tokens), at + MAX_PLACE_WORDS) and _is_name(grammar, tokens, end):
        end += 1
        if not tokens.text[tokens.starts[end - 1]].isupper():
            break
    if end == at:
        return "", at
    return "place-" + "_".join(tokens.keys[at:end]), end


def _is_demonym(book: RuleBook, key: str) -> bool:
    """ "British born" names a people, not a place."""
    return any(e.rule.attribute == "nationality" for e in book.entries.get(key, ()))


def _is_name(grammar: Grammar, tokens: Tokens, at: int) -> bool:
    letter = tokens.text[tokens.starts[at]]
    cased = letter.lower() != letter.upper()
    written = letter.isupper() if cased else letter.isalpha()
    return (
        tokens.kinds[at] == "word"
        and written
        and tokens.keys[at] not in grammar.words["place_stop"]
    )
