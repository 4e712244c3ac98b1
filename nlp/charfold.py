"""How can spellings be compared while every offset still quotes the original?

In: a text. Out: a text of exactly the same number of code points, in which styled letters, case,
Arabic and Persian letter variants, digits and half spaces no longer differ; `fold(text)[i]` always
stands for `text[i]`. It refuses nothing and drops nothing: a code point that would become two stays
one. `nlp.normalize` is the shortening counterpart for comparing whole posts.

Method: code point by code point, since `str.lower` turns İ into two and NFKC turns ﷲ into four,
and one such letter before a claim would shift its quote.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-zà-ɏ]")
# Greek and Cyrillic, the scripts of the look-alikes in the table.
_LOOKALIKE = re.compile(r"[Ͱ-ԯ]")


@cache
def _rows(kind: str) -> dict[int, int]:
    table = resources.files("nlp").joinpath("charfold.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return {int(row[1], 16): int(row[2], 16) for row in rows if row[0] == kind}


def _compatible(char: str) -> str:
    """The NFKC form, when that is one code point too."""
    form = unicodedata.normalize("NFKC", char)
    return form if len(form) == 1 else char


def _fold_char(code: int) -> int:
    char = _compatible(chr(code))
    low = char.lower()
    char = low if len(low) == 1 else char
    digit = unicodedata.digit(char, None)
    if digit is not None and char.isdecimal():
        return ord(str(digit))
    return _rows("always").get(ord(char), ord(char))


class _FoldTable(dict[int, int]):
    """A translation table that works out each code point once, when it first meets it."""

    def __missing__(self, code: int) -> int:
        folded = self[code] = _fold_char(code)
        return folded


_TABLE = _FoldTable()


def _unmask(match: re.Match[str]) -> str:
    """Write a word of mixed scripts in Latin, when each of its other letters has a look-alike."""
    word = match.group()
    if not (_LATIN.search(word) and _LOOKALIKE.search(word)):
        return word
    plain = word.translate(_rows("latin-word"))
    return word if _LOOKALIKE.search(plain) else plain


def fold(text: str) -> str:
    """Return `text` folded code point by code point; `len(fold(text)) == len(text)`, idempotent.

    Lower case, NFKC where it keeps the length, one form of yeh, kaf, alef, heh and digits, half
    space as space, and Cyrillic or Greek look-alikes inside Latin words. Runs in linear time.
    """
    if text.isascii():
        return text.lower()
    folded = text.translate(_TABLE)
    if _LOOKALIKE.search(folded) and _LATIN.search(folded):
        folded = _WORD.sub(_unmask, folded)
    return folded
