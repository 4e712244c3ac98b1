"""A list of earlier names adds to accounts of the corpus, and brings nobody new into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import EmptyCorpus
from corpus.readers import inspect, read
from corpus.readers.later import Earlier, read_later
from corpus.rejects import ELSEWHERE
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS

POSTS = "post_id,account_id,created_at,text\n1,11,2021-03-01T10:00:00Z,One\n"
OTHERS = "post_id,account_id,platform,created_at,text\n7,99,telegram,2021-03-01T10:00:00Z,Two\n"


def names(folder: Path, accounts: dict[str, dict[str, list[str] | None]]) -> Path:
    path = folder / "names.json"
    listed = [{"id": int(one), "screen-names": held} for one, held in accounts.items()]
    path.write_text(json.dumps({"accounts": listed}), encoding="utf-8")
    return path


def posts(folder: Path, text: str = POSTS, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_names_of_an_account_that_is_there_are_sightings_of_it(tmp_path: Path) -> None:
    seen = {"11": {"old": None, "new": ["2020-11-10", "2021-01-02"]}, "99": {"x": ["2020-01-01"]}}
    corpus = read([posts(tmp_path)], [names(tmp_path, seen)])
    found = {(row["handle"], str(row["observed_at"])[:10], row["basis"])
             for row in corpus.profiles.to_pylist()}  # fmt: skip
    assert found == {
        ("old", "None", "unknown"),
        ("new", "2020-11-10", "retrieved"),
        ("new", "2021-01-02", "retrieved"),
    }
    assert set(corpus.profiles["account_id"].to_pylist()) == {"11"}


def test_the_rest_is_rejected_without_a_word_of_it(tmp_path: Path) -> None:
    seen = {"99": {"stranger": ["2020-01-01"]}, "11": {"known": ["2020-01-01"]}}
    corpus = read([posts(tmp_path)], [names(tmp_path, seen)])
    [reject] = corpus.rejects
    assert (reject.reason, reject.excerpt) == (ELSEWHERE, "")
    assert corpus.reject_share == 0.0
    assert all(file.rows_read == file.rows_kept + sum(file.rejected.values())
               for file in corpus.files)  # fmt: skip


def test_the_same_id_on_another_platform_is_somebody_else(tmp_path: Path) -> None:
    both = [posts(tmp_path), posts(tmp_path, OTHERS, "others.csv")]
    corpus = read(both, [names(tmp_path, {"99": {"stranger": ["2020-01-01"]}})])
    assert corpus.profiles.num_rows == 0


def test_a_list_added_later_is_held_to_the_accounts_of_the_case(tmp_path: Path) -> None:
    first = read([posts(tmp_path), posts(tmp_path, OTHERS, "others.csv")])
    earlier = Earlier(
        first.posts, first.profiles, ACCOUNT_EVENTS.empty(), first.rejects, first.files, None
    )
    seen = {"11": {"known": ["2020-01-01"]}, "99": {"stranger": ["2020-01-01"]}}
    corpus = read_later(earlier, [], [names(tmp_path, seen)], settings=Reading())
    assert corpus.profiles["handle"].to_pylist() == ["known"]
    assert set(corpus.profiles["account_id"].to_pylist()) < set(
        corpus.posts["account_id"].to_pylist()
    )
    assert [reject.reason for reject in corpus.rejects] == [ELSEWHERE]


def test_names_join_the_account_whether_its_file_names_the_platform_or_not(tmp_path: Path) -> None:
    ours = OTHERS.replace("telegram", "twitter").replace("7,99", "8,12")
    files = [posts(tmp_path), posts(tmp_path, OTHERS, "o.csv"), posts(tmp_path, ours, "t.csv")]
    seen = {"11": {"a": ["2020-01-01"]}, "12": {"b": ["2020-01-01"]}, "99": {"c": ["2020-01-01"]}}
    corpus = read(files, [names(tmp_path, seen)])
    found = {row["handle"]: row["account_id"] for row in corpus.profiles.to_pylist()}
    assert found == {"a": "11", "b": "twitter:12"}


def test_a_name_of_an_unknown_day_is_dated_by_nothing_else(tmp_path: Path) -> None:
    seen = names(tmp_path, {"11": {"old": None, "new": ["2020-11-10"]}})
    corpus = read([posts(tmp_path)], [seen], settings=Reading(observed_at="2022-01-01"))
    found = {row["handle"]: str(row["observed_at"])[:10] for row in corpus.profiles.to_pylist()}
    assert found == {"old": "None", "new": "2020-11-10"}


def test_alone_the_list_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpus, match="account not in the corpus"):
        read([names(tmp_path, {"99": {"stranger": ["2020-01-01"]}})])


def test_a_list_of_names_tells_of_no_account_as_missing(tmp_path: Path) -> None:
    """Five of six accounts are in it: a dump collected again would say that the sixth is not."""
    rows = [f"{n},{n}1,name{n},2020-01-01T00:00:00Z" for n in range(1, 7)]
    dump = posts(tmp_path, "\n".join(["n,account_id,handle,observed_at", *rows]) + "\n", "dump.csv")
    seen = {f"{n}1": {f"later{n}": ["2021-01-01"]} for n in range(1, 6)}
    corpus = read([posts(tmp_path)], [dump, names(tmp_path, seen)])
    assert "not_in_later_file" not in corpus.account_events["kind"].to_pylist()


def test_inspect_says_what_the_names_are_no_proof_of(tmp_path: Path) -> None:
    notes = inspect([posts(tmp_path)], [names(tmp_path, {"11": {"a": None}})]).notes
    assert any("says nothing about an account" in note for note in notes)
    assert any("experimental" in note for note in notes)
