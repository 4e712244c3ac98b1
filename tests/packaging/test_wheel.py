"""What a user installs: the packages with their data, the demonstration's corpus, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGES = {"corpus", "engines", "nlp", "clustering", "personas", "reports", "narrashift"}
DATA = (
    "corpus/readers/columns.toml",
    "corpus/times.toml",
    "nlp/data/confusables.tsv",
    "nlp/stopwords/en.txt",
    "personas/opposed.toml",
    "personas/lexicons/en/affiliation.toml",
    "reports/templates/css/00-colours.css",
    "reports/templates/js/90-start.js",
    "narrashift/demo_corpus/truth/event.toml",
    "narrashift/py.typed",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))  # made from the sdist that was made first


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_the_wheel_holds_our_packages_and_nothing_else(unpacked: Path) -> None:
    names = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert names == PACKAGES


@pytest.mark.parametrize("name", DATA)
def test_the_wheel_holds_the_data_files(unpacked: Path, root: Path, name: str) -> None:
    if not name.startswith("narrashift/demo_corpus"):
        assert (root / name).exists(), f"{name} moved; change this test"
    assert (unpacked / name).exists()


def test_every_source_and_data_file_is_in_the_wheel(unpacked: Path, root: Path) -> None:
    ours = {
        path.relative_to(root).as_posix()
        for package in PACKAGES
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert ours - held == set()


def test_an_installed_copy_finds_the_demonstration(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "from narrashift.demo import demo_inputs; import narrashift;"
        "print(narrashift.__file__); print(*demo_inputs().posts)"
    )
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(str(unpacked)) == 2
