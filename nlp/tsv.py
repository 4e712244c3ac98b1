"""Reads the data files of this package: tab-separated rows that a linguist can edit.

In: a file name under `nlp/data`. Out: its rows as tuples of text. Lines that begin with `# ` are
comments; the first other line names the columns and is left out.
"""

from __future__ import annotations

from importlib import resources


def read_rows(name: str) -> list[tuple[str, ...]]:
    """Return the data rows of `nlp/data/<name>`, each as wide as the header."""
    lines = resources.files("nlp").joinpath("data", name).read_text(encoding="utf-8").split("\n")
    header, *rows = [line.split("\t") for line in lines if line and not line.startswith("# ")]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"nlp/data/{name}: {row} has {len(row)} fields, expected {header}")
    return [tuple(row) for row in rows]


def code_point(text: str) -> int:
    """Return the number of a code point written as U+0041."""
    return int(text.removeprefix("U+"), 16)
