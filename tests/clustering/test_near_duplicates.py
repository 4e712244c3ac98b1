"""Groups are components of confirmed pairs, whatever the order, batch size or path taken."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clustering.crowded
import clustering.edges
from clustering import find_near_duplicates
from clustering.edges import near_duplicate_pairs
from clustering.jaccard import ShingleSets, all_pairs
from corpus.errors import InputError, SettingsError
from engines.components import component_labels
from engines.local import LocalEngine
from nlp import normalize
from nlp.minhash import MinHashBands, bands_for
from nlp.shingles import KINDS, MIN_SHINGLES, shingles

WORDS = "summit party border truth river market bread سلام مردم حزب мир хлеб 我们支持和平"
VOCABULARY = WORDS.split(" ")


def corpus(seed: int, size: int, *, families: int = 6) -> list[str]:
    """Random texts in families: a few seeds, and copies with words changed, cut or added."""
    rng = random.Random(seed)
    seeds = [
        [rng.choice(VOCABULARY) + str(rng.randrange(9)) for _ in range(14)] for _ in range(families)
    ]
    texts = []
    for _ in range(size):
        words = list(rng.choice(seeds))
        for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
            words[rng.randrange(len(words))] = rng.choice(VOCABULARY)
        texts.append(" ".join(words[: rng.choice([14, 14, 12, 9, 4, 2])]))
    return texts


def same_groups(a: Sequence[int], b: Sequence[int]) -> bool:
    return len(set(zip(a, b, strict=True))) == len(set(a)) == len(set(b))


def jaccard(a: str, b: str, kind: str) -> float:
    left, right = set(shingles(a, kind)), set(shingles(b, kind))
    if min(len(left), len(right)) < MIN_SHINGLES:
        return float(a == b)
    return len(left & right) / len(left | right)


def by_brute_force(texts: list[str], threshold: float, kind: str, *, banded: bool) -> list[int]:
    """The definition, word for word: all pairs, compared as sets of strings."""
    normal = normalize(texts)
    keys: list[set[bytes]] = [set() for _ in texts]
    table = pa.table({"post_id": [str(i) for i in range(len(texts))], "text_norm": normal})
    bands, rows = bands_for(threshold)
    for row in MinHashBands(bands=bands, rows=rows, shingle=kind)(table).to_pylist():
        keys[int(row["post_id"])].add(row["band_key"])
    linked = [
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if normal[i]
        and normal[j]
        and (
            normal[i] == normal[j]
            or (
                jaccard(normal[i], normal[j], kind) >= threshold
                and (not banded or keys[i] & keys[j])
            )
        )
    ]
    labels = component_labels(len(texts), [i for i, _ in linked], [j for _, j in linked])
    return [int(label) for label in labels]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threshold", [0.5, 0.7])
@pytest.mark.parametrize("exact", [True, False])
def test_groups_are_what_brute_force_finds(kind: str, threshold: float, exact: bool) -> None:
    texts = [*corpus(1, 60), "", "@a", "short", "short", "two words"]
    found = find_near_duplicates(texts, threshold, kind, exact)
    expected = by_brute_force(texts, threshold, kind, banded=not exact)
    assert same_groups(found.tolist(), expected)
    assert len(set(expected)) < len(texts) - 10  # there is something to find


@pytest.mark.parametrize("limit", [2, 3, 1000])
@pytest.mark.parametrize("crowded", [0.0, 2.0])
def test_crowded_bands_change_nothing(
    limit: int, crowded: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stars and the rest round find the components of all pairs, however low the limit is, and
    whether band mates are compared one by one or with all texts at once.
    """
    monkeypatch.setattr(clustering.edges, "BUCKET_LIMIT", limit)
    monkeypatch.setattr(clustering.crowded, "CROWDED", crowded)
    monkeypatch.setattr(clustering.crowded, "FIRST_TRIED", 1)
    for seed in range(12):
        texts = corpus(seed, 40, families=2)
        found = find_near_duplicates(texts)
        assert same_groups(found.tolist(), by_brute_force(texts, 0.7, "mixed", banded=True))


@given(seed=st.integers(0, 10**6), rng=st.randoms())
@settings(max_examples=25, deadline=None)
def test_order_changes_only_the_numbers(seed: int, rng: random.Random) -> None:
    texts = [*corpus(seed, 40), "", "", "@only"]
    order = list(range(len(texts)))
    rng.shuffle(order)
    straight = find_near_duplicates(texts)
    shuffled = find_near_duplicates([texts[at] for at in order])
    assert same_groups(straight[order].tolist(), shuffled.tolist())


def test_pairs_are_identical_for_any_batch_size() -> None:
    texts = sorted(set(normalize(corpus(5, 80, families=3))))
    units = pa.table({"post_id": [f"{at:03d}" for at in range(len(texts))], "text_norm": texts})
    options = {"threshold": 0.6, "shingle": "mixed"}
    whole = near_duplicate_pairs(LocalEngine(), units, **options)
    for rows in (1, 7):
        assert near_duplicate_pairs(LocalEngine(rows), units, **options).equals(whole)
    assert whole.num_rows > 10
    for row in whole.to_pylist():
        a, b = (texts[int(row[side])] for side in ("post_a", "post_b"))
        assert row["post_a"] < row["post_b"]
        assert row["similarity"] == pytest.approx(jaccard(a, b, "mixed"), abs=1e-6)
        assert row["similarity"] >= 0.6 - 1e-6


@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.2, 0.5, 0.7, 0.9, 1.0]))
@settings(max_examples=25, deadline=None)
def test_the_prefix_filter_loses_no_pair(seed: int, threshold: float) -> None:
    texts = sorted(set(normalize(corpus(seed, 30))))
    left, right, similarity = all_pairs(ShingleSets(texts, "word-1"), threshold)
    found = {(int(i), int(j)): float(s) for i, j, s in zip(left, right, similarity, strict=True)}
    expected = {
        (i, j): jaccard(texts[i], texts[j], "word-1")
        for i, j in combinations(range(len(texts)), 2)
        if jaccard(texts[i], texts[j], "word-1") >= threshold
    }
    assert found == pytest.approx(expected)


def test_typical_copies_are_one_group_and_mentions_alone_are_none() -> None:
    texts = [
        "RT @a: They will betray us at the summit tomorrow! https://x.y",
        "they will betray us at the SUMMIT tomorrow",
        "Thеy will betray us at the summit tomorrow 🔥",  # a Cyrillic letter
        "@one @two",
        "@three",
        "something else entirely is going on in this town",
    ]
    assert find_near_duplicates(texts, 0.6).tolist() == [0, 0, 0, 1, 2, 3]


def test_labels_are_numbered_in_order_of_appearance() -> None:
    found = find_near_duplicates(["x y z", "a b c", "x y z", "q r s"])
    assert found.tolist() == [0, 1, 0, 2]
    assert found.dtype == np.int64
    assert find_near_duplicates([]).tolist() == []


def test_what_cannot_be_used_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match=r"threshold = 0; expected a number above 0"):
        find_near_duplicates(["a"], threshold=0)
    with pytest.raises(SettingsError, match="expected one of word-1"):
        find_near_duplicates(["a"], shingle="words")
    with pytest.raises(InputError, match="text 0 is int"):
        find_near_duplicates([1])  # type: ignore[list-item]
