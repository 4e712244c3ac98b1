"""Find talking points: groups of posts that say nearly the same thing.

Usage: python scripts/find_talking_points.py FILE... --out CASE
In: files of posts (CSV, NDJSON, Parquet).
Out: the case folder CASE, with
tables/talking_points.parquet, point_posts and pairs.
"""

from __future__ import annotations

import sys

from scripts.scoped import run_scope

if __name__ == "__main__":
    sys.exit(
        run_scope(
            __doc__ or "", scope="talking_points", files="files of posts (CSV, NDJSON, Parquet)"
        )
    )
