"""Contract of the findings, which a reader sees first."""

from __future__ import annotations

from corpus.tables.contract import table

FINDINGS = table(
    "findings",
    "What a reader should look at first, in words, each with its evidence.",
    """
    finding_id str
    kind str
    score f64
    statement str
    narrative_id str?
    account_ids list<str>
    evidence list<str>     post or snapshot ids
    """,
)
