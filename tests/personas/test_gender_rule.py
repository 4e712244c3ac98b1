"""What may be shown of claims about gender, and what stays hidden everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Track = Callable[..., Any]
SHE, HE = "she/her · baker", "he/him · baker"
MOTHER, FATHER = "Mother of two", "Father of two"
OLD = {"display_name": "Mara Lind", "handle": "mara_lind"}
NEW = {"display_name": "Tom Okafor", "handle": "okafor_tom"}
FLAG = " 🏳️‍⚧️"


def _pronouns(story: Any, *bios: str) -> Any:
    values = {"she/her": "woman", "he/him": "man", "she/they": "multiple", "they/them": "nonbinary"}
    for bio in bios:
        for quote, value in values.items():
            if quote in bio:
                story.says(bio, quote, "gender", value, grade="P")
    return story


def _change(story: Any, before: str, after: str, **shown: dict[str, str]) -> Any:
    _pronouns(story, before, after)
    story.stand([0, 40], bio=before, **shown.get("old", {}))
    return story.stand([50, 90], bio=after, **shown.get("new", {}))


def _everything(tables: Any) -> str:
    names = ("claims", "personas", "persona_coverage", "shifts", "account_events")
    return "\n".join(str(getattr(tables, name).to_pylist()) for name in names)


def test_a_changed_gender_claim_is_a_note_with_two_quotes_of_its_own_words(
    story: Any, track: Track
) -> None:
    rows = track(_change(story, SHE, HE)).shifts.to_pylist()
    assert len(rows) == 1
    row = rows[0]
    assert (row["attribute"], row["level"]) == ("gender", 1)
    assert (row["quote_before"], row["quote_after"]) == ("she/her", "he/him")
    assert any("people transition, share accounts and joke" in r for r in row["reasons"])


def test_mother_then_father_alone_is_only_the_gender_note(story: Any, track: Track) -> None:
    story.says(MOTHER, "Mother", "family", "mother").says(FATHER, "Father", "family", "father")
    rows = track(story.stand([0, 40], bio=MOTHER).stand([50, 90], bio=FATHER)).shifts.to_pylist()
    assert [(r["attribute"], r["kind"], r["level"]) for r in rows] == [("gender", "tension", 1)]


def test_gender_never_raises_the_level_of_a_replaced_identity(story: Any, track: Track) -> None:
    _change(story, "she/her · bread and song", "he/him. Tax policy daily", old=OLD, new=NEW)
    rows = track(story).shifts.to_pylist()
    assert sorted((r["attribute"], r["level"]) for r in rows) == [("gender", 1), ("identity", 1)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHE, "she/they · baker"),
        (SHE, "they/them · baker"),
        ("they/them · baker", HE),
        (SHE + FLAG, HE),
        (SHE, HE + FLAG),
    ],
)
def test_suppressed_changes_appear_in_no_table(
    story: Any, track: Track, before: str, after: str
) -> None:
    tables = track(_change(story, before, after, old=OLD, new=NEW))
    shown = _everything(tables)
    for hidden in ("gender", "she/", "he/", "they/", *OLD.values(), *NEW.values()):
        assert hidden not in shown
    assert tables.persona_coverage.num_rows == 1


def test_a_new_name_beside_a_trans_marker_is_hidden_without_any_gender_claim(
    story: Any, track: Track
) -> None:
    story.stand([0, 40], bio="Baker", **OLD).stand([50, 90], bio="Baker" + FLAG, **NEW)
    tables = track(story)
    shown = _everything(tables)
    for hidden in (*OLD.values(), *NEW.values(), "renamed"):
        assert hidden not in shown


def test_a_hidden_account_keeps_its_other_claims(story: Any, track: Track) -> None:
    before, after = SHE + FLAG, HE + FLAG
    for bio in (before, after):
        story.says(bio, "baker", "occupation", "chef")
    tables = track(_change(story, before, after))
    assert set(tables.claims["attribute"].to_pylist()) == {"occupation"}


def test_kin_words_of_a_hidden_account_are_hidden_too(story: Any, track: Track) -> None:
    story.says(MOTHER + FLAG, "Mother", "family", "mother").says(
        FATHER, "Father", "family", "father"
    )
    tables = track(story.stand([0, 40], bio=MOTHER + FLAG).stand([50, 90], bio=FATHER))
    assert "other" not in _everything(tables).replace("otherwise", "")
    assert tables.claims.num_rows == tables.personas.num_rows == tables.shifts.num_rows == 0


def test_pronouns_that_are_merely_added_are_a_claim_and_no_shift(story: Any, track: Track) -> None:
    tables = track(_change(story, "baker", SHE))
    assert tables.shifts.num_rows == 0
    assert tables.claims["attribute"].to_pylist() == ["gender"]


def test_a_marker_without_any_change_hides_nothing(story: Any, track: Track) -> None:
    tables = track(_change(story, SHE + FLAG, SHE + FLAG, old=OLD, new=OLD))
    assert tables.claims["attribute"].to_pylist() == ["gender"]


def test_a_hidden_handle_takes_no_part_in_handle_reuse(story: Any, track: Track) -> None:
    _change(story, SHE + FLAG, HE, old=OLD, new=NEW)
    story.snapshot(60, "a2", handle=OLD["handle"])
    assert "handle_reused" not in track(story).account_events["kind"].to_pylist()


def test_a_pattern_of_level_three_on_other_evidence_stays_visible(story: Any, track: Track) -> None:
    for day in range(-100, 0):
        story.post(day, f"bread {day}")
    story.post(200, "hello again")
    _pronouns(story, "she/her · bread and song", "he/him. Tax policy daily" + FLAG)
    story.stand([-99, 0], bio="she/her · bread and song", **OLD)
    story.snapshot(195, statuses_count=5_000).snapshot(199, statuses_count=40)
    story.stand([200, 240], bio="he/him. Tax policy daily" + FLAG, **NEW)
    tables = track(story)
    rows = tables.shifts.to_pylist()
    assert [(r["attribute"], r["level"]) for r in rows] == [("identity", 3)]
    assert "gender" not in str(tables.claims.to_pylist() + tables.personas.to_pylist())


def test_switched_off_no_gender_row_exists_anywhere(story: Any, track: Track) -> None:
    tables = track(_change(story, SHE, HE), gender=False)
    assert "gender" not in _everything(tables)
    assert "she/her" not in _everything(tables)


def test_switched_off_mother_and_father_are_no_shift(story: Any, track: Track) -> None:
    story.says(MOTHER, "Mother", "family", "mother").says(FATHER, "Father", "family", "father")
    story.stand([0, 40], bio=MOTHER).stand([50, 90], bio=FATHER)
    assert track(story, gender=False).shifts.num_rows == 0


def test_switched_off_still_hides_what_must_stay_hidden(story: Any, track: Track) -> None:
    tables = track(_change(story, SHE, HE + FLAG, old=OLD, new=NEW), gender=False)
    assert not any(name in _everything(tables) for name in OLD.values())


def test_a_name_alone_is_no_claim_of_gender(story: Any, track: Track) -> None:
    for name, value in (("Lady Mara", "woman"), ("Sir Tom", "man")):
        story.says(name, name, "gender", value, where="name")
    story.stand([0, 40], display_name="Lady Mara").stand([50, 90], display_name="Sir Tom")
    assert track(story).shifts.num_rows == 0
