"""No coordination where there is none; news told apart; a planted team found. Real corpora."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pytest

from benchmarks.coordination_calibration import (
    CHANNELS,
    CORPORA,
    ORGANIC,
    coordinated,
    events_of,
    frame_of,
    in_groups,
    prepared,
    run_once,
    shuffled_copy,
    team_found,
)

Floors = Callable[[str], dict[str, float]]
SEEDS, EVENTS = 20, 4_000


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA[:2])
@pytest.mark.parametrize("kind", ["accounts", "times"])
def test_shuffled_copies_have_no_edge(
    name: str, kind: str, shared_data: Path, floors: Floors
) -> None:
    events = events_of(name, shared_data)
    runs = [run_once(shuffled_copy(events, kind, seed, EVENTS)) for seed in range(SEEDS)]
    share = sum(run.flagged for run in runs) / SEEDS
    assert share <= floors("coordination_at_most")["shuffled runs with an edge"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA[:2])
def test_five_accounts_planted_among_shuffled_ones_are_found(
    name: str, shared_data: Path, floors: Floors
) -> None:
    events = events_of(name, shared_data)
    pairs, others = team_found(shuffled_copy(events, "accounts", 0, EVENTS), 0)
    assert pairs / 10 >= floors("coordination")["planted pairs found"]
    assert others == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ORGANIC))
def test_organic_crowds_are_hardly_ever_groups(
    name: str, shared_data: Path, floors: Floors
) -> None:
    tables = prepared(frame_of(ORGANIC[name], data=shared_data))
    accounts = pc.count_distinct(tables["posts"]["account_id"]).as_py()
    most = floors("coordination_at_most")["accounts of organic crowds in groups"]
    assert len(in_groups(coordinated(tables, permutations=0))) <= most * accounts


@pytest.mark.slow
def test_news_channels_that_share_news_are_said_to_be_that(
    shared_data: Path, floors: Floors
) -> None:
    found = coordinated(prepared(frame_of(CHANNELS, data=shared_data)), permutations=0)
    ties = found.ties.filter(found.ties["validated"])
    assert ties.num_rows > 50
    named = sum(each == "syndication" for each in ties["benign_class"].to_pylist())
    assert named / ties.num_rows >= floors("coordination")["news ties of a benign class"]
    classed = ties.filter(pc.is_valid(ties["benign_class"]))
    assert all(classed["reason"].to_pylist())
    assert set(found.groups["benign_class"].to_pylist()) == {"syndication"}
    assert all(found.groups["reason"].to_pylist())
