"""How does a self-description stand in its segment? The little grammar that one language needs.

In: tokens and a segment. Out: a `Clause`: whether the segment opens with a first-person anchor ("I
am", من ... هستم), and its chunks, the stretches between prepositions and other boundary words. Only
the head of a chunk can be a claim: "teacher" in "history teacher at Elm School", not in "teacher
training". It knows no verbs or tags: a segment with a finite verb and no anchor is no
self-description, which is the whole trick, and a cheap one.

Method: word lists of the lexicon folder (`grammar.toml`), so that a language is added as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from nlp.lexicon import Lexicon
from personas.segments import Tokens, tokenize

Phrase = tuple[str, ...]

# What a token can begin, as bits: one look at a text's tokens then tells which lists it may hold.
CUE_BEFORE, CUE_AFTER, REPORTED, IDIOM, IMPERSONAL, QUESTION = (1 << bit for bit in range(6))
ANYTHING = (1 << 6) - 1
QUESTIONS = frozenset("?؟")

WORD_LISTS = (
    "head", "script", "detect", "foreign", "foreign_letters", "foreign_words", "distinct_letters",
    "homographs", "anchors", "anchors_negated", "anchors_as", "anchors_after",
    "openers",
    "first_person", "joiners", "determiners", "boundaries", "alternatives", "sentence", "relatives",
    "run_on", "blockers",
    "modifiers", "person_words", "copula_suffixes", "copula_forms", "possessive_suffixes",
    "idioms", "impersonal", "place_stop",
    "negated_before", "negated_after", "former_before", "former_after", "other_before",
    "other_after", "reported", "mentioned_before", "mentioned_after", "pronouns_woman",
    "pronouns_man", "pronouns_nonbinary", "numbers",
)  # fmt: skip


def phrase_of(form: str) -> Phrase:
    """Return the keys that a form has as tokens."""
    return tuple(tokenize(form).keys)


class Phrases:
    """A set of token phrases; the longest one at a place is found in one dictionary look-up."""

    def __init__(self, forms: Iterable[str]) -> None:
        by_first: dict[str, list[Phrase]] = {}
        for phrase in {phrase_of(form) for form in forms}:
            by_first.setdefault(phrase[0], []).append(phrase)
        self.by_first = {first: _by_second(found) for first, found in by_first.items()}
        self.firsts = frozenset(self.by_first)

    def at(self, keys: Sequence[str], start: int, end: int) -> int:
        """Return the length of the longest phrase that stands at `start` before `end`, or 0."""
        found = self.by_first.get(keys[start]) if start < end else None
        if found is None:
            return 0
        for phrase in found.get(keys[start + 1], ()) if start + 1 < end else ():
            stop = start + len(phrase)
            if stop <= end and tuple(keys[start:stop]) == phrase:
                return len(phrase)
        return 1 if "" in found else 0

    def within(self, keys: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
        """Return the (start, end) of every place in the range at which a phrase stands."""
        first = self.firsts
        whole = start == 0 and end == len(keys)
        if first.isdisjoint(keys if whole else keys[start:end]):
            return []
        starts = [at for at in range(start, end) if keys[at] in first]
        found = ((at, self.at(keys, at, end)) for at in starts)
        return [(at, at + length) for at, length in found if length]


def _by_second(phrases: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    """Return second token -> the phrases, the longest first; a phrase of one token is under ""."""
    found: dict[str, list[Phrase]] = {}
    for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
        found.setdefault(phrase[1] if len(phrase) > 1 else "", []).append(phrase)
    return found


class Chunk(NamedTuple):
    """Tokens that form one noun phrase; `predicate` ones describe the writer."""

    start: int
    end: int
    predicate: bool


class Clause(NamedTuple):
    """One segment, read: [start, end) is what is said, [opened, closed) has the anchor too.

    `sentence` tells of a finite verb without a first-person anchor.
    """

    opened: int
    start: int
    end: int
    closed: int
    anchored: bool
    sentence: bool
    chunks: tuple[Chunk, ...]

    def chunk_of(self, start: int, end: int) -> Chunk | None:
        """Return the chunk that holds the tokens, or None when they cross a boundary.

        A phrase may hold boundary words of its own ("supporter of the monarchy", "de gauche"): then
        the chunks that it crosses are one, and it must open the clause or stand in its first chunk.
        """
        for chunk in self.chunks:
            if chunk.start <= start and end <= chunk.end:
                return chunk
        first = self.chunks[0] if self.chunks else Chunk(start, end, True)
        opens = start == self.start or first.start <= start < first.end
        if end - start < 2 or not opens:
            return None
        stop = max([end, *(chunk.end for chunk in self.chunks if chunk.start < end)])
        return Chunk(min(start, first.start), stop, True)


@dataclass(frozen=True)
class Grammar:
    """The word lists of one language, ready to be matched."""

    lexicon: Lexicon

    @property
    def language(self) -> str:
        """The language code: the name of the lexicon folder."""
        return self.lexicon.language

    @cached_property
    def head_first(self) -> bool:
        """Whether the head opens its noun phrase (fa, ar, fr) or closes it (en, de, tr)."""
        return self.lexicon.list_of("head") == ("first",)

    @cached_property
    def phrases(self) -> Mapping[str, Phrases]:
        """Every word list as phrases."""
        return {name: Phrases(self.lexicon.list_of(name)) for name in WORD_LISTS}

    @cached_property
    def anchor_marks(self) -> frozenset[str]:
        """Every token with which an opener or an anchor begins."""
        lists = ("openers", "anchors", "anchors_negated", "anchors_as")
        return frozenset(first for name in lists for first in self.phrases[name].by_first)

    @cached_property
    def chunk_marks(self) -> frozenset[str]:
        """Every token with which words begin that part chunks."""
        lists = (self.phrases["boundaries"], self.phrases["alternatives"])
        return frozenset(first for phrases in lists for first in phrases.by_first)

    @cached_property
    def cue_starts(self) -> frozenset[str]:
        """Every token with which a cue before a form begins: most texts hold none."""
        lists = [name for name in WORD_LISTS if name.endswith("_before")]
        return frozenset(first for name in lists for first in self.phrases[name].by_first)

    @cached_property
    def cue_starts_after(self) -> frozenset[str]:
        """Every token with which a cue after a form begins."""
        lists = [name for name in WORD_LISTS if name.endswith("_after") and name[0] != "a"]
        return frozenset(first for name in lists for first in self.phrases[name].by_first)

    @cached_property
    def begins(self) -> Mapping[str, int]:
        """Token -> the bits of what it can begin."""
        lists: tuple[tuple[int, Iterable[str]], ...] = (
            (CUE_BEFORE, self.cue_starts),
            (CUE_AFTER, self.cue_starts_after),
            (REPORTED, self.phrases["reported"].firsts),
            (IDIOM, self.phrases["idioms"].firsts),
            (IMPERSONAL, self.phrases["impersonal"].firsts),
            (QUESTION, QUESTIONS),
        )
        found: dict[str, int] = {}
        for bit, tokens in lists:
            for token in tokens:
                found[token] = found.get(token, 0) | bit
        return found

    def held(self, keys: Sequence[str]) -> int:
        """Return the bits of everything that some token of a text can begin."""
        bits = 0
        for some in set(map(self.begins.get, keys)):
            bits |= some or 0
        return bits

    @cached_property
    def words(self) -> Mapping[str, frozenset[str]]:
        """Every word list as single keys; longer forms are left to `phrases`."""
        return {
            name: frozenset(p[0] for p in map(phrase_of, self.lexicon.list_of(name)) if len(p) == 1)
            for name in WORD_LISTS
        }

    @cached_property
    def row_words(self) -> frozenset[str]:
        """The forms of noun and adjective rows that are one word."""
        found = (
            phrase_of(form)
            for rule in self.lexicon.rules
            if rule.match in {"noun", "adjective"}
            for _, form, _ in rule.forms
        )
        return frozenset(phrase[0] for phrase in found if len(phrase) == 1)

    @cached_property
    def joiners(self) -> frozenset[str]:
        """The words that part segments, such as "and"."""
        return self.words["joiners"]

    def clause(self, tokens: Tokens, start: int, end: int, *, first_person: bool = False) -> Clause:
        """Read the segment [start, end); `first_person`: its sentence says I, me or my.

        Then "as a nurse, I ..." is an anchor as well.
        """
        keys = tokens.keys
        opened, begin, anchored = self._anchor(keys, start, end, first_person)
        stop, after = self._copula(keys, begin, end)
        anchored = anchored or after
        verbs = self.words["sentence"]
        main = self._main_end(keys, begin, stop)
        sentence = not anchored and not verbs.isdisjoint(keys[begin:main])
        chunks = tuple(self._chunks(keys, begin, stop))
        return Clause(opened, begin, stop, end, anchored, sentence, chunks)

    def _main_end(self, keys: Sequence[str], begin: int, stop: int) -> int:
        """Where a relative clause starts; its verbs make no sentence ("a woman who wants ...")."""
        relatives = self.words["relatives"]
        if relatives.isdisjoint(keys[begin + 1 : stop]):
            return stop
        return next((at for at in range(begin + 1, stop) if keys[at] in relatives), stop)

    def _anchor(
        self, keys: Sequence[str], start: int, end: int, first_person: bool
    ) -> tuple[int, int, bool]:
        """Skip openers ("yes") and an anchor; tell where each ends, and if there is an anchor."""
        if start < end and keys[start] not in self.anchor_marks:
            return start, start, False
        while start < end and (length := self.phrases["openers"].at(keys, start, end)):
            start += length
        if self.phrases["anchors_negated"].at(keys, start, end):
            return start, start, True  # "no soy": the denial stays in what is said
        length = self.phrases["anchors"].at(keys, start, end)
        if not length and first_person:
            length = self.phrases["anchors_as"].at(keys, start, end)
        return start, start + length, length > 0

    def _copula(self, keys: Sequence[str], start: int, end: int) -> tuple[int, bool]:
        """Cut a closing copula (هستم); tell whether there was one."""
        ends = self.words["anchors_after"]
        if end - start > 1 and keys[end - 1] in ends:
            return end - 1, True
        return end, False

    def _chunks(self, keys: Sequence[str], start: int, end: int) -> Iterable[Chunk]:
        """Cut at boundaries; a chunk after an alternative ("or") is a predicate again."""
        predicate, begin = True, start
        bounds, others = self.phrases["boundaries"], self.phrases["alternatives"]
        at = start
        marks = self.chunk_marks
        while at < end:
            if keys[at] not in marks:
                at += 1
                continue
            other = others.at(keys, at, end)
            length = other or bounds.at(keys, at, end)
            if length:
                yield from self._chunk(keys, begin, at, predicate)
                predicate = bool(other)
                begin = at = at + length
            else:
                at += 1
        yield from self._chunk(keys, begin, end, predicate)

    def _chunk(self, keys: Sequence[str], start: int, end: int, predicate: bool) -> Iterable[Chunk]:
        while length := self.phrases["determiners"].at(keys, start, end):
            start += length
        if start < end:
            yield Chunk(start, end, predicate)
