"""Was the whole shown identity of an account replaced at once?

In: the lanes of one account, its statements, and what surrounds a change (a silence, removed posts,
a switch of language, a contradiction). Out: shifts of the attribute "identity".

The rule: within a week around a change of handle, shown name, handle and bio all became different
strings under one account id. It fires on about 1 % of ordinary partisans in three months, so alone
it is a note; it is a queue for reading, never a verdict. One break (silence or removal) lifts it to
level 2, two of the four surroundings to level 3. Claims of gender play no part. A name of which one
part stays (a marriage) is an ordinary change, kept at level 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from personas.breaks import Removal, Silence
from personas.opposed import Opposition
from personas.scoring import PRIORS, RULE_RATIO, Likeness, compare, posterior, score
from personas.sentences import caveats, percent, reason
from personas.shift import Quote, Shift, quotes_sentence
from personas.similarity import fold
from personas.standing import AROUND, Lane, identity_of, standing
from personas.timeline import Statement

# The fields that a whole replacement changes.
REPLACED = ("name", "handle", "bio")
# Similarities below which a field counts as replaced (design: name .4, handle .5, bio .2).
NAME_REPLACED = 0.4
HANDLE_REPLACED = 0.5
BIO_REPLACED = 0.2


@dataclass(frozen=True)
class Replacement:
    """The standing fields before and after a change of handle, and how alike they are."""

    before: Mapping[str, Lane]
    after: Mapping[str, Lane]
    likeness: Likeness

    @property
    def last_before(self) -> datetime:
        """When the last field of the old identity was last seen whole."""
        moments: list[datetime] = [self.before[f]["to_at"] for f in REPLACED if f in self.before]
        return min(moments)

    @property
    def first_after(self) -> datetime:
        """When the new identity was first seen whole."""
        moments: list[datetime] = [self.after[f]["from_at"] for f in REPLACED if f in self.after]
        return max(moments)

    @property
    def whole(self) -> bool:
        """Name, handle and bio are all known and all replaced; an emptied one is a drop."""
        it = self.likeness
        if it.name is None or it.handle is None or it.bio is None or it.kept_name:
            return False
        names = (self.before["name"]["value"], self.after["name"]["value"])
        if it.bio_state != "filled" or not all(name.strip() for name in names):
            return False
        return it.name < NAME_REPLACED and it.handle < HANDLE_REPLACED and it.bio < BIO_REPLACED


@dataclass(frozen=True)
class Surroundings:
    """What lies near a replacement; each is one point toward the pattern of level 3."""

    silence: Silence | None = None
    removal: Removal | None = None
    language: Shift | None = None
    topic: Shift | None = None
    contradiction: Shift | None = None

    def level(self) -> int:
        """Return the level of a replaced identity in these surroundings."""
        breaks = (self.silence is not None) + (self.removal is not None)
        # Narratives are clustered language by language, so a switch of language moves the topics
        # too: the two together are one point.
        posts = self.language is not None or self.topic is not None
        others = posts + (self.contradiction is not None)
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
        if found and found[-1].whole and old["to_at"] < found[-1].first_after + AROUND:
            continue
        before = standing(lanes, old["to_at"] - AROUND, new["from_at"])
        after = standing(lanes, new["from_at"] + AROUND, new["from_at"])
        sides = [identity_of(side, statements, table) for side in (before, after)]
        found.append(Replacement(before, after, compare(*sides)))
    return found


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
    reasons = [quotes_sentence(one, two), _replaced(change), *_around(around)]
    reasons += [
        reason("prior", prior=percent(p), posterior=percent(posterior(RULE_RATIO, p)))
        for p in sorted({*PRIORS, prior} - {0.0})
    ]
    handles = change.before["handle"]["value"], change.after["handle"]["value"]
    return Shift(account_id, "identity", "re_identity", around.level(), *handles, one, two,
                 tuple(reasons), tuple(caveats("re_identity")), score(change.likeness))  # fmt: skip


def kept_name_shift(account_id: str, change: Replacement) -> Shift | None:
    """Return an ordinary change of name and handle of which one name part stayed (level 0)."""
    names = [side.get("name") for side in (change.before, change.after)]
    handle = change.likeness.handle
    if (
        not change.likeness.kept_name
        or None in names
        or handle is None
        or handle >= HANDLE_REPLACED
    ):
        return None
    if fold(change.before["name"]["value"]) == fold(change.after["name"]["value"]):
        return None
    one, two = _quote(change, "name")
    reasons = (
        quotes_sentence(one, two),
        reason("name_part", part=", ".join(change.likeness.kept_name)),
    )
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
    if (topic := around.topic) is not None:
        found.append(reason("topic", before=topic.before, after=topic.after))
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
