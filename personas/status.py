"""In what sense were the words said: claimed, denied, past, about someone else, quoted, reported?

In: tokens, a clause and the place of a form. Out: the status, and where the cue stands when it
belongs to the quote ("ex-communist", "not a democrat"). Only *asserted* reaches the shift logic, so
in doubt a cue wins over the assertion.

Method: cue lists of each language within a few tokens of the form (a small NegEx), never across a
segment border, except that 🚫 and its kin act from right in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from personas.grammar import (
    ANYTHING,
    CUE_AFTER,
    CUE_BEFORE,
    QUESTION,
    QUESTIONS,
    REPORTED,
    Clause,
    Grammar,
)
from personas.segments import Tokens

STATUSES = ("asserted", "negated", "former", "other", "quoted", "reported", "mentioned")
# A cue acts over this many tokens between it and the form ("not a very good democrat"); from the
# spread of such phrases in hand-written examples. A wider reach turns assertions into denials.
REACH = 3
# "my husband, who came here in 1979, is a marine": further away than other cues.
REACH_OTHER = 6
_BEFORE = ("negated", "former", "mentioned")
_QUOTED = re.compile(
    r"“[^”]{1,300}”|\"[^\"\n]{1,300}\"|«[^»]{1,300}»|„[^“”]{1,300}[“”]|「[^」]{1,300}」"
)


class Sense(NamedTuple):
    """The status of a form, and the token range that shows it: the form, and a cue beside it."""

    status: str
    start: int
    end: int


def quote_spans(folded: str) -> list[tuple[int, int]]:
    """Return the offsets of text inside quotation marks; pairs only, at most 300 characters."""
    if not any(mark in folded for mark in '"“«„「'):
        return []
    return [match.span() for match in _QUOTED.finditer(folded)]


def read_status(
    tokens: Tokens,
    clause: Clause,
    form: tuple[int, int],
    grammar: Grammar,
    quotes: Sequence[tuple[int, int]] = (),
    *,
    held: int = ANYTHING,
) -> Sense:
    """Return the sense of the form at tokens [start, end) of a clause.

    Of a hashtag only words right before it ("no #MAGA") tell more: "my trust #MAGA" claims it.
    `held`: what the text can hold (`Grammar.held`), so that absent cues are not looked for.
    """
    start, end = form
    if any(a <= tokens.starts[start] and tokens.ends[end - 1] <= b for a, b in quotes):
        return Sense("quoted", start, end)
    low = _reach_back(tokens, start, clause.start) if held & (CUE_BEFORE | REPORTED) else start
    tag = tokens.kinds[start] == "hashtag"
    return (
        (_cue_before(tokens, (low, start, end), grammar, tag) if held & CUE_BEFORE else None)
        or (_cue_after(tokens, start, end, grammar) if held & CUE_AFTER else None)
        or Sense(_surroundings(tokens, low, end, grammar, held), start, end)
    )


def _cue_before(
    tokens: Tokens, at: tuple[int, int, int], grammar: Grammar, tag: bool
) -> Sense | None:
    low, start, end = at
    if grammar.cue_starts.isdisjoint(tokens.keys[low:start]):
        return None
    for status in _BEFORE if tag else ("other", *_BEFORE):
        reach = 0 if tag else REACH_OTHER if status == "other" else REACH
        near = _nearest_before(tokens.keys, (low, start), grammar, status, reach)
        if near is not None:
            return Sense(status, near, end)
    return None


def _cue_after(tokens: Tokens, start: int, end: int, grammar: Grammar) -> Sense | None:
    if grammar.cue_starts_after.isdisjoint(tokens.keys[end : end + REACH + 1]):
        return None
    for status in ("negated", "former", "other", "mentioned"):
        after = _nearest_after(tokens, end, grammar, f"{status}_after")
        if after is not None:
            return Sense(status, start, after)
    return None


def _surroundings(tokens: Tokens, low: int, end: int, grammar: Grammar, held: int) -> str:
    """What stands further around: "wife: @somebody", a question, hearsay."""
    if tokens.keys[end : end + 1] == [":"] and tokens.kinds[end + 1 : end + 2] == ["mention"]:
        return "other"
    if not held & (QUESTION | REPORTED):
        return "asserted"
    stop = _line_end(tokens, end)
    if stop < len(tokens) and tokens.keys[stop] in QUESTIONS:
        return "mentioned"
    heard = grammar.phrases["reported"].within(tokens.keys, max(0, low - 2), stop)
    return "reported" if heard else "asserted"


def _reach_back(tokens: Tokens, start: int, clause_start: int) -> int:
    """Where cues may begin: the clause; for a form that opens it, also an emoji or words before."""
    low = max(min(clause_start, start), start - REACH_OTHER)
    while low > 0 and start - low < REACH:
        kind, key = tokens.kinds[low - 1], tokens.keys[low - 1]
        if low != start and kind != "emoji":
            break
        if kind in {"newline", "hashtag", "mention", "url"} or (kind == "punct" and key != "-"):
            break
        if low == start and kind == "word" and tokens.kinds[start] == "word":
            break
        low -= 1
        if kind == "word":
            start_of_words = low
            while low > 0 and tokens.kinds[low - 1] == "word" and start_of_words - low < REACH - 1:
                low -= 1
            break
    return low


def _nearest_before(
    keys: Sequence[str], at: tuple[int, int], grammar: Grammar, status: str, reach: int
) -> int | None:
    """Return where the last cue before the form starts, when it is near enough to act on it."""
    low, start = at
    found = grammar.phrases[f"{status}_before"].within(keys, low, start)
    near = [a for a, b in found if start - b <= reach]
    return near[-1] if near else None


def _nearest_after(tokens: Tokens, end: int, grammar: Grammar, cues: str) -> int | None:
    if end < len(tokens) and tokens.keys[end] == "(":  # "teacher (retired)"
        end += 1
    high = min(_line_end(tokens, end), end + REACH)
    found = grammar.phrases[cues].within(tokens.keys, end, high)
    return found[0][1] if found else None


def _line_end(tokens: Tokens, at: int) -> int:
    """Return the first token after `at` that ends the segment: punctuation or another kind."""
    stops = {"newline", "hashtag", "mention", "url", "punct", "emoji", "flag"}
    while at < len(tokens) and (tokens.kinds[at] not in stops or tokens.keys[at] == "-"):
        at += 1
    return at
