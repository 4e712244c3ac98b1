"""Bursts: found where they were put, and silent where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clustering import find_bursts
from clustering.burst_null import Series, at_least, corpus_volume, fit_null
from clustering.bursts import binned, burst_table
from clustering.campaign_window import campaign_window, high_state
from corpus.errors import SettingsError
from corpus.significance import benjamini_hochberg
from corpus.tables import BURSTS, POSTS, check, conform

START = datetime(2021, 3, 1, tzinfo=UTC)
EPOCH_HOUR = int(START.timestamp()) // 3600
Ints = npt.NDArray[np.int64]
RUNS = 60


def corpus(rows: Sequence[tuple[float, str, str, str]]) -> dict[str, pa.Table]:
    """Rows: hours after START, account, point, narrative ("" for none)."""
    ids = [f"p{n:06d}" for n in range(len(rows))]
    posts = conform(
        pa.table(
            {
                "post_id": pa.array(ids, pa.string()),
                "platform": [""] * len(rows),
                "account_id": [row[1] for row in rows],
                "created_at": [START + timedelta(hours=row[0]) for row in rows],
                "time_precision": ["second"] * len(rows),
                "text": ["words"] * len(rows),
                "kind": ["post"] * len(rows),
                "urls": pa.array([[]] * len(rows), pa.list_(pa.string())),
                "hashtags": pa.array([[]] * len(rows), pa.list_(pa.string())),
                "mentions": pa.array([[]] * len(rows), pa.list_(pa.string())),
                "source_file": [""] * len(rows),
                "source_row": pa.array(range(len(rows)), pa.int64()),
            }
        ),
        POSTS,
    )
    points = sorted({(row[2], row[3]) for row in rows})
    return {
        "posts": posts,
        "point_posts": pa.table(
            {
                "post_id": pa.array(ids, pa.string()),
                "point_id": pa.array([row[2] for row in rows], pa.string()),
            }
        ),
        "narrative_points": pa.table(
            {
                "point_id": pa.array([point for point, _ in points], pa.string()),
                "narrative_id": pa.array([name or None for _, name in points], pa.string()),
            }
        ),
    }


def organic(seed: int, posts: int = 3000, days: int = 30) -> list[tuple[float, str, str, str]]:
    """Posts by day and night over ten narratives of many points."""
    rng = np.random.default_rng(seed)
    rows = []
    while len(rows) < posts:
        hour = float(rng.random() * days * 24)
        if rng.random() < 0.55 + 0.45 * np.sin(hour / 24 * 2 * np.pi):
            name = int(rng.integers(10))
            point = f"o{name}_{rng.integers(8)}"
            rows.append((hour, f"u{rng.integers(400)}", point, f"n{name}"))
    return rows


def pushed(seed: int, posts: int = 40, at: float = 300.0) -> list[tuple[float, str, str, str]]:
    """A campaign's hour, on one point of a narrative of its own."""
    rng = np.random.default_rng(seed)
    early = [(float(rng.random() * 700), f"s{n}", "push", "campaign") for n in range(6)]
    crest = [(at + float(rng.random()), f"s{n % 20}", "push", "campaign") for n in range(posts)]
    return early + crest


def test_a_planted_burst_is_found_in_its_hour_and_nothing_else() -> None:
    found = burst_table(**corpus([*organic(1), *pushed(1)]))
    rows = check(found, BURSTS).to_pylist()
    assert {(row["scope"], row["scope_id"]) for row in rows} == {
        ("point", "push"),
        ("narrative", "campaign"),
    }
    for row in rows:
        assert row["start_at"] == START + timedelta(hours=300)
        assert row["end_at"] == START + timedelta(hours=301)
        assert row["observed"] == 40
        assert row["accounts"] == 20
        assert row["p_value"] <= row["q_value"] <= 0.05
        assert row["expected"] < 1
        assert row["narrative_id"] == "campaign"
        assert len(row["evidence"]) == 6
        assert "in proportion to all other posts" in row["null_model"]


def test_a_wave_of_the_whole_corpus_is_nobodys_burst() -> None:
    rng = np.random.default_rng(5)
    wave = [
        (300 + float(rng.random()), f"w{n}", f"o{n % 10}_{n % 8}", f"n{n % 10}") for n in range(400)
    ]
    assert burst_table(**corpus([*organic(2), *wave])).num_rows == 0


def test_consecutive_bins_are_one_burst_and_parted_ones_two() -> None:
    rows = [*organic(3), *pushed(3), *pushed(4, at=301.0), *pushed(5, at=400.0)]
    found = burst_table(**corpus(rows)).to_pandas()
    spans = found[found.scope == "narrative"].sort_values("start_at")
    assert list((spans.end_at - spans.start_at).dt.total_seconds() / 3600) == [2.0, 1.0]


def test_reposts_make_no_burst() -> None:
    found = corpus([*organic(1), *pushed(1)])
    kinds = pc_kind(found["posts"], {f"p{n:06d}" for n in range(3000, 3046)})
    assert burst_table(**{**found, "posts": kinds}).num_rows == 0


def pc_kind(posts: pa.Table, reposts: set[str]) -> pa.Table:
    kinds = ["repost" if one in reposts else "post" for one in posts["post_id"].to_pylist()]
    return posts.set_column(posts.column_names.index("kind"), posts.schema.field("kind"), [kinds])


def simulated(seed: int, dispersion: float, wave: float) -> tuple[Ints, Ints]:
    """Counts of 12 series over three weeks of hours, and of all posts."""
    rng = np.random.default_rng(seed)
    hours = 24 * 21
    rate = 1 + 0.8 * np.sin(2 * np.pi * np.arange(hours) / 24)
    rate = rate * np.exp(rng.normal(0, wave, hours))
    rows = []
    for posts in rng.integers(20, 300, 12):
        scatter = rng.gamma(1 / dispersion, dispersion, hours) if dispersion else np.ones(hours)
        rows.append(rng.poisson(posts * rate / rate.sum() * scatter))
    counts = np.array(rows)
    return counts, counts.sum(axis=0) + rng.poisson(6 * rate / rate.mean())


@pytest.mark.parametrize(("dispersion", "wave"), [(0.0, 0.0), (0.3, 0.3), (1.0, 0.3)])
def test_without_a_burst_few_runs_have_one_and_p_is_uniform(dispersion: float, wave: float) -> None:
    alarms, chances = 0, []
    for seed in range(RUNS):
        counts, total = simulated(seed, dispersion, wave)
        hours = np.arange(len(total))
        volume = corpus_volume(np.repeat(hours, total), 0, 3600, len(total))
        null = fit_null(volume, [binned(np.repeat(hours, row)) for row in counts])
        full = [Series(hours, row.astype(np.int64)) for row in counts]
        p = [null.tail(n, one, hours, one.counts) for n, one in enumerate(full)]
        more = [null.tail(n, one, hours, one.counts + 1) for n, one in enumerate(full)]
        drawn = np.random.default_rng(seed).random((len(p), len(hours)))
        chances.append((np.array(more) + drawn * (np.array(p) - np.array(more))).ravel())
        q = benjamini_hochberg(np.concatenate(p), len(p) * len(hours))
        alarms += bool((q <= 0.05).any())
    assert alarms <= stats.binom.ppf(0.999, RUNS, 0.06)
    every = np.concatenate(chances)
    for level in (1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.5):
        assert 0.6 * level - 3e-5 <= (every <= level).mean() <= 1.2 * level + 3e-5


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0.01, 50), st.floats(0, 20)), min_size=1))
def test_tails_are_those_of_scipy(rows: list[tuple[int, float, float]]) -> None:
    counts = np.array([row[0] for row in rows])
    mean, spread = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    spread = np.where(spread < 1e-3, 0.0, spread)
    found = at_least(counts, mean, spread)
    for at, (count, mu, alpha) in enumerate(zip(counts, mean, spread, strict=True)):
        known = (
            stats.nbinom.sf(count - 1, 1 / alpha, 1 / (1 + alpha * mu))
            if alpha
            else stats.poisson.sf(count - 1, mu)
        )
        assert found[at] == pytest.approx(known, rel=1e-6, abs=1e-250)


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=20), st.integers(0, 30))
def test_q_is_benjamini_and_hochbergs(chances: list[float], more: int) -> None:
    p = np.array(chances)
    known = stats.false_discovery_control(np.concatenate([p, np.ones(more)]))
    assert benjamini_hochberg(p, len(p) + more) == pytest.approx(known[: len(p)])


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_the_order_of_posts_changes_nothing(seed: int) -> None:
    found = corpus([*organic(1, 800), *pushed(1)])
    places = np.random.default_rng(seed).permutation(found["posts"].num_rows)
    mixed = {**found, "posts": found["posts"].take(pa.array(places))}
    assert burst_table(**found).equals(burst_table(**mixed))


def test_the_door_takes_a_frame_and_finds_talking_points_itself() -> None:
    rows = [*organic(7, 1500), *pushed(7)]
    words = ["red", "blue", "green", "old", "new", "tall", "warm", "cold"]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "account_id": [row[1] for row in rows],
            "created_at": [(START + timedelta(hours=row[0])).isoformat() for row in rows],
            "text": [
                "the summit in the harbour is paid for by them #stopit"
                if row[2] == "push"
                else " ".join(rng.choice(words, 6)) + f" {n}"
                for n, row in enumerate(rows)
            ],
        }
    )
    frame.insert(0, "post_id", [f"p{n:06d}" for n in range(len(rows))])
    found = find_bursts(frame)
    assert {"point", "hashtag"} == set(found.scope)
    assert set(found[found.scope == "hashtag"].scope_id) == {"stopit"}
    named = find_bursts(frame.assign(narrative_id=[row[3] for row in rows]))
    assert "campaign" in set(named[named.scope == "narrative"].scope_id)


def test_a_bin_of_no_width_and_bins_without_end_are_refused() -> None:
    found = corpus([(0.0, "a", "p", ""), (24 * 3650.0, "b", "p", "")])
    with pytest.raises(SettingsError, match="expected a whole number of seconds"):
        burst_table(**found, bin_s=0)
    with pytest.raises(SettingsError, match="take a larger bin_s"):
        burst_table(**found, bin_s=1)


def test_no_posts_and_one_series_alone_have_no_burst() -> None:
    assert burst_table(**corpus([])).num_rows == 0
    assert burst_table(**corpus([(n / 10, "a", "p", "n") for n in range(50)])).num_rows == 0


def wave(seed: int, start: float, length: float, posts: int) -> list[tuple[float, str, str, str]]:
    """Posts that follow each other for `length` hours, and a thin tail of five days."""
    rng = np.random.default_rng(seed)
    crest = start + rng.random(posts) * length
    tail = start + length + rng.random(posts // 20) * 120
    return [(float(h), f"s{n % 30}", "push", "c") for n, h in enumerate([*crest, *tail])]


def test_the_window_of_a_campaign_is_its_crest_without_try_outs_and_tail() -> None:
    tried = [(100 + n / 10, f"s{n}", "push", "c") for n in range(12)]
    rows = [*organic(9), *tried, *wave(9, 400.0, 30.0, 600)]
    found = corpus(rows)
    own = [f"p{n:06d}" for n, row in enumerate(rows) if row[2] == "push"]
    window = campaign_window(found["posts"], own)
    assert window is not None
    assert abs((window.start_at - START).total_seconds() / 3600 - 400) <= 2
    assert abs((window.end_at - START).total_seconds() / 3600 - 430) <= 2
    assert window.tail_end_at >= window.end_at
    assert window.q_value <= 0.05
    assert window.posts > 100 * window.expected / 10


def test_accounts_that_post_as_all_others_have_no_window() -> None:
    rows = organic(11)
    found = corpus(rows)
    own = [f"p{n:06d}" for n, row in enumerate(rows) if row[1] in {f"u{n}" for n in range(30)}]
    assert campaign_window(found["posts"], own) is None
    assert campaign_window(found["posts"], own[:3]) is None


@given(st.lists(st.integers(0, 200), max_size=60))
def test_high_bins_hold_at_least_as_much_as_low_ones(counts: list[int]) -> None:
    found = high_state(np.array(counts, dtype=np.float64))
    assert len(found) == len(counts)
    values = np.array(counts)
    if found.any() and not found.all():
        assert values[found].mean() > values[~found].mean()
