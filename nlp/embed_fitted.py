"""What is a text about, judged by the corpus alone, without weights or network?

In: the corpus's texts (`fit`), then any texts (`encode`). Out: unit vectors of up to 128 numbers:
TF-IDF of word 1-2-grams beside character 3-5-grams, reduced by a truncated SVD (latent semantic
analysis, Deerwester et al. 1990), scaled by the singular values. Texts that share words, parts of
words, or words that keep the same company point the same way, in every language and script.

It refuses to guess: a text none of whose n-grams was seen gets a row of zeros. Fit it per language
and per case: what it learns is that corpus, and its vectors compare with no other. The order of the
texts never matters, nor how `encode` is called; the only randomness is the seed of the SVD.

Of the weight-free recipes measured (see docs) none wins everywhere; this one was never far behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.embed import Vectors
from nlp.ngrams import CharacterGrams, Grams, Hashes, WordGrams, count, document_frequencies

RECIPE = "lsa-1: word 1-2 + 0.7 char 3-5, svd 128"
DIMENSIONS = 128
# Texts that the space is learned from; more change it little and cost time in proportion.
MAX_FIT_TEXTS = 30_000
# Below this the decomposition is exact: the matrix of all inner products is small.
EXACT_TEXTS = 1_000
# A feature of more than this share of texts says nothing about the topic ...
COMMON_SHARE = 0.2
# ... but in few texts a fifth is a topic: up to this many texts a feature is never too common.
COMMON_AT_LEAST = 100
# In fewer texts than this a word of one text alone is kept, or most texts would have no vector.
FEW_TEXTS = 100
# Singular values below this share of the largest are rounding, not direction.
RANK_TOLERANCE = 1e-4
# Rows encoded at once: bounds memory, changes no result.
ENCODE_ROWS = 20_000


@dataclass(frozen=True)
class Part:
    """One kind of feature: how rare it may be, how many are kept, and its weight in the sum."""

    grams: Grams
    min_texts: int
    max_features: int
    weight: float


# Limits and weight as measured on four labelled sets (word and character features apart lose).
PARTS = (Part(WordGrams(2), 2, 100_000, 1.0), Part(CharacterGrams(3, 5), 3, 150_000, 0.7))


@dataclass(frozen=True)
class Vocabulary:
    """The features of one part that were kept, sorted by hash, with their idf weights."""

    part: Part
    features: Hashes
    idf: NDArray[np.float32]

    def weigh(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the TF-IDF rows of `texts`: 1 + ln(count), times idf, to length `part.weight`."""
        matrix = count(texts, self.part.grams, self.features)
        matrix.data = (1 + np.log(matrix.data)) * self.idf[matrix.indices]
        return _scaled_rows(matrix, self.part.weight)


def _scaled_rows(matrix: sparse.csr_matrix, length: float) -> sparse.csr_matrix:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    factors = np.divide(length, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)
    matrix.data *= np.repeat(factors, np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def _learn(texts: Sequence[str], part: Part) -> Vocabulary:
    features, holding = document_frequencies(texts, part.grams)
    rare = part.min_texts if len(texts) >= FEW_TEXTS else 1
    common = max(COMMON_SHARE * len(texts), COMMON_AT_LEAST)
    kept = np.flatnonzero((holding >= rare) & (holding <= common))
    if len(kept) > part.max_features:
        kept = np.sort(kept[np.lexsort((kept, -holding[kept]))[: part.max_features]])
    idf = np.log((1 + len(texts)) / (1 + holding[kept])) + 1
    return Vocabulary(part, features[kept], idf.astype(np.float32))


class FittedEmbedder:
    """The corpus-fitted embedder; see the module's opening."""

    name = "fitted"
    languages: frozenset[str] | None = None
    reads: Literal["raw", "normalized"] = "normalized"

    def __init__(self, dimensions: int = DIMENSIONS, seed: int = 0) -> None:
        self._wanted = dimensions
        self._seed = seed
        self._vocabularies: tuple[Vocabulary, ...] = ()
        self._axes: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._digest = ""

    @property
    def digest(self) -> str:
        """Name the recipe, the seed and the texts it was fitted on; "" before `fit`."""
        return self._digest

    @property
    def dimension(self) -> int:
        """Number of directions kept: at most `dimensions`, fewer for few texts, 0 before `fit`."""
        return int(self._axes.shape[1])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FittedEmbedder) and self._digest == other._digest

    def __hash__(self) -> int:
        return int(self._digest or "0", 16)

    def __repr__(self) -> str:
        return f"FittedEmbedder({self._digest[:16]})"

    def fit(self, texts: Sequence[str]) -> FittedEmbedder:
        """Learn features and directions from the distinct non-empty `texts`, in canonical order."""
        chosen = canonical_sample(texts, MAX_FIT_TEXTS)
        self._digest = _digest(chosen, self._wanted, self._seed)
        self._vocabularies = tuple(_learn(chosen, part) for part in PARTS)
        self._axes = _directions(self._features(chosen), self._wanted, self._seed)
        return self

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows; zeros where no feature of the text was seen."""
        if not self._digest:
            raise ValueError('embedder("fitted") learns from a corpus: call fit(texts) first')
        parts = [np.zeros((0, self.dimension), dtype=np.float32)]
        parts += [self._encode_block(block) for block in _slices(texts)]
        return np.concatenate(parts)

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return sparse.csr_matrix(sparse.hstack([v.weigh(texts) for v in self._vocabularies]))

    def _encode_block(self, texts: Sequence[str]) -> Vectors:
        rows = np.asarray(self._features(texts) @ self._axes, dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        return unit


def canonical_sample(texts: Sequence[str], size: int) -> list[str]:
    """Return at most `size` distinct non-empty texts, chosen and ordered by their hashes."""
    distinct = {text for text in texts if text.strip()}
    return sorted(distinct, key=lambda text: (_text_hash(text), text))[:size]


def _text_hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _digest(texts: Sequence[str], dimensions: int, seed: int) -> str:
    digest = hashlib.sha256(f"{RECIPE}|{dimensions}|{seed}".encode())
    for text in texts:
        digest.update(_text_hash(text))
    return digest.hexdigest()


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), ENCODE_ROWS):
        yield texts[start : start + ENCODE_ROWS]


def _directions(matrix: sparse.csr_matrix, wanted: int, seed: int) -> NDArray[np.float32]:
    """Return the right singular vectors as columns; multiplying by them gives U times S."""
    texts, features = matrix.shape
    if min(texts, features) == 0:
        return np.zeros((features, 0), dtype=np.float32)
    if texts <= EXACT_TEXTS:
        return _exact_directions(matrix, wanted)
    from sklearn.utils.extmath import randomized_svd

    rank = min(wanted, features)
    *_, right = randomized_svd(matrix, rank, n_iter=3, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)


def _exact_directions(matrix: sparse.csr_matrix, wanted: int) -> NDArray[np.float32]:
    inner = (matrix @ matrix.T).toarray().astype(np.float64)
    squares, left = np.linalg.eigh(inner)
    values = np.sqrt(np.maximum(squares[::-1], 0))
    kept = min(wanted, int(np.sum(values > RANK_TOLERANCE * values[0])))
    right = (matrix.T @ left[:, ::-1][:, :kept]) / values[:kept]
    return np.ascontiguousarray(right, dtype=np.float32)


def make_fitted(*, seed: int = 0) -> FittedEmbedder:
    """Return an embedder that has learned nothing yet."""
    return FittedEmbedder(seed=seed)
