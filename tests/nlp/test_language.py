"""Scripts and languages: letters decide where they can, the model where they cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import STATED_SCORE, identify, language_code, languages
from nlp.script import dominant_scripts, script_names
from nlp.tsv import read_rows


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Hello", "Latin"),
        ("سلام hi", "Arabic"),
        ("Привет", "Cyrillic"),
        ("你好世界", "Han"),
        ("日本語です", "Japanese"),
        ("カタカナ", "Japanese"),
        ("123 😂 !", ""),
        ("", ""),
        ("𝐁𝐨𝐥𝐝 text", "Latin"),
        ("\ud800", ""),
    ],
)
def test_the_script_of_most_letters_is_the_script_of_the_text(text: str, script: str) -> None:
    assert dominant_scripts([text]) == [script]


@given(st.lists(st.text(max_size=20), max_size=10))
def test_a_script_does_not_depend_on_the_texts_beside_it(texts: list[str]) -> None:
    assert dominant_scripts(texts) == [dominant_scripts([text])[0] for text in texts]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("We will never forget what they did to our country", "en"),
        ("Nous ne pouvons pas accepter cette décision du gouvernement", "fr"),
        ("ما این تصمیم دولت را نمی‌پذیریم و اعتراض می‌کنیم", "fa"),
        ("لن نقبل هذا القرار الذي اتخذته الحكومة اليوم", "ar"),
        ("چرا پول مردم کجاست", "fa"),
        ("Мы никогда не забудем, что они сделали", "ru"),
        ("Ми ніколи не забудемо, що вони зробили", "uk"),
        ("Το κόμμα αποφάσισε", "el"),
        ("평화를 지지합니다", "ko"),
        ("我们支持和平进程", "zh"),
        ("lol", "und"),
        ("😂😂 100%", "und"),
        ("@someone https://a.b/very-english-words-here", "und"),
    ],
)
def test_a_text_gets_its_language(text: str, lang: str) -> None:
    assert identify([text])[0].lang == lang


def test_what_the_source_states_is_believed_where_the_model_is_unsure() -> None:
    assert identify(["ok ok"], ["English"]) == [("en", STATED_SCORE)]
    assert identify(["lol"], ["und"])[0].lang == "und"


def test_what_the_source_states_against_the_script_is_not_believed() -> None:
    assert identify(["Мы никогда не забудем этого"], ["en"])[0].lang == "ru"
    assert identify(["سلام"], ["English"])[0].lang == "und"


def test_languages_are_known_by_their_codes_and_names() -> None:
    named = {"Persian": "fa", "fas": "fa", "zh-Hans": "zh", "in": "id", "iw": "he", "EN_us": "en"}
    assert {name: language_code(name) for name in named} == named
    assert language_code(None) == language_code("") == language_code("klingon") == "und"


def test_every_label_and_script_in_the_data_exists() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    known = set(LanguageIdentifier.from_model_file(MODEL_FILE).labels)
    assert {label for entry in languages() for label in entry.labels} <= known
    assert {script for entry in languages() for script in entry.scripts} <= set(script_names())
    codes = {entry.code for entry in languages()}
    assert {row[1] for row in read_rows("letters.tsv")} <= codes
    assert {row[0] for row in read_rows("unspaced.tsv")} <= set(script_names())


def test_ten_languages_are_told_apart_on_real_sentences(shared_data: Path) -> None:
    table = pq.read_table(shared_data / "short_text_clustering" / "sib200_10lang.parquet")
    expected = [language_code(name.split("_")[0]) for name in table["lang"].to_pylist()]
    found = [each.lang for each in identify(table["text"].to_pylist())]
    agree = np.array(found) == np.array(expected)
    assert agree.mean() >= 0.995
