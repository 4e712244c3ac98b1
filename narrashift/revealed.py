"""The record of what left a case with real ids and names, by the name of the output.

In: a case and what was written of it with nobody replaced. Out: the list `revealed` among the facts
of the manifest, sorted, which later runs over the same case keep. Nothing is recorded of
pseudonymized outputs, and no time: the same outputs give the same record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import WorkspaceError
from corpus.locks import only_writer
from corpus.manifest import Manifest

if TYPE_CHECKING:
    from narrashift.analysis import Analysis

logger = logging.getLogger(__name__)
REVEALED = "revealed"


def record_reveal(case: Path, outputs: Iterable[str]) -> None:
    """Write into the manifest which outputs were made with nobody replaced.

    Raises WorkspaceError when the manifest cannot be read or written.
    """
    Manifest.read(case)
    with only_writer(case, logger.info):
        manifest = Manifest.read(case)
        added = _with(manifest, outputs)
        if added is not manifest:
            added.write(case)


def record_if_plain(case: Path, analysis: Analysis, redact: str | None, output: str) -> None:
    """Record the output where it was made with nobody replaced: asked for, or the case's own way.

    Raises WorkspaceError when the manifest cannot be read or written.
    """
    if analysis.redaction(redact) == "none":
        record_reveal(case, [output])


def with_record(manifest: Manifest, case: Path) -> Manifest:
    """Return the manifest with the record of the one that it is about to replace."""
    try:
        before = Manifest.read(case)
    except WorkspaceError:
        return manifest
    return _with(manifest, before.facts.get(REVEALED, []))


def _with(manifest: Manifest, outputs: Iterable[str]) -> Manifest:
    known = set(manifest.facts.get(REVEALED, []))
    added = known | set(outputs)
    if added == known:
        return manifest
    return replace(manifest, facts={**manifest.facts, REVEALED: sorted(added)})
