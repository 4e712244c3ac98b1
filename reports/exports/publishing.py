"""Exports appear whole or not at all, and no old file stays beside a new one.

In: an export folder, a source, formats. Out: one folder a format, swapped into place when it is
complete, and `index.json`, which says what was written from which state of the case under which
redaction. A folder that no export made is never replaced: it is refused.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus import files
from corpus.errors import WorkspaceError
from corpus.progress import Progress, Silent
from reports.exports.registry import exporter
from reports.exports.source import ExportSource

INDEX = "index.json"


@dataclass(frozen=True)
class ExportedFile:
    """A file that was written: where, of which format, with how many rows, and its sha256."""

    path: Path
    format: str
    rows: int | None
    sha256: str


def publish(
    source: ExportSource, target: Path, names: Sequence[str], progress: Progress | None = None
) -> list[ExportedFile]:
    """Write formats below `target`; return the files in the order of the formats, then by name.

    Raises
    ------
    WorkspaceError
        When a file cannot be written, or a folder of that name holds what no export wrote.
    """
    index = read_index(target)
    for name in names:
        _refuse_strangers(target / name, name, index)
    written: list[ExportedFile] = []
    told = progress or Silent()
    for name in names:
        told.stage(f"writing {name}")
        found = _publish_one(source, target, name)
        index[name] = _entry(source, found)
        _write_index(target, index)
        written += found
    return written


def read_index(target: Path) -> dict[str, Any]:
    """Return what earlier exports wrote here, by format; empty where none did."""
    try:
        known: dict[str, Any] = json.loads((target / INDEX).read_text(encoding="utf-8"))["formats"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{target / INDEX} cannot be read: {error}; delete it and the exports beside it"
        ) from error
    return known


def outdated(target: Path, digest: str) -> list[str]:
    """Return the formats here that were written from another state of the case."""
    return sorted(
        name for name, entry in read_index(target).items() if entry.get("case_digest") != digest
    )


def _refuse_strangers(folder: Path, name: str, index: Mapping[str, Any]) -> None:
    """An analyst may point --out anywhere; what lies there is theirs."""
    if name in index or not folder.exists():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise WorkspaceError(
            f"{folder} exists and no export made it; choose another --out or move it away"
        )


def _publish_one(source: ExportSource, target: Path, name: str) -> list[ExportedFile]:
    fresh = files.aside(target / name)
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        written = sorted(exporter(name)(source, fresh), key=lambda file: file.name)
        digests = {file.name: files.file_digest(fresh / file.name) for file in written}
        _swap(fresh, target / name)
    except WorkspaceError:
        raise
    except OSError as error:
        raise WorkspaceError(
            f"cannot write {target / name}: {error.strerror or error}; choose another --out"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [
        ExportedFile(target / name / file.name, name, file.rows, digests[file.name])
        for file in written
    ]


def _swap(fresh: Path, final: Path) -> None:
    """Put the new folder where the old one was; the old one is away before anything else is."""
    old = final.with_name(f"{fresh.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        files.replace(final, old)
    try:
        files.replace(fresh, final)
    except BaseException:
        if old.exists():
            files.replace(old, final)
        raise
    with contextlib.suppress(OSError):
        shutil.rmtree(old)


def _entry(source: ExportSource, found: Sequence[ExportedFile]) -> dict[str, Any]:
    facts = source.facts
    return {
        "case_digest": facts.digest,
        "version": facts.version,
        "redaction": facts.redaction,
        "dehydrated": facts.dehydrated,
        "tlp": facts.tlp,
        "options": asdict(source.options),
        "files": [
            {"name": file.path.name, "rows": file.rows, "sha256": file.sha256} for file in found
        ],
    }


def _write_index(target: Path, index: Mapping[str, Any]) -> None:
    text = json.dumps({"formats": dict(index)}, indent=1, sort_keys=True, ensure_ascii=False)
    files.write_text(target / INDEX, text + "\n")
