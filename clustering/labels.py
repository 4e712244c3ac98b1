"""What is a narrative called? Terms that its accounts use and the other narratives' do not.

In: which account posted which talking point in which narrative, and the points' texts. Out: terms
for each narrative, strongest first, and a label made of the leading ones. The measure is c-TF-IDF
(Grootendorst 2022), with accounts as the unit in place of occurrences, so that one loud account
cannot name a narrative. Stop words are data, by language; words are spelled as the accounts wrote
them, lower case, hashtags kept; in scripts without blanks runs of letters stand for words. No two
narratives carry the same label. A label is a name, not a verdict: the quote is the evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.tokens import grams, stop_words, words

Codes = NDArray[np.int64]

TERMS_KEPT = 10
LABEL_TERMS = 4
SEPARATOR = " · "
# A fallback label is as long as a short headline.
FALLBACK_WORDS = 6
FALLBACK_CHARACTERS = 60


@dataclass(frozen=True)
class Usage:
    """Distinct (narrative, account, point) triples, as codes from 0; equal lengths."""

    narrative: Codes
    account: Codes
    point: Codes


def narrative_terms(
    usage: Usage, texts: Sequence[str], narratives: int, lang: str, kept: int = TERMS_KEPT
) -> list[list[str]]:
    """Return up to `kept` terms for each of `narratives`, strongest first, ties by spelling.

    `texts` holds one text for each point code. A term that stands in one point alone names nothing,
    unless the narrative has no other.
    """
    vocabulary, holds = _terms_of_points(texts, lang)
    if not vocabulary or len(usage.narrative) == 0:
        return [[] for _ in range(narratives)]
    accounts = _accounts_using(usage, holds, narratives)
    points = _points_using(usage, holds, narratives)
    scores = _class_tf_idf(accounts)
    return [
        _strongest(scores.getrow(row), points.getrow(row), vocabulary, kept)
        for row in range(narratives)
    ]


def labels_from_terms(terms: Sequence[Sequence[str]], quotes: Sequence[str]) -> list[str]:
    """Return one label a narrative, all different.

    Its leading terms, more of them where two would be equal; then the first words of its quote,
    and last a number, in the order given.
    """
    lengths = [LABEL_TERMS] * len(terms)
    labels = _joined(terms, lengths, quotes)
    for _ in range(TERMS_KEPT - LABEL_TERMS):
        shared = _shared(labels)
        if not shared:
            return labels
        lengths = [n + (label in shared) for n, label in zip(lengths, labels, strict=True)]
        labels = _joined(terms, lengths, quotes)
    shared = _shared(labels)
    labels = [
        f"{label}{SEPARATOR}{_from_quote(quote)}" if label in shared else label
        for label, quote in zip(labels, quotes, strict=True)
    ]
    return _numbered(labels)


def _shared(labels: Sequence[str]) -> set[str]:
    return {label for label, count in Counter(labels).items() if count > 1}


def _numbered(labels: Sequence[str]) -> list[str]:
    """Add a number to the second and every further narrative of one label."""
    taken: set[str] = set()
    numbered = []
    for label in labels:
        number, own = 1, label
        while own in taken:
            number += 1
            own = f"{label} ({number})"
        taken.add(own)
        numbered.append(own)
    return numbered


def _joined(
    terms: Sequence[Sequence[str]], lengths: Sequence[int], quotes: Sequence[str]
) -> list[str]:
    return [
        SEPARATOR.join(own[:length]) or _from_quote(quote)
        for own, length, quote in zip(terms, lengths, quotes, strict=True)
    ]


def _from_quote(quote: str) -> str:
    """Return the quote's first words: for texts of emoji or function words alone."""
    return " ".join(quote.split()[:FALLBACK_WORDS])[:FALLBACK_CHARACTERS]


def terms(text: str, lang: str) -> set[str]:
    """Return the words and word pairs of `text` that can name something.

    In a script without blanks its runs of two to four letters.
    """
    stop = stop_words(lang)
    found: set[str] = set()
    spoken = []
    for word in words(text, lang):
        runs = [] if word.startswith("#") else grams(word)
        found.update(run for run in runs if _can_name(run, stop))
        spoken.append(word if not runs and _can_name(word, stop) else "")
    pairs = {f"{a} {b}" for a, b in pairwise(spoken) if a and b and a != b}
    return (found | set(spoken) | pairs) - {""}


def _can_name(word: str, stop: frozenset[str]) -> bool:
    letters = sum(character.isalpha() for character in word)
    return letters > 0 and len(word) > 1 and word not in stop and word.lstrip("#") not in stop


def _terms_of_points(texts: Sequence[str], lang: str) -> tuple[list[str], sparse.csr_matrix]:
    """Return the terms of at least two texts (all, where none is) and which text holds which."""
    held = [sorted(terms(text, lang)) for text in texts]
    flat = np.array([term for own in held for term in own], dtype=object)
    if len(flat) == 0:
        return [], sparse.csr_matrix((len(texts), 0))
    vocabulary, codes, counts = np.unique(flat, return_inverse=True, return_counts=True)
    rows = np.repeat(np.arange(len(texts)), [len(own) for own in held])
    ones = np.ones(len(rows), dtype=np.int64)
    matrix = sparse.csr_matrix((ones, (rows, codes)), shape=(len(texts), len(vocabulary)))
    kept = np.flatnonzero(counts >= (2 if (counts >= 2).any() else 1))
    return [str(term) for term in vocabulary[kept]], matrix[:, kept]


def _accounts_using(usage: Usage, holds: sparse.csr_matrix, narratives: int) -> sparse.csr_matrix:
    """Count, for each narrative and term, the accounts that used it."""
    width = int(usage.account.max()) + 1
    units, unit = np.unique(usage.narrative * width + usage.account, return_inverse=True)
    said = _incidence(unit, usage.point, (len(units), holds.shape[0]))
    used = (said @ holds).astype(bool).astype(np.int64)
    belongs = _incidence(units // width, np.arange(len(units)), (narratives, len(units)))
    return sparse.csr_matrix(belongs @ used)


def _points_using(usage: Usage, holds: sparse.csr_matrix, narratives: int) -> sparse.csr_matrix:
    said = _incidence(usage.narrative, usage.point, (narratives, holds.shape[0]))
    return sparse.csr_matrix(said @ holds)


def _incidence(rows: Codes, columns: Codes, shape: tuple[int, int]) -> sparse.csr_matrix:
    ones = np.ones(len(rows), dtype=np.int64)
    present = sparse.csr_matrix((ones, (rows, columns)), shape=shape).astype(bool)
    return sparse.csr_matrix(present.astype(np.int64))


def _class_tf_idf(accounts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Share of the narrative's use, times log(1 + average use / the term's use everywhere)."""
    totals = np.asarray(accounts.sum(axis=1)).ravel()
    everywhere = np.asarray(accounts.sum(axis=0)).ravel()
    weight = np.log1p(totals.mean() / np.maximum(everywhere, 1))
    share = accounts.astype(np.float64).tocsr()
    share.data *= weight[share.indices] / np.repeat(totals, np.diff(share.indptr))
    return share


def _strongest(
    scores: sparse.csr_matrix, points: sparse.csr_matrix, vocabulary: Sequence[str], kept: int
) -> list[str]:
    in_points = dict(zip(points.indices.tolist(), points.data.tolist(), strict=True))
    least = min(2, max(in_points.values(), default=0))
    ranked = sorted(
        (-round(score, 12), vocabulary[term])
        for term, score in zip(scores.indices.tolist(), scores.data.tolist(), strict=True)
        if in_points.get(term, 0) >= least
    )
    return _without_repeats([term for _, term in ranked], kept)


def _without_repeats(ranked: Sequence[str], kept: int) -> list[str]:
    """Drop terms that say nothing new; a pair takes the place of a word that it contains."""
    chosen: list[str] = []
    for term in ranked:
        if len(chosen) == kept:
            break
        if any(_within(term, other) for other in chosen):
            continue
        covered = [other for other in chosen if _within(other, term)]
        if covered:
            chosen = [term if other == covered[0] else other for other in chosen]
            chosen = [other for other in chosen if other not in covered[1:]]
        else:
            chosen.append(term)
    return chosen


def _within(term: str, other: str) -> bool:
    """Whether `other` holds all of `term`: its words, or its run of letters."""
    return _bare(term) <= _bare(other) or (term in other and bool(grams(term)))


def _bare(term: str) -> set[str]:
    return {word.lstrip("#") for word in term.split()}
