"""In what sense the words were said: every sentence here is invented."""

from __future__ import annotations

import pytest

from personas.claims import ClaimReader
from personas.rules import load_rules

READERS = {name: ClaimReader(load_rules(), name) for name in ("bio", "post")}


def _statuses(text: str, value: str, field: str = "bio") -> set[str]:
    return {c.status for c in READERS[field].read(text) if c.value == value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("🚫Democrat", "democrat"),
        ("Not a Democrat. Reader.", "democrat"),
        ("Cook, not a communist", "communist"),
        ("Baker. Never a republican", "republican"),
        ("non-communist", "communist"),
        ("anti-communist", "communist"),
        ("I am not a monarchist", "monarchist"),
        ("لست شيوعيا", "communist"),
        ("ضد شيوعي", "communist"),
        ("کمونیست نیستم", "communist"),
        ("من سلطنت‌طلب نیستم", "monarchist"),
        ("ضد کمونیست", "communist"),
        ("Prof et maman, ni communiste ni socialiste", "communist"),
        ("Je ne suis pas royaliste", "monarchist"),
        ("no #MAGA", "maga"),
    ],
)
def test_what_is_denied_is_negated(text: str, value: str) -> None:
    assert _statuses(text, value) == {"negated"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ex-communist", "communist"),
        ("Ex communist, now baker", "communist"),
        ("former marine", "military"),
        ("Army veteran", "military"),
        ("Formerly a monarchist", "monarchist"),
        ("Retired teacher", "teacher"),
        ("معلم سابق", "teacher"),
        ("سلطنت‌طلب سابق", "monarchist"),
        ("معلم بازنشسته", "teacher"),
        ("شيوعي سابق", "communist"),
        ("Ancien militaire", "military"),
        ("ex-communiste et cycliste", "communist"),
    ],
)
def test_what_is_left_behind_is_former(text: str, value: str) -> None:
    assert _statuses(text, value) == {"former"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("My husband is a marine", "military"),
        ("my husband is a teacher and I garden", "teacher"),
        ("Proud mom of a Marine", "military"),
        ("married to a lawyer", "lawyer"),
        ("پدرم", "father"),
        ("پدرم معلم", "teacher"),
        ("مادرم پرستار", "nurse"),
        ("Mon mari est avocat et moi non", "lawyer"),
        ("زوجي طبيب", "doctor"),
    ],
)
def test_what_is_said_of_others_is_other(text: str, value: str) -> None:
    assert _statuses(text, value) == {"other"}


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ('"Monarchist" they wrote', "monarchist", "quoted"),
        ("«کمونیست» خطابم کردند", "communist", "quoted"),
        ("they call me a communist", "communist", "reported"),
        ("communist lol", "communist", "reported"),
        ("aspiring writer", "writer", "mentioned"),
        ("future doctor", "doctor", "mentioned"),
        ("Communist?", "communist", "mentioned"),
        ("fuck #MAGA", "maga", "mentioned"),
    ],
)
def test_quotes_hearsay_and_wishes_are_kept_apart(text: str, value: str, status: str) -> None:
    assert _statuses(text, value) == {status}


def test_ex_muslim_gives_no_claim_since_religion_is_not_read() -> None:
    assert READERS["bio"].read("ex-Muslim. Muslim. Christian. مسلمان. musulmane") == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("I am a monarchist and I will say so.", "asserted"),
        ("I am not a monarchist.", "negated"),
        ("Am I tired? Yes. I'm a monarchist.", "asserted"),
        ("RT @elm: I am a monarchist", "quoted"),
        ("من یک سلطنت‌طلب هستم", "asserted"),
        ("As a monarchist, I find this odd", "asserted"),
    ],
)
def test_a_first_person_sentence_in_a_post_has_its_status(text: str, status: str) -> None:
    assert _statuses(text, "monarchist", "post") == {status}


@pytest.mark.parametrize(
    "text",
    [
        "Every monarchist should read this",
        "The monarchist said no",
        "as a woman said to me yesterday",
        "#Monarchist #MAGA #کمونیست",
        "He says I am wrong, monarchist or not",
        "monarchist",
        "سلطنت‌طلب‌ها آمدند",
        "She told me: nurse, mother, teacher",
    ],
)
def test_a_post_without_a_first_person_anchor_claims_nothing(text: str) -> None:
    assert [c for c in READERS["post"].read(text) if c.status == "asserted"] == []
