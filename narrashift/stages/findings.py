"""The stage that ranks what a reader should look at first."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.campaign import CAMPAIGN_TABLES
from narrashift.stages.coordination import COORDINATION_TABLES
from narrashift.stages.personas import PERSONA_TABLES
from narrashift.stages.stage import Stage, Tables
from narrashift.stages.texts import TALKING_POINT_TABLES


def _findings(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from reports.findings import rank_findings

    progress.stage("findings", None)
    return StageResult({"findings": rank_findings(tables, settings)})


FINDINGS = Stage(
    "findings",
    (
        "posts",
        "profiles",
        "texts",
        *TALKING_POINT_TABLES,
        "narrative_points",
        "narratives",
        "timelines",
        *PERSONA_TABLES,
        *COORDINATION_TABLES,
        *CAMPAIGN_TABLES,
        "point_classes",
        "bursts",
        "convergence",
        "aftermath",
    ),
    ("findings",),
    ("event", "report"),
    _findings,
)
# Findings over what the persona tracker alone makes.
PERSONA_FINDINGS = Stage(
    "findings",
    ("posts", "profiles", *PERSONA_TABLES),
    ("findings",),
    ("event", "report"),
    _findings,
)
