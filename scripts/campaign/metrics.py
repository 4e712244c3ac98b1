"""Measures of agreement between labels and truth, each with its counts.

In: label lists or counts. Out: `Rate` (hits of total, Wilson interval), B-cubed (Bagga and Baldwin
1998), adjusted Rand index (Hubert and Arabie 1985). Pairs are counted from the contingency table,
never listed, so that families of thousands cost nothing. The adjusted mutual information (Vinh,
Epps and Bailey 2010) is scikit-learn's.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Labels = Sequence[Hashable]
Z_95 = 1.959964


@dataclass(frozen=True)
class Rate:
    """`hits` of `total`; the value is None when there is nothing to count."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, 0..1."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval."""
        return wilson(self.hits, self.total) if self.total else None


@dataclass(frozen=True)
class Pairs:
    """Pairs together in both labelings, in the truth, and in the prediction."""

    both: int
    truth: int
    predicted: int

    @property
    def precision(self) -> Rate:
        """Of the predicted pairs, those that truly belong together."""
        return Rate(self.both, self.predicted)

    @property
    def recall(self) -> Rate:
        """Of the true pairs, those predicted."""
        return Rate(self.both, self.truth)


def wilson(hits: float, total: float) -> tuple[float, float]:
    """Give the 95 % Wilson score interval; raise ValueError when the counts make no share."""
    if not 0 <= hits <= total or total == 0:
        raise ValueError(f"{hits} of {total} is no share")
    share, square = hits / total, Z_95 * Z_95
    centre = share + square / (2 * total)
    spread = Z_95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def count_pairs(truth: Labels, predicted: Labels) -> Pairs:
    """Count the pairs of items that share a label."""
    both = Counter(zip(truth, predicted, strict=True))
    return Pairs(_pairs(both), _pairs(Counter(truth)), _pairs(Counter(predicted)))


def pair_recall_of(truth: Labels, predicted: Labels, of_interest: Sequence[bool]) -> Rate:
    """Give the share of true pairs found, over ordered pairs whose first item is of interest."""
    both = Counter(zip(truth, predicted, strict=True))
    family = Counter(truth)
    hits = total = 0
    for true, label, wanted in zip(truth, predicted, of_interest, strict=True):
        if wanted:
            hits += both[true, label] - 1
            total += family[true] - 1
    return Rate(hits, total)


def b_cubed(truth: Labels, predicted: Labels) -> tuple[float, float]:
    """Give B-cubed precision and recall, the mean over items; raise ValueError for none."""
    if not truth:
        raise ValueError("B-cubed needs at least one item")
    both = Counter(zip(truth, predicted, strict=True))
    true_sizes, sizes = Counter(truth), Counter(predicted)
    precision = sum(n * n / sizes[label] for (_, label), n in both.items())
    recall = sum(n * n / true_sizes[true] for (true, _), n in both.items())
    return precision / len(truth), recall / len(truth)


def adjusted_rand(truth: Labels, predicted: Labels) -> float:
    """Give the adjusted Rand index; 1 for equal partitions, about 0 for chance."""
    pairs, possible = count_pairs(truth, predicted), math.comb(len(truth), 2)
    expected = pairs.truth * pairs.predicted / possible if possible else 0.0
    best = (pairs.truth + pairs.predicted) / 2
    return 1.0 if best == expected else (pairs.both - expected) / (best - expected)


def adjusted_mutual_information(truth: Labels, predicted: Labels) -> float:
    """Give the adjusted mutual information (arithmetic mean), from scikit-learn."""
    from sklearn.metrics import adjusted_mutual_info_score

    with warnings.catch_warnings():
        # Many small groups are the ordinary case here; scikit-learn takes them for numbers.
        warnings.filterwarnings("ignore", message="The number of unique classes")
        return float(adjusted_mutual_info_score(numbered(truth), numbered(predicted)))


def numbered(labels: Labels) -> list[int]:
    """Number labels in the order in which they first appear."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


def matched(truth: set[Hashable], predicted: set[Hashable]) -> tuple[Rate, Rate]:
    """Give (precision, recall) of a set of findings."""
    both = len(truth & predicted)
    return Rate(both, len(predicted)), Rate(both, len(truth))


def _pairs(counts: Mapping[Any, int]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())
