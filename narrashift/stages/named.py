"""The stage that tells whom and what the narratives name."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables

NEEDS = ("posts", "texts", "point_posts", "talking_points", "narrative_points", "narratives")


def _named(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.named_in_narratives import find_named

    found = find_named(
        **{name: tables[name] for name in NEEDS},
        targets=settings.targets,
        spacy_models=settings.names.spacy_model,
        progress=progress,
    )
    return StageResult({"named": found.named}, found.notes, found.facts)


NAMED = Stage("named", NEEDS, ("named",), ("names", "targets"), _named)
