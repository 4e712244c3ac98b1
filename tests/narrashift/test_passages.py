"""Long texts through the whole pipeline: the table, the report, and verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.passages import generate
from corpus.files import file_digest
from corpus.settings import Settings
from narrashift.analysis import Analysis
from narrashift.api import analyze_files
from narrashift.verification import verify


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    posts = generate(articles=60, seed=3).posts.select(
        ["post_id", "account_id", "created_at", "text"]
    )
    lines = [
        json.dumps({**row, "created_at": row["created_at"].isoformat()})
        for row in posts.to_pylist()
    ]
    (folder / "posts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    settings = Settings.load(overrides={"narratives.embedder": "fitted"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(folder / "key"))
        analyze_files([folder / "posts.jsonl"], [], out=folder / "case", settings=settings)
    return folder / "case"


def test_the_case_holds_shared_passages_and_the_report_shows_them(case: Path) -> None:
    assert Analysis.load(case).arrow["shared_passages"].num_rows > 20
    page = (case / "report.html").read_text(encoding="utf-8")
    assert 'id="passages"' in page
    assert "passages were compared" in page


def test_verify_looks_every_quote_up(case: Path) -> None:
    result = verify(case)
    assert result.ok, result.problems
    rows = Analysis.load(case).arrow["shared_passages"].num_rows
    assert result.checked["quotes in shared_passages"] == 2 * rows


def test_verify_notices_a_moved_offset(case: Path, tmp_path: Path) -> None:
    import shutil

    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    copy = tmp_path / "case"
    shutil.copytree(case, copy)
    path = copy / "tables" / "shared_passages.parquet"
    table = pq.read_table(path)
    moved = pc.add(table.column("start_a"), 1)
    at = table.column_names.index("start_a")
    pq.write_table(table.set_column(at, table.schema.field("start_a"), moved), path)
    manifest = copy / "manifest.json"
    record = json.loads(manifest.read_text(encoding="utf-8"))
    record["tables"]["shared_passages"] = file_digest(path)
    manifest.write_text(json.dumps(record), encoding="utf-8")
    problems = verify(copy).problems
    assert len(problems) == table.num_rows
    assert all("its quote does not stand in" in problem for problem in problems)
