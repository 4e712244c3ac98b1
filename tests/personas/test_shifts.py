"""Claim shifts, ages and replaced identities: kinds, levels, quotes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.ages import elapsed_words
from personas.breaks import silence_before
from personas.language_switch import find_switch

Shifts = Callable[..., Any]
CROWN, RED = "Monarchist from the valley. 👑", "Communist. Reader, walker."


def _camps(story: Any) -> Any:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    return story.says(RED, "Communist", "affiliation", "communist")


def _only(rows: Any) -> Any:
    assert len(rows) == 1, rows[["attribute", "kind", "level"]].to_dict("records")
    return rows.iloc[0]


def test_monarchist_then_communist_is_a_contradiction_with_two_quotes(
    story: Any, shifts: Shifts
) -> None:
    row = _only(shifts(_camps(story).stand([0, 40], bio=CROWN).stand([50, 90], bio=RED)))
    assert (row.kind, row.level, row.before, row.after) == (
        "contradiction", 2, "monarchist", "communist",
    )  # fmt: skip
    assert CROWN[row.before_start : row.before_end] == row.quote_before == "Monarchist"
    assert RED[row.after_start : row.after_end] == row.quote_after == "Communist"
    assert row.before_source == story.profiles[1]["snapshot_id"]
    assert row.after_source == story.profiles[2]["snapshot_id"]
    assert row.gap_s == 10 * 86_400
    assert len(row.caveats) >= 3
    assert "«Monarchist»" in row.reasons[0]


def test_every_claim_based_shift_names_two_claims_of_the_claims_table(
    story: Any, track: Callable[..., Any]
) -> None:
    tables = track(_camps(story).stand([0, 40], bio=CROWN).stand([50, 90], bio=RED))
    ids = set(tables.claims["claim_id"].to_pylist())
    row = tables.shifts.to_pylist()[0]
    assert row["before_claim"] in ids and row["after_claim"] in ids


@pytest.mark.parametrize(
    ("crown_days", "red_days", "basis", "level"),
    [
        ([0, 40], [50], "retrieved", 1),  # seen once
        ([0, 40], [50, 50.5], "retrieved", 1),  # seen for half a day
        ([0, 40], [50, 51.5], "retrieved", 2),
        ([0], [50, 90], "event", 2),  # holds until the next state
        ([49.5], [50, 90], "event", 1),
    ],
)
def test_both_sides_must_persist_for_a_contradiction(
    story: Any, shifts: Shifts, crown_days: list[float], red_days: list[float], basis: str,
    level: int,
) -> None:  # fmt: skip
    _camps(story).stand([-90, -60], bio="-", basis=basis)
    story.stand(crown_days, bio=CROWN, basis=basis).stand(red_days, bio=RED, basis=basis)
    row = _only(shifts(story))
    assert row.level == level
    assert row.kind == ("contradiction" if level == 2 else "tension")


def test_a_change_told_in_own_words_is_no_contradiction(story: Any, shifts: Shifts) -> None:
    told = "Communist, once a monarchist"
    story.says(told, "Communist", "affiliation", "communist")
    story.says(told, "monarchist", "affiliation", "monarchist", status="former")
    _camps(story).stand([0, 40], bio=CROWN).stand([50, 90], bio=told)
    rows = shifts(story)
    assert rows.level.max() == 1
    row = _only(rows[rows.kind == "tension"])
    assert "«monarchist»" in " ".join(row.reasons)


def test_a_claim_that_merely_disappears_gives_no_row(story: Any, shifts: Shifts) -> None:
    _camps(story).stand([0, 40], bio=CROWN).stand([50, 90], bio="Reader, walker.")
    assert shifts(story).empty


def test_values_that_stood_together_are_no_change(story: Any, shifts: Shifts) -> None:
    both = "Monarchist. Communist."
    story.says(both, "Monarchist", "affiliation", "monarchist")
    story.says(both, "Communist", "affiliation", "communist")
    _camps(story).stand([0, 40], bio=CROWN).stand([50, 60], bio=both).stand([70, 90], bio=RED)
    assert shifts(story).empty


@pytest.mark.parametrize(
    "status", ["negated", "former", "quoted", "reported", "mentioned", "other"]
)
def test_only_two_asserted_claims_make_a_contradiction(
    story: Any, shifts: Shifts, status: str
) -> None:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    story.says(RED, "Communist", "affiliation", "communist", status=status)
    rows = shifts(story.stand([0, 40], bio=CROWN).stand([50, 90], bio=RED))
    assert rows.empty or rows.level.max() < 2


@pytest.mark.parametrize("grade", ["G", "W"])
def test_grammar_or_weak_evidence_alone_makes_no_contradiction(
    story: Any, shifts: Shifts, grade: str
) -> None:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    story.says(RED, "Communist", "affiliation", "communist", grade=grade)
    rows = shifts(story.stand([0, 40], bio=CROWN).stand([50, 90], bio=RED))
    assert rows.empty or rows.level.max() < 2


def test_there_and_back_is_an_oscillation_of_the_same_level(story: Any, shifts: Shifts) -> None:
    _camps(story).stand([0, 9], bio=CROWN).stand([20, 29], bio=RED).stand([40, 49], bio=CROWN)
    row = _only(shifts(story))
    assert (row.kind, row.level) == ("oscillation", 2)


def test_posts_can_contradict_each_other_too(story: Any, shifts: Shifts) -> None:
    one, two = "I am a monarchist and proud", "I am a communist now and then"
    story.says(one, "I am a monarchist", "affiliation", "monarchist", grade="P", where="post")
    story.says(two, "I am a communist", "affiliation", "communist", grade="P", where="post")
    story.post(0, one).post(5, one).post(60, two).post(70, two)
    row = _only(shifts(story))
    assert (row.kind, row.level, row.before_source, row.after_source) == (
        "contradiction", 2, "p00001", "p00002",
    )  # fmt: skip


def test_graduation_and_retirement_are_ordinary(story: Any, shifts: Shifts) -> None:
    for text, value in (("Student", "student"), ("Nurse", "nurse"), ("Retired", "retired")):
        story.says(text, text, "occupation", value)
    story.stand([0, 40], bio="Student").stand([50, 90], bio="Nurse").stand(
        [8000, 8090], bio="Retired"
    )
    rows = shifts(story)
    assert set(rows.kind) == {"benign"} and set(rows.level) == {0}


def test_a_former_trade_told_beside_the_new_one_is_ordinary(story: Any, shifts: Shifts) -> None:
    later = "former teacher, chef"
    story.says("Teacher", "Teacher", "occupation", "teacher")
    story.says(later, "former teacher", "occupation", "teacher", status="former")
    story.says(later, "chef", "occupation", "chef")
    rows = shifts(story.stand([0, 40], bio="Teacher").stand([50, 90], bio=later))
    assert set(rows.level) == {0}


def test_student_to_retired_within_a_month_is_a_contradiction(story: Any, shifts: Shifts) -> None:
    story.says("Student", "Student", "occupation", "student")
    story.says("Retired", "Retired", "occupation", "retired")
    row = _only(shifts(story.stand([0, 40], bio="Student").stand([50, 90], bio="Retired")))
    assert (row.kind, row.level) == ("contradiction", 2)


def test_another_occupation_is_a_note_and_a_second_one_is_nothing(
    story: Any, shifts: Shifts
) -> None:
    story.says("Nurse", "Nurse", "occupation", "nurse").says(
        "Pilot", "Pilot", "occupation", "pilot"
    )
    both = "Nurse, poet"
    story.says(both, "Nurse", "occupation", "nurse").says(both, "poet", "occupation", "writer")
    story.stand([0, 20], bio="Nurse").stand([30, 40], bio=both)
    assert shifts(story).empty
    row = _only(shifts(story.stand([50, 90], bio="Pilot")))
    assert (row.kind, row.level) == ("tension", 1)


def test_a_move_of_place_is_ordinary(story: Any, shifts: Shifts) -> None:
    for place in ("Canada", "Chile"):
        story.says(place, place, "location", place.lower(), where="location")
    story.stand([0, 40], location="Canada").stand([50, 90], location="Chile")
    row = _only(shifts(story))
    assert (row.kind, row.level, row.before_field) == ("benign", 0, "location")


def test_two_birthplaces_contradict_each_other(story: Any, shifts: Shifts) -> None:
    one, two = "born in Shiraz", "born in Tampa"
    story.says(one, one, "birthplace", "iran").says(two, two, "birthplace", "united_states")
    row = _only(shifts(story.stand([0, 40], bio=one).stand([50, 90], bio=two)))
    assert (row.kind, row.level) == ("contradiction", 2)


@pytest.mark.parametrize(
    ("ages", "gap", "kind"),
    [(("24", "25"), 365, "benign"), (("24", "61"), 200, "contradiction"),
     (("61", "24"), 200, "contradiction"), (("24", "27"), 30, "benign"),
     (("24", "28"), 5 * 365, "benign")],
)  # fmt: skip
def test_age_must_grow_with_the_years(
    story: Any, shifts: Shifts, ages: tuple[str, str], gap: int, kind: str
) -> None:
    one, two = (f"{age} years old" for age in ages)
    story.says(one, one, "age", ages[0], grade="P").says(two, two, "age", ages[1], grade="P")
    story.stand([0, 10], bio=one).stand([10 + gap, 40 + gap], bio=two)
    row = _only(shifts(story))
    assert (row.attribute, row.kind) == ("age", kind)
    assert row.level == (2 if kind == "contradiction" else 0)


def test_an_age_that_grew_stale_in_the_bio_is_no_contradiction(story: Any, shifts: Shifts) -> None:
    story.says("24 y/o", "24", "age", "24").says("30 y/o", "30", "age", "30")
    story.stand([0, 5 * 365], bio="24 y/o").stand([5 * 365 + 9, 5 * 365 + 60], bio="30 y/o")
    assert shifts(story).level.max() == 0


def test_an_age_can_contradict_a_year_of_birth(story: Any, shifts: Shifts) -> None:
    story.says("b. 1990", "1990", "birth_year", "1990").says("age 60", "60", "age", "60")
    story.stand([0, 40], bio="b. 1990").stand([50, 90], bio="age 60")
    assert _only(shifts(story)).kind == "contradiction"


OLD = {"display_name": "Mara Lindqvist", "handle": "mara_l", "bio": "Baker and choir singer, Vell"}
NEW = {"display_name": "Nova Report", "handle": "thenovadesk", "bio": "Breaking politics all day"}


def test_name_handle_and_bio_replaced_at_once_is_a_note(story: Any, shifts: Shifts) -> None:
    row = _only(shifts(story.stand([0, 20, 40], **OLD).stand([50, 60, 90], **NEW)))
    assert (row.attribute, row.kind, row.level) == ("identity", "re_identity", 1)
    assert (row.quote_before, row.quote_after) == (OLD["bio"], NEW["bio"])
    assert row.score > 1.0
    assert "8 %" in row.reasons[2] and "48 %" in row.reasons[3] and "83 %" in row.reasons[4]


@pytest.mark.parametrize("kept", ["display_name", "handle", "bio"])
def test_one_kept_field_is_no_replaced_identity(story: Any, shifts: Shifts, kept: str) -> None:
    rows = shifts(story.stand([0, 40], **OLD).stand([50, 90], **(NEW | {kept: OLD[kept]})))
    assert "re_identity" not in set(rows.kind)


def test_a_marriage_keeps_a_name_part_and_is_ordinary(story: Any, shifts: Shifts) -> None:
    wed = NEW | {"display_name": "Mara Okafor-Bell", "handle": "okaforbell"}
    row = _only(shifts(story.stand([0, 40], **OLD).stand([50, 90], **wed)))
    assert (row.kind, row.level) == ("benign", 0)


def test_a_slow_change_over_a_year_is_no_replaced_identity(story: Any, shifts: Shifts) -> None:
    story.stand([0, 40], **OLD).stand([100, 140], **(OLD | {"display_name": NEW["display_name"]}))
    story.stand([200, 240], **(NEW | {"handle": OLD["handle"]})).stand([300, 400], **NEW)
    assert shifts(story).empty


@pytest.mark.parametrize("field", ["display_name", "bio"])
def test_an_emptied_field_is_a_drop_and_no_replacement(
    story: Any, shifts: Shifts, field: str
) -> None:
    assert shifts(story.stand([0, 40], **OLD).stand([50, 90], **(NEW | {field: ""}))).empty


def test_posts_removed_weeks_after_a_change_do_not_lift_it(story: Any, shifts: Shifts) -> None:
    story.stand([0, 40], **OLD).stand([50, 60], **NEW)
    story.snapshot(75, statuses_count=900).snapshot(80, statuses_count=90)
    assert _only(shifts(story)).level == 1


def test_an_unknown_bio_cannot_be_replaced(story: Any, shifts: Shifts) -> None:
    known = {k: v for k, v in NEW.items() if k != "bio"}
    assert shifts(story.stand([0, 40], **OLD).stand([50, 90], **known)).empty


def _silent_year(story: Any) -> Any:
    for day in range(-100, 0):
        story.post(day, f"bread number {day}")
    return story.stand([-99, 0], **OLD).stand([200, 240], **NEW).post(200, "hello again")


def _removal(story: Any) -> Any:
    return story.snapshot(195, statuses_count=5_000).snapshot(199, statuses_count=40)


def test_silence_just_before_lifts_a_replaced_identity_to_level_two(
    story: Any, shifts: Shifts
) -> None:
    row = _only(shifts(_silent_year(story)))
    assert row.level == 2
    assert any("silent for 201 days" in reason for reason in row.reasons)


def test_two_breaks_make_the_pattern_of_level_three(story: Any, shifts: Shifts) -> None:
    row = _only(shifts(_removal(_silent_year(story))))
    assert (row.kind, row.level) == ("re_identity", 3)


def test_removed_posts_alone_lift_to_level_two(story: Any, shifts: Shifts) -> None:
    story.stand([0, 190], **OLD).stand([200, 240], **NEW)
    assert _only(shifts(_removal(story))).level == 2


def test_a_contradiction_and_one_break_make_level_three(story: Any, shifts: Shifts) -> None:
    old, new = OLD | {"bio": CROWN}, NEW | {"bio": RED}
    _camps(story).stand([0, 190], **old).stand([200, 240], **new)
    rows = shifts(_removal(story)).set_index("kind").level
    assert rows.to_dict() == {"contradiction": 2, "re_identity": 3}


def test_thin_histories_give_no_shift(story: Any, shifts: Shifts) -> None:
    assert shifts(_camps(story).stand([0, 2], bio=CROWN).stand([4, 6], bio=RED)).empty
    assert not shifts(story.snapshot(8, bio=RED)).empty


@given(st.lists(st.sampled_from([CROWN, RED, "-"]), min_size=2, max_size=8), st.integers(0, 7))
def test_one_more_sighting_of_a_standing_state_changes_no_shift(
    new_story: Any, shifts: Shifts, bios: list[str], twice: int
) -> None:
    story = _camps(new_story()).stand([-60, -50], bio="-")
    for at, bio in enumerate(bios):
        story.stand([at * 20, at * 20 + 9], bio=bio)
    before = shifts(story)
    again = min(twice, len(bios) - 1)
    story.snapshot(again * 20 + 5, bio=bios[again])
    after = shifts(story)
    assert list(before.level) == list(after.level)
    assert list(before.shift_id) == list(after.shift_id)
    for row in after.itertuples():
        assert {row.quote_before, row.quote_after} == {"Monarchist", "Communist"}


def test_silence_is_measured_by_the_accounts_own_habit() -> None:
    day = 86_400_000_000
    change = datetime(1971, 1, 1, tzinfo=UTC)
    daily = np.append(np.arange(0, 100) * day, 400 * day)
    monthly = np.append(np.arange(0, 11) * 25 * day, 365 * day)
    around = (change, change + timedelta(days=40))
    assert silence_before(daily, *around) is not None
    assert silence_before(monthly, *around) is None
    assert silence_before(daily[-5:], *around) is None


def test_a_switch_of_language_needs_twenty_posts_on_each_side() -> None:
    langs = np.array(["fa"] * 30 + ["en"] * 25)
    switch = find_switch(langs)
    assert switch is not None
    assert (switch.at, switch.before, switch.after) == (30, "fa", "en")
    assert find_switch(np.array(["fa"] * 60 + ["en"] * 11)) is None
    assert find_switch(np.array(["fa", "en"] * 40)) is None


def test_a_language_switch_is_a_note_with_a_post_of_each_side(story: Any, shifts: Shifts) -> None:
    for day in range(60):
        story.post(
            day, f"سلام {day}" if day < 30 else f"hello {day}", lang="fa" if day < 30 else "en"
        )
    row = _only(shifts(story))
    assert (row.attribute, row.kind, row.level) == ("language", "language", 1)
    assert (row.quote_before, row.quote_after) == ("سلام 29", "hello 30")


@pytest.mark.parametrize(
    ("days", "words"), [(0.2, "1 day"), (2, "2 days"), (364, "364 days"), (730.5, "2.0 years")]
)
def test_a_time_under_a_year_is_told_in_days(days: float, words: str) -> None:
    assert elapsed_words(days * 86_400) == words
