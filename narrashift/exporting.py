"""Write what leaves a case: the report and the exports, always through a redactor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.files import write_text
from narrashift.analysis import Analysis


def write_report(case: Path, *, redact: str | None = None, target: Path | None = None) -> Path:
    """Rebuild a case's report and return its path; raise WorkspaceError or SettingsError."""
    analysis = Analysis.load(case)
    return write_text(target or case / "report.html", analysis.report(redact=redact))


def write_exports(
    case: Path,
    formats: Sequence[str],
    *,
    redact: str | None = None,
    folder: Path | None = None,
) -> list[Path]:
    """Write a case's tables as csv and/or parquet; return the paths that were written.

    Raises UnknownPlugin for a format nobody offers, WorkspaceError when the case is unreadable.
    """
    from reports.tabular import exporter

    writers = [(name.strip(), exporter(name.strip())) for name in formats]
    analysis = Analysis.load(case)
    redactor = analysis.redactor(redact)
    written: list[Path] = []
    for name, write in writers:
        target = (folder or case / "exports") / name
        written += write(analysis.arrow, target, redactor)
    return written
