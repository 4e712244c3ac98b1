"""What does one text claim, read with the grammar of one language?

In: tokens, a rule book and the field. Out: claims, each with the span it was read from. What is
negated, former, quoted or about others is kept with that status; whatever stands where no rule
allows it is refused, and no claim is the common answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as own_field
from typing import NamedTuple

from nlp.lexicon import Rule
from personas.captures import Capture, capture
from personas.entries import Entry
from personas.grammar import IDIOM, IMPERSONAL, Chunk, Clause, Grammar
from personas.lazy import lazy
from personas.rules import RuleBook
from personas.segments import DIGIT, Tokens, segments, sentences
from personas.status import Sense, read_status

# An unanchored segment longer than this is running text; from the spread of real self-descriptions
# ("professor of modern history at the University of ...").
MAX_SEGMENT = 14
# An anchor makes these explicit: the writer said "I am".
# Kinds of token that end what is said of a hashtag.
_APART = frozenset({"hashtag", "emoji", "flag", "newline", "mention", "url"})
_HEARSAY = frozenset({"quoted", "reported"})
_EXPLICIT = frozenset({"asserted", "negated", "former"})


class Claim(NamedTuple):
    """One thing a text says about its writer; offsets are code points of the text."""

    start: int
    end: int
    attribute: str
    value: str
    status: str
    grade: str
    rule_id: str


@dataclass(eq=False)
class Reading:
    """One text, one field, one language."""

    book: RuleBook
    grammar: Grammar
    tokens: Tokens
    field: str
    quotes: Sequence[tuple[int, int]]
    _clauses: dict[int, Clause] = own_field(default_factory=dict, init=False, repr=False)
    _senses: dict[tuple[int, int], Sense] = own_field(default_factory=dict, init=False, repr=False)
    _owned: dict[int, bool] = own_field(default_factory=dict, init=False, repr=False)
    _marked: set[tuple[int, int, str]] = own_field(default_factory=set, init=False, repr=False)

    @lazy
    def held(self) -> int:
        """What the tokens can begin, as bits."""
        return self.grammar.held(self.tokens.keys)

    @lazy
    def segments(self) -> list[tuple[int, int]]:
        """The token ranges of the segments, in order."""
        return segments(self.tokens, self.grammar.joiners)

    def _sense(self, clause: Clause, start: int, end: int) -> Sense:
        """The sense of the tokens in their clause; rows with one form share it."""
        if (start, end) not in self._senses:
            self._senses[start, end] = read_status(
                self.tokens, clause, (start, end), self.grammar, self.quotes, held=self.held
            )
        return self._senses[start, end]

    @lazy
    def first_person(self) -> frozenset[int]:
        """The tokens of sentences that hold a first-person word."""
        words = self.grammar.words["first_person"]
        keys = self.tokens.keys
        return frozenset(
            at
            for start, end in sentences(self.tokens)
            if not words.isdisjoint(keys[start:end])
            for at in range(start, end)
        )

    @lazy
    def idioms(self) -> frozenset[int]:
        """The tokens of fixed expressions, which claim nothing."""
        if not self.held & IDIOM:
            return frozenset()
        spans = self.grammar.phrases["idioms"].within(self.tokens.keys, 0, len(self.tokens))
        return frozenset(at for start, end in spans for at in range(start, end))

    @lazy
    def repeated(self) -> bool:
        """Whether the text opens as a repost: then somebody else speaks."""
        return self.field == "post" and self.tokens.keys[:1] == ["rt"]

    @property
    def impersonal(self) -> bool:
        """Whether a word marks a role-play, parody, fan, bot or organisation account."""
        if not self.held & IMPERSONAL:
            return False
        keys = self.tokens.keys
        denied = self.grammar.words["negated_before"]
        return any(
            denied.isdisjoint(keys[max(0, start - 2) : start])  # "not a bot"
            for start, _ in self.grammar.phrases["impersonal"].within(keys, 0, len(keys))
        )

    def clause_at(self, at: int) -> Clause | None:
        """Return the clause whose body holds token `at`; each segment is read at most once.

        In posts a clause knows whether its sentence says I.
        """
        place = bisect_right(self.segments, (at, len(self.tokens))) - 1
        if place < 0 or at >= self.segments[place][1]:
            return None
        if place not in self._clauses:
            start, end = self.segments[place]
            own = self.field == "post" and start in self.first_person
            self._clauses[place] = self.grammar.clause(self.tokens, start, end, first_person=own)
        clause = self._clauses[place]
        return clause if clause.start <= at < clause.end else None

    def entry_claims(self, entry: Entry, start: int, end: int) -> Iterator[Claim]:
        """Yield what the form at tokens [start, end) claims, if anything."""
        slogan = entry.rule.match == "marker" and end - start > 1  # may be an idiom's own words
        idioms = self.idioms
        if idioms and not slogan and (start in idioms or end - 1 in idioms):
            return
        if entry.rule.match == "capitals":
            yield from self._capitals(entry, start, end)
        elif entry.rule.match == "marker":
            yield from self._marker(entry.rule, entry.value, start, end)
        else:
            yield from self._described(entry, start, end)

    def _marker(self, rule: Rule, value: str, start: int, end: int) -> Iterator[Claim]:
        """A hashtag, emoji or fixed phrase; words right before it may still deny it.

        What one rule found asserted, another would only find again.
        """
        what = start, end, value
        if what in self._marked or self.book.has_context(rule, self.tokens, (start, end)):
            return
        if self._bare_tag(start, end):
            sense = Sense("asserted", start, end)
        else:
            around = self.clause_at(start) or Clause(start, start, end, end, False, False, ())
            sense = self._sense(around, start, end)
        status = rule.status if sense.status == "asserted" else sense.status
        if status == "asserted" and not rule.beside:
            self._marked.add(what)
        yield self.claim(rule, value, (sense.start, sense.end), status, rule.grade)

    def _capitals(self, entry: Entry, start: int, end: int) -> Iterator[Claim]:
        """A slogan in capitals, anywhere; where a cue may deny it, it is left to other rules."""
        tokens = self.tokens
        if tokens.text[tokens.starts[start] : tokens.ends[end - 1]].isupper():
            found = self._marker(entry.rule, entry.value, start, end)
            yield from (claim for claim in found if claim.status == "asserted")

    def _bare_tag(self, start: int, end: int) -> bool:
        """The quick look at a hashtag: no quotes, no cue near it, and no words after it."""
        tokens = self.tokens
        if self.quotes or tokens.kinds[start] != "hashtag":
            return False
        alone = end == len(tokens) or tokens.kinds[end] in _APART
        return alone and self.grammar.cue_starts.isdisjoint(tokens.keys[max(0, start - 4) : start])

    def _described(self, entry: Entry, start: int, end: int) -> Iterator[Claim]:
        """A noun or adjective that describes the writer."""
        clause = self.clause_at(start)
        if clause is None:
            return
        sense = self._sense(clause, start, end)
        status = self._status(entry, sense)
        own = entry.status is None and sense.status == "asserted"
        chunk = self.book.accepts(
            entry,
            self.tokens,
            clause,
            (start, end),
            cue=None if own else (min(sense.start, start), max(sense.end, end)),
            hearsay=status in _HEARSAY,
        )
        if chunk is None:
            return
        if entry.anchored and end != clause.end:
            return  # a copula ending closes the sentence: ایرانیم با ... is "we Iranians, with ..."
        anchored = clause.anchored or entry.anchored
        stands = chunk.predicate and self._may_assert(clause, chunk, anchored)
        if status == "asserted" and not (stands and (anchored or self._own(clause))):
            return
        if self.field == "post" and not anchored:
            return
        explicit = anchored and status in _EXPLICIT
        grade = "P" if explicit else entry.rule.grade
        first = clause.opened if explicit and clause.anchored else min(sense.start, start)
        copula = explicit and clause.end < clause.closed
        last = clause.closed if copula else max(sense.end, end)
        yield self.claim(entry.rule, entry.value, (first, last), status, grade)
        implied = "woman" if entry.feminine else entry.rule.implies
        if implied and status == "asserted":
            yield self._implied(entry, implied, first, last, grade)

    def _implied(self, entry: Entry, gender: str, first: int, last: int, grade: str) -> Claim:
        """The gender that a kin word or a feminine form carries."""
        weaker = "G" if entry.feminine else grade
        starts, ends = self.tokens.starts, self.tokens.ends
        rule_id = f"{entry.rule.id}.gender"
        return Claim(starts[first], ends[last - 1], "gender", gender, "asserted", weaker, rule_id)

    def _status(self, entry: Entry, sense: Sense) -> str:
        if self.repeated:
            return "quoted"
        if sense.status != "asserted":
            return sense.status
        return entry.status or entry.rule.status

    def _own(self, clause: Clause) -> bool:
        """Whether the clause speaks for itself: each clause is asked once."""
        at = clause.opened
        if at not in self._owned:
            self._owned[at] = self._speaks_for_itself(clause)
        return self._owned[at]

    def _speaks_for_itself(self, clause: Clause) -> bool:
        """Tell it from the one before: "I love Mario and mother" loves both."""
        at = clause.opened - 1
        before = self.clause_at(at - 1) if at > 0 else None
        if before is None:
            return True
        cues = self.grammar.phrases
        if self.tokens.keys[at] in {",", ":"}:  # "Previously, reporter"
            whole = before.opened, before.end
            past = whole in cues["former_before"].within(self.tokens.keys, *whole)
            return not (past or self._tells_of_others(before))
        if self.tokens.keys[at] not in self.grammar.joiners:
            return True
        heard = (cues[f"{kind}_before"] for kind in ("mentioned", "negated", "other"))
        told = any(cue.within(self.tokens.keys, before.opened, before.end) for cue in heard)
        return not (told or before.sentence)

    def _tells_of_others(self, clause: Clause) -> bool:
        """Whether it is a sentence that opens with somebody else: "my dad is a doctor, ..."."""
        keys, start = self.tokens.keys, clause.opened
        others = self.grammar.phrases["other_before"]
        return clause.sentence and others.at(keys, start, clause.end) > 0

    def _may_assert(self, clause: Clause, chunk: Chunk, anchored: bool) -> bool:
        short = clause.end - clause.start <= MAX_SEGMENT or chunk.start == clause.start
        return anchored or (short and not clause.sentence)

    def claim(
        self, rule: Rule, value: str, span: tuple[int, int], status: str, grade: str
    ) -> Claim:
        """Build the claim that quotes the tokens of a span."""
        first, last = span
        starts, ends = self.tokens.starts, self.tokens.ends
        return Claim(starts[first], ends[last - 1], rule.attribute, value, status, grade, rule.id)

    def pattern_claims(self, rule: Rule, found: Sequence[Capture]) -> Iterator[Claim]:
        """Yield what a pattern's captures claim, each in the sense that its segment gives it."""
        for one in found:
            if one.first in self.idioms:
                continue
            if self.book.has_context(rule, self.tokens, (one.first, one.last)):
                continue
            clause = self.clause_at(one.first)
            around = clause or Clause(one.first, one.first, one.last, one.last, False, False, ())
            sense = self._sense(around, one.first, one.last)
            status = "quoted" if self.repeated else sense.status
            status = rule.status if status == "asserted" else status
            first, last = min(sense.start, one.first), max(sense.end, one.last)
            yield self.claim(rule, one.value, (first, last), status, rule.grade)

    def patterns(self, bare: Sequence[str]) -> Iterator[Claim]:
        """Run the pattern rules of this language whose trigger stands in the text.

        `bare`: what follows the digits of "22yo" and ۲۲ساله, one token each; it triggers too.
        """
        wanted = self.book.triggers[self.grammar.language]
        found = wanted.intersection(self.tokens.keys).union(wanted.intersection(bare))
        if not found:
            return
        folded, seen = self.tokens.folded, set[str]()
        digits = bool(bare) or DIGIT.search(folded) is not None
        for pattern in (one for key in sorted(found) for one in self.book.patterns[key]):
            rule = pattern.rule
            if rule.language != self.grammar.language or rule.id in seen:
                continue
            seen.add(rule.id)
            absent = rule.needs and not any(part in folded for part in rule.needs)
            if absent or (pattern.digits and not digits) or self.field not in rule.fields:
                continue
            captures = list(capture(self.book, self.grammar, pattern, self.tokens))
            yield from self.pattern_claims(rule, captures)
