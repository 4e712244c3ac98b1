"""Write a synthetic campaign with ground truth, of any size.

In: a number of accounts and a seed. Out: a folder with posts, profile snapshots, truth/ and
digests. The same seed gives the same bytes.

    python scripts/simulate_campaign.py --out DIR --accounts 2000 --seed 7
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.campaign import simulate, write_campaign


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, simulate, write; give the exit code (2: bad request)."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--accounts", type=int, default=2000, help="number of accounts (2000)")
    parser.add_argument("--seed", type=int, default=7, help="seed of everything drawn (7)")
    parser.add_argument("--gzip", action="store_true", help="gzip the large tables")
    options = parser.parse_args(arguments)
    try:
        campaign = simulate(options.accounts, options.seed)
        written = write_campaign(campaign, options.out, gzipped=options.gzip)
    except (ValueError, OSError) as problem:
        print(f"simulate_campaign: {problem}", file=sys.stderr)
        return 2
    for path in written:
        print(path)
    print(f"{len(campaign.posts):,} posts by {len(campaign.accounts):,} accounts", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
