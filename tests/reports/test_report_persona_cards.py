"""Persona cards: lanes, word diffs, base rates, renames, templates, accounts known by posts."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from corpus.tables import ALL
from reports.bio_change import bio_change
from reports.evidence import Evidence
from reports.html import build_report
from reports.links import Links
from reports.persona_lanes import MAX_STATES, history
from reports.persona_rates import edit_sentences
from reports.redaction import Redactor
from reports.report_persona_more import handle_reuses, renames, templates
from reports.report_personas import persona_cards
from reports.report_posts_only import known_by_posts, posts_cards

Tables = dict[str, pa.Table]
NONE = Redactor("none")


def _made(tables: Tables, redactor: Redactor = NONE) -> tuple[Links, Evidence]:
    links = Links(tables)
    return links, Evidence(links, redactor, 1000, "title")


def _card(tables: Tables, attribute: str, redactor: Redactor = NONE) -> Any:
    links, evidence = _made(tables, redactor)
    found = [c for c in persona_cards(links, evidence) if attribute in c.attribute]
    return found[0]


def _with(tables: Tables, name: str, *rows: dict[str, Any]) -> Tables:
    """Return the tables with further rows; every row starts from the first one of its table."""
    base = tables[name].to_pylist()
    return tables | {name: ALL[name].from_rows([*base, *(base[0] | row for row in rows)])}


def test_lanes_show_each_state_with_dates_and_the_row_it_was_read_from(tables: Tables) -> None:
    told = _card(tables, "affiliation").history
    assert told is not None
    assert {lane.title for lane in told.lanes} >= {"handle", "shown name", "bio"}
    assert {lane.title for lane in told.lanes} >= {
        "an affiliation: monarchist", "an affiliation: communist",
    }  # fmt: skip
    bios = next(field for field in told.fields if field.title == "bio")
    assert [state.number for state in bios.states] == [1, 2]
    assert all(re.fullmatch(r"profiles\.jsonl, row \d+", state.place) for state in bios.states)
    for lane in told.lanes:
        assert 'role="img"' in lane.chart and "aria-label" in lane.chart


def test_a_claim_of_gender_has_no_lane_and_a_place_only_its_country(tables: Tables) -> None:
    more = _with(
        tables,
        "personas",
        {"attribute": "gender", "value": "woman"},
        {"attribute": "location", "value": "IR-shiraz"},
    )
    card = _card(more, "affiliation")
    titles = " ".join(lane.title for lane in card.history.lanes)
    assert "woman" not in titles and "gender" not in titles
    assert "shiraz" not in titles.casefold() and "Iran" in titles


def test_without_lanes_and_claims_nothing_is_drawn_from_the_profiles(tables: Tables) -> None:
    bare = tables | {
        name: tables[name].slice(0, 0) for name in ("profile_lanes", "personas")
    }  # fmt: skip
    card = _card(bare, "identity")
    assert card.history is None and card.bios is None
    assert card.before.shown_as is None and card.after.shown_as is None


def test_many_states_are_cut_in_the_middle_and_counted(tables: Tables) -> None:
    row = next(r for r in tables["profile_lanes"].to_pylist() if r["field"] == "name")
    rows = [row | {"value": f"name {n}"} for n in range(MAX_STATES + 5)]
    many = tables | {"profile_lanes": ALL["profile_lanes"].from_rows(rows)}
    _, evidence = _made(many)
    shift = {"at_before": None, "at_after": None}
    told = history(evidence, row["account_id"], shift)
    assert told is not None
    (field,) = told.fields
    assert (len(field.states), field.more) == (MAX_STATES, 5)
    assert field.states[-1].number == MAX_STATES + 5


def test_the_word_diff_holds_both_bios_word_for_word(tables: Tables) -> None:
    card = _card(tables, "affiliation")
    plain = re.sub(r"<ins>.*?</ins>", "", card.bios.html, flags=re.DOTALL)
    assert re.sub(r"<[^>]+>", "", plain) in {
        "Proud monarchist. The crown is our home 👑", "هوادار پادشاهی، عاشق ولمورا",
    }  # fmt: skip
    assert re.fullmatch(r"(No word|Of \d+ words) of the bio.*\.", card.bios.sentence)


@pytest.mark.parametrize("side", ["at_before", "at_after"])
def test_no_diff_without_dates_or_where_texts_are_withheld(tables: Tables, side: str) -> None:
    shift = next(r for r in tables["shifts"].to_pylist() if r["attribute"] == "affiliation")
    lanes = [r for r in tables["profile_lanes"].to_pylist()
             if r["account_id"] == shift["account_id"]]  # fmt: skip
    assert bio_change(lanes, shift, NONE) is not None
    assert bio_change(lanes, shift | {side: None}, NONE) is None
    assert bio_change(lanes, shift, Redactor("full", b"k" * 32)) is None
    assert bio_change([r for r in lanes if r["field"] != "bio"], shift, NONE) is None


def test_a_count_of_edits_stands_beside_the_rate_of_the_corpus(tables: Tables) -> None:
    account = tables["persona_edits"]["account_id"][0].as_py()
    (told,) = edit_sentences(Links(tables), account)
    assert "9 times" in told and "6.0 times a year" in told and "expect 1.2" in told
    assert "q below 0.001" in told
    assert edit_sentences(Links(tables), "nobody") == []


def test_the_chances_at_the_stated_priors_stand_apart_from_the_reasons(tables: Tables) -> None:
    from personas.sentences import reason

    rows = tables["shifts"].to_pylist()
    chances = [reason("prior", prior=p, posterior="50 %") for p in ("0.1 %", "1 %", "5 %")]
    for row in rows:
        if row["attribute"] == "identity":
            row["reasons"] = [*row["reasons"], *chances]
    card = _card(tables | {"shifts": ALL["shifts"].from_rows(rows)}, "identity")
    assert card.chances == chances
    assert not set(chances) & set(card.reasons)


def test_templates_reuses_and_renames_are_listed(tables: Tables) -> None:
    links, evidence = _made(tables)
    (template,), total = templates(links, evidence)
    assert (template.accounts, template.texts, total) == (3, 2, 1)
    (reuse,), total = handle_reuses(links, evidence)
    assert (reuse.handle, total) == ("river_031", 1)
    (told,), telling, every = renames(links, evidence)
    assert (told.before, told.after) == ("river_012", "Velmora_Watch9")
    assert (telling, every) == (1, 1)
    assert told.languages == "English 90 % → Persian 80 %"


def test_a_template_is_not_quoted_from_accounts_whose_statements_of_gender_differ(
    tables: Tables,
) -> None:
    rows = tables["shifts"].to_pylist()
    gender = next(row for row in rows if row["attribute"] == "gender")
    for who in tables["bio_templates"]["account_id"].to_pylist():
        rows.append(gender | {"shift_id": f"g{who}", "account_id": who})
    links, evidence = _made(tables | {"shifts": ALL["shifts"].from_rows(rows)})
    assert templates(links, evidence) == ([], 0)


def test_an_account_known_by_posts_is_quoted_in_its_own_words(tables: Tables) -> None:
    links, evidence = _made(tables)
    (card,) = posts_cards(links, evidence)
    (said,) = card.statements
    assert (said.quote, said.value) == ("I am a teacher", "teacher")
    assert said.cited.text == "I am a teacher"
    (month,) = card.months
    assert (month.posts, month.lang, month.topic) == (
        "3 posts", "Persian 67 %", "summit, paid (33 %)",
    )  # fmt: skip
    assert month.chart is not None and "08:00 UTC: 2" in month.chart


def test_a_claim_of_gender_in_a_post_gets_no_value_of_ours(tables: Tables) -> None:
    more = _with(tables, "claims", {"claim_id": "g", "attribute": "gender", "value": "woman",
                                    "quote": "I am a", "end": 6})  # fmt: skip
    links, evidence = _made(more)
    said = {s.attribute: s for s in posts_cards(links, evidence)[0].statements}
    assert (said["gender"].quote, said["gender"].value) == ("I am a", "")


def test_an_account_with_a_noted_shift_has_no_second_card(tables: Tables) -> None:
    account = tables["post_habits"]["account_id"][0].as_py()
    assert known_by_posts(Links(tables)) == [account]
    more = _with(tables, "shifts", {"shift_id": "other", "account_id": account})
    assert known_by_posts(Links(more)) == []


def test_weak_and_reported_claims_make_no_card(tables: Tables) -> None:
    for change in ({"grade": "W"}, {"status": "reported"}, {"field": "bio"}):
        rows = [row | change for row in tables["claims"].to_pylist()]
        assert known_by_posts(Links(tables | {"claims": ALL["claims"].from_rows(rows)})) == []


@pytest.mark.parametrize("mode", ["pseudonym", "full"])
def test_the_new_sections_hold_no_handle_name_or_id(
    tables: Tables, manifest: dict[str, Any], settings: Settings, mode: str
) -> None:
    page = build_report(tables, manifest, settings, Redactor.of(tables, mode, b"k" * 32))
    start, stop = page.index('<section id="personas"'), page.index('<section id="method"')
    part = page[start:stop]
    for section in ("by-posts", "bio-templates", "handle-reuse", "renames"):
        assert f'<section id="{section}"' in part
    for name, column in (("profiles", "handle"), ("profiles", "display_name"),
                         ("profiles", "account_id")):  # fmt: skip
        for value in tables[name][column].drop_null().unique().to_pylist():
            assert value not in part
