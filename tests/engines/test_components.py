"""Components are the same for any order of the links, and named by their smallest member."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import EngineError
from engines.components import component_labels, connected_components

LINKS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40)
    )
)


def _by_walking(n: int, links: list[tuple[int, int]]) -> list[int]:
    """The slow, obvious way: spread the smallest label until nothing changes."""
    labels = list(range(n))
    for _ in range(n):
        for a, b in links:
            labels[a] = labels[b] = min(labels[a], labels[b])
    return labels


@given(LINKS)
def test_each_node_gets_the_smallest_node_it_is_linked_to(
    case: tuple[int, list[tuple[int, int]]],
) -> None:
    n, links = case
    found = component_labels(n, [a for a, _ in links], [b for _, b in links])
    assert found.tolist() == _by_walking(n, links)


@given(LINKS, st.randoms())
def test_links_in_two_steps_and_any_order_give_what_one_step_gives(
    case: tuple[int, list[tuple[int, int]]], rng: random.Random
) -> None:
    n, links = case
    whole = component_labels(n, [a for a, _ in links], [b for _, b in links])
    rng.shuffle(links)
    half = len(links) // 2
    first = component_labels(n, [a for a, _ in links[:half]], [b for _, b in links[:half]])
    both = component_labels(n, [b for _, b in links[half:]], [a for a, _ in links[half:]], first)
    assert both.tolist() == whole.tolist()


def test_a_chain_of_a_hundred_thousand_is_one_component() -> None:
    chain = np.random.default_rng(0).permutation(100_000)
    assert not component_labels(100_000, chain[:-1], chain[1:]).any()


def test_ids_are_compared_as_text() -> None:
    pairs = pa.table({"a": ["9", "10", "x"], "b": ["10", "2", "y"]})
    found = connected_components(pairs)
    named = dict(zip(found["member"].to_pylist(), found["component"].to_pylist(), strict=True))
    assert named == {"10": "10", "2": "10", "9": "10", "x": "x", "y": "x"}


def test_a_link_to_nowhere_is_refused() -> None:
    with pytest.raises(EngineError, match=r"outside 0\.\.2"):
        component_labels(3, [0], [3])
    with pytest.raises(EngineError, match="expected as many"):
        component_labels(3, [0, 1], [2])
