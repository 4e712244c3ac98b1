"""The same case gives the same report and exports, byte by byte, in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from narrashift.exporting import write_exports, write_report
from reports.exports.registry import formats

if TYPE_CHECKING:
    from tests.hostile.conftest import Hostile


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def written_in_another_process(case: Path, folder: Path, seed: str, root: Path) -> dict[str, bytes]:
    """Run `report` and `export` in a process with its own seed of hashes."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1600000000",
                   "PYTHONPATH": str(root)}  # fmt: skip
    for arguments in (
        ["report", str(case), "--out", str(folder / "report.html")],
        ["export", str(case), "--to", ",".join(formats()), "--out", str(folder / "exports")],
    ):
        command = [sys.executable, "-m", "narrashift", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return contents(folder)


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(hostile: Hostile, root: Path, tmp_path: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        made.append(written_in_another_process(hostile.folder, folder, seed, root))
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def test_mode_full_writes_the_same_bytes_and_its_labels_join_nothing(
    hostile: Hostile, tmp_path: Path
) -> None:
    for turn in ("1", "2"):
        folder = tmp_path / turn
        folder.mkdir()
        write_report(hostile.folder, redact="full", target=folder / "report.html")
        write_exports(hostile.folder, ["csv"], redact="full", folder=folder / "x")
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
