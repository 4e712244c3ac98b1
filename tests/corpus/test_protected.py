"""Rows of protected accounts are not read, and nothing of them is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.readers import Corpus, read
from corpus.readers.load import read_any
from corpus.rejects import PROTECTED

SECRET = "only for my friends"


def refused(corpus: Corpus) -> list[tuple[int, str, str]]:
    return [(reject.row, reject.reason, reject.excerpt) for reject in corpus.rejects]


def profiles(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "profiles.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("state", ["protected", "Locked", " private "])
def test_a_profile_that_is_protected_is_refused_without_an_excerpt(
    tmp_path: Path, state: str
) -> None:
    path = profiles(
        tmp_path,
        "account_id,observed_at,bio,state",
        f"1,2020-01-01,{SECRET},{state}",
        "2,2020-01-01,potter,active",
    )
    corpus = read([], [path])
    assert refused(corpus) == [(0, PROTECTED, "")]
    assert corpus.profiles.column("account_id").to_pylist() == ["2"]
    assert corpus.reject_share == 0.0


@pytest.mark.parametrize("name", ["protected", "locked", "is_protected", "user.protected"])
def test_a_column_that_says_yes_means_protected(tmp_path: Path, name: str) -> None:
    path = profiles(
        tmp_path,
        f"account_id,observed_at,bio,{name}",
        f"1,2020-01-01,{SECRET},true",
        "2,2020-01-01,potter,false",
        "3,2020-01-01,baker,",
    )
    corpus = read([], [path])
    assert refused(corpus) == [(0, PROTECTED, "")]
    assert set(corpus.profiles.column("account_id").to_pylist()) == {"2", "3"}


def test_a_post_of_a_protected_account_is_refused_without_an_excerpt(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    closed, open_ = ({"id_str": "1", "protected": True}, {"id_str": "2", "protected": False})
    rows = [
        {"id_str": "7", "created_at": "soon", "text": SECRET, "user": closed},
        {"id_str": "8", "created_at": "2020-01-01", "text": "hello", "user": open_},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    corpus = read([path])
    assert refused(corpus) == [(0, PROTECTED, "")]
    assert corpus.posts.column("post_id").to_pylist() == ["8"]
    assert corpus.profiles.num_rows == 0 or SECRET not in str(corpus.profiles.to_pylist())


def test_a_thread_that_is_locked_is_no_protected_account(tmp_path: Path) -> None:
    path = profiles(tmp_path, "post_id,text,locked", "1,hello,true")
    assert read([path]).posts.num_rows == 1


def test_a_history_that_was_protected_once_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "histories.jsonl"
    states = [
        ["2020-01-01T00:00:00Z", {"description": SECRET, "protected": False}],
        ["2020-02-01T00:00:00Z", {"protected": True}],
    ]
    path.write_text(json.dumps({"id": "1", "states": states}) + "\n", encoding="utf-8")
    corpus = read_any([], [path])
    assert refused(corpus) == [(0, PROTECTED, "")]
    assert corpus.profiles.num_rows == 0
