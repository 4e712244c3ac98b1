"""In which script is a text written?

In: texts. Out: the script that most of their letters belong to (Latin, Arabic, Cyrillic, Han, ...),
"" when there are no letters. Letters alone count: digits, marks, emoji and punctuation are shared
by all scripts. Hiragana and Katakana are both "Japanese", and a text of Chinese characters with
some of them is Japanese too. Ranges are data (`scripts.tsv`), looked up for a whole batch at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from nlp.codepoints import chunks, code_points
from nlp.tsv import code_point, read_rows

# Japanese prose is about half kana; Chinese prose has none, so a tenth tells them apart.
_KANA_SHARE = 0.1
# Letters end with the third ideographic plane; what is above belongs to no script.
_LAST_LETTER = 0x40000


@cache
def script_names() -> tuple[str, ...]:
    """Return the known scripts; number 0 is "", which letters of other scripts also get."""
    return ("", *sorted({row[2] for row in read_rows("scripts.tsv")}))


@cache
def _script_of_point() -> npt.NDArray[np.uint8]:
    numbers = {name: number for number, name in enumerate(script_names())}
    table = np.zeros(_LAST_LETTER + 1, dtype=np.uint8)
    for first, last, script in read_rows("scripts.tsv"):
        table[code_point(first) : code_point(last) + 1] = numbers[script]
    return table


@cache
def _unspaced() -> npt.NDArray[np.bool_]:
    names = {row[0] for row in read_rows("unspaced.tsv")}
    return np.array([name in names for name in script_names()])


def script_numbers(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return for each code point the number of its script in `script_names()`, 0 for none."""
    return _script_of_point()[np.minimum(points, _LAST_LETTER)]


def unspaced_letters(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return for each script number whether its words stand without blanks between them."""
    return _unspaced()[numbers]


def dominant_scripts(texts: Sequence[str]) -> list[str]:
    """Return the script of most letters of each text, "" without letters; ties go by name."""
    names = script_names()
    return [names[number] for part in chunks(texts) for number in _dominant(texts[part])]


def _dominant(texts: Sequence[str]) -> list[int]:
    points, offsets = code_points(texts)
    width = len(script_names())
    rows = np.repeat(np.arange(len(texts)), np.diff(offsets))
    cells = np.bincount(rows * width + script_numbers(points), minlength=len(texts) * width)
    counts = cells.reshape(len(texts), width)
    counts[:, 0] = 0
    _count_han_as_japanese(counts)
    best: list[int] = counts.argmax(axis=1).tolist()
    return best


def _count_han_as_japanese(counts: npt.NDArray[np.int64]) -> None:
    han, kana = script_names().index("Han"), script_names().index("Japanese")
    both = counts[:, han] + counts[:, kana]
    japanese = (counts[:, kana] > 0) & (counts[:, kana] >= _KANA_SHARE * both)
    counts[japanese, kana] = both[japanese]
    counts[japanese, han] = 0
