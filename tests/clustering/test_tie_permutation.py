"""The permutation null: what a shuffle keeps, and what it takes apart."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.shares import Shares, code_shares, events_table
from clustering.tie_permutation import (
    _meetings,
    group_p,
    permuted_ties,
    shuffled_accounts,
    strata_of,
)

HOUR = 3_600


def crowd(seed: int, team: int = 0) -> pd.DataFrame:
    """People who share by themselves, and a team that shares twenty things within a minute."""
    random = np.random.default_rng(seed)
    rows = [
        (
            f"o{random.integers(200)}",
            f"u{random.integers(40):02}",
            random.uniform(0, 10 * 24 * HOUR),
        )
        for _ in range(1_500)
    ]
    for k in range(20):
        start = random.uniform(0, 10 * 24 * HOUR)
        rows += [(f"x{k}", f"team{i}", start + random.uniform(0, 60)) for i in range(team)]
    frame = pd.DataFrame(rows, columns=["object_id", "account_id", "created_at"])
    return frame.assign(content_id=[f"c{i}" for i in range(len(frame))])


def coded(frame: pd.DataFrame) -> Shares:
    return code_shares(events_table(frame), min_participation=1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_shuffle_keeps_activity_hours_and_popularity(seed: int) -> None:
    shares = coded(crowd(1, team=3))
    strata = strata_of(shares)
    labels = shuffled_accounts(shares, strata, np.random.default_rng(seed))
    before = Counter(zip(strata.tolist(), shares.account.tolist(), strict=True))
    assert Counter(zip(strata.tolist(), labels.tolist(), strict=True)) == before
    assert (labels != shares.account).any()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=40),
    st.lists(st.integers(-1, 1), min_size=6, max_size=6),
)
def test_meetings_are_pairs_of_a_groups_accounts_in_one_cell(rows: list, groups: list) -> None:
    labels = np.array([account for account, _ in rows], dtype=np.int32)
    cells = np.array([cell for _, cell in rows], dtype=np.int64)
    found = _meetings(labels, np.array(groups, dtype=np.int64), cells, 2)
    for group in (0, 1):
        expected = sum(
            1
            for cell in set(cells.tolist())
            for a, b in combinations(range(6), 2)
            if groups[a] == groups[b] == group and (a, cell) in rows and (b, cell) in rows
        )
        assert found[group] == expected


def test_a_team_is_never_met_by_shuffles_and_strangers_often_are() -> None:
    shares = coded(crowd(2, team=4))
    team = [f"team{i}" for i in range(4)]
    strangers = ["u00", "u01", "u02", "u03"]
    p = group_p({"near_duplicate": shares}, [team, strangers], windows_s=[60, HOUR], shuffles=49)
    assert p[0] == pytest.approx(1 / 50)
    assert p[1] > 0.05


def test_p_of_random_groups_is_small_no_more_often_than_it_says() -> None:
    shares = coded(crowd(3))
    random = np.random.default_rng(0)
    people = [f"u{i:02}" for i in range(40)]
    found = []
    for _ in range(25):
        order = random.permutation(people)
        groups = [order[i : i + 5].tolist() for i in range(0, 40, 5)]
        widths = [24 * HOUR] * len(groups)
        found += group_p({"url": shares}, groups, windows_s=widths, shuffles=19).tolist()
    assert np.mean(np.array(found) <= 0.05) <= 0.10
    assert np.mean(np.array(found) <= 0.5) == pytest.approx(0.5, abs=0.2)


def test_shuffled_labels_meet_about_as_often_as_people_who_act_alone() -> None:
    from clustering.ties import find_ties

    shares = coded(crowd(4))
    found = permuted_ties(shares, (HOUR, 24 * HOUR), max_accounts=1_000, seed=1)
    ties = find_ties(crowd(4), windows_s=(HOUR, 24 * HOUR)).table["window_s"].to_pylist()
    assert found.ties[1] == pytest.approx(ties.count(24 * HOUR), rel=0.25)
    assert found.ties[0] <= found.ties[1]
    assert found.repeated[1] <= found.ties[1]


def test_no_groups_have_no_p() -> None:
    assert group_p({}, [], windows_s=[]).tolist() == []
