"""What a stage is, and the key under which its result can be found again.

A stage is named work over (engine, tables) that returns tables. Its key names everything it depends
on: the keys of the tables that it needs, the settings sections it reads, and the code. So a second
run redoes only what changed, and resumes where it was interrupted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from corpus.identity import content_id
from corpus.progress import Progress
from corpus.settings import Settings
from corpus.workspace import StageResult
from engines.engine import Engine

Tables: TypeAlias = Mapping[str, pa.Table]
Run: TypeAlias = Callable[[Engine[Any], Tables, Settings, Progress], StageResult]


@dataclass(frozen=True)
class Stage:
    """One step: `reads` names settings sections (or "seed") whose change redoes it.

    `also` names tables that it uses where they are there.
    """

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    reads: tuple[str, ...]
    run: Run
    also: tuple[str, ...] = ()


@cache
def code_version() -> str:
    """Digest of every source and data file of our packages: another version, another key."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent.parent
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


def stage_key(stage: Stage, settings: Settings, table_keys: Mapping[str, str], engine: str) -> str:
    """Return the id of this stage over these inputs, settings, engine and code."""
    sections = {name: settings.to_dict()[name] for name in stage.reads}
    return content_id(
        stage.name,
        code_version(),
        engine,
        json.dumps(sections, sort_keys=True),
        *[f"{name}:{table_keys[name]}" for name in stage.needs],
        *[f"{name}:{table_keys[name]}" for name in stage.also if name in table_keys],
    )
