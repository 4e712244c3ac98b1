"""JSON in any shape, and lines that are not JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnknownFormat
from corpus.readers import read
from corpus.readers.json_rows import JsonRows
from corpus.rejects import (
    DAMAGED_ID,
    NOT_DECODABLE,
    NOT_JSON,
    NOT_OBJECT,
    TOO_DEEP,
    TOO_LONG,
)

POSTS = [{"id": 1, "text": "سلام"}, {"id": 2, "text": "b\nc", "user": {"screen_name": "z"}}]


def put(folder: Path, content: str | bytes, name: str = "posts.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(json.dumps(post) for post in POSTS),
        "\n\n".join(json.dumps(post, ensure_ascii=False) for post in POSTS) + "\n",
        json.dumps(POSTS),
        json.dumps(POSTS, indent=2),
        json.dumps({"name": "a channel", "messages": POSTS}),
        json.dumps({"name": "a channel", "messages": POSTS}, indent=1),
        "\ufeff" + json.dumps(POSTS[0]) + "\n" + json.dumps(POSTS[1]),
    ],
)
def test_every_shape_gives_the_same_posts(tmp_path: Path, content: str) -> None:
    corpus = read([put(tmp_path, content)])
    assert corpus.posts.column("text").to_pylist() == ["سلام", "b\nc"]
    assert corpus.posts.column("post_id").to_pylist() == ["1", "2"]
    assert corpus.posts.column("handle").to_pylist() == [None, "z"]


def test_a_bad_line_costs_itself(tmp_path: Path) -> None:
    lines = [
        b'{"id": 1, "text": "ok"}',
        b'{"id": 2, "text": "\\ud800"}',
        b'{"id": 3, "text": "x"}{',
        b"[1]",
        b"[" * 100_000,
        b'{"id": 4, "text": "\xff"}',
        b'{"id": %s, "text": "huge"}' % (b"9" * 5000),
        b'{"id": 12345678901234567890123, "text": "beyond 64 bits"}',
        b'{"id": 9, "text": "%s"}' % (b"x" * 11_000_000),
        '{"id": 10, "text": "é"}'.encode(),
    ]
    corpus = read([put(tmp_path, b"\n".join(lines), "x.jsonl")])
    assert corpus.posts.column("post_id").to_pylist() == ["1", "10"]
    reasons = {reject.row: reject.reason for reject in corpus.rejects}
    assert reasons == {
        1: NOT_JSON, 2: NOT_JSON, 3: NOT_OBJECT, 4: TOO_DEEP, 5: NOT_DECODABLE, 6: NOT_JSON,
        7: DAMAGED_ID, 8: TOO_LONG,
    }  # fmt: skip


def test_one_bad_text_in_an_array_costs_one_row(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, '[{"text": "a"}, {"text": "\\ud800"}, 5]')])
    assert corpus.posts.num_rows == 1
    assert corpus.files[0].rows_read == 3


@pytest.mark.parametrize("content", ["[" * 5000, '[{"text": "a"},', "[[1, 2", '{\n"a": [1\n'])
def test_a_document_that_is_not_json_is_refused_in_one_sentence(
    tmp_path: Path, content: str
) -> None:
    with pytest.raises(UnknownFormat, match="not valid JSON"):
        read([put(tmp_path, content)])


def test_null_stays_unknown_and_empty_stays_empty(tmp_path: Path) -> None:
    lines = '{"id": "1", "name": "x", "bio": null}\n{"id": "2", "name": "y", "bio": ""}\n'
    profiles = read([put(tmp_path, lines)]).profiles.to_pylist()
    assert {row["account_id"]: row["bio"] for row in profiles} == {"1": None, "2": ""}


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES | st.dictionaries(st.sampled_from(["text", "id", "user", "time"]), VALUES)))
def test_every_line_is_a_row_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    content = "\n".join([json.dumps(POSTS[0]), *(json.dumps(value) for value in values)])
    path = put(tmp_path_factory.mktemp("json"), content)
    rows = JsonRows().rows(path, "x")
    assert rows.rows_read == len(values) + 1
    assert rows.rows_read == rows.table.num_rows + len(rows.rejects)
