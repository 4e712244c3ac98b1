"""How exact may a place be when it leaves a case? Its country, and no more.

In: values of claims, such as `IR-shiraz` (a city) or `place-norvia` (a place no list knows). Out:
`IR` and `a place`; two different places of one country become "a place in IR" and "another place in
IR", so that a shift still says that they differ. Other values stay: `IR`, `IR-US` (two countries),
`engineer`. Quotes are not touched here: the words of the account are the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CITY = re.compile(r"(?P<country>[A-Z]{2})-(?![A-Z]{2}(?:-[A-Z]{2})*$).+", re.DOTALL)
_UNLISTED = "place-"


def coarse(value: str) -> str:
    """Return the value no finer than a country."""
    if value.startswith(_UNLISTED):
        return "a place"
    found = _CITY.fullmatch(value)
    return found["country"] if found else value


def coarse_values(values: Iterable[str]) -> dict[str, str]:
    """Return each of the values no finer than a country, different ones kept different."""
    shown: dict[str, str] = {}
    places: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        shown[value] = coarse(value)
        if shown[value] != value:
            places.setdefault(shown[value], []).append(value)
    for country, finer in places.items():
        if len(finer) > 1 or country in shown:
            where = "" if country == "a place" else f" in {country}"
            shown |= dict.fromkeys(finer, f"another place{where}")
            shown[finer[0]] = f"a place{where}"
    return shown
