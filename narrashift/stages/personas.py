"""The stage over profiles and self-descriptions."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

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


PERSONA_TABLES = ("claims", "personas", "persona_coverage", "shifts", "account_events")
PERSONAS = Stage(
    "personas", ("posts", "profiles", "stated_events"), PERSONA_TABLES, ("personas",), _personas
)
