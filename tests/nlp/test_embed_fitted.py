"""The corpus-fitted embedder: deterministic, order-free, honest about texts it cannot place."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from nlp.embed import embedder
from nlp.embed_fitted import FittedEmbedder, Space
from nlp.ngrams import CharacterGrams, WordGrams, count, document_frequencies

RIVER = [f"the river bridge {w} closes on monday" for w in ("alpha", "beta", "gamma", "delta")]
BREAD = [f"bread prices {w} rise again in the market" for w in ("north", "south", "east", "west")]
PERSIAN = ["قیمت نان بالا رفت", "قیمت نان دوباره بالا رفت", "پل رودخانه بسته می‌شود", "پل بسته شد"]
TEXTS = RIVER + BREAD + PERSIAN + ["🎉🎉 party", "नमस्ते दुनिया"]


def lengths(rows: np.ndarray) -> np.ndarray:
    return np.linalg.norm(rows, axis=1)


def test_every_known_text_gets_a_row_of_length_one() -> None:
    rows = embedder("fitted").fit(TEXTS).encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape[0] == len(TEXTS)
    np.testing.assert_allclose(lengths(rows), 1, atol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 10, 300])
def test_it_scales_down_to_a_single_text(size: int) -> None:
    texts = [f"number {i} says word{i % 7} and thing{i % 5}" for i in range(size)]
    fitted = FittedEmbedder().fit(texts)
    rows = fitted.encode(texts)
    assert 1 <= fitted.space.axes.shape[1] <= min(64, size)
    assert 1 <= fitted.space.directions.shape[1] <= 96
    np.testing.assert_allclose(lengths(rows), 1, atol=1e-4)


def test_a_text_of_unknown_words_has_no_vector() -> None:
    rows = embedder("fitted").fit(RIVER + BREAD).encode(["ጠቅላይ ሚኒስትር", "", "  "])
    assert not rows.any()


def test_texts_about_the_same_thing_point_the_same_way() -> None:
    rows = embedder("fitted").fit(RIVER + BREAD).encode(RIVER + BREAD)
    cosines = rows @ rows.T
    assert cosines[:4, :4].min() > cosines[:4, 4:].max()


@given(st.permutations(TEXTS))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_corpus_does_not_matter(shuffled: list[str]) -> None:
    one, two = FittedEmbedder().fit(TEXTS), FittedEmbedder().fit(shuffled)
    assert one.digest == two.digest
    np.testing.assert_array_equal(one.encode(TEXTS), two.encode(TEXTS))


@given(st.lists(st.text(max_size=30), max_size=12), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_batches_do_not_matter(texts: list[str], cut: int) -> None:
    fitted = FittedEmbedder().fit([*TEXTS, *texts])
    parts = np.vstack([fitted.encode(texts[:cut]), fitted.encode(texts[cut:])])
    np.testing.assert_array_equal(fitted.encode(texts), parts)


def test_a_large_corpus_uses_the_randomized_form_and_repeats_itself() -> None:
    rng = np.random.default_rng(4)
    pool = [f"{a}{b}{c}" for a in "bdgkl" for b in "aeiou" for c in "mnrst"]
    texts = [" ".join(rng.choice(pool, 8)) for _ in range(1_500)]
    one, two = FittedEmbedder(seed=7).fit(texts), FittedEmbedder(seed=7).fit(texts[::-1])
    assert one.dimension == 64 + 96
    np.testing.assert_array_equal(one.encode(texts[:50]), two.encode(texts[:50]))


def test_another_corpus_or_seed_gives_another_digest() -> None:
    digests = {
        FittedEmbedder().fit(RIVER).digest,
        FittedEmbedder().fit(BREAD).digest,
        FittedEmbedder(seed=1).fit(RIVER).digest,
    }
    assert len(digests) == 3


def test_it_travels_to_workers() -> None:
    fitted = FittedEmbedder().fit(TEXTS)
    copy = pickle.loads(pickle.dumps(fitted))
    assert copy == fitted
    np.testing.assert_array_equal(copy.encode(TEXTS), fitted.encode(TEXTS))


def saved(folder: Path) -> FittedEmbedder:
    fitted = FittedEmbedder(seed=3).fit(TEXTS)
    fitted.save(folder)
    return fitted


def test_a_saved_space_gives_the_same_numbers_and_the_same_digest(tmp_path: Path) -> None:
    fitted = saved(tmp_path / "new" / "folder")
    loaded = FittedEmbedder.load(tmp_path / "new" / "folder")
    assert (loaded.digest, loaded.seed) == (fitted.digest, fitted.seed)
    later = [*TEXTS, "bread on the bridge", "ጠቅላይ", ""]
    np.testing.assert_array_equal(loaded.encode(later), fitted.encode(later))


def test_saving_twice_writes_the_same_files(tmp_path: Path) -> None:
    numbers = [FittedEmbedder().fit(TEXTS).save(tmp_path / name) for name in ("one", "two")]
    assert numbers[0] == numbers[1]
    for name in ("space.npz", "space.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_word_of_the_corpus_is_in_the_saved_files(tmp_path: Path) -> None:
    saved(tmp_path)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"bridge" not in written
    assert "نان".encode() not in written


def test_changed_numbers_are_refused(tmp_path: Path) -> None:
    fitted = saved(tmp_path)
    arrays = {name: getattr(fitted.space, name) for name in Space.__dataclass_fields__}
    arrays["idf"] = arrays["idf"] + 1
    with (tmp_path / "space.npz").open("wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(InputError, match="was changed"):
        FittedEmbedder.load(tmp_path)


def test_another_recipe_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    about = json.loads((tmp_path / "space.json").read_text(encoding="utf-8"))
    (tmp_path / "space.json").write_text(json.dumps(about | {"recipe": "lsa-1"}), encoding="utf-8")
    with pytest.raises(InputError, match="lsa-1"):
        FittedEmbedder.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
@pytest.mark.parametrize("name", ["space.npz", "space.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    saved(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="can be read"):
        FittedEmbedder.load(tmp_path)


def test_a_missing_folder_is_refused_and_nothing_is_saved_before_fitting(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can be read"):
        FittedEmbedder.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="call fit"):
        FittedEmbedder().save(tmp_path / "nothing")


def test_encoding_before_fitting_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="call fit"):
        embedder("fitted").encode(["a"])


def test_a_corpus_of_empty_texts_fits_and_has_no_vectors() -> None:
    rows = embedder("fitted").fit(["", "  "]).encode(["", "word"])
    assert rows.shape == (2, 0)


def test_word_counts_equal_counting_by_hand() -> None:
    texts = ["a b a", "b c", "a b"]
    features, holding = document_frequencies(texts, WordGrams(2))
    # a, b, c, "a b", "b a", "b c"
    assert len(features) == 6
    assert sorted(holding.tolist()) == [1, 1, 1, 2, 2, 3]
    assert count(texts, WordGrams(2), features).sum(axis=1).ravel().tolist() == [[5.0, 3.0, 3.0]]


def test_character_runs_do_not_cross_words_or_texts() -> None:
    separate, _ = document_frequencies(["ab", "cd"], CharacterGrams(3, 5))
    together, _ = document_frequencies(["ab cd"], CharacterGrams(3, 5))
    # " ab", "ab ", " ab " and the same for cd
    assert len(separate) == 6
    np.testing.assert_array_equal(separate, together)


@given(st.lists(st.text(alphabet="ab ", max_size=8), min_size=1, max_size=6))
def test_counts_agree_with_a_plain_loop(texts: list[str]) -> None:
    features, holding = document_frequencies(texts, WordGrams(1))
    by_hand = [set(text.split()) for text in texts]
    assert len(features) == len(set().union(*by_hand))
    assert holding.sum() == sum(len(own) for own in by_hand)
