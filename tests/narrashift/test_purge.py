"""Purging an account: nothing of it is left anywhere in the case, and it never comes back."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.errors import SettingsError, WorkspaceError
from corpus.purged import FILE
from corpus.rejects import PURGED
from corpus.settings import Settings
from narrashift.adding import add_files
from narrashift.analysis import Analysis
from narrashift.api import analyze_files
from narrashift.cli import run as run_cli
from narrashift.exporting import write_exports
from narrashift.labelling import label_case
from narrashift.purging import purge_accounts
from narrashift.verification import verify

GONE = "770001234567"
OWN = "nobody else ever wrote this very sentence about the quiet lighthouse keeper of Velmora"
SHARED = "The Harbor Union summit in Velmora is paid for by foreign money and must be stopped"
SECRETS = (
    GONE,
    "lantern_keeper",
    "Lantern Keeper Oda",
    "lantern_oda",
    "55500000000000001",
    "55500000000000002",
    "55500000000000003",
    OWN,
    "keeps lanterns, counts every ship",
)


def own_posts() -> list[dict[str, object]]:
    texts = [OWN, SHARED, OWN + " and of his cat"]
    return [
        {
            "post_id": f"5550000000000000{n}",
            "account_id": GONE,
            "handle": "lantern_keeper",
            "created_at": f"2020-07-1{n}T08:00:00Z",
            "text": text,
            "lang": "en",
        }
        for n, text in enumerate(texts, start=1)
    ]


def own_profiles() -> list[dict[str, object]]:
    return [
        {
            "account_id": GONE,
            "observed_at": f"2020-0{month}-01T00:00:00Z",
            "handle": handle,
            "display_name": "Lantern Keeper Oda",
            "bio": bio,
            "location": "",
        }
        for month, handle, bio in (
            (5, "lantern_keeper", "monarchist. keeps lanterns, counts every ship"),
            (8, "lantern_oda", "communist. keeps lanterns, counts every ship"),
        )
    ]


def broken_rows() -> list[dict[str, object]]:
    """Rows that become rejects with an excerpt that names the account; one of another account."""
    rows: list[dict[str, object]] = [
        {**own_posts()[0], "post_id": "55500000000000009", "created_at": "no time at all"},
        {"post_id": "4", "account_id": "1001", "created_at": "never", "text": "kept in excerpts"},
    ]
    return rows


def answers() -> list[dict[str, object]]:
    """What others wrote in answer: theirs, and without the reference afterwards."""
    return [
        {
            "post_id": "66600000000000001",
            "account_id": "1003",
            "handle": "user_3",
            "kind": "reply",
            "created_at": "2020-07-18T08:00:00Z",
            "text": "never saw that keeper myself, who has?",
            "parent_id": "55500000000000001",
            "lang": "en",
        },
    ]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module", autouse=True)
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.mktemp("key") / "key"))
        patch.setenv("SOURCE_DATE_EPOCH", "1595030400")
        yield


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, small_posts: Path, small_profiles: Path
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    posts = [*rows_of(small_posts), *answers(), *broken_rows(), *own_posts()]
    profiles = [*rows_of(small_profiles), *own_profiles()]
    return write(folder / "posts.jsonl", posts), write(folder / "profiles.jsonl", profiles)


def analyze(posts: Path, profiles: Path, out: Path) -> Analysis:
    settings = Settings.load(overrides={"narratives.embedder": "fitted"})
    return analyze_files([posts], [profiles], out=out, settings=settings)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, files: tuple[Path, Path]) -> Path:
    """A case with everything that may hold an account: exports, labels, decisions, an index."""
    case = tmp_path_factory.mktemp("before") / "case"
    analysis = analyze(*files, case)
    posts = analysis.arrow["point_posts"].to_pylist()
    (point,) = {row["point_id"] for row in posts if row["post_id"] == "55500000000000001"}
    label_case(case, target="the keeper", stance="for", point=point)
    decision = {
        "at": "2020-07-20T00:00:00+00:00",
        "action": "note",
        "scope": "point",
        "target": point,
        "words": "see lantern_keeper",
        "posts": ["55500000000000001"],
    }
    kept = {**decision, "words": "a note", "posts": ["66600000000000001", "55500000000000002"]}
    write(case / "decisions.jsonl", [decision, kept])
    write_exports(case, ["csv"], redact="none")
    return case


@pytest.fixture(scope="module")
def purged(tmp_path_factory: pytest.TempPathFactory, before: Path) -> Path:
    case = Path(shutil.copytree(before, tmp_path_factory.mktemp("purged") / "case"))
    done = purge_accounts(case, [GONE])
    assert (done.accounts, done.posts, done.snapshots) == (1, 3, 3)
    assert done.lines["decisions.jsonl"] == 1
    assert "csv" in done.exports
    assert done.still_named_in == ()
    return case


def decoded(path: Path) -> Iterator[str]:
    """All that stands in a file: its bytes, and what a reader makes of them."""
    content = path.read_bytes()
    yield content.decode("latin-1")
    yield content.decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str)
    elif path.suffix == ".arrow":
        with pa.memory_map(str(path)) as source:
            yield json.dumps(pa.ipc.open_file(source).read_all().to_pylist(), default=str)
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content).decode("utf-8", "replace")
    elif content.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as database:
            yield "\n".join(database.iterdump())


def named_in(case: Path) -> set[tuple[str, str]]:
    return {
        (path.relative_to(case).as_posix(), secret)
        for path in case.rglob("*")
        if path.is_file()
        for text in decoded(path)
        for secret in SECRETS
        if secret in text
    }


def test_the_search_finds_the_account_where_it_is_before(before: Path) -> None:
    found = named_in(before)
    assert {secret for _, secret in found} == set(SECRETS)
    assert {name.split("/")[0] for name, _ in found} >= {
        "tables",
        "work",
        "exports",
        "rejects.jsonl",
        "decisions.jsonl",
    }


def test_nothing_of_a_purged_account_is_left_in_any_file(purged: Path) -> None:
    assert named_in(purged) == set()
    assert verify(purged).ok


def test_what_others_wrote_stays_without_a_reference_to_what_is_gone(purged: Path) -> None:
    posts = {row["post_id"]: row for row in Analysis.load(purged).arrow["posts"].to_pylist()}
    assert posts["66600000000000001"]["parent_id"] is None
    assert posts["66600000000000001"]["kind"] == "reply"
    assert sum(row["text"].startswith(SHARED) for row in posts.values()) == 20
    excerpts = (purged / "rejects.jsonl").read_text(encoding="utf-8")
    assert "kept in excerpts" in excerpts


def test_every_row_is_still_accounted_for(before: Path, purged: Path) -> None:
    old = {file["name"]: file for file in Analysis.load(before).manifest.files}
    for file in Analysis.load(purged).manifest.files:
        assert file["rows_read"] == old[file["name"]]["rows_read"]
        assert file["rows_read"] == file["rows_kept"] + sum(file["rejected"].values())
        assert file["rejected"][PURGED] >= 2


def test_decisions_and_labels_keep_what_does_not_name_the_account(purged: Path) -> None:
    (decision,) = rows_of(purged / "decisions.jsonl")
    assert decision["words"] == "a note"
    assert decision["posts"] == ["66600000000000001"]


def placeless(analysis: Analysis, name: str) -> list[dict[str, Any]]:
    rows = analysis.arrow[name].to_pylist()
    places = ("source_file", "source_row")
    return sorted(({k: v for k, v in row.items() if k not in places} for row in rows), key=str)


def test_a_purged_case_is_the_case_of_files_without_the_account(
    purged: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Places in files differ, and references to its posts, which others' files still hold."""
    posts = [row for row in rows_of(files[0]) if row["account_id"] != GONE]
    for row in posts:
        if str(row.get("parent_id", "")).startswith("555"):
            row["parent_id"] = None
            row["kind"] = "reply"
    profiles = [row for row in rows_of(files[1]) if row["account_id"] != GONE]
    wanted = analyze(
        write(tmp_path / "posts.jsonl", posts),
        write(tmp_path / "profiles.jsonl", profiles),
        tmp_path / "case",
    )
    found = Analysis.load(purged)
    for name in wanted.arrow:
        if name not in {"rejects", "stances"}:
            assert placeless(found, name) == placeless(wanted, name), name


def test_the_account_does_not_come_back_with_the_same_files(
    purged: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    case = Path(shutil.copytree(purged, tmp_path / "case"))
    again = analyze(*files, case)
    assert GONE not in again.arrow["posts"].column("account_id").to_pylist()
    assert named_in(case) == set()
    later = write(
        tmp_path / "later.jsonl",
        [
            {
                **own_posts()[0],
                "post_id": "55500000000000077",
                "text": "I am back in the harbor town",
            },
            {
                **own_posts()[1],
                "post_id": "1234500000000001",
                "account_id": "1002",
                "handle": "user_2",
            },
        ],
    )
    add_files(case, [later])
    ids = Analysis.load(case).arrow["posts"].column("post_id").to_pylist()
    assert "1234500000000001" in ids
    assert "55500000000000077" not in ids
    assert named_in(case) == set()


def test_tombstones_hold_no_id_and_need_their_key(
    purged: Path, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert GONE not in (purged / FILE).read_text(encoding="utf-8")
    case = Path(shutil.copytree(purged, tmp_path / "case"))
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "another"))
    with pytest.raises(WorkspaceError, match="made with another pseudonym key"):
        analyze(*files, case)


def test_an_unknown_account_changes_nothing(purged: Path) -> None:
    before = (purged / FILE).read_bytes()
    with pytest.raises(SettingsError, match="no account of this case has the id or pseudonym 'x'"):
        purge_accounts(purged, ["x"])
    assert (purged / FILE).read_bytes() == before


def test_the_command_takes_pseudonyms_and_a_file_and_says_what_it_did(
    before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Path(shutil.copytree(before, tmp_path / "case"))
    alias = Analysis.load(case).redactor("pseudonym").account("1005")
    (tmp_path / "ids.txt").write_text(f"{GONE}\n", encoding="utf-8")
    code = run_cli(
        ["purge", str(case), "--account", alias, "--file", str(tmp_path / "ids.txt"), "--quiet"]
    )
    assert code == 0
    said = capsys.readouterr().out
    assert "purged: 2 accounts" in said
    assert "exports deleted, make them again: csv" in said
    assert GONE not in said
    assert {GONE, "1005"}.isdisjoint(Analysis.load(case).arrow["posts"]["account_id"].to_pylist())
