"""Write what leaves a case: the report and the exports, always through a redactor.

In: a case folder and what is asked for. Out: files, and what was written of them. Tables are
redacted once, into a folder that is gone afterwards; every format reads them from there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import files
from corpus.errors import SettingsError, WorkspaceError
from corpus.identity import content_id
from corpus.locks import only_writer
from corpus.manifest import Manifest
from corpus.progress import Progress, Silent
from narrashift.analysis import Analysis
from narrashift.reading_case import read_case
from narrashift.report_files import write_report_files
from narrashift.revealed import record_reveal

if TYPE_CHECKING:
    from reports.exports.publishing import ExportedFile
    from reports.exports.source import CaseFacts, ExportOptions, ExportSource
    from reports.redaction import Redactor


# Tables that no export reads; vectors are the largest of a case.
UNREAD = frozenset({"bands", "vectors"})


@dataclass(frozen=True)
class Exports:
    """What was written, and what a reader should know about it."""

    folder: Path
    files: list[ExportedFile]
    redaction: str
    notes: list[str]


def write_report(
    case: Path,
    *,
    redact: str | None = None,
    target: Path | None = None,
    progress: Progress | None = None,
    **terms: Any,
) -> Path:
    """Rebuild a case's report and return its path; raise WorkspaceError or SettingsError.

    `terms` are quote, tlp and min_accounts, as `Analysis.report` takes them; `progress` hears for
    whom it waits.
    """
    heard = progress or Silent()
    with _in_turn(case, target, heard):
        analysis = read_case(case, heard.notice)
        path = write_report_files(analysis, target or case / "report.html", redact=redact, **terms)
        if analysis.redaction(redact) == "none":
            record_reveal(case, ["report"])
    return path


def _in_turn(case: Path, target: Path | None, heard: Progress) -> AbstractContextManager[None]:
    """What is written into the case is written by one process at a time, as the case itself."""
    Manifest.read(case)
    return nullcontext() if target is not None else only_writer(case, heard.notice)


def write_exports(
    case: Path,
    formats: str | Iterable[str],
    *,
    redact: str | None = None,
    folder: Path | None = None,
    dehydrated: bool = False,
    options: ExportOptions | None = None,
    progress: Progress | None = None,
    **terms: Any,
) -> Exports:
    """Write a case in one or more formats.

    Parameters
    ----------
    case
        Folder of a finished case.
    formats
        Names of formats, also several in one text with commas; `reports.exports.registry.formats`
        lists them.
    redact
        pseudonym, full or none; None: the case's own.
    folder
        Where to write; None: `exports` in the case. Each format gets a folder of its own there,
        which replaces the one of an earlier export, and `index.json` says what was written.
    dehydrated
        Keep ids and our own labels alone, no text and no name; needs real ids.
    progress
        Is told what is being written.
    terms
        quote, tlp and min_accounts, as `Analysis.redactor` takes them.

    Raises
    ------
    UnknownPlugin
        For a format nobody offers.
    SettingsError
        For a redaction that is unknown, or that does not fit `dehydrated`.
    WorkspaceError
        When the case cannot be read, or the folder not written.
    """
    from reports.exports.publishing import publish
    from reports.exports.registry import chosen

    names = chosen([formats] if isinstance(formats, str) else formats, dehydrated=dehydrated)
    told = progress or Silent()
    target = folder or case / "exports"
    _refuse_file(target)
    spool = files.aside(target / "tables")
    with _in_turn(case, folder, told):
        analysis = read_case(case, told.notice, without=UNREAD)
        redactor = analysis.redactor(redact, output="export", **terms)
        _fits(redactor, dehydrated)
        try:
            told.stage("redacting")
            source = _source(analysis, redactor, spool, dehydrated, options)
            del analysis  # from here on tables are read in batches
            written = publish(source, target, names, told)
        finally:
            shutil.rmtree(spool, ignore_errors=True)
        if redactor.mode == "none":
            record_reveal(case, [f"export {name}" for name in names])
    notes = _about(written, target, names, source.facts.digest)
    return Exports(target, written, redactor.mode, notes)


def _about(
    written: Sequence[ExportedFile], target: Path, names: Sequence[str], digest: str
) -> list[str]:
    """What a reader should know: exports of an earlier state beside, formats without a file."""
    from reports.exports.publishing import outdated

    notes = [
        f"{target / name} was written from an earlier state of this case; export it again or"
        " delete it"
        for name in outdated(target, digest)
        if name not in names
    ]
    empty = set(names) - {file.format for file in written}
    return notes + [
        f"{name}: the case holds nothing that this format tells of" for name in sorted(empty)
    ]


def _refuse_file(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise WorkspaceError(f"{target} is a file; expected a folder for the exports (--out DIR)")


def _fits(redactor: Redactor, dehydrated: bool) -> None:
    if dehydrated and redactor.mode != "none":
        raise SettingsError(
            "--dehydrated shares ids by which posts can be fetched again, so it needs real ids, and"
            f" this export replaces them (redaction: {redactor.mode}); add --redact none"
        )


def _source(
    analysis: Analysis,
    redactor: Redactor,
    spool: Path,
    dehydrated: bool,
    options: ExportOptions | None,
) -> ExportSource:
    from reports.decided import with_decisions
    from reports.exports.source import redact_into
    from reports.released import released

    shutil.rmtree(spool, ignore_errors=True)
    facts = replace(case_facts(analysis, redactor), dehydrated=dehydrated)
    tables = with_decisions(released(analysis.arrow, redactor))
    return redact_into(spool, tables, redactor, facts, options)


def case_facts(analysis: Analysis, redactor: Redactor) -> CaseFacts:
    """Return what exports tell about a case, redacted."""
    from reports.exports.source import CaseFacts
    from reports.narrative_findings import event_window
    from reports.released import threshold_words

    manifest, settings = analysis.manifest, analysis.settings
    read = [str(file["name"]) for file in manifest.files]
    return CaseFacts(
        title=redactor.words(
            settings.report.title or "Narratives, copied texts and persona shifts"
        ),
        version=manifest.version,
        digest=case_digest(manifest),
        redaction=redactor.mode,
        tlp=redactor.tlp,
        event=event_window(settings),
        rows_read=sum(int(file["rows_read"]) for file in manifest.files),
        rows_kept=sum(int(file["rows_kept"]) for file in manifest.files),
        notes=(
            *filter(None, [threshold_words(redactor.min_accounts)]),
            *(redactor.note(note.sentence, read) for note in manifest.notes),
        ),
    )


def case_digest(manifest: Manifest) -> str:
    """Return 32 hex characters that change whenever a table of the case does."""
    return content_id(*(f"{name}:{digest}" for name, digest in sorted(manifest.tables.items())))
