"""The dry run says what is there and what it will allow."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from corpus.readers import inspect
from corpus.rejects import DAMAGED_ID
from corpus.settings import Reading


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


POSTS = "id,user_id,date,text,mood\n1,a,3/4/2020,hello,x\n2,a,4/4/2020,RT @q: z,x\n3,b,soon,y,x\n"


def test_it_counts_rows_accounts_and_times_and_names_the_guess(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, "posts.csv", POSTS)])
    assert (found.rows_read, found.rows_kept, found.posts, found.accounts) == (3, 2, 2, 1)
    assert (found.first_at or "").startswith("2020-03-04")
    assert found.kinds == {"post": 1, "repost": 1}
    assert found.precision == ("day",)
    assert found.files[0].unmapped == ("mood",)
    assert any("date_order" in note for note in found.notes)


def test_without_snapshots_persona_tracking_is_not_promised(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, "posts.csv", POSTS)])
    assert not found.personas_assessable
    assert "--profiles" in found.personas
    assert found.next_commands[0].startswith("narrashift analyze ")
    assert len(found.next_commands) <= 3


def test_two_sightings_of_an_account_allow_persona_tracking(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "states": [["2020-01-01", {"name": "x"}], ["2020-02-01", {"name": "y"}]]},
        {"id": "b", "states": [["2020-01-01", {"name": "x"}]]},
    ]
    path = put(tmp_path, "h.jsonl", "\n".join(json.dumps(line) for line in lines))
    found = inspect([], [path])
    assert found.personas_assessable
    assert found.accounts_with_profile == 2
    assert (found.accounts_with_two_snapshots, found.accounts_with_changes) == (1, 1)
    assert found.next_commands[0].startswith("narrashift personas ")


def test_a_file_whose_rows_all_fail_is_described_and_not_refused(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, "x.csv", "id,text\n1.2E+18,a\n")])
    assert found.rejected == {DAMAGED_ID: 1}
    assert found.reject_share == 1.0
    assert found.next_commands == ()


def test_it_can_be_written_as_json(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, "posts.csv", POSTS)])
    assert json.loads(json.dumps(found.to_dict()))["posts"] == 2


def test_the_next_commands_read_the_files_as_this_one_did(tmp_path: Path) -> None:
    posts = put(tmp_path, "odd name.csv", "id,user_id,said it\n1,a,hello\n1.2E+18,a,x\n")
    profiles = put(tmp_path, "p.csv", "account_id,handle,bio\na,anna,baker\n")
    settings = Reading(
        map=("text=said it",), timezone="Asia/Tehran", observed_at="2020-01-01T00:00:00Z"
    )
    found = inspect([posts], [profiles], settings)
    assert len(found.next_commands) == 3
    for command in found.next_commands:
        words = shlex.split(command)
        assert words[2] == str(posts)
        assert words[words.index("--profiles") + 1] == str(profiles)
        assert words[words.index("--map") + 1] == "text=said it"
        assert words[words.index("--timezone") + 1] == "Asia/Tehran"
        assert words[words.index("--observed-at") + 1] == "2020-01-01T00:00:00Z"
    plain = inspect([put(tmp_path, "posts.csv", POSTS)])
    assert not any("--map" in c or "--timezone" in c for c in plain.next_commands)


def test_a_history_without_posts_has_the_times_of_its_snapshots(tmp_path: Path) -> None:
    line = {"id": "a", "states": [["2020-01-01", {"name": "x"}], ["2020-02-01", {"name": "y"}]]}
    found = inspect([], [put(tmp_path, "h.jsonl", json.dumps(line))])
    assert (found.first_at or "").startswith("2020-01-01")
    assert (found.last_at or "").startswith("2020-02-01")
