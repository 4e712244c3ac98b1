"""Which stages make a case, what each needs, and what each makes.

A stage is named work over (engine, tables) that returns tables. Its key names everything it depends
on: the keys of the tables that it needs, the settings sections it reads, and the code. So a second
run redoes only what changed, and resumes where it was interrupted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from corpus.identity import content_id
from corpus.progress import Progress
from corpus.settings import Settings
from corpus.tables import ACCOUNT_EVENTS, conform
from corpus.workspace import StageResult
from engines.engine import Engine

Tables: TypeAlias = Mapping[str, pa.Table]
Run: TypeAlias = Callable[[Engine[Any], Tables, Settings, Progress], StageResult]


@dataclass(frozen=True)
class Stage:
    """One step: `reads` names settings sections (or "seed") whose change redoes it."""

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    reads: tuple[str, ...]
    run: Run


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
    )
    return StageResult(
        {
            "vectors": found.vectors,
            "narrative_points": found.narrative_points,
            "narratives": found.narratives,
        },
        found.notes,
        {"embedders": found.embedders},
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


def _personas(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from personas.tracker import track_personas

    found = track_personas(
        engine,
        posts=tables["posts"],
        profiles=tables["profiles"],
        settings=settings.personas,
        progress=progress,
    )
    # What the tracker derives from a snapshot's state, the reader may have stated too.
    same = found.account_events.select(["account_id", "kind", "at"])
    stated = engine.collect(
        engine.join(
            engine.scan(tables["stated_events"]),
            engine.scan(same),
            on=["account_id", "kind", "at"],
            how="anti",
        )
    )
    events = pa.concat_tables([found.account_events, conform(stated, ACCOUNT_EVENTS)])
    return StageResult(
        {
            "claims": found.claims,
            "personas": found.personas,
            "persona_coverage": found.persona_coverage,
            "shifts": found.shifts,
            "account_events": events,
        },
        found.notes,
    )


def _findings(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from reports.findings import rank_findings

    progress.stage("findings", None)
    return StageResult({"findings": rank_findings(tables, settings)})


TALKING_POINT_TABLES = ("pairs", "point_posts", "talking_points")
NARRATIVE_TABLES = ("vectors", "narrative_points", "narratives")
PERSONA_TABLES = ("claims", "personas", "persona_coverage", "shifts", "account_events")

TEXTS = Stage("texts", ("posts",), ("texts",), (), _texts)
POINTS = Stage(
    "talking_points", ("posts", "texts"), TALKING_POINT_TABLES, ("talking_points",), _talking_points
)
PASSAGES = Stage("passages", ("posts", "texts"), ("shared_passages",), ("passages",), _passages)
NARRATIVES = Stage(
    "narratives",
    ("posts", "texts", "point_posts", "talking_points"),
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
PERSONAS = Stage(
    "personas", ("posts", "profiles", "stated_events"), PERSONA_TABLES, ("personas",), _personas
)
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
    ),
    ("findings",),
    ("event", "report"),
    _findings,
)

WHOLE: tuple[Stage, ...] = (
    TEXTS,
    POINTS,
    PASSAGES,
    NARRATIVES,
    PARAPHRASES,
    TIMELINES,
    PERSONAS,
    FINDINGS,
)
# Findings over what the persona tracker alone makes.
PERSONA_FINDINGS = Stage(
    "findings",
    ("posts", "profiles", *PERSONA_TABLES),
    ("findings",),
    ("event", "report"),
    _findings,
)
SCOPES: dict[str, tuple[Stage, ...]] = {
    "whole": WHOLE,
    "talking_points": (TEXTS, POINTS),
    "narratives": (TEXTS, POINTS, NARRATIVES, PARAPHRASES, TIMELINES),
    "personas": (PERSONAS, PERSONA_FINDINGS),
}


@cache
def code_version() -> str:
    """Digest of every source and data file of our packages: another version, another key."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for package in (
        "clustering",
        "corpus",
        "engines",
        "narrashift",
        "nlp",
        "personas",
        "reports",
    ):
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _section(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def stage_key(stage: Stage, settings: Settings, table_keys: Mapping[str, str], engine: str) -> str:
    """Return the id of this stage over these inputs, settings, engine and code."""
    sections = {name: _section(settings, name) for name in stage.reads}
    return content_id(
        stage.name,
        code_version(),
        engine,
        json.dumps(sections, sort_keys=True),
        *[f"{name}:{table_keys[name]}" for name in stage.needs],
    )
