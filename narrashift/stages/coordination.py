"""The stage that finds who moved together."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


def _coordination(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.coordination import find_coordination

    progress.stage("coordination", None)
    found = find_coordination(
        **{name: tables[name] for name in _READ},
        settings=settings.coordination,
        seed=settings.seed,
        kept_columns=tables.get("kept_columns"),
        tie_on=settings.reading.tie_on,
    )
    return StageResult(found.tables(), found.notes, found.facts)


_READ = ("posts", "texts", "point_posts", "paraphrases", "point_classes", "outlets")
COORDINATION_TABLES = ("ties", "tie_evidence", "windows", "skipped_objects", "groups")
COORDINATION = Stage(
    "coordination",
    _READ,
    COORDINATION_TABLES,
    ("coordination", "reading", "seed"),
    _coordination,
    also=("kept_columns",),
)
