"""The stage that asks whether opposed camps carry the same messages."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


def _convergence(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from personas.tracker import opposition
    from reports.convergence import convergence
    from reports.convergence_camps import Camps

    progress.stage("both sides", None)
    camps = Camps.of_personas(tables["personas"], opposition(settings.personas))
    return StageResult({"convergence": convergence(tables, camps, seed=settings.seed)})


CONVERGENCE = Stage(
    "convergence",
    (
        "posts",
        "texts",
        "point_posts",
        "point_classes",
        "narrative_points",
        "ties",
        "campaign_accounts",
        "personas",
    ),
    ("convergence",),
    ("personas", "seed"),
    _convergence,
)
