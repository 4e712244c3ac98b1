"""CSV, NDJSON, Parquet and SQLite: what goes in comes out of another program's reader."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.clean import for_csv, mark_of
from reports.exports import source as exports_source
from reports.exports.cells import plain_rows
from reports.exports.from_tables import export_tables
from reports.exports.registry import exporter
from reports.exports.source import WORKING, ExportOptions
from reports.redaction import Redactor

from .conftest import HOSTILE, hostile, posts_of, source_of

lists = st.lists(hostile, min_size=1, max_size=8)


@settings(max_examples=15)
@given(lists)
def test_a_raw_csv_gives_back_every_text_and_every_digit_of_an_id(texts: list[str]) -> None:
    tables = posts_of(texts)
    with source_of(tables, raw_csv=True) as (source, folder):
        exporter("csv")(source, folder)
        with (folder / "posts.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == texts
    assert [row["post_id"] for row in rows] == tables["posts"]["post_id"].to_pylist()


@settings(max_examples=15)
@given(lists)
def test_a_csv_has_one_row_a_post_and_no_live_formula_in_a_reader_that_is_not_ours(
    texts: list[str],
) -> None:
    with source_of(posts_of(texts), bom=True) as (source, folder):
        exporter("csv")(source, folder)
        data = (folder / "posts.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert read["text"].tolist() == [for_csv(text) for text in texts]
    assert pl.read_csv(data, infer_schema=False).height == len(texts)


@settings(max_examples=15)
@given(lists)
def test_ndjson_gives_back_every_text(texts: list[str]) -> None:
    with source_of(posts_of(texts)) as (source, folder):
        exporter("ndjson")(source, folder)
        lines = (folder / "posts.ndjson").read_text("utf-8").split("\n")
        read = pl.read_ndjson(folder / "posts.ndjson")
    rows = [json.loads(line) for line in lines if line]
    assert [row["text"] for row in rows] == texts
    assert [row["created_at"] for row in rows] == [None] * len(texts)
    assert read["post_id"].dtype == pl.String and read["text"].to_list() == texts


@settings(max_examples=15)
@given(lists)
def test_parquet_gives_back_every_text_and_type(texts: list[str]) -> None:
    tables = posts_of(texts)
    with source_of(tables) as (source, folder):
        exporter("parquet")(source, folder)
        read = pq.read_table(folder / "posts.parquet", memory_map=False)
        assert pl.read_parquet(folder / "posts.parquet")["text"].to_list() == texts
    assert read.equals(tables["posts"]) and read.schema.equals(tables["posts"].schema)


@settings(max_examples=15)
@given(lists)
def test_sqlite_gives_back_every_text_and_ends_none_at_a_nul(texts: list[str]) -> None:
    with source_of(posts_of(texts), full_text=True) as (source, folder):
        exporter("sqlite")(source, folder)
        with closing(sqlite3.connect(folder / "case.sqlite")) as database:
            rows = database.execute("SELECT post_id, text, hashtags FROM posts").fetchall()
            checked = database.execute("PRAGMA integrity_check").fetchone()
    shown = [text.replace("\x00", mark_of("\x00")) for text in texts]
    assert [row[1] for row in rows] == shown and checked == ("ok",)
    assert all(type(row[0]) is str and len(row[0]) == 19 for row in rows)
    assert [json.loads(row[2]) for row in rows] == [[text] if text else [] for text in texts]


@pytest.mark.parametrize("name", ["csv", "ndjson", "parquet", "sqlite"])
def test_a_table_of_several_batches_loses_no_row(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_source, "BATCH_ROWS", 10)
    with source_of(posts_of(["a"] * 37)) as (source, folder):
        assert [batch.num_rows for batch in source.batches("posts")] == [10, 10, 10, 7]
        assert [file.rows for file in exporter(name)(source, folder)] == [37]


@pytest.mark.parametrize("name", ["csv", "ndjson", "parquet", "sqlite"])
def test_two_exports_of_one_case_have_the_same_bytes(
    name: str, told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    first = export_tables(name, told_tables, tmp_path / "a", redactor)
    second = export_tables(name, told_tables, tmp_path / "b", redactor)
    assert first and [p.name for p in first] == [p.name for p in second]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_working_tables_stay_in_the_case(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    assert "texts" in told_tables
    written = {path.stem for path in export_tables("csv", told_tables, tmp_path, redactor)}
    assert written - {"disarm_candidates"} == set(told_tables) - WORKING


def test_cells_of_a_csv_read_as_promised(tmp_path: Path) -> None:
    options = ExportOptions()
    with source_of(posts_of(["=1+1"])) as (source, folder):
        exporter("csv")(source, folder)
        row = next(csv.DictReader((folder / "posts.csv").read_text("utf-8").splitlines()))
    assert (row["text"], row["hashtags"], row["created_at"]) == ("'=1+1", "'=1+1", "")
    assert not options.raw_csv


def test_times_and_numbers_are_written_short_and_in_utc() -> None:
    batch = pa.record_batch(
        {
            "at": pa.array([0, 1_500_000], pa.timestamp("us", "UTC")),
            "score": pa.array([0.8, float("nan")], pa.float32()),
            "hours": pa.array([[0.1], None], pa.list_(pa.float32())),
        }
    )
    assert list(plain_rows(batch)) == [
        ("1970-01-01T00:00:00Z", 0.8, [0.1]),
        ("1970-01-01T00:00:01.500000Z", None, None),
    ]


# SQLite alone --------------------------------------------------------------------------------


def test_every_view_can_be_read_and_shows_the_quotes_beside_each_other(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    path = export_tables("sqlite", told_tables, tmp_path, redactor)[0]
    with closing(sqlite3.connect(path)) as database:
        views = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type='view'")]
        counts = {v: database.execute(f"SELECT count(*) FROM {v}").fetchone()[0] for v in views}
        told = database.execute(
            "SELECT text, narrative FROM posts_by_narrative WHERE narrative IS NOT NULL"
        ).fetchone()
    assert counts["posts_by_narrative"] == told_tables["posts"].num_rows
    assert counts["shifts_side_by_side"] == told_tables["shifts"].num_rows
    assert counts["ties_beyond_chance"] == 2
    assert all(told)


def test_a_key_joins_tables_and_a_repeated_one_breaks_nothing(tmp_path: Path) -> None:
    tables = posts_of(["a", "b"])
    twice = {"posts": pa.concat_tables([tables["posts"], tables["posts"]])}
    for name, given_tables, keys in (("one", tables, 1), ("two", twice, 0)):
        path = export_tables("sqlite", given_tables, tmp_path / name, Redactor("none"))[0]
        with closing(sqlite3.connect(path)) as database:
            columns = database.execute("PRAGMA table_info(posts)").fetchall()
        assert sum(column[5] for column in columns) == keys


def test_words_of_posts_can_be_searched_when_asked(tmp_path: Path) -> None:
    with source_of(posts_of(["نان می‌خواهند", "bread and tea"]), full_text=True) as (source, folder):
        exporter("sqlite")(source, folder)
        with closing(sqlite3.connect(folder / "case.sqlite")) as database:
            found = database.execute(
                "SELECT text FROM posts_words WHERE posts_words MATCH 'tea'"
            ).fetchall()
    assert found == [("bread and tea",)]


def test_hostile_strings_cover_what_they_are_for() -> None:
    assert any("\x00" in text for text in HOSTILE) and any("\u200c" in text for text in HOSTILE)
