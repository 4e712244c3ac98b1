"""What the kernels look up for each code point, built from the readable modules.

In: `nlp.fold`, `nlp.script` and the Unicode data of this Python. Out: arrays with one entry a code
point. Nothing here decides anything: a changed rule or data file changes these arrays with it.
Building takes about half a second, once a process.
"""

from __future__ import annotations

import string
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from nlp.fold import fold
from nlp.script import script_numbers, unspaced_letters

POINTS = sys.maxunicode + 1
_HANGUL = range(0xAC00, 0xD7A4)
_HANGUL_VOWELS_AND_FINALS = slice(0x1161, 0x11C3)
# Most of the code space: holes and private use, which fold to a blank without being asked.
_UNASSIGNED = frozenset({"Cn", "Co", "Cs"})
_EMOJI_PLANE = range(0x1F000, 0x1FB00)

# Entries of `FoldTable.folds` beyond all code points.
DROPPED = 0x80000000
EXPANDED = 0x40000000

# Flags of a folded code point.
WORD = 1  # \w
SPACE = 2  # \s
BLANK = 4  # ASCII punctuation, which becomes a blank
SECOND = 8  # may melt into the code point before it (NFC)
REORDERED = 16  # kept, but canonical order may move it: such texts take the readable path

# Flags of a code point in a normalized text.
LETTER = 1
UNSPACED = 2


@dataclass(frozen=True)
class FoldTable:
    """How each code point folds, what its fold is, and which two melt into one."""

    folds: npt.NDArray[np.uint32]
    """the one code point it becomes, DROPPED, or EXPANDED | number of its expansion"""
    expansions: npt.NDArray[np.uint32]
    expansion_at: npt.NDArray[np.int64]
    flags: npt.NDArray[np.uint8]
    pairs: npt.NDArray[np.uint64]
    """first << 32 | second of each composition, in order"""
    composed: npt.NDArray[np.uint32]

    @property
    def growth(self) -> int:
        """Code points that one byte of UTF-8 can become, at most."""
        return int(np.diff(self.expansion_at).max()) // 2 + 1


@cache
def fold_table() -> FoldTable:
    """Build the table that `nlp.fold.fold` follows one code point at a time."""
    folds = np.full(POINTS, 0x20, dtype=np.uint32)
    expansions: list[int] = []
    starts = [0]
    for point in _asked():
        folded = fold(chr(point))
        if len(folded) == 1:
            folds[point] = ord(folded)
        elif not folded:
            folds[point] = DROPPED
        else:
            folds[point] = EXPANDED | (len(starts) - 1)
            expansions += map(ord, folded)
            starts.append(len(expansions))
    pairs, composed = _compositions()
    return FoldTable(
        folds,
        np.array(expansions, dtype=np.uint32),
        np.array(starts, dtype=np.int64),
        _flags(pairs),
        pairs,
        composed,
    )


@cache
def letter_table() -> npt.NDArray[np.uint8]:
    """Return LETTER and UNSPACED flags of each code point, as `nlp.shingles` counts them."""
    numbers = script_numbers(np.arange(POINTS, dtype=np.uint32))
    letters = (numbers > 0) * np.uint8(LETTER) + unspaced_letters(numbers) * np.uint8(UNSPACED)
    return letters.astype(np.uint8)


@cache
def _asked() -> list[int]:
    """Code points that may fold to anything but a blank."""
    category = unicodedata.category
    assigned = (point for point in range(POINTS) if category(chr(point)) not in _UNASSIGNED)
    return sorted({*assigned, *_EMOJI_PLANE})


def _flags(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    flags = np.zeros(POINTS, dtype=np.uint8)
    for point in _asked():
        char = chr(point)
        if char.isalnum() or char == "_":
            flags[point] |= WORD
        if char.isspace():
            flags[point] |= SPACE
        if unicodedata.combining(char):
            flags[point] |= REORDERED
    for char in map(chr, range(0x80)):
        if char not in string.ascii_letters + string.digits + "_#":
            flags[ord(char)] |= BLANK
    flags[(pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)] |= SECOND
    flags[_HANGUL_VOWELS_AND_FINALS] |= SECOND
    return flags


def _compositions() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Pairs that NFC melts into one; Hangul is arithmetic and not listed."""
    found = {}
    for point in _asked():
        if point in _HANGUL:
            continue
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        first, second = (int(part, 16) for part in parts)
        stays = fold(chr(second)) == chr(second)  # marks are dropped: nothing is left to melt
        if stays and unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(point):
            found[first << 32 | second] = point
    keys = sorted(found)
    return (
        np.array(keys, dtype=np.uint64),
        np.array([found[key] for key in keys], dtype=np.uint32),
    )
