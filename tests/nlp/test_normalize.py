"""The matching form of a text: what is folded away, what stays, and what holds for any text."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.tables import TEXTS, check
from engines.local import LocalEngine
from nlp import normalize
from nlp.fold import fold, fold_version, replacements
from nlp.normalize import Normalize

# Surrogates included: a text cut in the middle of an emoji holds half of one.
ANY = st.text(st.characters(exclude_categories=()), max_size=40)
TRICKY = st.text(
    st.sampled_from(
        "rRtT @＠#＃:/：／hHｈｔｐs.ée\u0301کكيی\u200c\u0640ﷺﬁ"
        "١۱١😂\ufe0f한\u1112\u1161ıİſß№½_-\u2800"
    ),
    max_size=30,
)


def one(text: str) -> str:
    return normalize([text])[0]


@given(ANY | TRICKY)
@example("rt rt @a: rt b")
@example("ｈttp://x.y z")
@example("##a#b # c")
@example("@@a: @:b")
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = one(text)
    assert one(once) == once


@given(ANY | TRICKY)
def test_composed_and_decomposed_spellings_are_the_same(text: str) -> None:
    forms = {one(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert len(forms) == 1


@given(ANY | TRICKY)
def test_words_are_separated_by_one_blank_and_nothing_invisible_is_left(text: str) -> None:
    normal = one(text)
    assert normal == " ".join(normal.split())
    assert not any(unicodedata.category(c) in {"Mn", "Me", "Cf", "Cc", "Cs"} for c in normal)
    assert not set(normal) & set("@:/.,!?\"'")
    normal.encode("utf-8")


def test_every_code_point_folds_to_something_that_stays() -> None:
    changed = [c for c in range(0x110000) if fold(once := fold(chr(c))) != once]
    assert changed == []


@pytest.mark.parametrize(
    ("one_spelling", "other"),
    [
        ("كتابي", "کتابی"),
        ("مي‌خواهم", "میخواهم"),
        ("كِتَابٌ", "کتاب"),
        ("مدرسة", "مدرسه"),
        ("أإآا", "اااا"),
        ("مؤمن", "مومن"),
        ("سـلام", "سلام"),
        ("۱۴۰۲ ١٤٠٢", "1402 1402"),
        ("password", "раsswоrd"),
        ("HOME", "НОМЕ"),
        ("ﬁne", "fine"),
        ("ﷺ", "صلی الله علیه وسلم"),
        ("Ｆｕｌｌ", "full"),
        ("ΣΟΦΌΣ", "σοφός"),
        ("İSTANBUL", "istanbul"),
        ("ᴡᴏʀᴅ", "word"),
        ("𝐁𝐨𝐥𝐝", "bold"),
    ],
)
def test_variants_of_one_word_are_matched(one_spelling: str, other: str) -> None:
    assert one(one_spelling) == one(other) != ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RT @some_body: Great news!", "great news"),
        ("rt @a: RT @b: again", "again"),
        ("Start now", "start now"),
        ("see https://a.b/c?d=e#f now", "see now"),
        ("see HTTP://A.B", "see"),
        ("ｈｔｔｐ：／／ａ．ｂ x", "x"),
        ("httpd is a server", "httpd is a server"),
        ("wordhttps://t.co/x next", "word next"),
        (".@handle said", "said"),
        ("write a@b.com", "write a b com"),
        ("#Freedom #آزادی‌بیان", "#freedom #ازادیبیان"),
        ("#one#two # three ##four", "#one #two three #four"),
        ("snake_case stays", "snake_case stays"),
        ("fire 🔥🔥 ❤️ → €5", "fire 🔥🔥 ❤ → €5"),
        ("don't stop…", "don t stop"),
        ("한국어 문장", "한국어 문장"),
        ("@only @mentions https://x.y", ""),
        ("RT", ""),
        ("\u200c\u200f", ""),
        ("a\ud83d b", "a b"),
        ("", ""),
    ],
)
def test_links_mentions_and_the_leading_rt_go_and_the_rest_stays(text: str, expected: str) -> None:
    assert one(text) == expected


def test_no_two_letters_of_another_script_become_the_same_latin_letter() -> None:
    for script in ("CYRILLIC", "GREEK", "ARMENIAN"):
        targets = [t for s, t in replacements().items() if unicodedata.name(s).startswith(script)]
        assert len(targets) == len(set(targets)) > 0


def test_a_single_text_or_a_missing_value_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="one text"):
        normalize("abc")
    with pytest.raises(InputError, match="text 1 is NoneType"):
        normalize(["a", None])  # type: ignore[list-item]


def test_the_fold_has_a_version() -> None:
    assert fold_version() == fold_version() != ""


def test_the_kernel_keeps_its_contract_for_any_batch_size() -> None:
    texts = [
        "Hello there my old friends",
        "سلام دوستان عزیز من چطورید",
        "",
        "@a https://b.c",
        "日本語の文章です",
    ]
    posts = pa.table(
        {
            "post_id": [str(at) for at in range(len(texts))],
            "text": texts,
            "lang": pa.array(["English", None, None, "fa", None], pa.string()),
        }
    )
    whole = LocalEngine().map(posts, Normalize())
    assert LocalEngine(2).map(posts, Normalize()).equals(whole)
    rows = check(whole, TEXTS).to_pylist()
    assert [row["lang"] for row in rows] == ["en", "fa", "und", "fa", "ja"]
    assert [row["script"] for row in rows] == ["Latin", "Arabic", "", "", "Japanese"]
    assert [row["tokens"] for row in rows] == [5, 5, 0, 0, 1]
