"""Which of the claims found in one text are kept?

In: the claims of a text, as they were found. Out: fewer: those that need another camp beside them
only where it stands ("Trump" alone is a topic, beside #MAGA a side taken), countries written
together as one, of claims inside each other the longer one, each claim once. It adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from personas.reading import Claim

_RANK = {grade: rank for rank, grade in enumerate("PMKGW")}


def corroborated(found: Sequence[Claim], beside: Mapping[str, frozenset[str]]) -> list[Claim]:
    """Drop the claims of rules that name camps, unless the text asserts one of these camps.

    What such a rule finds denied or said of others is dropped too: it was uncertain to begin with.

    Parameters
    ----------
    found
        All claims of one text.
    beside
        Rule id -> the values of affiliation of which one must be asserted by a rule that needs no
        such support itself, so that two uncertain claims never carry each other.
    """
    if beside.keys().isdisjoint(claim.rule_id for claim in found):
        return list(found)
    firm = [
        claim
        for claim in found
        if (claim.attribute, claim.status) == ("affiliation", "asserted")
        and claim.rule_id not in beside
    ]
    return [
        claim
        for claim in found
        if claim.rule_id not in beside
        or (claim.status == "asserted" and _carried(claim, firm, beside[claim.rule_id]))
    ]


def _carried(claim: Claim, firm: Sequence[Claim], camps: frozenset[str]) -> bool:
    """Whether a firm claim of other words names one of the camps: no word carries itself."""
    return any(
        other.value in camps and (other.end <= claim.start or claim.end <= other.start)
        for other in firm
    )


def accompanied(found: Sequence[Claim], rules: frozenset[str]) -> list[Claim]:
    """Drop what `rules` assert of a camp where the text asserts no other camp.

    "Patriot" beside #MAGA takes a side, alone it is read as one by some and not by others.
    """
    if rules.isdisjoint(claim.rule_id for claim in found):
        return list(found)
    alone = {claim.value for claim in found if claim.rule_id in rules}
    held = any(
        (claim.attribute, claim.status) == ("affiliation", "asserted") and claim.value not in alone
        for claim in found
    )
    return [c for c in found if held or c.rule_id not in rules or c.status != "asserted"]


def tidy(found: Sequence[Claim], text: str) -> list[Claim]:
    """Join countries written together, drop claims inside longer ones, keep each claim once."""
    if len(found) < 2:
        return list(found)
    best: dict[tuple[str, str, str], Claim] = {}
    kept = _undenied(_outermost(_joined(found, text)))
    for claim in sorted(kept, key=_preference):
        best.setdefault((claim.attribute, claim.value, claim.status), claim)
    return sorted(best.values())


def _preference(claim: Claim) -> tuple[int, int, int, str]:
    return _RANK[claim.grade], claim.start, -claim.end, claim.rule_id


def _outermost(found: Sequence[Claim]) -> list[Claim]:
    """Drop what lies inside a longer quote of the same sort ("engineer" in its phrase).

    Linear after sorting: of the claims that start earlier, the one that ends last decides.
    """
    reach: dict[tuple[str, str], tuple[int, int]] = {}
    kept = []
    for claim in sorted(found, key=lambda c: (c.start, -c.end)):
        sort = claim.attribute, claim.status
        start, end = reach.get(sort, (0, -1))
        if end < claim.end or (end == claim.end and start == claim.start):
            kept.append(claim)
        if end < claim.end:
            reach[sort] = claim.start, claim.end
    return kept


def _undenied(found: Sequence[Claim]) -> list[Claim]:
    """Where two readings of the same words differ, the one that takes them back wins."""
    denied = [claim for claim in found if claim.status != "asserted"]
    if not denied:
        return list(found)
    return [
        claim
        for claim in found
        if claim.status != "asserted"
        or not any(
            (other.attribute, other.value) == (claim.attribute, claim.value)
            and other.start < claim.end
            and claim.start < other.end
            for other in denied
        )
    ]


def _joined(found: Sequence[Claim], text: str) -> list[Claim]:
    """Read "Iranian-American" as one claim of two countries."""
    nations = sorted(c for c in found if c.attribute == "nationality" and "-" not in c.value)
    if len(nations) < 2:
        return list(found)
    others = [claim for claim in found if claim not in nations]
    merged: list[Claim] = []
    for claim in nations:
        last = merged[-1] if merged else None
        if last and last.status == claim.status and _touch(last, claim, text):
            value = "-".join(sorted({*last.value.split("-"), claim.value}))
            grade = min(last.grade, claim.grade, key=lambda g: _RANK[g])
            rule = last.rule_id
            merged[-1] = Claim(
                last.start, claim.end, "nationality", value, claim.status, grade, rule
            )
        else:
            merged.append(claim)
    return others + merged


def _touch(one: Claim, two: Claim, text: str) -> bool:
    between = text[one.end : two.start]
    return one.end <= two.start and between.strip() in {"", "-", "–", "‑"} and len(between) < 3
