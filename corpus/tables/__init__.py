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
    CAMPAIGN_ACCOUNTS,
    COLLECTION_FACTS,
    CONVERGENCE,
    FATES,
    FLOODING,
    FRONTS,
    GROUPS,
    OUTLETS,
    POINT_CLASSES,
    ROLES,
    SKIPPED_OBJECTS,
    SURVIVAL,
    TIE_EVIDENCE,
    TIES,
    TRACES,
    WINDOWS,
)
from corpus.tables.narratives import (
    EVOLUTION,
    NAMED,
    NARRATIVE_LINKS,
    NARRATIVE_POINTS,
    NARRATIVE_WINDOWS,
    NARRATIVES,
    STANCES,
    SUB_NARRATIVES,
    TIMELINES,
)
from corpus.tables.personas import (
    ACCOUNT_EVENTS,
    BIO_TEMPLATES,
    CLAIMS,
    PERSONA_BASE_RATES,
    PERSONA_COVERAGE,
    PERSONA_EDITS,
    PERSONAS,
    RENAME_CONTEXTS,
    SHIFTS,
)
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
    "BIO_TEMPLATES",
    "BURSTS",
    "CAMPAIGN",
    "CAMPAIGN_ACCOUNTS",
    "CLAIMS",
    "COLLECTION_FACTS",
    "CONVERGENCE",
    "EVOLUTION",
    "FATES",
    "FINDINGS",
    "FLOODING",
    "FRONTS",
    "GROUPS",
    "KEPT_COLUMNS",
    "NAMED",
    "NARRATIVES",
    "NARRATIVE_LINKS",
    "NARRATIVE_POINTS",
    "NARRATIVE_WINDOWS",
    "OUTLETS",
    "PAIRS",
    "PARAPHRASES",
    "PERSONAS",
    "PERSONA_BASE_RATES",
    "PERSONA_COVERAGE",
    "PERSONA_EDITS",
    "POINT_CLASSES",
    "POINT_POSTS",
    "POSTS",
    "PROFILES",
    "REJECTS",
    "RENAME_CONTEXTS",
    "ROLES",
    "SHARED_PASSAGES",
    "SHIFTS",
    "SKIPPED_OBJECTS",
    "STANCES",
    "SUB_NARRATIVES",
    "SURVIVAL",
    "TALKING_POINTS",
    "TEXTS",
    "TIES",
    "TIE_EVIDENCE",
    "TIMELINES",
    "TRACES",
    "TS",
    "TYPES",
    "VECTORS",
    "WINDOWS",
    "Column",
    "Table",
    "canonical",
    "check",
    "conform",
]

ALL: dict[str, Table] = {
    table.name: table
    for table in (
        POSTS, PROFILES,
        TEXTS, BANDS, VECTORS, PAIRS, POINT_POSTS, TALKING_POINTS, SHARED_PASSAGES, PARAPHRASES,
        POINT_CLASSES, OUTLETS,
        NARRATIVE_POINTS, NARRATIVES, SUB_NARRATIVES, TIMELINES,
        NARRATIVE_WINDOWS, EVOLUTION, NARRATIVE_LINKS, STANCES, NAMED,
        BURSTS, FLOODING, COLLECTION_FACTS,
        TRACES, TIES, TIE_EVIDENCE, WINDOWS, SKIPPED_OBJECTS,
        GROUPS, ROLES, FATES, CAMPAIGN, CAMPAIGN_ACCOUNTS, FRONTS, AFTERMATH, SURVIVAL, CONVERGENCE,
        CLAIMS, PERSONAS, PERSONA_COVERAGE, PERSONA_BASE_RATES, PERSONA_EDITS, SHIFTS,
        RENAME_CONTEXTS, BIO_TEMPLATES, ACCOUNT_EVENTS,
        FINDINGS,
        KEPT_COLUMNS,
    )
}  # fmt: skip
