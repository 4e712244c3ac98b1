"""Shingles and sketches: vectorised equals readable, and both equal datasketch bit for bit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.tables import BANDS, check
from engines.local import LocalEngine
from nlp import MinHasher, normalize
from nlp.minhash import MinHashBands, bands_for
from nlp.shingles import (
    CHAR_MARK,
    KINDS,
    MIN_SHINGLES,
    hash_shingles,
    shingle_hash,
    shingles,
)

VOCABULARY = (
    "the summit of our party must not fail سلام مردم ایران мир труд май "
    "我们支持和平进程 平和を ไทย #tag 😂 1402"
)
WORDS = st.sampled_from(sorted(set(VOCABULARY.split(" "))))
TEXTS = st.lists(
    st.lists(WORDS, max_size=12).map(" ".join)
    | st.text(max_size=30).map(lambda t: normalize([t])[0]),
    max_size=8,
)


def datasketch_signatures(texts: list[str], kind: str, **options: int) -> np.ndarray:
    cut = [shingles(text, kind) for text in texts]
    sketches = MinHash.bulk(cut, hashfunc=shingle_hash, **options)
    return np.array([sketch.hashvalues for sketch in sketches], dtype=np.uint32)


@pytest.mark.parametrize("kind", KINDS)
@given(texts=TEXTS)
def test_signatures_are_datasketchs_bit_for_bit(kind: str, texts: list[str]) -> None:
    ours = MinHasher(shingle=kind).signatures_of_normalized(texts)
    assert ours.dtype == np.uint32
    assert ours.shape == (len(texts), 128)
    if texts:
        assert np.array_equal(ours, datasketch_signatures(texts, kind, num_perm=128, seed=1))


def test_other_seeds_and_sizes_are_datasketchs_too() -> None:
    texts = ["one two three four five six seven", "کوتاه"]
    ours = MinHasher(num_perm=17, seed=99).signatures(texts)
    theirs = datasketch_signatures(normalize(texts), "mixed", num_perm=17, seed=99)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
@given(texts=TEXTS)
def test_hashed_shingles_are_those_of_the_readable_twin(kind: str, texts: list[str]) -> None:
    hashed = hash_shingles(texts, kind)
    short = (hashed.hashes >> np.uint64(32)).tolist()
    for at, text in enumerate(texts):
        expected = [shingle_hash(shingle) for shingle in shingles(text, kind)]
        assert short[hashed.offsets[at] : hashed.offsets[at + 1]] == expected
        assert hashed.comparable()[at] == (len(set(shingles(text, kind))) >= MIN_SHINGLES)


def test_a_text_longer_than_a_chunk_is_hashed_whole() -> None:
    text = "ab cd " * 400_000 + "end"
    hashed = hash_shingles(["before it", text, "after it"], "word-1")
    assert hashed.counts().tolist() == [2, 800_001, 2]
    assert int(hashed.hashes[-3] >> np.uint64(32)) == shingle_hash("end")


def test_mixed_cuts_long_spaced_texts_into_words_and_others_into_characters() -> None:
    assert shingles("a b c d e f") == [*"abcdef"]
    assert shingles("abcde") == [CHAR_MARK + "abcd", CHAR_MARK + "bcde"]
    assert shingles("我们 支持 和平 进程 的 人")[0].startswith(CHAR_MARK)
    assert shingles("") == shingles("abc") == []


@given(TEXTS)
def test_characters_and_words_of_a_mixed_set_never_meet(texts: list[str]) -> None:
    cut = [shingles(text) for text in texts]
    characters = {s for each in cut for s in each if s.startswith(CHAR_MARK)}
    words = {s for each in cut for s in each if not s.startswith(CHAR_MARK)}
    assert not {shingle_hash(s) for s in characters} & {shingle_hash(s) for s in words}


def test_datasketchs_own_index_finds_our_sketches() -> None:
    hasher = MinHasher(shingle="word-1")
    texts = ["we all support the peaceful summit today", "we all support the peaceful summit", "no"]
    sketches = [hasher.to_datasketch(row) for row in hasher.signatures(texts)]
    index = MinHashLSH(threshold=0.5, num_perm=128)
    for at, sketch in enumerate(sketches):
        index.insert(at, sketch)
    assert sorted(index.query(sketches[0])) == [0, 1]
    assert sketches[0].jaccard(sketches[1]) == pytest.approx(6 / 7, abs=0.1)
    assert LeanMinHash(sketches[0]).jaccard(LeanMinHash(sketches[0])) == 1.0


def test_what_is_no_signature_is_refused() -> None:
    with pytest.raises(SettingsError, match="uint32 of 128"):
        MinHasher().to_datasketch(np.zeros(64, dtype=np.uint32))
    with pytest.raises(SettingsError, match="float64"):
        MinHasher().to_datasketch(np.zeros(128))
    with pytest.raises(SettingsError, match="expected one of word-1"):
        MinHasher(shingle="word-9")
    with pytest.raises(SettingsError, match="more than num_perm"):
        MinHashBands(bands=64, rows=4)
    with pytest.raises(SettingsError, match="expected a number from 1"):
        MinHasher(num_perm=0)


def test_empty_texts_have_empty_signatures() -> None:
    assert (MinHasher().signatures(["", "@a"]) == 0xFFFFFFFF).all()
    assert MinHasher().signatures([]).shape == (0, 128)


def test_lower_thresholds_get_more_bands() -> None:
    assert bands_for(0.7) == (25, 5)
    assert bands_for(0.6) == (32, 4)


@given(TEXTS)
def test_bands_do_not_depend_on_batches_and_leave_out_texts_that_say_too_little(
    texts: list[str],
) -> None:
    table = pa.table(
        {
            "post_id": pa.array(map(str, range(len(texts))), pa.string()),
            "text_norm": pa.array(texts, pa.string()),
        }
    )
    whole = check(LocalEngine().map(table, MinHashBands()), BANDS)
    assert LocalEngine(1).map(table, MinHashBands()).equals(whole)
    enough = [str(at) for at, t in enumerate(texts) if len(set(shingles(t))) >= MIN_SHINGLES]
    assert sorted(set(whole["post_id"].to_pylist())) == sorted(enough)
    assert whole.num_rows == 25 * len(enough)
    assert {len(key) for key in whole["band_key"].to_pylist()} <= {8}


def test_equal_texts_meet_in_every_band_and_other_texts_in_none() -> None:
    texts = ["a b c d e f g", "a b c d e f g", "p q r s t u v"]
    table = pa.table({"post_id": ["0", "1", "2"], "text_norm": texts})
    keys: dict[str, set[bytes]] = {"0": set(), "1": set(), "2": set()}
    for row in MinHashBands()(table).to_pylist():
        keys[row["post_id"]].add(row["band_key"])
    assert keys["0"] == keys["1"]
    assert len(keys["0"]) == 25  # the band's number is part of the key
    assert not keys["0"] & keys["2"]
