"""Camps that an analyst brings for one case: read, opposed, and refused in one sentence each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from corpus.errors import SettingsError
from corpus.settings import Camp, Settings
from personas import PersonaTracker
from personas.opposed import load_opposition

GREEN = Camp(
    "greenbelt",
    ("en", "fa"),
    ("greenbelt loyalist", "کمربند سبز"),
    ("#GreenBelt", "🟩"),
    ("harbour_league",),
    "Norvia",
    why="they stood against each other in the vote",
)
HARBOUR = Camp("harbour_league", ("en",), ("harbour leaguer",))


def _history(before: str, after: str) -> pd.DataFrame:
    days = pd.to_datetime(["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01"])
    return pd.DataFrame(
        {"account_id": ["7"] * 4, "observed_at": days, "bio": [before] * 2 + [after] * 2}
    )


@pytest.mark.parametrize(
    "bio", ["Greenbelt loyalist, baker", "baker #greenbelt", "baker 🟩", "کمربند سبز، نانوا"]
)
def test_a_camp_of_the_case_is_read_in_its_languages(bio: str) -> None:
    claims = PersonaTracker(camps=(GREEN, HARBOUR)).fit(_history(bio, bio)).claims_
    own = claims[claims["value"] == "greenbelt"]
    assert len(own) == 1
    row = own.iloc[0]
    assert bio[row.start : row.end] == row.quote
    assert PersonaTracker().fit(_history(bio, bio)).claims_["value"].eq("greenbelt").sum() == 0


def test_camps_that_exclude_each_other_make_a_contradiction_with_the_stated_reason() -> None:
    history = _history("Greenbelt loyalist", "Harbour leaguer")
    row = PersonaTracker(camps=(GREEN, HARBOUR)).fit(history).shifts_.iloc[0]
    assert (row.kind, row.level, row.before, row.after) == (
        "contradiction", 2, "greenbelt", "harbour_league",
    )  # fmt: skip
    assert "the vote" in " ".join(row.reasons) and "Norvia" in " ".join(row.reasons)


def test_camps_not_set_against_each_other_are_a_note_at_most() -> None:
    loose = Camp("greenbelt", ("en",), ("greenbelt loyalist",))
    history = _history("Greenbelt loyalist", "Harbour leaguer")
    assert PersonaTracker(camps=(loose, HARBOUR)).fit(history).shifts_.level.max() == 1


def test_an_opposition_holds_only_while_it_is_said_to_hold() -> None:
    dated = Camp("greenbelt", ("en",), ("greenbelt loyalist",), (), ("harbour_league",),
                 since="2023-01-01")  # fmt: skip
    history = _history("Greenbelt loyalist", "Harbour leaguer")
    assert PersonaTracker(camps=(dated, HARBOUR)).fit(history).shifts_.level.max() == 1


def test_the_shipped_table_is_not_changed() -> None:
    before = load_opposition()
    PersonaTracker(camps=(GREEN, HARBOUR)).fit(_history("x", "y"))
    assert load_opposition() == before


@pytest.mark.parametrize(
    ("camp", "sentence"),
    [
        (Camp("greenbelt", ("xx",), ("a",)), r"names the language 'xx', which has no lexicon"),
        (Camp("g", ("en",), ("a",), (), ("monarchits",)), r"did you mean 'monarchist'\?"),
        (Camp("g", ("en",), ("a",), (), ("g",)), r"is opposed to itself"),
    ],
)
def test_a_wrong_camp_is_refused_by_name(camp: Camp, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        PersonaTracker(camps=(camp,)).fit(_history("x", "y"))


TOML = """
[[personas.camps]]
name = "greenbelt"
languages = ["en"]
phrases = ["greenbelt loyalist"]
opposed_to = ["monarchist"]
"""


def test_camps_are_read_from_a_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(TOML, encoding="utf-8")
    camp = Settings.load(path).personas.camps[0]
    assert camp == Camp("greenbelt", ("en",), ("greenbelt loyalist",), (), ("monarchist",))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('name = "Green Belt"', "expected small letters"),
        ("phrases = []", "says nothing"),
        ("languages = []", "names no languages"),
        ('since = "soon"', "not an ISO day"),
    ],
)
def test_a_wrong_row_of_the_file_is_told_in_a_sentence(
    tmp_path: Path, line: str, sentence: str
) -> None:
    key = line.split(" ", maxsplit=1)[0]
    kept = [row for row in TOML.splitlines() if not row.startswith(key)]
    path = tmp_path / "case.toml"
    path.write_text("\n".join([*kept, line]), encoding="utf-8")
    with pytest.raises(SettingsError, match=sentence):
        Settings.load(path)


def _folder(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


RULES = """
attribute = "affiliation"
[[rule]]
id = "case.greenbelt"
match = "adjective"
grade = "K"
values.greenbelt = ["greenbelt loyalist"]
says = ["Greenbelt loyalist => greenbelt"]
not = ["not a greenbelt loyalist"]
"""
OPPOSED = """
[[exclusive]]
attribute = "affiliation"
a = ["greenbelt"]
b = ["monarchist"]
why = "one wants parks, the other a crown"
"""


def test_a_folder_of_lexicons_and_opposed_rows_is_read(tmp_path: Path) -> None:
    folder = str(_folder(tmp_path, en__camps_toml=RULES, opposed_toml=OPPOSED))
    fitted: Any = PersonaTracker(lexicons=folder).fit(_history("Greenbelt loyalist", "Monarchist"))
    assert list(fitted.shifts_["kind"]) == ["contradiction"]
    assert {"greenbelt", "monarchist"} <= set(fitted.claims_["value"])


@pytest.mark.parametrize(("name", "sentence"), [("missing", "is no folder"), (".", "no lexicon")])
def test_a_folder_without_lexicons_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        PersonaTracker(lexicons=str(tmp_path / name)).fit(_history("x", "y"))
