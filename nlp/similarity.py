"""How alike is the wording of two texts, letter by letter and word by word?

In: matching forms of texts, and the corpus that says how rare each piece is. Out: three numbers in
0..1 for a pair, each blind where another sees:

    trigrams   Jaccard of the sets of three characters in a row (what `lexical` means in tables)
    words      cosine of words weighted by rarity: shared names count, shared "the" hardly does
    grams      cosine of 3 to 5 characters inside words, weighted by rarity: sees through typos

Rarity is ln((1 + texts) / (1 + texts that hold it)) + 1 (Sparck Jones 1972, smoothed), learned from
the corpus given. A piece that the corpus never held counts as rarest of all in the length of a
text's vector, so that an unknown name lowers the similarity. The measures are symmetric, do not
depend on the order of the texts, and are 1 for equal texts of the corpus that hold anything at all.
Of two texts that are compared, one at least is of the corpus: pieces that it lacks are not matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.ngrams import Block, CharacterGrams, Hashes, Rows, WordGrams, blocks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Pairs compared in one step: some hundred pieces each, 12 bytes a piece.
PAIRS_AT_ONCE = 50_000
# Bits of a code point; three of them fit one 64-bit number, so trigrams are never confused.
_POINT_BITS = np.uint64(21)


@dataclass(frozen=True)
class TextTrigrams:
    """Three characters in a row anywhere in a text, blanks included."""

    def features(self, block: Block) -> Iterator[tuple[Rows, Hashes]]:
        """Yield (row, trigram) for every one."""
        last = max(len(block.points) - 2, 0)
        inside = block.rows[:last] == block.rows[2 : last + 2]
        codes = np.zeros(last, dtype=np.uint64)
        for offset in range(3):
            codes = (codes << _POINT_BITS) | block.points[offset : offset + last]
        yield block.rows[:last][inside], codes[inside]


@dataclass(frozen=True)
class Measure:
    """One way to compare: the pieces of a text, and whether rare ones count more."""

    name: str
    pieces: TextTrigrams | WordGrams | CharacterGrams
    by_rarity: bool


MEASURES = (
    Measure("trigrams", TextTrigrams(), False),
    Measure("words", WordGrams(1), True),
    Measure("grams", CharacterGrams(3, 5), True),
)
NAMES = tuple(measure.name for measure in MEASURES)


@dataclass(frozen=True)
class Pieces:
    """Distinct pieces of n texts in a row: text i has `hashes[offsets[i]:offsets[i + 1]]`."""

    hashes: Hashes
    offsets: Ints


def pieces_of(texts: Sequence[str], measure: Measure) -> Pieces:
    """Cut texts into the distinct pieces of `measure`."""
    hashes, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for block in blocks(texts):
        found = list(measure.pieces.features(block))
        rows = np.concatenate([part for part, _ in found])
        codes = np.concatenate([part for _, part in found])
        order = np.lexsort((codes, rows))
        rows, codes = rows[order], codes[order]
        new = np.ones(len(rows), dtype=bool)
        new[1:] = (rows[1:] != rows[:-1]) | (codes[1:] != codes[:-1])
        hashes.append(codes[new])
        counts.append(np.bincount(rows[new], minlength=int(block.rows[-1]) + 1))
    lengths = np.concatenate(counts)
    return Pieces(np.concatenate(hashes), np.concatenate([[0], np.cumsum(lengths)]))


@dataclass(frozen=True)
class Rarity:
    """The pieces of a corpus under one measure, sorted, with the weight of each."""

    measure: Measure
    known: Hashes
    weights: Floats
    unseen: float

    @classmethod
    def of(cls, pieces: Pieces, measure: Measure) -> Rarity:
        """Learn from the pieces of all texts."""
        known, holding = np.unique(pieces.hashes, return_counts=True)
        texts = len(pieces.offsets) - 1
        if not measure.by_rarity:
            return cls(measure, known, np.ones(len(known)), 1.0)
        weights = np.log((1 + texts) / (1 + holding)) + 1
        return cls(measure, known, weights, float(np.log(1 + texts) + 1))

    def form(self, pieces: Pieces) -> Form:
        """Return the texts as rows over the known pieces; unknown ones only add to the length."""
        place = np.searchsorted(self.known, pieces.hashes)
        place[place == len(self.known)] = 0
        seen = self.known[place] == pieces.hashes if len(self.known) else np.zeros(len(place), bool)
        weights = np.where(seen, self.weights[place] if len(self.known) else 0.0, self.unseen)
        rows = np.repeat(np.arange(len(pieces.offsets) - 1), np.diff(pieces.offsets))
        heavy: Floats = weights.astype(np.float64) ** 2
        squares: Floats = np.bincount(rows, heavy, len(pieces.offsets) - 1).astype(np.float64)
        shape = (len(pieces.offsets) - 1, max(len(self.known), 1))
        cells = (weights[seen], (rows[seen], place[seen]))
        return Form(sparse.csr_matrix(cells, shape=shape), squares)


@dataclass(frozen=True)
class Form:
    """Texts under one measure: weighted rows over known pieces, and squared lengths over all."""

    rows: sparse.csr_matrix
    squares: Floats

    def unit(self) -> sparse.csr_matrix:
        """Return the rows divided by the lengths, for products of many texts with many."""
        lengths = np.sqrt(self.squares)
        inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        scaled: sparse.csr_matrix = sparse.csr_matrix(sparse.diags(inverse) @ self.rows)
        return scaled


class Wording:
    """Compares texts by what they are made of, weighted by what a corpus is made of."""

    def __init__(self, corpus: Sequence[str]) -> None:
        held = [pieces_of(corpus, measure) for measure in MEASURES]
        self._rarities = [
            Rarity.of(part, measure) for part, measure in zip(held, MEASURES, strict=True)
        ]
        self.corpus = self._forms(held)

    def forms(self, texts: Sequence[str]) -> tuple[Form, ...]:
        """Return texts (of the corpus or not) as they are compared: one form a measure."""
        return self._forms([pieces_of(texts, measure) for measure in MEASURES])

    def _forms(self, held: list[Pieces]) -> tuple[Form, ...]:
        pairs = zip(self._rarities, held, strict=True)
        return tuple(rarity.form(pieces) for rarity, pieces in pairs)


def compare(left: tuple[Form, ...], a: Ints, right: tuple[Form, ...], b: Ints) -> dict[str, Floats]:
    """Return, for pairs left[a[i]] and right[b[i]], each measure by its name.

    Both sides come from one `Wording`. A text that holds nothing has 0 with every other.
    """
    found = {measure.name: np.zeros(len(a)) for measure in MEASURES}
    for at in range(0, len(a), PAIRS_AT_ONCE):
        part = slice(at, at + PAIRS_AT_ONCE)
        for measure, mine, theirs in zip(MEASURES, left, right, strict=True):
            found[measure.name][part] = _compared(measure, mine, a[part], theirs, b[part])
    return found


def _compared(measure: Measure, left: Form, a: Ints, right: Form, b: Ints) -> Floats:
    shared = np.asarray(left.rows[a].multiply(right.rows[b]).sum(axis=1)).ravel()
    mine, theirs = left.squares[a], right.squares[b]
    whole = np.sqrt(mine * theirs) if measure.by_rarity else mine + theirs - shared
    ratio = np.divide(shared, whole, out=np.zeros(len(a)), where=whole > 0)
    similarity: Floats = np.round(np.minimum(ratio, 1.0), 6)
    return similarity
