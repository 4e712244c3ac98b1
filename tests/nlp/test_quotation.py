"""What a text marks as the words of others."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.quotation import quoted_spans, share_inside
from nlp.tsv import read_rows


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quoted_spans(text)]


@pytest.mark.parametrize(("opening", "closing", "example"), read_rows("quotation.tsv"))
def test_every_pair_of_the_table_quotes_its_example(
    opening: str, closing: str, example: str
) -> None:
    assert example[0] == opening and example[-1] in closing
    assert quoted(f"said {example} again") == [example]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> an older post\nmy answer", ["> an older post"]),
        ("RT @someone: their words\nmine", ["RT @someone: their words"]),
        ("she said “one thing” and “another”.", ["“one thing”", "“another”"]),
        ("он сказал: «цитата „внутри“ неё» и ушёл", ["«цитата „внутри“ неё»"]),
        ("it's the people's bread, isn't it", []),
        ("an “open quotation\nthat a line ends”", []),
        ("a > b is no quotation", []),
        ("", []),
    ],
)
def test_quotations_are_found(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


@given(st.text(alphabet=st.sampled_from('ab \n>«»“”„"「」'), max_size=60))
def test_spans_are_apart_and_in_order(text: str) -> None:
    spans = quoted_spans(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert share_inside(0, len(text), spans) == pytest.approx(
        sum(b - a for a, b in spans) / max(len(text), 1)
    )
