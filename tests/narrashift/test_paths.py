"""A path that cannot be used is one sentence and an exit code, before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from corpus.rejects import DUPLICATE, NO_TEXT, PROTECTED
from narrashift.api import all_there
from narrashift.cli import run
from narrashift.shown import reject_share


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text("id,text\n1,the harbor is closed\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("where", "code"), [("posts", 3), ("profiles", 3), ("removed", 3), ("config", 2)]
)
def test_an_empty_folder_in_the_place_of_a_file_is_one_sentence(
    where: str, code: int, posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, case = tmp_path / "folder", tmp_path / "case"
    folder.mkdir()
    files = [str(folder if where == "posts" else posts)]
    options = [] if where == "posts" else [f"--{where}", str(folder)]
    assert run(["analyze", *files, *options, "--out", str(case), "--quiet"]) == code
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert "folder" in shown
    assert shown.count("\n") == 1
    assert not case.exists()


def test_every_path_that_cannot_be_used_is_named(
    posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SettingsError) as caught:
        all_there([tmp_path / "none.csv", posts])
    assert len(caught.value.problems) == 2
    assert caught.value.problems[1] == f"{posts} cannot be read: permission denied"


def test_a_wrong_zone_and_a_wrong_field_are_told_before_a_case_is_made(
    posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "case"
    options = ["--timezone", "Mars/Base", "--map", "acount_id=id", "--quiet"]
    assert run(["analyze", str(posts), "--out", str(case), *options]) == 2
    shown = capsys.readouterr().err
    assert "Mars/Base" in shown
    assert "did you mean 'account_id'" in shown
    assert not case.exists()


def test_only_rejects_that_say_something_about_a_file_weigh() -> None:
    files = [
        {"rows_read": 6, "rejected": {DUPLICATE: 2, NO_TEXT: 1}},
        {"rows_read": 4, "rejected": {PROTECTED: 3, NO_TEXT: 1}},
    ]
    assert reject_share(files) == 0.2
    assert reject_share([]) == 0.0
