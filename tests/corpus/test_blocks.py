"""A file read in blocks, on disk or in memory, gives the corpus that it gives at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import corpus.times
from corpus.errors import WorkspaceError
from corpus.readers import json_rows, load
from corpus.readers.blocks import borders, repeated, rows_at, rows_of
from corpus.readers.columns import Mapping
from corpus.readers.parts import FilePart, read_part
from corpus.readers.rows import Rows
from corpus.readers.shelf import Shelf, put, shelved
from corpus.settings import Reading

CELLS: dict[str, list[str]] = {
    "id": ["", "7", "123456789012345000", "123456789012346000", "123456789012347000", "1.2E+17"],
    "author_id": ["", "u1", "u2"],
    "username": ["", "@ann", "@ben", "A" * 44],
    "created_at": ["", "3/4/2020", "13/4/2020", "4/13/20 10:00", "3.4.2020", "2020-07-01T10:00:07Z",
                   "2020-07-01"],
    "text": ["", "می‌گوید #صلح", "RT @x: a", "b https://a.example/c", "b"],
    "kind": ["post", "retweet", "odd", "odder"],
    "bio": ["", "teacher", "farmer"],
    "followers_count": ["3", "4"],
    "lang": ["en", "und", "FA"],
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A header and rows; few values, so that equal posts, ids and accounts are frequent."""
    names = ["text", *draw(st.sets(st.sampled_from([n for n in CELLS if n != "text"])))]
    row = st.tuples(*(st.sampled_from(CELLS[name]) for name in names)).map(list)
    return names, draw(st.lists(row, min_size=1, max_size=40))


def written(path: Path, names: list[str], rows: list[list[str]]) -> Path:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([names, *rows])
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


def everything(corpus: load.Corpus) -> tuple[Any, ...]:
    kept = None if corpus.kept_columns is None else corpus.kept_columns.to_pylist()
    found = (corpus.posts, corpus.profiles, corpus.account_events)
    said = (corpus.rejects, corpus.files, corpus.notes, kept)
    return (*(t.to_pylist() for t in found), *(t.schema for t in found), *said)


def read_in_blocks(path: Path, asked: Reading, size: int) -> load.Corpus:
    def part(rows: Rows, mapping: Mapping, file: str, settings: Reading) -> FilePart:
        return read_part(rows, mapping, file, settings, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_part", part)
        patch.setattr(load, "shelved", lambda: shelved(0))
        patch.setattr(corpus.times, "BLOCK_ROWS", size)
        patch.setattr(json_rows, "OBJECT_ROWS", size)
        return load.read_any([path], settings=asked)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.integers(1, 9), st.booleans())
def test_blocks_of_any_size_on_disk_give_the_same_corpus(
    tmp_path: Path, table: tuple[list[str], list[list[str]]], size: int, other_text: bool
) -> None:
    names, rows = table
    path = written(tmp_path / "posts.csv", names, rows)
    asked = Reading(
        keep=("lang",) if "lang" in names else (),
        text_from="bio" if other_text and "bio" in names else None,
    )
    at_once = load.read_any([path], settings=asked)
    assert everything(read_in_blocks(path, asked, size)) == everything(at_once)


def test_dates_that_contradict_each_other_count_once_however_often_they_are_repeated(
    tmp_path: Path,
) -> None:
    dates = ["13/4/2020"] * 9 + ["4/13/2020", "4/14/2020", "3/4/2020"]
    path = written(tmp_path / "posts.csv", ["text", "created_at"], [["a", d] for d in dates])
    for corpus_read in (load.read_any([path]), read_in_blocks(path, Reading(), 2)):
        assert "read as month-first" in " ".join(corpus_read.notes)
        assert corpus_read.posts["created_at"].to_pylist()[-1].month == 3


def test_a_small_reading_touches_no_disk_and_a_large_one_lies_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pa.table({"a": ["x", None, "می‌گوید"] * 100, "b": [["u"], [], None] * 100})
    with shelved():
        assert put(table) is table
    shelf = Shelf(free=table.nbytes)
    assert shelf.put(table) is table
    before = pa.total_allocated_bytes()
    moved = [shelf.put(table) for _ in range(50)]
    shelf.rest()
    shelf.close()
    assert pa.total_allocated_bytes() - before < table.nbytes
    assert all(one.equals(table) for one in moved)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(WorkspaceError, match=r"no room .*TMPDIR"):
        Shelf(free=0).put(table)


@given(st.lists(st.integers(0, 20), max_size=40).map(sorted), st.integers(1, 9))
def test_blocks_cover_all_rows_and_never_part_those_of_one_number(
    numbers: list[int], size: int
) -> None:
    edges = borders(np.array(numbers, dtype=np.int64), size)
    assert [low for low, _ in edges[1:]] == [high for _, high in edges[:-1]]
    assert (edges[0][0], edges[-1][1]) == (0, len(numbers))
    assert all(numbers[low - 1] < numbers[low] for low, _ in edges[1:])


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), min_size=1, max_size=5), st.data())
def test_rows_by_place_and_by_mask_are_those_that_arrow_takes(
    chunks: list[list[str]], data: st.DataObject
) -> None:
    table = pa.table({"a": pa.chunked_array(chunks, pa.string())})
    n = table.num_rows
    places = data.draw(st.lists(st.integers(0, max(n - 1, 0)), max_size=9 if n else 0))
    at = np.array(places, dtype=np.int64)
    assert rows_at(table, at).equals(table.take(pa.array(at)).combine_chunks())
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    assert rows_of(table, mask).to_pylist() == table.filter(pa.array(mask)).to_pylist()
    assert repeated(at.astype(np.uint64)).tolist() == [places.count(one) > 1 for one in places]
