"""Whole pipeline: a change that must stay hidden is in no table but inputs, report or export."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from corpus.settings import Settings
from narrashift.analysis import Analysis
from narrashift.api import analyze_files
from narrashift.exporting import write_exports

INPUTS = ("posts", "profiles", "texts")
MODES = ("pseudonym", "full", "none")
START = pd.Timestamp("2022-01-01", tz="UTC")
DAYS = (0, 10, 20, 30, 40, 60, 70, 80, 90, 100)
# What each hidden account was called and called itself before and after; no word is used elsewhere.
HIDDEN = {
    "71": (("oldlarkvane", "Larkvane Olden", "he/him, pottery"),
           ("quillmere", "Quillmere Fresh", "trans woman, she/her, pottery")),
    "72": (("brackwen", "Brackwen Ode", "monarchist. he/him and bread"),
           ("tallisor", "Tallisor Vey", "communist. she/her and bread")),
    "73": (("fernholt", "Fernholt Ash", "she/her, choir"),
           ("gildamar", "Gildamar Reed", "they/them, choir")),
}  # fmt: skip
# 72 says it in a post; and the name alone changed with 74.
MARKED = {"72": "I came out as trans last spring", "74": "two years on hrt today, being trans"}
RENAMED = {"74": (("wrenfollow", "Wrenfollow Day", "tea"), ("dovestrand", "Dovestrand Day", "tea"))}
SECRET_WORDS = ("trans woman", "hrt", "came out as trans")
GENDER_WORDS = ("she/her", "he/him", "they/them")
# Accounts that must be seen, or the test could not fail: a plain camp flip, a plain gender note.
PLAIN = {
    "81": (("harborjo", "Harbor Jo", "monarchist and potter"),
           ("harborjo", "Harbor Jo", "communist and potter")),
    "82": (("northkay", "North Kay", "dad of two, baker"),
           ("seakay", "North Kay", "mom of two, baker")),
    "83": (("valleymo", "Valley Mo", "valley potter"), ("coastmo", "Valley Mo", "coast potter")),
}  # fmt: skip


def _profiles() -> Iterator[dict[str, Any]]:
    for account, sides in (HIDDEN | RENAMED | PLAIN).items():
        for day in DAYS:
            handle, name, bio = sides[day > 50]
            yield {"account_id": account, "observed_at": str(START + pd.Timedelta(days=day)),
                   "handle": handle, "display_name": name, "bio": bio}  # fmt: skip


def _posts() -> Iterator[dict[str, Any]]:
    number = 0

    def post(account: str, text: str, day: float) -> dict[str, Any]:
        nonlocal number
        number += 1
        return {"post_id": f"9{number:012d}", "account_id": account, "text": text, "lang": "en",
                "created_at": str(START + pd.Timedelta(days=day, minutes=number))}  # fmt: skip

    slogan = "The Harbor Union summit in Velmora is paid for by foreign money and must be stopped"
    for account in (*HIDDEN, *RENAMED, *PLAIN, *(str(n) for n in range(100, 130))):
        yield post(account, f"{slogan} #{'Velmora' if int(account) % 2 else 'Summit'}", 70)
        for day in range(20, 90, 14):
            yield post(account, f"tram number {int(account) * day % 97} is late again", day)
    for account, text in MARKED.items():
        yield post(account, text, 85)
    for account in ("131", "132"):
        yield post(account, "I am a journalist in the port", 30)
    yield post("132", "I am a woman from the valley", 31)
    yield post("133", "I am 15 years old. I am a journalist", 31)


def _analyze(folder: Path, **overrides: Any) -> Analysis:
    for name, rows in (("posts", _posts()), ("profiles", _profiles())):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(folder / "key"))
        return analyze_files(
            [folder / "posts.jsonl"],
            [folder / "profiles.jsonl"],
            out=folder / "case",
            settings=Settings.load(overrides=overrides),
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hidden")
    _analyze(made)
    return made


@pytest.fixture(scope="module")
def case(folder: Path) -> Analysis:
    return Analysis.load(folder / "case")


def _called() -> set[str]:
    """Every handle and name of the hidden accounts, and the parts of their names."""
    sides = [side for both in (HIDDEN | RENAMED).values() for side in both]
    names = {part for _, name, _ in sides for part in (name, name.split()[0])}
    return names | {handle for handle, _, _ in sides}


def _told(text: str, words: Any) -> list[str]:
    folded = text.casefold()
    return sorted(w for w in words if re.search(rf"(?<!\w){re.escape(w.casefold())}(?!\w)", folded))


def _bare(accounts: pd.Series[str]) -> pd.Series[str]:
    """Account ids without their platform."""
    return accounts.astype(str).map(lambda account: account.rpartition(":")[2])


def _published(case: Analysis) -> dict[str, pd.DataFrame]:
    return {name: case.tables[name] for name in case.tables if name not in INPUTS}


def test_the_case_shows_what_is_not_hidden(case: Analysis) -> None:
    shifts = case.tables["shifts"]
    kinds = set(zip(shifts["account_id"], shifts["attribute"], strict=True))
    accounts = {account.rpartition(":")[2]: account for account in shifts["account_id"]}
    assert (accounts["81"], "affiliation") in kinds
    assert (accounts["82"], "gender") in kinds
    assert {"monarchist", "communist"} <= set(case.tables["personas"]["value"])
    events = case.tables["account_events"]
    assert "coastmo" in set(events.loc[events["kind"] == "renamed", "after"])
    assert {"harborjo"} <= set(case.tables["profile_lanes"]["value"])


def test_no_published_table_holds_a_name_or_word_of_a_hidden_change(case: Analysis) -> None:
    tables = _published(case)
    assert len(tables) > 20
    found = {
        n: _told(t.astype(str).to_csv(), (*_called(), *SECRET_WORDS)) for n, t in tables.items()
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_no_row_of_a_hidden_account_states_a_gender(case: Analysis) -> None:
    for name, table in _published(case).items():
        if "account_id" in table:
            own = _bare(table["account_id"]).isin([*HIDDEN, *RENAMED])
            assert _told(table[own].astype(str).to_csv(), (*GENDER_WORDS, "gender")) == [], name


def test_hidden_accounts_have_no_lanes_edits_or_renames(case: Analysis) -> None:
    for name in (
        "profile_lanes",
        "persona_edits",
        "rename_contexts",
        "bio_templates",
        "post_habits",
    ):
        table = case.tables[name]
        assert not set(_bare(table["account_id"])) & {*HIDDEN, *RENAMED}, name
    events = case.tables["account_events"]
    own = _bare(events["account_id"]).isin([*HIDDEN, *RENAMED])
    assert not set(events.loc[own, "kind"]) & {"renamed", "moved", "handle_reused"}


@pytest.mark.parametrize("mode", MODES)
def test_no_report_holds_a_name_or_word_of_a_hidden_change(
    case: Analysis, folder: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(folder / "key"))
    page = case.report(redact=mode)
    assert _told(page, (*_called(), *SECRET_WORDS, *GENDER_WORDS)) == []
    if mode == "none":
        seen = ("dad", "harborjo", "mom", "monarchist")
        assert _told(page, seen) == list(seen)


@pytest.mark.parametrize("mode", MODES)
def test_no_export_of_another_table_holds_them(
    folder: Path, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(folder / "key"))
    written = write_exports(folder / "case", ["csv"], redact=mode, folder=tmp_path).files
    others = [file.path for file in written if file.path.stem not in INPUTS]
    assert len(others) > 20
    found = {p.name: _told(p.read_text("utf-8"), (*_called(), *SECRET_WORDS)) for p in others}
    assert {name: words for name, words in found.items() if words} == {}


def test_minors_have_neither_claims_nor_cards_and_posts_only_accounts_do(case: Analysis) -> None:
    habits = set(_bare(case.tables["post_habits"]["account_id"]))
    assert habits == {"131", "132"}
    assert "133" not in set(_bare(case.tables["claims"]["account_id"]))


def test_with_gender_off_no_row_states_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = _analyze(tmp_path, **{"personas.gender": False})
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    for name in ("claims", "personas", "shifts"):
        assert "gender" not in set(off.tables[name]["attribute"]), name
    for name, table in _published(off).items():
        words = (*GENDER_WORDS, *SECRET_WORDS, "i am a woman", *_called())
        assert _told(table.astype(str).to_csv(), words) == [], name
    page = off.report(redact="none")
    assert _told(page, (*GENDER_WORDS, *_called())) == []
    # Posts as such are listed and searched; the report itself makes nothing of what one says.
    listed = r'<script type="application/json" id="block">.*?</script>'
    assert "I am a woman" not in re.sub(listed, "", page, flags=re.DOTALL)
    assert "statements about gender differ" not in page.casefold()
