"""The compiled walk finds the families of the definition, for any order, threads and buckets."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering import find_near_duplicates
from clustering.edges import near_duplicate_pairs, unit_labels
from clustering.families import text_families, unit_families
from clustering.jaccard import ShingleSets, all_pairs, reaches
from clustering.walk import walk
from engines.components import component_labels
from engines.local import LocalEngine
from nlp import normalize
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import TextColumn
from nlp.compiled.sketching import shingle_rows
from nlp.shingles import KINDS

VOCABULARY = "summit party border truth river market bread سلام مردم حزب мир хлеб 我们支持和平"
WORDS = VOCABULARY.split(" ")


def corpus(seed: int, size: int, families: int = 6) -> list[str]:
    """Texts in families of near copies; some are cut to almost nothing, some are equal."""
    rng = random.Random(seed)
    seeds = [
        [rng.choice(WORDS) + str(rng.randrange(9)) for _ in range(14)] for _ in range(families)
    ]
    texts = []
    for _ in range(size):
        words = list(rng.choice(seeds))
        for _ in range(rng.choice([0, 1, 1, 2, 4, 6])):
            words[rng.randrange(len(words))] = rng.choice(WORDS) + str(rng.randrange(40))
        texts.append(" ".join(words[: rng.choice([14, 14, 12, 9, 4, 2, 0])]))
    return normalize(texts)


def column(texts: list[str]) -> TextColumn:
    return TextColumn.from_arrow(pa.array(texts, pa.large_string()))


def by_verbs(texts: list[str], threshold: float, shingle: str) -> np.ndarray:
    """The families that the engine's verbs find."""
    ids = [f"{at:06d}" for at in range(len(texts))]
    table = pa.table({"post_id": ids, "text_norm": texts})
    pairs = near_duplicate_pairs(LocalEngine(), table, threshold=threshold, shingle=shingle)
    left, right = (
        np.array([int(name) for name in pairs.column(side).to_pylist()], dtype=np.int64)
        for side in ("post_a", "post_b")
    )
    return component_labels(len(texts), left, right)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
def test_the_walk_finds_the_families_of_the_engines_verbs(kind: str, threshold: float) -> None:
    texts = sorted(set(corpus(3, 1_500, families=40)) - {""})
    found = unit_families(column(texts), threshold=threshold, shingle=kind, threads=2)
    assert np.array_equal(found, by_verbs(texts, threshold, kind))
    assert len(set(found.tolist())) < len(texts) - 10  # there is something to find


@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.3, 0.6, 0.7, 1.0]))
@settings(max_examples=40, deadline=None)
def test_small_corpora_agree_too(seed: int, threshold: float) -> None:
    texts = sorted(set(corpus(seed, 40, families=2)) - {""})
    found = unit_families(column(texts), threshold=threshold, shingle="word-1")
    assert np.array_equal(found, by_verbs(texts, threshold, "word-1"))


@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.2, 0.5, 0.7, 0.8, 1.0]))
@settings(max_examples=60, deadline=None)
def test_one_bucket_of_all_texts_joins_what_the_exact_join_joins(
    seed: int, threshold: float
) -> None:
    """Lists of components and sketches skip pairs; no pair that would have joined anything."""
    texts = sorted(set(corpus(seed, 60, families=3)) - {""})
    sets = shingle_rows(column(texts), np.arange(len(texts)), "word-1")
    order = np.random.default_rng(seed).permutation(len(texts))
    bucket = [(np.zeros(len(texts), dtype=np.uint64), order)]
    found, _ = walk(bucket, sets.data, sets.offsets, threshold)
    readable = ShingleSets(texts, "word-1")
    pairs = np.array(list(combinations(range(len(texts)), 2)))
    near = reaches(readable.jaccard(pairs[:, 0], pairs[:, 1]), threshold)
    assert np.array_equal(found, component_labels(len(texts), *pairs[near].T))


def test_a_large_family_costs_about_one_comparison_a_text() -> None:
    words = [f"w{at}" for at in range(20)]
    texts = [" ".join([*words, f"extra{at}"]) for at in range(2_000)]
    sets = shingle_rows(column(texts), np.arange(len(texts)), "word-1")
    bucket = (np.zeros(len(texts), dtype=np.uint64), np.arange(len(texts)))
    found, compared = walk([bucket] * 25, sets.data, sets.offsets, 0.7)
    assert not found.any()
    assert compared == len(texts) - 1


@pytest.fixture(scope="module")
def many() -> list[str]:
    texts = corpus(8, MANY_TEXTS + 700, families=150)
    return [*texts, "", "@only", "@mentions http://x.y"]


def test_the_door_finds_the_same_groups_for_many_texts_as_in_the_exact_join(
    many: list[str],
) -> None:
    found = find_near_duplicates(many, 0.5, "word-1")
    exact = find_near_duplicates(many, 0.5, "word-1", exact=True)
    together = len(set(zip(found.tolist(), exact.tolist(), strict=True)))
    assert together == len(set(found.tolist()))  # each group lies inside an exact one
    # Bands miss few pairs, and often another pair joins the family.
    assert together <= 1.03 * len(set(exact.tolist()))


def test_order_kind_of_column_and_threads_change_no_group(many: list[str]) -> None:
    straight = find_near_duplicates(many)
    order = np.random.default_rng(1).permutation(len(many))
    shuffled = [many[at] for at in order]
    for texts in (shuffled, pd.Series(shuffled), pa.chunked_array([shuffled[:99], shuffled[99:]])):
        found = find_near_duplicates(texts, threads=3)
        assert (
            len(set(zip(straight[order].tolist(), found.tolist(), strict=True)))
            == len(set(found.tolist()))
            == len(set(straight.tolist()))
        )
    assert found.dtype == np.int64
    assert found[0] == 0
    assert (np.diff(np.maximum.accumulate(found)) <= 1).all()  # numbered in order of appearance


def test_empty_texts_are_alone_and_equal_texts_together(many: list[str]) -> None:
    texts = ["", *many, *many]
    own = TextColumn(column(texts).data.copy(), column(texts).offsets)
    found = text_families(own, threshold=0.7, shingle="mixed")
    assert [found[at] for at, text in enumerate(texts) if not text] == [
        at for at, text in enumerate(texts) if not text
    ]
    held = np.array([bool(text) for text in many])
    assert np.array_equal(found[1 : len(many) + 1][held], found[len(many) + 1 :][held])


def test_the_exact_join_is_within_the_banded_families_of_the_stage(many: list[str]) -> None:
    """unit_labels takes the compiled walk for many rows and the verbs for few."""
    units = sorted(set(many) - {""})
    table = pa.table({"post_id": [f"{at:06d}" for at in range(len(units))], "text_norm": units})
    found = unit_labels(LocalEngine(), table, threshold=0.7, shingle="mixed")
    assert np.array_equal(found, by_verbs(units, 0.7, "mixed"))
    few = table.slice(0, MANY_TEXTS - 1)
    found = unit_labels(LocalEngine(), few, threshold=0.7, shingle="mixed")
    assert np.array_equal(
        found, unit_families(column(units[: MANY_TEXTS - 1]), threshold=0.7, shingle="mixed")
    )
    left, right, _ = all_pairs(ShingleSets(units, "mixed"), 0.7)
    exact = component_labels(len(units), left, right)
    whole = unit_labels(LocalEngine(), table, threshold=0.7, shingle="mixed")
    assert len(set(zip(whole.tolist(), exact.tolist(), strict=True))) == len(set(whole.tolist()))
