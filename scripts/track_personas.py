"""Follow what accounts claim about themselves, and flag shifts with two quotes each.

Usage: python scripts/track_personas.py FILE... --out CASE
In: files of profile snapshots or histories.
Out: the case folder CASE, with
tables/shifts.parquet, claims, personas, account_events and report.html.
"""

from __future__ import annotations

import sys

from scripts.scoped import run_scope

if __name__ == "__main__":
    sys.exit(
        run_scope(
            __doc__ or "",
            scope="personas",
            files="files of profile snapshots or histories",
            profiles=True,
        )
    )
