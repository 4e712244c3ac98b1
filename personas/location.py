"""Which country does a location field name?

In: the tokens of a location field. Out: at most one claim for each place that is written, as a
country: reports show nothing finer. It refuses what no list knows ("the moon"), and reads "London,
Ontario" from the right, as addresses are written.
"""

from __future__ import annotations

from collections.abc import Iterator

from personas.places import Gazetteer
from personas.reading import Claim
from personas.segments import Tokens, segments

_RULE = "any.location_field"
_CHAIN = frozenset({",", "،"})


def located(tokens: Tokens, places: Gazetteer) -> list[Claim]:
    """Return the country claims of a location field; only whole segments count as place names."""
    best: dict[str, Claim] = {}
    for claim in _last_of_chains(tokens, places):
        best.setdefault(claim.value, claim)
    return sorted(best.values())


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
