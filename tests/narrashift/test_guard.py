"""Two accidents hide our plainly named packages; each must end in one clear sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("corpus", "engines", "nlp", "clustering", "personas", "reports", "narrashift")


def run(code: str, folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def installed(tmp_path: Path, root: Path) -> Path:
    """A copy of our packages, as an installer would lay them."""
    folder = tmp_path / "site"
    for package in PACKAGES:
        shutil.copytree(root / package, folder / package, ignore=shutil.ignore_patterns("*.pyc"))
    return folder


def test_packages_of_ours_import(installed: Path, tmp_path: Path) -> None:
    done = run("import narrashift; print(narrashift.__file__)", tmp_path, installed)
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout


@pytest.mark.parametrize("name", ["clustering", "reports", "corpus"])
def test_a_file_with_the_name_of_a_package_is_named_in_the_error(
    installed: Path, tmp_path: Path, name: str
) -> None:
    work = tmp_path / "analyst"
    work.mkdir()
    (work / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    done = run("import narrashift", work, installed)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert name in last
    assert "rename" in last


def test_a_package_that_another_distribution_replaced_is_named_in_the_error(
    installed: Path, tmp_path: Path
) -> None:
    (installed / "nlp" / "__init__.py").write_text('"""Datasets."""\n', encoding="utf-8")
    done = run("import narrashift", tmp_path, installed)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert "replaced by another distribution called 'nlp'" in last
    assert "fresh environment" in last
