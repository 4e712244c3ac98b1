"""Compiled sketches are datasketch's, and shingle sets and keys are those of the readable path."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.tables import BANDS, check
from engines.local import LocalEngine
from nlp import MinHasher, normalize
from nlp.compiled import MANY_TEXTS
from nlp.compiled.collapsing import first_equal, keep_only
from nlp.compiled.columns import TextColumn
from nlp.compiled.sketching import band_keys, shingle_rows, signatures
from nlp.minhash import MinHashBands
from nlp.minhash import band_keys as readable_band_keys
from nlp.shingles import KINDS, hash_shingles, shingle_hash, shingles

WORDS = [
    *["the", "summit", "of", "our", "party", "سلام", "مردم", "ایران", "мир", "труд"],
    *["我们支持和平进程", "平和を", "ไทย", "#tag", "😂", "14"],
]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
    | st.text(max_size=40).map(lambda text: normalize([text])[0]),
    max_size=8,
)


def column(texts: list[str]) -> TextColumn:
    return TextColumn.from_arrow(pa.array(texts, pa.large_string()))


def many_texts(seed: int, size: int = MANY_TEXTS + 500) -> list[str]:
    """Normalized texts of four scripts in families, with very short and very long ones."""
    rng = random.Random(seed)
    families = [[rng.choice(WORDS) + str(rng.randrange(50)) for _ in range(12)] for _ in range(99)]
    texts = ["", "a", "a b", "one two three four five six seven " * 400, "漢字" * 3_000]
    while len(texts) < size:
        words = list(rng.choice(families))[: rng.choice([1, 3, 6, 12, 12])]
        words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(" ".join(words))
    return normalize(texts)


def of_datasketch(texts: list[str], kind: str) -> np.ndarray:
    cut = [shingles(text, kind) for text in texts]
    sketches = MinHash.bulk(cut, num_perm=128, seed=1, hashfunc=shingle_hash)
    return np.array([sketch.hashvalues for sketch in sketches], dtype=np.uint32)


@pytest.mark.parametrize("kind", KINDS)
@given(texts=TEXTS)
@settings(deadline=None)
def test_compiled_signatures_are_datasketchs_bit_for_bit(kind: str, texts: list[str]) -> None:
    ours = signatures(column(texts), kind, MinHasher().scheme())
    assert ours.shape == (len(texts), 128)
    if texts:
        assert np.array_equal(ours, of_datasketch(texts, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_door_gives_many_texts_datasketchs_signatures(kind: str) -> None:
    texts = many_texts(1)
    assert np.array_equal(MinHasher(shingle=kind).signatures(texts), of_datasketch(texts, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_keys_and_sets_are_those_of_the_readable_path(kind: str) -> None:
    texts = many_texts(2)
    hashed = hash_shingles(texts, kind)
    hasher = MinHasher(shingle=kind)
    keys, comparable = band_keys(column(texts), kind, hasher.scheme(), (25, 5), threads=2)
    expected = readable_band_keys(hasher.readable_signatures(texts), 25, 5, hashed.by_words)
    assert np.array_equal(comparable, hashed.comparable())
    assert np.array_equal(keys.T[comparable], expected[comparable])
    rows = np.arange(len(texts))[::-1].copy()
    sets = shingle_rows(column(texts), rows, kind, threads=2)
    for place, row in enumerate(rows.tolist()):
        held = hashed.hashes[hashed.offsets[row] : hashed.offsets[row + 1]]
        ours = sets.data[sets.offsets[place] : sets.offsets[place + 1]]
        assert np.array_equal(ours, np.unique(held))


def test_the_kernel_gives_the_same_keys_for_many_rows_and_few() -> None:
    texts = many_texts(3)
    table = pa.table({"post_id": [str(at) for at in range(len(texts))], "text_norm": texts})
    whole = check(MinHashBands()(table), BANDS)
    assert whole.equals(LocalEngine(300).map(table, MinHashBands()))


def test_datasketchs_index_finds_the_same_neighbours_for_ours_as_for_its_own() -> None:
    texts = sorted(set(many_texts(4)))[:MANY_TEXTS]
    hasher = MinHasher(shingle="word-1")
    cut = [shingles(text, "word-1") for text in texts]
    own = MinHash.bulk(cut, num_perm=128, seed=1, hashfunc=shingle_hash)
    ours = [hasher.to_datasketch(row) for row in hasher.signatures(texts)]
    neighbours = []
    for sketches in (own, ours):
        index = MinHashLSH(threshold=0.7, num_perm=128)
        for at, sketch in enumerate(sketches):
            index.insert(at, sketch)
        neighbours.append([sorted(index.query(sketch)) for sketch in own])
    assert neighbours[0] == neighbours[1]
    assert max(map(len, neighbours[0])) > 1


def test_equal_texts_are_found_and_empty_ones_equal_nothing() -> None:
    texts = [*many_texts(5), *many_texts(5), "", ""]
    firsts: dict[str, int] = {}
    expected = [firsts.setdefault(t, at) if t else at for at, t in enumerate(texts)]
    found = first_equal(column(texts), threads=2)
    assert found.tolist() == expected
    assert Counter(expected).most_common(1)[0][1] > 1
    rows = np.flatnonzero(np.array(expected) == np.arange(len(texts)))
    own = TextColumn(column(texts).data.copy(), column(texts).offsets)
    assert keep_only(own, rows).to_arrow().to_pylist() == [texts[row] for row in rows]


def test_texts_are_never_one_by_their_digest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import nlp.compiled.collapsing as collapsing

    monkeypatch.setattr(
        collapsing, "digests", lambda texts, threads: np.zeros(len(texts), dtype=np.uint64)
    )
    assert first_equal(column(["a", "b", "a", "bb", "b", ""])).tolist() == [0, 1, 0, 3, 1, 5]
