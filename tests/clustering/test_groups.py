"""Groups over ties that count: who hangs together, how firmly, at which level."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.groups import communities, find_groups, level_of
from corpus.tables import GROUPS, OUTLETS, POINT_CLASSES, POINT_POSTS, POSTS, TIES, check


def tie(a: str, b: str, layer: str = "near_duplicate", q: float = 0.001, **more: Any) -> dict:
    row = {
        "account_a": min(a, b), "account_b": max(a, b), "layer": layer, "window_s": 60,
        "weight": 3, "n_objects": 3, "posts_a": 3, "posts_b": 3, "mean_gap_s": 1.0,
        "median_gap_s": 1.0, "a_first_share": 0.5, "symmetry": 1.0, "expected": 0.01,
        "p_value": q / 10, "q_value": q, "evidence": [f"{a}1", f"{b}1"],
    }  # fmt: skip
    return row | more


def grouped(rows: list[dict], outlets: pa.Table | None = None, seed: int = 0) -> list[dict]:
    table = find_groups(
        TIES.from_rows(rows),
        posts=POSTS.empty(),
        point_posts=POINT_POSTS.empty(),
        point_classes=POINT_CLASSES.empty(),
        outlets=outlets if outlets is not None else OUTLETS.empty(),
        seed=seed,
    )
    check(table, GROUPS)
    return table.to_pylist()


def clique(names: str, **more: Any) -> list[dict]:
    return [tie(a, b, **more) for a, b in combinations(names, 2)]


def test_two_accounts_are_a_pair_and_three_a_group() -> None:
    assert grouped([tie("a", "b")]) == []
    (found,) = grouped(clique("abc"))
    assert (found["accounts"], found["density"], found["stability"] > 0) == (list("abc"), 1.0, True)


def test_without_ties_there_is_no_group() -> None:
    assert grouped([]) == []


def test_two_crowds_with_one_tie_between_them_are_two_groups() -> None:
    found = grouped([*clique("abcde"), *clique("vwxyz"), tie("e", "v")])
    assert sorted("".join(group["accounts"]) for group in found) == ["abcde", "vwxyz"]
    assert all(group["stability"] == pytest.approx(1.0, abs=0.2) for group in found)


def test_layers_that_repeat_each_other_weigh_once() -> None:
    """A copied text is a near-duplicate too: the pair is no stronger for it."""
    rows = [tie("a", "b"), tie("a", "b", "copied_text"), tie("b", "c"), tie("a", "c")]
    assert grouped(rows)[0]["layers"] == ["copied_text", "near_duplicate"]
    bridged = [*clique("abc"), *clique("xyz"), tie("c", "x"), tie("c", "x", "copied_text")]
    assert len(grouped(bridged)) == 2


def test_groups_do_not_depend_on_the_order_of_ties() -> None:
    rows = [*clique("abcde"), *clique("vwxyz"), tie("e", "v"), tie("a", "m")]
    assert grouped(rows) == grouped(rows[::-1])


def test_a_group_of_news_outlets_says_so() -> None:
    outlets = OUTLETS.from_rows(
        [
            {"account_id": name, "posts_read": 9, "personal_share": 0.0, "copied_share": 1.0,
             "median_gap_s": None, "hours": 24, "days": 9, "reason": ""}
            for name in "abc"
        ]
    )  # fmt: skip
    (found,) = grouped(clique("abc"), outlets)
    assert found["benign_class"] == "syndication"
    assert "news outlets" in found["reason"]
    (other,) = grouped(clique("abd"), outlets)
    assert other["benign_class"] is None


nodes = st.integers(0, 6)
weighted = st.dictionaries(
    st.tuples(nodes, nodes).filter(lambda pair: pair[0] < pair[1]), st.floats(0, 0.05)
)


@given(weighted)
def test_the_level_of_a_group_is_the_smallest_that_connects_it(q_of: dict) -> None:
    named = {(str(a), str(b)): q for (a, b), q in q_of.items()}
    group = sorted({name for pair in named for name in pair})
    if len(group) < 2:
        return
    level = level_of(group, named)

    def joined(most: float, strictly: bool) -> bool:
        reached, grew = {group[0]}, True
        while grew:
            more = {
                name
                for pair, q in named.items()
                if (q < most or (q == most and not strictly)) and reached & set(pair)
                for name in pair
            }
            grew, reached = not more <= reached, reached | more
        return reached >= set(group)

    if level == 1.0:
        assert not joined(1.0, strictly=False)
    else:
        assert joined(level, strictly=False)
        assert not joined(level, strictly=True)


@given(st.sets(st.tuples(nodes, nodes).filter(lambda pair: pair[0] < pair[1]), min_size=1))
def test_every_community_is_connected_and_no_account_is_in_two(pairs: set) -> None:
    edges = [(str(a), str(b), 1.0) for a, b in sorted(pairs)]
    found = communities(edges, seed=3)
    everyone = [node for group in found for node in group]
    assert len(everyone) == len(set(everyone))
    for group in found:
        inside = {pair: 0.0 for pair in ((a, b) for a, b, _ in edges) if set(pair) <= set(group)}
        assert level_of(group, inside) == 0.0
