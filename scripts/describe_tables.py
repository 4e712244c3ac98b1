"""Write docs/tables.md from the table contracts, so that the page cannot differ from the code.

Usage: python scripts/describe_tables.py [--check]
In: corpus/tables.
Out: docs/tables.md; with --check only an exit code (1 when it is out of date).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus.tables import ALL, Table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tables.md"
HEAD = """# Tables of a case

Written from `corpus/tables` by `scripts/describe_tables.py`. Each table is
`tables/<name>.parquet` in a case folder and `analysis.tables["<name>"]` in Python. A `?` behind the
type: may be null, which means unknown; an empty text means that it is empty. `ts` is a time in UTC
to the microsecond. Names end in the unit: `*_s` seconds; `*_share`, `similarity` and `membership`
run from 0 to 1. Tables that this version does not make yet are marked.
"""
NOT_MADE_YET = {
    "bands", "traces", "fates", "convergence",
}  # fmt: skip


def section(table: Table) -> str:
    """Return the Markdown of one table."""
    mark = " *(not made yet)*" if table.name in NOT_MADE_YET else ""
    lines = [f"## {table.name}{mark}", "", table.doc, "", "| column | type | meaning |"]
    lines.append("|---|---|---|")
    for column in table.columns:
        kind = column.type + ("?" if column.nullable else "")
        lines.append(f"| {column.name} | {kind} | {column.doc} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *[section(table) for table in ALL.values()]])


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when out of date")
    if parser.parse_args().check:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
