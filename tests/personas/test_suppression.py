from __future__ import annotations

import tomllib

import pytest

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


@pytest.mark.parametrize("text", ["she/they", "they/them · poet", "he / she / they", "iel/elle"])
def test_a_mixed_pronoun_list_is_a_marker(text: str) -> None:
    assert "pronouns" in {marker.kind for marker in gender_markers(text)}


@pytest.mark.parametrize("text", ["she/her", "he/him/his", None, "", "they said so"])
def test_one_gender_alone_is_no_marker(text: str | None) -> None:
    assert suppression_markers(text) == []


def test_spans_quote_the_original() -> None:
    text = "İ 🏳️‍⚧️ | 𝘁𝗿𝗮𝗻𝘀 poet"
    assert [text[a:b] for a, b in suppression_markers(text)] == ["🏳️‍⚧️", "𝘁𝗿𝗮𝗻𝘀"]
