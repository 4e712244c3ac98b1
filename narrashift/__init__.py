"""Talking points, narratives and persona shifts in posts and profiles, a quote for every claim.

`analyze` runs everything; `Settings` holds what an analyst may set; `Analysis` holds the tables.
Importing this is light: no torch, spacy, sklearn or pyspark until a stage needs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from narrashift import guard as _guard
except ImportError as _error:  # even corpus.errors may be hidden by another file
    raise ImportError(
        f"a package of narrashift cannot be imported ({_error}): another file or distribution has"
        " the same name (corpus, engines, nlp, clustering, personas or reports); rename it or use"
        " a fresh environment"
    ) from _error

_guard.check()

if TYPE_CHECKING:
    from corpus.settings import Settings
    from narrashift.analysis import Analysis
    from narrashift.api import analyze

__version__ = "0.1.0"
__all__ = ["Analysis", "Settings", "analyze"]

_HOMES = {
    "Analysis": "narrashift.analysis",
    "Settings": "corpus.settings",
    "analyze": "narrashift.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'narrashift' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
