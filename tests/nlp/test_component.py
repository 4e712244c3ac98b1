"""The spaCy component gives what the library gives, also from a saved pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

import nlp.component  # registers the factory where the package is not installed
from nlp import normalize

spacy = pytest.importorskip("spacy")


def test_the_component_sets_the_matching_form_and_leaves_the_text(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("post_normalizer")
    text = "RT @a: کتابِ مي‌خواهم #Tag 😂"
    doc = pipeline(text)
    assert doc._.normalized == normalize([text])[0]
    assert doc.text == text
    pipeline.to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved")
    assert again(text)._.normalized == doc._.normalized


def test_two_pipelines_can_hold_it() -> None:
    first, second = spacy.blank("en"), spacy.blank("fa")
    first.add_pipe("post_normalizer")
    second.add_pipe("post_normalizer", name="other")
    assert first("Ａ")._.normalized == second("a")._.normalized == "a"
    assert nlp.component.PostNormalizer().name == "post_normalizer"


def test_docs_that_say_nearly_the_same_share_a_key(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("near_duplicate_keys")
    one = pipeline("The summit in the harbor hall is paid for with foreign money, stop it now")
    copy = pipeline(
        "RT @x: the SUMMIT in the harbor hall is paid for with foreign money, stop it now"
    )
    other = pipeline(
        "Our bakery on the corner opens at seven tomorrow and there will be fresh rolls"
    )
    keys = set(one._.near_duplicate_keys)
    assert keys & set(copy._.near_duplicate_keys)
    assert not keys & set(other._.near_duplicate_keys)
    assert pipeline("@a @b https://t.example/x")._.near_duplicate_keys == []
    pipeline.to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved")
    assert again(one.text)._.near_duplicate_keys == one._.near_duplicate_keys
