"""Commands whose output leaves the case: report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrashift import options as opt
from narrashift.terminal import out


def report(
    case: opt.Case,
    *,
    redact: opt.Redact = None,
    quote: opt.Quote = None,
    tlp: opt.Tlp = None,
    min_accounts: opt.MinAccounts = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="The HTML file.")] = None,
) -> None:
    """Rebuild the HTML report of a case.

    Example: narrashift report case --redact none --out report.html
    """
    from narrashift.exporting import write_report

    terms = {"quote": quote, "tlp": tlp, "min_accounts": min_accounts}
    out(str(write_report(case, redact=redact, target=out_file, **terms)))


def export(
    case: opt.Case,
    to: Annotated[str, typer.Option("--to", help="Formats, separated by commas.")],
    redact: opt.Redact = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder.")] = None,
) -> None:
    """Write a case's tables in one or more formats.

    Example: narrashift export case --to csv,parquet
    """
    from narrashift.exporting import write_exports

    for path in write_exports(case, to.split(","), redact=redact, folder=out_folder):
        out(str(path))
