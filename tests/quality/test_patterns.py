"""The benchmark of patterns finds what explodes; it is run on its own, since times are no tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.patterns import collected, measured, way
from corpus.readers.parts import MAX_TEXT_CHARACTERS

# Long enough for what is quadratic to show, and short enough for a test.
SHORT = 20_000


@pytest.mark.parametrize("pattern", [r"(a|aa)+$", pytest.param(r"\s+$", marks=pytest.mark.slow)])
def test_a_pattern_known_to_explode_is_found(pattern: str) -> None:
    assert measured(pattern, 0, "search", SHORT)[1]


@pytest.mark.parametrize(
    ("pattern", "how"), [(r"https?://\S+", "search"), (r"\s+$", "match"), (r"\W*RT\W", "match")]
)
def test_a_pattern_in_step_with_the_text_is_not(pattern: str, how: str) -> None:
    assert not measured(pattern, 0, how, SHORT)[1]


def test_it_is_known_how_a_pattern_is_used() -> None:
    assert way(r"\W*RT\W", "clustering/benign_rules.py") == "match"
    assert way(r"\d+(?:[.,:]\d+)*", "clustering/benign_rules.py") == "search"


@pytest.mark.slow
def test_patterns_are_collected_from_the_packages() -> None:
    found = collected()
    files = {file.split("/", maxsplit=1)[0] for _, _, file in found}
    assert {"corpus", "nlp", "clustering", "personas", "reports"} <= files
    assert len(found) > 150


def test_no_text_that_a_pattern_meets_is_without_end(tmp_path: Path) -> None:
    from corpus.readers.load import read_any
    from corpus.rejects import TEXT_TOO_LONG

    path = tmp_path / "posts.csv"
    longest = "a" * MAX_TEXT_CHARACTERS
    path.write_text(f"post_id,text\n1,{longest}\n2,{longest}a\n", encoding="utf-8")
    corpus = read_any([path])
    assert corpus.posts["post_id"].to_pylist() == ["1"]
    assert corpus.files[0].rejected == {TEXT_TOO_LONG: 1}
