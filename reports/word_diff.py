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
from reports.diff import diff_html, word_diff
from reports.redaction import Redactor

Row = Mapping[str, Any]


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
    return BioChange(diff_html(before, after), _counted(before, after))


def _standing(bios: Sequence[Row], moment: Any) -> str | None:
    """Return the bio last seen to begin by then."""
    began = [row for row in bios if row["from_at"] <= moment]
    return str(began[-1]["value"]) if began else None


def _counted(before: str, after: str) -> str:
    pieces = word_diff(before, after)
    stayed = sum(len(text.split()) for what, text in pieces if what == "same")
    total = len(before.split())
    if not total:
        return "The bio was empty before."
    if not stayed:
        return "No word of the bio stayed in its place."
    return f"Of {wording.count(total, 'word')} of the bio, {stayed:,} stayed."
