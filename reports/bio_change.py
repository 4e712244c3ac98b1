"""Which words of a bio stayed when an account's claims changed?

In: a shift and the account's lanes (`profile_lanes`, which hold nothing that must stay hidden).
Out: the bio before beside the bio after, word by word, and a sentence that counts what stayed. None
where either bio is unknown or may not be shown whole, where both are the same, and where texts are
withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports import wording
from reports.clean import for_html
from reports.diff import diff_html, word_diff
from reports.redaction import Redactor

Row = Mapping[str, Any]
# Below this share of words that stayed, the two bios are shown one under the other: what stays then
# are function words and separators that any two bios share.
REWRITTEN = 0.25


@dataclass(frozen=True)
class BioChange:
    """Two bios, compared."""

    html: Markup
    sentence: str


def bio_change(lanes: Sequence[Row], shift: Row, redactor: Redactor) -> BioChange | None:
    """Compare the bios that stood at both dates of a shift; `lanes` are its account's rows."""
    if redactor.mode == "full" or None in (shift["at_before"], shift["at_after"]):
        return None
    bios = sorted((r for r in lanes if r["field"] == "bio"), key=lambda r: r["from_at"])
    sides = [_standing(bios, shift[f"at_{side}"]) for side in ("before", "after")]
    if sides[0] is None or sides[1] is None or sides[0] == sides[1]:
        return None
    before, after = (redactor.quote(side, "bio") for side in sides if side is not None)
    stayed = _stayed(before, after)
    whole = stayed < REWRITTEN * len(before.split())
    html = _apart(before, after) if whole else diff_html(before, after)
    return BioChange(html, _counted(before, stayed))


def _standing(bios: Sequence[Row], moment: Any) -> str | None:
    """Return the bio last seen to begin by then."""
    began = [row for row in bios if row["from_at"] <= moment]
    return str(began[-1]["value"]) if began else None


def _stayed(before: str, after: str) -> int:
    return sum(len(text.split()) for what, text in word_diff(before, after) if what == "same")


def _apart(before: str, after: str) -> Markup:
    """Both bios whole: a chance "a" or "the" between unlike texts only scatters them."""
    sides = (("del", before), ("ins", after))
    return Markup("<br>").join(
        Markup("<{0}>{1}</{0}>").format(Markup(tag), for_html(text)) for tag, text in sides if text
    )


def _counted(before: str, stayed: int) -> str:
    total = len(before.split())
    if not total:
        return "The bio was empty before."
    if not stayed:
        return "No word of the bio stayed in its place."
    return f"Of {wording.count(total, 'word')} of the bio, {stayed:,} stayed."
