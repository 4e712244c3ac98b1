"""Where results lie, so that an interrupted run resumes and never shows half a table.

A case folder holds `tables/*.parquet` (published results) and `work/<stage>-<key>/` (one folder a
finished stage). The key names everything a stage depended on; a folder appears under its final name
only when it is complete. In: stage results. Out: the same, read back. It refuses to guess: a folder
that cannot be read is treated as absent and computed again.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from corpus import files
from corpus.errors import WorkspaceError

logger = logging.getLogger(__name__)

# One row group a million rows: fixed, so that bytes do not depend on library defaults.
ROW_GROUP_ROWS = 1_000_000
KEY_CHARS = 16


@dataclass(frozen=True)
class StageResult:
    """What a stage leaves behind: tables, sentences for the reader, and facts for the manifest."""

    tables: Mapping[str, pa.Table]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class Store(Protocol):
    """Keeps stage results between stages, and between runs where it can."""

    @property
    def vectors(self) -> Path | None:
        """Where vectors of texts may be kept for the next run; None for nowhere."""

    def load(self, stage: str, key: str) -> StageResult | None:
        """Return the finished result of this stage under this key, if there is one."""

    def save(self, stage: str, key: str, result: StageResult) -> None:
        """Keep a finished result."""


class Memory:
    """A store for one run in this process."""

    vectors = None

    def load(self, stage: str, key: str) -> StageResult | None:
        """Nothing outlives a run."""
        return None

    def save(self, stage: str, key: str, result: StageResult) -> None:
        """The pipeline already holds it."""


def write_parquet(table: pa.Table, path: Path) -> Path:
    """Write `table` atomically; the same table gives the same bytes with the same pyarrow."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = files.aside(path)
    try:
        # Lists keep their field name, so that a table read back and written again is the same.
        pq.write_table(
            table.combine_chunks(),
            part,
            compression="zstd",
            row_group_size=ROW_GROUP_ROWS,
            use_compliant_nested_type=False,
        )
        files.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def read_parquet(path: Path) -> pa.Table:
    """Read a table; raise WorkspaceError when it is missing or damaged."""
    try:
        return pq.read_table(path, memory_map=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise WorkspaceError(f"cannot read {path}: {error}; run analyze again") from error


class Workspace:
    """The case folder on disk; keeps the Store protocol."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        # Not of one stage: other settings and added posts use the same vectors again.
        self.vectors = self.work / "vectors"
        self.tables = folder / "tables"

    def create(self) -> Workspace:
        """Make the folders; raise WorkspaceError when the place is not a folder or not writable."""
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            self.tables.mkdir(exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"cannot write the case folder {self.folder}: {error.strerror or error};"
                " choose another --out"
            ) from error
        return self

    def stage_folder(self, stage: str, key: str) -> Path:
        """Return where this stage's result lies under this key, or will lie."""
        return self.work / f"{stage}-{key[:KEY_CHARS]}"

    def load(self, stage: str, key: str) -> StageResult | None:
        """Return a finished stage, or None when it is absent or unreadable."""
        folder = self.stage_folder(stage, key)
        try:
            about = json.loads((folder / "stage.json").read_text(encoding="utf-8"))
            if about["key"] != key:
                return None
            tables = {name: read_parquet(folder / f"{name}.parquet") for name in about["tables"]}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError) as error:
            logger.warning("stage %s is damaged and will be computed again: %s", stage, error)
            return None
        return StageResult(tables, tuple(about["notes"]), about["facts"])

    def save(self, stage: str, key: str, result: StageResult) -> None:
        """Write a finished stage aside and give it its name in one step."""
        final = self.stage_folder(stage, key)
        part = files.aside(final)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name, table in result.tables.items():
            write_parquet(table, part / f"{name}.parquet")
        about = {
            "key": key,
            "tables": sorted(result.tables),
            "notes": list(result.notes),
            "facts": dict(result.facts),
        }
        (part / "stage.json").write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
        shutil.rmtree(final, ignore_errors=True)
        files.replace(part, final)

    def publish(self, tables: Mapping[str, pa.Table]) -> None:
        """Write the case's tables and remove those that this run no longer makes."""
        for name, table in tables.items():
            write_parquet(table, self.tables / f"{name}.parquet")
        for path in self.tables.glob("*.parquet"):
            if path.stem not in tables:
                path.unlink()

    def published(self, without: Collection[str] = ()) -> dict[str, pa.Table]:
        """Read the case's tables; raise WorkspaceError when this is not a finished case.

        Tables named in `without`, such as vectors nobody will read, stay on disk.
        """
        paths = sorted(self.tables.glob("*.parquet"))
        if not paths:
            raise WorkspaceError(
                f"{self.folder} holds no tables; make a case with: narrashift analyze FILE --out"
                f" {self.folder}"
            )
        return {path.stem: read_parquet(path) for path in paths if path.stem not in without}

    def forget(self, keep: Iterable[tuple[str, str]]) -> None:
        """Remove stage folders of earlier inputs or settings, and leftovers of interrupted runs."""
        wanted = {self.stage_folder(stage, key).name for stage, key in keep}
        wanted.add(self.vectors.name)
        for path in self.work.iterdir():
            if path.name not in wanted:
                shutil.rmtree(path, ignore_errors=True)
        for folder in (self.folder, self.tables):
            for part in folder.glob(".*.part"):
                part.unlink(missing_ok=True)


def usable_as_case(folder: Path) -> None:
    """Refuse to mix a case into a folder that holds other things; raise WorkspaceError."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise WorkspaceError(f"{folder} is a file; --out expects a folder for the case")
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if names and not names & {"tables", "work", "manifest.json"}:
        raise WorkspaceError(f"{folder} is not empty and not a case; choose a new folder for --out")
