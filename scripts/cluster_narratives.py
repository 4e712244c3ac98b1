"""Group talking points into narratives, with names and timelines.

Usage: python scripts/cluster_narratives.py FILE... --out CASE
In: files of posts (CSV, NDJSON, Parquet).
Out: the case folder CASE, with
tables/narratives.parquet, narrative_points and timelines.
"""

from __future__ import annotations

import sys

from scripts.scoped import run_scope

if __name__ == "__main__":
    sys.exit(
        run_scope(__doc__ or "", scope="narratives", files="files of posts (CSV, NDJSON, Parquet)")
    )
