"""The compiled matching form is that of the readable path, byte for byte."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nlp.compiled.columns
from corpus.errors import InputError
from nlp import normalize
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import TextColumn
from nlp.compiled.normalizing import normalize_column
from nlp.fold import fold
from nlp.normalize import normalize_one
from nlp.texts import as_arrow, as_list

PIECES = [
    *map(chr, range(0x20, 0x7F)),
    *[
        "http://",
        "https://",
        "HTTP://a.b ",
        "ｈｔｔｐ：／／",
        "@a:",
        "＠",
        "#a",
        "##",
        "＃",
        "rt ",
        "RT ",
    ],
    *"\x85\xa0\u2028\u3000\u200c\u200f\u0640\ufe0f\ufdfa\ufb01\u0130\u0131\u1e9e\u00e9\u0301\u20e3",
    *"\u1112\u1161\u11ab\uac00\ub098\u11a8\u1100",  # Hangul, whole and in parts
    *"\u09c7\u09be\u09d7\u0bc6\u0bbe\u0cc6\u0cc2\u0cd5\u0d46\u0d3e\u0dd9\u0ddc\u0dcf\u1025\u102e",
    *"\u302e\u1715\U00016ff0\U0001d165\U0001d158",  # kept, and moved by canonical order
    *"يىكةأؤ١۱😂🇮🇷\u200d\u2764\U0001fae8\U000e0041",
]
TRICKY = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def compiled(texts: list[str], threads: int = 1) -> list[str]:
    column = TextColumn.from_arrow(pa.array(texts, pa.large_string()))
    found: list[str] = normalize_column(column, threads).to_arrow().to_pylist()
    return found


@given(st.lists(TRICKY | ANY, max_size=6))
@settings(deadline=None)
@example(["\u1112\u1161\u11ab", "rt RT rt@a: rt x", "a\u302e\u0327b", "\ufdfa" * 9])
def test_the_compiled_form_is_the_readable_one(texts: list[str]) -> None:
    assert compiled(texts) == [normalize_one(text) for text in texts]


def adversarial(seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    blocks = [0, 0, 0, 0x300, 0x600, 0x900, 0xB80, 0xC80, 0xD00, 0x1100, 0xAC00, 0x1B00, 0x11100]
    for _ in range(30_000):
        yield "".join(rng.choices(PIECES, k=rng.randrange(14)))
    for _ in range(30_000):
        start = rng.choice(blocks)
        yield "".join(chr(start + rng.randrange(0x100)) for _ in range(rng.randrange(10)))
    for _ in range(15_000):
        points = (rng.randrange(sys.maxunicode + 1) for _ in range(8))
        yield "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def test_a_large_adversarial_sample_has_the_readable_forms() -> None:
    texts = list(adversarial(0))
    different = [
        (text, ours)
        for text, ours in zip(texts, compiled(texts), strict=True)
        if ours != normalize_one(text)
    ]
    assert different == []


def test_every_code_point_between_two_letters_has_the_readable_form() -> None:
    points = [chr(p) for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000]
    assigned = [c for c in points if unicodedata.category(c) not in ("Cn", "Co")] + points[::97]
    texts = [f"a{char}b" for char in assigned]
    assert compiled(texts) == [normalize_one(text) for text in texts]


def test_threads_and_stretches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = list(adversarial(1))[:5_000]
    expected = compiled(texts)
    monkeypatch.setattr(nlp.compiled.columns, "STRETCH_BYTES", 500)
    for threads in (1, 2, 5):
        assert compiled(texts, threads) == expected


def test_texts_that_grow_beyond_every_buffer_are_whole() -> None:
    texts = ["\ufdfa" * 3_000, "", "#" * 9_000 + "a", "x" * 100_000, "½" * 5_000]
    assert compiled(texts) == [normalize_one(text) for text in texts]


def test_every_kind_of_column_gives_the_same_forms() -> None:
    texts = [f"Text number {at} of @many, ﬁne" for at in range(MANY_TEXTS)]
    expected = [normalize_one(text) for text in texts]
    chunked = pa.chunked_array([texts[:10], [], texts[10:]])
    sliced = pa.array(["before", *texts, "after"]).slice(1, len(texts))
    columns = [
        texts,
        tuple(texts),
        iter(texts),
        np.array(texts, dtype=object),
        pd.Series(texts),
        pd.Series(texts, dtype=object),
        pa.array(texts),
        pa.array(texts, pa.large_string()),
        pa.array(texts, pa.string_view()),
        pa.array(texts).dictionary_encode(),
        chunked,
        sliced,
        pd.Series(texts, dtype="category"),
    ]
    for column in columns:
        assert normalize(column) == expected


def test_half_an_emoji_is_a_blank_in_both_paths() -> None:
    texts = ["a\ud83d b", "https://a\ud83db"] * MANY_TEXTS
    assert normalize(texts) == ["a b", "b"] * MANY_TEXTS
    assert normalize(texts[:2]) == ["a b", "b"]


@pytest.mark.parametrize("size", [3, MANY_TEXTS + 3])
def test_what_is_no_text_is_named_with_its_place(size: int) -> None:
    good = ["text"] * size
    for bad, kind in [(None, "NoneType"), (5, "int"), (b"bytes", "bytes"), (float("nan"), "float")]:
        with pytest.raises(InputError, match=f"text {size} is {kind}, expected str"):
            normalize([*good, bad])  # type: ignore[list-item]
    with pytest.raises(InputError, match=f"text {size} is NoneType"):
        normalize(pd.Series([*good, None]))
    with pytest.raises(InputError, match=f"text {size} is NoneType"):
        normalize(pa.array([*good, None]))
    with pytest.raises(InputError, match="text 0 is int"):
        normalize(pa.array([1] * size))
    with pytest.raises(InputError, match="found one text"):
        normalize("text" * size)


def test_texts_go_to_arrow_and_back() -> None:
    assert as_list(as_arrow(["a", "ب"])) == ["a", "ب"]
    assert as_list(["a"]) == ["a"]
    assert as_arrow([]).type == pa.large_string()
    assert fold("\ud83d") == " "  # what as_arrow makes of it at once
