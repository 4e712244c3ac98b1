"""Flooding: synchronous uses of a tag by different accounts, beyond its popularity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustering.flooding import find_flooding, synchronous_pairs
from corpus.errors import SettingsError
from corpus.tables import FLOODING, POSTS, check, conform

START = datetime(2021, 3, 1, tzinfo=UTC)
Use = tuple[float, str, list[str]]
"""seconds after START, account, tags"""


def posts(rows: list[Use], kind: str = "post") -> pa.Table:
    size = len(rows)
    empty = pa.array([[]] * size, pa.list_(pa.string()))
    return conform(
        pa.table(
            {
                "post_id": pa.array([f"p{n:06d}" for n in range(size)], pa.string()),
                "platform": [""] * size,
                "account_id": pa.array([row[1] for row in rows], pa.string()),
                "created_at": [START + timedelta(seconds=row[0]) for row in rows],
                "time_precision": ["second"] * size,
                "text": ["words"] * size,
                "kind": [kind] * size,
                "urls": empty,
                "hashtags": pa.array([row[2] for row in rows], pa.list_(pa.string())),
                "mentions": empty,
                "source_file": [""] * size,
                "source_row": pa.array(range(size), pa.int64()),
            }
        ),
        POSTS,
    )


def crowd(seed: int, size: int = 1500, tags: int = 12) -> list[Use]:
    """Posts over ten days in uneven hours; half of them with one of a few tags."""
    rng = np.random.default_rng(seed)
    weight = rng.gamma(0.5, 1, 240)
    hours = rng.choice(240, size, p=weight / weight.sum())
    tagged = rng.random(size) < 0.5
    return [
        (
            float(hour * 3600 + rng.random() * 3600),
            f"u{rng.integers(200)}",
            [f"t{rng.integers(tags)}"] if with_tag else [],
        )
        for hour, with_tag in zip(hours, tagged, strict=True)
    ]


def flood(seed: int, waves: int = 6, accounts: int = 8, tag: str = "Flood") -> list[Use]:
    rng = np.random.default_rng(seed)
    starts = rng.random(waves) * 240 * 3600
    return [
        (float(start + rng.random() * 40), f"f{n}", [tag])
        for start in starts
        for n in range(accounts)
    ]


def test_a_flooded_tag_is_found_and_the_crowds_tags_are_not() -> None:
    found = check(find_flooding(posts([*crowd(1), *flood(1)])), FLOODING).to_pylist()
    assert [row["hashtag"] for row in found] == ["flood"]
    row = found[0]
    assert row["posts"] == 48
    assert row["synchronous"] == row["accounts"] == 8
    assert row["observed"] >= 6 * 28 > 2 * row["expected"]
    assert row["p_value"] <= row["q_value"] <= 0.05
    assert len(row["evidence"]) == 6
    assert "drawn from posts without it" in row["null_model"]


def test_reposts_are_synchronous_by_nature_and_left_out() -> None:
    assert find_flooding(posts([*crowd(1), *flood(1)], kind="repost")).num_rows == 0


def test_one_account_alone_floods_nothing() -> None:
    alone = [(at, "f", tags) for at, _, tags in flood(2)]
    assert find_flooding(posts([*crowd(2), *alone])).num_rows == 0


def test_a_moment_that_the_whole_corpus_reacts_to_is_no_flooding() -> None:
    rng = np.random.default_rng(3)
    goal = 100 * 3600.0
    all_react = [
        (goal + float(rng.random() * 50), f"v{n}", ["match"] if n % 2 else []) for n in range(300)
    ]
    assert find_flooding(posts([*crowd(3), *all_react])).num_rows == 0


def test_crowds_without_a_flood_raise_no_more_alarms_than_the_level() -> None:
    alarms = sum(find_flooding(posts(crowd(seed, 600, 8))).num_rows > 0 for seed in range(30))
    assert alarms <= stats.binom.ppf(0.999, 30, 0.06)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3)), min_size=1, max_size=30),
    st.integers(1, 20),
)
def test_pairs_are_those_of_all_pairs_of_different_accounts(
    rows: list[tuple[int, int]], window_s: int
) -> None:
    at = np.array([row[0] for row in rows], dtype=np.int64)
    account = np.array([row[1] for row in rows], dtype=np.int64)
    known = sum(
        abs(at[a] - at[b]) <= window_s and account[a] != account[b]
        for a in range(len(at))
        for b in range(a)
    )
    assert synchronous_pairs(at, account, window_s) == known


def test_the_same_seed_gives_the_same_rows_in_any_order_of_posts() -> None:
    found = posts([*crowd(4, 500), *flood(4)])
    mixed = found.take(pa.array(np.random.default_rng(0).permutation(found.num_rows)))
    assert find_flooding(found).equals(find_flooding(mixed))


def test_no_posts_and_a_window_without_sense_are_answered() -> None:
    assert find_flooding(posts([])).num_rows == 0
    with pytest.raises(SettingsError, match="expected 1 to 1800 seconds"):
        find_flooding(posts([]), window_s=0)
