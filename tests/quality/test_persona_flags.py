"""False flags on real histories, and planted takeovers found, held by floors and ceilings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.persona_flags import KINDS, Real, flagged, quarters, scores, track
from benchmarks.persona_histories import as_posts, read_histories, reversed_in_time, with_breaks

Floors = Callable[[str], dict[str, float]]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Real:
    return Real(read_histories(shared_data))


@pytest.mark.parametrize("backwards", [False, True])
def test_ordinary_accounts_are_rarely_flagged(real: Real, backwards: bool, floors: Floors) -> None:
    tables = track(reversed_in_time(real.histories)) if backwards else real.tables
    watched = sum(quarters(tables).values())
    assert watched > 5_000
    for level in (2, 3):
        share = sum(flagged(tables, level).values()) / watched
        assert share <= floors("persona_flags")[f"level {level} and above, at most"]


@pytest.mark.parametrize("kind", KINDS)
def test_splices_stand_above_ordinary_accounts(real: Real, kind: str, floors: Floors) -> None:
    kept = set(real.half(fit=False))
    limit = np.quantile(list(scores(real.tables, kept).values()), 0.99, method="higher")
    found = real.splices(kind, fit=False)
    tables = track({splice.account_id: splice.rows for splice in found})
    got = np.array(list(scores(tables, {splice.account_id for splice in found}).values()))
    assert (got > limit).mean() >= floors("persona_flags")[f"{kind} splices at 1 %"]


def test_a_silence_and_removed_posts_lift_splices_to_the_highest_level(
    real: Real, floors: Floors
) -> None:
    rows, posts = {}, []
    for splice in real.splices("easy", fit=False)[:600]:
        rows[splice.account_id], said = with_breaks(splice)
        posts += said
    reached = len(flagged(track(rows, as_posts(posts)), 3))
    assert reached / len(rows) >= floors("persona_flags")["easy splices with breaks, level 3"]
