"""An analyst's own camps for one case: more phrases, more markers, and who stands against whom.

In: `[[personas.camps]]` of the settings, or a folder of lexicons (`personas.lexicons`). Out: the
shipped lexicons and the shipped opposition table with the rows added; nothing shipped is replaced.

A camp of the settings gives one rule of attribute "affiliation" in each of its languages: phrases
match like the shipped adjectives (grade K: "Greenbelt loyalist" as a description of the writer),
markers match anywhere in a bio or name (grade M: hashtags, emoji). A folder holds
`<language>/*.toml` in the format of personas/lexicons, and where it has a file `opposed.toml`, more
rows in the format of personas/opposed.toml. It refuses, with one sentence each: a camp that says
nothing, a language without a lexicon, a camp set against a value that nobody can claim, or against
itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import SettingsError
from corpus.identity import content_id
from corpus.settings import Camp
from nlp.lexicon import Lexicon, Rule, Vocabulary, load_lexicon
from personas.opposed import ANYWHERE, Exclusion, Opposition, load_opposition, read_opposition

ATTRIBUTE = "affiliation"
OPPOSED = "opposed.toml"
WHY = "the analyst of this case set these two camps against each other"


def with_own_camps(
    lexicons: Sequence[Lexicon], camps: Sequence[Camp], folder: str | None, known: Vocabulary
) -> list[Lexicon]:
    """Return the lexicons with the case's own rules added.

    Raises
    ------
    SettingsError
        With one sentence for every problem.
    """
    more = [*_camp_lexicons(camps), *_folder_lexicons(folder, known)]
    if not more:
        return list(lexicons)
    _refuse(_problems(lexicons, camps, more))
    return [_merged(own, [m for m in more if m.language == own.language]) for own in lexicons]


def own_opposition(
    camps: Sequence[Camp], folder: str | None, values: Iterable[str] = ()
) -> Opposition:
    """Return the shipped opposition table with the case's own rows; `values` are all claimable.

    Raises SettingsError when a row is wrong, or sets a camp against an unknown value.
    """
    table = load_opposition()
    path = Path(folder) / OPPOSED if folder else None
    if path is not None and path.is_file():
        own = read_opposition(path.read_text(encoding="utf-8"), path.name)
        table = replace(
            table,
            families=table.families + own.families,
            combining=table.combining | own.combining,
            exclusions=table.exclusions + own.exclusions,
            steps=table.steps + own.steps,
            implied={**table.implied, **own.implied},
            single={**table.single, **own.single},
        )
    names = {*values, *(camp.name for camp in camps)}
    _refuse([p for n, camp in enumerate(camps, 1) for p in _opposed_problems(n, camp, names)])
    return replace(table, exclusions=table.exclusions + tuple(_exclusions(camps)))


def _exclusions(camps: Sequence[Camp]) -> Iterable[Exclusion]:
    for camp in camps:
        if camp.opposed_to:
            yield Exclusion(
                ATTRIBUTE,
                frozenset({camp.name}),
                frozenset(camp.opposed_to),
                camp.where or ANYWHERE,
                camp.why or WHY,
                _day(camp.since),
                _day(camp.until),
            )


def _day(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _camp_lexicons(camps: Sequence[Camp]) -> list[Lexicon]:
    return [
        Lexicon(language, rules, {}, content_id("camp", repr(camp)))
        for camp in camps
        for language in sorted(set(camp.languages))
        if (rules := tuple(_rules(camp, language)))
    ]


def _rules(camp: Camp, language: str) -> Iterable[Rule]:
    for match, grade, words in (("adjective", "K", camp.phrases), ("marker", "M", camp.markers)):
        if words:
            forms = tuple((camp.name, word, False) for word in words)
            yield Rule(f"case.{camp.name}.{match}", language, ATTRIBUTE, grade, match, forms)


def _folder_lexicons(folder: str | None, known: Vocabulary) -> list[Lexicon]:
    if folder is None:
        return []
    root = Path(folder)
    if not root.is_dir():
        raise SettingsError(
            f"personas.lexicons = {folder!r} is no folder; expected one that holds a folder a"
            " language, such as en/camps.toml"
        )
    found = [p for p in sorted(root.iterdir()) if p.is_dir() and any(p.glob("*.toml"))]
    if not found and not (root / OPPOSED).is_file():
        raise SettingsError(
            f"personas.lexicons = {folder!r} holds no lexicon; expected files such as en/camps.toml"
        )
    return [load_lexicon(path, known) for path in found]


def _problems(
    lexicons: Sequence[Lexicon], camps: Sequence[Camp], more: Sequence[Lexicon]
) -> list[str]:
    shipped = sorted(lexicon.language for lexicon in lexicons)
    found = [
        f"personas.camps[{n}] ({camp.name!r}) names the language {language!r}, which has no lexicon"
        f" here; known: {', '.join(shipped)}"
        for n, camp in enumerate(camps, 1)
        for language in camp.languages
        if language not in shipped
    ]
    asked = {language for camp in camps for language in camp.languages}
    found += [
        f"personas.lexicons has a folder {m.language!r}, a language without a lexicon here;"
        f" known: {', '.join(shipped)}"
        for m in more
        if m.language not in shipped and m.language not in asked
    ]
    return found


def _opposed_problems(number: int, camp: Camp, names: set[str]) -> list[str]:
    where = f"personas.camps[{number}] ({camp.name!r})"
    found = [f"{where} is opposed to itself"] if camp.name in camp.opposed_to else []
    for other in camp.opposed_to:
        if other not in names:
            near = difflib.get_close_matches(other, sorted(names), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "name a camp of this case"
            found.append(f"{where} is opposed to {other!r}, which nobody can claim; {hint}")
    return found


def _merged(own: Lexicon, more: Sequence[Lexicon]) -> Lexicon:
    if not more:
        return own
    rules = own.rules + tuple(rule for lexicon in more for rule in lexicon.rules)
    digest = content_id(own.digest, *(lexicon.digest for lexicon in more))
    return replace(own, rules=rules, digest=digest)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SettingsError(problems)
