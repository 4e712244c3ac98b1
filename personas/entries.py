"""In which spellings does a rule stand in texts?

In: a rule of a lexicon. Out: entries: each form as tokens, joined, as a hashtag, with the endings
of its language; and rules of hashtags as entries of one token. It refuses nothing: `nlp.lexicon`
has checked the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from nlp.lexicon import Rule
from personas.grammar import Grammar, Phrase, phrase_of
from personas.segments import KNOWN

# Where a kind is used when the rule does not say: posts need a first-person sentence, and a slogan
# or hashtag in a post is usage, never a claim; names carry explicit markers only.
DEFAULT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "noun": ("bio", "post"),
    "adjective": ("bio", "post"),
    "slogan": ("bio", "name"),
    "marker": ("bio", "name"),
    "capitals": ("bio", "name"),
    "title": ("name",),
    "pattern": ("bio",),
    "tag": ("bio", "name"),
}
# Attributes whose nouns take a first-person ending in Persian (معلمم "I am a teacher"); with kin
# words the same letter means "my" (پدرم "my father").
_COPULA_ATTRIBUTES = frozenset({"occupation", "affiliation", "nationality"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One form of one rule, as tokens.

    `anywhere`: an emoji or a slogan's hashtag, which means one thing in every language. `distinct`:
    a form with letters that English lacks, which needs no further sign of its language.
    """

    phrase: Phrase
    rule: Rule
    value: str
    feminine: bool
    distinct: bool
    anywhere: bool = False
    anchored: bool = False
    status: str | None = None


class Forms(NamedTuple):
    """The entries that share a first token: `longer` by their second token, and `single` words."""

    longer: Mapping[str, tuple[Entry, ...]]
    single: tuple[Entry, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Forms:
        """Index entries in the order given, the longest first."""
        longer: dict[str, tuple[Entry, ...]] = {}
        for entry in (entry for entry in entries if len(entry.phrase) > 1):
            longer[entry.phrase[1]] = (*longer.get(entry.phrase[1], ()), entry)
        return cls(longer, tuple(entry for entry in entries if len(entry.phrase) == 1))

    def standing(self, keys: Sequence[str], at: int) -> Iterator[tuple[Entry, int]]:
        """Yield the entries whose whole form stands at token `at`, with the token after it."""
        if self.longer and at + 1 < len(keys):
            for entry in self.longer.get(keys[at + 1], ()):
                end = at + len(entry.phrase)
                if end == at + 2 or tuple(keys[at:end]) == entry.phrase:
                    yield entry, end
        for entry in self.single:
            yield entry, at + 1


class Tags(dict[str, tuple[Entry, ...]]):
    """Hashtag -> the entries whose expression it is; each tag is tried once, as long as known."""

    def __init__(self, found: Sequence[tuple[re.Pattern[str], Entry]]) -> None:
        super().__init__()
        self._found = found
        self._any = re.compile("|".join(f"(?:{wanted.pattern})" for wanted, _ in found) or r"(?!)")

    def __missing__(self, tag: str) -> tuple[Entry, ...]:
        if len(self) >= KNOWN:
            self.clear()
        known = self._found if self._any.fullmatch(tag, 1) else ()
        said = self[tag] = tuple(entry for wanted, entry in known if wanted.fullmatch(tag, 1))
        return said


def tag_entry(rule: Rule) -> Entry:
    """Return the rule of hashtags as a marker, whose value is what it implies."""
    marker = replace(rule, match="marker", fields=rule.fields or DEFAULT_FIELDS["tag"])
    return Entry((), marker, rule.implies or "", feminine=False, distinct=False)


def entries_of(rule: Rule, grammar: Grammar) -> Iterable[Entry]:
    """Yield the forms of a rule with their spellings: joined, as hashtag, with a copula ending."""
    if not rule.fields:
        rule = replace(rule, fields=DEFAULT_FIELDS[rule.match])
    for value, form, feminine in rule.forms:
        phrase = phrase_of(form)
        distinct = rule.distinct or not form.isascii()
        anywhere = phrase[0].startswith("#") or not any(key.isalnum() for key in phrase)
        entry = Entry(phrase, rule, value, feminine, distinct, anywhere)
        yield entry
        joined = "".join(phrase)
        if len(phrase) > 1 and not joined.isascii() and grammar.head_first and joined.isalpha():
            yield replace(entry, phrase=(joined,))
        if _has_hashtag(rule, phrase):
            marker = replace(rule, match="marker", grade="M", fields=DEFAULT_FIELDS["marker"])
            slogan = rule.match == "slogan"
            yield replace(entry, phrase=("#" + joined,), rule=marker, anywhere=slogan)
        yield from _with_endings(entry, grammar)


def _has_hashtag(rule: Rule, phrase: Phrase) -> bool:
    tagged = rule.attribute in {"affiliation", "family"} or rule.match == "slogan"
    return tagged and all(key.isalnum() for key in phrase)


def _with_endings(entry: Entry, grammar: Grammar) -> Iterable[Entry]:
    if entry.rule.match not in {"noun", "adjective"}:
        return
    whole = entry.rule.attribute in _COPULA_ATTRIBUTES
    told = "copula_suffixes" if whole else "possessive_suffixes"
    if whole or entry.rule.attribute == "family":
        for ending in grammar.lexicon.list_of(told):
            status = None if whole else "other"
            yield replace(entry, phrase=_ended(entry, ending), anchored=whole, status=status)
    if whole:  # these endings may also mean "my", so that a post needs another anchor
        for ending in grammar.lexicon.list_of("copula_forms"):
            yield replace(entry, phrase=_ended(entry, ending))


def _ended(entry: Entry, ending: str) -> Phrase:
    return (*entry.phrase[:-1], entry.phrase[-1] + phrase_of(ending)[0])


def person_words(grammar: Grammar) -> frozenset[str]:
    """Single words for a person in a language: its nouns, its adjectives, and listed ones.

    The last word of "loyal to the state" or "pro-government" is none.
    """
    inner = grammar.words["boundaries"] | grammar.words["blockers"]
    nouns = (
        phrase_of(form)
        for rule in grammar.lexicon.rules
        if rule.match in {"noun", "adjective"}
        for _, form, _ in rule.forms
    )
    head = 0 if grammar.head_first else -1
    return grammar.words["person_words"] | {
        phrase[head] for phrase in nouns if inner.isdisjoint(phrase)
    }
