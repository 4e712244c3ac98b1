"""How sure is it that two texts say the same in other words? Wording and meaning, weighed together.

In: for pairs of texts the three measures of `nlp.similarity`, the cosine of their vectors, and the
company they keep. Out: one score in 0..1, a logistic of the weighted sum. Neither wording nor
vectors suffices: on English tweets plain trigrams equal a sentence model, and each is blind where
the other sees.

Company: how near the ten nearest other vectors stand to a text, as their mean cosine; a pair has
the lower one of its two. What many say in their own way is more often said again than what only one
text says, so a pair in company needs less likeness of its own.

The weights are data (`fusion.toml`): one set for each embedder that was measured, and a set over
wording alone for every other, whose cosines nobody has put on a scale. No weight is negative, so
more likeness never lowers a score.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from clustering.density import BLOCK_ROWS, Labels, Matrix
from nlp.similarity import Wording, compare

Floats = NDArray[np.float64]

FEATURES = ("trigrams", "words", "grams", "cosine", "company")
# Neighbours whose mean cosine is a text's company: of 5, 10 and 30 none was better than the others.
COMPANY = 10
WORDING_ONLY = "wording"
# Trigrams that two texts must share apart from their hashtags: those of linked tweets shared .3 and
# more, those of answers to one hashtag game less than .1.
SHARED_BESIDE_TAGS = 0.2
_HASHTAG = re.compile(r"#\S+")


@dataclass(frozen=True)
class Fusion:
    """Weights of the features, in the order of FEATURES, and what is added to their sum."""

    family: str
    weights: tuple[float, ...]
    bias: float

    def score(self, features: Mapping[str, Floats]) -> Floats:
        """Return the score of each pair, rounded so that the size of a batch cannot show.

        A feature without weight may be absent.
        """
        total = np.full(len(features["trigrams"]), self.bias)
        for name, weight in zip(FEATURES, self.weights, strict=True):
            if weight:
                total += weight * features[name]
        scores: Floats = np.round(1 / (1 + np.exp(-total)), 6)
        return scores

    def needs_vectors(self) -> bool:
        """Whether vectors have any weight."""
        return any(self.weights[FEATURES.index(name)] for name in ("cosine", "company"))


@cache
def _known() -> dict[str, Fusion]:
    text = resources.files("clustering").joinpath("fusion.toml").read_text("utf-8")
    return {
        family: Fusion(family, tuple(float(row[name]) for name in FEATURES), float(row["bias"]))
        for family, row in tomllib.loads(text)["weights"].items()
    }


def fusion_for(embedder: str | None) -> Fusion:
    """Return the weights for an embedder's name; those over wording alone where it has none."""
    return _known().get(embedder or WORDING_ONLY, _known()[WORDING_ONLY])


def pair_features(
    wording: Mapping[str, Floats], cosine: Floats, company: Floats
) -> dict[str, Floats]:
    """Put the measures of pairs together; cosines below 0 (opposite directions) count as 0."""
    return {**wording, "cosine": np.maximum(cosine, 0.0), "company": np.maximum(company, 0.0)}


def share_more_than_tags(left: Sequence[str], right: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether normalized texts left[i] and right[i] are alike without their hashtags too.

    A hashtag names a topic: "#topic yes" and "#topic no" are not the same statement.
    """
    a, b = ([_HASHTAG.sub("", text) for text in side] for side in (left, right))
    wording, own = Wording([*a, *b]), np.arange(len(a))
    shared = compare(wording.corpus, own, wording.corpus, own + len(a))["trigrams"]
    alike: NDArray[np.bool_] = shared >= SHARED_BESIDE_TAGS
    return alike


def cosines(left: Matrix, a: Labels, right: Matrix, b: Labels) -> Floats:
    """Return the cosine of unit rows left[a[i]] and right[b[i]], in double precision."""
    found = np.zeros(len(a))
    for at in range(0, len(a), BLOCK_ROWS):
        part = slice(at, at + BLOCK_ROWS)
        mine, theirs = left[a[part]].astype(np.float64), right[b[part]].astype(np.float64)
        found[part] = np.einsum("ij,ij->i", mine, theirs)
    rounded: Floats = np.round(found, 6)
    return rounded


def company_of(queries: Matrix, rows: Matrix, own: Labels | None = None) -> Floats:
    """Return the mean cosine of each query to its nearest `rows`, itself (row `own[i]`) left out.

    `own` is -1 for a query that is none of the rows. Fewer rows than COMPANY: the mean over those;
    none, or a query without a vector: 0.
    """
    found = np.zeros(len(queries))
    itself = np.full(len(queries), -1) if own is None else own
    for at in range(0, len(queries), BLOCK_ROWS):
        similar = queries[at : at + BLOCK_ROWS] @ rows.T
        mine = itself[at : at + BLOCK_ROWS]
        held = np.flatnonzero(mine >= 0)
        similar[held, mine[held]] = -np.inf
        found[at : at + BLOCK_ROWS] = _mean_of_best(similar, (mine < 0) + len(rows) - 1)
    known: Floats = np.where(queries.any(axis=1), found, 0.0)
    return known.round(6)


def _mean_of_best(similar: Matrix, others: Labels) -> Floats:
    """Mean of the COMPANY largest of each row, of which `others[i]` are real."""
    kept = min(COMPANY, similar.shape[1])
    if kept == 0:
        return np.zeros(len(similar))
    best = np.partition(similar, -kept, axis=1)[:, -kept:].astype(np.float64)
    total = np.where(np.isfinite(best), best, 0.0).sum(axis=1)
    mean: Floats = total / np.maximum(np.minimum(others, kept), 1)
    return mean
