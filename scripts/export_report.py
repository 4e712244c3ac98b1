"""Rebuild a case's HTML report and export its tables.

Usage: python scripts/export_report.py CASE [--to csv,parquet] [--redact pseudonym|full|none]
In: a case folder made by `narrashift analyze`. Out: the paths of the files that were written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus.errors import NarrashiftError
from narrashift.exporting import write_exports, write_report
from narrashift.terminal import make_safe


def main() -> int:
    """Parse arguments and run."""
    make_safe(sys.stdout, sys.stderr)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path, help="folder of the case")
    parser.add_argument("--to", default="", help="formats, with commas: csv,parquet,sqlite")
    parser.add_argument("--redact", choices=["pseudonym", "full", "none"])
    arguments = parser.parse_args()
    formats = [name for name in arguments.to.split(",") if name.strip()]
    try:
        print(write_report(arguments.case, redact=arguments.redact))
        if formats:
            for file in write_exports(arguments.case, formats, redact=arguments.redact).files:
                print(file.path)
    except NarrashiftError as error:
        parser.exit(error.exit_code, f"error: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
