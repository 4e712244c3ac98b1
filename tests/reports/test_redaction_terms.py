"""Stricter and looser than pseudonyms: nobody at all, no quotes, public figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.settings import Settings
from corpus.tables import ALL, POSTS, PROFILES
from reports.html import build_report
from reports.redaction import Redactor
from reports.running_labels import key_of_output, numbered

KEY = b"k" * 32


def case(**more: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """Two people, one of them of public life, and what is said about both."""
    profiles = [
        {"snapshot_id": f"s{n}", "platform": "x", "account_id": account, "basis": "export",
         "state": "unknown", "handle": handle, "display_name": name, "source_file": "f",
         "source_row": n}
        for n, (account, handle, name) in enumerate([
            ("1000001", "minister_desk", "Minister Ondrel"), ("1000002", "quietriver", "Vera Toll"),
        ])
    ]  # fmt: skip
    text = "@minister_desk and @quietriver met; Minister Ondrel thanked Vera Toll"
    posts = [
        {"post_id": "900001", "platform": "x", "account_id": "1000002", "handle": "quietriver",
         "time_precision": "unknown", "text": text, "kind": "post", "urls": [], "hashtags": [],
         "mentions": ["minister_desk"], "source_file": "quietriver.csv", "source_row": 7}
    ]  # fmt: skip
    return {"profiles": PROFILES.from_rows([*profiles, *more.get("profiles", [])]),
            "posts": POSTS.from_rows([*posts, *more.get("posts", [])])}  # fmt: skip


@pytest.mark.parametrize("listed", ["minister_desk", "@Minister_Desk", "1000001"])
def test_a_listed_public_figure_is_shown_and_nobody_else(listed: str) -> None:
    tables = case()
    redactor = Redactor.of(tables, "pseudonym", KEY, public=[listed])
    shown = redactor.text(tables["posts"]["text"][0].as_py())
    assert shown.startswith("@minister_desk and @user_")
    assert "Minister Ondrel thanked name_" in shown
    assert redactor.account("1000001") == "1000001"
    assert redactor.account("1000002").startswith("acct_")


def test_a_listed_handle_of_two_accounts_is_refused() -> None:
    again = {"snapshot_id": "s9", "platform": "x", "account_id": "1000009", "basis": "export",
             "state": "unknown", "handle": "minister_desk", "source_file": "f",
             "source_row": 9}  # fmt: skip
    with pytest.raises(SettingsError, match="2 accounts of this case carried"):
        Redactor.of(case(profiles=[again]), "pseudonym", KEY, public=["minister_desk"])


def test_a_listed_figure_who_is_not_here_changes_nothing() -> None:
    tables = case()
    plain, listed = (Redactor.of(tables, "pseudonym", KEY, public=p) for p in ([], ["nobody_here"]))
    text = tables["posts"]["text"][0].as_py()
    assert plain.text(text) == listed.text(text)


def test_mode_full_shows_no_public_figure_either() -> None:
    redactor = Redactor.of(case(), "full", KEY, public=["minister_desk"])
    assert redactor.handle("minister_desk") == "[handle]"
    assert redactor.name("Minister Ondrel") == "[name]"
    assert redactor.account("1000001") in {"account_1", "account_2"}


def test_labels_of_mode_full_join_no_two_outputs() -> None:
    ids = [str(n) for n in range(200)]
    one, other = (numbered(key_of_output(KEY, o, ids), {"account": ids}) for o in ("report", "csv"))
    assert set(one.values()) == set(other.values()) == {f"account_{n}" for n in range(1, 201)}
    same = [value for value in ids if one["account", value] == other["account", value]]
    assert len(same) < 10  # one is expected by chance


@given(st.sets(st.text(), max_size=30))
def test_labels_do_not_depend_on_the_order_of_ids(ids: set[str]) -> None:
    ordered = sorted(ids)
    turned = ordered[::-1]
    assert numbered(KEY, {"a": ordered}) == numbered(KEY, {"a": turned})


def test_mode_full_leaves_no_row_to_join_by() -> None:
    tables = case()
    redactor = Redactor.of(tables, "full", KEY)
    row = redactor.table(tables["posts"], POSTS).to_pylist()[0]
    assert (row["source_file"], row["source_row"], row["handle"]) == ("[file]", 0, "[handle]")
    assert row["post_id"] == "post_1"
    assert row["text"].startswith("[text withheld: ")


@pytest.mark.parametrize("mode", ["pseudonym", "none"])
def test_without_quotes_no_words_leave_in_any_mode(
    tables: dict[str, pa.Table], settings: Settings, manifest: dict[str, object], mode: str
) -> None:
    redactor = Redactor.of(tables, mode, KEY, quotes="none")
    page = build_report(tables, manifest, settings, redactor)
    texts = [text for text in tables["posts"]["text"].to_pylist() if len(text) > 30]
    assert texts and not [text for text in texts if text in page]
    for name in ("posts", "shifts", "claims", "narratives"):
        shown = str(redactor.table(tables[name], ALL[name]).to_pylist())
        assert not [text for text in texts if text in shown]
    assert "[text withheld: " in page


def test_unknown_terms_are_refused() -> None:
    with pytest.raises(SettingsError, match="known: exact, none"):
        Redactor("pseudonym", KEY, quotes="some")
    with pytest.raises(SettingsError, match="expected at least 1"):
        Redactor("pseudonym", KEY, min_accounts=0)


def test_a_kept_column_may_hold_an_id_a_handle_or_a_name_as_a_whole() -> None:
    redactor = Redactor.of(case(), "pseudonym", KEY)
    shown = [redactor.anything(v) for v in ("1000002", "QuietRiver", "Vera Toll", "900001", "7")]
    assert [word.split("_")[0] for word in shown] == ["acct", "user", "name", "post", "7"]
    table = ALL["kept_columns"].from_rows(
        [{"post_id": "900001", "column": "by Vera Toll", "value": "quietriver"}]
    )
    row = redactor.table(table, ALL["kept_columns"]).to_pylist()[0]
    assert "Toll" not in row["column"] and row["value"].startswith("user_")


def test_a_note_of_the_run_names_no_file_after_somebody() -> None:
    redactor = Redactor.of(case(), "pseudonym", KEY)
    told = redactor.note("quietriver.csv: 3 rows have no time", ["quietriver.csv"])
    assert told == f"{redactor.handle('quietriver')}.csv: 3 rows have no time"


def test_settings_in_the_report_name_nobody(
    tables: dict[str, pa.Table], settings: Settings, manifest: dict[str, Any], tmp_path: Path
) -> None:
    post = tables["posts"]["post_id"][0].as_py()
    named = {**manifest, "settings": {"labels": [{"anchor": post}]}}
    redactor = Redactor.of(tables, "pseudonym", KEY)
    assert post not in build_report(tables, named, settings, redactor)
