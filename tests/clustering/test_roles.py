"""Who starts, who carries on, who repeats, who merely talks: on crowds made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.carriers import judge_carriers
from clustering.declustering import part_starts
from clustering.firsts import first_writers, poisson_binomial_tail
from clustering.roles import find_roles
from clustering.talk_window import talk_window

DAY = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = 3600.0


def cascade(seed: int, points: int = 24) -> pd.DataFrame:
    """Two accounts start points; three carry each into another language; forty repeat."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(points):
        at = rng.random() * 48 * HOUR
        rows.append((f"p{number}", f"starts{number % 2}", at, "en"))
        for lang in ("fa", "ar", "fr"):
            later = at + rng.exponential(HOUR)
            rows.append((f"p{number}{lang}", f"carries_{lang}", later, lang))
            for copy in rng.choice(40, 5, replace=False):
                moment = later + 60 + rng.exponential(4 * HOUR)
                rows.append((f"p{number}{lang}", f"{lang}{copy}", moment, lang))
        for copy in rng.choice(40, 5, replace=False):
            rows.append((f"p{number}", f"en{copy}", at + 60 + rng.exponential(4 * HOUR), "en"))
    frame = pd.DataFrame(rows, columns=["point_id", "account_id", "s", "lang"])
    frame["at"] = [DAY + timedelta(seconds=s) for s in frame["s"]]
    frame = frame.sort_values(["at", "account_id"], ignore_index=True)
    return frame.assign(post_id=[f"{n:06d}" for n in range(len(frame))], platform="x")


def roles_of(frame: pd.DataFrame) -> pd.DataFrame:
    points = frame.groupby("account_id")["point_id"].nunique()
    found = judge_carriers(points.to_numpy())
    judged = pd.DataFrame({"p_value": found.p_value, "q_value": found.q_value}, index=points.index)
    return pd.DataFrame(find_roles(frame, judged, "c"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_starts_and_who_carries_on_are_told_by_order_alone(seed: int) -> None:
    roles = roles_of(cascade(seed))
    named = roles.groupby("role")["account_id"].agg(set)
    assert named["originator"] == {"starts0", "starts1"}
    assert named["expander"] == {"carries_fa", "carries_ar", "carries_fr"}
    assert not {"starts0", "carries_fa"} & named["repeater"]
    expanders = roles[roles.role == "expander"]
    assert (expanders["lag_s"] > 0).all()
    assert expanders["reason"].str.contains("another language").all()


def test_with_the_order_within_points_shuffled_nobody_starts_anything() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for seed in range(20):
        frame = cascade(seed, points=12)
        moved = frame.groupby("point_id")["account_id"].transform(
            lambda names: rng.permutation(names.to_numpy())
        )
        hits += int((first_writers(frame.assign(account_id=moved))["q_value"] <= 0.05).any())
    assert hits <= 4  # 1 in 20 runs expected at most; 5 or more of 20 has a chance below .003


def test_the_order_of_rows_changes_nothing() -> None:
    frame = cascade(4)
    shuffled = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(first_writers(frame), first_writers(shuffled))


@given(st.lists(st.floats(0.0, 1.0), max_size=12), st.integers(0, 13))
@settings(max_examples=60, deadline=None)
def test_the_tail_is_a_chance_and_falls(chances: list[float], least: int) -> None:
    here, above = (poisson_binomial_tail(chances, each) for each in (least, least + 1))
    assert 0.0 <= above <= here + 1e-12 <= 1.0 + 1e-9


def test_the_tail_of_equal_chances_is_binomial() -> None:
    from scipy.stats import binom

    assert poisson_binomial_tail([0.3] * 9, 4) == pytest.approx(binom.sf(3, 9, 0.3))


def crowd(rng: np.random.Generator, carriers: int, talkers: int) -> np.ndarray:
    return np.concatenate([rng.geometric(0.2, carriers), rng.poisson(0.1, talkers)])


def test_the_share_of_carriers_is_estimated_with_those_of_one_copy() -> None:
    rng = np.random.default_rng(7)
    covered, errors = 0, []
    for _ in range(20):
        found = judge_carriers(crowd(rng, 300, 350))
        covered += found.low <= 300 / 650 <= found.high
        errors.append(abs(found.share - 300 / 650))
    assert covered >= 17
    assert np.median(errors) < 0.03


def test_talkers_alone_have_no_evidence() -> None:
    rng = np.random.default_rng(8)
    flagged = [(judge_carriers(crowd(rng, 0, 500)).q_value <= 0.05).any() for _ in range(20)]
    assert sum(flagged) <= 4


def test_one_copied_point_is_never_evidence() -> None:
    points = np.array([1, *[0] * 5000])
    assert judge_carriers(points).p_value[0] == 1.0


def test_a_lone_starter_started_it() -> None:
    parted = part_starts(np.array([0.0, 7200.0]), np.array([0, 0]), 1)
    assert parted.starts.tolist() == [True]
    assert parted.source.tolist() == [-1, -1]


def test_the_height_of_talk_is_found_to_the_hour_beside_days_of_afterglow() -> None:
    rng = np.random.default_rng(9)
    start, end = int(DAY.timestamp()) + 6 * 3600, int(DAY.timestamp()) + 66 * 3600
    talk = np.concatenate(
        [
            rng.integers(start, end, 500),
            rng.integers(end, end + 8 * 86_400, 80),
            rng.integers(start - 20 * 86_400, start, 40),
        ]
    )
    other = rng.integers(start - 30 * 86_400, end + 30 * 86_400, 9_000)
    found = talk_window(talk, other)
    assert found is not None
    assert abs(found[0].timestamp() - start) <= 7_200
    assert abs(found[1].timestamp() - end) <= 7_200


def test_too_little_talk_has_no_height() -> None:
    assert talk_window(np.arange(5) * 3600, np.arange(50) * 3600) is None
