"""Media hashes and columns to tie on: what they share, and the layers they make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clustering.coordination import find_coordination
from clustering.own_traces import own_layers
from corpus.settings import Coordination
from corpus.tables import (
    KEPT_COLUMNS,
    OUTLETS,
    PARAPHRASES,
    POINT_CLASSES,
    POINT_POSTS,
    POSTS,
    TEXTS,
)

START = datetime(2031, 3, 1, 8, tzinfo=UTC)


def kept(*rows: tuple[str, str, str | None]) -> pa.Table:
    return KEPT_COLUMNS.from_rows(
        [{"post_id": post, "column": column, "value": value} for post, column, value in rows]
    )


def ids(*names: str) -> pa.Table:
    return pa.table({"post_id": pa.array(names, pa.string())})


@pytest.mark.parametrize(
    ("cell", "digests"),
    [
        ("c0ffee", ["c0ffee"]),
        ('["c0ffee", "beef01"]', ["c0ffee", "beef01"]),
        ("c0ffee;beef01 | c0ffee", ["c0ffee", "beef01"]),
        ("0000000000000000", []),
        ("None", []),
        ("  ", []),
        ("aB3=", ["aB3="]),
    ],
)
def test_a_cell_of_hashes_is_taken_apart_and_flat_pictures_are_none(
    cell: str, digests: list[str]
) -> None:
    found = own_layers(ids("p"), kept(("p", "image_hash", cell))).get("media", [])
    assert [digest for _, digest, _ in found] == digests


def test_hashes_of_every_column_make_one_layer_and_other_columns_one_each() -> None:
    table = kept(
        ("p", "image_hash", "aa1"), ("q", "video_hash", "aa1"), ("p", "Wallet No", " W, 1 "),
        ("q", "mood", "calm"), ("r", "image_hash", "aa1"),
    )  # fmt: skip
    layers = own_layers(ids("p", "q"), table, ("Wallet No",))
    assert set(layers) == {"media", "column_wallet_no"}
    assert layers["media"] == [("p", "aa1", None), ("q", "aa1", None)]
    assert layers["column_wallet_no"] == [("p", "W, 1", None)]
    assert own_layers(ids("p"), None, ("x",)) == {}


def case(seed: int, planted: bool) -> dict[str, pa.Table]:
    """Twelve accounts that each post a picture a day; three share theirs within seconds."""
    random = Random(seed)
    posts: list[dict[str, Any]] = []
    hashes: list[tuple[str, str, str | None]] = []
    for day in range(14):
        for account in range(12):
            together = planted and account < 3
            second = 3 * account if together else random.randrange(36_000)
            name = f"p{day:02d}-{account:02d}"
            posts.append(
                {"post_id": name, "platform": "x", "account_id": f"a{account:02d}",
                 "created_at": START + timedelta(days=day, seconds=second), "text": name,
                 "time_precision": "second", "kind": "post", "urls": [], "hashtags": [],
                 "mentions": [], "source_file": "f", "source_row": len(posts)}
            )  # fmt: skip
            shared = f"c0ffee{day}" if together else f"d{random.randrange(10**9)}1"
            hashes.append((name, "image_hash", shared))
    texts = [
        {"post_id": row["post_id"], "text_norm": row["text"], "script": "Latin", "lang": "en",
         "lang_score": 1.0, "tokens": 1}
        for row in posts
    ]  # fmt: skip
    points = [{"post_id": r["post_id"], "point_id": r["post_id"], "similarity": 1.0} for r in posts]
    return {
        "posts": POSTS.from_rows(posts),
        "texts": TEXTS.from_rows(texts),
        "point_posts": POINT_POSTS.from_rows(points),
        "paraphrases": PARAPHRASES.empty(),
        "point_classes": POINT_CLASSES.empty(),
        "outlets": OUTLETS.empty(),
        "kept_columns": kept(*hashes),
    }


def validated(tables: dict[str, pa.Table]) -> set[tuple[str, str, str]]:
    found = find_coordination(**tables, settings=Coordination(permutations=0))
    rows = found.ties.filter(pc.fill_null(found.ties["validated"], False)).to_pylist()
    return {(row["layer"], row["account_a"], row["account_b"]) for row in rows}


def test_accounts_that_post_the_same_pictures_together_are_tied_by_them_alone() -> None:
    trio = {("a00", "a01"), ("a00", "a02"), ("a01", "a02")}
    assert validated(case(1, planted=True)) == {("media", *pair) for pair in trio}


def test_pictures_of_ones_own_tie_nobody() -> None:
    assert not validated(case(2, planted=False))


def test_the_order_of_rows_changes_nothing() -> None:
    tables = case(3, planted=True)
    order = list(range(tables["kept_columns"].num_rows))
    Random(5).shuffle(order)
    shuffled = {**tables, "kept_columns": tables["kept_columns"].take(pa.array(order))}
    assert validated(tables) == validated(shuffled)
