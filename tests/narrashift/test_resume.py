"""A run cut off anywhere resumes, and ends with the bytes of an undisturbed run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.files import file_digest
from narrashift.exporting import write_exports
from narrashift.stages import WHOLE

# Ends the process as a power cut would: no cleanup, no exception.
CUT = 77
DRIVER = """
import os, sys
from pathlib import Path
from corpus import files
from corpus.workspace import Workspace
from narrashift.api import analyze_files
from corpus.settings import Settings

where, stage, posts, profiles, out = sys.argv[1:]

def before_saving(self, name, key, result, save=Workspace.save):
    if name == stage:
        os._exit(77)
    save(self, name, key, result)

def while_saving(source, target, replace=files.replace):
    if target.parent.name == "work" and target.name.startswith(stage + "-"):
        os._exit(77)
    replace(source, target)

def while_publishing(source, target, replace=files.replace):
    if target.parent.name == "tables" and target.name == "posts.parquet":
        os._exit(77)
    replace(source, target)

if where == "before":
    Workspace.save = before_saving
elif where == "while":
    files.replace = while_saving
elif where == "publishing":
    files.replace = while_publishing
settings = Settings.load(overrides={"narratives.embedder": "fitted"})
analyze_files([Path(posts)], [Path(profiles)], out=Path(out), settings=settings)
"""


def run(where: str, stage: str, posts: Path, profiles: Path, out: Path) -> int:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1595030400"}
    command = [sys.executable, "-c", DRIVER, where, stage, str(posts), str(profiles), str(out)]
    return subprocess.run(command, env=environment, check=False).returncode


def digests(case: Path) -> dict[str, str]:
    write_exports(case, ["csv", "parquet"])
    return {
        path.relative_to(case).as_posix(): file_digest(path)
        for folder in ("tables", "exports")
        for path in sorted((case / folder).rglob("*"))
        if path.is_file()
    } | {name: file_digest(case / name) for name in ("report.html", "rejects.jsonl")}


@pytest.fixture(scope="module", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One pseudonym key for all runs of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.mktemp("key") / "key"))
        patch.setenv("SOURCE_DATE_EPOCH", "1595030400")
        yield


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, small_posts: Path, small_profiles: Path
) -> dict[str, str]:
    case = tmp_path_factory.mktemp("undisturbed") / "case"
    assert run("never", "", small_posts, small_profiles, case) == 0
    return digests(case)


# Each stage is cut after its work and before its result is kept, so that the work is lost; two are
# cut between writing their files and giving them their name; one run is cut among published tables.
STAGES = ("read", *(stage.name for stage in WHOLE))
# The first, one in the middle and the last of the stages stand for all of them in a quick run.
QUICK = {"read", "narratives", STAGES[-1]}
CUTS = [
    pytest.param("before", stage, marks=() if stage in QUICK else pytest.mark.slow)
    for stage in STAGES
]
CUTS += [
    pytest.param("while", "read", marks=pytest.mark.slow),
    pytest.param("while", "talking_points"),
    pytest.param("publishing", ""),
]


@pytest.mark.parametrize(("where", "stage"), CUTS)
def test_a_run_cut_off_anywhere_resumes_to_the_same_bytes(
    where: str,
    stage: str,
    tmp_path: Path,
    small_posts: Path,
    small_profiles: Path,
    undisturbed: dict[str, str],
) -> None:
    case = tmp_path / "case"
    assert run(where, stage, small_posts, small_profiles, case) == CUT
    assert not (case / "manifest.json").exists()
    assert run("never", "", small_posts, small_profiles, case) == 0
    assert digests(case) == undisturbed
