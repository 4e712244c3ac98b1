"""Does a text carry a word after which a change of claimed gender must not be shown?

In: a text. Out: the spans of trans and non-binary markers and of mixed or non-binary pronoun lists.
It draws no conclusion about anyone: a marker on either side of a change only keeps that change out
of shifts, reports and exports. Wide on purpose: a marker too many hides a note, one too few could
show a former name.

Method: the word lists of `lexicons/suppression.toml`, on the same fold as the claims. Words and
hashtags are also taken apart at "_", "-", capitals and digits, and phrases joined, since a marker
is mostly a hashtag: #TransVisibility, trans_woman, #topsurgery. Stems cover joined words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from personas.grammar import Phrases
from personas.pronouns import pronoun_index, pronoun_lists
from personas.rules import LEXICONS, load_rules
from personas.segments import Tokens, bare_word, tokenize

_FILE = LEXICONS / "suppression.toml"
_HYPHENS = frozenset("-‐‑–")
# An identifier's words: runs of one case, a capital before small letters, digits. Letters without
# case (Arabic) are neither, so a run of them is one piece.
_PIECE = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A marker at code points [start, end); kind is trans, nonbinary or pronouns."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Words taken apart, as parallel lists; offsets are code points of the text."""

    keys: list[str]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True)
class _List:
    """One section of the file, ready to be matched."""

    whole: Phrases  # over tokens as they stand
    pieces: Phrases  # over words taken apart
    joined: frozenset[str]  # phrases written as one word
    inside: re.Pattern[str]
    starts: re.Pattern[str]
    voids: _List | None = None

    def spans(self, tokens: Tokens, pieces: _Pieces) -> set[tuple[int, int]]:
        """Return where the text holds a form or a stem, without what an exception covers."""
        found = {
            (tokens.starts[a], tokens.ends[b - 1])
            for a, b in self.whole.within(tokens.keys, 0, len(tokens))
        }
        found |= {
            (pieces.starts[a], pieces.ends[b - 1])
            for a, b in self.pieces.within(pieces.keys, 0, len(pieces.keys))
        }
        found |= {span for span, word in _words(tokens) if self._tells(word)}
        found |= {
            (start, end)
            for key, start, end in zip(pieces.keys, pieces.starts, pieces.ends, strict=True)
            if self.starts.match(key)
        }
        voided = self.voids.spans(tokens, pieces) if self.voids and found else set()
        return {(a, b) for a, b in found if not any(a < d and c < b for c, d in voided)}

    def _tells(self, word: str) -> bool:
        if word in self.joined or word.strip("0123456789") in self.joined:
            return True
        return bool(self.inside.search(word) or self.starts.match(word))


def _words(tokens: Tokens) -> Iterable[tuple[tuple[int, int], str]]:
    """Yield every word and hashtag with its span, joined: without "#" and "_"."""
    for at, kind in enumerate(tokens.kinds):
        if kind in {"word", "hashtag"}:
            word = tokens.keys[at].lstrip("#").replace("_", "")
            yield (tokens.starts[at], tokens.ends[at]), word


def _apart(tokens: Tokens) -> _Pieces:
    """Take words and hashtags apart; hyphens vanish, other marks stay."""
    found = _Pieces([], [], [])
    for at, kind in enumerate(tokens.kinds):
        if kind in {"word", "hashtag"}:
            cuts = _cuts(tokens.text, tokens.starts[at], tokens.ends[at])
        else:
            cuts = [] if tokens.keys[at] in _HYPHENS else [(tokens.starts[at], tokens.ends[at])]
        for start, end in cuts:
            found.keys.append(bare_word(tokens.folded[start:end]))
            found.starts.append(start)
            found.ends.append(end)
    return found


def _cuts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the pieces of one word: cut at "_", digits and capitals."""
    spans: list[tuple[int, int]] = []
    for run in _PIECE.finditer(text, start, end):
        begin = run.start()
        for at in range(begin + 1, run.end()):
            if _cased_border(text, at, run.end()):
                spans.append((begin, at))
                begin = at
        spans.append((begin, run.end()))
    return spans


def _cased_border(text: str, at: int, end: int) -> bool:
    """Tell whether a word begins at `at`: aB, or the last capital of ABc."""
    if not text[at].isupper():
        return False
    return text[at - 1].islower() or (at + 1 < end and text[at + 1].islower())


def _list(section: Mapping[str, Sequence[str]], *, exceptions: bool = False) -> _List:
    forms = section["except" if exceptions else "forms"]
    split = {form: _apart(tokenize(form.replace("‌", " "))).keys for form in forms}
    # A phrase of several words may be written as one; punctuation ("she / they") may not.
    joined = {"".join(keys) for keys in split.values() if all(key.isalnum() for key in keys)}
    stems = [] if exceptions else [*map(_folded, section["inside"])]
    starts = [] if exceptions else [*map(_folded, section["starts"])]
    return _List(
        Phrases(forms),
        Phrases(" ".join(keys) for keys in split.values() if keys),
        frozenset(joined),
        _any_of(stems),
        _any_of(starts),
        None if exceptions else _list(section, exceptions=True),
    )


def _folded(stem: str) -> str:
    return tokenize(stem).folded


def _any_of(stems: Sequence[str]) -> re.Pattern[str]:
    """Match any stem; nothing when there is none."""
    return re.compile("|".join(map(re.escape, stems)) or r"(?!)")


@cache
def _markers(path: Path = _FILE) -> dict[str, _List]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {kind: _list(section) for kind, section in table.items()}


@cache
def _pronouns() -> dict[str, tuple[str, str]]:
    return pronoun_index(load_rules().grammars)


def gender_markers(text: str | None) -> list[Marker]:
    """Return the markers of a text in order; none for an unknown or empty text."""
    if not text:
        return []
    tokens = tokenize(text)
    pieces = _apart(tokens)
    found = [
        Marker(start, end, kind)
        for kind, listed in _markers().items()
        for start, end in listed.spans(tokens, pieces)
    ]
    found += [
        Marker(tokens.starts[listed.start], tokens.ends[listed.end - 1], "pronouns")
        for listed in pronoun_lists(tokens, _pronouns())
        if listed.value in {"nonbinary", "multiple"}
    ]
    return _outermost(found)


def _outermost(found: Sequence[Marker]) -> list[Marker]:
    """Drop what lies inside a longer marker of its kind, and repeats; linear after sorting."""
    reach: dict[str, int] = {}
    kept = []
    for one in sorted(found, key=lambda m: (m.start, -m.end, m.kind)):
        if one.end > reach.get(one.kind, -1):
            reach[one.kind] = one.end
            kept.append(one)
    return sorted(kept)


def suppression_markers(text: str | None) -> list[tuple[int, int]]:
    """Return the (start, end) code points of all markers of a text."""
    return [(marker.start, marker.end) for marker in gender_markers(text)]
