"""What one exporter wrote: the file's name inside its folder and how many rows it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """A file of an export; `rows` counts rows, objects, or nodes and edges; None for prose."""

    name: str
    rows: int | None
