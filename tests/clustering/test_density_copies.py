"""Copies are not density: what one account or a thousand repeat does not make a narrative."""

from __future__ import annotations

import numpy as np
import pytest

from clustering import NarrativeClusterer, find_near_duplicates
from nlp import embedder, normalize

SUBJECTS, POINTS, POSTS = 16, 480, 3_000
WORDS_EACH, COMMON = 60, 400
EXTRAS = ("", " #now", " please share", " @friend look", " https://t.co/a1b2c3", " !!!")


@pytest.fixture(scope="module")
def corpus() -> tuple[list[str], np.ndarray]:
    """Posts that copy talking points with small edits, the first points most (Zipf), and whose."""
    rng = np.random.default_rng(17)
    letters = np.array(list("bcdfghklmnprstvz")), np.array(list("aeiou"))
    makers = [letters[0], letters[1]] * 3

    def words(count: int) -> np.ndarray:
        return np.array(["".join(rng.choice(part) for part in makers) for _ in range(count)])

    own, common = [words(WORDS_EACH) for _ in range(SUBJECTS)], words(COMMON)
    points = []
    for at in range(POINTS):
        # Half of the points stand in a subject, the others use words of all: they are alone.
        pool = own[at % SUBJECTS] if at % 2 else np.concatenate(own)
        chosen = [*rng.choice(pool, 7, replace=False), *rng.choice(common, 7, replace=False)]
        points.append(" ".join(rng.permutation(chosen)))
    share = 1 / np.arange(1, POINTS + 1) ** 1.1
    source = rng.permutation(POINTS)[rng.choice(POINTS, POSTS, p=share / share.sum())]
    source = np.concatenate([np.arange(POINTS), source])
    posts = [points[at] + EXTRAS[rng.integers(len(EXTRAS))] for at in source]
    return posts, source


def groups_of_one_point(labels: np.ndarray, points: np.ndarray) -> tuple[int, int]:
    """How many groups there are, and how many of them hold one talking point alone."""
    groups = [points[labels == group] for group in range(labels.max() + 1)]
    return len(groups), sum(len(set(members)) == 1 for members in groups)


def test_raw_copies_do_not_make_narratives(corpus: tuple[list[str], np.ndarray]) -> None:
    posts, source = corpus
    texts = normalize(posts)
    families = find_near_duplicates(texts)
    _, exemplars, sizes = np.unique(families, return_index=True, return_counts=True)
    assert len(exemplars) < len(posts) / 5  # the copies were found
    vectors = embedder("fitted").fit([texts[at] for at in exemplars]).encode(texts)
    clusterer = NarrativeClusterer(5, 2)

    raw, raw_alone = groups_of_one_point(clusterer.fit_predict(vectors), source)
    assert raw_alone > raw / 2  # over posts, most groups are one text copied

    labels = clusterer.fit_predict(vectors[exemplars], weights=sizes)
    found, alone = groups_of_one_point(labels, source[exemplars])
    assert found >= SUBJECTS / 2
    assert alone == 0
    for group in range(found):
        assert len(set(source[exemplars][labels == group])) >= 5
