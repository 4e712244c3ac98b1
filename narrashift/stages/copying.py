"""Stages that tell harmless copying, bursts and the collection apart from what to look at."""

from __future__ import annotations

from typing import Any

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


def _benign(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.benign import classify_points

    progress.stage("harmless copying", None)
    found = classify_points(
        posts=tables["posts"],
        texts=tables["texts"],
        point_posts=tables["point_posts"],
        kept=tables.get("kept_columns"),
    )
    counts = found.point_classes.column("benign_class").value_counts().to_pylist()
    facts = {each["values"]: each["counts"] for each in counts}
    return StageResult(
        {"point_classes": found.point_classes, "outlets": found.outlets},
        (),
        {"point_classes": dict(sorted(facts.items()))},
    )


def _bursts(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.bursts import burst_table
    from clustering.flooding import find_flooding

    progress.stage("bursts", None)
    bursts = burst_table(
        posts=tables["posts"],
        point_posts=tables["point_posts"],
        narrative_points=tables["narrative_points"],
        bin_s=settings.narratives.bin_s,
    )
    flooding = find_flooding(tables["posts"], seed=settings.seed)
    return StageResult({"bursts": bursts, "flooding": flooding})


def _collection(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.collection import collection_facts

    progress.stage("collection", None)
    facts = collection_facts(
        tables["posts"], tables["profiles"], settings.collection, bin_s=settings.narratives.bin_s
    )
    return StageResult({"collection_facts": facts})


BENIGN = Stage(
    "benign",
    ("posts", "texts", "point_posts"),
    ("point_classes", "outlets"),
    (),
    _benign,
    also=("kept_columns",),
)
BURSTS = Stage(
    "bursts",
    ("posts", "point_posts", "narrative_points"),
    ("bursts", "flooding"),
    ("narratives", "seed"),
    _bursts,
)
COLLECTION = Stage(
    "collection",
    ("posts", "profiles"),
    ("collection_facts",),
    ("collection", "narratives"),
    _collection,
)
