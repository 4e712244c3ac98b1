"""Which tables exist, and what does each column hold?

Every table that passes between stages has one contract, written beside its kin: `reading`, `texts`,
`narratives`, `coordination`, `personas`, `reporting`. `ALL` lists them in the order of the path of
a post. How a table is held to its contract stands in `contract`.
"""

from __future__ import annotations

from corpus.tables.contract import TS, TYPES, Column, Table, canonical, check, conform
from corpus.tables.coordination import (
    AFTERMATH,
    BURSTS,
    CAMPAIGN,
    CONVERGENCE,
    FATES,
    GROUPS,
    ROLES,
    TIES,
)
from corpus.tables.narratives import NARRATIVE_POINTS, NARRATIVES, TIMELINES
from corpus.tables.personas import ACCOUNT_EVENTS, CLAIMS, PERSONA_COVERAGE, PERSONAS, SHIFTS
from corpus.tables.reading import KEPT_COLUMNS, POSTS, PROFILES, REJECTS
from corpus.tables.reporting import FINDINGS
from corpus.tables.texts import (
    BANDS,
    PAIRS,
    PARAPHRASES,
    POINT_POSTS,
    SHARED_PASSAGES,
    TALKING_POINTS,
    TEXTS,
    VECTORS,
)

__all__ = [
    "ACCOUNT_EVENTS",
    "AFTERMATH",
    "ALL",
    "BANDS",
    "BURSTS",
    "CAMPAIGN",
    "CLAIMS",
    "CONVERGENCE",
    "FATES",
    "FINDINGS",
    "GROUPS",
    "KEPT_COLUMNS",
    "NARRATIVES",
    "NARRATIVE_POINTS",
    "PAIRS",
    "PARAPHRASES",
    "PERSONAS",
    "PERSONA_COVERAGE",
    "POINT_POSTS",
    "POSTS",
    "PROFILES",
    "REJECTS",
    "ROLES",
    "SHARED_PASSAGES",
    "SHIFTS",
    "TALKING_POINTS",
    "TEXTS",
    "TIES",
    "TIMELINES",
    "TS",
    "TYPES",
    "VECTORS",
    "Column",
    "Table",
    "canonical",
    "check",
    "conform",
]

ALL: dict[str, Table] = {
    table.name: table
    for table in (
        POSTS, PROFILES, TEXTS, BANDS, VECTORS, PAIRS, POINT_POSTS, TALKING_POINTS,
        SHARED_PASSAGES, PARAPHRASES,
        NARRATIVE_POINTS, NARRATIVES, TIMELINES, BURSTS, TIES, GROUPS, ROLES, CLAIMS, PERSONAS,
        PERSONA_COVERAGE, SHIFTS, ACCOUNT_EVENTS, FATES, CAMPAIGN, AFTERMATH, CONVERGENCE, FINDINGS,
        KEPT_COLUMNS,
    )
}  # fmt: skip
