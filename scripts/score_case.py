"""Score an analysed case against the ground truth of its synthetic campaign.

In: a case folder and a campaign's folder (or its truth/). Out: precision and recall with counts and
95 % Wilson intervals, one section a table. Tables that the case does not have are named as such.

    python scripts/score_case.py CASE TRUTH [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.campaign.score_accounts import score_bursts, score_fates, score_ties
from scripts.campaign.score_personas import score_claims, score_events, score_shifts
from scripts.campaign.score_roles import score_aftermath, score_campaign, score_roles
from scripts.campaign.score_texts import score_narratives, score_points
from scripts.campaign.scoring import Line, Section, read_tables, read_truth

SECTIONS: tuple[Section, ...] = (
    *(score_points, score_narratives, score_shifts, score_claims, score_events),
    *(score_ties, score_roles, score_bursts, score_campaign, score_fates, score_aftermath),
)


def score_case(case: Path, truth: Path) -> list[Line]:
    """Score every table of a case; ValueError when a folder is not what it should be."""
    tables, known = read_tables(case), read_truth(truth)
    return [line for section in SECTIONS for line in section(tables, known)]


def shown(line: Line) -> str:
    """Write a line for reading."""
    value = "     -" if line.value is None else f"{line.value:6.3f}"
    counts = "" if line.total is None else f"{line.total:,}"
    counts = f"{line.hits:,} of {counts}" if line.hits is not None else counts
    interval = "" if line.low is None else f"[{line.low:.3f}, {line.high:.3f}]"
    return f"  {line.measure:<48} {value}  {interval:<16} {counts}  {line.remark}".rstrip()


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and print; exit code 0 done, 3 when a folder cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("case", type=Path, help="folder of an analysed case")
    parser.add_argument("truth", type=Path, help="folder of a campaign, or its truth/ folder")
    parser.add_argument("--json", action="store_true", help="print the lines as JSON")
    options = parser.parse_args(arguments)
    try:
        lines = score_case(options.case, options.truth)
    except (ValueError, OSError) as problem:
        print(f"score_case: {problem}", file=sys.stderr)
        return 3
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
        return 0
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            print(f"\n{section}")
        print(shown(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
