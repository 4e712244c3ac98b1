"""Kept vectors: equal to what was computed, safe from damage and from two runs at once, bounded."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp import embed_cache
from nlp.embed_cache import VectorCache, current_cache, vectors_kept_in

DIMENSION = 8
DIGEST = "d" * 64
TEXTS = ["plain", "قیمت نان در این زمستان می‌رود", "🕊️🕊️", "lone \ud800 surrogate", "x" * 5_000]


def rows_of(texts: list[str]) -> np.ndarray:
    """Different rows for different texts, the same for the same text."""
    drawn = [np.random.default_rng(list(t.encode("utf-8", "surrogatepass"))) for t in texts]
    return np.array([d.normal(size=DIMENSION) for d in drawn], dtype=np.float32)


def no_cut(texts: list[str]) -> np.ndarray:
    return np.zeros(len(texts), dtype=np.bool_)


def opened(folder: Path, **more: int) -> VectorCache:
    return VectorCache(folder, DIGEST, DIMENSION, **more)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.vectors"))


@given(batches=st.lists(st.lists(st.text(min_size=1), unique=True, min_size=1), min_size=1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_kept_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    for batch in batches:
        opened(folder).keep(batch, rows_of(batch), np.array([len(t) > 3 for t in batch]))
    asked = [*sorted({text for batch in batches for text in batch}), "never seen before by it"]
    rows, cut, known = opened(folder).look_up(asked)
    assert known.tolist() == [True] * (len(asked) - 1) + [False]
    np.testing.assert_array_equal(rows[:-1], rows_of(asked[:-1]))
    assert cut[:-1].tolist() == [len(text) > 3 for text in asked[:-1]]
    assert not rows[-1].any()


def test_no_text_is_stored(tmp_path: Path) -> None:
    text = "a sentence that nobody else should read"
    opened(tmp_path).keep([text], rows_of([text]), no_cut([text]))
    assert all(text.encode() not in path.read_bytes() for path in parts(tmp_path))


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    opened(tmp_path).keep(TEXTS, rows_of(TEXTS), no_cut(TEXTS))
    assert not VectorCache(tmp_path, "e" * 64, DIMENSION).look_up(TEXTS)[2].any()


@pytest.mark.parametrize("damage", ["flip", "cut short", "empty", "other format"])
def test_a_damaged_part_is_a_note_and_its_texts_are_unknown(tmp_path: Path, damage: str) -> None:
    opened(tmp_path).keep(TEXTS, rows_of(TEXTS), no_cut(TEXTS))
    (path,) = parts(tmp_path)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(
        {"flip": bytes(body), "cut short": bytes(body[:50]), "empty": b""}.get(damage, b"{}")
    )
    cache = opened(tmp_path)
    assert not cache.look_up(TEXTS)[2].any()
    assert "encoded again" in cache.take_notes()[0] and not cache.take_notes()
    assert not path.exists()
    cache.keep(TEXTS, rows_of(TEXTS), no_cut(TEXTS))
    np.testing.assert_array_equal(opened(tmp_path).look_up(TEXTS)[0], rows_of(TEXTS))


def test_many_small_parts_become_few_and_lose_nothing(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(60)]
    for text in texts:
        opened(tmp_path).keep([text], rows_of([text]), no_cut([text]))
    assert len(parts(tmp_path)) <= embed_cache.MAX_PARTS
    rows, _, known = opened(tmp_path).look_up(texts)
    assert known.all()
    np.testing.assert_array_equal(rows, rows_of(texts))


def test_a_reader_keeps_what_it_opened_while_another_run_joins_parts(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.keep(TEXTS, rows_of(TEXTS), no_cut(TEXTS))
    reader = opened(tmp_path)
    for n in range(2 * embed_cache.MAX_PARTS):
        first.keep([f"more {n}"], rows_of([f"more {n}"]), no_cut(["one"]))
    np.testing.assert_array_equal(reader.look_up(TEXTS)[0], rows_of(TEXTS))


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for n in range(30):
            texts = [f"{name} {n}", f"shared {n}"]
            opened(tmp_path).keep(texts, rows_of(texts), no_cut(texts))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    cache = opened(tmp_path)
    texts = [f"{name} {n}" for name in ("a", "b", "c", "shared") for n in range(30)]
    rows, _, known = cache.look_up(texts)
    assert known.all() and not cache.notes
    np.testing.assert_array_equal(rows, rows_of(texts))


def test_the_folder_stays_within_its_bound_and_the_newest_part_stays(tmp_path: Path) -> None:
    bound = 4_000
    for n in range(12):
        texts = [f"{n} {m}" for m in range(10)]
        opened(tmp_path, max_bytes=bound).keep(texts, rows_of(texts), no_cut(texts))
    assert sum(path.stat().st_size for path in parts(tmp_path)) <= bound
    assert opened(tmp_path).look_up(texts)[2].all()


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    cache = VectorCache(tmp_path / "file", DIGEST, DIMENSION)
    cache.keep(TEXTS, rows_of(TEXTS), no_cut(TEXTS))
    assert "could not be kept" in cache.take_notes()[0]


def test_outside_of_a_case_nothing_is_kept(tmp_path: Path) -> None:
    assert current_cache(DIGEST, DIMENSION) is None
    with vectors_kept_in(tmp_path):
        cache = current_cache(DIGEST, DIMENSION)
        assert cache is not None and cache is current_cache(DIGEST, DIMENSION)
        with vectors_kept_in(None):
            assert current_cache(DIGEST, DIMENSION) is None
    assert current_cache(DIGEST, DIMENSION) is None
