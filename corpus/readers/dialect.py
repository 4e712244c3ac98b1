"""How is a delimited file built: which delimiter, and on which line does the header stand?

In: the first lines. Out: `Dialect`. The delimiter is the one that cuts most records into the same
number of fields; the header is the first record of that width whose names are known, so that the
lines some tools write above it (query names, export dates) are skipped and counted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from corpus.readers.columns import known_names

DELIMITERS = (",", "\t", ";", "|")
# Stands in for "no delimiter": a unit separator, which no written file uses between columns.
NO_DELIMITER = "\x1f"
# Brandwatch writes about six lines above its header; thirty leaves room.
MAX_PREAMBLE = 30
# The preamble of a file without a header: not even the line of names stands above the data.
NAMELESS = -1


@dataclass(frozen=True)
class Dialect:
    """Delimiter, number of records above the header, and the header's names."""

    delimiter: str
    preamble: int
    names: tuple[str, ...]


def sniff_dialect(
    lines: Sequence[str], delimiters: Sequence[str] = (*DELIMITERS, NO_DELIMITER)
) -> Dialect | None:
    """Judge by the first lines, among these delimiters; None when they hold no header."""
    best: tuple[float, Dialect] | None = None
    for delimiter in delimiters:
        records = _records(lines, delimiter)
        scored = _score(records, delimiter)
        if scored and (best is None or scored[0] > best[0]):
            best = scored
    return best[1] if best else None


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Parse; the last record may be cut off by the end of the sample, so it is dropped."""
    records = []
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            records.append(record)
    except csv.Error:
        return records
    return records[:-1] if len(records) > 3 else records


def _score(records: list[list[str]], delimiter: str) -> tuple[float, Dialect] | None:
    filled = [record for record in records if record]
    if not filled:
        return None
    found = _header(records, delimiter)
    if found is None:
        return None
    at, names = found
    later = [record for record in records[at + 1 :] if record]
    same = sum(len(record) == len(names) for record in later) / len(later) if later else 1.0
    known = len(known_names(names))
    # Known names decide, then regular records; a wide table of unknown names beats one column.
    score = 10 * min(known, 5) + 5 * same + min(len(names), 10) / 10
    return score, Dialect(delimiter, at, unique_names(names))


def _header(records: list[list[str]], delimiter: str) -> tuple[int, list[str]] | None:
    """The record above the data: usual width and, of those, the one with most known names."""
    widths = Counter(len(record) for record in records if record)
    common = max(widths, key=lambda width: (widths[width], width))
    best: tuple[int, int] | None = None
    for at, record in enumerate(records[: MAX_PREAMBLE + 1]):
        if not record or (len(record) == 1) != (delimiter == NO_DELIMITER):
            continue
        known = len(known_names(record))
        if best is None or known > best[0]:
            if known == 0 and len(record) != common:
                continue
            best = (known, at)
    if best is None:
        return None
    return best[1], records[best[1]]


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Strip names; the second `text` becomes `text_2`, an empty one `column_3` (its place)."""
    unique: dict[str, None] = {}
    for place, name in enumerate(names, start=1):
        shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
        clean = shown.strip().strip("\ufeff") or f"column_{place}"
        again = (f"{clean}_{n}" for n in count(2))
        unique[clean if clean not in unique else next(n for n in again if n not in unique)] = None
    return tuple(unique)
