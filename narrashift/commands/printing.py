"""How a command shows its result: JSON or lines on stdout, and the code of too many rejects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from narrashift.terminal import err, out

TOO_MANY_REJECTS = 4


def print_record(record: Any, lines: list[str], as_json: bool) -> None:
    """Print `record` as JSON, or the same as `lines`."""
    if as_json:
        out(json.dumps(record, ensure_ascii=False, indent=1, default=str))
    else:
        for line in lines:
            out(line)


def print_case(analysis: Any, folder: Path, as_json: bool, max_findings: int | None = None) -> None:
    """Show what a case holds now; too many rejected rows end the command with their own code."""
    from narrashift.shown import case_lines, case_record, reject_share

    print_record(case_record(analysis, folder), case_lines(analysis, folder, max_findings), as_json)
    share, allowed = reject_share(analysis.manifest.files), analysis.settings.reading.max_reject
    if share > allowed:
        err(
            f"{share:.1%} of the rows were rejected, more than --max-reject allows"
            f" ({allowed:.1%}); the reasons stand in {folder / 'rejects.jsonl'}"
        )
        raise typer.Exit(TOO_MANY_REJECTS)
