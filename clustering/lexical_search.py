"""Which texts of a corpus look most like these, by the rare pieces they share?

In: the character n-grams of a corpus and of queries, weighted by rarity (`nlp.similarity`). Out:
for each query the few corpus texts that share most of that weight: candidates, to be judged by
better measures. Pieces that many texts hold propose nothing and would cost most, so they are left
out; n-grams rather than words, so that a typo does not hide a text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.similarity import Form

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# A piece in more than this share of the texts proposes none of them ...
COMMON_SHARE = 0.01
# ... but in a small corpus one in this many texts may still be what two of them have in common.
COMMON_AT_LEAST = 100
# Queries in one step: their products with 50,000 texts took some 100 MB.
QUERIES_AT_ONCE = 500


class LexicalSearch:
    """Proposes corpus texts; `grams` are those texts as `Wording` made them."""

    def __init__(self, grams: Form) -> None:
        rows = grams.unit()
        holding = np.bincount(rows.indices, minlength=rows.shape[1])
        limit = max(COMMON_SHARE * rows.shape[0], COMMON_AT_LEAST)
        self._rare = np.flatnonzero((holding > 0) & (holding <= limit))
        self._columns = sparse.csr_matrix(rows[:, self._rare].T)

    def propose(self, queries: Form, kept: int, own: Ints | None = None) -> tuple[Ints, Ints]:
        """Return (query, text) of the `kept` most alike texts of each query, best first.

        `own[i]` is the text that query i is itself, left out; -1 where it is none. Ties go to the
        text that comes first. A query that shares no rare piece has none.
        """
        rows = sparse.csr_matrix(queries.unit()[:, self._rare])
        found = [np.zeros((2, 0), dtype=np.int64)]
        for at in range(0, rows.shape[0], QUERIES_AT_ONCE):
            shared = sparse.csr_matrix(rows[at : at + QUERIES_AT_ONCE] @ self._columns)
            for row in range(shared.shape[0]):
                span = slice(shared.indptr[row], shared.indptr[row + 1])
                texts = shared.indices[span]
                alike = shared.data[span].astype(np.float64).round(6)
                if own is not None:
                    texts, alike = texts[texts != own[at + row]], alike[texts != own[at + row]]
                best = _best(texts, alike, kept)
                found.append(np.stack([np.full(len(best), at + row), best]).astype(np.int64))
        both = np.concatenate(found, axis=1)
        return both[0], both[1]


def _best(texts: NDArray[np.int32], alike: Floats, kept: int) -> NDArray[np.int32]:
    if len(texts) > kept:
        floor = np.partition(alike, -kept)[-kept]
        texts, alike = texts[alike >= floor], alike[alike >= floor]
    best: NDArray[np.int32] = texts[np.lexsort((texts, -alike))[:kept]]
    return best
