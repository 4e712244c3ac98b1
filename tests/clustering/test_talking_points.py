"""Every post belongs to one talking point, and reposts are counted apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.talking_points import TalkingPointTables, find_talking_points
from corpus.errors import SchemaError
from corpus.settings import TalkingPoints
from corpus.tables import PAIRS, POINT_POSTS, POSTS, TALKING_POINTS, check
from engines.local import LocalEngine
from nlp.normalize import Normalize

LONG = (
    "the delegates will leave the summit before any vote is taken on the new border treaty tonight"
)
NEAR = "the delegates will leave the summit before any vote is taken on the new border treaty today"
OTHER = "our market opens at nine and the bread is fresh every single morning of the week"
START = datetime(2031, 5, 1, tzinfo=UTC)


def post(post_id: str, text: str, **given: Any) -> dict[str, Any]:
    defaults = {
        "post_id": post_id,
        "platform": "",
        "account_id": f"account-{post_id}",
        "created_at": START,
        "time_precision": "second",
        "text": text,
        "kind": "post",
        "urls": [],
        "hashtags": [],
        "mentions": [],
        "source_file": "made",
        "source_row": 0,
    }
    return {**defaults, **given}


def run(
    rows: list[dict[str, Any]], engine: LocalEngine | None = None, **options: Any
) -> TalkingPointTables:
    engine = engine or LocalEngine()
    posts = POSTS.from_rows(rows)
    texts = engine.map(posts, Normalize())
    return find_talking_points(engine, posts, texts, settings=TalkingPoints(**options))


def points(found: TalkingPointTables) -> dict[str, str]:
    rows = found.point_posts.to_pylist()
    return {row["post_id"]: row["point_id"] for row in rows}


def point_of(found: TalkingPointTables, post_id: str) -> dict[str, Any]:
    wanted = points(found)[post_id]
    return next(row for row in found.talking_points.to_pylist() if row["point_id"] == wanted)


def test_near_copies_share_a_point_and_others_have_their_own() -> None:
    found = run([post("1", LONG), post("2", NEAR.upper()), post("3", OTHER), post("4", "@a")])
    assert points(found)["1"] == points(found)["2"]
    assert len(set(points(found).values())) == 3
    assert [(r["post_a"], r["post_b"], r["verified"]) for r in found.pairs.to_pylist()] == [
        ("1", "2", True)
    ]


def test_posts_without_words_are_alone() -> None:
    found = run([post(str(at), text) for at, text in enumerate(["@a", "@a", "", "https://x.y"])])
    assert len(set(points(found).values())) == 4


def test_the_earliest_post_stands_for_its_point() -> None:
    later = START + timedelta(hours=1)
    found = run(
        [
            post("1", LONG, created_at=later),
            post("2", NEAR),
            post("3", LONG, created_at=None),
            post("4", NEAR, account_id="account-2"),
        ]
    )
    point = point_of(found, "1")
    assert point["exemplar_id"] == "2"  # as early as 4, smaller id
    assert (point["posts"], point["reposts"], point["accounts"]) == (4, 0, 3)
    assert (point["first_at"], point["last_at"]) == (START, later)
    assert point["exact_share"] == 0.5
    similarity = {r["post_id"]: r["similarity"] for r in found.point_posts.to_pylist()}
    assert similarity["2"] == similarity["4"] == 1.0
    assert 0.7 <= similarity["1"] == similarity["3"] < 1.0


def test_a_repost_is_never_the_exemplar_of_an_original_and_is_counted_apart() -> None:
    found = run(
        [
            post("1", "RT @x: " + LONG, kind="repost", created_at=START - timedelta(days=1)),
            post("2", LONG),
            post("3", NEAR, kind="repost"),
        ]
    )
    point = point_of(found, "1")
    assert point["exemplar_id"] == "2"
    assert (point["posts"], point["reposts"], point["exact_share"]) == (1, 2, 1.0)
    assert {r["post_a"] for r in found.pairs.to_pylist()} == {"2"}


def test_a_point_of_reposts_alone_has_no_posts_and_its_earliest_repost_stands_for_it() -> None:
    found = run(
        [
            post("1", LONG, kind="repost", created_at=START + timedelta(days=1)),
            post("2", LONG, kind="repost"),
        ]
    )
    point = point_of(found, "1")
    assert (point["exemplar_id"], point["posts"], point["reposts"]) == ("2", 0, 2)
    assert point["exact_share"] == 1.0


def test_a_repost_follows_the_post_it_names_whatever_its_text() -> None:
    found = run(
        [
            post("1", LONG),
            post("2", "RT", kind="repost", parent_id="1"),
            post("3", OTHER, kind="repost", parent_id="2"),
            post("4", OTHER),
            post("5", OTHER, kind="quote", parent_id="1"),
        ]
    )
    assert points(found)["1"] == points(found)["2"] == points(found)["3"] != points(found)["4"]
    assert points(found)["5"] == points(found)["4"]
    assert point_of(found, "1")["reposts"] == 2


def test_a_cut_repost_follows_the_text_that_begins_like_it() -> None:
    cut = "RT @somebody: " + LONG[:60]
    found = run(
        [
            post("1", cut + "…", kind="repost"),
            post("2", LONG),
            post("3", cut + " htt…", kind="repost"),
            post("4", "RT @x: the delegates…", kind="repost"),
        ]
    )
    assert points(found)["1"] == points(found)["3"] == points(found)["2"]
    assert points(found)["4"] != points(found)["2"]  # too little is left to know


def test_an_own_post_that_ends_in_dots_is_no_cut_repost() -> None:
    found = run([post("1", LONG[:60] + "…"), post("2", LONG)])
    assert points(found)["1"] != points(found)["2"]


def test_reposts_in_a_ring_follow_their_own_texts() -> None:
    found = run(
        [
            post("1", LONG, kind="repost", parent_id="2"),
            post("2", OTHER, kind="repost", parent_id="1"),
            post("3", LONG, kind="repost", parent_id="3"),
        ]
    )
    assert points(found)["1"] == points(found)["3"] != points(found)["2"]


def test_tables_keep_their_contracts_also_for_one_post_and_none() -> None:
    for rows in ([], [post("1", LONG)], [post("1", "")]):
        found = run(rows)
        check(found.pairs, PAIRS)
        check(found.point_posts, POINT_POSTS)
        check(found.talking_points, TALKING_POINTS)
        assert found.talking_points.num_rows == found.point_posts.num_rows == len(rows)


def _crowd(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    seeds = [
        LONG,
        NEAR,
        OTHER,
        "یک متن کوتاه دربارهٔ حزب و مرز و نان تازه در شهر ما",
        "hi",
        "",
        "@a",
    ]
    rows = []
    for at in range(40):
        words = rng.choice(seeds).split(" ")
        if len(words) > 3:
            words[rng.randrange(len(words))] = rng.choice(["bread", "summit", "نان"])
        kind = rng.choice(["post", "post", "repost", "reply"])
        parent = str(rng.randrange(60)) if rng.random() < 0.5 else None
        moment = START + timedelta(minutes=rng.randrange(5)) if rng.random() < 0.9 else None
        rows.append(post(str(at), " ".join(words), kind=kind, parent_id=parent, created_at=moment))
    return rows


@given(seed=st.integers(0, 10**6), rng=st.randoms())
@settings(max_examples=20, deadline=None)
def test_tables_do_not_depend_on_row_order_or_batch_size(seed: int, rng: random.Random) -> None:
    rows = _crowd(seed)
    whole = run(rows)
    rng.shuffle(rows)
    for engine in (LocalEngine(7), LocalEngine()):
        again = run(rows, engine)
        assert again.pairs.equals(whole.pairs)
        assert again.point_posts.equals(whole.point_posts)
        assert again.talking_points.equals(whole.talking_points)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_counts_add_up_and_every_post_has_one_point(seed: int) -> None:
    rows = _crowd(seed)
    found = run(rows)
    assert found.point_posts["post_id"].to_pylist() == sorted(row["post_id"] for row in rows)
    table = found.talking_points.to_pylist()
    assert sum(p["posts"] + p["reposts"] for p in table) == len(rows)
    assert sum(p["reposts"] for p in table) == sum(row["kind"] == "repost" for row in rows)
    kinds = {row["post_id"]: row["kind"] for row in rows}
    for point in table:
        assert (kinds[point["exemplar_id"]] == "repost") == (point["posts"] == 0)
        assert 0 < point["exact_share"] <= 1


def test_a_damaged_input_is_refused_in_words() -> None:
    posts = POSTS.from_rows([post("1", LONG), post("1", OTHER)])
    texts = LocalEngine().map(posts, Normalize())
    with pytest.raises(SchemaError, match="a post_id repeats"):
        find_talking_points(LocalEngine(), posts, texts)
    posts = POSTS.from_rows([post("1", LONG), post("2", OTHER)])
    with pytest.raises(SchemaError, match="1 posts have no row"):
        find_talking_points(LocalEngine(), posts, texts.slice(1))
