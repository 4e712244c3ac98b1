"""What a shift is: two verbatim quotes of one account, and how they differ.

In: two statements (or two stretches of a field). Out: one row of `shifts`. A shift without two
quotes cannot be built: that is the rule "two quotes or no flag", kept by the types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.identity import content_id
from personas.sentences import FIELD_WORDS, reason
from personas.timeline import Statement

# Level names as the report words them.
LEVELS = {
    0: "none",
    1: "note",
    2: "inconsistent statements",
    3: "pattern consistent with account repurposing",
}


@dataclass(frozen=True)
class Quote:
    """Words an account showed: verbatim, where they stand, and when they were seen."""

    words: str
    field: str  # bio, name, handle, location or post
    source_id: str
    start: int
    end: int
    at: datetime | None
    claim_id: str | None = None


@dataclass(frozen=True)
class Shift:
    """One change of what an account claimed; `row` gives the columns of `shifts`."""

    account_id: str
    attribute: str
    kind: str
    level: int
    before: str
    after: str
    quote_before: Quote
    quote_after: Quote
    reasons: tuple[str, ...]
    caveats: tuple[str, ...]
    score: float | None = None

    @property
    def shift_id(self) -> str:
        """Names the change by account, attribute, values and sources; the level may move."""
        one, two = self.quote_before, self.quote_after
        return content_id(
            "shift", self.account_id, self.attribute, self.before, self.after, one.source_id,
            one.start, two.source_id, two.start,
        )  # fmt: skip

    def row(self) -> dict[str, Any]:
        """Return the columns of `shifts`."""
        one, two = self.quote_before, self.quote_after
        gap = None if one.at is None or two.at is None else int((two.at - one.at).total_seconds())
        return {
            "shift_id": self.shift_id,
            "account_id": self.account_id,
            "attribute": self.attribute,
            "kind": self.kind,
            "level": self.level,
            "before": self.before,
            "after": self.after,
            **_quote_columns(one, "before"),
            **_quote_columns(two, "after"),
            "gap_s": gap,
            "reasons": list(self.reasons),
            "caveats": list(self.caveats),
            "score": self.score,
        }


def _quote_columns(quote: Quote, side: str) -> dict[str, Any]:
    return {
        f"quote_{side}": quote.words,
        f"{side}_claim": quote.claim_id,
        f"{side}_source": quote.source_id,
        f"{side}_field": quote.field,
        f"{side}_start": quote.start,
        f"{side}_end": quote.end,
        f"at_{side}": quote.at,
    }


def last_quote(statement: Statement) -> Quote:
    """Return the statement's quote as it was last seen (the side before a change)."""
    s = statement
    return Quote(s.quote, s.field, s.last_source_id, s.start, s.end, s.last_at, s.claim_id)


def first_quote(statement: Statement) -> Quote:
    """Return the statement's quote as it was first seen (the side after a change)."""
    s = statement
    return Quote(s.quote, s.field, s.source_id, s.start, s.end, s.first_at, s.claim_id)


def quotes_sentence(one: Quote, two: Quote) -> str:
    """Return "On DATE the bio said «...»; on DATE the bio said «...»."."""
    return reason(
        "quotes",
        at_before=one.at or "an unknown date",
        field_before=FIELD_WORDS[one.field],
        before=one.words,
        at_after=two.at or "an unknown date",
        field_after=FIELD_WORDS[two.field],
        after=two.words,
    )
