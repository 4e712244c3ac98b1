"""Tables for other tools: they open, round-trip, and come out the same twice."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.errors import UnknownPlugin
from reports.redaction import Redactor
from reports.tabular import WORKING, csv_bytes, export_csv, export_parquet, exporter, exporters


def test_ids_emoji_persian_and_newlines_round_trip(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    plain = Redactor("none")
    export_csv(tables, tmp_path, plain, raw=True)
    read = pd.read_csv(tmp_path / "posts.csv", dtype=str, keep_default_na=False)
    assert read["post_id"].tolist() == tables["posts"]["post_id"].to_pylist()
    texts = [text.replace("\x00", "") for text in tables["posts"]["text"].to_pylist()]
    assert [text.replace("\x00", "") for text in read["text"]] == texts


def test_parquet_holds_the_same_rows_for_another_reader(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    paths = export_parquet(tables, tmp_path, Redactor("none"))
    assert paths == sorted(paths)
    for path in paths:
        assert pq.read_table(path).equals(tables[path.stem])
        assert pl.read_parquet(path).height == tables[path.stem].num_rows


def test_two_exports_have_the_same_bytes(
    tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    for write in (export_csv, export_parquet):
        first = write(tables, tmp_path / "a", redactor)
        second = write(tables, tmp_path / "b", redactor)
        assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert not list(tmp_path.rglob("*.part"))


def test_every_row_of_every_csv_has_every_cell(
    tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    for path in export_csv(tables, tmp_path, redactor, bom=True):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == tables[path.stem].column_names
        assert len(rows) == tables[path.stem].num_rows
        assert {len(row) for row in rows} == {len(header)}


def test_working_tables_stay_in_the_case(
    tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    assert "texts" in tables
    written = {path.stem for path in export_csv(tables, tmp_path, redactor)}
    assert written == set(tables) - WORKING


def test_cells_read_as_promised() -> None:
    table = pa.table(
        {
            "id": pa.array(["007", "=1+1", None]),
            "at": pa.array([0, 1_500_000, None], pa.timestamp("us", "UTC")),
            "urls": pa.array([["https://a.example", "https://b.example"], [], None]),
            "terms": pa.array([["two words", "+x"], [], None]),
            "sure": pa.array([True, False, None]),
        }
    )
    assert csv_bytes(table).decode() == (
        "id,at,urls,terms,sure\n"
        "007,1970-01-01T00:00:00Z,https://a.example https://b.example,two words|+x,true\n"
        "'=1+1,1970-01-01T00:00:01.500000Z,,,false\n"
        ",,,,\n"
    )


def test_built_in_exporters_are_known_and_an_unknown_one_lists_them() -> None:
    assert {"csv", "parquet"} <= set(exporters())
    assert exporter("csv") is export_csv
    with pytest.raises(UnknownPlugin, match="csv, parquet"):
        exporter("gexff")
