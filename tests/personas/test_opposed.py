"""The reviewed opposition table: what excludes what, where and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from corpus.errors import SettingsError
from personas.opposed import load_opposition, read_opposition
from personas.rules import load_rules

TABLE = load_opposition()


@pytest.mark.parametrize(("attribute", "before", "after", "expected"), TABLE.examples)
def test_each_row_of_the_table_means_what_its_example_says(
    attribute: str, before: str, after: str, expected: str
) -> None:
    assert TABLE.relation(attribute, before, after).relation == expected


def test_the_table_holds_examples_for_most_rows() -> None:
    assert len(TABLE.examples) >= len(TABLE.exclusions) + len(TABLE.single)


def test_no_camp_of_the_lexicons_was_left_unreviewed() -> None:
    camps = {
        value
        for rule in load_rules().rules
        if rule.attribute == "affiliation"
        for value in (*(value for value, _, _ in rule.forms), rule.implies)
        if value
    }
    assert len(camps) > 60
    assert not {camp for camp in camps if not TABLE.knows("affiliation", camp)}
    assert not TABLE.knows("affiliation", "a_camp_nobody_wrote")


def test_exclusion_does_not_depend_on_direction() -> None:
    for row in (row for row in TABLE.exclusions if row.within_years is None):
        for one in row.a:
            for two in row.b:
                forth = TABLE.relation(row.attribute, one, two).relation
                back = TABLE.relation(row.attribute, two, one).relation
                assert forth == back == "exclusive"


def test_no_pair_is_both_of_one_family_and_exclusive() -> None:
    for row in TABLE.exclusions:
        for attribute, values in TABLE.families:
            if attribute == row.attribute:
                assert not (values & row.a and values & row.b)


def test_an_exclusion_speaks_only_from_its_date_on() -> None:
    early, late = datetime(2015, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    assert TABLE.relation("affiliation", "maga", "democrat", (None, early)).relation == "different"
    assert TABLE.relation("affiliation", "maga", "democrat", (None, late)).relation == "exclusive"


def test_a_working_life_lies_between_study_and_retirement() -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    soon, late = datetime(2001, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)
    steps = [TABLE.relation("occupation", "student", "retired", (start, at)) for at in (soon, late)]
    assert [step.relation for step in steps] == ["exclusive", "benign"]


def test_a_more_precise_claim_is_an_elaboration() -> None:
    assert TABLE.relation("occupation", "engineer", "software_engineer").relation == "elaboration"
    assert TABLE.relation("family", "mother", "mother_of_3").relation == "elaboration"


def test_leftist_and_communist_combine() -> None:
    assert TABLE.relation("affiliation", "leftist", "communist").relation == "same"


def test_mother_and_father_differ_in_implied_gender_alone() -> None:
    assert TABLE.differs_in_gender_alone("family", "mother", "father")
    assert not TABLE.differs_in_gender_alone("family", "mother", "grandmother")
    assert TABLE.relation("family", "mother", "father").relation != "exclusive"


def test_a_misspelt_table_is_refused_with_every_problem() -> None:
    text = (
        '[[exclusiv]]\na = 1\n[[benign]]\nattribute = "age"\nbefor = ["x"]\nafter = []\nwhy = "y"'
    )
    with pytest.raises(SettingsError) as caught:
        read_opposition(text, "mine.toml")
    assert len(caught.value.problems) == 3
    assert "befor" in str(caught.value)


def test_text_that_is_no_toml_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml is not valid TOML"):
        read_opposition("[[exclusive", "mine.toml")


def test_the_place_of_a_rule_is_told_only_where_it_has_one() -> None:
    told = TABLE.relation("affiliation", "monarchist", "communist").why
    assert told.endswith("(by the rule list for Iran)")
    bare = [row for row in TABLE.exclusions if row.where == "anywhere"]
    assert bare and all(row.told == row.why for row in bare)
