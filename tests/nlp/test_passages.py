"""Units know where they stand; passages begin at sentences and are long enough."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize import normalize
from nlp.passages import CHARS_PER_WORD, MAX_SENTENCES, CutPassages, cut_units, windows


def cut(*texts: str, script: str = "Latin", min_words: int = 8) -> list[dict[str, object]]:
    ids = [f"p{at}" for at in range(len(texts))]
    table = pa.table({"post_id": ids, "text": list(texts), "script": [script] * len(texts)})
    made = CutPassages(min_words)(table)
    assert made.schema.equals(CutPassages(min_words).output)
    return made.to_pylist()


TEXTS = st.text(alphabet=st.sampled_from("abcdeАаЯ ي\u200cك#@:/.,«»-é😡\n"), max_size=120)


@given(st.lists(TEXTS, max_size=5), st.booleans())
def test_a_unit_is_what_normalizing_makes_of_its_place(texts: list[str], by_words: bool) -> None:
    for text, (units, starts, ends) in zip(
        texts, cut_units(texts, [by_words] * len(texts)), strict=True
    ):
        assert len(units) == len(starts) == len(ends)
        assert starts == sorted(starts)
        for unit, start, end in zip(units, starts, ends, strict=True):
            assert unit in normalize([text[start:end]])[0].replace(" ", "" if not by_words else " ")


@pytest.mark.parametrize(
    "text",
    [
        "The harbour union speaks: nobody paid for it, says https://e.example/x @someone",
        "مردم ما نان می‌خواهند، نه نمایش",
        "Рынок вырос на 3,5 % — сообщает агентство",
    ],
)
def test_units_are_the_words_of_the_matching_form(text: str) -> None:
    [(units, _, _)] = cut_units([text], [True])
    assert " ".join(units) == normalize([text])[0]


def test_a_passage_runs_on_until_it_is_long_enough() -> None:
    [row] = cut("Yes. No. One two three four five six seven eight nine. Short end.")
    assert list(zip(row["passage_from"], row["passage_to"], strict=True)) == [
        (0, 11), (1, 11), (2, 11),
    ]  # fmt: skip


def test_a_text_of_a_few_words_has_no_passage() -> None:
    assert [row["passage_from"] for row in cut("", "one two three", "https://e.example/")] == [
        []
    ] * 3


def test_scripts_without_blanks_are_cut_into_characters() -> None:
    text = "我们今天一起支持和平与正义的事业。他们反对！"
    [row] = cut(text, script="Han", min_words=8)
    assert row["by_words"] is False
    assert row["units"] == list("我们今天一起支持和平与正义的事业他们反对")
    assert (row["passage_from"], row["passage_to"]) == ([0], [8 * CHARS_PER_WORD])


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 20))
def test_windows_begin_at_borders_and_reach_the_least_length(sizes: list[int], least: int) -> None:
    borders = [sum(sizes[:at]) for at in range(len(sizes) + 1)]
    starts, ends = windows(borders, least)
    for start, end in zip(starts, ends, strict=True):
        assert start in borders and end in borders
        assert end - start >= least
    assert len(set(starts)) == len(starts)
    for at, start in enumerate(borders[:-1]):
        reach = borders[min(at + MAX_SENTENCES, len(borders) - 1)] - start
        assert reach < least or start in starts
