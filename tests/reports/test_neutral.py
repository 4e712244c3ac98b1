"""No template, phrase or sentence of ours judges anybody."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

import pytest

from reports.disarm import techniques
from reports.neutral import judging_words, word_list


@pytest.mark.parametrize("sentence", word_list()["caught"])
def test_a_judging_sentence_is_caught(sentence: str) -> None:
    assert judging_words(sentence)


@pytest.mark.parametrize("sentence", word_list()["free"])
def test_a_neutral_sentence_passes(sentence: str) -> None:
    assert not judging_words(sentence)


def files_below(folder: Traversable) -> Iterator[Traversable]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir():
            yield from files_below(path)
        elif path.name.endswith((".j2", ".css", ".js", ".toml", ".tsv", ".py")):
            yield path


def texts() -> list[tuple[str, str]]:
    folder = resources.files("reports")
    below = [folder.joinpath(name) for name in ("templates", "data", "exports")]
    found = [(p.name, p.read_text("utf-8")) for place in below for p in files_below(place)]
    found += [
        (p.name, p.read_text("utf-8"))
        for p in folder.iterdir()
        if p.name.endswith(".py") and p.name != "neutral.py"
    ]
    return found


@pytest.mark.parametrize(("name", "text"), texts(), ids=[name for name, _ in texts()])
def test_no_template_data_file_or_module_judges_anybody(name: str, text: str) -> None:
    if name == "disarm.toml":  # official names of techniques are exempt
        for technique in techniques():
            text = text.replace(technique.name, "")
    assert not judging_words(text)


# Names of files that others published, and of an account's own field on a platform.
OFFICIAL = frozenset({"ira_538.toml", "mastodon.toml"})


@pytest.mark.parametrize("package", ["narrashift", "corpus", "engines", "nlp"])
def test_no_sentence_of_a_command_or_an_error_judges_anybody(package: str) -> None:
    judged = {
        path.name: judging_words(path.read_text("utf-8"))
        for path in files_below(resources.files(package))
        if path.name not in OFFICIAL
    }
    assert {name: words for name, words in judged.items() if words} == {}


def test_no_help_of_a_command_judges_anybody() -> None:
    from narrashift.cli import app

    helps = [command.callback.__doc__ or "" for command in app.registered_commands]
    assert len(helps) > 10
    assert not [words for words in map(judging_words, helps) if words]
