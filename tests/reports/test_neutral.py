"""No template, phrase or sentence of ours judges anybody."""

from __future__ import annotations

from importlib import resources

import pytest

from reports.neutral import judging_words, word_list


@pytest.mark.parametrize("sentence", word_list()["caught"])
def test_a_judging_sentence_is_caught(sentence: str) -> None:
    assert judging_words(sentence)


@pytest.mark.parametrize("sentence", word_list()["free"])
def test_a_neutral_sentence_passes(sentence: str) -> None:
    assert not judging_words(sentence)


def texts() -> list[tuple[str, str]]:
    folder = resources.files("reports")
    found = [
        (path.name, path.read_text("utf-8")) for path in folder.joinpath("templates").iterdir()
    ]
    found += [(p.name, p.read_text("utf-8")) for p in folder.joinpath("data").iterdir()]
    found += [
        (p.name, p.read_text("utf-8"))
        for p in folder.iterdir()
        if p.name.endswith(".py") and p.name != "neutral.py"
    ]
    return found


@pytest.mark.parametrize(("name", "text"), texts(), ids=[name for name, _ in texts()])
def test_no_template_data_file_or_module_judges_anybody(name: str, text: str) -> None:
    assert not judging_words(text)
