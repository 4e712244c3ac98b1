"""The stage over profiles and self-descriptions."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.progress import Progress
from corpus.settings import Settings
from corpus.tables import ACCOUNT_EVENTS, conform
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables


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
        topics=_topics(engine, tables) if "narratives" in tables else None,
        langs=tables["texts"].select(["post_id", "lang"]) if "texts" in tables else None,
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
            "persona_base_rates": found.persona_base_rates,
            "persona_edits": found.persona_edits,
            "shifts": found.shifts,
            "profile_lanes": found.profile_lanes,
            "post_habits": found.post_habits,
            "rename_contexts": found.rename_contexts,
            "bio_templates": found.bio_templates,
            "account_events": events,
        },
        found.notes,
    )


def _topics(engine: Engine[Any], tables: Tables) -> pa.Table:
    """Return post_id and the label of the narrative that the post belongs to."""
    points = tables["narrative_points"].select(["point_id", "narrative_id"])
    points = points.filter(pc.is_valid(points["narrative_id"]))
    named = tables["narratives"].select(["narrative_id", "label"])
    posts = engine.scan(tables["point_posts"].select(["post_id", "point_id"]))
    joined = engine.join(posts, engine.scan(points), on=["point_id"], how="inner")
    labelled = engine.join(joined, engine.scan(named), on=["narrative_id"], how="inner")
    return (
        engine.collect(labelled).select(["post_id", "label"]).rename_columns(["post_id", "topic"])
    )


PERSONA_TABLES = (
    "claims",
    "personas",
    "persona_coverage",
    "persona_base_rates",
    "persona_edits",
    "shifts",
    "profile_lanes",
    "post_habits",
    "rename_contexts",
    "bio_templates",
    "account_events",
)
_READ = ("posts", "profiles", "stated_events")
PERSONAS = Stage(
    "personas",
    (*_READ, "texts", "point_posts", "narrative_points", "narratives"),
    PERSONA_TABLES,
    ("personas",),
    _personas,
)
# Where no narratives are made: what accounts post about cannot be followed.
PERSONAS_ALONE = Stage("personas", _READ, PERSONA_TABLES, ("personas",), _personas)
