"""Rejects are written completely, in one order, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import WorkspaceError
from corpus.rejects import (
    DUPLICATE,
    EXCERPT_CHARACTERS,
    NO_TEXT,
    Reject,
    count_reasons,
    excerpt,
    reject_share,
    write_rejects,
)

REJECTS = [
    Reject("b", 1, NO_TEXT, "x"),
    Reject("a", 10, DUPLICATE, "y"),
    Reject("a", 9, NO_TEXT, ""),
]


def test_lines_are_sorted_by_file_and_row(tmp_path: Path) -> None:
    path, again = tmp_path / "rejects.jsonl", tmp_path / "again.jsonl"
    write_rejects(path, REJECTS)
    write_rejects(again, reversed(REJECTS))
    assert path.read_bytes() == again.read_bytes()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line["file"], line["row"]) for line in lines] == [("a", 9), ("a", 10), ("b", 1)]
    assert list(lines[0]) == ["file", "row", "reason", "excerpt"]
    assert not list(tmp_path.glob("*.part"))


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_excerpt_can_be_written(text: str) -> None:
    cut = excerpt(text + "\ud800")
    cut.encode("utf-8")
    assert len(cut) <= EXCERPT_CHARACTERS * 6


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot write"):
        write_rejects(tmp_path / "none" / "rejects.jsonl", REJECTS)


def test_duplicates_are_counted_but_do_not_weigh() -> None:
    reasons = count_reasons(REJECTS)
    assert reasons == {NO_TEXT: 2, DUPLICATE: 1}
    assert reject_share(10, reasons) == 0.2
    assert reject_share(0, {}) == 0.0
