"""The kept corpus is tried on every run; where atheris is installed, new inputs are looked for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

KEPT = Path(__file__).resolve().parent / "corpus"
SEEDS = sorted(path for path in KEPT.glob("*/*") if path.is_file())


def test_every_target_begins_somewhere() -> None:
    assert {path.parent.name for path in SEEDS} == set(TARGETS)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_kept_input_breaks_no_promise(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("target", ["delimited", "json"])
def test_a_short_search_finds_no_broken_promise(root: Path, tmp_path: Path, target: str) -> None:
    found = tmp_path / "found"
    command = [sys.executable, "-m", "tests.fuzz.run", target, "--runs", "400", "--found"]
    done = subprocess.run(
        [*command, str(found)], cwd=root, capture_output=True, text=True, check=False
    )
    crashes = {path.name: path.read_bytes() for path in found.glob("crash-*")}
    assert done.returncode == 0, (crashes, done.stderr[-2000:])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_longer_search_finds_no_broken_promise(root: Path, tmp_path: Path, target: str) -> None:
    found = tmp_path / "found"
    command = [sys.executable, "-m", "tests.fuzz.run", target, "--runs", "2000", "--found"]
    done = subprocess.run(
        [*command, str(found)], cwd=root, capture_output=True, text=True, check=False
    )
    crashes = {path.name: path.read_bytes() for path in found.glob("crash-*")}
    assert done.returncode == 0, (crashes, done.stderr[-2000:])
