from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.rules import LEXICONS
from personas.suppression import gender_markers, suppression_markers

LISTS = tomllib.loads((LEXICONS / "suppression.toml").read_text(encoding="utf-8"))
SAYS = [(kind, text) for kind, section in LISTS.items() for text in section["says"]]
SILENT = [(kind, text) for kind, section in LISTS.items() for text in section["not"]]


@pytest.mark.parametrize(("kind", "text"), SAYS)
def test_a_marker_is_found(kind: str, text: str) -> None:
    assert kind in {marker.kind for marker in gender_markers(text)}


@pytest.mark.parametrize(("kind", "text"), SILENT)
def test_other_words_are_no_marker(kind: str, text: str) -> None:
    assert kind not in {marker.kind for marker in gender_markers(text)}


def _spellings(form: str) -> set[str]:
    """The ways in which people write a phrase: plain, joined, underscored, and as hashtags."""
    words = form.replace("‌", " ").split()
    capitals = "".join(word[:1].upper() + word[1:] for word in words)
    plain = {form, "".join(words), "_".join(words), "-".join(words), capitals}
    return plain | {f"#{word}" for word in (*plain, capitals + "2021") if " " not in word}


FORMS = [
    (kind, form)
    for kind, section in LISTS.items()
    for form in section["forms"]
    if all(word.isalnum() for word in form.replace("‌", " ").split())
]


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_a_form_is_found_in_every_spelling(kind: str, form: str) -> None:
    missed = [
        text
        for written in _spellings(form)
        for text in (written, f"baker | {written}", f"{written}, she/her")
        if kind not in {marker.kind for marker in gender_markers(text)}
    ]
    assert not missed


STEMS = [
    (kind, stem)
    for kind, section in LISTS.items()
    for stem in section["inside"] + section["starts"]
]


@pytest.mark.parametrize(("kind", "stem"), STEMS)
def test_a_stem_is_found_at_the_start_of_any_word(kind: str, stem: str) -> None:
    word = stem + stem[-1]
    for text in (f"baker, {word}", f"#{word}", word.upper(), f"so_{word}", f"#My_{word}2"):
        assert kind in {marker.kind for marker in gender_markers(text)}, text


@pytest.mark.parametrize("text", ["she/they", "they/them · poet", "he / she / they", "iel/elle"])
def test_a_mixed_pronoun_list_is_a_marker(text: str) -> None:
    assert "pronouns" in {marker.kind for marker in gender_markers(text)}


@pytest.mark.parametrize("text", ["she/her", "he/him/his", None, "", "they said so"])
def test_one_gender_alone_is_no_marker(text: str | None) -> None:
    assert suppression_markers(text) == []


def test_spans_quote_the_original() -> None:
    text = "İ 🏳️‍⚧️ | 𝘁𝗿𝗮𝗻𝘀 poet"
    assert [text[a:b] for a, b in suppression_markers(text)] == ["🏳️‍⚧️", "𝘁𝗿𝗮𝗻𝘀"]


@given(st.text(max_size=60), st.sampled_from(["#transwoman", "top_surgery", "🏳️‍⚧️", "gender-fluid"]))
def test_spans_are_slices_of_the_text_and_found_beside_any_words(around: str, marker: str) -> None:
    text = f"{around}\n{marker}\n{around}"
    spans = suppression_markers(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert any(text[a:b] in marker for a, b in spans)
