"""Collection facts: what is stated, gaps and caps in the data, and what could have been seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.burst_null import at_least
from clustering.collection import collection_facts
from clustering.power import LEVEL, expected_shares, smallest_burst, smallest_tie
from corpus.errors import SettingsError
from corpus.settings import Collection, Settings
from corpus.tables import COLLECTION_FACTS, POSTS, PROFILES, check, conform

START = datetime(2021, 3, 1, tzinfo=UTC)
NONE = PROFILES.empty()


def posts(
    hours: list[float],
    accounts: list[str] | None = None,
    texts: list[str] | None = None,
    **kinds: str,
) -> pa.Table:
    size = len(hours)
    empty = pa.array([[]] * size, pa.list_(pa.string()))
    chance = np.random.default_rng(0)
    kind = ["repost" if n % 2 else "post" for n in range(size)]
    return conform(
        pa.table(
            {
                "post_id": pa.array([f"p{n:06d}" for n in range(size)], pa.string()),
                "platform": [""] * size,
                "account_id": pa.array(accounts or [f"u{n}" for n in chance.integers(0, 40, size)]),
                "created_at": [START + timedelta(hours=at) for at in hours],
                "time_precision": ["second"] * size,
                "text": pa.array(texts or ["words"] * size),
                "kind": pa.array([kinds.get("kind", each) for each in kind]),
                "urls": empty,
                "hashtags": empty,
                "mentions": empty,
                "source_file": [""] * size,
                "source_row": pa.array(range(size), pa.int64()),
            }
        ),
        POSTS,
    )


def steady(days: int = 60, a_day: int = 60, seed: int = 0) -> list[float]:
    rng = np.random.default_rng(seed)
    return sorted((rng.random(days * a_day) * days * 24).tolist())


def facts(
    found: pa.Table, profiles: pa.Table = NONE, stated: Collection | None = None
) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for row in check(collection_facts(found, profiles, stated), COLLECTION_FACTS).to_pylist():
        assert row["reason"]
        rows.setdefault(row["fact"], []).append(row["value"])
    return rows


def profiles(states: list[str]) -> pa.Table:
    rows = [
        {
            "snapshot_id": f"s{n}",
            "platform": "",
            "account_id": f"u{n}",
            "basis": "export",
            "state": state,
            "source_file": "",
            "source_row": n,
        }
        for n, state in enumerate(states)
    ]
    return PROFILES.from_rows(rows)


def test_a_steady_corpus_has_neither_gap_nor_cap() -> None:
    assert set(facts(posts(steady()))) == {"power_burst", "power_tie"}


def test_two_empty_days_amid_activity_are_a_gap() -> None:
    hours = [at for at in steady() if not 720 <= at < 768]
    assert facts(posts(hours))["gap"] == ["2021-03-31T00:00:00+00:00/2021-04-02T00:00:00+00:00"]


def test_nights_and_a_thin_beginning_are_no_gaps() -> None:
    rng = np.random.default_rng(1)
    days = [day * 24 + 8 + at for day in range(60) for at in (rng.random(80) * 14).tolist()]
    thin = [-24.0 * n for n in range(10, 200, 10)]
    assert "gap" not in facts(posts([*thin, *days]))


def test_accounts_that_stop_at_one_count_are_a_cap() -> None:
    accounts = [f"u{n}" for n in range(8) for _ in range(100)]
    accounts += [f"v{n}" for n in range(20) for _ in range(n + 1)]
    hours = steady(20, 51)[: len(accounts)]
    assert facts(posts(hours, accounts))["cap_per_account"] == ["100"]


def test_days_that_stop_at_one_count_are_a_cap() -> None:
    hours = [day * 24 + at / 20 for day in range(12) for at in range(200 if day % 2 else 60 + day)]
    assert facts(posts(hours))["cap_per_day"] == ["200"]


@pytest.mark.parametrize(("unit", "hours"), [("minute", 1 / 60), ("hour", 1.0), ("day", 24.0)])
def test_the_resolution_of_times_is_told(unit: str, hours: float) -> None:
    assert facts(posts([round(at / hours) * hours for at in steady()]))["time_resolution"] == [unit]


def test_reposts_cut_at_140_characters_are_told() -> None:
    hours = steady()
    texts = ["x" * 139 + "…"] * len(hours)
    assert facts(posts(hours, None, texts))["reposts_cut"] == ["140"]
    assert "reposts_cut" not in facts(posts(hours, None, ["x" * 100 + "…"] * len(hours)))


def test_posts_of_one_kind_are_told() -> None:
    assert facts(posts(steady(), kind="post"))["reposts"] == ["0"]
    assert facts(posts(steady(), kind="repost"))["reposts"] == ["3600"]


def test_active_accounts_alone_mean_that_deletions_were_missed_unless_stated_otherwise() -> None:
    active = profiles(["active"] * 30)
    assert facts(posts(steady()), active)["deletions_missed"] == ["true"]
    assert "deletions_missed" not in facts(posts(steady()), profiles(["active"] * 29 + ["deleted"]))
    stated = facts(posts(steady()), active, Collection(deletions_missed=False))
    assert stated["deletions_missed"] == ["false"]


def test_what_the_settings_state_comes_first_and_posts_outside_are_counted() -> None:
    stated = Collection("summit", "all", "2021-03-02", "2021-03-31", True)
    rows = collection_facts(posts(steady()), NONE, stated).to_pylist()
    assert [row["fact"] for row in rows[:4]] == ["query", "sampling", "deletions_missed", "period"]
    assert {row["basis"] for row in rows[:4]} == {"stated"}
    outside = sum(not 24 <= at <= 720 for at in steady())
    assert f"{outside:,} posts lie outside of it" in rows[3]["reason"]


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    overrides = {"collection.period_start": "2021-03-02", "collection.period_end": "2021-03-01"}
    with pytest.raises(SettingsError, match=r"collection\.period_end .* is before"):
        Settings.load(overrides=overrides)


def test_no_posts_have_no_facts() -> None:
    assert facts(posts([])) == {}


@given(st.floats(1, 5000), st.integers(10, 20_000), st.integers(1, 500), st.floats(0, 3))
def test_the_smallest_burst_is_found_in_80_of_100_draws(
    size: float, bins: int, series: int, dispersion: float
) -> None:
    found = smallest_burst(posts=size, bins=bins, series=series, dispersion=dispersion)
    mean, spread = np.array([found.expected]), np.array([dispersion])
    level = LEVEL / (bins * series)
    assert at_least(np.array([found.critical]), mean, spread)[0] <= level
    assert found.critical == 1 or at_least(np.array([found.critical - 1]), mean, spread)[0] > level
    drawn = np.random.default_rng(0).poisson(found.size, 4000)
    assert abs((drawn >= found.critical).mean() - 0.8) < 0.03


@given(st.integers(5, 5000), st.floats(1e-6, 5), st.integers(2, 5))
def test_groups_and_fewer_accounts_need_less(accounts: int, expected: float, group: int) -> None:
    alone = smallest_tie(accounts=accounts, expected=expected)
    assert smallest_tie(accounts=accounts, expected=expected, group=group).size <= alone.size
    assert smallest_tie(accounts=accounts * 2, expected=expected).size >= alone.size
    assert "fewer shared things may be there" in alone.sentence


def test_expected_shares_are_those_of_random_accounts() -> None:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(3000):
        a, b = rng.integers(0, 50, (2, 20))
        at, bt = rng.random((2, 20)) * 10_000
        near = (a[:, None] == b[None, :]) & (abs(at[:, None] - bt[None, :]) <= 500)
        shares.append(near.sum())
    assert np.mean(shares) == pytest.approx(expected_shares(20, 50, 500, 10_000), rel=0.08)


def test_sizes_must_be_positive() -> None:
    with pytest.raises(ValueError, match="bins = 0"):
        smallest_burst(posts=5, bins=0)
    with pytest.raises(ValueError, match="group = 9"):
        smallest_tie(accounts=4, expected=0.1, group=9)
