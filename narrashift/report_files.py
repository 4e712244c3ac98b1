"""The files of a report: its page, and the evidence pages beside it where one file is not enough.

In: an analysis, where the page goes, on whose terms. Out: the files, each whole or not at all;
pages of an earlier report that this one does not have are taken away, so that none of them outlives
a stricter redaction. It touches no other file of the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.files import write_text
from narrashift.clock import now

if TYPE_CHECKING:
    from narrashift.analysis import Analysis


def write_report_files(
    analysis: Analysis, path: Path, *, redact: str | None = None, **terms: Any
) -> Path:
    """Write the report to `path` and its evidence pages beside it; return `path`.

    `terms` are quote, tlp and min_accounts, as `Analysis.report` takes them.
    """
    from reports.html import build_pages

    made = build_pages(
        analysis.arrow,
        analysis.manifest.to_dict(),
        analysis.settings,
        analysis.redactor(redact, output="report", **terms),
        generated_at=now(),
        stem=path.stem,
    )
    outdated = {old.name for old in evidence_files(path)}
    write_text(path, made.page)
    for name, text in made.beside:
        write_text(path.with_name(name), text)
        outdated.discard(name)
    for name in sorted(outdated):
        path.with_name(name).unlink()
    return path


def evidence_files(path: Path) -> Iterator[Path]:
    """Yield the evidence pages that lie beside a report, in the order of their names."""
    from reports.evidence_pages import is_page_of

    folder = path.parent
    found = sorted(folder.glob("*.html")) if folder.is_dir() else []
    yield from (file for file in found if is_page_of(file.name, path.stem))
