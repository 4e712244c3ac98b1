"""Small, plain and damaged corpora: results, or one sentence that says why not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from corpus.settings import Settings
from narrashift import Analysis, analyze
from narrashift.cli import run
from narrashift.demo import demo_folder

FITTED = Settings.load(overrides={"narratives.embedder": "fitted"})


@pytest.fixture(scope="module")
def written() -> pd.DataFrame:
    """Posts of the shipped corpus, reposts left out."""
    path = next(demo_folder().glob("posts.*"))
    posts = pd.read_csv(path, dtype=str, keep_default_na=False)
    return posts[posts["kind"] != "repost"].reset_index(drop=True)


def sample(written: pd.DataFrame, n: int, copies: bool) -> pd.DataFrame:
    posts = written.iloc[:n].copy()
    if copies and n > 1:
        half = n // 2
        posts.iloc[half : 2 * half, posts.columns.get_loc("text")] = posts["text"].iloc[:half]
    return posts


def notes(analysis: Analysis) -> str:
    return " ".join(note.sentence for note in analysis.manifest.notes)


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("n", [1, 10, 100, 300, 3000])
def test_any_size_gives_narratives_or_says_why_not(
    written: pd.DataFrame, n: int, copies: bool
) -> None:
    analysis = analyze(sample(written, n, copies), settings=FITTED)
    assert len(analysis.tables["posts"]) == n
    assert len(analysis.tables["point_posts"]) == n
    narratives = analysis.tables["narratives"]
    assert len(narratives) or "narrative" in notes(analysis)
    if copies and n > 1:
        assert (analysis.tables["talking_points"]["posts"] >= 2).sum() >= n // 2 * 0.9


def test_500_unique_posts_give_narratives(written: pd.DataFrame) -> None:
    unique = written.drop_duplicates("text").iloc[:500]
    analysis = analyze(unique, settings=FITTED)
    assert len(analysis.tables["narratives"]) or "narrative" in notes(analysis)


def test_texts_alone_give_talking_points_and_say_what_is_missing(written: pd.DataFrame) -> None:
    analysis = analyze(written[["text"]].iloc[:300], settings=FITTED)
    assert analysis.tables["posts"]["account_id"].isna().all()
    assert len(analysis.tables["talking_points"]) > 200
    assert "account" in notes(analysis)
    assert "time" in notes(analysis)


def test_handle_text_and_date_alone_are_enough_for_accounts(written: pd.DataFrame) -> None:
    plain = written[["handle", "text", "created_at"]].iloc[:300]
    analysis = analyze(plain, settings=FITTED)
    assert analysis.tables["posts"]["account_id"].notna().all()
    assert "handle" in notes(analysis)


def test_the_frame_handed_in_is_not_changed(written: pd.DataFrame) -> None:
    before = written.iloc[:50].copy()
    handed = before.copy()
    analyze(handed, settings=FITTED)
    pd.testing.assert_frame_equal(handed, before)


def test_shuffled_rows_give_the_same_tables(written: pd.DataFrame) -> None:
    posts = sample(written, 400, copies=True)
    one = analyze(posts, settings=FITTED)
    two = analyze(posts.sample(frac=1, random_state=5), settings=FITTED)
    for name in one.tables:
        if name == "posts":
            continue  # holds the row number, which the shuffle changes
        left, right = one.tables[name], two.tables[name]
        rows = [column for column in left.columns if column == "source_row"]
        pd.testing.assert_frame_equal(left.drop(columns=rows), right.drop(columns=rows))


def test_an_analysis_comes_back_from_its_folder(
    written: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    analysis = analyze(sample(written, 60, copies=True), settings=FITTED)
    again = Analysis.load(analysis.save(tmp_path / "case"))
    assert set(again.tables) == set(analysis.tables)
    pd.testing.assert_frame_equal(again.tables["talking_points"], analysis.tables["talking_points"])
    assert "60 posts" in repr(again)


HEAD = "post_id,account_id,created_at,text\n"
GOOD = "".join(
    f"{number},a{number % 3},2020-07-1{number % 9}T00:00:00Z,the harbor is closed today {number}\n"
    for number in range(40)
)


def damaged(kind: str) -> bytes:
    if kind == "binary":
        return bytes(range(256)) * 64
    if kind == "empty":
        return b""
    if kind == "spreadsheet ids":
        return (HEAD + GOOD.replace("7,a1", "1.28456E+18,a1", 1)).encode()
    if kind == "mixed encodings":
        return (HEAD + GOOD).encode() + "90,a1,2020-07-11,caf\xe9 au port".encode("latin-1") + b"\n"
    if kind == "long line":
        return (HEAD + GOOD).encode() + b"91,a1,2020-07-11," + b"x" * 10_500_000 + b"\n"
    return b"alpha,beta\n1,2\n3,4\n"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("binary", 3),
        ("empty", 3),
        ("no text column", 3),
        ("spreadsheet ids", 0),
        ("mixed encodings", 0),
        ("long line", 0),
    ],
)
def test_damaged_files_give_one_sentence_or_rejects(
    kind: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    path = tmp_path / "posts.csv"
    path.write_bytes(damaged(kind))
    case = tmp_path / "case"
    arguments = ["analyze", str(path), "--out", str(case), "--embedder", "fitted", "--quiet"]
    assert run(arguments) == code
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    if code:
        assert shown.startswith("error: ")
        assert "posts.csv" in shown
    else:
        report = json.loads((case / "manifest.json").read_text(encoding="utf-8"))["files"][0]
        assert report["rows_read"] == report["rows_kept"] + sum(report["rejected"].values())
        assert "posts.csv" not in shown


def test_too_many_rejects_end_with_their_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    path = tmp_path / "posts.csv.gz"
    bad = "".join(f"{number},a1,soon,the harbor is closed {number}\n" for number in range(60, 70))
    path.write_bytes(gzip.compress((HEAD + GOOD + bad).encode()))
    arguments = ["analyze", str(path), "--out", str(tmp_path / "case"), "--quiet"]
    arguments += ["--embedder", "fitted"]
    assert run(arguments) == 4
    assert "rejects.jsonl" in capsys.readouterr().err
    rejects = (tmp_path / "case" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 10
    assert run([*arguments, "--max-reject", "0.5"]) == 0
