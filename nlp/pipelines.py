"""Are the spaCy pipelines that an analysis asks for on this machine? Asked before the work begins.

In: names of installed packages, or folders. Out: nothing, or one error that says which is missing
and the line that brings it. No spaCy is loaded for that, and nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from corpus.errors import MissingModel

# Source of a name that the analyst listed; the others are a pipeline, hashtag, mention and term.
FROM_CASE = "case.toml"
# The file that spaCy reads first in a saved pipeline.
CONFIG = "config.cfg"


def refuse_missing(names: Sequence[str]) -> None:
    """Raise MissingModel for the first name that is neither a saved pipeline nor a package."""
    for name in names:
        if not (_is_pipeline(Path(name)) or _is_installed(name)):
            raise _missing(name)


def _missing(name: str) -> MissingModel:
    if Path(name).exists() or "/" in name or "\\" in name or not name.strip():
        return MissingModel(
            name,
            "python -m spacy download en_core_web_sm",
            sentence=f"{name!r} holds no saved spaCy pipeline (no {CONFIG} in it); name a folder"
            " that nlp.to_disk wrote, or an installed one, such as after:"
            " python -m spacy download en_core_web_sm",
        )
    return MissingModel(f"the spaCy pipeline {name!r}", f"python -m spacy download {name}")


def _is_pipeline(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except (PackageNotFoundError, ValueError):
        return False
    return True
