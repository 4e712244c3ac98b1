"""The texts that passages are looked for in, as one run of numbered units.

In: what `nlp.passages.CutPassages` makes, texts in the order in which they were written. Out: flat
arrays. A unit's place counts through all texts, so a passage is a range of places and says by
itself which text it is in. At each place a gram begins: two words, or four characters in scripts
without blanks, numbered exactly (equal numbers are equal grams, no hashing); none where the text
ends first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

WORD_GRAM, CHAR_GRAM = 2, 4


@dataclass(frozen=True)
class Runs:
    """n texts as one run of units; text t holds the places offsets[t] up to offsets[t + 1]."""

    units: pa.Array
    starts: Ints
    ends: Ints
    offsets: Ints
    by_words: Flags
    grams: Ints
    """number of the gram that begins at each place, -1 where there is none"""
    first: Ints
    """place at which each passage begins, and"""
    last: Ints
    """the place behind its end"""

    @cached_property
    def text_at(self) -> Ints:
        """The text that each place is in."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def n_grams(self) -> int:
        """One more than the largest gram number."""
        return int(self.grams.max(initial=-1)) + 1

    @property
    def width(self) -> Ints:
        """Units in a gram of each text."""
        return np.where(self.by_words, WORD_GRAM, CHAR_GRAM)

    def grams_of(self, passages: Ints) -> tuple[Ints, Ints]:
        """Return (which of `passages`, place) of every gram inside these passages."""
        text = self.text_at[self.first[passages]]
        return ranges(self.first[passages], self.last[passages] - self.width[text] + 1)

    def joined(self, first: Ints, last: Ints) -> list[str]:
        """Return the matching form of each range of places."""
        found = []
        for a, b in zip(first.tolist(), last.tolist(), strict=True):
            words = self.units.slice(a, b - a).to_pylist()
            found.append((" " if self.by_words[self.text_at[a]] else "").join(words))
        return found


def build_runs(cut: pa.Table) -> Runs:
    """Return the runs of texts cut by `CutPassages`, in the order of the rows."""
    lists = {name: cut.column(name).combine_chunks() for name in cut.column_names[2:]}
    units = _flat(lists["units"], pa.string())
    offsets = _offsets(lists["units"])
    by_words = cut.column("by_words").to_numpy().astype(bool)
    passages = np.diff(_offsets(lists["passage_from"]))
    shift = np.repeat(offsets[:-1], passages)
    return Runs(
        units=units,
        starts=_flat(lists["starts"], pa.int64()).to_numpy(),
        ends=_flat(lists["ends"], pa.int64()).to_numpy(),
        offsets=offsets,
        by_words=by_words,
        grams=_grams(units, offsets, by_words),
        first=shift + _flat(lists["passage_from"], pa.int64()).to_numpy(),
        last=shift + _flat(lists["passage_to"], pa.int64()).to_numpy(),
    )


def ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return (row, number) of every number in [starts[row], ends[row])."""
    lengths = np.maximum(ends - starts, 0)
    rows = np.repeat(np.arange(len(starts)), lengths)
    before = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, starts[rows] + np.arange(len(rows)) - before


def _flat(lists: Any, kind: pa.DataType) -> pa.Array:
    flat = lists.flatten().cast(kind)
    return flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat


def _offsets(lists: Any) -> Ints:
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _grams(units: pa.Array, offsets: Ints, by_words: Flags) -> Ints:
    """Number the pairs of neighbouring units; four characters are a pair of pairs two apart."""
    codes = pc.dictionary_encode(units).indices.to_numpy().astype(np.int64)
    left = np.repeat(offsets[1:], np.diff(offsets)) - np.arange(len(codes))
    words = np.repeat(by_words, np.diff(offsets))
    pairs = _numbered(codes, np.flatnonzero(left >= WORD_GRAM), step=1)
    fours = _numbered(pairs, np.flatnonzero((left >= CHAR_GRAM) & ~words), step=2)
    fours[fours >= 0] += pairs.max(initial=-1) + 1
    return np.where(words, pairs, fours)


def _numbered(codes: Ints, places: Ints, step: int) -> Ints:
    """Number the different (codes[i], codes[i + step]) over `places`; -1 elsewhere."""
    keys = codes[places] * (codes.max(initial=0) + 1) + codes[places + step]
    numbers = np.full(len(codes), -1, dtype=np.int64)
    numbers[places] = np.unique(keys, return_inverse=True)[1]
    return numbers
