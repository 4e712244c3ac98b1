"""The cells of one field over all rows of a file, whatever columns and types serve it.

In: `Rows` and a `Mapping`. Out: text columns in which null is unknown, ids that are fit to be ids,
whole numbers. Ids are text always: a number that went through a spreadsheet (1.0E+18, or an id
whose last digits were all rounded to zero) is marked as damaged, never repaired.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.blocks import pieces
from corpus.readers.columns import Mapping

Mask = np.ndarray[Any, np.dtype[np.bool_]]

# Doubles hold every whole number below this one exactly, so below it "123.0" is still "123".
EXACT_IN_FLOAT = 2**53
_SCIENTIFIC = r"^[+-]?\d(?:\.\d+)?[eE]\+\d+$|^[+-]?\d\.\d+[eE]\d+$"
_INTEGRAL = r"^(-?\d+)\.0+$"
# Spreadsheets keep 15 digits. One long id that ends in zeros is chance, most of a column is not.
SPREADSHEET_DIGITS = 15
_ROUNDED = rf"^\d{{{SPREADSHEET_DIGITS}}}0{{2,}}$"
_LONG = rf"^\d{{{SPREADSHEET_DIGITS + 2},}}$"
ENOUGH_ROUNDED = 3


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """Return the word lists of `words.toml`."""
    text = resources.files("corpus.readers").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def word_index(section: str) -> Dictionary[str, str]:
    """Return cell -> meaning for one section of `words.toml`."""
    return {word: meaning for meaning, listed in words()[section].items() for word in listed}


@dataclass(frozen=True)
class Cells:
    """Access to fields by name; a field that the file lacks gives None."""

    table: pa.Table
    mapping: Mapping
    # Where these are some rows of a file: whether the long ids of a column were rounded in it.
    rounded: Dictionary[str, bool] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, field: str) -> pa.ChunkedArray | None:
        """The first column that serves `field`, as it is."""
        names = self.mapping.columns.get(field, ())
        return self.table.column(names[0]) if names else None

    def text(self, field: str) -> pa.ChunkedArray | None:
        """The field as text, unchanged; the first known cell of a row counts."""
        found = [as_text(self.table.column(n)) for n in self.mapping.columns.get(field, ())]
        if not found:
            return None
        return found[0] if len(found) == 1 else pc.coalesce(*found)

    def present(self, field: str) -> pa.ChunkedArray | None:
        """The field trimmed, with null where the cell holds nothing (nan, none, absent, ...)."""
        found = [
            blank_to_null(as_text(self.table.column(n)))
            for n in self.mapping.columns.get(field, ())
        ]
        if not found:
            return None
        return found[0] if len(found) == 1 else pc.coalesce(*found)

    def ids(self, field: str) -> tuple[pa.ChunkedArray, Mask]:
        """Ids as text and where they are damaged; an undamaged column further on may step in."""
        best: pa.ChunkedArray | None = None
        broken = np.zeros(len(self), dtype=bool)
        for name in self.mapping.columns.get(field, ()):
            ids, damaged = clean_ids(self.table.column(name), self.rounded.get(name))
            usable = pc.if_else(_chunk(~damaged), ids, None)
            best = usable if best is None else pc.coalesce(best, usable)
            broken |= damaged
        if best is None:
            best = pa.chunked_array([pa.nulls(len(self), pa.string())])
        return best, broken & is_null(best)

    def truth(self, field: str) -> Mask:
        """Where the field says yes."""
        cells = self.text(field)
        if cells is None:
            return np.zeros(len(self), dtype=bool)
        folded = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
        return to_mask(pc.is_in(folded, value_set=pa.array(words()["truth"]["yes"])))

    def whole(self, field: str) -> pa.ChunkedArray | None:
        """Counts as int64: 12, "12 ", "12.0" and "1,234" are numbers, all else is unknown."""
        cells = self.present(field)
        if cells is None:
            return None
        digits = pc.replace_substring(cells, ",", "")
        digits = pc.replace_substring_regex(digits, r"\.0+$", "")
        fits = pc.match_substring_regex(digits, r"^\d{1,18}$")
        return pc.if_else(fits, digits, None).cast(pa.int64())


def _chunk(mask: Mask) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(mask)])


def to_mask(column: pa.ChunkedArray) -> Mask:
    """A boolean column as numpy; null counts as no."""
    return np.asarray(column.fill_null(False).to_numpy(), dtype=bool)


def is_null(column: pa.ChunkedArray) -> Mask:
    """Where a column is null."""
    return np.asarray(pc.is_null(column).to_numpy(), dtype=bool)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column as text; whole floats lose their ".0" where that is exact."""
    if pa.types.is_floating(column.type):
        return _float_text(column)
    if pa.types.is_string(column.type):
        return column
    return column.cast(pa.string())


def _float_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = column.cast(pa.float64())
    known = pc.is_finite(values)
    whole = pc.and_kleene(pc.equal(values, pc.floor(values)), known)
    exact = to_mask(pc.and_kleene(whole, pc.less(pc.abs(values), float(EXACT_IN_FLOAT))))
    numbers = values.to_numpy()
    integers = pa.array(np.where(exact, numbers, 0).astype(np.int64)).cast(pa.string())
    # Large floats in scientific notation, so that clean_ids sees that digits are gone.
    others = [
        None if exact[i] or not np.isfinite(numbers[i]) else _scientific(numbers[i])
        for i in range(len(numbers))
    ]
    text = pc.if_else(pa.array(exact), integers, pa.array(others, pa.string()))
    return pa.chunked_array([text])


def _scientific(number: float) -> str:
    return f"{number:.15e}" if abs(number) >= EXACT_IN_FLOAT else repr(float(number))


def blank_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Trim; cells that stand for nothing become null."""
    trimmed = pc.utf8_trim_whitespace(column)
    nothing = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(words()["missing"]["cells"]))
    return pc.if_else(nothing, None, trimmed)


def clean_ids(column: pa.ChunkedArray, rounded: bool | None = None) -> tuple[pa.ChunkedArray, Mask]:
    """Return ids as text and a mask of those that a spreadsheet damaged.

    `rounded` says whether long ids were rounded, None to judge by this column.
    """
    ids, damaged = _bare_ids(column)
    if rounded is None:
        rounded = _mostly_rounded(ids)
    return ids, damaged | _looks_rounded(ids) if rounded else damaged


def _bare_ids(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Mask]:
    ids = blank_to_null(as_text(column))
    damaged = to_mask(pc.match_substring_regex(ids, _SCIENTIFIC))
    integral = to_mask(pc.match_substring_regex(ids, _INTEGRAL))
    if integral.any():
        stripped = pc.replace_substring_regex(ids, _INTEGRAL, r"\1")
        # 2**53 has 16 digits: 15 digits are always exact, longer ones may have lost the last.
        damaged |= integral & to_mask(pc.greater(pc.utf8_length(stripped), SPREADSHEET_DIGITS))
        ids = pc.if_else(_chunk(integral), stripped, ids)
    return ids, damaged


def _looks_rounded(ids: pa.ChunkedArray) -> Mask:
    return to_mask(pc.match_substring_regex(ids, _ROUNDED))


def _mostly_rounded(ids: pa.ChunkedArray) -> bool:
    """Whether most distinct long ids have only zeros beyond the fifteenth digit."""
    mask = _looks_rounded(ids)
    rounded = pc.count_distinct(ids.filter(_chunk(mask))).as_py() if mask.any() else 0
    if rounded < ENOUGH_ROUNDED:
        return False
    long = pc.count_distinct(ids.filter(pc.match_substring_regex(ids, _LONG))).as_py()
    return bool(rounded * 2 > long)


def rounded_column(column: pa.ChunkedArray, size: int) -> bool:
    """Whether the long ids of a whole column were rounded, looking at `size` rows at once."""
    found = [_those(block, _ROUNDED) for block in pieces(column, size)]
    rounded = len(pc.unique(pa.chunked_array(found)))
    if rounded < ENOUGH_ROUNDED:
        return False
    long = pa.array([], pa.string())
    for block in pieces(column, size):
        long = pc.unique(pa.chunked_array([long, _those(block, _LONG)]))
        if rounded * 2 <= len(long):
            return False
    return True


def _those(column: pa.ChunkedArray, form: str) -> pa.Array:
    """The distinct ids of a column that are written so."""
    texts = as_text(column)
    likely = pc.match_substring_regex(texts, rf"\d{{{SPREADSHEET_DIGITS}}}")
    ids, _ = _bare_ids(texts.filter(likely))
    return pc.unique(ids.filter(pc.match_substring_regex(ids, form)))
