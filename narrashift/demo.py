"""Where is the corpus that the demonstration runs on?

It travels as package data in an installed wheel and lies under data/ in a source tree. It is
synthetic: an invented country, invented parties, invented accounts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import WorkspaceError

INSTALLED = Path(__file__).resolve().parent / "demo_corpus"
SOURCE_TREE = Path(__file__).resolve().parent.parent / "data" / "summit_campaign"


@dataclass(frozen=True)
class DemoInputs:
    """The demonstration's files and its event as START/END."""

    posts: list[Path]
    profiles: list[Path]
    event: str


def demo_folder() -> Path:
    """Return the folder of the shipped corpus; raise WorkspaceError when it is absent."""
    for folder in (INSTALLED, SOURCE_TREE):
        if folder.is_dir():
            return folder
    raise WorkspaceError(
        "the demonstration corpus is missing from this installation; install narrashift again"
    )


def demo_inputs() -> DemoInputs:
    """Return what `narrashift demo` analyses."""
    folder = demo_folder()
    event = tomllib.loads((folder / "truth" / "event.toml").read_text(encoding="utf-8"))
    return DemoInputs(
        sorted(folder.glob("posts.*")),
        sorted(folder.glob("profiles.*")),
        f"{event['start']}/{event['end']}",
    )
