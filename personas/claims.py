"""What do these texts say about their writers? Each answer is a claim with its verbatim quote.

In: texts of one profile field, or posts. Out: claims with `text[start:end] == quote`, in code
points. It refuses to infer: no name, picture, verb form or topic becomes a claim, and religion,
health, sexuality and ethnicity are not read at all. What the account denied, left behind, quoted or
said of others is kept under that status, since it can explain a change.

Method: lexicon rows (`personas.rules`) over a length-preserving fold (`nlp.charfold`), gated by
language, with a small grammar for what a phrase is about. Distinct texts are read once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as own_field
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow as pa

from corpus.errors import InputError
from corpus.settings import Camp
from personas.entries import Entry
from personas.languages import LanguageGate
from personas.lazy import lazy
from personas.location import located, placed
from personas.pronouns import pronoun_index, pronoun_lists
from personas.reading import Claim, Reading
from personas.rules import FIELDS, RuleBook, load_rules
from personas.segments import CAP, DIGIT, Tokens, tokenize
from personas.status import quote_spans
from personas.tidying import accompanied, corroborated, tidy

# How much one claim of a grade counts, 0..1. The order follows the audits of real bios (pronoun
# lists and markers right in 97-98 of 100, role nouns in about 85); shifts only compare it.
STRENGTH = {"P": 1.0, "M": 0.9, "K": 0.8, "G": 0.7, "W": 0.3}
# What a role-play, parody, fan or organisation account cannot claim for a person.
PERSONAL = frozenset(
    {"gender", "family", "age", "birth_year", "occupation", "nationality", "birthplace"}
)
COLUMNS = (
    "attribute", "value", "status", "grade", "quote", "start", "end", "rule_id", "text_index",
)  # fmt: skip
_FLAG_RULE = "any.flag"
_RUN_ON = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{3}")
_REGION_A = 0x1F1E6
_BLACK_FLAG = "\U0001f3f4"
_TAG = 0xE0000


def extract_claims(
    texts: Sequence[str | None],
    field: str = "bio",
    langs: Sequence[str | None] | None = None,
    *,
    languages: Sequence[str] = (),
    gender: bool = True,
) -> pd.DataFrame:
    """Return one row for each claim in `texts`, in order of text and place.

    Parameters
    ----------
    texts
        n texts; None is unknown and claims nothing.
    field
        What they are: "bio", "name", "location", "post" or "pronouns" (a pronoun field of its own).
        Posts claim only in whole first-person sentences, names only by explicit markers, locations
        only countries.
    langs
        n language codes, or None: hints for which lexicons may read a text.
    languages
        Lexicons to use; empty means all.
    gender
        False leaves the attribute gender out.

    Returns
    -------
    DataFrame with the columns attribute, value, status, grade, quote, start, end (code points of
    the text as given), rule_id and text_index (0..n-1); `texts[text_index][start:end] == quote`.

    Raises
    ------
    InputError
        When `field` is unknown or `langs` has another length than `texts`.
    SettingsError
        When a lexicon is missing or wrong.
    """
    if field not in FIELDS:
        raise InputError(f"field {field!r} is unknown; expected one of {', '.join(FIELDS)}")
    hints = [None] * len(texts) if langs is None else list(langs)
    if len(hints) != len(texts):
        raise InputError(f"found {len(hints)} langs for {len(texts)} texts; give one for each text")
    reader = ClaimReader(load_rules(tuple(sorted(set(languages)))), field, gender)
    rows = [
        row | {"text_index": index}
        for index, (text, hint) in enumerate(zip(texts, hints, strict=True))
        for row in reader.rows(text, hint)
    ]
    return _frame(rows)


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    whole = {"start": "int64", "end": "int64", "text_index": "int64"}
    return frame.astype({name: whole.get(name, "str") for name in COLUMNS})


class _Readings(dict[str, Reading]):
    """The readings of one text by language, each made when it is first asked for."""

    def __init__(self, reader: ClaimReader, tokens: Tokens, lang: str | None) -> None:
        super().__init__()
        self._reader, self._tokens, self._lang = reader, tokens, lang

    @lazy
    def names(self) -> list[str]:
        """The languages that may read the text."""
        return self._reader.gate(self._tokens.text, self._tokens, self._lang)

    @lazy
    def _quotes(self) -> Sequence[tuple[int, int]]:
        return quote_spans(self._tokens.folded)

    def __missing__(self, name: str) -> Reading:
        book, field = self._reader.book, self._reader.field
        grammar = book.grammars[name]
        reading = self[name] = Reading(book, grammar, self._tokens, field, self._quotes)
        return reading


@dataclass(frozen=True)
class ClaimReader:
    """Reads texts of one field with one rule book, each distinct text once."""

    book: RuleBook
    field: str = "bio"
    gender: bool = True
    _known: dict[tuple[str, str | None], list[Claim]] = own_field(
        default_factory=dict, compare=False, repr=False
    )

    @cached_property
    def _pronouns(self) -> dict[str, tuple[str, str]]:
        return pronoun_index(self.book.grammars)

    @cached_property
    def gate(self) -> LanguageGate:
        """Tells which languages may read a text."""
        return LanguageGate(self.book.grammars)

    @cached_property
    def _heads(self) -> frozenset[str]:
        """Every token that begins a form."""
        return frozenset(self.book.entries)

    @cached_property
    def _triggers(self) -> frozenset[str]:
        """Every token that makes some pattern worth a look."""
        return frozenset(self.book.patterns)

    def rows(self, text: str | None, lang: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the claims of a text as dictionaries with their quotes."""
        for claim in self.read(text, lang):
            yield {
                "attribute": claim.attribute,
                "value": claim.value,
                "status": claim.status,
                "grade": claim.grade,
                "quote": (text or "")[claim.start : claim.end],
                "start": claim.start,
                "end": claim.end,
                "rule_id": claim.rule_id,
            }

    def read(self, text: str | None, lang: str | None = None) -> list[Claim]:
        """Return the claims of `text`, in order of place, none twice."""
        if not text:
            return []
        key = (text, lang)
        if key not in self._known:
            self._known[key] = self._read(text, lang)
        return self._known[key]

    def _read(self, text: str, lang: str | None) -> list[Claim]:
        tokens = tokenize(text)
        if self.field == "location":
            return located(tokens, self.book.places)
        if self.field == "pronouns":
            return tidy([*self._pronoun_claims(tokens)], text) if self.gender else []
        readings = _Readings(self, tokens, lang)
        found = [*self._written(tokens, readings), *self._shown(tokens)]
        if self.field == "bio":
            found += placed(tokens, self.book.places)
        if any(claim.attribute in PERSONAL for claim in found):
            found = self._personal(found, readings)
        return tidy(self._supported(found), text) if found else []

    def _supported(self, found: list[Claim]) -> list[Claim]:
        """Drop the camps that name one only beside another, where no other stands."""
        return accompanied(corroborated(found, self.book.beside), self.book.in_company)

    def _personal(self, found: list[Claim], readings: _Readings) -> list[Claim]:
        """Drop what a role-play or organisation account cannot claim, and gender where unread."""
        dropped = frozenset() if self.gender else frozenset({"gender"})
        if any(readings[name].impersonal for name in readings.names):
            dropped = PERSONAL
        return [claim for claim in found if claim.attribute not in dropped] if dropped else found

    def _written(self, tokens: Tokens, readings: _Readings) -> Iterator[Claim]:
        """What the words say, in each active language; unmistakable forms need no language.

        Most texts end here: none of their tokens begins a form or triggers a pattern.
        """
        numbers = DIGIT.search(tokens.folded) is not None
        led = (key for key in tokens.keys if key[0].isdigit()) if numbers else ()
        bare = [key.lstrip("0123456789") for key in led]
        triggers = self._triggers
        triggered = not (triggers.isdisjoint(tokens.keys) and triggers.isdisjoint(bare))
        standing = self._standing(tokens)
        if not (triggered or standing):
            return
        names = readings.names
        for name in names if triggered else ():
            yield from readings[name].patterns(bare)
        spare = self.gate.spare(names)
        for entry, at, end in standing:
            if self._fires(entry, names, spare):
                found = readings[entry.rule.language].entry_claims(entry, at, end)
                loose = not entry.phrase and tokens.kinds[at] == "word"
                yield from (c for c in found if not loose or c.status == "asserted")

    def _standing(self, tokens: Tokens) -> list[tuple[Entry, int, int]]:
        """Every form that stands in the text, and every rule of hashtags that knows one of it."""
        keys, forms = tokens.keys, self.book.forms
        found = []
        if "hashtag" in tokens.kinds and self.field != "post":
            tags = self.book.tags
            tagged = [at for at, kind in enumerate(tokens.kinds) if kind == "hashtag"]
            found = [(entry, at, at + 1) for at in tagged for entry in tags[keys[at]]]
        if self.field == "bio" and _RUN_ON.search(tokens.text):
            for at in _run_together(tokens):
                found += [(entry, at, at + 1) for entry in self.book.tags["#" + keys[at]]]
        if self._heads.isdisjoint(keys):
            return found
        for at, key in enumerate(keys):
            if key in forms:
                found += [(entry, at, end) for entry, end in forms[key].standing(keys, at)]
        return found

    def _fires(self, entry: Entry, names: Sequence[str], spare: frozenset[str]) -> bool:
        name = entry.rule.language
        unmistakable = entry.anywhere or (entry.distinct and name in spare)
        return self.field in entry.rule.fields and (name in names or unmistakable)

    def _shown(self, tokens: Tokens) -> Iterator[Claim]:
        """Flags and pronoun lists: read in bios and names, whatever the language."""
        if self.field == "post":
            return
        pictures = "flag" in tokens.kinds or _BLACK_FLAG in tokens.folded
        for at, kind in enumerate(tokens.kinds if pictures else ()):
            if kind == "flag":
                iso = "".join(chr(ord(c) - _REGION_A + ord("A")) for c in tokens.keys[at])
                yield _shown(tokens, at, at + 1, ("flag_shown", iso, "M", _FLAG_RULE))
            elif kind == "emoji" and tokens.keys[at][0] == _BLACK_FLAG:
                tags = "".join(chr(ord(c) - _TAG) for c in tokens.keys[at][1:-1] if ord(c) > _TAG)
                if tags.isalnum():  # 🏴󠁧󠁢󠁷󠁬󠁳󠁿 is gbwls: a part of GB
                    what = ("flag_shown", tags[:2].upper(), "M", _FLAG_RULE)
                    yield _shown(tokens, at, at + 1, what)
        yield from self._pronoun_claims(tokens)

    def _pronoun_claims(self, tokens: Tokens) -> Iterator[Claim]:
        alone = self.field == "pronouns"
        for found in pronoun_lists(tokens, self._pronouns, alone=alone):
            what = ("gender", found.value, "P", f"{found.language}.pronouns")
            yield _shown(tokens, found.start, found.end, what)


def _run_together(tokens: Tokens) -> list[int]:
    """The words that are several in one ("KeepNorviaRed"): hashtags without their sign."""
    at = (found.start() for found in _RUN_ON.finditer(tokens.text[:CAP]))
    inside = {bisect_right(tokens.starts, start) - 1 for start in at}
    return sorted(one for one in inside if tokens.kinds[one] == "word")


def _shown(tokens: Tokens, first: int, last: int, what: tuple[str, str, str, str]) -> Claim:
    attribute, value, grade, rule_id = what
    span = tokens.starts[first], tokens.ends[last - 1]
    return Claim(*span, attribute, value, "asserted", grade, rule_id)


_OUTPUT = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("text", "field", *COLUMNS[:5])]
    + [pa.field(name, pa.int64(), nullable=False) for name in ("start", "end")]
    + [pa.field("rule_id", pa.string(), nullable=False)]
    + [pa.field("strength", pa.float32(), nullable=False)]
)


@dataclass(frozen=True)
class ExtractClaims:
    """Kernel: rows with `text`, `field` and, when known, `lang` to the claims of each text.

    Out: text, field, attribute, value, status, grade, quote, start, end, rule_id, strength. Give it
    distinct (text, field) rows and join the claims back. `digest` names the lexicons, so that the
    kernel is its own cache key; build it with `claim_kernel`.
    """

    languages: tuple[str, ...] = ()
    gender: bool = True
    digest: str = ""
    camps: tuple[Camp, ...] = ()
    own: str | None = None

    @property
    def output(self) -> pa.Schema:
        """The schema of the claims."""
        return _OUTPUT

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the claims of every row."""
        book = load_rules(self.languages, camps=self.camps, own=self.own)
        readers = {name: ClaimReader(book, name, self.gender) for name in FIELDS}
        texts, kinds = table.column("text").to_pylist(), table.column("field").to_pylist()
        hints = (
            table.column("lang").to_pylist()
            if "lang" in table.column_names
            else [None] * len(texts)
        )
        rows = [
            row | {"text": text, "field": kind, "strength": STRENGTH[row["grade"]]}
            for text, kind, hint in zip(texts, kinds, hints, strict=True)
            for row in readers[kind].rows(text, hint)
        ]
        return pa.Table.from_pylist(rows, schema=_OUTPUT)


def claim_kernel(
    languages: Sequence[str] = (),
    *,
    gender: bool = True,
    camps: tuple[Camp, ...] = (),
    own: str | None = None,
) -> ExtractClaims:
    """Return the kernel for these lexicons (empty: all), with their digest.

    `camps` and `own`, a folder of lexicons, add rules of one case.

    Raises
    ------
    SettingsError
        When a language has no lexicon, or a lexicon is wrong.
    """
    chosen = tuple(sorted(set(languages)))
    digest = load_rules(chosen, camps=camps, own=own).digest
    return ExtractClaims(chosen, gender, digest, camps, own)
