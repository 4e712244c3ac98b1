"""Which pronouns did the writer list?

In: tokens. Out: the list ("she/her", "he | they", "elle/il"), where it stands and its value: woman,
man, nonbinary, or multiple for a mixed list. It refuses a lone pronoun and pronouns in running
text: a list is two or more of them with a slash or bar between, or a whole segment of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from personas.grammar import Grammar
from personas.segments import Tokens

_VALUES = {"pronouns_woman": "woman", "pronouns_man": "man", "pronouns_nonbinary": "nonbinary"}
_TIGHT = frozenset("/\\|·•∕⁄¡")
# Mixed lists of these alone are grammar ("each to his/her taste"), not a self-description.
_ANYBODY = (
    frozenset({"his", "her", "him", "hers"}),
    frozenset({"er", "sie", "ihr", "ihm", "sein"}),
    frozenset({"он", "она", "его", "ее", "её"}),
    frozenset({"él", "ella"}),
)
_LOOSE = frozenset(",.&+-")


@dataclass(frozen=True, slots=True)
class PronounList:
    """A list of pronouns at tokens [start, end)."""

    start: int
    end: int
    value: str
    language: str


def pronoun_index(grammars: Mapping[str, Grammar]) -> dict[str, tuple[str, str]]:
    """Return pronoun -> (value, language); a form of two languages keeps the first."""
    index: dict[str, tuple[str, str]] = {}
    for language, grammar in grammars.items():
        for name, value in _VALUES.items():
            for word in sorted(grammar.words[name]):
                index.setdefault(word, (value, language))
    return index


def pronoun_lists(
    tokens: Tokens, index: Mapping[str, tuple[str, str]], *, alone: bool = False
) -> Iterator[PronounList]:
    """Yield the pronoun lists of a text, left to right.

    `alone`: the text is a pronoun field of its own, where one pronoun is a list.
    """
    keys = tokens.keys
    if sum(map(index.__contains__, keys)) < (1 if alone else 2):  # a list names two of them
        return
    at = 0
    while at < len(keys):
        if keys[at] not in index:
            at += 1
            continue
        end, tight = _extent(keys, at, index)
        words = [key for key in keys[at:end] if key in index]
        value = _value(words, index)
        listed = len(set(words)) > 1 and (tight or _stands_alone(tokens, at, end))
        if value and (listed or alone):
            yield PronounList(at, end, value, index[words[0]][1])
        at = end


def _value(words: Sequence[str], index: Mapping[str, tuple[str, str]]) -> str | None:
    """Return what the list claims; None for "his/her", which speaks of anybody."""
    values = {index[word][0] for word in words}
    if len(values) == 1:
        return values.pop()
    return None if any(some.issuperset(words) for some in _ANYBODY) else "multiple"


def _extent(
    keys: Sequence[str], start: int, index: Mapping[str, tuple[str, str]]
) -> tuple[int, bool]:
    """Return where a run of pronouns and separators ends, and whether a slash or bar parts it."""
    end, tight = start + 1, False
    at = end
    while at < len(keys) and (keys[at] in index or keys[at] in _TIGHT | _LOOSE):
        if keys[at] in index:
            tight = tight or (keys[at - 1] in _TIGHT)
            end = at + 1
        at += 1
    return end, tight


def _stands_alone(tokens: Tokens, start: int, end: int) -> bool:
    """Whether no word touches the run on either side without punctuation between."""
    left = start == 0 or tokens.kinds[start - 1] != "word"
    right = end == len(tokens) or tokens.kinds[end] != "word"
    return left and right
