"""One snapshot is the common case: where more can be had, and a table to write it into."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from corpus.histories import TEMPLATE_COLUMNS, where_history_is
from corpus.readers import inspect, read
from corpus.settings import Reading
from narrashift.cli import run

HEAD = "post_id,account_id,created_at,text,handle,platform\n"


def posts(folder: Path) -> Path:
    path = folder / "posts.csv"
    rows = [
        "1,a1,2020-07-01T00:00:00Z,hello there,mira,telegram",
        "2,a1,2020-07-02T00:00:00Z,hello again,mira_k,telegram",
        "4,a3,2020-07-03T00:00:00Z,good evening,zara,telegram",
        '3,a2,2020-07-02T00:00:00Z,good morning,"=SUM(A1)",telegram',
    ]
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_advice_names_the_platform_at_hand_and_what_helps_everywhere(tmp_path: Path) -> None:
    found = inspect([posts(tmp_path)])
    assert any(sentence.startswith("Telegram:") for sentence in found.history)
    assert any("--profiles" in sentence for sentence in found.history)
    assert not any(sentence.startswith("Bluesky:") for sentence in found.history)


def test_a_corpus_that_saw_most_accounts_twice_needs_no_advice() -> None:
    assert where_history_is(("twitter",), accounts=10, seen_twice=5) == ()
    assert where_history_is(("twitter",), accounts=10, seen_twice=4) != ()


def test_the_table_has_a_row_an_account_with_its_last_handle_and_no_formula(tmp_path: Path) -> None:
    target = tmp_path / "snapshots.csv"
    assert run(["inspect", str(posts(tmp_path)), "--template", str(target)]) == 0
    with target.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(rows[0]) == TEMPLATE_COLUMNS
    assert [row["account_id"] for row in rows] == ["a1", "a2", "a3"]
    assert rows[0]["handle"] == "mira_k"
    assert rows[1]["handle"] == "'=SUM(A1)"


def test_a_table_that_was_filled_in_reads_as_profiles(tmp_path: Path) -> None:
    target = tmp_path / "snapshots.csv"
    run(["inspect", str(posts(tmp_path)), "--template", str(target)])
    with target.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    filled = [
        {**rows[0], "observed_at": at, "bio": bio, "source_url": "https://archive.example/1"}
        for at, bio in (("2019-05-01", "engineer"), ("2020-05-01", "teacher"))
    ]
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, TEMPLATE_COLUMNS)
        writer.writeheader()
        writer.writerows(filled)
    corpus = read([posts(tmp_path)], [target], settings=Reading())
    bios = corpus.profiles.column("bio").to_pylist()
    assert {"engineer", "teacher"} <= set(bios)


def test_a_table_in_use_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "snapshots.csv"
    target.write_text("mine", encoding="utf-8")
    assert run(["inspect", str(posts(tmp_path)), "--template", str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "mine"
