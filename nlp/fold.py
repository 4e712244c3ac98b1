"""Which characters count as the same for matching?

In: text. Out: text in which every character that draws nothing is gone and every character that
looks like, or is a variant of, another one is replaced by it. For matching only, never for display:
quotes always come from the raw text.

Per code point of the compatibility decomposition (NFKD), so that composed and decomposed spellings
fold alike: marks (Mn, Me) and format characters (Cf: joiners, direction marks) are dropped, capital
letters become small, digits of every script become ASCII, the data files `persian.tsv`,
`confusables.tsv` and `invisible.tsv` replace what they list. Letters, numbers, spacing marks, ASCII
and symbols above U+2000 (emoji among them) stay; everything else becomes a blank. Folding twice
changes nothing.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from corpus.identity import content_id
from nlp.tsv import code_point, read_rows

DATA_FILES = ("persian.tsv", "confusables.tsv", "invisible.tsv")
_DROPPED = frozenset({"Mn", "Me", "Cf"})
# Symbols below are typography (section signs, degree signs); emoji, arrows and currency are above.
_FIRST_KEPT_SYMBOL = 0x2000
# Emoji of later Unicode versions are unassigned in older Pythons; kept, so versions agree on them.
_EMOJI_PLANE = range(0x1F000, 0x1FB00)


@cache
def replacements() -> dict[str, str]:
    """Return what the data files replace: small decomposed letter to its folded form."""
    rows = [row for name in DATA_FILES for row in read_rows(name)]
    return {chr(code_point(source)): target for source, target, _ in rows}


def fold_version() -> str:
    """Return an id of the fold: another id, other matches. It stands in the manifest."""
    pairs = [f"{source}>{target}" for source, target in sorted(replacements().items())]
    return content_id("fold", unicodedata.unidata_version, *pairs)


def fold(text: str) -> str:
    """Return `text` folded for matching; never raises, lone surrogates become blanks."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).translate(_TABLE)


def _fold_decomposed(char: str) -> str:
    """Fold one code point that has no decomposition left."""
    listed = replacements().get(char)
    if listed is not None:
        return listed
    if unicodedata.category(char) in _DROPPED:
        return ""
    small = char.lower()
    if small != char:
        return _fold_all(small)
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return char if _is_kept(char) else " "


def _is_kept(char: str) -> bool:
    category, point = unicodedata.category(char), ord(char)
    if point < 0x80 or category[0] in "LN" or category == "Mc":
        return True
    if category == "Cn":
        return point in _EMOJI_PLANE
    return category[0] == "S" and point >= _FIRST_KEPT_SYMBOL


def _fold_all(text: str) -> str:
    return "".join(_fold_decomposed(char) for char in unicodedata.normalize("NFKD", text))


class _FoldTable(dict[int, str]):
    """Remembers the fold of each code point met: a corpus uses a few thousand of 1.1 million."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _fold_all(chr(point))
        return folded


_TABLE = _FoldTable()
