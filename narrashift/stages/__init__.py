"""Which stages make a case, in order; what each needs and makes stands beside its work."""

from __future__ import annotations

from narrashift.stages.campaign import AFTERMATH_STAGE, CAMPAIGN, FRONTS
from narrashift.stages.convergence import CONVERGENCE
from narrashift.stages.coordination import COORDINATION
from narrashift.stages.copying import BENIGN, BURSTS, COLLECTION
from narrashift.stages.findings import FINDINGS, PERSONA_FINDINGS
from narrashift.stages.named import NAMED
from narrashift.stages.narratives import (
    EVOLUTION,
    LANGUAGE_LINKS,
    NARRATIVE_MAP,
    NARRATIVES,
    PARAPHRASES,
    STANCES,
    TIMELINES,
)
from narrashift.stages.personas import PERSONAS, PERSONAS_ALONE
from narrashift.stages.stage import Stage, Tables, code_version, stage_key
from narrashift.stages.texts import PASSAGES, POINTS, TEXTS

__all__ = ["SCOPES", "WHOLE", "Stage", "Tables", "code_version", "stage_key"]

WHOLE: tuple[Stage, ...] = (
    TEXTS,
    POINTS,
    BENIGN,
    PASSAGES,
    NARRATIVES,
    PARAPHRASES,
    TIMELINES,
    EVOLUTION,
    LANGUAGE_LINKS,
    NARRATIVE_MAP,
    STANCES,
    NAMED,
    BURSTS,
    COLLECTION,
    COORDINATION,
    CAMPAIGN,
    PERSONAS,
    CONVERGENCE,
    FRONTS,
    AFTERMATH_STAGE,
    FINDINGS,
)
SCOPES: dict[str, tuple[Stage, ...]] = {
    "whole": WHOLE,
    "talking_points": (TEXTS, POINTS),
    "narratives": (
        TEXTS,
        POINTS,
        BENIGN,
        NARRATIVES,
        PARAPHRASES,
        TIMELINES,
        EVOLUTION,
        LANGUAGE_LINKS,
        NARRATIVE_MAP,
        STANCES,
        NAMED,
    ),
    "personas": (PERSONAS_ALONE, PERSONA_FINDINGS),
}
