"""Which country does a place name mean?

In: tokens. Out: the place that starts at one of them: its country (ISO 3166 alpha-2), a city key
when it names a city, and how many tokens it took. It refuses to guess: a name that is not in the
lists is unknown, and the caller may keep it as `place-<name>` where the words say it is a place
("born in Norvia"), so that invented or forgotten countries work too.

Values: `IR` country; `IR-shiraz` city; `place-norvia` unlisted. A region counts as its country, so
that Tampa -> Florida narrows or widens and does not contradict. Two countries of one person are
joined with "-", sorted: `IR-US` (Iranian-American), so that a value whose parts contain another's
parts says the same more precisely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nlp.lexicon import read_table
from personas.grammar import Phrase, phrase_of
from personas.segments import Tokens


@dataclass(frozen=True, slots=True)
class Place:
    """A place name found in tokens; `city` is empty for countries and regions."""

    country: str
    city: str
    length: int

    @property
    def value(self) -> str:
        """The value of a birthplace claim."""
        return f"{self.country}-{self.city}" if self.city else self.country


class Gazetteer:
    """All place names of the lexicon folder, by first token; longest match wins."""

    def __init__(self, folder: Path) -> None:
        self._names: dict[str, dict[Phrase, tuple[str, str]]] = {}
        self.short: dict[str, str] = {}
        for path in sorted(folder.glob("*/countries.tsv")):
            for country, cells in read_table(path).items():
                self._add(cells["names"], country, "")
        for key, cells in read_table(folder / "cities.tsv").items():
            city = key if cells["kind"] == ["city"] else ""
            self._add(cells["names"], cells["iso"][0], city)
            self.short |= dict.fromkeys(cells.get("short", ()), cells["iso"][0])

    def may_name(self, tokens: Tokens) -> bool:
        """The quick look: whether any token could begin a place name or be a short form."""
        if not self.first_words.isdisjoint(tokens.keys):
            return True
        return not self._short_keys.isdisjoint(tokens.keys)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Every token with which a place name begins."""
        return frozenset(self._names)

    @cached_property
    def _short_keys(self) -> frozenset[str]:
        return frozenset(form.lower() for form in self.short)

    def _add(self, names: Sequence[str], country: str, city: str) -> None:
        for name in names:
            phrase = phrase_of(name)
            self._names.setdefault(phrase[0], {}).setdefault(phrase, (country, city))

    def at(self, keys: Sequence[str], start: int, end: int) -> Place | None:
        """Return the longest place name that starts at token `start`, or None."""
        known: Mapping[Phrase, tuple[str, str]] = self._names.get(keys[start], {})
        best: Place | None = None
        for phrase, (country, city) in known.items():
            stop = start + len(phrase)
            longer = best is None or len(phrase) > best.length
            if longer and stop <= end and tuple(keys[start:stop]) == phrase:
                best = Place(country, city, len(phrase))
        return best

    def joined(self, parts: Sequence[str]) -> str:
        """Return the value of several countries of one person."""
        return "-".join(sorted(set(parts)))
