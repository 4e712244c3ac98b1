"""Neighbouring shared passages become one span.

In: hits, from both sides of a pair of texts, one for each sentence. Out: spans: the earlier text's
range and the later text's, one row for each stretch that both hold. Hits of one pair are joined
when they overlap or nearly touch in both texts; in which direction a hit was found does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.passage_runs import CHAR_GRAM, WORD_GRAM, Flags, Ints, Runs
from clustering.passage_search import Hits
from engines.components import component_labels

# Units between two hits that still make one span, per unit of a gram: five words, or ten
# characters. That is a word changed on both sides of a full stop, or "he said" put in.
GAP_PER_GRAM_UNIT = 2.5
# Hits that each one is compared to, in the order of their places: repeats of a sentence lie
# between.
_NEIGHBOURS = 4


@dataclass(frozen=True)
class Spans:
    """Ranges of places in two texts; a is in the text of the smaller number."""

    first_a: Ints
    last_a: Ints
    first_b: Ints
    last_b: Ints

    def take(self, chosen: Ints | Flags) -> Spans:
        """Return some of the spans."""
        parts = (self.first_a, self.last_a, self.first_b, self.last_b)
        return Spans(*(part[chosen] for part in parts))


def merge(runs: Runs, hits: Hits) -> Spans:
    """Return the spans that these hits make, ordered by texts and places."""
    swapped = hits.first_a > hits.first_b
    spans = Spans(
        np.where(swapped, hits.first_b, hits.first_a),
        np.where(swapped, hits.last_b, hits.last_a),
        np.where(swapped, hits.first_a, hits.first_b),
        np.where(swapped, hits.last_a, hits.last_b),
    )
    while True:
        merged = _merged_once(runs, _ordered(runs, spans))
        if len(merged.first_a) == len(spans.first_a):
            return merged
        spans = merged


def _ordered(runs: Runs, spans: Spans) -> Spans:
    a, b = runs.text_at[spans.first_a], runs.text_at[spans.first_b]
    keys = (spans.last_b, spans.last_a, spans.first_b, spans.first_a, b, a)
    return spans.take(np.lexsort(keys))


def _merged_once(runs: Runs, spans: Spans) -> Spans:
    lefts, rights = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for step in range(1, _NEIGHBOURS + 1):
        left = np.arange(max(len(spans.first_a) - step, 0))
        near = _near(runs, spans, left, left + step)
        lefts.append(left[near])
        rights.append(left[near] + step)
    labels = component_labels(len(spans.first_a), np.concatenate(lefts), np.concatenate(rights))
    roots, group = np.unique(labels, return_inverse=True)
    least, most = np.iinfo(np.int64).max, -1
    first_a, first_b = np.full(len(roots), least), np.full(len(roots), least)
    last_a, last_b = np.full(len(roots), most), np.full(len(roots), most)
    np.minimum.at(first_a, group, spans.first_a)
    np.minimum.at(first_b, group, spans.first_b)
    np.maximum.at(last_a, group, spans.last_a)
    np.maximum.at(last_b, group, spans.last_b)
    return _ordered(runs, Spans(first_a, last_a, first_b, last_b))


def _near(runs: Runs, spans: Spans, left: Ints, right: Ints) -> Flags:
    a, b = runs.text_at[spans.first_a], runs.text_at[spans.first_b]
    width = np.where(runs.by_words[a[left]], WORD_GRAM, CHAR_GRAM)
    gap = GAP_PER_GRAM_UNIT * width
    near: Flags = (a[left] == a[right]) & (b[left] == b[right])
    for first, last in ((spans.first_a, spans.last_a), (spans.first_b, spans.last_b)):
        near &= np.maximum(first[left], first[right]) <= np.minimum(last[left], last[right]) + gap
    return near
