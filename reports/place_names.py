"""What is a country called in a sentence? `CA` is Canada.

In: the value of a claim as the tables hold it (`CA`, `IR-US`, `IR-shiraz`, `place-norvia`), or as
`place_values` shortened it (`a place in IR`). Out: English words. Names come from the persona
lexicon (Unicode CLDR). A code that the lexicon lacks stays a code; other values stay as they are.
"""

from __future__ import annotations

import re
from functools import cache

from nlp.lexicon import read_table
from personas.rules import LEXICONS
from reports import wording

_PLACE = re.compile(r"(?P<before>(?:a|another) place in )?(?P<codes>[A-Z]{2}(?:-[A-Z]{2})*)")
_CITY = re.compile(r"(?P<country>[A-Z]{2})-(?P<city>[^-].*)", re.DOTALL)
_UNLISTED = "place-"
# The two values in the sentence of a shift; other quotes in findings are corpus text and stay.
_CLAIMED = re.compile(
    r"(?P<one> claimed [^“”]*“)(?P<before>[^“”]+)(?P<two>” until [^“”]* and “)(?P<after>[^“”]+)"
    r"(?=” from )"
)


@cache
def _names() -> dict[str, str]:
    rows = read_table(LEXICONS / "en" / "countries.tsv")
    return {code: cells["names"][0] for code, cells in rows.items() if cells["names"]}


def place_words(value: str) -> str:
    """Return the value with country codes as English names."""
    names = _names()
    if found := _PLACE.fullmatch(value):
        codes = found["codes"].split("-")
        return (found["before"] or "") + wording.joined([names.get(code, code) for code in codes])
    if found := _CITY.fullmatch(value):
        return f"{found['city'].title()} in {names.get(found['country'], found['country'])}"
    return value.removeprefix(_UNLISTED).title() if value.startswith(_UNLISTED) else value


def in_statement(statement: str) -> str:
    """Return the sentence of a shift with its two values in words."""
    return _CLAIMED.sub(
        lambda m: m["one"] + place_words(m["before"]) + m["two"] + place_words(m["after"]),
        statement,
    )
