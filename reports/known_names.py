"""Who is named inside a text? Finds handles, display names and ids known in the corpus.

In: the handles, names and ids of a corpus, and any text. Out: where the text names one of them.
Words are compared without case, width, Arabic letter variants and vowel marks. It refuses to treat
everyday words as names: a handle or name made of letters alone that occurs in the texts of many
different talking points ("peace", a head of state) stays readable as a word; its @-form and its
links are always found. Matching is by whole words in one pass, so time grows with the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

WORD = re.compile(r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670]+")
_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "ة": "ه", "أ": "ا", "إ": "ا"})
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
# A word of one or two letters names nobody.
MIN_CHARS = 3
# A number inside a text counts as an id from this length on; shorter ones are years and counts.
MIN_ID_CHARS = 6
# A lettered handle or name found in this many different talking points is a word of the debate.
# Chosen so that a person named in a handful of conversations keeps a pseudonym.
ORDINARY_POINTS = 10
# Between the words of one name there may stand this many other characters ("Sara | Ahmadi").
MAX_GAP = 6


class Named(NamedTuple):
    """One place where a text names somebody: text[start:end], what kind, and the known form."""

    start: int
    end: int
    kind: str
    original: str


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """Return the form under which two spellings of one name are equal."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_ARABIC)
    return "".join(c for c in plain if unicodedata.category(c) != "Mn")


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text in order."""
    return tuple(fold(word) for word in WORD.findall(text))


def is_distinctive(name: str) -> bool:
    """Whether a name cannot be an everyday word: digits, underscores or capitals inside."""
    return bool(_INNER_CAPITAL.search(name)) or any(c.isdigit() or c == "_" for c in name)


@dataclass(frozen=True)
class KnownNames:
    """An index of names by their first word; build it with `index_names`."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]] = field(
        default_factory=dict
    )

    def find(self, text: str) -> list[Named]:
        """Return every place where the text names somebody, left to right, longest name first."""
        if not self.phrases:
            return []
        spans = [(match.start(), match.end()) for match in WORD.finditer(text)]
        folded = [fold(text[start:end]) for start, end in spans]
        if self.phrases.keys().isdisjoint(folded):
            return []
        return list(self._matches(folded, spans))

    def _matches(self, folded: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[Named]:
        position = 0
        while position < len(folded):
            found = self._at(folded, spans, position)
            if found is None:
                position += 1
                continue
            length, kind, original = found
            yield Named(spans[position][0], spans[position + length - 1][1], kind, original)
            position += length

    def _at(
        self, folded: Sequence[str], spans: Sequence[tuple[int, int]], position: int
    ) -> tuple[int, str, str] | None:
        for phrase, kind, original in self.phrases.get(folded[position], ()):
            stop = position + len(phrase)
            if tuple(folded[position:stop]) == phrase and _close(spans[position:stop]):
                return len(phrase), kind, original
        return None


def _close(spans: Sequence[tuple[int, int]]) -> bool:
    return all(b[0] - a[1] <= MAX_GAP for a, b in pairwise(spans))


def _usable(phrase: tuple[str, ...], kind: str) -> bool:
    size = sum(len(word) for word in phrase)
    if all(word.isdigit() for word in phrase):
        return size >= MIN_ID_CHARS
    return size >= (MIN_ID_CHARS if kind == "account" else MIN_CHARS)


def index_names(
    named: Iterable[tuple[str, str]], texts: Iterable[tuple[str, str]] = ()
) -> KnownNames:
    """Index (kind, name) pairs; `texts` are (talking point, text) pairs that show everyday words.

    Kinds are "handle", "name" and "account"; the first kind in that order wins when one phrase
    has several.
    """
    order = {"handle": 0, "name": 1, "account": 2}
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for kind, name in sorted(set(named), key=lambda pair: (order[pair[0]], pair[1])):
        phrase = words(name)
        if phrase and _usable(phrase, kind):
            found.setdefault(phrase, (kind, name))
    for phrase in _ordinary(found, texts):
        del found[phrase]
    return _by_first_word(found)


def _by_first_word(found: Mapping[tuple[str, ...], tuple[str, str]]) -> KnownNames:
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for phrase, (kind, name) in sorted(found.items(), key=lambda item: (-len(item[0]), item[0])):
        phrases.setdefault(phrase[0], []).append((phrase, kind, name))
    return KnownNames({first: tuple(rest) for first, rest in phrases.items()})


def _ordinary(
    found: Mapping[tuple[str, ...], tuple[str, str]], texts: Iterable[tuple[str, str]]
) -> list[tuple[str, ...]]:
    """Phrases of letters alone that occur in many different talking points."""
    candidates = {p: pair for p, pair in found.items() if not is_distinctive(pair[1])}
    if not candidates:
        return []
    index = _by_first_word(candidates)
    counts: Counter[tuple[str, ...]] = Counter()
    for phrases in _phrases_of_points(index, texts).values():
        counts.update(phrases)
    return sorted(phrase for phrase, points in counts.items() if points >= ORDINARY_POINTS)


def _phrases_of_points(
    index: KnownNames, texts: Iterable[tuple[str, str]]
) -> dict[str, set[tuple[str, ...]]]:
    seen: dict[str, set[tuple[str, ...]]] = {}
    for point, text in texts:
        if hits := index.find(text):
            bare = [hit for hit in hits if text[hit.start - 1 : hit.start] not in {"@", "/"}]
            seen.setdefault(point, set()).update(words(hit.original) for hit in bare)
    return seen
