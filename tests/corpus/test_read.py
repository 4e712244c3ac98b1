"""Whole corpora: every row is accounted for, and no order of rows or files matters."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpus.errors import EmptyCorpus, NarrashiftError, SettingsError
from corpus.identity import content_id
from corpus.readers import Corpus, read
from corpus.readers.load import read_any
from corpus.rejects import BAD_TIME, DAMAGED_ID, DUPLICATE, NO_ACCOUNT, NO_TEXT
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS, POSTS, PROFILES, check

FIELDS = ["post_id", "account_id", "created_at", "text", "kind", "handle", "bio", "followers"]


def put(folder: Path, rows: list[dict[str, Any]], name: str = "posts.csv") -> Path:
    path = folder / name
    names = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def accounted(corpus: Corpus) -> bool:
    return all(
        file.rows_read == file.rows_kept + sum(file.rejected.values()) and file.rows_kept >= 0
        for file in corpus.files
    )


def content(corpus: Corpus) -> tuple[Any, ...]:
    """A corpus without where its rows stood."""
    places = ["source_file", "source_row"]
    posts = corpus.posts.drop_columns(places).sort_by("post_id").to_pylist()
    profiles = corpus.profiles.drop_columns(places).sort_by("snapshot_id").to_pylist()
    events = corpus.account_events.drop_columns(places).to_pylist()
    return posts, profiles, sorted(events, key=str), corpus.reject_share


CELLS = st.one_of(
    st.sampled_from(["", "1", "2", "3", "anna", "bo", "1.2E+18", "nan", "2020-01-01 10:00",
                     "2020-01-02 10:00", "3/4/2020", "13/4/2020", "tomorrow", "RT @x: y", "RT",
                     "سلام\u200c", "[]", "['a']", "0", "-1", "x" * 50, "\n", '"']),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, CELLS)), min_size=1, max_size=12)
QUICK = hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(ROWS)
def test_rows_read_are_rows_kept_and_rows_rejected(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    corpus = read_any([put(tmp_path, rows)])
    assert accounted(corpus)
    assert corpus.files[0].rows_read == len(rows)
    check(corpus.posts, POSTS)
    check(corpus.profiles, PROFILES)
    check(corpus.account_events, ACCOUNT_EVENTS)
    ids = corpus.posts.column("post_id").to_pylist()
    assert len(set(ids)) == len(ids)
    assert len(corpus.rejects) == sum(corpus.files[0].rejected.values())


@QUICK
@given(ROWS, st.randoms())
def test_the_order_of_rows_and_files_changes_nothing(
    tmp_path: Path, rows: list[dict[str, str]], chance: random.Random
) -> None:
    def split(ordered: list[dict[str, str]]) -> Corpus:
        return read_any([put(tmp_path, ordered, "a.csv"), put(tmp_path, rows[:3], "b.csv")])

    one = split(rows)
    mixed = list(rows)
    chance.shuffle(mixed)
    other = split(mixed)
    assert content(one) == content(other)
    assert accounted(one)
    assert accounted(other)


@QUICK
@given(st.binary(max_size=300), st.sampled_from([b"id,text\n", b'{"text": "x"}\n', b"[", b""]))
def test_no_bytes_whatever_do_more_than_raise_one_of_our_errors(
    tmp_path: Path, tail: bytes, start: bytes
) -> None:
    path = tmp_path / "x.dat"
    path.write_bytes(start + tail)
    try:
        corpus = read_any([path])
    except NarrashiftError as error:
        assert error.exit_code == 3
    else:
        assert accounted(corpus)


def test_a_repeated_post_keeps_one_copy_and_its_snapshot_still_counts(tmp_path: Path) -> None:
    early = {"post_id": "1", "account_id": "a", "created_at": "2020-01-01 10:00:00",
             "text": "x", "bio": "before"}  # fmt: skip
    late = early | {"created_at": "2020-01-02 10:00:00", "bio": "after"}
    corpus = read([put(tmp_path, [late, early])])
    assert corpus.posts.column("created_at").to_pylist() == [datetime(2020, 1, 1, 10, tzinfo=UTC)]
    assert sorted(corpus.profiles.column("bio").to_pylist()) == ["after", "before"]
    assert corpus.files[0].rejected == {DUPLICATE: 1}
    assert corpus.reject_share == 0.0


COPIES = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(["RT @a: hel…", "RT @a: hello all", "RT @a: HELLO all", "é"]),
            "created_at": st.sampled_from(["", "2020-01-01 10:00:00", "2020-01-02 10:00:00"]),
            "handle": st.sampled_from(["b", "c"]),
        }
    ),
    min_size=2,
    max_size=5,
)


@QUICK
@given(COPIES, st.randoms())
def test_of_copies_with_a_known_time_the_longest_text_stays_in_any_order(
    tmp_path: Path, copies: list[dict[str, str]], chance: random.Random
) -> None:
    rows = [{"post_id": "1", "account_id": "a"} | copy for copy in copies]
    mixed = [*rows]
    chance.shuffle(mixed)
    half = len(rows) // 2
    one = read([put(tmp_path, rows)])
    other = read([put(tmp_path, mixed[:half], "x.csv"), put(tmp_path, mixed[half:], "y.csv")])
    told = ("created_at", "text", "handle")
    assert [one.posts[name].to_pylist() for name in told] == [
        other.posts[name].to_pylist() for name in told
    ]
    dated = [row for row in rows if row["created_at"]] or rows
    longest = max(len(row["text"]) for row in dated)
    left = [(row["created_at"], row["text"]) for row in dated if len(row["text"]) == longest]
    assert one.posts["text"].to_pylist() == [min(left)[1]]


def test_a_repeat_in_another_file_counts_where_it_stood(tmp_path: Path) -> None:
    row = {"post_id": "1", "text": "x"}
    corpus = read([put(tmp_path, [row], "b.csv"), put(tmp_path, [row], "a.csv")])
    assert [(file.name, file.rows_kept) for file in corpus.files] == [("a.csv", 1), ("b.csv", 0)]
    assert corpus.rejects[0].file == "b.csv"


def test_text_alone_is_enough(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, [{"text": "x"}, {"text": "x"}, {"text": "y"}])])
    assert set(corpus.posts.column("post_id").to_pylist()) == {
        content_id(None, None, "x", 0), content_id(None, None, "x", 1),
        content_id(None, None, "y", 0),
    }  # fmt: skip
    for missing in ("--map post_id", "--map account_id", "--map created_at"):
        assert any(missing in note for note in corpus.notes)


def test_equal_texts_that_differ_elsewhere_keep_their_ids_in_any_order(tmp_path: Path) -> None:
    rows = [
        {"user_id": "7", "text": "x", "handle": handle, "hashtags": tags}
        for handle, tags in [("b", "['q']"), ("a", "['z']"), ("a", "['q']"), ("a", "['q']")]
    ]
    one, other = read([put(tmp_path, rows)]), read([put(tmp_path, rows[::-1])])
    assert content(one) == content(other)


def test_a_handle_serves_as_account_with_a_note(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, [{"username": "@anna", "text": "x"}])])
    assert corpus.posts.column("account_id").to_pylist() == ["anna"]
    assert corpus.posts.column("handle").to_pylist() == ["anna"]
    assert any("handles serve as account ids" in note for note in corpus.notes)


def test_an_unreadable_time_is_a_reject_and_an_empty_one_is_not(tmp_path: Path) -> None:
    rows = [{"text": "a", "date": "soon"}, {"text": "b", "date": ""}]
    corpus = read([put(tmp_path, rows)])
    assert corpus.files[0].rejected == {BAD_TIME: 1}
    assert corpus.posts.column("time_precision").to_pylist() == ["unknown"]


def test_a_row_without_text_is_a_profile_or_a_reject(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "user_id": "a", "text": "", "bio": "a gardener"},
        {"id": "2", "user_id": "b", "text": " ", "bio": ""},
        {"id": "3", "user_id": "c", "text": "hello", "bio": "a cook"},
    ]
    corpus = read([put(tmp_path, rows)])
    assert corpus.files[0].rejected == {NO_TEXT: 1}
    assert sorted(corpus.profiles.column("bio").to_pylist()) == ["a cook", "a gardener"]
    assert corpus.posts.num_rows == 1


def test_ids_ruined_everywhere_are_one_sentence_with_the_reason(tmp_path: Path) -> None:
    rows = [{"tweetid": "1.01421E+18", "text": f"t{i}"} for i in range(3)]
    with pytest.raises(EmptyCorpus, match=f"none of 3 rows could be used .3 x {DAMAGED_ID}"):
        read([put(tmp_path, rows)])


def test_a_corpus_of_rejects_alone_names_a_row_and_quotes_nothing_of_it(tmp_path: Path) -> None:
    rows = [{"tweetid": "1.01421E+18", "text": f"the harbor is closed {i}"} for i in range(3)]
    with pytest.raises(EmptyCorpus) as caught:
        read([put(tmp_path, rows)])
    said = str(caught.value)
    assert f"the first: row 0 of posts.csv, {DAMAGED_ID}; " in said
    assert said.endswith("narrashift inspect FILE")
    assert "harbor" not in said
    assert "1.01421E" not in said


@pytest.mark.parametrize(("missing", "said"), [(1, "1 row names no"), (2, "2 rows name no")])
def test_rows_without_an_account_are_counted_in_plain_english(
    tmp_path: Path, missing: int, said: str
) -> None:
    rows = [{"user_id": "a" if i >= missing else "", "text": f"t{i}"} for i in range(4)]
    assert any(f"{said} account" in note for note in read([put(tmp_path, rows)]).notes)


def test_a_profile_without_account_is_a_reject(tmp_path: Path) -> None:
    rows = [{"account_id": "", "bio": "x"}, {"account_id": "1", "bio": "y"}]
    corpus = read([], [put(tmp_path, rows)])
    assert corpus.files[0].rejected == {NO_ACCOUNT: 1}
    assert corpus.files[0].role == "profiles"


@pytest.mark.parametrize(
    ("row", "kind", "parent"),
    [
        ({"text": "plain"}, "post", None),
        ({"text": "RT @anna: again"}, "repost", None),
        ({"text": "x", "post_type": "R"}, "repost", None),
        ({"text": "x", "post_type": "Q"}, "quote", None),
        ({"text": "x", "is_retweet": "True"}, "repost", None),
        ({"text": "x", "in_reply_to_status_id": "7"}, "reply", "7"),
        ({"text": "x", "in_reply_to_status_id": "0"}, "post", None),
        ({"text": "x", "retweeted_status_id": "8", "in_reply_to_status_id": "7"}, "repost", "8"),
        ({"text": "x", "quoted_status_id": "9"}, "quote", "9"),
        ({"text": "x", "kind": "reply", "parent_id": "5"}, "reply", "5"),
        ({"text": "x", "kind": "post", "parent_id": ""}, "post", None),
        ({"text": "ART @anna is nice"}, "post", None),
    ],
)
def test_the_kind_of_a_post_is_what_the_row_shows(
    tmp_path: Path, row: dict[str, str], kind: str, parent: str | None
) -> None:
    (post,) = read([put(tmp_path, [{"id": "1", **row}])]).posts.to_pylist()
    assert (post["kind"], post["parent_id"]) == (kind, parent)


def stream(bios: list[str]) -> list[dict[str, str]]:
    return [
        {"id": str(n), "user_id": "a", "created_at": f"2020-01-{n + 1:02d} 10:00:00",
         "text": f"t{n}", "bio": bio, "followers": str(n)}
        for n, bio in enumerate(bios)
    ]  # fmt: skip


def test_runs_of_one_profile_fold_to_their_first_and_last_sighting(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, stream(["x", "x", "x", "y", "x", "x"]))])
    seen = sorted(corpus.profiles.to_pylist(), key=lambda row: row["observed_at"])
    assert [(row["bio"], row["followers"]) for row in seen] == [
        ("x", 0), ("x", 2), ("y", 3), ("x", 4), ("x", 5),
    ]  # fmt: skip
    assert {row["basis"] for row in seen} == {"post_time"}


def test_a_profile_that_never_changes_is_one_undated_export(tmp_path: Path) -> None:
    rows = [row | {"followers": "5"} for row in stream(["x", "x", "x"])]
    (snapshot,) = read([put(tmp_path, rows)]).profiles.to_pylist()
    assert (snapshot["basis"], snapshot["observed_at"]) == ("export", None)
    dated = read([put(tmp_path, rows)], settings=Reading(observed_at="2020-05-01"))
    assert dated.profiles.column("observed_at").to_pylist() == [datetime(2020, 5, 1, tzinfo=UTC)]


def test_suspended_and_deleted_accounts_are_events(tmp_path: Path) -> None:
    seen = [
        ("a", "2020-01-01", "active", "2010-01-01"),
        ("a", "2020-02-01", "takendown", ""),
        ("a", "2020-03-01", "suspended", ""),
        ("b", "2020-03-01", "deactivated", ""),
    ]
    names = ("account_id", "observed_at", "state", "joined_at")
    rows = [dict(zip(names, row, strict=True)) for row in seen]
    events = read([], [put(tmp_path, rows)]).account_events.to_pylist()
    assert [(e["account_id"], e["kind"], e["at"].date().isoformat()) for e in events] == [
        ("a", "created", "2010-01-01"), ("a", "suspended", "2020-02-01"),
        ("b", "deleted", "2020-03-01"),
    ]  # fmt: skip


def test_several_platforms_put_their_name_before_account_ids(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "account_id": "7", "text": "x", "platform": "X"},
        {"id": "1", "account_id": "7", "text": "y", "platform": "telegram"},
        {"id": "2", "account_id": "8", "text": "z", "platform": "twitter"},
    ]
    corpus = read([put(tmp_path, rows)])
    assert sorted(corpus.posts.column("account_id").to_pylist()) == [
        "telegram:7", "twitter:7", "twitter:8",
    ]  # fmt: skip
    assert sorted(corpus.posts.column("post_id").to_pylist()) == ["2", "telegram:1", "twitter:1"]


def test_profiles_without_a_platform_join_the_only_account_with_their_id(tmp_path: Path) -> None:
    posts = [
        {"id": "1", "account_id": "7", "text": "x", "platform": "twitter"},
        {"id": "1", "account_id": "7", "text": "y", "platform": "telegram"},
        {"id": "2", "account_id": "8", "text": "z", "platform": "twitter"},
    ]
    seen = {"observed_at": "2020-01-01", "bio": "potter"}
    dump = put(tmp_path, [{"account_id": i, **seen} for i in ("7", "8", "9")], "profiles.csv")
    corpus = read([put(tmp_path, posts)], [dump])
    assert set(corpus.profiles.column("account_id").to_pylist()) == {"7", "twitter:8", "9"}
    assert any(
        "1 joined to the only account" in note and "2 left apart" in note for note in corpus.notes
    )


def test_one_platform_leaves_account_ids_alone(tmp_path: Path) -> None:
    rows = [{"id": "1", "account_id": "7", "text": "x", "platform": "twitter"}]
    assert read([put(tmp_path, rows)]).posts.column("account_id").to_pylist() == ["7"]


def test_kept_columns_follow_their_posts(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "x", "Group Name": "left"},
        {"id": "1", "text": "w", "Group Name": "right"},
        {"id": "2", "text": "", "Group Name": "none"},
        {"id": "3", "text": "z", "Group Name": "middle"},
    ]
    corpus = read([put(tmp_path, rows)], settings=Reading(keep=("Group Name",)))
    assert corpus.kept_columns is not None
    assert corpus.kept_columns.to_pylist() == [
        {"post_id": "1", "Group Name": "right"}, {"post_id": "3", "Group Name": "middle"},
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="--keep mood"):
        read([put(tmp_path, rows)], settings=Reading(keep=("mood",)))


def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for n, folder in enumerate(folders):
        folder.mkdir()
        put(folder, [{"id": str(n), "text": "x"}])
    corpus = read([folder / "posts.csv" for folder in folders])
    assert [file.name for file in corpus.files] == ["one/posts.csv", "two/posts.csv"]


def test_a_map_fits_one_file_and_leaves_the_other_alone(tmp_path: Path) -> None:
    old = put(tmp_path, [{"post_id": "1", "account_id": "anna", "text": "x"}], "a.csv")
    new = [
        {"account_id": name, "platform_id": "77", "text": "y", "time": f"2020-01-0{n}"}
        for n, name in enumerate(["before", "after"], start=1)
    ]
    maps = ("account_id=platform_id", "handle=account_id")
    corpus = read([old, put(tmp_path, new, "b.csv")], settings=Reading(map=maps))
    assert set(corpus.posts.column("account_id").to_pylist()) == {"anna", "77"}
    chain = [row for row in corpus.profiles.to_pylist() if row["account_id"] == "77"]
    chain.sort(key=lambda row: row["observed_at"])
    assert [row["handle"] for row in chain] == ["before", "after"]
