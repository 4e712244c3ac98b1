"""Under pseudonyms nothing that leaves a case names anybody: every byte, every decoded value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from leaks import found_in, readings, unescaped
from planted import marks

from narrashift.analysis import Analysis
from narrashift.cli import run
from narrashift.exporting import write_exports, write_report
from reports.exports.registry import formats

if TYPE_CHECKING:
    from tests.hostile.conftest import Hostile


def below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_no_mark_of_an_id_handle_or_name_leaves_the_hostile_case(hostile: Hostile) -> None:
    assert found_in(below(hostile.out), marks()) == {}


def test_the_same_search_finds_every_kind_of_mark_where_nobody_is_replaced(
    hostile: Hostile,
) -> None:
    found = found_in(below(hostile.plain / "exports" / "parquet"), marks())
    kinds = {name[:4] for names in found.values() for name in names}
    assert kinds == {"acct", "hndl", "nama", "post"}
    for place in ("report.html", "case.sqlite"):
        assert any(found_in([p], marks()) for p in below(hostile.plain) if p.name == place)


@pytest.mark.parametrize("mode", ["full", "pseudonym"])
def test_no_mark_leaves_through_any_format_of_any_stricter_terms(
    hostile: Hostile, tmp_path: Path, mode: str
) -> None:
    terms = {"quote": "none", "min_accounts": 3, "tlp": "red"}
    write_report(hostile.folder, redact=mode, target=tmp_path / "report.html", **terms)
    write_exports(hostile.folder, formats(), redact=mode, folder=tmp_path / "x", **terms)
    assert found_in(below(tmp_path), marks()) == {}
    told = [p for p in below(tmp_path) if p.suffix in {".html", ".md", ".json"}]
    assert any("TLP:RED" in p.read_text("utf-8") for p in told if p.suffix == ".html")
    index = json.loads((tmp_path / "x" / "index.json").read_text("utf-8"))["formats"]
    assert {entry["tlp"] for entry in index.values()} == {"red"}


def test_a_value_hidden_below_two_escapes_is_found(tmp_path: Path) -> None:
    assert "hndl001qz" in " ".join(unescaped("%5Cu0048ndl001qz"))
    table = pa.table({"a": [["x", "HNDL001QZ"]]})
    pq.write_table(table, tmp_path / "t.parquet")
    assert any("hndl001qz" in text for text in readings(tmp_path / "t.parquet"))
    assert found_in([tmp_path / "t.parquet"], marks()) == {"t.parquet": ["hndl001qz"]}


def test_the_terminal_names_nobody(hostile: Hostile, capsys: pytest.CaptureFixture[str]) -> None:
    case = str(hostile.folder)
    for arguments in (
        ["find", case, "--text", "paid for by foreign money"],
        ["find", case, "--text", "paid for by foreign money", "--json"],
        ["compare", case, "--by", "event"],
        ["verify", case],
        ["label", case],
        ["review", case, "list"],
        ["review", case, "list", "--json"],
        ["diff", case, case, "--json"],
    ):
        code = run(arguments)
        assert code == 0, arguments
        told = "".join(text for part in capsys.readouterr() for text in unescaped(part))
        assert not [mark for mark in marks() if mark in told], arguments


@pytest.mark.slow
def test_nobody_of_the_shipped_campaign_is_named(
    key: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("campaign")
    assert run(["demo", "--out", str(folder / "case"), "--embedder", "fitted", "--quiet"]) == 0
    write_exports(folder / "case", formats(), folder=folder / "out")
    reports = sorted((folder / "case").glob("*.html"))
    assert reports
    found = found_in([*reports, *below(folder / "out")], who(Analysis.load(folder / "case").arrow))
    assert found == {}


def who(tables: dict[str, pa.Table]) -> set[str]:
    """Every id, handle, name, mention and address of a case."""
    columns = {
        "posts": ("post_id", "account_id", "handle", "url", "parent_id"),
        "profiles": ("account_id", "handle", "display_name", "url", "snapshot_id"),
    }
    found: set[str] = set()
    for table, names in columns.items():
        for name in names:
            found |= set(pc.unique(tables[table][name].drop_null()).to_pylist())
    found |= {one for ones in tables["posts"]["mentions"].to_pylist() for one in ones}
    assert len(found) > 30_000
    return found - {""}
