"""Exports of tables that are no case folder: of an analysis in memory, or of tables made by hand.

In: tables as read, a redactor, a format. Out: files. What a case folder adds (the index, folders
that are swapped into place) stands in `publishing`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from reports.exports.registry import exporter
from reports.exports.source import CaseFacts, ExportOptions, redact_into
from reports.redaction import Redactor


def export_tables(
    name: str,
    tables: Mapping[str, pa.Table],
    folder: Path,
    redactor: Redactor,
    *,
    facts: CaseFacts | None = None,
    options: ExportOptions | None = None,
) -> list[Path]:
    """Write tables in one format into `folder`; return the files, sorted.

    Raises
    ------
    UnknownPlugin
        For a format nobody offers.
    OSError
        When a file cannot be written.
    """
    write = exporter(name)
    told = facts or CaseFacts("Tables", "", "", redactor.mode, tlp=redactor.tlp)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spool:
        source = redact_into(Path(spool), tables, redactor, told, options)
        return sorted(folder / file.name for file in write(source, folder))
