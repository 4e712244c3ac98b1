"""The inputs of CooRTweet and of the coordination-network-toolkit, by their own rules."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from corpus.tables import ALL
from reports.exports.from_tables import export_tables
from reports.exports.registry import exporter
from reports.redaction import Redactor

from .conftest import hostile, posts_of, source_of

AT = datetime(2031, 5, 1, 8, 0, 0, 900_000, tzinfo=UTC)
POST: dict[str, Any] = {
    "platform": "x", "created_at": AT, "time_precision": "second", "text": "t", "kind": "post",
    "urls": [], "hashtags": [], "mentions": [], "source_file": "f", "source_row": 0,
}  # fmt: skip


@pytest.fixture
def small() -> dict[str, Any]:
    """Two posts of one talking point, a repost, a reply, and two that cannot take part."""
    rows = [
        POST | {"post_id": "1", "account_id": "a", "urls": ["https://u.example/1", "https://v"]},
        POST | {"post_id": "2", "account_id": "b", "hashtags": ["x", "x"], "handle": "bee"},
        POST | {"post_id": "3", "account_id": "c", "kind": "repost", "parent_id": "1",
                "urls": ["https://u.example/1"]},
        POST | {"post_id": "4", "account_id": "d", "kind": "reply", "parent_id": "2"},
        POST | {"post_id": "5", "account_id": None},
        POST | {"post_id": "6", "account_id": "a", "created_at": None},
    ]  # fmt: skip
    points = [
        {"post_id": post, "point_id": point, "similarity": 1.0}
        for post, point in (("1", "p"), ("2", "p"), ("4", "alone"), ("5", "p"), ("6", "p"))
    ]
    return {
        "posts": ALL["posts"].from_rows(rows),
        "point_posts": ALL["point_posts"].from_rows(points),
    }


def test_coortweet_reads_four_columns_a_layer(small: dict[str, Any], tmp_path: Path) -> None:
    paths = export_tables("coortweet", small, tmp_path, Redactor("none"))
    read = {path.stem: pd.read_csv(path, dtype=str) for path in paths}
    assert list(read) == ["hashtags", "reposts", "talking_points", "urls"]
    for frame in read.values():
        assert list(frame) == ["object_id", "account_id", "content_id", "timestamp_share"]
        assert set(frame["timestamp_share"]) == {str(int(AT.timestamp()))}
    assert read["talking_points"]["content_id"].tolist() == ["1", "2"]
    assert read["reposts"][["object_id", "content_id"]].to_numpy().tolist() == [["1", "3"]]
    assert read["urls"]["content_id"].tolist() == ["1", "1"]
    assert len(read["hashtags"]) == 1


def test_the_toolkit_reads_by_position_and_there_is_no_index_column(
    small: dict[str, Any], tmp_path: Path
) -> None:
    path = export_tables("toolkit", small, tmp_path, Redactor("none"))[0]
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == [
        "message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp",
        "urls",
    ]  # fmt: skip
    seconds = str(int(AT.timestamp()))
    assert rows[0] == ["1", "a", "", "", "", "t", seconds, "https://u.example/1 https://v"]
    assert rows[2][3:5] == ["1", ""] and rows[3][3:5] == ["", "2"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]


@settings(max_examples=25)
@given(hostile)
def test_any_text_stays_one_row_of_the_toolkit(text: str) -> None:
    tables = posts_of([text])
    column = tables["posts"].schema.get_field_index("created_at")
    field = tables["posts"].schema.field("created_at")
    import pyarrow as pa

    tables["posts"] = tables["posts"].set_column(column, field, pa.array([AT], field.type))
    with source_of(tables, raw_csv=True) as (source, folder):
        exporter("toolkit")(source, folder)
        read = pd.read_csv(folder / "posts.csv", dtype=str, keep_default_na=False)
        exporter("coortweet")(source, folder)
    assert len(read) == 1
    assert read["message_id"][0] == tables["posts"]["post_id"][0].as_py()
