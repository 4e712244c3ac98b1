"""Pseudonyms: who is replaced everywhere, what was written stays."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SettingsError
from corpus.settings import Settings
from corpus.tables import ALL, CLAIMS, FINDINGS, POSTS, PROFILES, SHIFTS, check
from personas.sentences import reason
from reports.exports.from_tables import export_tables
from reports.findings import rank_findings
from reports.html import build_report
from reports.keys import key_path, load_key
from reports.known_names import index_names
from reports.place_names import place_words
from reports.redacted_tables import COLUMNS, PLAIN
from reports.redaction import Redactor

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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"/home/jane/models/minilm"', '"…/minilm"'),
        ('"C:\\\\Users\\\\jane\\\\minilm"', '"…/minilm"'),
        ("~/models/minilm", "…/minilm"),
        ('"intfloat/multilingual-e5-small"', '"intfloat/multilingual-e5-small"'),
        ('"2020-07-10T00:00:00Z"', '"2020-07-10T00:00:00Z"'),
        ('"https://a.example/b/c"', '"https://a.example/b/c"'),
    ],
)
def test_a_setting_tells_no_folder_of_the_analysts_machine(value: str, shown: str) -> None:
    redactor = Redactor.of({}, "pseudonym", b"k" * 32)
    assert redactor.setting(value) == shown
    assert Redactor.of({}, "none").setting(value) == value


def test_no_id_handle_or_name_is_anywhere_in_the_report(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, manifest: dict[str, object]
) -> None:
    page = build_report(tables, manifest, settings, redactor).casefold()
    assert not [name for name in who(tables) if name.casefold() in page]


def test_no_id_handle_or_name_is_anywhere_in_the_exports(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, tmp_path: Path
) -> None:
    case = tables | {"findings": rank_findings(tables, settings)}
    texts = [path.read_text("utf-8") for path in export_tables("csv", case, tmp_path, redactor)]
    for path in export_tables("parquet", case, tmp_path, redactor):
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
    exported = "".join(p.read_text("utf-8") for p in export_tables("csv", tables, tmp_path, full))
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
        "quote_before", "quote_after", "quote_a", "quote_b", "file", "excerpt", "words",
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


def test_no_frequency_makes_a_name_or_a_handle_an_everyday_word() -> None:
    texts = [(f"point{n}", f"quietriver met Annika Weir, part {n}") for n in range(40)]
    known = index_names([("name", "Annika Weir"), ("handle", "quietriver")], texts)
    shown = Redactor("pseudonym", KEY, known=known).text(texts[0][1])
    assert "quietriver" not in shown and "Weir" not in shown


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


def test_only_marked_ids_in_a_sentence_of_ours_are_replaced() -> None:
    redactor = Redactor("pseudonym", KEY)
    sentence = redactor.statement("Account ‹77› posted 77 of 771 texts")
    assert sentence == f"Account {redactor.account('77')} posted 77 of 771 texts"
    assert Redactor("none").statement("Account ‹77› posted it") == "Account 77 posted it"


def test_an_account_in_a_finding_of_an_older_case_is_replaced_too() -> None:
    redactor = Redactor("pseudonym", KEY)
    told = "No note: account kip77 claimed an age. Account kip77 posted it first, at an hour."
    assert redactor.statement(told).count(redactor.account("kip77")) == 2


def test_counts_and_words_of_ours_are_never_taken_for_ids(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    """Accounts called "a" and "account", posts called "1" and "2": our sentences stay."""
    accounts = ["a", "account", "posted", "first"]
    posts = tables["posts"].slice(0, 8)
    short = posts.set_column(
        posts.schema.get_field_index("account_id"),
        posts.schema.field("account_id"),
        pa.array(accounts * 2),
    )
    point = tables["point_posts"].slice(0, 8)
    numbers = pa.array([str(number) for number in range(8)])
    short = short.set_column(0, short.schema.field(0), numbers)
    point = point.set_column(
        point.schema.get_field_index("post_id"), point.schema.field("post_id"), numbers
    )
    found = rank_findings({"posts": short, "point_posts": point}, settings)
    redactor = Redactor.of({"posts": short}, "pseudonym", KEY)
    shown = redactor.table(found, FINDINGS)
    for raw, told in zip(found.to_pylist(), shown.to_pylist(), strict=True):
        expected = raw["statement"]
        for account in accounts:
            expected = expected.replace(f"‹{account}›", redactor.account(account))
        assert told["statement"] == expected
    assert any("‹a›" in statement for statement in found["statement"].to_pylist())


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


# spellings ---------------------------------------------------------------------------------------


def people(
    handles: list[str], names: list[str], accounts: list[str], posts: list[str]
) -> dict[str, pa.Table]:
    """Tables in which these people stand, for a redactor to know."""
    profiles = [
        {"snapshot_id": f"s{place}", "platform": "", "account_id": account, "basis": "export",
         "state": "unknown", "handle": handle, "display_name": name, "source_file": "f",
         "source_row": place}
        for place, (handle, name, account) in enumerate(zip(handles, names, accounts, strict=True))
    ]  # fmt: skip
    written = [
        {"post_id": post, "platform": "", "time_precision": "unknown", "text": "", "kind": "post",
         "urls": [], "hashtags": [], "mentions": [], "source_file": "f", "source_row": place}
        for place, post in enumerate(posts)
    ]  # fmt: skip
    return {"profiles": PROFILES.from_rows(profiles), "posts": POSTS.from_rows(written)}


@pytest.fixture(scope="module")
def crowd() -> Redactor:
    """A redactor that knows seven people of several scripts and platforms."""
    tables = people(
        ["ondrel", "tirvan_k", "elodie.v", "wmh", "nazk", "annmarie", "longhand7"],
        ["Tomas Verloren", "نازنین کریمی", "Élodie Varnesse", "王小明", "김철수",
         "Dr. Ann-Marie O'Dell", "Long Hand"],
        ["tg:9988776", "x:5556667778", "did:plc:qqq111zzz", "4", "55", "666", "7777"],
        ["t3_abcd12", "reddit:t3_wxyz99", "at://did:plc:qqq111zzz/app.post/3kfoobar", "x:1234567"],
    )  # fmt: skip
    return Redactor.of(tables, "pseudonym", KEY)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("we follow #TomasVerloren", "Verloren"),
        ("#tomas_verloren again", "verloren"),
        ("#نازنین_کریمی آزاد", "کریمی"),
        ("Verloren, Tomas", "Verloren"),
        ("by Elodie Varnesse", "Varnesse"),
        ("by E\u0301lodie Varnesse", "Varnesse"),
        ("我是王小明", "王小明"),
        ("王小明说", "王小明"),
        ("김철수는 말했다", "김철수"),
        ("Ann-Marie O’Dell wrote", "Dell"),
        ("Ann Marie O\u02bcDell wrote", "Dell"),
        ("https://ondrel.substack.com/p/x", "ondrel"),
        ("https://ondrel.example/p/x", "ondrel"),
        ("https://tomasverloren.example/", "verloren"),
        ("https://news.example/%6fndrel/", "ndrel"),
        ("account 9988776 wrote", "9988776"),
        ("account 5556667778 wrote", "5556667778"),
        ("post 1234567 said", "1234567"),
        ("see t3_abcd12", "abcd12"),
        ("see abcd12", "abcd12"),
        ("see wxyz99", "wxyz99"),
        ("see app.post/3kfoobar", "3kfoobar"),
        ("on\u200bdrel wrote", "drel"),
        ("on\u00addrel wrote", "drel"),
        ("@on\u200bdrel wrote", "drel"),
        ("To\u200cmas Verloren", "Verloren"),
        ("оndrеl wrote", "ndr"),
        ("ОNDREL wrote", "NDREL"),
    ],
)
def test_no_spelling_hides_a_name_from_redaction(crowd: Redactor, text: str, hidden: str) -> None:
    assert hidden.casefold() not in crowd.text(text).casefold()
    tag = text.partition(" ")[0].lstrip("#")
    tagged = POSTS.from_rows(
        [{"post_id": "1", "platform": "", "time_precision": "unknown", "text": text, "kind": "post",
          "urls": [], "hashtags": [tag], "mentions": [], "source_file": "f",
          "source_row": 0}]
    )  # fmt: skip
    shown = crowd.table(tagged, POSTS).select(["text", "hashtags"])
    if text.startswith("#"):
        assert hidden.casefold() not in str(shown.to_pylist()).casefold()


@pytest.mark.parametrize(
    "text",
    [
        "دوستان می\u200cخواهند بروند",
        "a soft\u00adhyphen and\u200bnothing hidden",
        "Long hands and other hands",
        "read https://substack.com/about-us",
        "a code such as abc123 or 7777",
        "ОНДА и ветер",
        "王小 and 小明",
    ],
)
def test_what_names_nobody_stays_as_it_was_written(crowd: Redactor, text: str) -> None:
    assert crowd.text(text) == text


def test_a_plain_word_made_of_two_short_names_stays_a_word() -> None:
    texts = [(f"point{n}", f"freedom now, part {n}") for n in range(12)]
    known = index_names([("name", "Free Dom"), ("name", "Li Na")], texts)
    redactor = Redactor("pseudonym", KEY, known=known)
    assert redactor.text("freedom and lina") == "freedom and lina"
    assert redactor.text("Free Dom").startswith("name_")


def test_handles_that_look_alike_keep_their_own_pseudonyms() -> None:
    redactor = Redactor("pseudonym", KEY)
    assert redactor.handle("оndrel") != redactor.handle("ondrel")


# labels ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoken_of() -> dict[str, pa.Table]:
    """Texts that name somebody in full, and a narrative labelled with pieces of the name."""
    tables = people(["river9"], ["María del Carmen Quillane"], ["12345678"], [])
    texts = [f"María del Carmen Quillane should resign from the harbour, {n}" for n in range(15)]
    texts += [f"Carmen Quillane and the harbour, {n}" for n in range(5)]
    texts += [f"the harbour is closed, {n}" for n in range(15)]
    posts = [
        {"post_id": f"{place}", "platform": "", "time_precision": "unknown", "text": text,
         "kind": "post", "urls": [], "hashtags": [], "mentions": [], "source_file": "f",
         "source_row": place}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    narrative = {
        "narrative_id": "n1", "label": "carmen quillane · del carmen · maria del · harbour",
        "terms": ["quillane", "carmen", "harbour", "should resign"], "lang": "en",
        "medoid_post_id": "0", "quote": texts[0], "points": 1, "posts": 35, "reposts": 0,
        "accounts": 1, "persistence": 0.1, "embedder": "fitted",
    }  # fmt: skip
    return tables | {
        "posts": POSTS.from_rows(posts), "narratives": ALL["narratives"].from_rows([narrative])
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["pseudonym", "full"])
def test_a_name_does_not_leave_word_by_word_in_labels_and_terms(
    spoken_of: dict[str, pa.Table], settings: Settings, mode: str, tmp_path: Path
) -> None:
    redactor = Redactor.of(spoken_of, mode, KEY)
    told = str(redactor.table(spoken_of["narratives"], ALL["narratives"]).to_pylist())
    told += str(redactor.table(rank_findings(spoken_of, settings), FINDINGS).to_pylist())
    # What people wrote is not pieced together by us: a text may hold half of a name.
    told += re.sub('(?s)<script type="application/json".*?</script>', "", build_report(
        spoken_of, {}, settings, redactor
    ))  # fmt: skip
    case = {"narratives": spoken_of["narratives"]}
    told += "".join(p.read_text("utf-8") for p in export_tables("csv", case, tmp_path, redactor))
    assert "quillane" not in told.casefold()
    assert "carmen" not in told.casefold()
    assert "maria" not in told.casefold()
    assert "harbour" in told and "should resign" in told


def test_a_word_that_texts_use_by_itself_stays_in_labels(spoken_of: dict[str, pa.Table]) -> None:
    named = people(["river9"], ["Harbour Watch"], ["12345678"], [])["profiles"]
    redactor = Redactor.of(spoken_of | {"profiles": named}, "pseudonym", KEY)
    assert redactor.label("harbour · closed") == "harbour · closed"


# places ------------------------------------------------------------------------------------------


def moved(before: str, after: str) -> dict[str, pa.Table]:
    """A shift between two places, its claim and the finding that tells it."""
    quotes = {"quote_before": "born in Norvia town", "quote_after": "born in Ondrel"}
    row = {
        "shift_id": "s", "account_id": "12345678", "attribute": "birthplace",
        "kind": "contradiction", "level": 2, "before": before, "after": after, **quotes,
        "before_source": "a", "after_source": "b", "before_field": "bio", "after_field": "bio",
        "before_start": 0, "before_end": 19, "after_start": 0, "after_end": 14, "score": 1.0,
        "reasons": [f"Near it, claims about birthplace changed from «{before}» to «{after}»."],
        "caveats": [],
    }  # fmt: skip
    claim = {
        "claim_id": "c", "account_id": "12345678", "attribute": "birthplace", "value": before,
        "status": "asserted", "grade": "P", "quote": "born in Norvia town", "source_id": "a",
        "field": "bio", "start": 0, "end": 19, "rule_id": "r", "n_snapshots": 1, "strength": 1.0,
    }  # fmt: skip
    claim = {name: claim[name] for name in CLAIMS.schema.names if name in claim}
    profiles = [
        {"snapshot_id": name, "platform": "", "account_id": "12345678", "basis": "export",
         "state": "unknown", "bio": bio, "source_file": "f", "source_row": 0}
        for name, bio in (("a", quotes["quote_before"]), ("b", quotes["quote_after"]))
    ]  # fmt: skip
    return {
        "shifts": SHIFTS.from_rows([row]), "claims": CLAIMS.from_rows([claim]),
        "profiles": PROFILES.from_rows(profiles),
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["pseudonym", "full"])
@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("IR-shiraz", "US-tampa", ("IR", "US")),
        ("IR-shiraz", "IR-tabriz", ("a place in IR", "another place in IR")),
        ("IR", "IR-tabriz", ("IR", "a place in IR")),
        ("place-norvia", "IR-tabriz", ("a place", "IR")),
        ("place-norvia", "place-ondrel", ("a place", "another place")),
        ("IR-US", "NO", ("IR-US", "NO")),
    ],
)
def test_no_place_finer_than_a_country_leaves_as_a_value(
    mode: str, before: str, after: str, shown: tuple[str, str], settings: Settings
) -> None:
    case = moved(before, after)
    case["findings"] = rank_findings(case, settings)
    redactor = Redactor.of(case, mode, KEY)
    row = redactor.table(case["shifts"], SHIFTS).to_pylist()[0]
    assert (row["before"], row["after"]) == shown
    value = redactor.table(case["claims"], CLAIMS)["value"].to_pylist()
    told = [row["reasons"], redactor.table(case["findings"], FINDINGS)["statement"].to_pylist()]
    told += [value, build_report(case, {}, settings, redactor)]
    finer = {"IR-shiraz", "IR-tabriz", "US-tampa", "place-norvia", "place-ondrel"}
    assert not [place for place in finer if place in str(told) or place[3:] in str(told)]
    words = [place_words(value) for value in shown]
    assert f"“{words[0]}”" in str(told) and f"“{words[1]}”" in str(told)


def test_a_quote_that_is_the_evidence_may_name_its_place(settings: Settings) -> None:
    case = moved("place-norvia", "IR-tabriz")
    page = build_report(case, {}, settings, Redactor.of(case, "pseudonym", KEY))
    assert "born in Norvia town" in page


def test_the_part_of_a_name_that_stayed_is_not_told() -> None:
    reason_given = reason("name_part", part="quillane")
    assert "quillane" not in Redactor("pseudonym", KEY).sentence(reason_given)
