"""A list of removed accounts says what it states, about accounts of the corpus, row by row."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpus.errors import SchemaError
from corpus.readers import Corpus, read
from corpus.rejects import (
    BAD_TIME,
    DAMAGED_ID,
    ELSEWHERE,
    NO_ACCOUNT,
    NOT_REMOVED,
    PROTECTED,
    SEVERAL_ACCOUNTS,
    UNKNOWN_STATE,
)
from corpus.removed import with_removed
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS, check

ACCOUNTS = ("001", "002", "003", "880000000000000001")


def corpus_of(folder: Path, *accounts: str, name: str = "posts.csv") -> Corpus:
    rows = [f"{at},{account},post number {at}\n" for at, account in enumerate(accounts)]
    path = folder / name
    path.write_text("post_id,account_id,text\n" + "".join(rows), encoding="utf-8")
    return read([path])


def listed(folder: Path, *lines: str, settings: Reading | None = None) -> Corpus:
    path = folder / "removed.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return with_removed(corpus_of(folder, *ACCOUNTS), path, settings)


def events(corpus: Corpus) -> list[tuple[Any, ...]]:
    rows = corpus.account_events.to_pylist()
    return [(row["account_id"], row["kind"], row["at"]) for row in rows]


def reasons(corpus: Corpus) -> dict[str, int]:
    (report,) = [file for file in corpus.files if file.role == "removed"]
    assert report.rows_read == report.rows_kept + sum(report.rejected.values())
    assert len(corpus.rejects) == sum(report.rejected.values())
    return report.rejected


def test_a_removal_list_becomes_events_and_says_only_what_it_states(tmp_path: Path) -> None:
    corpus = listed(
        tmp_path,
        "account_id,state,observed_at",
        "001,suspended,2020-08-01T00:00:00Z",
        "002,,",
        "003,deleted,soon",
        ",deleted,2020-08-01",
    )
    moment = datetime(2020, 8, 1, tzinfo=UTC)
    assert events(corpus) == [("001", "suspended", moment), ("002", "removed", None)]
    assert reasons(corpus) == {NO_ACCOUNT: 1, BAD_TIME: 1}


@pytest.mark.parametrize(
    ("state", "kind"),
    [("Banned", "suspended"), ("takendown", "suspended"), ("not found", "deleted"),
     ("removed", "removed"), ("unknown", "removed"), ("", "removed")],
)  # fmt: skip
def test_a_state_means_what_it_means_for_profiles(tmp_path: Path, state: str, kind: str) -> None:
    corpus = listed(tmp_path, "account_id,state", f"001,{state}")
    assert [row[1] for row in events(corpus)] == [kind]


@pytest.mark.parametrize(
    ("state", "reason"),
    [("active", NOT_REMOVED), ("live", NOT_REMOVED), ("on holiday", UNKNOWN_STATE),
     ("protected", PROTECTED)],
)  # fmt: skip
def test_a_state_that_is_no_removal_is_a_reject(tmp_path: Path, state: str, reason: str) -> None:
    corpus = listed(tmp_path, "account_id,state", f"001,{state}", "002,deleted")
    assert reasons(corpus) == {reason: 1}
    assert [row[0] for row in events(corpus)] == ["002"]


def test_an_id_that_a_spreadsheet_damaged_is_a_reject(tmp_path: Path) -> None:
    corpus = listed(tmp_path, "account_id", "1.01421E+18", "880000000000000001")
    assert reasons(corpus) == {DAMAGED_ID: 1}
    assert events(corpus) == [("880000000000000001", "removed", None)]


def test_dates_are_read_as_in_every_other_file(tmp_path: Path) -> None:
    lines = ("account_id,date", "001,7/3/2021", "002,7/14/2021")
    corpus = listed(tmp_path, *lines)
    july = datetime(2021, 7, 3, tzinfo=UTC)
    assert events(corpus)[0] == ("001", "removed", july)
    turned = listed(tmp_path, *lines[:2], settings=Reading(date_order="day-first"))
    assert events(turned)[0][2] == datetime(2021, 3, 7, tzinfo=UTC)
    zoned = listed(tmp_path, "account_id,date", "001,2021-07-03 03:30", settings=Reading(
        timezone="Asia/Tehran"))  # fmt: skip
    assert events(zoned)[0][2] == datetime(2021, 7, 2, 23, tzinfo=UTC)


def test_other_accounts_are_left_out_without_a_trace_of_their_ids(tmp_path: Path) -> None:
    corpus = listed(tmp_path, "account_id,state", "001,deleted", "ghost,deleted", "ghoul,active")
    assert [row[0] for row in events(corpus)] == ["001"]
    assert reasons(corpus) == {ELSEWHERE: 2}
    assert "gho" not in str(corpus.rejects)
    assert any("not in the corpus, left out: 2" in note for note in corpus.notes)
    assert corpus.reject_share == 0.0


def test_a_long_list_does_not_hide_a_damaged_file(tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("post_id,account_id,text\n1,001,hello\n2,001,\n", encoding="utf-8")
    path = tmp_path / "removed.csv"
    path.write_text("account_id\n" + "".join(f"x{n}\n" for n in range(500)), encoding="utf-8")
    assert with_removed(read([posts]), path).reject_share == 0.5


def test_any_format_and_the_usual_column_names_will_do(tmp_path: Path) -> None:
    path = tmp_path / "gone.jsonl.gz"
    row = {"user_id": "001", "account_status": "suspended", "seen_at": "2021-01-01"}
    path.write_bytes(gzip.compress(json.dumps(row).encode()))
    corpus = with_removed(corpus_of(tmp_path, *ACCOUNTS), path)
    assert events(corpus) == [("001", "suspended", datetime(2021, 1, 1, tzinfo=UTC))]


def test_a_list_called_like_the_posts_keeps_its_own_report(tmp_path: Path) -> None:
    other = tmp_path / "lists"
    other.mkdir()
    (other / "posts.csv").write_text("account_id\n001\nghost\n", encoding="utf-8")
    corpus = with_removed(corpus_of(tmp_path, *ACCOUNTS), other / "posts.csv")
    assert [file.name for file in corpus.files] == ["lists/posts.csv", "posts.csv"]
    assert reasons(corpus) == {ELSEWHERE: 1}


def test_a_list_without_account_ids_names_what_it_has(tmp_path: Path) -> None:
    for header in ("user,state", "one,two"):
        with pytest.raises(SchemaError, match=f"{header[:3]}.*; --removed expects account_id"):
            listed(tmp_path, header, "x,deleted")


def test_on_several_platforms_the_only_account_with_that_id_is_meant(tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    rows = ["1,7,x,twitter", "2,7,y,telegram", "3,8,z,twitter", "4,9,z,twitter", "5,9,z,telegram"]
    posts.write_text("id,account_id,text,platform\n" + "\n".join(rows) + "\n", encoding="utf-8")
    path = tmp_path / "removed.csv"
    path.write_text(
        "account_id,platform\n8,\n7,\n7,telegram\ntwitter:9,\n8,telegram\n", encoding="utf-8"
    )
    corpus = with_removed(read([posts]), path)
    assert [row[0] for row in events(corpus)] == ["twitter:8", "telegram:7", "twitter:9"]
    assert reasons(corpus) == {SEVERAL_ACCOUNTS: 1, ELSEWHERE: 1}


CELLS = st.sampled_from(["001", "002", "1.2E+18", "", "nan", "ghost", "active", "deleted", "banned",
                         "7/3/2021", "soon", "13/4/2021", "سلام\u200c", '"', "\n"])  # fmt: skip


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_every_row_is_an_event_or_a_reject(
    tmp_path: Path, rows: list[tuple[str, str, str]]
) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    corpus = listed(tmp_path, "account_id,state,observed_at", *quoted)
    (report,) = [file for file in corpus.files if file.role == "removed"]
    assert report.rows_read == len(rows)
    assert report.rows_kept == corpus.account_events.num_rows
    assert sum(reasons(corpus).values()) == len(rows) - report.rows_kept
    check(corpus.account_events, ACCOUNT_EVENTS)
    assert {row[0] for row in events(corpus)} <= set(ACCOUNTS)
