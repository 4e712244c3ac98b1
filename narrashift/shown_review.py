"""How decisions and coders' agreement read in a terminal: plain lines, cleaned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.clean import for_stdout
from reports.wording import count

Rows = Sequence[Mapping[str, Any]]
# What fits one line of most terminals beside an id; --json prints all of it.
LINE_CHARS = 160
CONTROLS_AFFIRMED = (
    "  most control items, which are no findings, were affirmed too: precision says little here"
)


def decision_lines(rows: Rows) -> list[str]:
    """One line a decision."""
    return [for_stdout(_decision(row)) for row in rows] or ["no decisions yet"]


def _decision(row: Mapping[str, Any]) -> str:
    what = f"{row['action']} {row['of']}" if row["of"] else row["action"]
    into = f" into {row['into']}" if row["into"] else ""
    who = f" by {row['who']}" if row["who"] else ""
    words = f": {row['words']}" if row["words"] else ""
    gone = "" if row["holds"] or row["action"] == "undo" else " (no longer holds)"
    lost = "" if row["found_again"] else " (not found in this run)"
    number = f"{row['number']}. {row['at'][:16]}"
    return f"{number} {what} {row['scope']} {row['id']}{into}{who}{words}{gone}{lost}"


def review_lines(things: Rows, decisions: Rows) -> list[str]:
    """What can be decided on, then the decisions so far."""
    lines = []
    for row in things:
        what = row["what"]
        short = what if len(what) <= LINE_CHARS else what[: LINE_CHARS - 1] + "…"
        lines.append(for_stdout(f"{row['scope']} {row['id'][:12]}  {short}"))
        lines += [for_stdout(f"    {told}") for told in row["decided"]]
    return [*lines, "", "decisions:", *decision_lines(decisions)]


def agreement_lines(made: Mapping[str, Any]) -> list[str]:
    """What `review agree` prints: one block a kind."""
    lines = [for_stdout(sentence) for sentence in made["notes"]]
    for row in made["rows"]:
        lines += [for_stdout(line) for line in _agreement(row)]
    return lines


def _agreement(row: Mapping[str, Any]) -> list[str]:
    from reports.report_review import between

    alpha = between(row["alpha"], row["alpha_low"], row["alpha_high"])
    precision = between(row["precision"], row["precision_low"], row["precision_high"])
    judged = row["confirmed"] + row["rejected"]
    lines = [
        f"{row['scope']}, {row['kind']}: {count(row['items'], 'finding')},"
        f" {count(row['coders'], 'coder')}",
        f"  precision {precision}: {row['confirmed']:,} of {judged:,} affirmed by most"
        f" ({row['tied']:,} tied and {row['unclear']:,} unclear left out)",
    ]
    if row["kind"] != "all":
        return lines
    if 2 * row["controls_affirmed"] > row["controls"]:
        lines.append(CONTROLS_AFFIRMED)
    return [
        *lines,
        f"  Krippendorff's alpha {alpha}; {row['unclear_answers']:,} of {row['answers']:,} answers"
        " unclear",
        f"  control items affirmed by most: {row['controls_affirmed']:,} of {row['controls']:,}",
    ]
