"""Run stages one after the other, resume what a store already holds, keep the books.

In: a corpus, settings, an engine and a store. Out: an `Analysis` (tables and manifest). What the
stages do is none of this module's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpus.errors import EmptyCorpus
from corpus.manifest import Manifest, Note, StageTime, library_versions, platform_facts
from corpus.measure import peak_mib
from corpus.progress import Progress
from corpus.settings import Settings
from corpus.tables import ALL, canonical
from corpus.workspace import StageResult, Store
from engines.engine import Engine
from narrashift.stages import Stage, code_version, stage_key
from nlp.embed_cache import vectors_kept_in


@dataclass
class Run:
    """The state of one run: tables so far with their keys, and what the manifest will say."""

    engine: Engine[Any]
    settings: Settings
    store: Store
    progress: Progress
    tables: dict[str, pa.Table] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    times: list[StageTime] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)

    def take(self, name: str, key: str, result: StageResult, seconds: float, resumed: bool) -> None:
        """Add a stage's result to the run."""
        self.tables.update(result.tables)
        self.keys.update({table: f"{key}/{table}" for table in result.tables})
        self.notes += [Note(name, sentence) for sentence in result.notes]
        self.facts.update(result.facts)
        rows = max((table.num_rows for table in result.tables.values()), default=0)
        self.times.append(StageTime(name, rows, round(seconds, 3), round(peak_mib(), 1), resumed))
        self.done.append((name, key))

    def resume_or(self, name: str, key: str, compute: Callable[[], StageResult]) -> None:
        """Take a finished result from the store, or compute it and keep it."""
        began = time.perf_counter()
        result = self.store.load(name, key)
        resumed = result is not None
        if result is None:
            with vectors_kept_in(self.store.vectors):
                result = canonical_result(compute())
            self.store.save(name, key, result)
        self.take(name, key, result, time.perf_counter() - began, resumed)

    def stage(self, stage: Stage) -> None:
        """Resume `stage` from the store, or run it and keep its result."""
        self.resume_or(
            stage.name,
            stage_key(stage, self.settings, self.keys, self.engine.name),
            lambda: stage.run(self.engine, self.tables, self.settings, self.progress),
        )

    def all(self, stages: Sequence[Stage]) -> None:
        """Run every stage in order."""
        if not self.tables["posts"].num_rows and not self.tables["profiles"].num_rows:
            raise EmptyCorpus(
                "no usable row was found: every row was rejected or the files were empty;"
                " see the reasons with: narrashift inspect FILE"
            )
        for stage in stages:
            self.stage(stage)

    def manifest(self, *, version: str, created_at: str, reveal: bool) -> Manifest:
        """Return the record of this run."""
        return Manifest(
            version=version,
            code=code_version(),
            created_at=created_at,
            settings=self.settings.to_dict(),
            files=list(self.facts.get("files", [])),
            notes=self.notes,
            stages=self.times,
            facts={name: value for name, value in self.facts.items() if name != "files"},
            tables={},
            engine=self.engine.name,
            seed=self.settings.seed,
            reveal=reveal,
            gender=self.settings.personas.gender,
            libraries=library_versions(),
            platform=platform_facts(),
        )


def canonical_result(result: StageResult) -> StageResult:
    """Check every table against its contract and put its rows into canonical order."""
    tables = {
        name: canonical(table, ALL[name]) if name in ALL else table
        for name, table in result.tables.items()
    }
    return StageResult(tables, result.notes, result.facts)
