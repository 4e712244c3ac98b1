"""narrashift export: what is written where, what is said, and what is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.manifest import Manifest
from corpus.settings import Settings
from corpus.tables import ALL
from narrashift.analysis import Analysis
from narrashift.cli import run
from narrashift.exporting import write_exports
from reports.exports.registry import BUILT_IN, formats


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(key_file))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1595030400")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Profile snapshots of two accounts and one post without a time: no network, no share."""
    post = {
        "post_id": "1284563908712345678", "platform": "x", "account_id": "77", "text": "=1+1",
        "time_precision": "unknown", "kind": "post", "urls": [], "hashtags": [], "mentions": [],
        "source_file": "posts.csv", "source_row": 0, "handle": "mira_k",
    }  # fmt: skip
    snapshots = [
        {
            "snapshot_id": f"s{place}", "platform": "x", "account_id": str(77 + place % 2),
            "observed_at": datetime(2031, 5, 1 + place, tzinfo=UTC), "basis": "retrieved",
            "handle": f"mira_k{place}", "display_name": "Mira K", "state": "active",
            "source_file": "profiles.csv", "source_row": place,
        }
        for place in range(4)
    ]  # fmt: skip
    manifest = Manifest(
        version="0.1.0", code="c", created_at="2031-06-01T00:00:00Z", files=[], notes=[],
        settings=Settings().to_dict(), stages=[], facts={}, tables={}, engine="local", seed=0,
        reveal=False, gender=True,
    )  # fmt: skip
    tables = {
        "posts": ALL["posts"].from_rows([post]),
        "profiles": ALL["profiles"].from_rows(snapshots),
    }
    return Analysis(tables, manifest).save(tmp_path_factory.mktemp("export") / "case")


def test_formats_come_with_commas_and_repeated_each_once(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--to", "csv,NDJSON", "--to", "sqlite", "--to", " csv "]
    assert run(["export", str(case), *asked, "--out", str(tmp_path), "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    paths = [Path(line) for line in captured.out.splitlines()]
    assert all(path.is_file() for path in paths) and len(paths) == len(set(paths))
    assert {path.parent.name for path in paths} == {"csv", "ndjson", "sqlite"}


def test_json_lists_every_file_with_rows_and_digest(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--to", "csv,markdown,stix", "--json", "--out", str(tmp_path)]
    assert run(["export", str(case), *asked]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["redaction"] == "pseudonym"
    for file in record["files"]:
        data = Path(file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        if file["format"] == "csv":
            assert file["rows"] <= data.count(b"\n") - 1
    known = json.loads((tmp_path / "index.json").read_text("utf-8"))["formats"]
    assert set(known) == {"csv", "markdown", "stix"}
    assert known["csv"]["files"][0]["name"] in {p.name for p in (tmp_path / "csv").iterdir()}


def test_the_list_of_formats_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert formats()[: len(BUILT_IN)] == list(BUILT_IN)
    assert set(BUILT_IN) == {
        "csv", "parquet", "ndjson", "gexf", "graphml", "stix", "sqlite", "markdown", "coortweet",
        "toolkit",
    }  # fmt: skip
    assert run(["export", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert all(name in shown for name in BUILT_IN)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "stone-tablet"], "known: coortweet, csv, gexf, graphml, markdown"),
        (["--to", " , "], "name a format with --to"),
        (["--to", "csv", "--dehydrated"], "add --redact none"),
        (["--to", "csv,stix", "--dehydrated", "--redact", "none"], "stix cannot be dehydrated"),
        (["--to", "csv", "--redact", "some"], "redaction 'some' is unknown"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence_and_nothing_is_written(
    case: Path,
    tmp_path: Path,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert run(["export", str(case), *arguments, "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert words in captured.err and "Traceback" not in captured.err
    assert captured.out == "" and not out.exists()


def test_an_export_replaces_the_files_of_an_earlier_one(case: Path, tmp_path: Path) -> None:
    write_exports(case, "csv", folder=tmp_path)
    (tmp_path / "csv" / "left_over.csv").write_text("old", encoding="utf-8")
    (tmp_path / "own notes.txt").write_text("mine", encoding="utf-8")
    written = write_exports(case, "csv", folder=tmp_path).files
    assert {path.name for path in (tmp_path / "csv").iterdir()} == {f.path.name for f in written}
    assert (tmp_path / "own notes.txt").read_text("utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"csv", "index.json", "own notes.txt"}


def test_a_folder_that_no_export_made_is_left_alone(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "thesis.csv").write_text("mine", encoding="utf-8")
    assert run(["export", str(case), "--to", "ndjson,csv", "--out", str(tmp_path)]) == 3
    assert "no export made it" in capsys.readouterr().err
    assert (tmp_path / "csv" / "thesis.csv").read_text("utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"csv"}


def test_a_file_where_the_folder_should_be_is_one_sentence(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    assert run(["export", str(case), "--to", "csv", "--out", str(tmp_path / "taken")]) == 3
    assert "is a file; expected a folder" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text("utf-8") == "mine"


def test_an_export_that_fails_leaves_the_earlier_one(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.errors import WorkspaceError
    from reports.exports import csv_files

    write_exports(case, "csv", folder=tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "csv").iterdir()}

    def breaks(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv_files, "write_rows", breaks)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        write_exports(case, "csv", folder=tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "csv").iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"csv", "index.json"}


def test_an_export_of_an_earlier_state_is_pointed_out(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_exports(case, "csv", folder=tmp_path)
    index = tmp_path / "index.json"
    index.write_text(
        index.read_text("utf-8").replace('"case_digest": "', '"case_digest": "0'), encoding="utf-8"
    )
    assert run(["export", str(case), "--to", "ndjson", "--out", str(tmp_path)]) == 0
    assert "csv was written from an earlier state of this case" in capsys.readouterr().err


def test_a_format_that_has_nothing_to_tell_says_so(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--to", "gexf,coortweet,csv", "--out", str(tmp_path)]
    assert run(["export", str(case), *asked]) == 0
    told = capsys.readouterr().err
    for name in ("coortweet", "gexf"):
        assert f"{name}: the case holds nothing that this format tells of" in told
    assert "csv: the case" not in told


def test_every_format_has_the_same_bytes_twice_and_real_ids_are_recorded(
    case: Path, tmp_path: Path
) -> None:
    first = write_exports(case, ",".join(BUILT_IN), folder=tmp_path / "a")
    second = write_exports(case, ",".join(BUILT_IN), folder=tmp_path / "b")
    assert [f.sha256 for f in first.files] == [f.sha256 for f in second.files]
    manifest = json.loads((case / "manifest.json").read_text("utf-8"))
    assert not manifest["facts"].get("revealed")
    write_exports(case, "csv", folder=tmp_path / "c", redact="none")
    manifest = json.loads((case / "manifest.json").read_text("utf-8"))
    assert "export csv" in manifest["facts"]["revealed"]
