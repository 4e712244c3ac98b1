"""What does the company that a word keeps say about it: what it is about, and how much it says?

In: a 0/1 matrix of texts (or windows of long texts) and the words that they hold. Out: for each
word a weight (`topicality`) and a direction (`word_directions`).

Topicality: how far the words beside it differ from the corpus at large, as the Kullback-Leibler
divergence of the two distributions. Chance alone makes rare words look special, so the expected
surplus of a sample of that size is taken off (Miller 1955; Madow). Unlike idf it tells a rare word
of no topic from a rare word of one, and it silences words such as "how" without a word list.

Direction: positive pointwise mutual information of word pairs, contexts smoothed (Levy, Goldberg &
Dagan 2015), reduced by a truncated SVD, scaled by the roots of the singular values. Words that are
said beside the same words point the same way though they never meet in a text.

It refuses nothing: a word that never had company has the smallest weight and no direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.decomposition import right_directions, unit_rows
from nlp.ngrams import MAX_CHARACTERS

# Company is kept within so many words: a post is one window, an article several.
WINDOW_WORDS = 32
# Exponent on the context's frequency: keeps rare contexts from ruling (.75 as in Levy et al.).
SMOOTHING = 0.75
# Nats; the weight of a word whose company is the corpus at large. Above zero, so that a text made
# of such words alone still has a vector.
LEAST_TOPICALITY = 0.02


def windows(texts: Sequence[str], limit: int) -> list[str]:
    """Return the texts cut into runs of `WINDOW_WORDS` words, about `limit` or one a text."""
    each = max(1, limit // max(len(texts), 1))
    return [window for text in texts for window in islice(_runs(text), each)]


def _runs(text: str) -> list[str]:
    words = text[:MAX_CHARACTERS].split()
    starts = range(0, max(len(words), 1), WINDOW_WORDS)
    return [" ".join(words[start : start + WINDOW_WORDS]) for start in starts]


def cooccurrences(held: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return (words, words): in how many rows of the 0/1 matrix `held` two words stand together."""
    together = sparse.csr_matrix(held.T @ held)
    together.setdiag(0)
    together.eliminate_zeros()
    return together


def topicality(together: sparse.csr_matrix) -> NDArray[np.float32]:
    """Return for each word its weight in nats, `LEAST_TOPICALITY` or more."""
    cells = together.tocoo()
    beside = np.asarray(together.sum(axis=1), dtype=np.float64).ravel()
    at_large = beside / max(beside.sum(), 1.0)
    share = cells.data / beside[cells.row]
    terms = share * np.log(share / at_large[cells.col])
    divergence = np.bincount(cells.row, terms, minlength=together.shape[0])
    by_chance = np.maximum(np.diff(together.indptr) - 1, 0) / (2 * np.maximum(beside, 1.0))
    weights = np.maximum(divergence - by_chance, LEAST_TOPICALITY)
    return np.asarray(weights, dtype=np.float32)


def word_directions(together: sparse.csr_matrix, wanted: int, seed: int) -> NDArray[np.float32]:
    """Return (words, at most `wanted`) unit rows; zeros for a word without company."""
    information = _positive_information(together)
    left, values = right_directions(sparse.csr_matrix(information.T), wanted, seed)
    return unit_rows(left * np.sqrt(values))


def _positive_information(together: sparse.csr_matrix) -> sparse.csr_matrix:
    cells = together.tocoo()
    beside = np.asarray(together.sum(axis=1), dtype=np.float64).ravel()
    smoothed = beside**SMOOTHING
    expected = beside[cells.row] * smoothed[cells.col] / max(smoothed.sum(), 1.0)
    information = np.log(cells.data / expected)
    kept = information > 0
    places = (cells.row[kept], cells.col[kept])
    values = information[kept].astype(np.float32)
    return sparse.csr_matrix((values, places), shape=together.shape)
