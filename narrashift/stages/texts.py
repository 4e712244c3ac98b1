"""Stages over single texts and pairs of them: texts, talking points, passages."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


def _texts(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from nlp.normalize import Normalize

    progress.stage("normalizing texts", tables["posts"].num_rows)
    frame = engine.map(engine.scan(tables["posts"]), Normalize())
    return StageResult({"texts": engine.collect(frame)})


def _talking_points(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.talking_points import find_talking_points

    found = find_talking_points(
        engine,
        tables["posts"],
        tables["texts"],
        settings=settings.talking_points,
        progress=progress,
    )
    return StageResult(
        {
            "pairs": found.pairs,
            "point_posts": found.point_posts,
            "talking_points": found.talking_points,
        }
    )


def _passages(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.passages import find_shared_passages

    found = find_shared_passages(
        engine,
        posts=tables["posts"],
        texts=tables["texts"],
        settings=settings.passages,
        progress=progress,
    )
    return StageResult({"shared_passages": found.shared_passages}, found.notes)


TALKING_POINT_TABLES = ("pairs", "point_posts", "talking_points")
TEXTS = Stage("texts", ("posts",), ("texts",), (), _texts)
POINTS = Stage(
    "talking_points", ("posts", "texts"), TALKING_POINT_TABLES, ("talking_points",), _talking_points
)
PASSAGES = Stage("passages", ("posts", "texts"), ("shared_passages",), ("passages",), _passages)
