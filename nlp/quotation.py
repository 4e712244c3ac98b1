"""Which parts of a text does its author mark as the words of others?

In: a text as read. Out: spans of characters. Quoted are: what stands between quotation marks of one
paragraph, marks included (which mark closes which is data, `data/quotation.tsv`); lines that begin
with `>`; and the rest of a line that begins with `RT @name`. Single quotation marks are left alone:
they are apostrophes more often. A mark that nothing closes before the line ends quotes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from nlp.tsv import read_rows

Span = tuple[int, int]

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_MARKED_LINE = re.compile(r"\s*[>＞]|\s*RT\s+[@＠]\w+\s*:?", re.IGNORECASE)


@cache
def _closers() -> dict[str, str]:
    return {row[0]: row[1] for row in read_rows("quotation.tsv")}


@cache
def _marks() -> re.Pattern[str]:
    every = "".join(opening + closing for opening, closing in _closers().items())
    return re.compile(f"[{re.escape(every)}]")


def quoted_spans(text: str) -> list[Span]:
    """Return the quoted parts of a text as (start, end), in order and apart from each other."""
    found: list[Span] = []
    for line in _LINE.finditer(text):
        if _MARKED_LINE.match(line.group()):
            found.append(line.span())
        else:
            found += [(line.start() + a, line.start() + b) for a, b in _between(line.group())]
    return found


def _between(line: str) -> Iterator[Span]:
    """Yield what stands between marks; a mark inside a quotation closes it or counts as text."""
    start, closing = -1, ""
    for mark in _marks().finditer(line):
        if start < 0:
            start, closing = mark.start(), _closers().get(mark.group(), "")
            start = start if closing else -1
        elif mark.group() in closing:
            yield start, mark.end()
            start = -1


def share_inside(start: int, end: int, spans: Iterable[Span]) -> float:
    """Return how much of [start, end) lies inside `spans`, which are apart from each other."""
    inside = sum(max(0, min(end, b) - max(start, a)) for a, b in spans)
    return inside / max(end - start, 1)
