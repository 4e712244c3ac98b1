"""When claims about gender differ, what may be shown, and what must stay hidden?

In: one account's statements, its profile texts and posts, and whether its name or handle changed.
Out: at most one note (level 1, two quotes of the claim's own words), or "suppressed": then no
gender claim, no claim from the shown name, and no name, handle or identity change of that account
appears in any table, since they would show a former name.

Suppressed are: any marker of being trans on either side (the extractor's list), and a change from
or to a non-binary or several genders. A pronoun list that is merely added is no change and gives no
row. A note never raises another level and never carries a pattern. Names, photos and voices are no
claims here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from personas.opposed import Opposition
from personas.self_said import may_speak_of_writer
from personas.sentences import caveats, reason
from personas.shift import Shift, first_quote, last_quote, quotes_sentence
from personas.shifts import FIRM, firmest
from personas.timeline import Episode, Statement, episodes

ATTRIBUTE = "gender"
BINARY = frozenset({"woman", "man"})


@dataclass(frozen=True)
class Outcome:
    """What the rule decides about one account."""

    suppressed: bool = False
    note: Shift | None = None


def judge(
    account_id: str,
    statements: Sequence[Statement],
    *,
    texts: Iterable[str],
    posts: Callable[[], Iterable[str]],
    renamed: bool,
    table: Opposition,
    marked: Callable[[str], object],
) -> Outcome:
    """Apply the rule to one account.

    `texts` are all its profile texts, `posts` gives its own posts and is called only when a change
    could be hidden; `renamed` says whether its shown name or handle changed; `marked` is true of a
    text that holds a marker of being trans (`personas.suppression`). Where claims differ, a marker
    in any text or post hides; where only the name changed, one in a profile text or in a post that
    may speak of its writer (`personas.self_said`).
    """
    spoken = [s for s in statements if _gender_of(s, table) is not None]
    differ = _differ(spoken, table)
    if differ and not _genders(spoken, table) <= BINARY:
        return Outcome(suppressed=True)
    shown = chain(texts, (s.text for s in spoken))
    if (differ or renamed) and any(marked(t) for t in shown):
        return Outcome(suppressed=True)
    if differ and any(marked(t) for t in posts()):
        return Outcome(suppressed=True)
    if renamed and may_speak_of_writer(posts(), marked):
        return Outcome(suppressed=True)
    return Outcome(note=_note(account_id, spoken, table) if differ else None)


def shows_gender(statement: Statement, table: Opposition) -> bool:
    """Tell whether a row of this statement would state or imply a gender, or show a name."""
    implied = table.implies_gender(statement.attribute, statement.value)
    return statement.attribute == ATTRIBUTE or implied or statement.field == "name"


def _gender_of(statement: Statement, table: Opposition) -> str | None:
    """Return the claimed or implied gender of an asserted statement that may count."""
    bare_name = statement.field == "name" and statement.grade != "P"
    if statement.status != "asserted" or statement.grade == "W" or bare_name:
        return None
    if statement.attribute == ATTRIBUTE:
        return statement.value
    return table.implied.get((statement.attribute, statement.value))


def _genders(spoken: Iterable[Statement], table: Opposition) -> set[str]:
    return {gender for s in spoken if (gender := _gender_of(s, table)) is not None}


def _differ(spoken: Sequence[Statement], table: Opposition) -> bool:
    """Tell whether two texts of the account claim different genders."""
    by_text: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for s in spoken:
        by_text[s.field, s.text].append(s)
    return len({frozenset(_genders(group, table)) for group in by_text.values()}) > 1


def _note(account_id: str, spoken: Sequence[Statement], table: Opposition) -> Shift | None:
    """Return the note where one gender gave way to another, both firm and persistent."""
    found = [e for e in episodes(spoken) if e.persistent and e.grades() & FIRM]
    found.sort(key=lambda e: (e.first_at, e.last_at, e.attribute != ATTRIBUTE, e.value))
    sides = {g: [e for e in found if _side(e, table) == g] for g in sorted(BINARY)}
    if any(a.overlaps(b) for a in sides["man"] for b in sides["woman"]):
        return None
    for a in found:
        after = [e for e in found if e.first_at > a.last_at and _side(e, table) != _side(a, table)]
        if after:
            return _shift(account_id, a, after[0])
    return None


def _side(episode: Episode, table: Opposition) -> str | None:
    return _gender_of(episode.statements[0], table)


def _shift(account_id: str, a: Episode, b: Episode) -> Shift:
    one, two = last_quote(firmest(a.statements[::-1])), first_quote(firmest(b.statements))
    reasons = (quotes_sentence(one, two), reason("gender"))
    return Shift(account_id, ATTRIBUTE, "tension", 1, a.value, b.value, one, two, reasons,
                 tuple(caveats("gender")))  # fmt: skip
