"""Known file shapes: the 538 tweets, the X archive, profile histories, Parquet."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.readers import Corpus, read
from corpus.rejects import BAD_HISTORY, BAD_TIME, DAMAGED_ID
from corpus.settings import Reading

IRA = [
    "external_author_id",
    "author",
    "content",
    "region",
    "language",
    "publish_date",
    "harvested_date",
    "following",
    "followers",
    "updates",
    "post_type",
    "account_type",
    "retweet",
    "account_category",
    "new_june_2018",
    "alt_external_id",
    "tweet_id",
    "article_url",
    "tco1_step1",
    "tco2_step1",
    "tco3_step1",
]
ARCHIVE = [
    "tweetid",
    "userid",
    "user_display_name",
    "user_screen_name",
    "user_reported_location",
    "user_profile_description",
    "user_profile_url",
    "follower_count",
    "following_count",
    "account_creation_date",
    "account_language",
    "tweet_language",
    "tweet_text",
    "tweet_time",
    "tweet_client_name",
    "in_reply_to_userid",
    "in_reply_to_tweetid",
    "quoted_tweet_tweetid",
    "is_retweet",
    "retweet_userid",
    "retweet_tweetid",
    "latitude",
    "longitude",
    "quote_count",
    "reply_count",
    "like_count",
    "retweet_count",
    "hashtags",
    "urls",
    "user_mentions",
    "poll_choices",
]
HASH = "x9Kd" * 11


def table(folder: Path, name: str, header: list[str], rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def ira(tmp_path: Path) -> Corpus:
    plain = {"language": "English", "region": "Unknown", "retweet": "0", "account_category": "X"}
    row = {
        **plain,
        "author": "OLDNAME",
        "alt_external_id": "906000000000000123",
        "external_author_id": "9.06E+17",
        "following": "1",
        "followers": "2",
        "updates": "3",
    }
    rows = [
        row | {"content": "first #tag", "publish_date": "10/1/2017 19:58", "tweet_id": "1",
               "tco1_step1": "https://a.example/1", "tco2_step1": "https://b.example/2"},
        row | {"content": "second", "publish_date": "10/2/2017 9:01", "tweet_id": "2",
               "post_type": "RETWEET", "retweet": "1", "author": "NEWNAME", "followers": "9"},
        row | {"content": "third", "publish_date": "1/2/2017 9:01", "tweet_id": "3",
               "post_type": "QUOTE_TWEET", "alt_external_id": ""},
    ]  # fmt: skip
    return read([table(tmp_path, "IRAhandle_tweets_1.csv", IRA, rows)])


def test_the_undamaged_id_of_the_538_file_is_used(ira: Corpus) -> None:
    assert ira.files[0].preset == "ira_538"
    assert set(ira.posts.column("account_id").to_pylist()) == {"906000000000000123"}
    assert ira.files[0].rejected == {DAMAGED_ID: 1}


def test_dates_of_the_538_file_are_american(ira: Corpus) -> None:
    assert ira.posts.column("created_at").to_pylist()[0] == datetime(
        2017, 10, 1, 19, 58, tzinfo=UTC
    )
    assert set(ira.posts.column("time_precision").to_pylist()) == {"minute"}


def test_post_types_and_links_of_the_538_file_are_understood(ira: Corpus) -> None:
    assert ira.posts.column("kind").to_pylist() == ["post", "repost"]
    assert ira.posts.column("lang").to_pylist() == ["en", "en"]
    assert ira.posts.column("urls").to_pylist()[0] == ["https://a.example/1", "https://b.example/2"]
    assert ira.posts.column("hashtags").to_pylist()[0] == ["tag"]


def test_a_new_handle_of_the_same_id_is_a_second_snapshot(ira: Corpus) -> None:
    seen = sorted(ira.profiles.to_pylist(), key=lambda row: row["observed_at"])
    assert [row["handle"] for row in seen] == ["OLDNAME", "NEWNAME"]
    assert {row["basis"] for row in seen} == {"post_time"}


@pytest.fixture
def archive(tmp_path: Path) -> Corpus:
    profile = {"userid": HASH, "user_display_name": HASH, "user_screen_name": HASH,
               "user_reported_location": "Oz", "user_profile_description": "a bio",
               "follower_count": "12.0", "account_creation_date": "2016-03-04"}  # fmt: skip
    rows = [
        profile | {"tweetid": "11", "tweet_text": "one", "tweet_time": "2017-08-19 15:13",
                   "hashtags": "['a', 'b']", "urls": "['http://x.example']",
                   "user_mentions": "[]", "is_retweet": "False", "latitude": "absent"},
        profile | {"tweetid": "12", "tweet_text": "RT @q: two", "tweet_time": "2017-08-20 15:13",
                   "hashtags": "[]", "is_retweet": "True", "retweet_tweetid": "5.0"},
        profile | {"tweetid": "13", "tweet_text": "three", "tweet_time": "2017-08-21 15:13",
                   "in_reply_to_tweetid": "77", "in_reply_to_userid": "8"},
    ]  # fmt: skip
    return read([table(tmp_path, "tweets.csv", ARCHIVE, rows)])


def test_lists_in_python_notation_are_lists(archive: Corpus) -> None:
    assert archive.posts.column("hashtags").to_pylist() == [["a", "b"], [], []]
    assert archive.posts.column("urls").to_pylist()[0] == ["http://x.example"]


def test_references_of_the_archive_make_kinds_and_parents(archive: Corpus) -> None:
    assert archive.posts.column("kind").to_pylist() == ["post", "repost", "reply"]
    assert archive.posts.column("parent_id").to_pylist() == [None, "5", "77"]


def test_the_archive_has_one_undated_snapshot_and_a_hash_is_no_name(archive: Corpus) -> None:
    (snapshot,) = archive.profiles.to_pylist()
    assert snapshot["basis"] == "export"
    assert snapshot["observed_at"] is None
    assert snapshot["handle"] is None
    assert snapshot["display_name"] is None
    assert snapshot["bio"] == "a bio"
    assert snapshot["followers"] == 12
    assert archive.account_events.column("kind").to_pylist() == ["created"]


def test_the_users_file_has_american_dates_and_loses_damaged_ids(tmp_path: Path) -> None:
    rows = [
        {"userid": "77", "user_screen_name": "ann", "account_creation_date": "7/3/2018"},
        {"userid": "1.01421E+18", "user_screen_name": "bo", "account_creation_date": "7/4/2018"},
    ]
    corpus = read([table(tmp_path, "users.csv", ARCHIVE[:11], rows)])
    assert corpus.files[0].preset == "x_archive_users"
    assert corpus.profiles.column("joined_at").to_pylist() == [datetime(2018, 7, 3, tzinfo=UTC)]
    assert corpus.files[0].rejected == {DAMAGED_ID: 1}


def history(folder: Path, *accounts: Any) -> Path:
    path = folder / "histories.jsonl"
    path.write_text("\n".join(json.dumps(account) for account in accounts), encoding="utf-8")
    return path


def test_a_history_carries_fields_forward_and_ends_at_its_last_sighting(tmp_path: Path) -> None:
    account = {
        "id": "a", "first": "2020-01-01 00:00:00", "last": "2020-03-01 00:00:00",
        "created": "Fri May 25 16:40:41 +0000 2018",
        "states": [
            ["2020-01-01 00:00:00", {"name": "N", "screen_name": "n", "description": None}],
            ["2020-02-01 00:00:00", {"description": "b"}],
            ["2020-02-02 00:00:00", {"name": ""}],
        ],
    }  # fmt: skip
    corpus = read([history(tmp_path, account)])
    seen = sorted(corpus.profiles.to_pylist(), key=lambda row: row["observed_at"])
    assert [row["bio"] for row in seen] == [None, "b", "b", "b"]
    assert [row["display_name"] for row in seen] == ["N", "N", "", ""]
    assert {row["handle"] for row in seen} == {"n"}
    assert {row["basis"] for row in seen} == {"event"}
    assert seen[-1]["observed_at"] == datetime(2020, 3, 1, tzinfo=UTC)
    assert corpus.account_events.column("at").to_pylist() == [
        datetime(2018, 5, 25, 16, 40, 41, tzinfo=UTC)
    ]


def test_a_history_with_one_damaged_state_is_rejected_whole(tmp_path: Path) -> None:
    good = {"id": "a", "states": [["2020-01-01", {"name": "x"}]]}
    torn = {"id": "b", "states": [["2020-01-01", {"name": "x"}], ["2020-01-02"]]}
    timeless = {"id": "c", "states": [["never", {"name": "x"}], ["2020-01-02", {"name": "y"}]]}
    corpus = read([history(tmp_path, good, torn, timeless)])
    assert corpus.files[0].format == "profile_histories"
    assert corpus.files[0].rejected == {BAD_HISTORY: 1, BAD_TIME: 1}
    assert corpus.files[0].rows_kept == 1
    assert set(corpus.profiles.column("account_id").to_pylist()) == {"a"}


def test_parquet_keeps_types_and_nested_values(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(
        pa.table(
            {
                "id": pa.array([1284563908712345678, 2], pa.int64()),
                "author_id": pa.array(["a", "b"]).dictionary_encode(),
                "text": pa.array(["x", "y"], pa.large_string()),
                "time": pa.array([datetime(2020, 1, 1), None], pa.timestamp("ns")),
                "hashtags": pa.array([["q"], None], pa.list_(pa.string())),
            }
        ),
        path,
    )
    corpus = read([path])
    assert corpus.posts.column("post_id").to_pylist() == ["1284563908712345678", "2"]
    assert corpus.posts.column("account_id").to_pylist() == ["a", "b"]
    assert corpus.posts.column("hashtags").to_pylist() == [["q"], []]
    assert corpus.posts.column("time_precision").to_pylist() == ["second", "unknown"]


def test_the_same_rows_read_alike_from_every_format(tmp_path: Path) -> None:
    rows = [
        {"post_id": "1", "account_id": "a", "created_at": "2020-01-01 10:00:01", "text": "سلام"},
        {"post_id": "2", "account_id": "b", "created_at": "2020-01-02 10:00:00", "text": "RT @x y"},
    ]
    flat = table(tmp_path, "p.csv", list(rows[0]), rows)
    lines = tmp_path / "p.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    columnar = tmp_path / "p.parquet"
    pq.write_table(pa.Table.from_pylist(rows), columnar)
    found = [read([path]).posts.drop_columns(["source_file"]) for path in (flat, lines, columnar)]
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_real_files_read_whole(shared_data: Path) -> None:
    folder = shared_data / "ira_troll_tweets"
    maps = ("account_id=external_author_id", "handle=account_id")
    corpus = read([folder / "renamed_dev.parquet"], settings=Reading(map=maps))
    handles: dict[str, set[str]] = {}
    for row in corpus.profiles.select(["account_id", "handle"]).to_pylist():
        handles.setdefault(row["account_id"], set()).add(row["handle"])
    assert sorted(len(names) for names in handles.values()) == [2, 3]
    assert corpus.posts.num_rows == corpus.files[0].rows_kept == corpus.files[0].rows_read
