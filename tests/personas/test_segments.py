from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.charfold import fold
from personas.segments import _TOKEN, CAP, _splitter, segments, split_bio, tokenize


def _parts(text: str, *joiners: str) -> list[str]:
    return [text[a:b] for a, b in split_bio(text, joiners or ("and",))]


@pytest.mark.parametrize(
    ("bio", "parts"),
    [
        ("Nurse | mother • poet", ["Nurse", "mother", "poet"]),
        ("Nurse, mother; poet\nbaker", ["Nurse", "mother", "poet", "baker"]),
        ("Nurse - Oslo", ["Nurse", "Oslo"]),
        ("Nurse & poet + baker", ["Nurse", "poet", "baker"]),
        ("Nurse and poet", ["Nurse", "poet"]),
        ("Nurse/poet", ["Nurse", "poet"]),
        ("A&E nurse", ["A&E nurse"]),
        ("ex-communist", ["ex-communist"]),
        ("LGBT+ ally", ["LGBT+ ally"]),
        ("Dr. Elm. Poet...", ["Dr. Elm", "Poet"]),
        ("U.S. citizen. Cook!!!", ["U.S. citizen", "Cook"]),
        ("poet #verse @elm 🌲 baker", ["poet", "#verse", "@elm", "🌲", "baker"]),
        ("poet https://elm.example/a, me@elm.example cook", ["poet", "cook"]),
        ("معلم، شاعر؛ پدر؟", ["معلم", "شاعر", "پدر"]),
        ("«نقل» کارگر", ["نقل", "کارگر"]),
        ("24/7 news", ["24/7 news"]),
        ("", []),
        ("🌲", ["🌲"]),
    ],
)
def test_a_bio_is_cut_where_its_writer_cut_it(bio: str, parts: list[str]) -> None:
    assert _parts(bio) == parts


def test_persian_and_joins_two_descriptions() -> None:
    assert _parts("معلم و مادر", "و") == ["معلم", "مادر"]


def test_a_letter_that_grows_in_lower_case_moves_nothing() -> None:
    assert _parts("İİİ, poet") == ["İİİ", "poet"]


@given(st.text(max_size=300))
def test_segments_are_in_order_and_never_overlap(text: str) -> None:
    last = 0
    for start, end in split_bio(text):
        assert last <= start < end <= len(text)
        last = end


@given(st.text(max_size=300))
def test_every_token_has_a_key_and_a_place(text: str) -> None:
    tokens = tokenize(text)
    assert all(tokens.keys)
    assert all(a < b for a, b in zip(tokens.starts, tokens.ends, strict=True))


@pytest.mark.parametrize("unit", ["a.b", "a" * 100 + "@", "'a", "🏳\u200d", "ـ", '"', "www.", "(-"])
def test_hostile_texts_are_read_no_further_than_the_cap(unit: str) -> None:
    tokens = tokenize(unit * 50_000)
    assert len(tokens.folded) == CAP
    assert len(tokens) <= CAP


@given(st.text(alphabet="ab and&|,.#🌿 é\n-/", max_size=40), st.sampled_from([(), ("and",)]))
def test_tokens_lie_in_order_and_joiners_only_part_segments_further(
    text: str, joiners: tuple[str, ...]
) -> None:
    tokens = tokenize(text)
    spans = list(zip(tokens.starts, tokens.ends, strict=True))
    assert [tokens.folded[a:b] for a, b in spans] == tokens.keys
    assert "".join(text.split()) == "".join("".join(text[a:b].split()) for a, b in spans)
    wide, narrow = segments(tokenize(text), ()), segments(tokens, joiners)
    kept = [at for a, b in narrow for at in range(a, b)]
    words = [at for a, b in wide for at in range(a, b) if tokens.keys[at] not in joiners]
    assert kept == words
    assert all(any(a <= c and d <= b for a, b in wide) for c, d in narrow)


@given(st.text(alphabet="aZ9_#@'.-:/ \n\x1c\x1fé️www.http://", max_size=40))
def test_the_faster_expressions_cut_as_the_whole_one_does(text: str) -> None:
    folded = fold(text)
    assert _splitter(folded).split(folded) == _TOKEN.split(folded)
