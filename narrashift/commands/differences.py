"""The command that compares two cases: diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrashift import options as opt
from narrashift.commands.printing import print_record
from narrashift.terminal import TerminalProgress

Earlier = Annotated[Path, typer.Argument(help="Folder of the earlier case.", show_default=False)]
Later = Annotated[Path, typer.Argument(help="Folder of the later case.", show_default=False)]
Page = Annotated[Path | None, typer.Option("--html", help="Write a page to this file as well.")]


def diff(
    case_a: Earlier,
    case_b: Later,
    *,
    html: Page = None,
    redact: opt.Redact = None,
    quote: opt.Quote = None,
    tlp: opt.Tlp = None,
    min_accounts: opt.MinAccounts = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Tell what appeared, grew, shrank, merged, split or vanished between two cases.

    Example: narrashift diff case-in-may case-in-june --html changes.html
    """
    from narrashift.differing import diff_cases, diff_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("comparing")
    try:
        terms = {"quote": quote, "tlp": tlp, "min_accounts": min_accounts}
        record = diff_cases(case_a, case_b, redact=redact, page=html, **terms)
    finally:
        progress.close()
    print_record(record, diff_lines(record), as_json)
    if html is not None:
        progress.notice(f"written: {html}")
