"""Who is named inside a text? Finds handles, display names and ids known in the corpus.

In: the handles, names and ids of a corpus, and any text. Out: where the text names one of them.
Words are compared after `nlp.fold`: without case, width, accents, letter variants and letters of
another script that look alike. A name is also found written as one word (#AnnWeir, #ann_weir), an
id also without the platform before it, and a name in a script without blanks anywhere in a word.
It refuses to treat everyday words as names: a name that is a single word of `data/everyday.toml`
and occurs in the texts of many talking points stays readable as a word; its @-form and its links
are always found. Matching is by whole words in one pass, so time grows with the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from nlp.fold import fold as fold_text
from nlp.tsv import code_point, read_rows
from reports.everyday import everyday_words, titles

WORD = re.compile(r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670]+")
_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "ة": "ه", "أ": "ا", "إ": "ا"})
# Letters that stand for an apostrophe; inside a word they would hide where its parts meet.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u02bb\u02bc\u02bd\u02b9\ua78c\u055a", "'"))
_PLATFORM = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,20}:(?=.)")
# A word of one or two letters names nobody.
MIN_CHARS = 3
# A number inside a text counts as an id from this length on; shorter ones are years and counts.
MIN_ID_CHARS = 6
# Two short names written as one word may be any word: "Li Na" is not looked for as "lina".
MIN_JOINED_CHARS = 6
# An everyday word stays a word when this many different talking points hold it.
# Chosen so that a person named in a handful of conversations keeps a pseudonym.
ORDINARY_POINTS = 10
# Between the words of one name there may stand this many other characters ("Sara | Ahmadi").
MAX_GAP = 6
# In a script without blanks a name of fewer letters is part of many other words.
MIN_UNSPACED_CHARS = 3
# Longer names than this are not looked for inside a word.
MAX_UNSPACED_CHARS = 12


@cache
def unspaced_letters() -> re.Pattern[str]:
    """Runs of letters of scripts without blanks, and of Hangul, which ties its particles on."""
    scripts = {row[0] for row in read_rows("unspaced.tsv")} | {"Hangul"}
    ranges = [row for row in read_rows("scripts.tsv") if row[2] in scripts]
    spans = "".join(f"{chr(code_point(a))}-{chr(code_point(b))}" for a, b, _ in ranges)
    return re.compile(f"[{spans}]+")


class Named(NamedTuple):
    """One place where a text names somebody: text[start:end], what kind, and the known form."""

    start: int
    end: int
    kind: str
    original: str


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """Return the form under which two spellings of one name are equal."""
    return word.lower() if word.isascii() else fold_text(word).strip()


def spelling(handle: str) -> str:
    """Return a handle without case, width and letter variants: what its pseudonym stands for.

    It keeps apart what `fold` does not: two handles that only look alike are two handles.
    """
    if handle.isascii():
        return handle.lower()
    plain = unicodedata.normalize("NFKC", handle).casefold().translate(_ARABIC)
    return "".join(c for c in plain if unicodedata.category(c) != "Mn")


def split(text: str) -> str:
    """Return the text with letters that stand for an apostrophe as one; lengths stay."""
    return text if text.isascii() else text.translate(_APOSTROPHES)


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text in order."""
    return tuple(fold(word) for word in WORD.findall(split(text)))


@dataclass(frozen=True)
class KnownNames:
    """An index of names by their first word; build it with `index_names`.

    `unspaced` holds the names in scripts without blanks, which are looked for inside words.
    """

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str, str], ...]] = field(
        default_factory=dict
    )
    unspaced: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def find(self, text: str) -> list[Named]:
        """Return every place where the text names somebody, left to right, longest name first."""
        if not self.phrases and not self.unspaced:
            return []
        text = split(text)
        spans = [(match.start(), match.end()) for match in WORD.finditer(text)]
        folded = [fold(text[start:end]) for start, end in spans]
        found: list[Named] = []
        if not self.phrases.keys().isdisjoint(folded):
            found = list(self._matches(folded, spans))
        if self.unspaced and not text.isascii():
            inside = self._inside_words(text)
            found = _without_overlaps([*found, *inside]) if inside else found
        return found

    def _inside_words(self, text: str) -> list[Named]:
        """Names in scripts without blanks, wherever a run of such letters holds one."""
        found: list[Named] = []
        for run in unspaced_letters().finditer(text):
            at = run.start()
            while at <= run.end() - MIN_UNSPACED_CHARS:
                hit = self._longest(text[at : min(run.end(), at + MAX_UNSPACED_CHARS)])
                if hit:
                    found.append(Named(at, at + len(hit), *self.unspaced[hit]))
                at += len(hit) or 1
        return found

    def _longest(self, letters: str) -> str:
        sizes = range(len(letters), MIN_UNSPACED_CHARS - 1, -1)
        return next((letters[:size] for size in sizes if letters[:size] in self.unspaced), "")

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


def _without_overlaps(found: Iterable[Named]) -> list[Named]:
    kept: list[Named] = []
    for hit in sorted(found, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _usable(phrase: tuple[str, ...], kind: str) -> bool:
    size = sum(len(word) for word in phrase)
    if all(word.isdigit() for word in phrase):
        return size >= MIN_ID_CHARS
    return size >= (MIN_ID_CHARS if kind == "account" else MIN_CHARS)


def _forms(kind: str, name: str) -> Iterator[tuple[str, ...]]:
    """The phrases under which a text may hold a name: as it is, then what people make of it."""
    phrase = words(name)
    yield phrase
    if kind == "account":
        if prefix := _PLATFORM.match(name):
            yield words(name[prefix.end() :])
        return
    bare = phrase[1:] if len(phrase) > 2 and phrase[0] in titles() else phrase
    yield bare
    if kind == "name" and len(bare) == 2:
        yield bare[::-1]
    if len(bare) > 1 and sum(map(len, bare)) >= MIN_JOINED_CHARS:
        yield ("".join(bare),)
        yield ("_".join(bare),)


def index_names(
    named: Iterable[tuple[str, str]], texts: Iterable[tuple[str, str]] = ()
) -> KnownNames:
    """Index (kind, name) pairs; `texts` are (talking point, text) pairs that show everyday words.

    Kinds are "handle", "name" and "account"; the first kind in that order wins when one phrase
    has several.
    """
    order = {"handle": 0, "name": 1, "account": 2}
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    ordered = sorted(set(named), key=lambda pair: (order[pair[0]], pair[1]))
    every = [(form, kind, name) for kind, name in ordered for form in _forms(kind, name)]
    # What a name is wins over what another may be written as.
    for form, kind, name in sorted(every, key=lambda one: one[0] != words(one[2])):
        if form and _usable(form, kind):
            found.setdefault(form, (kind, name))
    for phrase in _ordinary(found, texts):
        del found[phrase]
    return KnownNames(_by_first_word(found), _unspaced(ordered))


def _unspaced(named: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for kind, name in named:
        bare = "".join(name.split())
        fits = MIN_UNSPACED_CHARS <= len(bare) <= MAX_UNSPACED_CHARS
        if fits and unspaced_letters().fullmatch(bare):
            found.setdefault(bare, (kind, name))
    return found


def _by_first_word(
    found: Mapping[tuple[str, ...], tuple[str, str]],
) -> dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]:
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for phrase, (kind, name) in sorted(found.items(), key=lambda item: (-len(item[0]), item[0])):
        phrases.setdefault(phrase[0], []).append((phrase, kind, name))
    return {first: tuple(rest) for first, rest in phrases.items()}


def _ordinary(
    found: Mapping[tuple[str, ...], tuple[str, str]], texts: Iterable[tuple[str, str]]
) -> list[tuple[str, ...]]:
    """Names that are a single everyday word and occur in many different talking points."""
    candidates: dict[tuple[str, ...], tuple[str, str]] = {
        phrase: pair
        for phrase, pair in found.items()
        if len(phrase) == 1 and phrase[0] in everyday_words()
    }
    if not candidates:
        return []
    index = KnownNames(_by_first_word(candidates))
    counts: Counter[str] = Counter()
    for held in _words_of_points(index, texts).values():
        counts.update(held)
    return sorted((word,) for word, points in counts.items() if points >= ORDINARY_POINTS)


def _words_of_points(index: KnownNames, texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    seen: dict[str, set[str]] = {}
    for point, text in texts:
        for hit in index.find(text):
            if text[hit.start - 1 : hit.start] not in {"@", "/"}:
                seen.setdefault(point, set()).add(fold(text[hit.start : hit.end]))
    return seen
