"""How finely should this many talking points be grouped?

In: vectors of exemplars, and settings that may be left open. Out: a fitted NarrativeClusterer with
remarks. The clusterer itself stays the plain hdbscan tree; what is added here, and recorded, are
defaults that scale with the number of exemplars, one smoothing pass that raises coverage for
sentence models, and a guard against a group that swallows most of the corpus.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustering.density import (
    Labels,
    Matrix,
    NarrativeClusterer,
    nearest_neighbours,
    unit_rows,
)
from corpus.settings import Narratives

# Smoothing: each vector moves half way to the mean of its nearest neighbours, once (two passes made
# four groups of everything). 10,000 posts, half of them labelled, sentence model: coverage .46 ->
# .68 at AMI .91 -> .90. In fitted spaces it cost .10 AMI, so it is for models alone.
SMOOTHING_NEIGHBOURS = 10
SMOOTH_FROM = 1_000
# "eom" may prefer one group of nearly everything over all its parts: seen in 8 of 12 samples of
# unrelated tweets under a sentence model. A larger share than this is taken for such a case ...
SWALLOWED_SHARE = 1 / 3
# ... from this many exemplars on; in fewer, one story may well be most of the corpus.
GUARD_FROM = 50
# Then no group may exceed this share, or three times the square root of the exemplars.
LARGEST_SHARE = 0.05


def scaled_min_cluster_size(exemplars: int) -> int:
    """Return the least size of a narrative: the fourth root, at least 3 (300: 4, 40,000: 14)."""
    root: float = exemplars**0.25
    return max(3, round(root))


def scaled_min_samples(exemplars: int) -> int:
    """Return 1 below a thousand exemplars, where every neighbour counts, else 2.

    On labelled sets 2 lost .03 to .10 coverage against 1 and gained .01 to .03 AMI; 5 lost .10 to
    .20 and gained .01 to .05.
    """
    return 1 if exemplars < 1_000 else 2


def group(
    vectors: Matrix, weights: ArrayLike, settings: Narratives, *, smooth: bool
) -> tuple[NarrativeClusterer, list[str]]:
    """Cluster unit `vectors`; `smooth` allows the smoothing pass where there are enough of them."""
    compared = smoothed(vectors) if smooth and len(vectors) >= SMOOTH_FROM else vectors
    size = settings.min_cluster_size or scaled_min_cluster_size(len(vectors))
    samples = settings.min_samples or scaled_min_samples(len(vectors))
    clusterer = NarrativeClusterer(size, samples, settings.cluster_selection_method)
    clusterer.fit(compared, weights=weights)
    share = largest_share(clusterer.labels_)
    if len(vectors) < GUARD_FROM or share <= SWALLOWED_SHARE:
        return clusterer, []
    limit = int(max(LARGEST_SHARE * len(vectors), 3 * len(vectors) ** 0.5))
    clusterer.set_params(max_cluster_size=limit).fit(compared, weights=weights)
    return clusterer, [
        f"one group held {share:.0%} of the talking points and was split:"
        f" no narrative was allowed more than {limit:,} of them"
    ]


def largest_share(labels: Labels) -> float:
    """Return the share of all rows that the largest group holds."""
    counts = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(1)
    return float(counts.max() / max(1, len(labels)))


def smoothed(vectors: Matrix) -> Matrix:
    """Return each vector plus the mean of its nearest neighbours, unit length; zero rows stay."""
    known = np.flatnonzero(vectors.any(axis=1))
    kept = min(SMOOTHING_NEIGHBOURS, len(known) - 1)
    if kept < 1:
        return vectors
    rows = vectors[known]
    neighbours, _ = nearest_neighbours(rows, kept)
    mean = np.zeros(rows.shape, dtype=np.float64)
    for column in range(kept):
        mean += rows[neighbours[:, column]]
    moved = np.zeros_like(vectors)
    moved[known] = unit_rows(rows + mean / kept)
    return moved
