"""Which words say what, in which language? Reads lexicon folders, written in TOML by people.

In: a folder named after its language (`fa/affiliation.toml`, ...). Out: one frozen `Lexicon` of
rules and word lists, and a digest of the files for the manifest. It refuses a rule that is
incomplete, misspelt or without examples, and reports every problem at once, each with file and
rule, so that a lexicon can be mended in one go.

A file holds rules, or word lists, or both:

    attribute = "occupation"          # defaults for the rules of this file
    match = "noun"
    grade = "K"

    [[rule]]
    id = "health"
    values.nurse = ["nurse", "nurse practitioner"]    # value = the forms that claim it
    feminine.nurse = []               # forms only women use of themselves: they imply gender
    says = ["ER nurse and mom => nurse"]              # must give a claim (of that value)
    not = ["Nurse Jackie rewatch"]                    # must give no asserted claim of this rule

    [words]
    negated_before = ["not a", "never"]

Long lists stand in a TSV beside the file: `table = "countries.tsv:demonyms"` takes the forms from
the column `demonyms` (and `feminine`), values from the first column; its last comment line names
the columns. Every rule carries `says` and `not`; the test suite runs all of them. What a match kind
means is the business of the layer that uses the lexicon (`personas.rules`).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from corpus.identity import content_id

_TEXTS = ("id", "attribute", "grade", "match", "status", "pattern", "capture", "implies")
_LISTS = (
    "says", "not", "fields", "trigger", "unless_before", "unless_after", "unless_following",
    "unless_preceding", "beside", "needs",
)  # fmt: skip
_FORMS = ("values", "feminine")
_TABLE = "table"
_FLAGS = ("listed_modifiers", "distinct", "runs_on", "company")
_KNOWN = (*_TEXTS, *_LISTS, *_FORMS, *_FLAGS, _TABLE)
_DEFAULTS = ("attribute", "grade", "match", "fields", "implies", "status")


@dataclass(frozen=True)
class Vocabulary:
    """What a lexicon may use: the values allowed in each field, and its word lists."""

    attributes: tuple[str, ...]
    grades: tuple[str, ...]
    matches: tuple[str, ...]
    statuses: tuple[str, ...]
    fields: tuple[str, ...]
    captures: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """One line of `says`: a text, and the value it must give when it names one."""

    text: str
    value: str | None


@dataclass(frozen=True)
class Rule:
    """One row of a lexicon; `forms` holds (value, form, feminine) triples in file order."""

    id: str
    language: str
    attribute: str
    grade: str
    match: str
    forms: tuple[tuple[str, str, bool], ...]
    status: str = "asserted"
    fields: tuple[str, ...] = ()
    pattern: str | None = None
    capture: str | None = None
    trigger: tuple[str, ...] = ()
    implies: str | None = None
    listed_modifiers: bool = False
    distinct: bool = False
    unless_before: frozenset[str] = frozenset()
    unless_after: frozenset[str] = frozenset()
    unless_following: frozenset[str] = frozenset()
    unless_preceding: frozenset[str] = frozenset()
    runs_on: bool = False
    company: bool = False
    beside: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    says: tuple[Example, ...] = ()
    says_not: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """The rules and word lists of one language."""

    language: str
    rules: tuple[Rule, ...]
    words: Mapping[str, tuple[str, ...]] = field(hash=False)
    digest: str

    def list_of(self, name: str) -> tuple[str, ...]:
        """Return the word list `name`; empty when the language has none."""
        return self.words.get(name, ())


def load_lexicon(folder: Path, vocabulary: Vocabulary) -> Lexicon:
    """Read every `*.toml` of `folder`; the folder's name is the language.

    Raises
    ------
    SettingsError
        With one sentence for every problem, each naming file and rule.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise SettingsError(f"lexicon folder {folder} holds no .toml file; expected at least one")
    problems: list[str] = []
    rules: list[Rule] = []
    words: dict[str, tuple[str, ...]] = {}
    for path in files:
        table = _read(path, problems)
        where = f"{folder.name}/{path.name}"
        rules += _rules(table, where, folder, vocabulary, problems)
        words |= _words(table, where, vocabulary, problems)
    problems += _duplicates(rules, folder.name)
    if problems:
        raise SettingsError(problems)
    files += sorted(folder.glob("*.tsv"))
    return Lexicon(folder.name, tuple(rules), words, files_digest(files))


def files_digest(files: Sequence[Path]) -> str:
    """Name the content of data files; the same bytes give the same digest on every system."""
    texts = ((path.name, path.read_text(encoding="utf-8")) for path in sorted(files))
    return content_id(*(part for pair in texts for part in pair))


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.parent.name}/{path.name} is not valid TOML: {error}")
        return {}


def _rules(
    table: Mapping[str, Any], where: str, folder: Path, known: Vocabulary, problems: list[str]
) -> list[Rule]:
    defaults = {key: table[key] for key in _DEFAULTS if key in table}
    for key in table:
        if key not in (*_DEFAULTS, "rule", "words"):
            problems.append(f"{where}: unknown key {key!r}; expected {', '.join(_DEFAULTS)}")
    found = []
    for number, row in enumerate(table.get("rule", []), 1):
        name = f"{where}, rule {row.get('id', f'number {number}')!r}"
        wrong = _row_problems({**defaults, **row}, known) or _table_problems(row, folder)
        problems += [f"{name}: {problem}" for problem in wrong]
        if not wrong:
            found.append(_rule(_with_table({**defaults, **row}, folder), folder.name))
    return found


def _with_table(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Read the forms of a rule that keeps them in a TSV."""
    if _TABLE not in row:
        return row
    name, _, column = row[_TABLE].partition(":")
    columns = read_table(folder / name)
    pick = {"values": column, "feminine": "feminine"}
    return row | {
        key: {value: cells[source] for value, cells in columns.items() if cells.get(source)}
        for key, source in pick.items()
    }


def read_table(path: Path) -> dict[str, dict[str, list[str]]]:
    """Read a TSV of forms: first column -> column name -> forms (written with "|" between them)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line for line in lines if line.startswith("#")][-1].lstrip("# ").split("\t")
    rows: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            cells = dict(zip(header, line.split("\t"), strict=False))
            key = cells.pop(header[0])
            rows[key] = {name: [f for f in text.split("|") if f] for name, text in cells.items()}
    return rows


def _row_problems(row: Mapping[str, Any], known: Vocabulary) -> list[str]:
    """Say everything that is wrong with one rule."""
    problems = [
        f"unknown key {key!r}; known: {', '.join(_KNOWN)}" for key in row if key not in _KNOWN
    ]
    problems += [
        f"{key} is missing" for key in ("id", "attribute", "grade", "match") if key not in row
    ]
    problems += [f"{key} needs at least one example" for key in ("says", "not") if not row.get(key)]
    problems += _type_problems(row)
    if problems:
        return problems
    return [*_choice_problems(row, known), *_pattern_problems(row)]


def _type_problems(row: Mapping[str, Any]) -> list[str]:
    wrong = [key for key in _TEXTS if not isinstance(row.get(key, ""), str)]
    wrong += [key for key in _LISTS if not _is_texts(row.get(key, []))]
    wrong += [key for key in _FLAGS if not isinstance(row.get(key, False), bool)]
    for key in _FORMS:
        forms = row.get(key, {})
        if not isinstance(forms, Mapping) or not all(_is_texts(f) for f in forms.values()):
            wrong.append(key)
    return [f"{key} has the wrong type: {row[key]!r}" for key in wrong]


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _choice_problems(row: Mapping[str, Any], known: Vocabulary) -> list[str]:
    choices = {
        "attribute": known.attributes,
        "grade": known.grades,
        "match": known.matches,
        "status": known.statuses,
        "capture": known.captures,
    }
    problems = [
        f"{key} = {row[key]!r}; expected one of {', '.join(allowed)}"
        for key, allowed in choices.items()
        if key in row and row[key] not in allowed
    ]
    strange = [name for name in row.get("fields", []) if name not in known.fields]
    return problems + [
        f"fields holds {name!r}; expected {', '.join(known.fields)}" for name in strange
    ]


def _table_problems(row: Mapping[str, Any], folder: Path) -> list[str]:
    if _TABLE not in row:
        return []
    name, _, column = str(row[_TABLE]).partition(":")
    if not (folder / name).is_file():
        return [f"table {name!r} does not exist in {folder.name}"]
    columns = next(iter(read_table(folder / name).values()), {})
    known = ", ".join(columns)
    return [] if column in columns else [f"table {name!r} has no column {column!r}; it has {known}"]


def _pattern_problems(row: Mapping[str, Any]) -> list[str]:
    has_forms = any(row.get(key) for key in (*_FORMS, _TABLE))
    if ("pattern" in row) == has_forms:
        return ["expected either values (forms), a table or a pattern"]
    if "pattern" not in row:
        return []
    asked = ("trigger", "capture") if row.get("trigger") or row.get("capture") else ("implies",)
    problems = [f"a pattern needs {key}" for key in asked if not row.get(key)]
    try:
        groups = re.compile(row["pattern"]).groupindex
    except re.error as error:
        return [*problems, f"pattern is not a regular expression: {error}"]
    if asked == ("implies",) or "value" in groups:
        return problems
    return [*problems, "pattern lacks the group (?P<value>...)"]


def _rule(row: Mapping[str, Any], language: str) -> Rule:
    forms = [
        (value, form, key == "feminine")
        for key in _FORMS
        for value, listed in row.get(key, {}).items()
        for form in listed
    ]
    return Rule(
        id=f"{language}.{row['id']}",
        language=language,
        attribute=row["attribute"],
        grade=row["grade"],
        match=row["match"],
        forms=tuple(forms),
        status=row.get("status", "asserted"),
        fields=tuple(row.get("fields", ())),
        pattern=row.get("pattern"),
        capture=row.get("capture"),
        trigger=tuple(row.get("trigger", ())),
        implies=row.get("implies"),
        listed_modifiers=row.get("listed_modifiers", False),
        distinct=row.get("distinct", False),
        unless_before=frozenset(row.get("unless_before", ())),
        unless_after=frozenset(row.get("unless_after", ())),
        unless_following=frozenset(row.get("unless_following", ())),
        unless_preceding=frozenset(row.get("unless_preceding", ())),
        runs_on=row.get("runs_on", False),
        company=row.get("company", False),
        beside=frozenset(row.get("beside", ())),
        needs=tuple(row.get("needs", ())),
        says=tuple(_example(line) for line in row["says"]),
        says_not=tuple(row["not"]),
    )


def _example(line: str) -> Example:
    text, arrow, value = line.rpartition(" => ")
    return Example(text, value.strip()) if arrow else Example(line, None)


def _words(
    table: Mapping[str, Any], where: str, known: Vocabulary, problems: list[str]
) -> dict[str, tuple[str, ...]]:
    words = table.get("words", {})
    for name, listed in words.items():
        if name not in known.words:
            problems.append(f"{where}: unknown word list {name!r}; known: {', '.join(known.words)}")
        elif not _is_texts(listed):
            problems.append(f"{where}: word list {name!r} is not a list of texts")
    return {name: tuple(listed) for name, listed in words.items() if _is_texts(listed)}


def _duplicates(rules: Sequence[Rule], language: str) -> list[str]:
    twice = sorted(name for name, n in Counter(rule.id for rule in rules).items() if n > 1)
    return [f"lexicon {language}: two rules are called {name!r}" for name in twice]
