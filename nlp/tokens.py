"""Which words does a text hold, for naming and for counting?

In: text as the account wrote it, or its matching form. Out: words in reading order, lower case,
with hashtags and half-spaces kept, so that a name shown to a reader is spelled as people spell it.
Links, mentions and a leading "RT" are left out: they say who and where, not what. `words` cuts no
words in scripts written without spaces (Chinese, Japanese, Thai): a run of such letters is one
word. `grams` gives the runs of two to four letters in it, from which repeated ones stand out.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from importlib.resources import files

from nlp.codepoints import code_points
from nlp.entities import without_entities
from nlp.script import script_numbers, unspaced_letters

_LEADING_RT = re.compile(r"^\s*RT\s*:?\s*[@＠][\w.@-]+\s*:?")
# Letters of Persian that Arabic keyboards type differently; a name must not split over them.
_PERSIAN_KEYS = str.maketrans("يك", "یک")


def plain(text: str) -> str:
    """Return `text` without links, mentions and a leading RT, blanks collapsed; case is kept."""
    message = without_entities(_LEADING_RT.sub("", text), keep_hashtags=True)
    return " ".join(message.split())


@cache
def _marks() -> str:
    """All combining marks as a character class: `\\w` leaves them out and would cut Hindi words."""
    points = [p for p in range(0x300, sys.maxunicode) if _is_mark(p)]
    starts = [p for p in points if not _is_mark(p - 1)]
    ends = [p for p in points if not _is_mark(p + 1)]
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))


def _is_mark(point: int) -> bool:
    return unicodedata.category(chr(point)) in {"Mn", "Mc"} and point < 0xFE00


@cache
def _word_pattern() -> re.Pattern[str]:
    letter = rf"[\w{_marks()}]"
    return re.compile(rf"#?{letter}+(?:[\u200c\u200d'’]{letter}+)*")


@cache
def _piece_pattern() -> re.Pattern[str]:
    return re.compile(_word_pattern().pattern + "|[\u2190-\u2bff\U0001f000-\U0001faff]")


def words(text: str, lang: str = "") -> list[str]:
    """Return the words of `text`, lower case, hashtags with their sign, no links or mentions."""
    folded = unicodedata.normalize("NFC", plain(text)).lower()
    if lang == "fa":
        folded = folded.translate(_PERSIAN_KEYS)
    return _word_pattern().findall(folded)


# Most words of Chinese and Japanese have two letters, names and set phrases up to four.
GRAM_LETTERS = (2, 3, 4)


def grams(word: str) -> list[str]:
    """Return the runs of 2, 3 and 4 letters of a word in a script without blanks, else nothing.

    A letter keeps its marks: Thai vowels above and below are no letters of their own.
    """
    points, _ = code_points([word])
    if len(word) == 0 or not unspaced_letters(script_numbers(points)).any():
        return []
    letters = re.findall(rf".[{_marks()}]*", word.lstrip("#"))
    return [
        "".join(letters[start : start + length])
        for length in GRAM_LETTERS
        for start in range(len(letters) - length + 1)
    ]


def pieces(text: str) -> list[str]:
    """Return words and single symbols (emoji, arrows) of `text`, lower case, for counting."""
    return _piece_pattern().findall(unicodedata.normalize("NFKC", plain(text)).lower())


@cache
def stop_words(lang: str) -> frozenset[str]:
    """Return the function words of `lang` (ISO 639-1); empty for a language without a list.

    The lists are data: `nlp/stopwords/<lang>.txt`, one word a line, `#` begins a comment line.
    """
    source = files("nlp").joinpath("stopwords", f"{lang}.txt")
    if not lang.isalpha() or not source.is_file():
        return frozenset()
    lines = source.read_text(encoding="utf-8").splitlines()
    kept = [line.strip() for line in lines if line.strip() and not line.startswith("# ")]
    return frozenset(word for line in kept for word in words(line, lang))
