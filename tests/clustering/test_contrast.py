"""Log odds that shrink, q values that count every test, contrasts that find none in noise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.contrast import contrast_parts
from clustering.log_odds import shrunken_log_odds
from corpus.significance import benjamini_hochberg

counts = st.integers(0, 60)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(counts, counts)
def test_swapping_the_sides_turns_the_sign(inside: int, outside: int) -> None:
    one = shrunken_log_odds([inside], 60, [outside], 60)
    other = shrunken_log_odds([outside], 60, [inside], 60)
    assert one.log_odds[0] == pytest.approx(-other.log_odds[0])
    assert one.p_value[0] == pytest.approx(other.p_value[0])


@given(counts, counts)
def test_the_prior_pulls_towards_no_difference(inside: int, outside: int) -> None:
    weak = shrunken_log_odds([inside], 60, [outside], 60, prior=1.0)
    strong = shrunken_log_odds([inside], 60, [outside], 60, prior=100.0)
    assert abs(strong.log_odds[0]) <= abs(weak.log_odds[0]) + 1e-12
    assert np.sign(strong.log_odds[0]) == np.sign(weak.log_odds[0])


def test_two_accounts_on_one_side_alone_are_no_difference_yet() -> None:
    assert shrunken_log_odds([2], 50, [0], 50).low[0] < 0


def test_a_thing_that_everybody_or_nobody_does_tells_nothing() -> None:
    odds = shrunken_log_odds([10, 0], 10, [20, 0], 20)
    assert odds.log_odds.tolist() == [0, 0]
    assert odds.p_value.tolist() == [1, 1]


@pytest.mark.parametrize(("inside", "total"), [([3], 0), ([11], 10), ([-1], 10)])
def test_counts_that_cannot_be_are_refused(inside: list[int], total: int) -> None:
    with pytest.raises(ValueError, match="accounts"):
        shrunken_log_odds(inside, total, [1], 10)


@given(p_values, st.integers(0, 100))
def test_tests_that_showed_nothing_count_like_p_values_of_one(p: list[float], unseen: int) -> None:
    padded = benjamini_hochberg([*p, *[1.0] * unseen])[: len(p)]
    assert benjamini_hochberg(p, len(p) + unseen) == pytest.approx(padded)


@given(p_values)
def test_q_is_never_below_p_and_keeps_its_order(p: list[float]) -> None:
    q = benjamini_hochberg(p)
    assert (q >= np.array(p) - 1e-12).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()


def corpus(seed: int) -> tuple[dict[str, pa.Table], dict[str, str]]:
    """Accounts that say five of sixty words each, and a part drawn for each account."""
    draw = np.random.default_rng(seed)
    words = np.array([f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)])
    ids = [f"p{n}" for n in range(200)]
    said = [" ".join(draw.choice(words, 5, replace=False)) for _ in ids]
    posts = pa.table(
        {
            "post_id": ids,
            "account_id": [f"a{n}" for n in range(200)],
            "created_at": pa.array(range(200), pa.timestamp("us", tz="UTC")),
            "text": said,
            "hashtags": pa.array([[] for _ in ids], pa.list_(pa.string())),
            "kind": ["post"] * 200,
        }
    )
    tables = {
        "posts": posts,
        "texts": pa.table({"post_id": ids, "lang": ["en"] * 200}),
        "point_posts": pa.table({"post_id": ids, "point_id": ids}),
    }
    return tables, {post: ["left", "right"][draw.integers(2)] for post in ids}


def test_parts_drawn_by_lot_differ_in_nothing() -> None:
    runs = [contrast_parts(*corpus(seed)) for seed in range(20)]
    with_any = [(np.asarray(run.column("q_value")) <= 0.05).any() for run in runs]
    assert sum(with_any) <= 1
    outside = [np.mean(np.asarray(run.column("p_value")) <= 0.05) for run in runs]
    assert np.mean(outside) <= 0.05


def test_row_order_changes_nothing() -> None:
    tables, parts = corpus(1)
    turned = {name: table.take(pa.array(range(199, -1, -1))) for name, table in tables.items()}
    assert contrast_parts(turned, parts).equals(contrast_parts(tables, parts))
