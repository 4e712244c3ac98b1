from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from nlp.lexicon import Example, Vocabulary, files_digest, load_lexicon

KNOWN = Vocabulary(
    attributes=("job",), grades=("K",), matches=("noun", "pattern"), statuses=("asserted",),
    fields=("bio",), captures=("age",), words=("stop",),
)  # fmt: skip
GOOD = """
attribute = "job"
grade = "K"
match = "noun"

[[rule]]
id = "work"
values.nurse = ["nurse", "RN"]
feminine.nurse = ["infirmière"]
says = ["ER nurse => nurse", "RN here"]
not = ["Nurse Elm, the film"]

[words]
stop = ["the"]
"""


def _folder(tmp_path: Path, text: str, name: str = "en") -> Path:
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    (folder / "job.toml").write_text(text, encoding="utf-8")
    return folder


def _problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_lexicon(_folder(tmp_path, text), KNOWN)
    return caught.value.problems


def test_a_rule_takes_its_language_from_the_folder(tmp_path: Path) -> None:
    lexicon = load_lexicon(_folder(tmp_path, GOOD, "fr"), KNOWN)
    (rule,) = lexicon.rules
    assert (rule.id, rule.language) == ("fr.work", "fr")
    assert rule.forms == (
        ("nurse", "nurse", False), ("nurse", "RN", False), ("nurse", "infirmière", True)
    )  # fmt: skip
    assert rule.says == (Example("ER nurse", "nurse"), Example("RN here", None))
    assert lexicon.list_of("stop") == ("the",)
    assert lexicon.list_of("missing") == ()


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('says = ["ER nurse => nurse", "RN here"]\n', "", "says needs at least one example"),
        ('not = ["Nurse Elm, the film"]\n', "", "not needs at least one example"),
        ('id = "work"\n', "", "rule 'number 1': id is missing"),
        ('grade = "K"', 'grade = "Z"', "grade = 'Z'; expected one of K"),
        ('match = "noun"', 'match = "verb"', "match = 'verb'; expected one of noun, pattern"),
        ("values.nurse", "valeus.nurse", "unknown key 'valeus'"),
        ('["nurse", "RN"]', '"nurse"', "values has the wrong type"),
        ('stop = ["the"]', 'stpo = ["the"]', "unknown word list 'stpo'; known: stop"),
        ('attribute = "job"\n', 'attribute = "job"\ncolour = 1\n', "unknown key 'colour'"),
    ],
)
def test_a_mistake_is_named_with_file_and_rule(
    tmp_path: Path, was: str, now: str, sentence: str
) -> None:
    assert was in GOOD
    problems = _problems(tmp_path, GOOD.replace(was, now))
    assert any(sentence in problem for problem in problems), problems
    assert all(problem.startswith("en/job.toml") for problem in problems)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace('grade = "K"', 'grade = "Z"').replace("stop =", "stpo =")
    assert len(_problems(tmp_path, bad)) == 2


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(?P<value>", "not a regular expression"),
        ("age", "lacks the group"),
    ],
)
def test_a_pattern_must_compile_and_capture(tmp_path: Path, pattern: str, sentence: str) -> None:
    row = f"""
[[rule]]
id = "age"
attribute = "job"
grade = "K"
match = "pattern"
capture = "age"
trigger = ["age"]
pattern = '{pattern}'
says = ["age 24"]
not = ["ages"]
"""
    assert sentence in _problems(tmp_path, row)[0]


def test_two_rules_may_not_share_a_name(tmp_path: Path) -> None:
    folder = _folder(tmp_path, GOOD)
    (folder / "more.toml").write_text(GOOD.partition("[words]")[0], encoding="utf-8")
    with pytest.raises(SettingsError, match=r"two rules are called 'en\.work'"):
        load_lexicon(folder, KNOWN)


def test_forms_may_stand_in_a_table(tmp_path: Path) -> None:
    text = GOOD.replace('values.nurse = ["nurse", "RN"]\n', 'table = "jobs.tsv:names"\n')
    folder = _folder(tmp_path, text.replace('feminine.nurse = ["infirmière"]\n', ""))
    (folder / "jobs.tsv").write_text(
        "# Jobs.\n# value\tnames\tfeminine\nnurse\tnurse|RN\t\n", encoding="utf-8"
    )
    (rule,) = load_lexicon(folder, KNOWN).rules
    assert [form for _, form, _ in rule.forms] == ["nurse", "RN"]
    missing = text.replace("jobs.tsv", "jbos.tsv").replace('feminine.nurse = ["infirmière"]\n', "")
    assert "table 'jbos.tsv' does not exist in en" in _problems(tmp_path, missing)[0]


def test_broken_toml_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    assert _problems(tmp_path, "[[rule")[0].startswith("en/job.toml is not valid TOML")
    (tmp_path / "xx").mkdir()
    with pytest.raises(SettingsError, match=r"holds no \.toml file"):
        load_lexicon(tmp_path / "xx", KNOWN)


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    folder = _folder(tmp_path, GOOD)
    before = load_lexicon(folder, KNOWN).digest
    assert load_lexicon(folder, KNOWN).digest == before
    (folder / "job.toml").write_text(GOOD + "# more\n", encoding="utf-8")
    assert load_lexicon(folder, KNOWN).digest != before
    assert files_digest([folder / "job.toml"]) != files_digest([])
