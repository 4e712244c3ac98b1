"""Links are each family's strongest tree, and cutting them is what a higher threshold joins."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clustering.lineage
import clustering.spanning
from clustering.jaccard import ShingleSets, all_pairs
from clustering.lineage import LINEAGE, FamilyTrees
from clustering.regroup import regroup
from clustering.talking_points import TalkingPointTables, find_talking_points
from corpus.errors import SettingsError
from corpus.settings import TalkingPoints
from corpus.tables import PAIRS, POINT_POSTS, POSTS, TALKING_POINTS, check
from engines.components import component_labels
from engines.local import LocalEngine
from nlp import normalize
from nlp.normalize import Normalize

START = datetime(2031, 5, 1, tzinfo=UTC)
SENTENCE = "the delegates will leave this summit before any vote is taken on the new border treaty"
BASE = SENTENCE.split(" ")


def drifting(seed: int, size: int) -> list[str]:
    """A family in which copies change a word of some earlier copy: chains, stars and ties."""
    rng = random.Random(seed)
    made = [list(BASE)]
    while len(made) < size:
        words = list(made[rng.choice([0, -1, rng.randrange(len(made))])])
        words[rng.randrange(len(words))] = f"word{rng.randrange(30)}"
        made.append(words)
    return list(dict.fromkeys(" ".join(words) for words in made))


def family_table(families: list[list[str]]) -> pa.Table:
    rows = [
        {"post_id": f"{number:03d}-{rank:05d}", "family": number, "rank": rank, "text_norm": text}
        for number, texts in enumerate(families)
        for rank, text in enumerate(texts)
    ]
    schema = pa.schema(
        [("post_id", pa.string()), ("family", pa.int64()), ("rank", pa.int64()),
         ("text_norm", pa.string())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


def connected(texts: list[str], threshold: float, shingle: str) -> list[list[str]]:
    """The texts in families of exact similarity, in their order."""
    left, right, _ = all_pairs(ShingleSets(texts, shingle), threshold)
    found: dict[int, list[str]] = defaultdict(list)
    for text, label in zip(texts, component_labels(len(texts), left, right), strict=True):
        found[int(label)].append(text)
    return [family for family in found.values() if len(family) > 1]


@pytest.mark.parametrize("kind", ["word-1", "char-4", "mixed"])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_compiled_trees_are_the_readable_ones(kind: str, seed: int) -> None:
    families = connected(drifting(seed, 60) + drifting(seed + 1, 7), 0.7, kind)
    table = family_table(families)
    readable = FamilyTrees(0.7, kind)(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clustering.lineage, "MANY_TEXTS", 0)
        assert FamilyTrees(0.7, kind)(table).equals(readable)
    assert readable.schema == LINEAGE


@given(seed=st.integers(0, 10**6), rows=st.sampled_from([1, 7, 20_000]))
@settings(max_examples=15, deadline=None)
def test_trees_do_not_depend_on_row_order_or_batches(seed: int, rows: int) -> None:
    table = family_table(connected(drifting(seed, 30) + drifting(seed + 7, 20), 0.6, "word-1"))
    kernel = FamilyTrees(0.6, "word-1")
    order = np.random.default_rng(seed).permutation(table.num_rows)
    found = LocalEngine(rows).group(table.take(pa.array(order)), ["family"], kernel)
    assert found.sort_by("post_id").equals(kernel(table).sort_by("post_id"))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_every_cut_of_the_tree_leaves_what_exact_similarity_joins(seed: int) -> None:
    families = connected(drifting(seed, 40), 0.5, "word-1")
    for texts in families:
        rows = FamilyTrees(0.5, "word-1")(family_table([texts])).to_pylist()
        number = {row["post_id"]: at for at, row in enumerate(rows)}
        for threshold in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9):
            kept = [r for r in rows if r["linked_to"] and r["link_similarity"] >= threshold - 1e-9]
            ours = component_labels(
                len(rows),
                [number[row["post_id"]] for row in kept],
                [number[row["linked_to"]] for row in kept],
            )
            left, right, _ = all_pairs(ShingleSets(texts, "word-1"), threshold)
            assert np.array_equal(ours, component_labels(len(texts), left, right))


def test_a_chain_is_followed_link_by_link_and_shows_variants() -> None:
    chain = [BASE[:]]
    for at in range(0, 12, 2):
        chain.append([*chain[-1][:at], f"new{at}", f"other{at}", *chain[-1][at + 2 :]])
    rows = FamilyTrees(0.7, "word-1")(family_table([[" ".join(words) for words in chain]]))
    assert rows.column("depth").to_pylist() == list(range(7))
    assert rows.column("linked_to").to_pylist() == [None, *rows.column("post_id").to_pylist()[:6]]
    assert set(rows.column("medoid_id").to_pylist()) == {"000-00003"}
    assert rows.column("to_medoid").to_pylist()[0] < 0.5
    variants = rows.column("variant").to_pylist()
    assert variants[0] == 1 == variants[1]
    assert variants[-1] > 1
    assert variants == sorted(variants)


def test_a_tight_family_shows_no_variants_and_ties_go_to_the_earliest() -> None:
    texts = [" ".join([*BASE, f"tag{at}"]) for at in range(6)]
    rows = FamilyTrees(0.7, "word-1")(family_table([texts]))
    assert rows.column("variant").null_count == 6
    assert rows.column("linked_to").to_pylist() == [None, *["000-00000"] * 5]
    assert rows.column("depth").to_pylist() == [0, 1, 1, 1, 1, 1]


def test_a_family_too_large_for_all_pairs_is_still_linked_by_confirmed_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (texts,) = connected(drifting(4, 400), 0.7, "word-1")[:1]
    table = family_table([texts])
    monkeypatch.setattr(clustering.lineage, "MANY_TEXTS", 0)
    whole = FamilyTrees(0.7, "word-1")(table)
    monkeypatch.setattr(clustering.spanning, "ALL_PAIRS_UP_TO", 10)
    first = FamilyTrees(0.7, "word-1")(table)
    assert not first.equals(whole)
    assert first.column("linked_to").null_count == 1
    sets, number = (
        ShingleSets(texts, "word-1"),
        {name: at for at, name in enumerate(first["post_id"].to_pylist())},
    )
    for row in first.to_pylist()[1:]:
        near = sets.jaccard(
            np.array([number[row["post_id"]]]), np.array([number[row["linked_to"]]])
        )
        assert near[0] == pytest.approx(row["link_similarity"])
        assert near[0] >= 0.7 - 1e-9


# ---- what the stage reports -------------------------------------------------------------------


def post(post_id: str, text: str, minute: int | None, **given: Any) -> dict[str, Any]:
    created = None if minute is None else START + timedelta(minutes=minute)
    return {
        "post_id": post_id, "platform": "", "account_id": f"account-{post_id}",
        "created_at": created, "time_precision": "second", "text": text, "kind": "post",
        "urls": [], "hashtags": [], "mentions": [], "source_file": "made", "source_row": 0, **given,
    }  # fmt: skip


def run(
    rows: list[dict[str, Any]], threshold: float = 0.7, batch: int = 20_000
) -> TalkingPointTables:
    engine = LocalEngine(batch)
    posts = POSTS.from_rows(rows)
    options = TalkingPoints(threshold=threshold, shingle="word-1")
    found = find_talking_points(engine, posts, engine.map(posts, Normalize()), settings=options)
    for table, contract in [
        (found.pairs, PAIRS), (found.point_posts, POINT_POSTS),
        (found.talking_points, TALKING_POINTS),
    ]:  # fmt: skip
        check(table, contract)
    return found


def crowd(seed: int, size: int = 50) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    texts = [*drifting(seed, 14), *drifting(seed + 1, 6), "hi", "", "@a"]
    rows = []
    for at in range(size):
        kind = rng.choice(["post", "post", "post", "repost"])
        parent = str(rng.randrange(60)) if rng.random() < 0.5 else None
        minute = rng.randrange(30) if rng.random() < 0.9 else None
        rows.append(post(str(at), rng.choice(texts), minute, kind=kind, parent_id=parent))
    return rows


def test_copies_hang_on_the_earliest_and_reposts_on_what_they_repeat() -> None:
    near = " ".join([*BASE[:-1], "pact"])
    found = run(
        [
            post("a", " ".join(BASE), 5),
            post("b", near, 3),
            post("c", near, 4),
            post("d", "RT", 9, kind="repost", parent_id="a"),
            post("e", "something else entirely is going on in town", 1),
        ]
    )
    rows = {row["post_id"]: row for row in found.point_posts.to_pylist()}
    assert (rows["b"]["linked_to"], rows["b"]["depth"]) == (None, 0)
    assert (rows["c"]["linked_to"], rows["c"]["link_similarity"], rows["c"]["depth"]) == ("b", 1, 0)
    assert (rows["a"]["linked_to"], rows["a"]["depth"]) == ("b", 1)
    assert rows["a"]["link_similarity"] == pytest.approx(14 / 16)
    assert (rows["d"]["linked_to"], rows["d"]["link_similarity"], rows["d"]["depth"]) == (
        "a",
        None,
        1,
    )
    assert (rows["e"]["linked_to"], rows["e"]["depth"]) == (None, 0)
    point = next(p for p in found.talking_points.to_pylist() if p["posts"] == 3)
    assert (point["exemplar_id"], point["medoid_id"], point["texts"]) == ("b", "b", 2)
    assert (point["weakest"], point["variants"]) == (pytest.approx(14 / 16), 1)
    assert point["cohesion"] == pytest.approx((1 + 14 / 16) / 2)
    assert [(p["post_a"], p["post_b"]) for p in found.pairs.to_pylist()] == [("a", "b")]


@given(seed=st.integers(0, 10**6), rng=st.randoms())
@settings(max_examples=15, deadline=None)
def test_links_do_not_depend_on_row_order_and_lead_to_the_earliest(
    seed: int, rng: random.Random
) -> None:
    rows = crowd(seed)
    whole = run(rows)
    rng.shuffle(rows)
    again = run(rows, batch=7)
    for name in ("pairs", "point_posts", "talking_points"):
        assert getattr(again, name).equals(getattr(whole, name))
    table = {row["post_id"]: row for row in whole.point_posts.to_pylist()}
    roots = [row for row in table.values() if row["linked_to"] is None]
    assert len(roots) == whole.talking_points.num_rows
    for row in table.values():
        if row["linked_to"] is not None:
            above = table[row["linked_to"]]
            assert above["point_id"] == row["point_id"]
            assert 0 <= row["depth"] - above["depth"] <= 1
    for name in table:
        steps = 0
        while (above_id := table[name]["linked_to"]) is not None:
            name, steps = above_id, steps + 1  # noqa: PLW2901
            assert steps < len(table)


@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]))
@settings(max_examples=25, deadline=None)
def test_regrouping_joins_what_exact_similarity_joins_inside_each_point(
    seed: int, threshold: float
) -> None:
    """So whatever a fresh run at the higher threshold finds is together, and may be more."""
    rows = [row for row in crowd(seed) if row["kind"] == "post"]
    low = run(rows, threshold=0.5).point_posts
    ours = points(regroup(low, threshold))
    exact, of_low = _exact_groups(rows, threshold), points(low)
    assert (
        len({(ours[name], exact[name], of_low[name]) for name in ours})
        == len(set(ours.values()))
        == len({(exact[name], of_low[name]) for name in ours})
    )
    fresh = points(run(rows, threshold).point_posts)
    assert len({(fresh[name], exact[name]) for name in ours}) == len(set(fresh.values()))


def points(table: pa.Table) -> dict[str, str]:
    return {row["post_id"]: row["point_id"] for row in table.to_pylist()}


def _exact_groups(rows: list[dict[str, Any]], threshold: float) -> dict[str, int]:
    texts = normalize([row["text"] for row in rows])
    sets = ShingleSets(texts, "word-1")
    left, right, _ = all_pairs(sets, threshold)
    first: dict[str, int] = {}
    equal = [(at, first.setdefault(t, at)) for at, t in enumerate(texts) if t]
    labels = component_labels(
        len(texts), [*left, *(a for a, _ in equal)], [*right, *(b for _, b in equal)]
    )
    return {row["post_id"]: int(label) for row, label in zip(rows, labels, strict=True)}


def test_regrouping_at_the_same_threshold_changes_nothing_and_ids_are_those_of_a_run() -> None:
    found = run(crowd(5))
    same = regroup(found.point_posts, 0.7)
    assert same.column("point_id").to_pylist() == found.point_posts.column("point_id").to_pylist()
    with pytest.raises(SettingsError, match=r"threshold = 0; expected a number above 0"):
        regroup(found.point_posts, 0)
