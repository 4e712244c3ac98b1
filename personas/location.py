"""Which country does a location field name, or a place that stands alone in a bio?

In: the tokens of a location field, or of a bio. Out: at most one claim for each place that is
written, as a country: reports show nothing finer. It refuses what no list knows ("the moon"), and
reads "London, Ontario" from the right, as addresses are written. In a bio only a name followed by
its region or country counts ("Niagara, ON"), or a city or region alone in its segment, as weak.
"""

from __future__ import annotations

from collections.abc import Iterator

from personas.places import Gazetteer, Place
from personas.reading import Claim
from personas.segments import Tokens, segments

_RULE = "any.location_field"
_BIO_RULE = "any.place_in_bio"
_CHAIN = frozenset({",", "،"})
# "Salt Lake City, UT": longer runs of capitalised words are no place name.
MAX_NAME = 3


def located(tokens: Tokens, places: Gazetteer) -> list[Claim]:
    """Return the country claims of a location field; only whole segments count as place names."""
    best: dict[str, Claim] = {}
    for claim in _last_of_chains(tokens, places):
        best.setdefault(claim.value, claim)
    return sorted(best.values())


def placed(tokens: Tokens, places: Gazetteer) -> list[Claim]:
    """Return the country claims of places that stand in a bio without "in" or "from"."""
    if not places.may_name(tokens):
        return []
    best: dict[str, Claim] = {}
    parts = segments(tokens, ())
    keys, names = tokens.keys, places.first_words
    for number, part in enumerate(parts):
        start = part[0]
        if keys[start] not in names and (not number or keys[start - 1] not in _CHAIN):
            continue
        claim = _addressed(tokens, places, parts, number) or _lone(tokens, places, part)
        if claim is not None:
            best.setdefault(claim.value, claim)
    return sorted(best.values())


def _addressed(
    tokens: Tokens, places: Gazetteer, parts: list[tuple[int, int]], number: int
) -> Claim | None:
    """Read "Niagara, ON": a capitalised name, a comma, and a region or country that holds it."""
    start, end = parts[number]
    if number == 0 or tokens.keys[start - 1] not in _CHAIN or tokens.kinds[start] != "word":
        return None
    before = parts[number - 1]
    span = tokens.starts[start], tokens.ends[end - 1]
    country = places.short.get(tokens.text[span[0] : span[1]])
    short = country is not None
    if country is None:
        known = _whole(tokens, places, (start, end))
        country = known.country if known and not known.city else None
    named = _whole(tokens, places, before)
    # An unknown name counts only beside a short form, and not inside a list ("God, Family, Texas").
    listed = before[0] > 0 and tokens.keys[before[0] - 1] in _CHAIN
    fits = named.country == country if named else short and not listed and _is_name(tokens, before)
    if country is None or before[1] != start - 1 or not fits:
        return None
    return Claim(tokens.starts[before[0]], span[1], "location", country, "asserted", "K", _BIO_RULE)


def _lone(tokens: Tokens, places: Gazetteer, part: tuple[int, int]) -> Claim | None:
    known = _whole(tokens, places, part)
    start, end = part
    if known is None or not known.city or not tokens.text[tokens.starts[start]].isupper():
        return None
    span = tokens.starts[start], tokens.ends[end - 1]
    return Claim(*span, "location", known.country, "asserted", "W", _BIO_RULE)


def _whole(tokens: Tokens, places: Gazetteer, part: tuple[int, int]) -> Place | None:
    known = places.at(tokens.keys, *part)
    return known if known is not None and known.length == part[1] - part[0] else None


def _is_name(tokens: Tokens, part: tuple[int, int]) -> bool:
    """Whether a segment is one to three capitalised words."""
    at = range(*part)
    return len(at) <= MAX_NAME and all(
        tokens.kinds[i] == "word" and tokens.text[tokens.starts[i]].isupper() for i in at
    )


def _last_of_chains(tokens: Tokens, places: Gazetteer) -> Iterator[Claim]:
    """Of places parted by commas alone, keep the last: the widest one."""
    waiting: Claim | None = None
    for start, end in segments(tokens, ()):
        chained = start > 0 and tokens.keys[start - 1] in _CHAIN
        found = _place(tokens, places, start, end, chained)
        if found and waiting and not chained:
            yield waiting
        waiting = found or waiting
    if waiting:
        yield waiting


def _place(tokens: Tokens, places: Gazetteer, start: int, end: int, chained: bool) -> Claim | None:
    span = tokens.starts[start], tokens.ends[end - 1]
    written = tokens.text[span[0] : span[1]]
    known = places.at(tokens.keys, start, end)
    if known is not None and known.length == end - start:
        return Claim(*span, "location", known.country, "asserted", "K", _RULE)
    if chained and written in places.short:
        return Claim(*span, "location", places.short[written], "asserted", "K", _RULE)
    return None
