"""Several dumps of one set of accounts: what changed, and who is in one and not in the next."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import Corpus, read
from corpus.readers.between_dumps import COVERED, KIND, MIN_COMMON, not_in_later_files
from corpus.settings import Reading, parse_time
from corpus.tables import POSTS, PROFILES

FIRST, SECOND = "2024-01-05T00:00:00Z", "2024-03-05T00:00:00Z"
NAMES = [f"9{n:017d}" for n in range(10)]
POSTED = {"post_id": "1", "account_id": NAMES[0], "created_at": "2024-01-01T00:00:00Z"}


def as_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_lines(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def two_dumps(
    folder: Path, later: Sequence[str], posts: Sequence[Mapping[str, str]] = (), **more: str
) -> Corpus:
    """A dated CSV of ten accounts, and an undated JSONL of `later`, dated by --observed-at."""
    one = as_csv(
        folder / "january.csv",
        [{"user_id": name, "screen_name": f"who_{name[-1]}", "description": "tea ☕",
          "retrieved_at": FIRST} for name in NAMES],
    )  # fmt: skip
    two = as_lines(
        folder / "march.jsonl",
        [{"id": name, "username": f"who_{name[-1]}", "description": "قهوه‌ام", **more}
         for name in later],
    )  # fmt: skip
    wrote = as_csv(
        folder / "posts.csv", [{**POSTED, "text": "tea"}, *({"text": "x", **row} for row in posts)]
    )
    return read([wrote], [one, two], settings=Reading(observed_at=SECOND))


def missing(corpus: Corpus) -> list[str]:
    events = corpus.account_events.to_pylist()
    return [row["account_id"] for row in events if row["kind"] == KIND]


def test_dumps_of_two_formats_merge_by_id_with_time_and_basis(tmp_path: Path) -> None:
    rows = two_dumps(tmp_path, NAMES).profiles.to_pylist()
    of_one = sorted(
        (r for r in rows if r["account_id"] == NAMES[3]), key=lambda r: r["observed_at"]
    )
    assert [r["observed_at"].isoformat() for r in of_one] == [
        "2024-01-05T00:00:00+00:00", "2024-03-05T00:00:00+00:00",
    ]  # fmt: skip
    assert [r["bio"] for r in of_one] == ["tea ☕", "قهوه‌ام"]
    assert {r["basis"] for r in of_one} == {"retrieved"}
    assert len(rows) == 20


def test_an_account_that_the_later_dump_lacks_is_told_with_the_coverage(tmp_path: Path) -> None:
    corpus = two_dumps(tmp_path, NAMES[:9])
    assert missing(corpus) == [NAMES[9]]
    (event,) = [r for r in corpus.account_events.to_pylist() if r["kind"] == KIND]
    assert event["at"].isoformat() == "2024-03-05T00:00:00+00:00"
    assert (event["source_file"], event["source_row"]) == ("january.csv", 9)
    (note,) = [note for note in corpus.notes if "not in march.jsonl" in note]
    assert "holds 9 of its 10" in note and "no later sign: 1;" in note


def test_of_accounts_that_are_found_again_nothing_is_said(tmp_path: Path) -> None:
    corpus = two_dumps(tmp_path, NAMES)
    assert not missing(corpus) and not any("not in" in note for note in corpus.notes)


def test_a_later_dump_of_other_accounts_says_nothing(tmp_path: Path) -> None:
    assert not missing(two_dumps(tmp_path, NAMES[:6]))


def test_a_post_after_the_later_dump_speaks_against_it(tmp_path: Path) -> None:
    after = {"post_id": "2", "account_id": NAMES[9], "created_at": "2024-04-01T00:00:00Z"}
    assert not missing(two_dumps(tmp_path, NAMES[:9], [after]))
    before = {**after, "created_at": "2024-02-01T00:00:00Z"}
    assert missing(two_dumps(tmp_path, NAMES[:9], [before])) == [NAMES[9]]


def test_a_state_and_a_handle_that_changed_are_there_to_follow(tmp_path: Path) -> None:
    corpus = two_dumps(tmp_path, NAMES, state="suspended")
    kinds = [row["kind"] for row in corpus.account_events.to_pylist()]
    assert kinds.count("suspended") == 10 and KIND not in kinds


def test_titles_of_a_chat_are_events_and_names_of_people_are_not(tmp_path: Path) -> None:
    def service(number: int, title: str) -> dict[str, object]:
        return {"id": number, "type": "service", "date": f"2024-01-0{number}T10:00:00",
                "date_unixtime": str(1_704_103_200 + 86_400 * number), "actor": "Chat",
                "actor_id": "channel77", "action": "edit_group_title", "title": title}  # fmt: skip

    message = {"id": 9, "type": "message", "date": "2024-01-09T10:00:00", "text": "سلام دنیا",
               "date_unixtime": "1704794400", "from": "Chat", "from_id": "channel77"}  # fmt: skip
    edits = [service(1, "Harbor"), service(2, "Harbor"), service(3, "بندر")]
    chat = {"name": "Chat", "type": "public_channel", "id": 77, "messages": [*edits, message]}
    path = tmp_path / "result.json"
    path.write_text(json.dumps(chat), "utf-8")
    titles = [r for r in read([path]).account_events.to_pylist() if r["kind"] == "retitled"]
    assert [(r["before"], r["after"]) for r in titles] == [("Harbor", "بندر")]
    states = [[FIRST, {"name": "A", "description": "x"}], [SECOND, {"name": "B"}]]
    histories = tmp_path / "h.jsonl"
    histories.write_text(json.dumps({"id": "5", "states": states}), "utf-8")
    told = read([], [histories]).account_events.to_pylist()
    assert not any(row["kind"] == "retitled" for row in told)


@given(
    held=st.sets(st.integers(0, 19)),
    again=st.sets(st.integers(0, 19)),
    late=st.sets(st.integers(0, 19)),
)
def test_nobody_is_missing_who_was_seen_and_nothing_is_said_below_the_coverage(
    held: set[int], again: set[int], late: set[int]
) -> None:
    def row(who: int, file: str, at: str) -> dict[str, object]:
        return {"snapshot_id": f"{file}{who}", "platform": "x", "account_id": str(who),
                "observed_at": parse_time(at), "basis": "retrieved", "state": "active",
                "source_file": file, "source_row": who}  # fmt: skip

    profiles = PROFILES.from_rows(
        [*(row(who, "a", FIRST) for who in sorted(held)),
         *(row(who, "b", SECOND) for who in sorted(again))]
    )  # fmt: skip
    posts = POSTS.from_rows(
        [{"post_id": str(who), "platform": "x", "account_id": str(who), "text": "t",
          "created_at": parse_time("2024-05-01T00:00:00Z"), "time_precision": "second",
          "kind": "post", "urls": [], "hashtags": [], "mentions": [], "source_file": "p",
          "source_row": who} for who in sorted(late)]
    )  # fmt: skip
    events, notes = not_in_later_files(profiles, posts, ["a", "b"])
    found = {int(name) for name in events["account_id"].to_pylist()}
    covered = len(held & again) >= max(MIN_COMMON, COVERED * len(held))
    assert found == (held - again - late if covered else set())
    assert bool(notes) == bool(found)


@pytest.mark.parametrize("alone", [[], ["a"]])
def test_a_later_file_of_posts_covers_nobody(alone: list[str]) -> None:
    rows = [
        {"snapshot_id": f"{file}{who}", "platform": "x", "account_id": who, "basis": "retrieved",
         "observed_at": parse_time(at), "state": "active", "source_file": file, "source_row": 0}
        for file, at, names in (("a", FIRST, NAMES), ("b", SECOND, NAMES[:9]))
        for who in names
    ]  # fmt: skip
    profiles = PROFILES.from_rows(rows)
    assert not_in_later_files(profiles, POSTS.empty(), alone)[0].num_rows == 0
    assert not_in_later_files(profiles, POSTS.empty(), ["b"])[0].num_rows == 1
