"""Was the whole shown identity of an account replaced at once?

In: the lanes of one account, its statements, and what surrounds a change (a silence, removed posts,
a switch of language, a contradiction). Out: shifts of the attribute "identity".

The rule: within 30 days around a change of handle, shown name, handle and bio all became different
strings under one account id. It fires on about 1 % of ordinary partisans in three months, so alone
it is a note; it is a queue for reading, never a verdict. One break (silence or removal) lifts it to
level 2, two of the four surroundings to level 3. Claims of gender play no part. A name of which one
part stays (a marriage) is an ordinary change, kept at level 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from personas.breaks import Removal, Silence
from personas.gender_rule import shows_gender
from personas.opposed import Opposition
from personas.scoring import PRIORS, Identity, Likeness, compare, posterior, score
from personas.sentences import caveats, percent, reason
from personas.shift import Quote, Shift, quotes_sentence
from personas.similarity import fold, kept_name_parts
from personas.timeline import POST_LANE, Statement

Lane = Mapping[str, Any]
# Similarities below which a field counts as replaced (design: name .4, handle .5, bio .2).
NAME_REPLACED = 0.4
HANDLE_REPLACED = 0.5
BIO_REPLACED = 0.2
# Name and bio may follow or precede the handle by this much; 1.11 % of ordinary accounts replace
# name and handle within it, 0.88 % within a week.
WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Replacement:
    """The standing fields before and after a change of handle, and how alike they are."""

    before: Mapping[str, Lane]
    after: Mapping[str, Lane]
    likeness: Likeness
    kept: tuple[str, ...]  # name parts that stayed

    @property
    def last_before(self) -> datetime:
        """When the last field of the old identity was last seen whole."""
        moments: list[datetime] = [lane["to_at"] for lane in self.before.values()]
        return min(moments)

    @property
    def first_after(self) -> datetime:
        """When the new identity was first seen whole."""
        moments: list[datetime] = [lane["from_at"] for lane in self.after.values()]
        return max(moments)

    @property
    def whole(self) -> bool:
        """Name, handle and bio are all known and all replaced; an emptied one is a drop."""
        it = self.likeness
        if it.name is None or it.handle is None or it.bio is None or self.kept:
            return False
        sides = (self.before, self.after)
        if not all(side[field]["value"].strip() for side in sides for field in ("name", "bio")):
            return False
        return it.name < NAME_REPLACED and it.handle < HANDLE_REPLACED and it.bio < BIO_REPLACED


@dataclass(frozen=True)
class Surroundings:
    """What lies near a replacement; each is one point toward the pattern of level 3."""

    silence: Silence | None = None
    removal: Removal | None = None
    language: Shift | None = None
    contradiction: Shift | None = None

    def level(self) -> int:
        """Return the level of a replaced identity in these surroundings."""
        breaks = (self.silence is not None) + (self.removal is not None)
        others = (self.language is not None) + (self.contradiction is not None)
        if breaks + others >= 2:
            return 3
        return 2 if breaks else 1


def replacements(
    lanes: Mapping[str, Sequence[Lane]], statements: Sequence[Statement], table: Opposition
) -> list[Replacement]:
    """Return the changes of handle with what stood before and after them, in order of time.

    `lanes` are the dated lanes of one account by field, in order. A change within the window of an
    earlier whole replacement belongs to it.
    """
    found: list[Replacement] = []
    for old, new in pairwise(lanes.get("handle", ())):
        if old["value"].casefold() == new["value"].casefold():
            continue
        if found and found[-1].whole and old["to_at"] < found[-1].first_after + WINDOW:
            continue
        before = _standing(lanes, old["to_at"] - WINDOW, new["from_at"])
        after = _standing(lanes, new["from_at"] + WINDOW, new["from_at"])
        sides = [_identity(side, statements, table) for side in (before, after)]
        kept = kept_name_parts(sides[0].name or "", sides[1].name or "")
        found.append(Replacement(before, after, compare(*sides), tuple(kept)))
    return found


def _standing(
    lanes: Mapping[str, Sequence[Lane]], at: datetime, latest: datetime
) -> dict[str, Lane]:
    """Return each field's lane at a time; its first lane when it was not known yet.

    A field that was first seen after `latest` is unknown.
    """
    standing = {}
    for field in ("name", "handle", "bio"):
        begun = [lane for lane in lanes.get(field, ()) if lane["from_at"] <= at]
        first = [lane for lane in lanes.get(field, ())[:1] if lane["from_at"] <= latest]
        if begun or first:
            standing[field] = begun[-1] if begun else first[0]
    return standing


def _identity(
    side: Mapping[str, Lane], statements: Sequence[Statement], table: Opposition
) -> Identity:
    shown = {(field, lane["value"]) for field, lane in side.items()}
    claims = frozenset(
        (s.attribute, s.value)
        for s in statements
        if s.lane != POST_LANE and s.status == "asserted" and (s.field, s.text) in shown
        and not shows_gender(s, table)
    )  # fmt: skip
    values = {field: lane["value"] for field, lane in side.items()}
    return Identity(values.get("name"), values.get("handle"), values.get("bio"), claims)


def identity_shift(
    account_id: str,
    change: Replacement,
    around: Surroundings,
    prior: float,
    quotes: tuple[Quote, Quote] | None = None,
) -> Shift | None:
    """Return the shift of a whole replacement, or None where something stayed.

    It quotes both bios, unless `quotes` says what to quote in their place.
    """
    if not change.whole:
        return None
    one, two = quotes or _quote(change, "bio")
    points = score(change.likeness)
    reasons = [quotes_sentence(one, two), _replaced(change), *_around(around)]
    reasons += [
        reason("prior", prior=percent(p), posterior=percent(posterior(points, p)))
        for p in sorted({*PRIORS, prior} - {0.0})
    ]
    handles = change.before["handle"]["value"], change.after["handle"]["value"]
    return Shift(account_id, "identity", "re_identity", around.level(), *handles, one, two,
                 tuple(reasons), tuple(caveats("re_identity")), points)  # fmt: skip


def kept_name_shift(account_id: str, change: Replacement) -> Shift | None:
    """Return an ordinary change of name and handle of which one name part stayed (level 0)."""
    names = [side.get("name") for side in (change.before, change.after)]
    handle = change.likeness.handle
    if not change.kept or None in names or handle is None or handle >= HANDLE_REPLACED:
        return None
    if fold(change.before["name"]["value"]) == fold(change.after["name"]["value"]):
        return None
    one, two = _quote(change, "name")
    reasons = (quotes_sentence(one, two), reason("name_part", part=", ".join(change.kept)))
    return Shift(account_id, "identity", "benign", 0, one.words, two.words, one, two, reasons,
                 tuple(caveats("benign")))  # fmt: skip


def handle_quotes(change: Replacement) -> tuple[Quote, Quote]:
    """Return the handle before a change and the one after it."""
    return _quote(change, "handle")


def _replaced(change: Replacement) -> str:
    days = abs(change.first_after - change.last_before).days + 1
    it = change.likeness
    return reason("replaced", days=days, name=it.name, handle=it.handle, bio=it.bio)


def _around(around: Surroundings) -> list[str]:
    found = []
    if (s := around.silence) is not None:
        found.append(reason("dormancy", days=round(s.days), usual=f"{s.usual_days:.1f}"))
    if (r := around.removal) is not None:
        found.append(reason("deletion", at_before=r.at_before, at_after=r.at_after,
                            before=r.posts_before, after=r.posts_after))  # fmt: skip
    if (switch := around.language) is not None:
        found.append(reason("language", before=switch.before, after=switch.after))
    if (c := around.contradiction) is not None:
        found.append(reason("contradiction", attribute=c.attribute, before=c.quote_before.words,
                            after=c.quote_after.words))  # fmt: skip
    return found


def _quote(change: Replacement, field: str) -> tuple[Quote, Quote]:
    old, new = change.before[field], change.after[field]
    words = old["value"], new["value"]
    return (
        Quote(words[0], field, old["last_snapshot_id"], 0, len(words[0]), old["to_at"]),
        Quote(words[1], field, new["snapshot_id"], 0, len(words[1]), new["from_at"]),
    )
