"""A post on its way to the files: its text and, beside it, the truth about it.

`wording` names the group of posts that carry the same wording (copies of one text, with typed
edits); `point` the talking point, which a translation or a paraphrase carries into a new wording.
A post like no other has its own wording and point, both "" here and its post id in the files.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from scripts.campaign.chance import Rng


@dataclass
class Draft:
    """One post and its truth; `at_s` is seconds after WINDOW_START."""

    account_id: str
    at_s: float
    text: str
    lang: str
    narrative: str
    kind: str = "post"
    point: str = ""
    wording: str = ""
    edit_kind: str = "own_words"
    coordinated: bool = False
    benign_class: str = ""
    parent: Draft | None = None
    copied_from: Draft | None = None
    mention: str = ""  # account whose handle stands in the text as {handle}
    post_id: str = ""


@dataclass
class Timeline:
    """Drafts in the order of their times, to find what could be seen at a moment."""

    drafts: list[Draft] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)

    def settle(self) -> None:
        """Sort the drafts by time and account; to be called after adding."""
        self.drafts.sort(key=lambda draft: (draft.at_s, draft.account_id, draft.text))
        self._times = [draft.at_s for draft in self.drafts]

    def recent(self, rng: Rng, moment: float, reach: int = 60) -> Draft | None:
        """Draw one of the last `reach` drafts before a moment, or None."""
        end = bisect_left(self._times, moment)
        return self.drafts[end - 1 - int(rng.random() * min(reach, end))] if end else None


class UniqueTexts:
    """Remembers what has been written, so that no two people write nearly the same by accident.

    Only then is "own words" true. Texts are compared with those that grew from the same frame,
    by the Jaccard similarity of their words; other frames share too little to come close.
    """

    TOO_ALIKE = 0.55

    def __init__(self) -> None:
        self._seen: dict[str, list[frozenset[str]]] = {}

    def take(self, text: str, frame: str) -> bool:
        """Say whether the text is new among those of its frame, and remember it if so."""
        written = frozenset(re.findall(r"\w+", text.lower()))
        earlier = self._seen.setdefault(frame, [])
        if any(len(written & old) > self.TOO_ALIKE * len(written | old) for old in earlier):
            return False
        earlier.append(written)
        return True
