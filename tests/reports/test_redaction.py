"""Pseudonyms: who is replaced everywhere, what was written stays."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.settings import Settings
from corpus.tables import ALL, POSTS, check
from reports.findings import rank_findings
from reports.html import build_report
from reports.keys import key_path, load_key
from reports.known_names import index_names
from reports.redacted_tables import COLUMNS, PLAIN
from reports.redaction import Redactor
from reports.tabular import export_csv, export_parquet

KEY = b"k" * 32


def who(tables: dict[str, pa.Table]) -> set[str]:
    """Every id, handle and name of the case."""
    found: set[str] = set()
    for table, column in [
        ("posts", "post_id"), ("posts", "account_id"), ("posts", "handle"), ("posts", "url"),
        ("profiles", "account_id"), ("profiles", "handle"), ("profiles", "display_name"),
        ("profiles", "snapshot_id"), ("account_events", "account_id"),
    ]:  # fmt: skip
        found |= set(pc.unique(tables[table][column].drop_null()).to_pylist())
    return found | {"Velmora_Watch9", "river_012", "nadia@ferrow.example"}


def test_no_id_handle_or_name_is_anywhere_in_the_report(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, manifest: dict[str, object]
) -> None:
    page = build_report(tables, manifest, settings, redactor).casefold()
    assert not [name for name in who(tables) if name.casefold() in page]


def test_no_id_handle_or_name_is_anywhere_in_the_exports(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, tmp_path: Path
) -> None:
    case = tables | {"findings": rank_findings(tables, settings)}
    texts = [path.read_text("utf-8") for path in export_csv(case, tmp_path, redactor)]
    for path in export_parquet(case, tmp_path, redactor):
        texts.append(str(pq.read_table(path).to_pylist()))
        texts.append(path.read_bytes().decode("utf-8", "replace"))
    everything = "\n".join(texts).casefold()
    assert not [name for name in who(tables) if name.casefold() in everything]


def test_mode_full_withholds_every_text(
    tables: dict[str, pa.Table], settings: Settings, manifest: dict[str, object], tmp_path: Path
) -> None:
    full = Redactor.of(tables, "full", KEY)
    page = build_report(tables, manifest, settings, full)
    texts = set(tables["posts"]["text"].to_pylist())
    texts |= {quote for quote in tables["shifts"]["quote_after"].to_pylist() if len(quote) > 20}
    exported = "".join(p.read_text("utf-8") for p in export_csv(tables, tmp_path, full))
    for text in texts:
        assert text not in page
        assert text not in exported
    assert "text withheld" in page
    assert not [name for name in who(tables) if name in page + exported]


def test_mode_none_changes_nothing(tables: dict[str, pa.Table]) -> None:
    plain = Redactor.of(tables, "none")
    for name, table in tables.items():
        assert plain.table(table, ALL[name]).equals(table)


def test_redacted_tables_keep_their_contracts(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    for name, table in tables.items():
        redacted = check(redactor.table(table, ALL[name]), ALL[name])
        assert redacted.num_rows == table.num_rows


def test_every_text_column_of_every_table_is_classified_or_cleaned_as_text() -> None:
    free_text = {
        "text", "bio", "location", "pronouns", "text_norm", "quote", "statement", "before", "after",
        "quote_before", "quote_after", "quote_a", "quote_b", "value", "file", "excerpt",
    }  # fmt: skip
    for contract in ALL.values():
        for column in contract.columns:
            if column.type in {"str", "list<str>"}:
                assert column.name in COLUMNS or column.name in PLAIN or column.name in free_text


def test_one_key_joins_two_runs_and_another_does_not() -> None:
    one, again, other = (Redactor("pseudonym", key) for key in (KEY, KEY, b"x" * 32))
    assert one.account("123") == again.account("123") != other.account("123")


def test_kinds_do_not_meet() -> None:
    redactor = Redactor("pseudonym", KEY)
    assert len({redactor.code(kind, "same") for kind in ("account", "handle", "post")}) == 3


@given(st.sets(st.text(min_size=1), min_size=2, max_size=40))
def test_different_ids_keep_different_pseudonyms(ids: set[str]) -> None:
    redactor = Redactor("pseudonym", KEY)
    assert len({redactor.account(one) for one in ids}) == len(ids)


def test_a_handle_and_its_mention_share_a_pseudonym() -> None:
    redactor = Redactor("pseudonym", KEY, handles=frozenset({"maria_k"}))
    assert redactor.text("hi @Maria_K!") == f"hi @{redactor.handle('maria_k')}!"
    assert redactor.text("hi @maria_k.Then") == f"hi @{redactor.handle('maria_k')}.Then"


@pytest.mark.parametrize(
    "text",
    [
        "https://twitter.com/Somebody9/status/1284563908712345678?s=20",
        "see t.me/Somebody9",
        "www.x.com/somebody9",
        "https://m.facebook.com/Somebody9/posts/1284563908712345678",
        "http://user:pass@twitter.com/Somebody9",
        "RT@Somebody9: x",
        "＠Somebody9",
        "@Somebody9@social.example",
        "Somebody9@mail.example",
        "https://t.co/Somebody9",
    ],
)
def test_links_mentions_and_mail_name_nobody(text: str) -> None:
    redacted = Redactor("pseudonym", KEY).text(text).casefold()
    assert "somebody9" not in redacted
    assert "1284563908712345678" not in redacted


def test_other_links_stay_readable() -> None:
    text = "read https://news.example/2031/05/summit and act"
    assert Redactor("pseudonym", KEY).text(text) == text


def test_a_name_is_found_in_any_spelling() -> None:
    known = index_names([("name", "Sara علی‌نژاد"), ("handle", "JohnSmith82")])
    redactor = Redactor("pseudonym", KEY, known=known)
    for text in ("sara علي نژاد", "SARA | علی‌نژاد", "ｊｏｈｎsmith82", "by johnsmith82."):
        assert text not in redactor.text(text)
        assert "_" in redactor.text(text)


def test_an_everyday_word_stays_a_word_and_its_mention_does_not() -> None:
    texts = [(f"point{n}", f"we want peace number {n}") for n in range(12)]
    known = index_names([("handle", "peace"), ("handle", "quietriver")], texts)
    redactor = Redactor("pseudonym", KEY, known=known, handles=frozenset({"peace"}))
    assert redactor.text("we want peace") == "we want peace"
    assert "peace" not in redactor.text("@peace")
    assert "quietriver" not in redactor.text("quietriver said so")


def test_one_copied_text_does_not_make_a_name_an_everyday_word() -> None:
    known = index_names([("handle", "quietriver")], [("same point", "quietriver wrote")] * 500)
    assert known.find("quietriver")


def test_a_short_number_is_no_id() -> None:
    known = index_names([("account", "12"), ("account", "1284563908")])
    redactor = Redactor("pseudonym", KEY, known=known)
    assert redactor.text("12 people") == "12 people"
    assert "1284563908" not in redactor.text("account 1284563908 wrote")


def test_a_name_claim_quotes_its_words_but_never_the_whole_name() -> None:
    redactor = Redactor("pseudonym", KEY, names=frozenset({"Sara Ahmadi"}))
    assert redactor.quote("Sara Ahmadi", "name").startswith("name_")
    assert redactor.quote("Dr.", "name") == "Dr."


def test_ids_in_a_sentence_of_ours_are_replaced_whole() -> None:
    redactor = Redactor("pseudonym", KEY)
    sentence = redactor.statement("Account 77 posted 771 of 77 texts, 77", ["77"])
    assert sentence.count(redactor.account("77")) == 3
    assert "771" in sentence


def test_what_an_account_wrote_is_withheld_inside_a_sentence_of_ours_too() -> None:
    redactor = Redactor("full", KEY, names=frozenset({"Vi"}), handles=frozenset({"river"}))
    sentence = redactor.sentence("the bio said «tea and trains», then «Vi», «@river»; “tea”")
    assert "trains" not in sentence and "«Vi»" not in sentence and "river" not in sentence
    assert "“tea”" in sentence


def test_file_names_name_nobody() -> None:
    redactor = Redactor("pseudonym", KEY, handles=frozenset({"maria_k"}))
    assert redactor.file("/home/me/Maria_K_timeline.csv") == (
        f"{redactor.handle('maria_k')}_timeline.csv"
    )


def test_lists_of_every_shape_keep_their_shape() -> None:
    rows = [
        {"post_id": str(n), "platform": "", "time_precision": "unknown", "text": "", "kind": "post",
         "urls": [], "hashtags": [], "mentions": mentions, "source_file": "f", "source_row": n}
        for n, mentions in enumerate([["a", "b"], [], ["a"]])
    ]  # fmt: skip
    table = POSTS.from_rows(rows)
    redacted = Redactor("pseudonym", KEY).table(table, POSTS)["mentions"].to_pylist()
    assert [len(items) for items in redacted] == [2, 0, 1]
    assert redacted[0][0] == redacted[2][0]
    sliced = Redactor("pseudonym", KEY).table(table.slice(2), POSTS)["mentions"].to_pylist()
    assert sliced == redacted[2:]


def test_an_unknown_mode_and_a_missing_key_are_refused() -> None:
    with pytest.raises(SettingsError, match="known: pseudonym, full, none"):
        Redactor("half", KEY)
    with pytest.raises(SettingsError, match="need a key"):
        Redactor("pseudonym", b"")


# the key -----------------------------------------------------------------------------------------


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"NARRASHIFT_KEY": str(tmp_path / "folder" / "my.key")}
    key = load_key(environment)
    assert len(key) == 64
    assert load_key(environment) == key
    mode = (tmp_path / "folder" / "my.key").stat().st_mode & 0o777
    assert mode in {0o600, 0o666}  # Windows knows no owner bits
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["my.key"]


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.config/narrashift/pseudonym.key"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}, "/c/narrashift/pseudonym.key"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/narrashift/pseudonym.key"),
        ("win32", {"HOME": "/h", "APPDATA": "/a"}, "/a/narrashift/pseudonym.key"),
        ("linux", {"NARRASHIFT_KEY": "/k/x"}, "/k/x"),
    ],
)
def test_the_key_lies_where_the_platform_keeps_settings(
    platform: str, environment: dict[str, str], expected: str
) -> None:
    assert key_path(environment, platform=platform) == Path(expected)


def test_a_key_inside_the_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="inside the case"):
        load_key({"NARRASHIFT_KEY": str(tmp_path / "case" / "k")}, case=tmp_path / "case")


def test_a_short_key_and_a_folder_as_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("abc", encoding="utf-8")
    with pytest.raises(SettingsError, match="3 characters, expected at least 16"):
        load_key({"NARRASHIFT_KEY": str(tmp_path / "short")})
    with pytest.raises(SettingsError, match="cannot use the pseudonym key"):
        load_key({"NARRASHIFT_KEY": str(tmp_path)})
