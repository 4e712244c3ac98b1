"""Is each of our packages really ours?

The packages carry plain names (nlp, corpus, reports, ...). Two accidents hide them: a file such as
`clustering.py` in the folder a script runs in, and another distribution called `nlp` that puts its
own `nlp/__init__.py` in the place of ours. In: nothing but the import path. Out: nothing, or one
clear ImportError. Nothing is imported here, only located. It explains; it cannot repair, and it
cannot help a script that imports `nlp` without `narrashift`.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

from corpus.errors import PluginError

PACKAGES = ("corpus", "engines", "nlp", "clustering", "personas", "reports")
# Every __init__.py of ours says this in its first lines.
MARK = "Part of narrashift"
MARK_CHARS = 400


def _location(name: str) -> Path | None:
    """Where an import of `name` would come from, or has come from."""
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None) or PathFinder.find_spec(name)
    origin = getattr(spec, "origin", None)
    return Path(origin).resolve() if origin else None


def problem_with(name: str, parent: Path) -> str | None:
    """Return one sentence when package `name` is not the one below `parent`, else None."""
    expected = parent / name / "__init__.py"
    found = _location(name)
    if found is None:
        return f"the package {name!r} of narrashift is missing; install narrashift again"
    if found != expected.resolve():
        return (
            f"{found} hides the package {name!r} of narrashift ({expected});"
            " rename that file or folder, or use a fresh environment"
        )
    if MARK not in found.read_text(encoding="utf-8", errors="replace")[:MARK_CHARS]:
        return (
            f"{found} was replaced by another distribution called {name!r};"
            " install narrashift into a fresh environment without it"
        )
    return None


def check() -> None:
    """Raise PluginError when a package of ours is hidden or replaced."""
    parent = Path(__file__).resolve().parent.parent
    problems = [problem for name in PACKAGES if (problem := problem_with(name, parent))]
    if problems:
        raise PluginError("; ".join(problems))
