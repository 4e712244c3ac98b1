"""Where do the sentences of a text begin and end? spaCy's sentencizer, over many writing systems.

In: texts. Out: for each the character spans of its sentences, in order, without the blanks around
them; what they leave out is blank. A line break always ends a sentence (headlines, lists, signature
lines). Sentences end at the marks that spaCy's rule-based sentencizer knows for all languages: . !
? and ؟ ۔ । 。 ！ ？ and others; commas of any script (، 、 ，) do not end one.

The sentencizer looks at punctuation alone, so it is given a skeleton: a Doc in which whatever
stands between two marks is one token. That needs no tokenizer of any language, finds the marks
inside lines of scripts without blanks, and is about twice as fast than tokenizing. `.`, `!` and `?`
count only before a blank or a closing mark: 3.5 and a.example end nothing.

A sentence that would be longer than MAX_CHARS (Thai, or prose held together by commas) is cut at
clause marks and, failing these, at the last blank that fits or at that length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import spacy
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc
from spacy.vocab import Vocab

Span = tuple[int, int]

# About sixty words: longer stretches are seldom lifted whole, so they would hide what is shared.
MAX_CHARS = 360
# Pieces of a cut sentence hold at least so much, about a line: shorter clauses recur by chance.
MIN_PIECE = 90
# Lines handed to the sentencizer at once.
_BATCH = 2_000

_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")
_CLAUSE_END = re.compile(r"[,;:،؛、，；：]\s*|\s[–—-]\s|\s{2,}")
_BLANK = re.compile(r"\s+")
# These may stand between two letters without ending anything.
_ONLY_AT_THE_END = "!.?"
_CLOSERS = "\"'”’»›)]}」』…"
_RUN = "w"


@cache
def _marks() -> re.Pattern[str]:
    """Stretches of marks that may end a sentence, with the closing marks behind them."""
    marks = Sentencizer.default_punct_chars
    inside = re.escape("".join(mark for mark in marks if mark not in _ONLY_AT_THE_END))
    closers = re.escape(_CLOSERS)
    at_the_end = rf"[{re.escape(_ONLY_AT_THE_END)}{inside}{closers}]+(?=\s|$)"
    return re.compile(rf"{at_the_end}|[{inside}][{inside}{closers}]*")


@cache
def _sentencizer() -> tuple[Vocab, Sentencizer]:
    return spacy.blank("xx").vocab, Sentencizer()  # a language's vocabulary knows its punctuation


def sentence_spans(texts: Sequence[str]) -> list[list[Span]]:
    """Return for each text the spans (start, end) of its sentences in characters.

    Spans are in order, do not overlap, and neither begin nor end with a blank.
    """
    lines = [(at, m.start(), m.group()) for at, t in enumerate(texts) for m in _LINE.finditer(t)]
    found: list[list[Span]] = [[] for _ in texts]
    for first in range(0, len(lines), _BATCH):
        batch = lines[first : first + _BATCH]
        for (at, offset, line), starts in zip(batch, _starts([b[2] for b in batch]), strict=True):
            for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
                found[at] += [(offset + a, offset + b) for a, b in _pieces(line, start, end)]
    return found


def _starts(lines: Sequence[str]) -> list[list[int]]:
    """Return where the sentences of each line begin."""
    vocab, sentencizer = _sentencizer()
    skeletons = [_skeleton(line) for line in lines]
    documents = [Doc(vocab, words=[word for word, _ in skeleton]) for skeleton in skeletons]
    return [
        [at for (_, at), begins in zip(skeleton, flags, strict=True) if begins]
        for skeleton, flags in zip(skeletons, sentencizer.predict(documents), strict=True)
    ]


def _skeleton(line: str) -> list[tuple[str, int]]:
    """Return tokens and their offsets: one for each mark, one for each run between marks."""
    tokens, at = [], 0
    for match in _marks().finditer(line):
        if match.start() > at:
            tokens.append((_RUN, at))
        tokens += [(mark, match.start() + place) for place, mark in enumerate(match.group())]
        at = match.end()
    return [*tokens, (_RUN, at)] if at < len(line) else tokens


def _pieces(line: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentence, in pieces where it is too long, each without blanks around it."""
    while end - start > MAX_CHARS:
        cut = _cut(line, start)
        yield from _stripped(line, start, cut)
        start = cut
    yield from _stripped(line, start, end)


def _cut(line: str, start: int) -> int:
    """Where a piece that begins at `start` ends: the first clause or the last blank that fits."""
    for pattern, first in ((_CLAUSE_END, True), (_BLANK, False)):
        ends = [m.end() for m in pattern.finditer(line, start + MIN_PIECE, start + MAX_CHARS)]
        if ends:
            return ends[0] if first else ends[-1]
    return start + MAX_CHARS


def _stripped(line: str, start: int, end: int) -> Iterator[Span]:
    piece = line[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    if piece:
        yield start, start + len(piece)
