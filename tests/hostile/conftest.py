"""One analysis of the hostile corpus, and everything that may leave it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from narrashift.cli import run
from narrashift.exporting import write_exports, write_report
from reports.exports.registry import formats

sys.path.insert(0, str(Path(__file__).parent))

import planted

EVENT = "2020-07-10T00:00:00Z/2020-07-12T00:00:00Z"


@dataclass(frozen=True)
class Hostile:
    """The analysed case, its corpus, and what was written of it."""

    folder: Path
    files: planted.Files
    out: Path
    """Report and exports under pseudonyms."""
    plain: Path
    """Report and exports with nobody replaced: every payload stands in them."""


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key of this session alone."""
    path = tmp_path_factory.mktemp("key") / "pseudonym.key"
    before = {name: os.environ.get(name) for name in ("NARRASHIFT_KEY", "SOURCE_DATE_EPOCH")}
    os.environ["NARRASHIFT_KEY"], os.environ["SOURCE_DATE_EPOCH"] = str(path), "1600000000"
    yield path
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Hostile:
    """One analysis; every format once under pseudonyms and once with nobody replaced."""
    folder = tmp_path_factory.mktemp("hostile")
    files = planted.write(folder)
    arguments = ["analyze", str(files.posts), "--profiles", str(files.profiles)]
    arguments += ["--out", str(folder / "case"), "--embedder", "fitted", "--event", EVENT]
    assert run([*arguments, "--keep", planted.KEPT, "--quiet"]) == 0
    for place, mode in (("out", "pseudonym"), ("plain", "none")):
        (folder / place).mkdir()
        write_report(folder / "case", redact=mode, target=folder / place / "report.html")
        write_exports(folder / "case", formats(), redact=mode, folder=folder / place / "exports")
    return Hostile(folder / "case", files, folder / "out", folder / "plain")


def everything(folder: Path) -> list[Path]:
    """Every file below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
