"""What is a text about, judged by the corpus alone, without weights or network?

In: the corpus's texts (`fit`), then any texts (`encode`). Out: unit vectors of up to 160 numbers,
two halves of which each sees what the other cannot:

* wording: words, weighted by how much they say, beside TF-IDF of character 3-5-grams, reduced by a
  truncated SVD and scaled by the singular values (latent semantic analysis, Deerwester 1990);
* company: the mean direction of the words, where words said beside the same words point the same
  way (`nlp.cooccurrence`), so that two texts may meet that share no word.

How much a word says is its topicality in this corpus, not its rarity. Texts that share words, parts
of words, or words that keep the same company point the same way, in every language and script.

It refuses to guess: a text none of whose n-grams was seen gets a row of zeros. Fit it per language
and per case: what it learns is that corpus, and its vectors compare with no other. The order of the
texts never matters, nor how `encode` is called; the only randomness is the seed of the SVD. `save`
keeps what was learned, so that later texts meet the same space (`nlp.embed_fitted_files`).

Of the weight-free recipes measured (docs/benchmarks.md) this one was best or close to it on
every set; wording alone is weak on chat intents, company alone on the questions of programmers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.cooccurrence import cooccurrences, topicality, windows, word_directions
from nlp.decomposition import right_directions, unit_rows
from nlp.embed import Vectors
from nlp.ngrams import CharacterGrams, Grams, Hashes, WordGrams, count, document_frequencies

Floats = NDArray[np.float32]

RECIPE = "lsa-2: topical word + 0.7 char 3-5, svd 64; company svd 96, .3/.7"
WORDS, CHARACTERS = WordGrams(1), CharacterGrams(3, 5)
# Directions of the halves: of 64 to 128 and 96 to 200 the fewest were best on eight of eleven sets.
WORDING_DIMENSIONS, COMPANY_DIMENSIONS = 64, 96
# Share of the company in the squared length: less loses on short intents, more on StackOverflow.
COMPANY_SHARE = 0.7
# Weight of the character features beside the words (as measured on four labelled sets).
CHARACTER_WEIGHT = 0.7
# Texts that the space is learned from; more change it little and cost time in proportion.
MAX_FIT_TEXTS = 30_000
MAX_WORDS, MAX_CHARACTER_FEATURES = 50_000, 150_000
# A word of one text has no company elsewhere; rarer character runs are mostly names and slips.
WORD_TEXTS, CHARACTER_TEXTS = 2, 3
# A run of characters in more than this share of texts says nothing about the topic ...
COMMON_SHARE = 0.2
# ... but in few texts a fifth is a topic: up to this many texts a feature is never too common.
COMMON_AT_LEAST = 100
# In fewer texts than this a word of one text alone is kept, or most texts would have no vector.
FEW_TEXTS = 100
# Rows encoded at once: bounds memory, changes no result.
ENCODE_ROWS = 20_000


@dataclass(frozen=True)
class Space:
    """What was learned: features sorted by hash, their weights, and where they point."""

    words: Hashes
    topicality: Floats
    """one a word"""
    characters: Hashes
    idf: Floats
    """one a run of characters"""
    axes: Floats
    """(words + characters, wording dimensions)"""
    directions: Floats
    """(words, company dimensions): unit rows, zeros for a word without company"""

    @property
    def dimension(self) -> int:
        """Length of a row."""
        return int(self.axes.shape[1] + self.directions.shape[1])

    @cached_property
    def _pull(self) -> Floats:
        pull: Floats = self.directions * self.topicality[:, None]
        return pull

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows."""
        held = _held(texts, self.words)
        wording = unit_rows(np.asarray(_features(self, held, texts) @ self.axes))
        company = unit_rows(np.asarray(held @ self._pull))
        parts = [
            np.float32(np.sqrt(1 - COMPANY_SHARE)) * wording,
            np.float32(np.sqrt(COMPANY_SHARE)) * company,
        ]
        return unit_rows(np.hstack(parts).astype(np.float32))


EMPTY = Space(
    words=np.zeros(0, dtype=np.uint64),
    topicality=np.zeros(0, dtype=np.float32),
    characters=np.zeros(0, dtype=np.uint64),
    idf=np.zeros(0, dtype=np.float32),
    axes=np.zeros((0, 0), dtype=np.float32),
    directions=np.zeros((0, 0), dtype=np.float32),
)


def learn(
    texts: Sequence[str],
    seed: int,
    *,
    wording: int = WORDING_DIMENSIONS,
    company: int = COMPANY_DIMENSIONS,
) -> Space:
    """Learn a space of at most `wording` + `company` directions from distinct texts.

    The order of the texts must be canonical (`canonical_sample`).
    """
    words, _ = _kept(texts, WORDS, WORD_TEXTS, MAX_WORDS, len(texts))
    common = int(max(COMMON_SHARE * len(texts), COMMON_AT_LEAST))
    characters, holding = _kept(
        texts, CHARACTERS, CHARACTER_TEXTS, MAX_CHARACTER_FEATURES, common
    )  # fmt: skip
    idf = (np.log((1 + len(texts)) / (1 + holding)) + 1).astype(np.float32)
    together = cooccurrences(_held(windows(texts, MAX_FIT_TEXTS), words))
    directions = word_directions(together, company, seed)
    weights = topicality(together)
    known = Space(words, weights, characters, idf, np.zeros((0, 0), dtype=np.float32), directions)
    features = _features(known, _held(texts, words), texts)
    axes, _ = right_directions(features, wording, seed)
    return Space(words, weights, characters, idf, axes, directions)


def _kept(
    texts: Sequence[str], grams: Grams, rare: int, most: int, common: int
) -> tuple[Hashes, NDArray[np.int64]]:
    """Features of `rare` to `common` texts, the `most` frequent; and how many texts hold each."""
    features, holding = document_frequencies(texts, grams)
    rare = rare if len(texts) >= FEW_TEXTS else 1
    kept = np.flatnonzero((holding >= rare) & (holding <= common))
    if len(kept) > most:
        kept = np.sort(kept[np.lexsort((kept, -holding[kept]))[:most]])
    return features[kept], holding[kept]


def _held(texts: Sequence[str], words: Hashes) -> sparse.csr_matrix:
    held = count(texts, WORDS, words)
    held.data[:] = 1
    return held


def _features(space: Space, held: sparse.csr_matrix, texts: Sequence[str]) -> sparse.csr_matrix:
    """Rows of weighted words, and beside them 1 + ln(count) times idf of the characters."""
    topical = sparse.csr_matrix(held @ sparse.diags_array(space.topicality, dtype=np.float32))
    counted = count(texts, CHARACTERS, space.characters)
    counted.data = (1 + np.log(counted.data)) * space.idf[counted.indices]
    parts = [_scaled_rows(topical, 1.0), _scaled_rows(counted, CHARACTER_WEIGHT)]
    return sparse.csr_matrix(sparse.hstack(parts))


def _scaled_rows(matrix: sparse.csr_matrix, length: float) -> sparse.csr_matrix:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    factors = np.divide(length, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)
    matrix.data *= np.repeat(factors, np.diff(matrix.indptr)).astype(np.float32)
    return matrix


class FittedEmbedder:
    """The corpus-fitted embedder; see the module's opening."""

    name = "fitted"
    languages: frozenset[str] | None = None
    reads: Literal["raw", "normalized"] = "normalized"

    def __init__(self, *, seed: int = 0, space: Space = EMPTY, digest: str = "") -> None:
        self.seed = seed
        self.space = space
        self._digest = digest

    @property
    def digest(self) -> str:
        """Name the recipe, the seed and the texts it was fitted on; "" before `fit`."""
        return self._digest

    @property
    def dimension(self) -> int:
        """Number of directions kept: at most 160, fewer for few texts, 0 before `fit`."""
        return self.space.dimension

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FittedEmbedder) and self.digest == other.digest

    def __hash__(self) -> int:
        return int(self.digest or "0", 16)

    def __repr__(self) -> str:
        return f"FittedEmbedder({self.digest[:16]})"

    def fit(self, texts: Sequence[str]) -> FittedEmbedder:
        """Learn features and directions from the distinct non-empty `texts`, in canonical order."""
        chosen = canonical_sample(texts, MAX_FIT_TEXTS)
        self._digest = _digest(chosen, self.seed)
        self.space = learn(chosen, self.seed)
        return self

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows; zeros where no feature of the text was seen."""
        if not self.digest:
            raise ValueError('embedder("fitted") learns from a corpus: call fit(texts) first')
        parts = [np.zeros((0, self.dimension), dtype=np.float32)]
        parts += [self.space.encode(block) for block in _slices(texts)]
        return np.concatenate(parts)

    def save(self, folder: str | Path) -> str:
        """Write what was learned into `folder`; return the digest of its numbers."""
        from nlp.embed_fitted_files import save

        return save(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> FittedEmbedder:
        """Return the embedder that `save` wrote; raises InputError for anything else."""
        from nlp.embed_fitted_files import load

        return load(Path(folder))


def canonical_sample(texts: Sequence[str], size: int) -> list[str]:
    """Return at most `size` distinct non-empty texts, chosen and ordered by their hashes."""
    distinct = {text for text in texts if text.strip()}
    return sorted(distinct, key=lambda text: (_text_hash(text), text))[:size]


def _text_hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _digest(texts: Sequence[str], seed: int) -> str:
    digest = hashlib.sha256(f"{RECIPE}|{seed}".encode())
    for text in texts:
        digest.update(_text_hash(text))
    return digest.hexdigest()


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), ENCODE_ROWS):
        yield texts[start : start + ENCODE_ROWS]


def make_fitted(*, seed: int = 0) -> FittedEmbedder:
    """Return an embedder that has learned nothing yet."""
    return FittedEmbedder(seed=seed)
