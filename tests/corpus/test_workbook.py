"""Workbooks: damaged ids, dates, titles above the table, further sheets, and hostile packages."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError, UnknownFormat
from corpus.readers import inspect, read
from corpus.rejects import DAMAGED_ID

openpyxl = pytest.importorskip("openpyxl")
HEADER = ["tweet_id", "author_id", "text", "created_at"]


def book(folder: Path, *sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    path = folder / "posts.xlsx"
    made.save(path)
    return path


def test_an_id_stored_as_a_number_is_damaged_and_one_stored_as_text_is_not(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["1284563908712345678", "7", "as text", "2021-03-01T10:00:00Z"],
        [1.28456390871234e18, "7", "as a number", "2021-03-01T10:00:00Z"],
        [1284563908712340000, "7", "as a rounded number", "2021-03-01T10:00:00Z"],
        [123456789012345, 7, "fits", "2021-03-01T10:00:00Z"],
    ]
    found = read([book(tmp_path, rows)])
    assert found.files[0].rejected == {DAMAGED_ID: 2}
    assert found.posts.column("post_id").to_pylist() == ["1284563908712345678", "123456789012345"]
    assert set(found.posts.column("account_id").to_pylist()) == {"7"}


def test_dates_are_dates_and_have_no_zone(tmp_path: Path) -> None:
    rows = [HEADER, ["1", "2", "x", datetime(2021, 3, 1, 10, 0, 30)]]
    found = inspect([book(tmp_path, rows)])
    assert found.first_at == datetime(2021, 3, 1, 10, 0, 30, tzinfo=UTC).isoformat()
    assert any("--timezone" in note for note in found.notes)


def test_the_first_sheet_with_a_table_is_read_below_its_title(tmp_path: Path) -> None:
    cover = [["Monitoring report"], [], ["made for", None]]
    data = [["Week 9"], [], HEADER, ["1", "2", "x", "2021-03-01"], [None, None, None, None]]
    found = inspect([book(tmp_path, cover, data, [HEADER])])
    assert found.rows_read == found.posts == 1
    assert any("sheet 2 of 3" in note for note in found.notes)
    assert any("2 lines above the header" in note for note in found.notes)


def test_booleans_and_counts_come_through(tmp_path: Path) -> None:
    rows = [["id", "text", "is_retweet", "followers", "user_id"], ["1", "x", True, 12.0, "5"]]
    found = read([book(tmp_path, rows)])
    assert found.posts.column("kind").to_pylist() == ["repost"]
    assert found.profiles.column("followers").to_pylist() == [12]


def test_a_workbook_that_opens_to_far_too_much_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path, [HEADER, ["1", "2", "x", "2021-03-01"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/bomb.xml", b" " * (100 << 20))
    with pytest.raises(InputError, match="opens to"):
        read([path])


def test_a_workbook_cut_off_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = book(tmp_path, [HEADER, ["1", "2", "x", "2021-03-01"]])
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            read([path])


def test_a_workbook_without_a_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="column names"):
        read([book(tmp_path, [["a note"], [3]])])


def test_a_damaged_part_is_one_sentence(tmp_path: Path) -> None:
    path = book(tmp_path, [HEADER, ["1", "2", "x", "2021-03-01"]])
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part, content[:80] if "sheet1" in part.filename else content)
    with pytest.raises(InputError, match="damaged workbook"):
        read([changed])
