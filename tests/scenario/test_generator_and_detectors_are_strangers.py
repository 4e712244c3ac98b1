"""Generator and detectors share no code, no template and no list of words.

Only then does a score on the synthetic campaign measure a detector. Single words and short phrases
of ordinary language ("monarchist", "mother of two") may stand on both sides: a lexicon that lacked
them would be worthless. Whole frames, sentences and lists may not.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DETECTORS = ("corpus", "engines", "nlp", "clustering", "personas", "reports", "narrashift")
SHORT = 3  # words: longer phrases shared word for word are no accident
SAME_LIST = 6  # entries that two lists may have in common before they are the same list


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def lists(value: Any) -> Iterator[frozenset[str]]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from lists(inner)
    elif isinstance(value, list):
        yield frozenset(plain(inner) for inner in value if isinstance(inner, str))
        for inner in value:
            yield from lists(inner)


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def data_files(root: Path, folders: tuple[str, ...]) -> list[Path]:
    found = [
        p
        for f in folders
        for s in ("toml", "tsv", "csv", "txt")
        for p in (root / f).rglob(f"*.{s}")
    ]
    return sorted(found)


def parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return tomllib.loads(text)
    return [cell for line in text.splitlines() for cell in re.split(r"[\t,]", line)]


def functions(path: Path) -> Iterator[str]:
    """Give every function of more than one statement as code without names of its own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and len(node.body) > 2:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield "\n".join(ast.dump(statement) for statement in body)


def test_the_generator_imports_nothing_of_the_detectors_and_they_nothing_of_it(root: Path) -> None:
    for path in (root / "scripts" / "campaign").rglob("*.py"):
        assert not imported(path) & set(DETECTORS), path
    for package in DETECTORS:
        for path in (root / package).rglob("*.py"):
            assert "scripts" not in imported(path), path


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_no_phrase_of_the_generator_longer_than_three_words_stands_in_detector_data(
    root: Path,
) -> None:
    theirs = {
        plain(text)
        for path in data_files(root, DETECTORS)
        for text in strings(parsed(path))
        if len(plain(text).split()) > SHORT
    }
    assert theirs
    ours = [
        (path, text)
        for path in data_files(root, ("scripts/campaign",))
        for text in strings(parsed(path))
    ]
    shared = [(path.name, text) for path, text in ours if plain(text) in theirs]
    assert not shared


def test_no_list_of_words_stands_on_both_sides(root: Path) -> None:
    theirs = [
        (path, entries)
        for path in data_files(root, DETECTORS)
        if path.suffix == ".toml"
        for entries in lists(parsed(path))
        if len(entries) >= SAME_LIST
    ]
    ours = [
        (path, entries)
        for path in data_files(root, ("scripts/campaign",))
        for entries in lists(parsed(path))
        if len(entries) >= SAME_LIST
    ]
    assert theirs
    assert ours
    same = [
        (mine.name, other.name, sorted(left & right))
        for mine, left in ours
        for other, right in theirs
        if len(left & right) > SAME_LIST and len(left & right) > 0.5 * min(len(left), len(right))
    ]
    assert not same


def test_no_function_of_the_generator_stands_in_a_detector(root: Path) -> None:
    theirs = {
        code
        for package in DETECTORS
        for path in (root / package).rglob("*.py")
        for code in functions(path)
    }
    for path in (root / "scripts" / "campaign").rglob("*.py"):
        assert not theirs & set(functions(path)), path
