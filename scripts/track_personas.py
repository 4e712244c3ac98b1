"""Follow what accounts claim about themselves, and flag shifts with two quotes each.

Usage: python scripts/track_personas.py FILE... --out CASE
In: files of profile snapshots or histories.
Out: the case folder CASE, with
tables/shifts.parquet, claims, personas, account_events and report.html.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus.errors import NarrashiftError
from narrashift.api import analyze_files
from narrashift.terminal import TerminalProgress, make_safe


def main() -> int:
    """Parse arguments and run."""
    make_safe(sys.stdout, sys.stderr)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "files", nargs="+", type=Path, help="files of profile snapshots or histories"
    )
    parser.add_argument("--out", required=True, type=Path, help="folder of the case")
    arguments = parser.parse_args()
    progress = TerminalProgress()
    try:
        analysis = analyze_files(
            [], arguments.files, out=arguments.out, scope="personas", progress=progress
        )
    except NarrashiftError as error:
        parser.exit(error.exit_code, f"error: {error}\n")
    finally:
        progress.close()
    print(analysis)
    print(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
