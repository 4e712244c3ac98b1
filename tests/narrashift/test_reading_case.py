"""A report or an export tells of one run, whoever publishes at that moment."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus import files
from corpus.errors import WorkspaceError
from corpus.files import file_digest
from corpus.locks import only_writer
from corpus.manifest import Manifest
from corpus.progress import Silent
from corpus.tables import FINDINGS, POSTS, PROFILES
from narrashift.analysis import Analysis
from narrashift.exporting import write_exports, write_report
from narrashift.reading_case import read_case


class Told(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.notices: list[str] = []

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


def posts(run: str, number: int) -> list[dict[str, object]]:
    return [
        {"post_id": f"{run}{n}", "platform": "x", "account_id": f"acct-{run}", "kind": "post",
         "time_precision": "unknown", "text": f"words of run {run}", "urls": [], "hashtags": [],
         "mentions": [], "source_file": "f", "source_row": n}
        for n in range(number)
    ]  # fmt: skip


def analysis(run: str, number: int = 3) -> Analysis:
    manifest = Manifest(
        version="1", code=run, created_at="2020-01-01T00:00:00+00:00", settings={}, files=[],
        notes=[], stages=[], facts={}, tables={}, engine="local", seed=0, reveal=False, gender=True,
    )  # fmt: skip
    tables = {"posts": POSTS.from_rows(posts(run, number)), "profiles": PROFILES.empty()}
    return Analysis(tables | {"findings": FINDINGS.empty()}, manifest)


@pytest.fixture(autouse=True)
def steady(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.mktemp("key") / "key"))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return analysis("one").save(tmp_path / "case")


class Publishing(threading.Thread):
    """Another writer who stops after its first table until it is let go."""

    def __init__(self, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.case, self.midway, self.go = case, threading.Event(), threading.Event()

        def slowly(source: Path, target: Path, move: object = files.replace) -> None:
            source.replace(target)
            if threading.current_thread() is self and target.parent.name == "tables":
                self.midway.set()
                assert self.go.wait(60)

        monkeypatch.setattr(files, "replace", slowly)

    def run(self) -> None:
        with only_writer(self.case, lambda sentence: None):
            analysis("two", 5).save(self.case)


def test_a_reader_amid_publishing_waits_and_sees_the_new_run_alone(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Publishing(case, monkeypatch)
    writer.start()
    try:
        assert writer.midway.wait(60)
        assert Analysis.load(case).manifest.code == "one"  # the manifest comes last
        threading.Timer(0.3, writer.go.set).start()
        found = read_case(case, lambda sentence: None)
    finally:
        writer.go.set()
        writer.join()
    assert found.manifest.code == "two"
    assert {name: table.num_rows for name, table in found.arrow.items()}["posts"] == 5


def test_a_reader_does_not_wait_for_a_writer_who_only_computes(case: Path, tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def computes() -> None:
        with only_writer(case, lambda sentence: None):
            held.set()
            assert done.wait(60)

    writer = threading.Thread(target=computes)
    writer.start()
    try:
        assert held.wait(60)
        told = Told()
        made = write_exports(case, "csv", folder=tmp_path / "elsewhere", progress=told)
    finally:
        done.set()
        writer.join()
    assert made.files
    assert not any("waiting" in sentence for sentence in told.notices)


@pytest.mark.parametrize("write", ["report", "exports"])
def test_what_is_written_into_the_case_is_written_in_turn(
    case: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    writer = Publishing(case, monkeypatch)
    writer.start()
    assert writer.midway.wait(60)
    threading.Timer(0.3, writer.go.set).start()
    try:
        if write == "report":
            written = write_report(case, redact="none").read_text(encoding="utf-8")
        else:
            write_exports(case, "csv", redact="none")
            written = (case / "exports" / "csv" / "posts.csv").read_text(encoding="utf-8")
    finally:
        writer.go.set()
        writer.join()
    assert "run one" not in written
    digests = {path.stem: file_digest(path) for path in (case / "tables").glob("*.parquet")}
    assert Manifest.read(case).tables == digests


def test_a_case_whose_publishing_was_cut_off_is_refused_and_nothing_is_written(
    case: Path, tmp_path: Path
) -> None:
    other = analysis("two", 5).save(tmp_path / "other")
    shutil.copy(other / "tables" / "posts.parquet", case / "tables" / "posts.parquet")
    for write in (write_report, lambda case: write_exports(case, "csv")):
        with pytest.raises(WorkspaceError, match="interrupted while it published"):
            write(case)
    assert not (case / "exports").exists()


def test_a_table_too_many_or_too_few_is_no_finished_run(case: Path) -> None:
    pq.write_table(PROFILES.empty(), case / "tables" / "more.parquet")
    with pytest.raises(WorkspaceError, match="interrupted"):
        read_case(case, lambda sentence: None)
    (case / "tables" / "more.parquet").unlink()
    (case / "tables" / "posts.parquet").unlink()
    with pytest.raises(WorkspaceError, match="interrupted"):
        read_case(case, lambda sentence: None)


def test_no_case_is_no_folder_afterwards(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no manifest\.json"):
        write_report(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
