"""Stages over talking points: narratives, paraphrases, timelines."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


def _narratives(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.narratives import find_narratives

    found = find_narratives(
        engine,
        posts=tables["posts"],
        texts=tables["texts"],
        point_posts=tables["point_posts"],
        talking_points=tables["talking_points"],
        settings=settings.narratives,
        seed=settings.seed,
        progress=progress,
        point_classes=tables["point_classes"],
    )
    return StageResult(
        {
            "vectors": found.vectors,
            "narrative_points": found.narrative_points,
            "narratives": found.narratives,
            "sub_narratives": found.sub_narratives,
        },
        found.notes,
        {"embedders": found.embedders, "coverage": found.facts},
    )


def _paraphrases(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.paraphrases import find_paraphrases

    found = find_paraphrases(
        texts=tables["texts"],
        talking_points=tables["talking_points"],
        vectors=tables["vectors"],
        settings=settings.paraphrases,
        progress=progress,
    )
    return StageResult({"paraphrases": found.paraphrases}, found.notes)


def _timelines(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.timeline import bin_posts

    progress.stage("timelines", None)
    binned = bin_posts(
        posts=tables["posts"],
        point_posts=tables["point_posts"],
        narrative_points=tables["narrative_points"],
        bin_s=settings.narratives.bin_s,
    )
    return StageResult({"timelines": binned})


def _evolution(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.evolution import follow_narratives, spaces_of

    progress.stage("narratives over time", None)
    found = follow_narratives(
        posts=tables["posts"],
        point_posts=tables["point_posts"],
        vectors=tables["vectors"],
        talking_points=tables["talking_points"],
        narrative_points=tables["narrative_points"],
        space_of_post=spaces_of(tables["vectors"], tables["texts"]),
        window_s=settings.narratives.window_s,
    )
    made = {"narrative_windows": found.narrative_windows, "evolution": found.evolution}
    return StageResult(made, found.notes)


def _map(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.evolution import spaces_of
    from clustering.narrative_map import map_narratives

    progress.stage("narrative map", None)
    mapped = map_narratives(
        vectors=tables["vectors"],
        point_posts=tables["point_posts"],
        narrative_points=tables["narrative_points"],
        space_of_post=spaces_of(tables["vectors"], tables["texts"]),
    )
    return StageResult({"narrative_map": mapped})


def _links(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.cross_language import link_languages

    progress.stage("narratives across languages", None)
    linked = link_languages(
        posts=tables["posts"],
        point_posts=tables["point_posts"],
        narrative_points=tables["narrative_points"],
        narratives=tables["narratives"],
        timelines=tables["timelines"],
    )
    return StageResult({"narrative_links": linked})


def _stances(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.evolution import spaces_of
    from clustering.stances import spread_labels

    spread = spread_labels(
        settings.labels,
        point_posts=tables["point_posts"],
        narrative_points=tables["narrative_points"],
        talking_points=tables["talking_points"],
        paraphrases=tables["paraphrases"],
        vectors=tables["vectors"],
        space_of_post=spaces_of(tables["vectors"], tables["texts"]),
    )
    return StageResult({"stances": spread.stances}, spread.notes)


NARRATIVE_TABLES = ("vectors", "narrative_points", "narratives", "sub_narratives")
NARRATIVES = Stage(
    "narratives",
    ("posts", "texts", "point_posts", "talking_points", "point_classes"),
    NARRATIVE_TABLES,
    ("narratives", "seed"),
    _narratives,
)
PARAPHRASES = Stage(
    "paraphrases",
    ("texts", "talking_points", "vectors"),
    ("paraphrases",),
    ("paraphrases",),
    _paraphrases,
)
TIMELINES = Stage(
    "timelines",
    ("posts", "point_posts", "narrative_points"),
    ("timelines",),
    ("narratives",),
    _timelines,
)
EVOLUTION = Stage(
    "evolution",
    ("posts", "texts", "point_posts", "talking_points", "vectors", "narrative_points"),
    ("narrative_windows", "evolution"),
    ("narratives",),
    _evolution,
)
LANGUAGE_LINKS = Stage(
    "language_links",
    ("posts", "point_posts", "narrative_points", "narratives", "timelines"),
    ("narrative_links",),
    (),
    _links,
)
NARRATIVE_MAP = Stage(
    "narrative_map",
    ("texts", "point_posts", "vectors", "narrative_points"),
    ("narrative_map",),
    (),
    _map,
)
STANCES = Stage(
    "stances",
    ("texts", "point_posts", "talking_points", "narrative_points", "paraphrases", "vectors"),
    ("stances",),
    ("labels",),
    _stances,
)
