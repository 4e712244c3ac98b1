"""What was done, with what, to what: the record that lets a stranger repeat a run.

In: facts gathered by the pipeline. Out: `manifest.json`. It is the only file of a case that holds
run times, so it alone may differ between two runs over the same input.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus import files
from corpus.errors import WorkspaceError

LIBRARIES = (
    "pandas", "pyarrow", "numpy", "scipy", "scikit-learn", "hdbscan", "datasketch", "spacy",
    "sentence-transformers", "torch",
)  # fmt: skip


@dataclass(frozen=True)
class StageTime:
    """How one stage went; `peak_mib` is the process's highest memory so far."""

    name: str
    rows: int
    seconds: float
    peak_mib: float
    resumed: bool


@dataclass(frozen=True)
class Note:
    """One sentence a reader of the report must know, and the stage that says it."""

    stage: str
    sentence: str


@dataclass(frozen=True)
class Manifest:
    """Everything a run depended on; see `to_dict` for the file's shape."""

    version: str
    code: str
    created_at: str
    settings: Mapping[str, Any]
    files: list[dict[str, Any]]
    notes: list[Note]
    stages: list[StageTime]
    facts: Mapping[str, Any]
    tables: Mapping[str, str]
    engine: str
    seed: int
    reveal: bool
    gender: bool
    libraries: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists."""
        return asdict(self)

    def write(self, folder: Path) -> Path:
        """Write `manifest.json` into the case folder."""
        text = json.dumps(self.to_dict(), indent=1, sort_keys=True, ensure_ascii=False)
        return files.write_text(folder / "manifest.json", text + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read it back; raise WorkspaceError when the folder is no finished case."""
        path = folder / "manifest.json"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            raw["notes"] = [Note(**note) for note in raw["notes"]]
            raw["stages"] = [StageTime(**stage) for stage in raw["stages"]]
            return cls(**raw)
        except FileNotFoundError:
            raise WorkspaceError(
                f"{folder} has no manifest.json; finish it with: narrashift analyze FILE --out"
                f" {folder}"
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise WorkspaceError(f"{path} is damaged: {error}; run analyze again") from error


def library_versions() -> dict[str, str]:
    """Versions of the libraries that results may depend on; absent ones are left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def platform_facts() -> dict[str, str]:
    """Operating system, machine and Python of this run."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": sys.version.split()[0],
    }
