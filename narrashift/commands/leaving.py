"""Commands whose output leaves the case: report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrashift import options as opt
from narrashift.commands.printing import print_record
from narrashift.terminal import TerminalProgress, out


def report(
    case: opt.Case,
    *,
    redact: opt.Redact = None,
    quote: opt.Quote = None,
    tlp: opt.Tlp = None,
    min_accounts: opt.MinAccounts = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="The HTML file.")] = None,
    quiet: opt.Quiet = False,
) -> None:
    """Rebuild the HTML report of a case.

    Example: narrashift report case --redact none --out report.html
    """
    from narrashift.exporting import write_report

    terms = {"quote": quote, "tlp": tlp, "min_accounts": min_accounts}
    progress = TerminalProgress(quiet=quiet)
    progress.stage("writing report")
    try:
        path = write_report(case, redact=redact, target=out_file, progress=progress, **terms)
    finally:
        progress.close()
    out(str(path))


def export(
    case: opt.Case,
    *,
    to: opt.Formats,
    redact: opt.Redact = None,
    quote: opt.Quote = None,
    tlp: opt.Tlp = None,
    min_accounts: opt.MinAccounts = None,
    dehydrated: opt.Dehydrated = False,
    bom: opt.Bom = False,
    raw_csv: opt.RawCsv = False,
    full_text: opt.FullText = False,
    out_folder: opt.ExportFolder = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Write a case in one or more formats for other programs, under pseudonyms.

    Example: narrashift export case --to csv,sqlite --to gexf
    """
    from narrashift.exporting import write_exports
    from narrashift.shown_exports import export_lines, export_record
    from reports.exports.source import ExportOptions

    progress = TerminalProgress(quiet=quiet)
    try:
        made = write_exports(
            case,
            to,
            redact=redact,
            folder=out_folder,
            dehydrated=dehydrated,
            options=ExportOptions(bom=bom, raw_csv=raw_csv, full_text=full_text),
            progress=progress,
            quote=quote,
            tlp=tlp,
            min_accounts=min_accounts,
        )
    finally:
        progress.close()
    for note in made.notes:
        progress.notice(note)
    print_record(export_record(made), export_lines(made), as_json)
