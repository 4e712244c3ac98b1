"""The analytic null: right where it can be worked out, still where there is nothing to find."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.shares import code_shares, events_table
from clustering.tie_null import (
    _within_hours,
    chernoff_tail,
    fit_bipartite,
    poisson_tail,
    time_cells,
)
from clustering.tie_windows import expected_ties, suggest_window, window_curve
from clustering.ties import account_ties, find_ties
from corpus.significance import benjamini_hochberg

HOUR, DAY = 3_600, 86_400


def crowd(
    seed: int, accounts: int = 60, objects: int = 300, shares: int = 2_500, days: int = 30
) -> pd.DataFrame:
    """People of unequal zeal who share things of unequal fame, each by themselves."""
    rng = np.random.default_rng(seed)
    zeal, fame = rng.pareto(1.5, accounts) + 0.2, rng.pareto(1.2, objects) + 0.2
    account = rng.choice(accounts, shares, p=zeal / zeal.sum())
    obj = rng.choice(objects, shares, p=fame / fame.sum())
    born = rng.uniform(0, days * DAY, objects)
    at = born[obj] + rng.exponential(6 * HOUR, shares)
    return pd.DataFrame(
        {
            "object_id": [f"o{i}" for i in obj],
            "account_id": [f"u{i:03}" for i in account],
            "content_id": [f"c{i}" for i in range(shares)],
            "created_at": np.round(at),
        }
    )


def with_team(seed: int, size: int = 4, actions: int = 25) -> pd.DataFrame:
    """The same crowd, and a few accounts that share 25 further things within a minute."""
    rng = np.random.default_rng(seed + 1_000)
    base = crowd(seed)
    start = rng.uniform(0, 30 * DAY, actions)
    rows = [
        (f"t{k}", f"team{i}", f"x{k}-{i}", round(start[k] + rng.uniform(0, 60)))
        for k, i in product(range(actions), range(size))
    ]
    return pd.concat([base, pd.DataFrame(rows, columns=base.columns)], ignore_index=True)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8)), min_size=1, max_size=40))
def test_the_model_keeps_the_degrees_of_accounts_and_objects(edges: list) -> None:
    graph = np.zeros((7, 9))
    for a, o in edges:
        graph[a, o] = 1
    graph = graph[graph.sum(1) > 0][:, graph.sum(0) > 0]
    k, h = graph.sum(1).astype(int), graph.sum(0).astype(int)
    model = fit_bipartite(k, h)
    odds = np.outer(model.x, model.y)
    p = odds / (1 + odds)
    assert ((p >= 0) & (p <= 1)).all()
    # Degrees at the border (all objects, or all accounts) are reached in the limit alone.
    np.testing.assert_allclose(p.sum(1), k, atol=0.02)
    np.testing.assert_allclose(p.sum(0), h, atol=0.02)


def test_the_poisson_bounds_the_tail_of_what_can_be_counted_exactly() -> None:
    """Poisson-binomial by convolution; above the mean plus one its tail is never the larger."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        chances = rng.uniform(0, rng.uniform(0.01, 0.9), rng.integers(1, 30))
        exact = np.ones(1)
        for p in chances:
            exact = np.convolve(exact, [1 - p, p])
        counts = np.arange(len(exact))
        above = counts >= chances.sum() + 1
        tail = exact[::-1].cumsum()[::-1]
        bound = poisson_tail(counts.astype(np.int32), np.full(len(counts), chances.sum()))
        assert (bound[above] >= tail[above] - 1e-12).all()


def test_the_decay_bound_is_never_below_the_share_of_sums_that_reach_it() -> None:
    rng = np.random.default_rng(5)
    chances, decays = rng.uniform(0, 0.4, 12), rng.exponential(1, (20_000, 12))
    sums = ((rng.uniform(size=(20_000, 12)) < chances) * np.exp(-decays)).sum(1)
    for reached in (1.5, 2.0, 2.5, 3.0):
        bound = chernoff_tail(np.array([reached]), np.array([float(sums.mean())]))[0]
        assert bound >= (sums >= reached).mean()


def test_q_values_count_the_pairs_that_never_met() -> None:
    q = benjamini_hochberg(np.array([0.001, 0.5, 0.004]), 10)
    np.testing.assert_allclose(q, [0.01, 1.0, 0.02])
    assert benjamini_hochberg(np.zeros(0), 0).tolist() == []


@given(st.lists(st.floats(0, 1), max_size=20), st.integers(0, 100))
def test_q_is_never_below_p_and_keeps_its_order(p: list[float], more: int) -> None:
    values = np.array(p)
    q = benjamini_hochberg(values, len(p) + more)
    assert (q >= values).all()
    assert (np.diff(q[np.argsort(values, kind="stable")]) >= 0).all()


@pytest.mark.parametrize("window", [10, 60, 3_600, 86_400])
def test_chances_of_the_next_hour_add_up_to_one(window: int) -> None:
    rows = _within_hours(window * 1_000_000)
    np.testing.assert_allclose(rows.sum(1), 1)
    assert rows[5, 5] >= rows[5, 17]


def test_on_labels_shuffled_the_null_finds_nothing_and_expects_what_is_there() -> None:
    """Label shuffles keep activity and popularity: p may not be small more often than it says."""
    base = crowd(1)
    flagged, small, pairs = 0, 0, 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        shuffled = base.assign(account_id=rng.permutation(base.account_id.to_numpy()))
        found = find_ties(shuffled, windows_s=(60, HOUR, DAY))
        p = found.table.column("p_value").to_numpy()
        flagged += int((found.table.column("q_value").to_numpy() <= 0.05).any())
        small += int((p <= 0.01).sum())
        pairs += found.tests
    assert flagged <= 1  # of 20 runs, 1 is what q <= .05 allows
    assert small <= 0.01 * pairs


@pytest.mark.parametrize("seed", [2, 3])
def test_a_team_in_a_crowd_is_found_and_the_crowd_is_not(seed: int) -> None:
    ties = account_ties(with_team(seed), (60, HOUR, DAY))
    flagged = ties[(ties.q_value <= 0.05) & (ties.window_s == 60)]
    team = flagged.account_a.str.startswith("team") & flagged.account_b.str.startswith("team")
    assert team.sum() == 6
    assert len(flagged) - team.sum() <= 0.05 * len(flagged)


def test_who_is_awake_at_the_same_hours_meets_more_often_by_chance() -> None:
    """Two shifts that share the same things; people of one shift meet, of two shifts do not."""
    rng = np.random.default_rng(8)
    n = 4_000
    account = rng.integers(0, 40, n)
    hours = np.where(account % 2, rng.uniform(8, 14, n), rng.uniform(17, 23, n))
    frame = pd.DataFrame(
        {
            "object_id": [f"o{i}" for i in rng.integers(0, 200, n)],
            "account_id": [f"u{i:02}" for i in account],
            "content_id": [f"c{i}" for i in range(n)],
            "created_at": np.round((rng.integers(0, 20, n) * 24 + hours) * HOUR),
        }
    )
    ties = account_ties(frame, (HOUR,))
    same = ties.account_a.str[1:].astype(int) % 2 == ties.account_b.str[1:].astype(int) % 2
    assert same.all()
    assert (ties.q_value > 0.05).all()
    pairs = 2 * 20 * 19 / 2
    met = ties.n_objects.sum() / pairs
    assert ties.expected.mean() == pytest.approx(met, rel=0.25)


def test_a_loop_is_not_tested() -> None:
    frame = pd.DataFrame(
        {"object_id": "o", "account_id": "a", "content_id": list("xyz"), "created_at": [0, 1, 2]}
    )
    (tie,) = account_ties(frame, (10,), remove_loops=False).to_dict("records")
    assert np.isnan(tie["expected"])
    assert (tie["p_value"], tie["q_value"]) == (1, 1)


def test_periods_are_whole_days_and_cover_the_corpus() -> None:
    shares = code_shares(events_table(crowd(4)), min_participation=1)
    cells = time_cells(shares)
    days = shares.at // (DAY * 1_000_000)
    assert cells.n_periods == len(set(cells.periods.tolist())) <= len(set(days.tolist()))
    for day in set(days.tolist()):
        assert len(set(cells.periods[days == day].tolist())) == 1


def test_the_curve_shows_what_chance_expects_beside_what_was_found() -> None:
    found = find_ties(crowd(6), windows_s=(60, HOUR, DAY), min_participation=1)
    curve = window_curve(found, "copied_text").to_pandas()
    assert curve.ties.is_monotonic_increasing
    # People by themselves: the number of ties is what chance gives, at the widest window.
    assert curve.expected_ties.iloc[-1] == pytest.approx(curve.ties.iloc[-1], rel=0.15)
    assert (curve.significant_ties == 0).all()


def test_chance_over_a_sample_of_pairs_is_close_to_chance_over_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = find_ties(crowd(6), windows_s=(DAY,))
    whole = expected_ties(found, 0)
    monkeypatch.setattr("clustering.tie_windows.PAIRS_ADDED_UP", 1_500)
    assert expected_ties(found, 0) == pytest.approx(whole, rel=0.15)


def test_the_suggested_window_is_the_median_time_of_the_quickest_to_half_their_shares() -> None:
    """Ten objects; the quickest has its second share after 5 s and half of six after 20 s."""
    rows = [("fast", s) for s in (0, 5, 20, 400, 500, 600)]
    rows += [(f"slow{i}", s) for i in range(9) for s in (0, 1_000 + i)]
    frame = pd.DataFrame(rows, columns=["object_id", "created_at"])
    frame["account_id"] = [f"u{i}" for i in range(len(frame))]
    frame["content_id"] = frame.account_id
    found = find_ties(frame, windows_s=(10, 60, 600), min_participation=1)
    suggestion = suggest_window(found.shares)
    assert (suggestion.seconds, suggestion.objects) == (20, 1)
    curve = window_curve(found, "url").to_pandas().set_index("window_s")
    assert curve.suggested.to_dict() == {10: False, 60: True, 600: False}
    assert "reached half of their shares after 20 s" in curve.reason[60]


def test_without_an_object_shared_twice_no_window_is_suggested() -> None:
    frame = crowd(1).drop_duplicates("object_id")
    curve = window_curve(find_ties(frame, windows_s=(60,)), "url").to_pandas()
    assert not curve.suggested.any()
    assert "no object was shared twice" in curve.reason[0]


def test_at_ten_minutes_shuffled_labels_report_nothing_and_so_little_that_data_reports_is_chance(
    shared_data: Path,
) -> None:
    """1,232 edges of weight 2 or more at 600 s stand in the data, as many as shuffles give."""
    path = shared_data / "coortweet_networks" / "russian_coord_tweets.parquet"
    events = pd.read_parquet(path).rename(columns={"timestamp_share": "created_at"})
    events = events.astype({"account_id": str})
    real = account_ties(events, (60, 600), min_weight=2)
    assert (real[real.window_s == 600].weight >= 2).sum() == 1_232
    assert (real[real.window_s == 600].q_value <= 0.05).sum() <= 10
    for seed in range(2):
        rng = np.random.default_rng(seed)
        shuffled = events.assign(account_id=rng.permutation(events.account_id.to_numpy()))
        assert (account_ties(shuffled, (60, 600), min_weight=2).q_value > 0.05).all()


def test_a_team_that_makes_nearly_all_meetings_is_not_expected_by_them() -> None:
    """Nobody else meets within a minute: factors of time are the team's own, and bound nothing."""
    base = crowd(4, accounts=300, objects=600, shares=2_000, days=200)
    random = np.random.default_rng(4)
    base = base.assign(created_at=random.uniform(0, 200 * DAY, len(base)).round())
    start = random.uniform(0, 200 * DAY, 25)
    rows = [
        (f"t{k}", f"team{i}", f"x{k}-{i}", round(start[k] + random.uniform(0, 60)))
        for k, i in product(range(25), range(5))
    ]
    events = pd.concat([base, pd.DataFrame(rows, columns=base.columns)], ignore_index=True)
    ties = account_ties(events, (60, HOUR, DAY))
    found = ties[(ties.q_value <= 0.05) & (ties.window_s == 60)]
    assert len(found) == 10
    assert found.account_a.str.startswith("team").all()
