"""Texts as runs of units that know where they stand, and the passages of these runs.

In: posts with text and script. Out, one row a post: its units (the words of its matching form; in
scripts without blanks the characters), where each stands in the text as read, and its passages:
ranges of units that are looked up elsewhere. Units are what `nlp.normalize` makes of one stretch
between blanks, so links, mentions, case, joiners and look-alike letters do not matter.

Texts are cut into sentences (`nlp.component_passages`); a passage begins at every sentence and runs
on to `min_words` words, over three sentences at most. Where that is not reached there is no
passage: a few words prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlp.normalize import normalize
from nlp.tsv import read_rows

MAX_SENTENCES = 3
# A Chinese or Japanese word has about two characters.
CHARS_PER_WORD = 2

_BETWEEN_BLANKS = re.compile(r"\S+")
_LINK_OR_CHAR = re.compile(r"https?://[!-~]+|@\w+|\S")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CutPassages:
    """Kernel post_id, text, script -> units, their places in the text, and passages."""

    min_words: int

    @property
    def output(self) -> pa.Schema:
        """Passages are ranges of units; `by_words` is false where units are characters."""
        ints = pa.list_(pa.int32())
        return pa.schema(
            [
                ("post_id", pa.string()),
                ("by_words", pa.bool_()),
                ("units", pa.list_(pa.string())),
                ("starts", ints),
                ("ends", ints),
                ("passage_from", ints),
                ("passage_to", ints),
            ]
        )

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_id, text and script."""
        texts = table.column("text").to_pylist()
        by_words = [script not in unspaced() for script in table.column("script").to_pylist()]
        units = cut_units(texts, by_words)
        passages = self._passages(texts, by_words, units)
        lists = [(*u, *p) for u, p in zip(units, passages, strict=True)]
        columns = [[row[at] for row in lists] for at in range(5)]
        kinds = [field.type for field in self.output][2:]
        arrays = [table.column("post_id"), pa.array(by_words, pa.bool_())]
        arrays += [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.output)

    def _passages(
        self, texts: Sequence[str], by_words: Sequence[bool], units: Sequence[Units]
    ) -> list[tuple[list[int], list[int]]]:
        from nlp.component_passages import sentence_spans

        least = [self.min_words * (1 if words else CHARS_PER_WORD) for words in by_words]
        enough = [at for at, (words, _, _) in enumerate(units) if len(words) >= least[at]]
        found: list[tuple[list[int], list[int]]] = [([], []) for _ in texts]
        for at, spans in zip(enough, sentence_spans([texts[at] for at in enough]), strict=True):
            words, starts, _ = units[at]
            borders = np.searchsorted(starts, [start for start, _ in spans]).tolist()
            found[at] = windows([*borders, len(words)], least[at])
        return found


Units = tuple[list[str], list[int], list[int]]


@cache
def unspaced() -> frozenset[str]:
    """Return the scripts that write words without blanks between them."""
    return frozenset(row[0] for row in read_rows("unspaced.tsv"))


def cut_units(texts: Sequence[str], by_words: Sequence[bool]) -> list[Units]:
    """Return the units of each text with the places (start, end) they were read from.

    Units of one stretch share its place: the place of `rock-solid` is that of both its words.
    """
    patterns = [_BETWEEN_BLANKS if words else _LINK_OR_CHAR for words in by_words]
    cuts = [
        [(m.group(), m.start(), m.end()) for m in pattern.finditer(text)]
        for text, pattern in zip(texts, patterns, strict=True)
    ]
    pieces = list({piece for cut in cuts for piece, _, _ in cut})
    forms = {p: form for p, form in zip(pieces, normalize(pieces), strict=True) if form}
    return [_units(cut, forms, w) for cut, w in zip(cuts, by_words, strict=True)]


def _units(cut: list[tuple[str, int, int]], forms: Mapping[str, str], by_words: bool) -> Units:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end in cut:
        if piece in forms:
            form = forms[piece]
            made = form.split(" ") if by_words else list(form.replace(" ", ""))
            words += made
            starts += [start] * len(made)
            ends += [end] * len(made)
    return words, starts, ends


def windows(borders: Sequence[int], least: int) -> tuple[list[int], list[int]]:
    """Return where passages begin and end: from each border to the first that is far enough.

    `borders` holds the first unit of each sentence and the number of units.
    """
    found = {}
    for at, start in enumerate(borders[:-1]):
        ends = borders[at + 1 : at + 1 + MAX_SENTENCES]
        end = next((end for end in ends if end - start >= least), None)
        if end is not None:
            found[start] = end
    return list(found), list(found.values())
