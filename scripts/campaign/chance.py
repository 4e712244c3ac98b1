"""Seeded chance: one independent PCG64 stream for each purpose and account.

A stream is named by words and numbers, not by the order of calls, so that a change in one part of
the generator leaves the others as they were. No global random state, no clock, no hash().
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Rng = np.random.Generator


def stream(seed: int, *names: str | int) -> Rng:
    """Give the generator for `names` under `seed`."""
    label = "\x1f".join([str(seed), *(str(name) for name in names)])
    entropy = int.from_bytes(hashlib.sha256(label.encode("utf-8")).digest()[:16], "big")
    return np.random.Generator(np.random.PCG64(entropy))


def pick(rng: Rng, items: Sequence[T]) -> T:
    """Draw one item, each as likely."""
    return items[int(rng.random() * len(items))]


def weighted(rng: Rng, weights: Mapping[T, float]) -> T:
    """Draw one key with probability proportional to its weight."""
    point = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        point -= weight
        if point < 0:
            return key
    return next(reversed(list(weights)))


def some(rng: Rng, items: Sequence[T], count: int) -> list[T]:
    """Draw `count` different items (all of them when there are fewer), in random order."""
    order = rng.permutation(len(items))[: min(count, len(items))]
    return [items[int(i)] for i in order]


def lognormal_s(rng: Rng, median_s: float, sigma: float) -> float:
    """Draw a delay in seconds."""
    return float(median_s * np.exp(sigma * rng.standard_normal()))
