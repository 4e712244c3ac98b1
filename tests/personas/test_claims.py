"""What texts claim about their writers: every bio here is invented."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError, SettingsError
from engines.kernel import kernel_key
from engines.local import LocalEngine
from personas import extract_claims
from personas.claims import COLUMNS, claim_kernel
from personas.segments import CAP


def _said(text: str, field: str = "bio") -> set[tuple[str, str]]:
    frame = extract_claims([text], field=field)
    kept = frame[frame["status"] == "asserted"]
    return set(zip(kept["attribute"], kept["value"], strict=True))


BIOS = [
    "Iranian-American 🇮🇷 | mom of 3 | she/her",
    "𝗪𝗿𝗶𝘁𝗲𝗿 & 𝗪𝗼𝗺𝗮𝗻, born in Shiraz",
    "سلطنت‌طلب، معلم، مادر دو فرزند",
    "İstanbul'da | ex-communist, 24 y/o",
    "أنا طالبة سورية | أم لطفلين",
    "Je suis infirmière, ni communiste ni royaliste",
    "#MAGA 🚫Democrat 👨‍👩‍👧‍👦 Dr. Elm",
    "",
]


@given(
    st.lists(st.sampled_from([*BIOS, "|", "\n", " ", "🇮🇷", "İ", "\u200c", "not a "]), max_size=8)
)
def test_every_quote_is_cut_from_the_original_text(parts: list[str]) -> None:
    text = "".join(parts)
    for field in ("bio", "name", "location", "post"):
        for row in extract_claims([text], field=field).itertuples():
            assert row.quote
            assert text[row.start : row.end] == row.quote


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    frame = extract_claims([text])
    assert tuple(frame.columns) == COLUMNS
    assert all(text[r.start : r.end] == r.quote for r in frame.itertuples())


@pytest.mark.parametrize(
    ("bio", "claims"),
    [
        (BIOS[0], {("nationality", "IR-US"), ("family", "mother"), ("gender", "woman")}),
        (BIOS[1], {("occupation", "writer"), ("gender", "woman"), ("birthplace", "IR-shiraz")}),
        (BIOS[2], {("affiliation", "monarchist"), ("occupation", "teacher"), ("family", "mother")}),
        (BIOS[3], {("age", "24")}),
        (BIOS[4], {("occupation", "student"), ("nationality", "SY"), ("family", "mother")}),
        (BIOS[5], {("occupation", "nurse"), ("gender", "woman")}),
        (BIOS[6], {("affiliation", "maga")}),
        ("she/they | reader", {("gender", "multiple")}),
        ("they/them", {("gender", "nonbinary")}),
        ("He | Him | baker", {("gender", "man"), ("occupation", "chef")}),
        ("elle/il, photographe", {("gender", "multiple"), ("occupation", "photographer")}),
        ("Born in Tampa", {("birthplace", "US-tampa")}),
        ("Born in Norvia, monarchist", {("birthplace", "place-norvia")}),
        ("متولد ۱۳۶۰", {("birth_year", "1981")}),
        ("۲۲ ساله", {("age", "22")}),
        ("24 | Oslo", {("age", "24")}),
        ("secular republican", {("affiliation", "republican")}),
        ("📍Toronto", {("location", "CA")}),
    ],
)
def test_a_bio_says_what_its_reader_would_say(bio: str, claims: set[tuple[str, str]]) -> None:
    assert claims <= _said(bio)


@pytest.mark.parametrize(
    "bio",
    [
        "dad jokes daily", "Dad rock forever", "mommy issues", "baby daddy", "dog mom of two",
        "ARMY forever", "NAVY since day one", "Florida man", "A hard man is good to find",
        "LIBERAL CAR WASH", "Chinese communist dick-tater", "Doctor Who superfan", "Man City",
        "as a woman said", "Kadın Kolları", "adam", "Sims mom parody account | mom of 3 | nurse",
        "RP account. Soldier. 24 years old. Father of kings", "Nurse Jackie", "French bulldog",
        "his/her own taste", "class of 1987", "my 12 year old daughter", "over 30 years",
        "futbol mexicano", "langue française", "links in bio", "Official account of Elm nurses",
        "Mom to two huskies", "I love nurses and mother", "born in March",
    ],
)  # fmt: skip
def test_traps_claim_nothing_personal(bio: str) -> None:
    assert {a for a, _ in _said(bio)} <= {"affiliation", "location", "flag_shown"}, _said(bio)


@pytest.mark.parametrize("bio", ["LIBERAL CAR WASH", "Chinese communist dick-tater"])
def test_products_and_insults_claim_no_camp(bio: str) -> None:
    assert _said(bio) == set()


@pytest.mark.parametrize(
    "written", ["جاوید‌شاه", "جاوید شاه", "جاويد شاه", "جاويدشاه", "#جاوید_شاه", "#جاویدشاه"]
)
def test_every_spelling_of_a_slogan_is_one_value(written: str) -> None:
    assert ("affiliation", "monarchist") in _said(written)


def test_styled_letters_stay_in_the_quote() -> None:
    quotes = set(extract_claims(["𝗪𝗿𝗶𝘁𝗲𝗿, 𝗪𝗼𝗺𝗮𝗻"])["quote"])
    assert {"𝗪𝗿𝗶𝘁𝗲𝗿", "𝗪𝗼𝗺𝗮𝗻"} <= quotes


def test_a_letter_with_a_long_lower_case_moves_no_offset() -> None:
    frame = extract_claims(["İİİİ | nurse"])
    assert list(frame["quote"]) == ["nurse"]


def test_a_flag_is_shown_and_nothing_more() -> None:
    assert _said("🇮🇷🇺🇸") == {("flag_shown", "IR"), ("flag_shown", "US")}


def test_a_first_person_sentence_is_explicit_and_quotes_it() -> None:
    frame = extract_claims(["I am a nurse in Oslo"])
    assert list(frame["grade"]) == ["P"]
    assert list(frame["quote"]) == ["I am a nurse"]


def test_a_name_claims_only_by_explicit_markers() -> None:
    assert _said("Mother Maria 🇮🇷 #MAGA", "name") == {
        ("flag_shown", "IR"), ("affiliation", "maga")
    }  # fmt: skip
    assert _said("Mary Nurse Woman", "name") == set()
    assert _said("Dr. Elm Stone", "name") == {("occupation", "doctor")}


@pytest.mark.parametrize(
    ("place", "countries"),
    [
        ("Tampa, FL", {"US"}),
        ("London, Ontario", {"CA"}),
        ("تهران", {"IR"}),
        ("Paris / Tehran", {"FR", "IR"}),
        ("the moon", set()),
        ("Everywhere", set()),
    ],
)
def test_a_location_field_gives_countries_alone(place: str, countries: set[str]) -> None:
    assert _said(place, "location") == {("location", country) for country in countries}


def test_gender_can_be_switched_off() -> None:
    frame = extract_claims(BIOS, gender=False)
    assert "gender" not in set(frame["attribute"])
    assert len(frame) > 0


def test_an_unknown_text_claims_nothing_and_keeps_its_place() -> None:
    assert list(extract_claims([None, "", "nurse"])["text_index"]) == [2]


def test_a_hint_opens_a_lexicon() -> None:
    one = extract_claims(["mari"], langs=["fr"])
    assert "husband" in set(one["value"])
    assert len(extract_claims(["mari"])) == 0


def test_urdu_is_read_neither_as_persian_nor_as_arabic() -> None:
    assert len(extract_claims(["میں ایک صحافی ہوں، پاکستان سے ٹیچر"])) == 0


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match=r"'avatar'.*expected one of bio, name"):
        extract_claims(["a"], field="avatar")
    with pytest.raises(InputError, match="found 1 langs for 2 texts"):
        extract_claims(["a", "b"], langs=["en"])
    with pytest.raises(
        SettingsError, match="no persona lexicon for xx; known: ar, de, en, es, fa, fr, pt, ru, tr"
    ):
        extract_claims(["a"], languages=["xx"])


@pytest.mark.parametrize(
    "unit", ["born in ", "24 ", "she/", "not a ", "I am a ", "ex-", "#", "من "]
)
def test_hostile_texts_are_read_no_further_than_the_cap(unit: str) -> None:
    frame = extract_claims([unit * 50_000 + " | nurse"])
    assert (frame["end"] <= CAP).all()


def _table(bios: list[str]) -> pa.Table:
    return pa.table({"text": bios, "field": ["bio"] * len(bios)})


def test_the_kernel_gives_the_same_rows_in_any_batches() -> None:
    kernel = claim_kernel()
    parts = [LocalEngine(batch_rows=rows).map(_table(BIOS), kernel) for rows in (1, 3, 100)]
    assert parts[0].equals(parts[1])
    assert parts[1].equals(parts[2])
    assert parts[0].schema.equals(kernel.output)
    assert parts[0].num_rows > len(BIOS)


def test_the_kernel_agrees_with_the_frame() -> None:
    rows = claim_kernel()(_table(BIOS)).to_pylist()
    frame = extract_claims(BIOS)
    assert [r["quote"] for r in rows] == list(frame["quote"])
    assert [r["text"] for r in rows] == [BIOS[i] for i in frame["text_index"]]


def test_the_kernel_travels_and_is_its_own_key() -> None:
    kernel = claim_kernel(["en", "fa"])
    assert pickle.loads(pickle.dumps(kernel)) == kernel
    assert kernel_key(kernel) != kernel_key(claim_kernel())


def test_claims_of_a_text_do_not_depend_on_its_neighbours() -> None:
    alone = [set(extract_claims([bio])["quote"]) for bio in BIOS]
    frame = extract_claims([*BIOS, *reversed(BIOS)])
    for index, quotes in enumerate(alone):
        assert set(frame[frame["text_index"] == index]["quote"]) == quotes
