"""From the command to report, exports and verify: what is analyzed is what is quoted."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.files import file_digest
from corpus.manifest import Manifest
from narrashift.cli import run
from narrashift.verification import verify

SAID = "I am an engineer. I am a monarchist and I live in Tehran"
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Forty posts in Persian with a translation for most; analysed by it."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(folder / "key"))
        with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(
                ["post_id", "account_id", "created_at", "text", "translation", "desk", "wallet"]
            )
            for n in range(40):
                rows.writerow(
                    [n, f"a{n % 5}", f"2024-01-01T{n % 24:02d}:00:00Z", f"پل را ببندید {n}",
                     (SAID if n == 3 else "close the bridge now, all of you") if n % 4 else "",
                     HOSTILE if n % 2 else "two", f"W{n % 3}"]
                )  # fmt: skip
        options = ["--text-from", "translation", "--keep", "desk", "--tie-on", "wallet", "--quiet"]
        arguments = ["analyze", str(folder / "posts.csv"), "--out", str(folder / "case")]
        assert run([*arguments, "--embedder", "fitted", *options]) == 0
        yield folder / "case"


def test_the_column_is_analyzed_said_and_verified(case: Path) -> None:
    manifest = Manifest.read(case)
    assert manifest.settings["reading"]["text_from"] == "translation"
    assert any("translation for 30 of 40 posts" in note.sentence for note in manifest.notes)
    texts = set(pq.read_table(case / "tables" / "posts.parquet")["text"].to_pylist())
    assert "close the bridge now, all of you" in texts and len(texts) == 12
    result = verify(case)
    assert result.ok, result.problems
    page = (case / "report.html").read_text(encoding="utf-8")
    assert "Text analyzed" in page and "column translation" in page
    assert "text as written; the words above are of another column" in page


def test_verify_sees_that_the_column_was_changed_under_a_quote(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "case"
    shutil.copytree(case, copy)
    path = copy / "tables" / "kept_columns.parquet"
    kept = pq.read_table(path)
    assert pq.read_table(copy / "tables" / "claims.parquet").num_rows
    values = [
        f"{row['value']}!!"[2:] if row["column"] == "translation" else row["value"]
        for row in kept.to_pylist()
    ]
    at = kept.column_names.index("value")
    pq.write_table(kept.set_column(at, kept.schema.field(at), pa.array(values, pa.string())), path)
    record = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    record["tables"]["kept_columns"] = file_digest(path)
    (copy / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    problems = verify(copy).problems
    assert any("column analyzed" in problem for problem in problems)


def test_kept_columns_are_filters_of_the_page_and_no_markup(case: Path) -> None:
    page = (case / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="block">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    block = json.loads(found.group(1))
    assert [one["name"] for one in block["own"]] == ["desk", "wallet"]
    assert sorted(block["own"][0]["values"]) == sorted([HOSTILE, "two"])
    assert len(block["columns"]["own0"]) == 40
    assert "<img" not in page


def test_exported_posts_hold_the_own_columns(case: Path) -> None:
    assert run(["export", str(case), "--to", "csv,sqlite", "--quiet"]) == 0
    with (case / "exports" / "csv" / "posts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["own_desk"] for row in rows} == {HOSTILE, "two"}
    assert {"own_text_as_written", "own_translation", "own_wallet"} <= rows[0].keys()


def test_added_posts_are_analyzed_by_the_same_column(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "case"
    shutil.copytree(case, copy)
    later = tmp_path / "later.csv"
    later.write_text(
        "post_id,account_id,created_at,text,translation\n"
        "900,a9,2024-01-03T00:00:00Z,پل را ببندید,open the bridge again\n",
        encoding="utf-8",
    )
    assert run(["add", str(copy), str(later), "--quiet"]) == 0
    rows = pq.read_table(copy / "tables" / "posts.parquet").to_pylist()
    assert [r["text"] for r in rows if r["post_id"] == "900"] == ["open the bridge again"]
    assert verify(copy).ok


def test_an_undated_dump_that_is_added_has_a_time_of_its_own(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "case"
    shutil.copytree(case, copy)
    dump = tmp_path / "march.csv"
    dump.write_text("account_id,handle,bio\na1,harbor,tea\n", encoding="utf-8")
    command = ["add", str(copy), "--profiles", str(dump), "--quiet", "--observed-at"]
    assert run([*command, "soon"]) != 0
    assert run([*command, "2024-03-05T00:00:00Z"]) == 0
    (row,) = pq.read_table(copy / "tables" / "profiles.parquet").to_pylist()
    assert row["observed_at"].isoformat() == "2024-03-05T00:00:00+00:00"
