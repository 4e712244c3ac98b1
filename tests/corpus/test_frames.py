"""DataFrames give what the same rows in a file give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from corpus.errors import EmptyCorpus, InputError, UnknownFormat
from corpus.frames import read_frames
from corpus.rejects import DAMAGED_ID, NOT_DECODABLE
from corpus.settings import Reading

ROWS = [
    {"post_id": "1", "account_id": "a", "created_at": "2020-01-01T10:00:01Z", "text": "سلام #x"},
    {"post_id": "2", "account_id": "b", "created_at": "2020-01-02T10:00:00Z", "text": "RT @x: y"},
]


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS)


def test_pandas_polars_and_arrow_read_alike() -> None:
    from_pandas = read_frames(frame())
    assert from_pandas.posts.column("kind").to_pylist() == ["post", "repost"]
    for other in (pl.DataFrame(ROWS), pa.Table.from_pylist(ROWS), frame().astype(object)):
        assert read_frames(other).posts.equals(from_pandas.posts)


def test_the_frame_handed_in_is_not_changed() -> None:
    given = frame()
    read_frames(given)
    pd.testing.assert_frame_equal(given, frame())


def test_equal_frames_have_equal_digests_and_others_do_not() -> None:
    one, same = read_frames(frame()).files[0], read_frames(frame()).files[0]
    other = read_frames(frame().iloc[::-1]).files[0]
    assert one.sha256 == same.sha256 != other.sha256
    assert one.name == "<dataframe>"


def test_timestamps_numbers_and_lists_are_taken_as_they_are() -> None:
    given = pd.DataFrame(
        {
            "post_id": [1284563908712345678, 2],
            "text": ["x", "y"],
            "created_at": pd.to_datetime(["2020-01-01 10:00", None]),
            "hashtags": [["a", "b"], []],
        }
    )
    posts = read_frames(given, settings=Reading(timezone="Asia/Tehran")).posts
    assert posts.column("post_id").to_pylist() == ["1284563908712345678", "2"]
    assert posts.column("created_at").to_pylist()[0] == datetime(2020, 1, 1, 6, 30, tzinfo=UTC)
    assert posts.column("hashtags").to_pylist() == [["a", "b"], []]


def test_ids_that_became_floats_are_rejected() -> None:
    given = pd.DataFrame({"post_id": [1.2845639087123457e18, 5.0, np.nan], "text": ["a", "b", "c"]})
    corpus = read_frames(given)
    assert corpus.files[0].rejected == {DAMAGED_ID: 1}
    assert corpus.posts.column("post_id").to_pylist()[0] == "5"


def test_mixed_columns_and_lone_surrogates_cost_only_their_rows() -> None:
    given = pd.DataFrame(
        {
            "post_id": pd.Series([1, "b", None], dtype=object),
            "text": pd.Series(["x", "bad \ud800", "z"], dtype=object),
        }
    )
    corpus = read_frames(given)
    assert corpus.posts.column("text").to_pylist() == ["x", "z"]
    assert [(r.row, r.reason) for r in corpus.rejects] == [(1, NOT_DECODABLE)]
    assert corpus.files[0].rows_read == 3


def test_profiles_come_beside_posts() -> None:
    profiles = pd.DataFrame(
        {
            "account_id": ["a", "a"],
            "observed_at": ["2020-01-01", "2020-02-01"],
            "bio": ["before", None],
        }
    )
    corpus = read_frames(frame(), profiles)
    seen = sorted(corpus.profiles.to_pylist(), key=lambda row: row["observed_at"])
    assert [row["bio"] for row in seen] == ["before", None]
    assert {row["source_file"] for row in seen} == {"<profiles dataframe>"}


@pytest.mark.parametrize("wrong", [[1, 2], "posts.csv", None, {"text": ["x"]}])
def test_what_is_no_frame_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match="expected a DataFrame"):
        read_frames(wrong)


def test_an_empty_frame_and_a_frame_without_text_say_so() -> None:
    with pytest.raises(EmptyCorpus):
        read_frames(frame().iloc[:0])
    with pytest.raises(UnknownFormat, match="text=COLUMN"):
        read_frames(pd.DataFrame({"a": [1], "b": [2]}))


@pytest.mark.parametrize(
    "names", [["one", "two"], ["my_text", "raw_text"]], ids=["no text", "two texts"]
)
def test_a_frame_without_a_text_is_told_what_to_do_in_python(names: list[str]) -> None:
    with pytest.raises(UnknownFormat, match=r"rename one to 'text', or set reading\.map") as told:
        read_frames(pd.DataFrame({name: ["a"] for name in names}))
    assert "--map" not in str(told.value)
