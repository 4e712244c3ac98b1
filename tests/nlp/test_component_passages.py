"""Sentences of many writing systems, at their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.component_passages import MAX_CHARS, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing. Another?! A third", ["One thing.", "Another?!", "A third"]),
        ("او آمد؟ بله، آمد۔ می‌رود.", ["او آمد؟", "بله، آمد۔", "می‌رود."]),
        ("هل جاء؟ نعم، جاء.", ["هل جاء؟", "نعم، جاء."]),
        ("Он пришёл. «Кто там?» Никого!", ["Он пришёл.", "«Кто там?»", "Никого!"]),
        ("他来了。她问：「谁？」没有人！", ["他来了。", "她问：「谁？」", "没有人！"]),
        ("यह सच है। वह गया।", ["यह सच है।", "वह गया।"]),
        ("Headline without stop\nIt begins. Ends", ["Headline without stop", "It begins.", "Ends"]),
        ("At 3.5 percent, see a.example/b.c now", ["At 3.5 percent, see a.example/b.c now"]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("👍🏽 done. 🇮🇷 next", ["👍🏽 done.", "🇮🇷 next"]),
        ("", []),
        (" \n\t\r\n ", []),
        ("...", ["..."]),
    ],
)  # fmt: skip
def test_sentences_end_where_the_script_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_sentence_without_an_end_is_cut_at_clauses() -> None:
    clause = "this clause goes on about the harbour and the price of bread in spring"
    pieces = sentences(", ".join([clause] * 12))
    assert len(pieces) > 2
    assert all(len(piece) <= MAX_CHARS for piece in pieces)
    assert all(piece.endswith((",", "spring")) for piece in pieces)


def test_thai_is_cut_at_its_blanks() -> None:
    pieces = sentences(" ".join(["เราสนับสนุนสันติภาพและความยุติธรรม"] * 30))
    assert all(0 < len(piece) <= MAX_CHARS for piece in pieces)
    assert all(piece.startswith("เรา") and piece.endswith("ธรรม") for piece in pieces)


@given(st.lists(st.text(alphabet=st.sampled_from('ab .!?\n«»"؟。，،é漢 \u200c1'), max_size=900)))
def test_spans_hold_every_letter_once_in_order(texts: list[str]) -> None:
    for text, spans in zip(texts, sentence_spans(texts), strict=True):
        before = 0
        for start, end in spans:
            assert before <= start < end <= len(text)
            assert not text[before:start].strip()
            assert text[start:end] == text[start:end].strip()
            assert end - start <= MAX_CHARS
            before = end
        assert not text[before:].strip()


@given(st.lists(st.text(max_size=80), max_size=6))
def test_a_text_is_cut_the_same_in_any_company(texts: list[str]) -> None:
    assert sentence_spans(texts) == [sentence_spans([text])[0] for text in texts]
