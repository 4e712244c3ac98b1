"""What the formats written from documentation must not do, beside their fixtures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zstandard

from corpus.readers import inspect, read, youtube
from corpus.readers.delimited import Delimited
from corpus.readers.json_rows import JsonRows
from corpus.readers.mapping_files import presets
from corpus.readers.positional import Positional
from corpus.readers.telethon import unpack
from corpus.rejects import NO_TEXT, TEXT_GONE

FOLDER = Path(__file__).parent / "formats"
TOOLKIT = "1,71,ann,,,hello,1614592807,https://a.example\n"
EXPERIMENTAL = sorted(preset.name for preset in presets() if preset.experimental)


def put(folder: Path, text: str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


@pytest.mark.parametrize("name", EXPERIMENTAL)
def test_a_format_never_seen_in_a_real_file_is_called_experimental(name: str) -> None:
    paths = [*(FOLDER / name).glob("input.*"), *(FOLDER / name).glob("beside.*")]
    assert any("experimental" in note for note in inspect(paths).notes)


@pytest.mark.parametrize(
    "text",
    [
        "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n" + TOOLKIT,
        TOOLKIT.replace(",https://a.example", ""),
        TOOLKIT.replace("1614592807", "yesterday"),
        TOOLKIT.replace("1614592807", "12"),
        TOOLKIT.replace("https://a.example", "no link"),
        TOOLKIT.replace("1,71", "1,"),
        TOOLKIT + "id,text\n",
        "",
        "[1,2,3]",
        "a,b\n1,2\n",
    ],
)
def test_only_the_whole_shape_of_the_toolkit_is_read_by_place(text: str, tmp_path: Path) -> None:
    path = put(tmp_path, text)
    assert Positional().sniff(put(tmp_path, TOOLKIT, "y.csv")) > Delimited().sniff(path)
    assert Positional().sniff(path) == 0.0


def test_a_long_file_by_place_is_recognised_although_its_head_ends_inside_a_record(
    tmp_path: Path,
) -> None:
    long = TOOLKIT.replace("hello", '"' + "so long\n" * 9_000 + '"')
    assert Positional().sniff(put(tmp_path, TOOLKIT * 3 + long)) > 0
    assert read([put(tmp_path, TOOLKIT * 3 + long)]).files[0].rows_read == 4


def test_texts_that_are_gone_are_no_posts_and_no_account(tmp_path: Path) -> None:
    base = {"created_utc": 1614592800, "link_id": "t3_s", "parent_id": "t3_s", "subreddit": "s"}
    gone = [
        base | {"id": f"c{n}", "author": "[deleted]", "body": body}
        for n, body in enumerate(["[deleted]", "[removed]", "[ Removed by Reddit ]"] * 4)
    ]
    kept = base | {"id": "k", "author": "[deleted]", "body": "[deleted] is what they wrote"}
    packed = zstandard.compress("\n".join(json.dumps(one) for one in [*gone, kept]).encode())
    path = tmp_path / "RC_2021-03.zst"
    path.write_bytes(packed)
    corpus = read([path])
    assert corpus.posts["text"].to_pylist() == ["[deleted] is what they wrote"]
    assert corpus.posts["account_id"].to_pylist() == [None]
    assert corpus.files[0].rejected == {TEXT_GONE: 12}
    assert corpus.reject_share == 0.0


def test_an_empty_comment_is_no_removed_one(tmp_path: Path) -> None:
    row = {"id": "c", "author": "[deleted]", "body": "", "created_utc": 1, "link_id": "t3_s",
           "parent_id": "t3_s", "subreddit": "s"}  # fmt: skip
    other = row | {"id": "d", "body": "here"}
    path = put(tmp_path, json.dumps(row) + "\n" + json.dumps(other), "x.jsonl")
    assert read([path]).files[0].rejected == {NO_TEXT: 1}


def test_comments_without_authors_say_that_accounts_cannot_be_assessed(tmp_path: Path) -> None:
    notes = inspect([*(FOLDER / "tiktok_comments").glob("input.*")]).notes
    assert any("findings on accounts are impossible" in note for note in notes)


def test_a_list_one_level_down_is_found_and_one_on_top_wins(tmp_path: Path) -> None:
    inner = {"data": {"videos": [{"text": "a"}, {"text": "b"}]}, "error": {"code": "ok"}}
    path = put(tmp_path, json.dumps(inner), "x.json")
    assert JsonRows().rows(path, "x").table["text"].to_pylist() == ["a", "b"]
    both = inner | {"messages": [{"text": "c"}]}
    path = put(tmp_path, json.dumps(both), "x.json")
    assert JsonRows().rows(path, "x").table["text"].to_pylist() == ["c"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"a \\"b\\", and ""more"""', 'a \\"b\\", and "more"'),
        ('"a \\"b"', 'a \\"b'),
        ('"ends in \\"', "ends in \\"),
        ('"plain ""quote"""', 'plain "quote"'),
    ],
)
def test_a_quote_guarded_by_a_backslash_is_read(cell: str, text: str, tmp_path: Path) -> None:
    path = put(tmp_path, f"post_id,text,handle\n1,{cell},ann\n2,next,bo\n")
    rows = Delimited().rows(path, "x")
    assert rows.table["text"].to_pylist() == [text, "next"]
    assert rows.rejects == ()


def test_telethon_conversations_of_two_people_are_not_read() -> None:
    message = {"_": "Message", "id": 1, "date": "2021-03-01T10:00:00+00:00", "message": "hello"}
    assert list(unpack(message | {"peer_id": {"_": "PeerUser", "user_id": 5}})) == []
    [row] = unpack(message | {"peer_id": {"_": "PeerChannel", "channel_id": 5}})
    assert row["account_id"] == "channel5"


def test_telethon_entities_count_in_utf_16_units() -> None:
    message = {
        "_": "Message",
        "id": 1,
        "date": "2021-03-01T10:00:00+00:00",
        "message": "😀😀 @ann",
        "peer_id": {"channel_id": 5},
        "entities": [
            {"_": "MessageEntityMention", "offset": 5, "length": 4},
            {"_": "MessageEntityMention", "offset": -1, "length": 4},
            {"_": "MessageEntityMention", "offset": 99, "length": 4},
            {"_": "MessageEntityMention", "offset": "5", "length": None},
        ],
    }
    [row] = unpack(message)
    assert row["mentions"] == '["ann"]'


def test_a_youtube_record_of_another_shape_is_none_and_stops_nothing() -> None:
    for record in ({"kind": []}, {"kind": {}, "snippet": []}, {"snippet": {"topLevelComment": 1}}):
        assert youtube.knows(record) is ("snippet" in record and "kind" not in record)
        assert list(youtube.split(record)) == [record]
        assert list(youtube.unpack(record)) == []


def test_a_column_that_a_field_is_put_together_from_is_not_called_unused() -> None:
    found = inspect([*(FOLDER / "reddit_comments").glob("input.*")])
    assert "id" not in found.files[0].unmapped
    assert "score" in found.files[0].unmapped
