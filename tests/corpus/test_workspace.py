from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.errors import WorkspaceError
from corpus.files import file_digest, write_bytes, write_text
from corpus.tables import VECTORS
from corpus.workspace import (
    StageResult,
    Workspace,
    read_parquet,
    usable_as_case,
    write_parquet,
)

RESULT = StageResult(
    {"texts": pa.table({"post_id": ["a", "b"]})}, ("one note",), {"embedders": {"fa": "fitted"}}
)


def test_a_stage_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = Workspace(tmp_path / "case").create()
    store.save("texts", "k" * 32, RESULT)
    loaded = store.load("texts", "k" * 32)
    assert loaded is not None
    assert loaded.tables["texts"].equals(RESULT.tables["texts"])
    assert loaded.notes == RESULT.notes
    assert loaded.facts == RESULT.facts


def test_another_key_is_another_result(tmp_path: Path) -> None:
    store = Workspace(tmp_path).create()
    store.save("texts", "k" * 32, RESULT)
    assert store.load("texts", "j" * 32) is None
    # Keys that share the folder's shortened name are still told apart.
    assert store.load("texts", "k" * 16 + "j" * 16) is None


def test_a_damaged_stage_is_computed_again_instead_of_trusted(tmp_path: Path) -> None:
    store = Workspace(tmp_path).create()
    store.save("texts", "k" * 32, RESULT)
    next(tmp_path.glob("work/texts-*/texts.parquet")).write_bytes(b"not parquet")
    assert store.load("texts", "k" * 32) is None


def test_a_half_written_stage_is_invisible_and_swept_away(tmp_path: Path) -> None:
    store = Workspace(tmp_path).create()
    half = tmp_path / "work" / ".texts-kkkk.123.part"
    half.mkdir()
    (half / "texts.parquet").write_bytes(b"half")
    store.save("texts", "k" * 32, RESULT)
    store.forget([("texts", "k" * 32)])
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["texts-" + "k" * 16]


def test_publishing_replaces_tables_and_removes_those_no_longer_made(tmp_path: Path) -> None:
    store = Workspace(tmp_path).create()
    store.publish({"texts": pa.table({"a": [1]}), "pairs": pa.table({"a": [1]})})
    store.publish({"texts": pa.table({"a": [2]})})
    assert store.published()["texts"].to_pydict() == {"a": [2]}
    assert set(store.published()) == {"texts"}


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    table = pa.table({"a": ["x", "y", None]})
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    one = file_digest(write_parquet(table, tmp_path / "one.parquet"))
    assert file_digest(write_parquet(chunked, tmp_path / "two.parquet")) == one


def test_a_table_read_back_and_written_again_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = [{"post_id": "a", "vector": [1.0, 0.0]}, {"post_id": "b", "vector": []}]
    first = write_parquet(VECTORS.from_rows(rows), tmp_path / "one.parquet")
    second = write_parquet(read_parquet(first), tmp_path / "two.parquet")
    assert first.read_bytes() == second.read_bytes()


def test_a_folder_without_tables_says_how_to_make_a_case(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="narrashift analyze"):
        Workspace(tmp_path).published()


def test_a_folder_that_holds_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="choose a new folder"):
        usable_as_case(tmp_path)


def test_a_file_is_not_taken_for_a_case_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="is a file"):
        usable_as_case(tmp_path / "file")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = write_text(tmp_path / "report.html", "old")
    blocked = tmp_path / "file" / "report.html"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError):
        write_bytes(blocked, b"new")
    assert target.read_text(encoding="utf-8") == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "file"}


def test_a_stage_record_is_plain_json(tmp_path: Path) -> None:
    Workspace(tmp_path).create().save("texts", "k" * 32, RESULT)
    record = next(tmp_path.glob("work/*/stage.json")).read_text(encoding="utf-8")
    assert json.loads(record)["tables"] == ["texts"]
