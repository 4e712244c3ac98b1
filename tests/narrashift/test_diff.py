"""narrashift diff: two case folders, as text, JSON and page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.manifest import Manifest
from corpus.settings import Settings
from corpus.tables import ALL
from narrashift.analysis import Analysis
from narrashift.cli import run

AT = datetime(2031, 5, 1, tzinfo=UTC)


def posts_of(count: int) -> dict[str, pa.Table]:
    """Posts of six accounts that copy one of three texts."""
    rows = [
        {
            "post_id": f"9{place:017d}", "platform": "x", "account_id": f"10{place % 6:08d}",
            "created_at": AT, "time_precision": "second", "text": f"copied text {place % 3}",
            "kind": "post", "urls": [], "hashtags": [], "mentions": [], "source_row": place,
            "source_file": "posts.jsonl", "handle": f"mira_k{place % 6}",
        }
        for place in range(count)
    ]  # fmt: skip
    points = [
        {"post_id": row["post_id"], "point_id": f"point{place % 3}", "similarity": 1.0}
        for place, row in enumerate(rows)
    ]
    talking = [
        {
            "point_id": f"point{point}", "exemplar_id": rows[point]["post_id"], "reposts": 0,
            "posts": len(rows[point::3]), "accounts": 2, "exact_share": 1.0,
        }
        for point in range(3)
    ]  # fmt: skip
    return {
        "posts": ALL["posts"].from_rows(rows),
        "point_posts": ALL["point_posts"].from_rows(points),
        "talking_points": ALL["talking_points"].from_rows(talking),
    }


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Forty posts, and the same with twenty more; the second run with another seed."""
    folder = tmp_path_factory.mktemp("diff")
    for name, count, seed in (("may", 40, 0), ("june", 60, 1)):
        manifest = Manifest(
            version="0.1.0", code="c", created_at="2031-06-01T00:00:00Z", files=[], notes=[],
            settings=Settings(seed=seed).to_dict(), stages=[], facts={}, tables={},
            engine="local", seed=seed, reveal=False, gender=True,
        )  # fmt: skip
        Analysis(posts_of(count), manifest).save(folder / name)
    return folder / "may", folder / "june"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, cases: tuple[Path, Path]) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(cases[0].parent / "key"))


def test_json_tells_what_grew_with_the_posts_behind_it(
    cases: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *map(str, cases), "--json", "--quiet"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["posts"] == {"both": 40, "before": 0, "after": 20}
    grown = [r for r in record["changes"] if r["change"] == "grew" and r["unit"] == "talking_point"]
    assert len(grown) == 3 and sum(len(row["new"]) for row in grown) == 20
    assert all(one.startswith("post_") for row in grown for one in row["new"])
    assert {"name": "seed", "before": "0", "after": "1"} in record["differing"]


def test_text_and_page_name_nobody_and_say_the_same(
    cases: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "changes.html"
    assert run(["diff", *map(str, cases), "--html", str(page), "--tlp", "green", "--quiet"]) == 0
    shown, html = capsys.readouterr().out, page.read_text("utf-8")
    for text in (shown, html):
        assert "Talking points of two or more accounts" in text and "grew" in text
        for secret in ("mira_k", "9" + "0" * 15, "10000"):
            assert secret not in text
    assert "TLP:GREEN" in html
    assert run(["diff", *map(str, cases), "--html", str(tmp_path / "b.html"), "--quiet",
                "--tlp", "green"]) == 0  # fmt: skip
    assert (tmp_path / "b.html").read_bytes() == page.read_bytes()


def test_a_case_beside_itself_differs_in_nothing(
    cases: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", str(cases[0]), str(cases[0]), "--json", "--quiet"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["changes"] == [] and record["differing"] == []


def test_a_comparison_with_real_ids_is_on_record_in_both_cases(
    cases: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *map(str, cases), "--redact", "none", "--quiet"]) == 0
    assert "9" + "0" * 15 in capsys.readouterr().out
    for case in cases:
        manifest = json.loads((case / "manifest.json").read_text("utf-8"))
        assert manifest["facts"]["revealed"] == ["diff"]


def test_a_handle_that_only_the_earlier_case_has_for_the_same_post_is_replaced_too(
    cases: tuple[Path, Path], tmp_path: Path
) -> None:
    earlier = Analysis.load(cases[0])
    posts = earlier.arrow["posts"].to_pylist()
    for row in posts:
        row["handle"] = row["handle"].replace("mira_k", "oldharborname")
    told = [{**row, "post_id": f"7{row['post_id']}", "handle": None,
             "text": "oldharborname0 said so"} for row in posts[:2]]  # fmt: skip
    linked = earlier.arrow["point_posts"].to_pylist()
    linked += [{"post_id": r["post_id"], "point_id": "gone", "similarity": 1.0} for r in told]
    points = earlier.arrow["talking_points"].to_pylist()
    points.append({**points[0], "point_id": "gone", "exemplar_id": told[0]["post_id"], "posts": 2})
    tables = {
        "posts": ALL["posts"].from_rows([*posts, *told]),
        "point_posts": ALL["point_posts"].from_rows(linked),
        "talking_points": ALL["talking_points"].from_rows(points),
    }
    Analysis(tables, earlier.manifest).save(tmp_path / "april")
    page = tmp_path / "changes.html"
    pair = [str(tmp_path / "april"), str(cases[1])]
    assert run(["diff", *pair, "--html", str(page), "--quiet"]) == 0
    assert " said so" in page.read_text("utf-8")
    assert "oldharborname" not in page.read_text("utf-8")


def test_a_folder_that_is_no_case_is_one_sentence(
    cases: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", str(cases[0]), str(tmp_path), "--quiet"]) == 3
    assert "has no manifest.json" in capsys.readouterr().err
