"""Which lexicon rows stand in a text, and do they stand where they mean the writer?

In: lexicon folders. Out: a `RuleBook`: every form by its first token, so that a text is matched by
one dictionary look-up a token. It accepts a row only where its match kind allows:

* `noun`       head of a chunk that describes the writer ("pediatric nurse at Elm Hospital"); with
               `listed_modifiers`, only beside words that the lexicon lists ("proud mom of 3").
* `adjective`  like a noun, or right beside a noun for a person ("Iranian journalist").
* `slogan`     like an adjective ("MAGA", "MAGA mom"), or its hashtag; not in posts.
* `marker`     anywhere: hashtags, emoji, fixed phrases that mean one thing.
* `capitals`   anywhere too, when written in capitals ("MAGA" in a run; not "Krav Maga"); only
  what nothing denies claims.
* `title`      opens a display name ("Dr. ..."), and more words follow.
* `pattern`    a regular expression on the folded text, tried only when a trigger token is there,
  and one of the strings that it `needs`.
* `tag`        a regular expression on the letters of a whole hashtag, a marker; its value is what
  it `implies`. Every distinct hashtag is tried once, and in bios words run together
               ("KeepNorviaRed").

Nouns and adjectives of affiliation also match as a hashtag (#سلطنت_طلب), as a marker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from corpus.errors import SettingsError
from corpus.identity import content_id
from corpus.settings import Camp
from nlp.charfold import fold
from nlp.lexicon import Lexicon, Rule, Vocabulary, files_digest, load_lexicon
from personas.camps import with_own_camps
from personas.entries import DEFAULT_FIELDS, Entry, Forms, Tags, entries_of, person_words, tag_entry
from personas.grammar import WORD_LISTS, Chunk, Clause, Grammar
from personas.places import Gazetteer
from personas.segments import Tokens
from personas.status import STATUSES

LEXICONS = Path(__file__).parent / "lexicons"
ATTRIBUTES = (
    "gender", "affiliation", "occupation", "nationality", "birthplace", "location", "age",
    "birth_year", "family", "flag_shown", "language",
)  # fmt: skip
GRADES = ("P", "K", "M", "G", "W")
FIELDS = ("bio", "name", "location", "post", "pronouns")
MATCHES = ("noun", "adjective", "slogan", "marker", "capitals", "title", "pattern", "tag")
CAPTURES = ("age", "year", "place", "country", "implied")
VOCABULARY = Vocabulary(ATTRIBUTES, GRADES, MATCHES, STATUSES, FIELDS, CAPTURES, WORD_LISTS)

# Words beside the head: "retired senior software engineer" has three. Longer stretches are mostly
# not noun phrases (audit of real bios).
MAX_MODIFIERS = 3
# "mom to two lovely huskies": the pets stand within so many tokens of the kin word.
SOON = 5
# What a word said before these tells nothing of what comes after.
_ENDS = frozenset(".!|•\n")


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern rule."""

    rule: Rule
    expression: re.Pattern[str]

    @cached_property
    def digits(self) -> bool:
        """Whether only digits can be its value, so that a text without any needs no look."""
        number = self.rule.capture in {"age", "year"}
        return number and re.search(r"<value>[\\\d\[]", self.expression.pattern) is not None


@dataclass(frozen=True)
class RuleBook:
    """All rules of some languages, indexed; build it with `load_rules`."""

    grammars: Mapping[str, Grammar]
    entries: Mapping[str, tuple[Entry, ...]]
    patterns: Mapping[str, tuple[Pattern, ...]]
    places: Gazetteer
    persons: Mapping[str, frozenset[str]]
    digest: str

    @cached_property
    def forms(self) -> Mapping[str, Forms]:
        """First token -> its entries, indexed."""
        return {key: Forms.of(found) for key, found in self.entries.items()}

    @cached_property
    def tags(self) -> Tags:
        """The rules of hashtags, as entries of one token."""
        return Tags(
            [
                (re.compile(rule.pattern), tag_entry(rule))
                for rule in self.rules
                if rule.match == "tag" and rule.pattern
            ]
        )

    @cached_property
    def triggers(self) -> Mapping[str, frozenset[str]]:
        """Language -> the tokens that make one of its patterns worth a look."""
        return {
            language: frozenset(
                key
                for key, found in self.patterns.items()
                if any(pattern.rule.language == language for pattern in found)
            )
            for language in self.grammars
        }

    @cached_property
    def beside(self) -> Mapping[str, frozenset[str]]:
        """Rule id -> the camps of which one must be asserted beside it, for rules that ask."""
        return {rule.id: rule.beside for rule in self.rules if rule.beside}

    @cached_property
    def in_company(self) -> frozenset[str]:
        """The rules whose camp is none when it stands alone ("Patriot")."""
        return frozenset(rule.id for rule in self.rules if rule.company)

    @property
    def rules(self) -> list[Rule]:
        """Every rule, in order of language and file."""
        return [rule for g in self.grammars.values() for rule in g.lexicon.rules]

    def accepts(
        self,
        entry: Entry,
        tokens: Tokens,
        clause: Clause,
        span: tuple[int, int],
        *,
        cue: tuple[int, int] | None = None,
        hearsay: bool = False,
    ) -> Chunk | None:
        """Return the chunk in which the form may be a claim, or None.

        `cue` spans the form and words that take the assertion back ("not a", "my husband is"): then
        the form is only context and need not stand among words that fit. `hearsay`: quoted or
        reported words may stand anywhere. Whether the chunk is a predicate, the caller asks.
        """
        chunk = clause.chunk_of(*span)
        rule = entry.rule
        if chunk is None or self.has_context(rule, tokens, span):
            return None
        if cue is not None:
            return chunk if hearsay or self._is_head(entry, chunk, cue) else None
        if rule.match == "title":
            return chunk if span[0] == 0 and len(tokens) > span[1] else None
        if rule.match in {"adjective", "slogan"}:
            return chunk if self._adjective_stands(tokens, chunk, span, rule) else None
        return chunk if self._noun_stands(entry, tokens, chunk, span, clause.anchored) else None

    def has_context(self, rule: Rule, tokens: Tokens, span: tuple[int, int]) -> bool:
        """Whether a neighbour named by the rule stands right before or after, or near it."""
        start, end = span
        keys = tokens.keys
        if start and (
            keys[start - 1] in rule.unless_before
            or not (
                rule.unless_preceding.isdisjoint(keys[max(0, start - SOON) : start])
                or rule.unless_preceding.isdisjoint(_words_before(tokens, start))
            )
        ):
            return True
        if end == len(keys):
            return False
        return keys[end] in rule.unless_after or not (
            tokens.kinds[end] != "word"
            or rule.unless_following.isdisjoint(_words_after(tokens, end))
        )

    def _noun_stands(
        self, entry: Entry, tokens: Tokens, chunk: Chunk, span: tuple[int, int], anchored: bool
    ) -> bool:
        rule, grammar = entry.rule, self.grammars[entry.rule.language]
        start, end = span
        if rule.runs_on and end < chunk.end and tokens.keys[end] in grammar.words["run_on"]:
            chunk = Chunk(_run_start(tokens, grammar, chunk.start, start), end, chunk.predicate)
        if not self._is_head(entry, chunk, span):
            return rule.attribute == "affiliation" and self._adjective_stands(
                tokens, chunk, span, rule
            )
        if chunk.end - chunk.start == end - start:
            return True
        others = [*range(chunk.start, start), *range(end, chunk.end)]
        return self._modifiers_fit(rule, tokens, others, grammar)

    def _is_head(self, entry: Entry, chunk: Chunk, span: tuple[int, int]) -> bool:
        if self.grammars[entry.rule.language].head_first:
            return span[0] <= chunk.start
        return span[1] >= chunk.end

    def _modifiers_fit(
        self, rule: Rule, tokens: Tokens, others: Sequence[int], grammar: Grammar
    ) -> bool:
        """Few enough words beside the head, none of them a blocker; all listed where asked for."""
        words = [tokens.keys[at] for at in others if tokens.kinds[at] == "word"]
        cues = grammar.words
        past, denial = cues["former_before"], cues["negated_before"]
        own = [w for w in words if w not in past and w not in denial]
        if len(own) > MAX_MODIFIERS or not cues["blockers"].isdisjoint(own):
            return False
        if not rule.listed_modifiers:
            return True
        listed, persons = cues["modifiers"], self.persons[grammar.language]
        return all(
            word in listed or word in persons or word.isdigit() or word.endswith("'s")
            for word in own
        )

    def _adjective_stands(
        self, tokens: Tokens, chunk: Chunk, span: tuple[int, int], rule: Rule
    ) -> bool:
        grammar = self.grammars[rule.language]
        start, end = span
        if chunk.end - chunk.start == end - start:
            return True
        persons, modifiers = self.persons[rule.language], grammar.words["modifiers"]
        keys = tokens.keys
        others = [*range(chunk.start, start), *range(end, chunk.end)]
        if not grammar.words["blockers"].isdisjoint(keys[at] for at in others):
            return False
        fits = all(
            keys[at] in modifiers or keys[at] in persons or tokens.kinds[at] != "word"
            for at in others
        )
        if not fits or chunk.end - chunk.start > MAX_MODIFIERS + end - start:
            return False
        if grammar.head_first:
            first = keys[chunk.start]
            return start == chunk.start or first in persons or first in modifiers
        return end == chunk.end or keys[chunk.end - 1] in persons


def _words_before(tokens: Tokens, start: int) -> Sequence[str]:
    """The last few words of the sentence: "Block the ads! #MAGA" blocks no #MAGA."""
    low = start
    while low > max(0, start - SOON) and tokens.keys[low - 1] not in _ENDS:
        low -= 1
    return tokens.keys[low:start]


def _words_after(tokens: Tokens, end: int) -> Sequence[str]:
    """The next few words, up to punctuation: "mom, dog lover" is no mom of dogs."""
    stop = end
    while stop < min(len(tokens), end + SOON) and tokens.kinds[stop] == "word":
        stop += 1
    return tokens.keys[end:stop]


def _run_start(tokens: Tokens, grammar: Grammar, low: int, start: int) -> int:
    """Where the modifiers of a word begin in a run of descriptions ("Vet Husband Dad Grandpa")."""
    at = start
    while at > low and tokens.keys[at - 1] not in grammar.words["run_on"]:
        at -= 1
    return at


@cache
def load_rules(
    languages: tuple[str, ...] = (),
    folders: tuple[Path, ...] = (LEXICONS,),
    camps: tuple[Camp, ...] = (),
    own: str | None = None,
) -> RuleBook:
    """Read the lexicons of `languages` (empty: all) from each folder.

    `camps` and `own`, a folder, add rules of one case (`personas.camps`).

    Raises
    ------
    SettingsError
        When a lexicon is wrong, or a language has no folder; every problem is named.
    """
    paths = {p.name: p for folder in folders for p in sorted(folder.iterdir()) if _is_lexicon(p)}
    unknown = sorted(set(languages) - set(paths))
    if unknown:
        raise SettingsError(
            f"no persona lexicon for {', '.join(unknown)}; known: {', '.join(sorted(paths))}"
        )
    chosen = [paths[name] for name in sorted(languages or paths)]
    lexicons = [load_lexicon(path, VOCABULARY) for path in chosen]
    return _rule_book(with_own_camps(lexicons, camps, own, VOCABULARY), folders)


def _is_lexicon(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.toml"))


def _rule_book(lexicons: Sequence[Lexicon], folders: Sequence[Path]) -> RuleBook:
    grammars = {lexicon.language: Grammar(lexicon) for lexicon in lexicons}
    entries: dict[str, list[Entry]] = {}
    patterns: dict[str, list[Pattern]] = {}
    for rule in (rule for lexicon in lexicons for rule in lexicon.rules):
        for entry in entries_of(rule, grammars[rule.language]):
            entries.setdefault(entry.phrase[0], []).append(entry)
        if rule.pattern is not None and rule.match == "pattern":
            fields = rule.fields or DEFAULT_FIELDS["pattern"]
            compiled = Pattern(replace(rule, fields=fields), re.compile(rule.pattern))
            for trigger in rule.trigger:
                patterns.setdefault(fold(trigger), []).append(compiled)
    top = [path for folder in folders for path in folder.glob("*.t??*") if path.is_file()]
    return RuleBook(
        grammars,
        {key: tuple(sorted(found, key=_entry_order)) for key, found in entries.items()},
        {key: tuple(found) for key, found in patterns.items()},
        Gazetteer(LEXICONS),
        {language: person_words(grammar) for language, grammar in grammars.items()},
        content_id(files_digest(top), *(lexicon.digest for lexicon in lexicons)),
    )


def _entry_order(entry: Entry) -> tuple[int, str, str]:
    return (-len(entry.phrase), entry.rule.id, entry.value)
