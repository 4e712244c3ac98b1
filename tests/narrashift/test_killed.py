"""kill -9 at any moment: nothing is torn, the next run goes on, and the bytes at the end are those
of a run that nobody disturbed.

The moments are drawn over the whole length of an undisturbed run; each case is killed again and
again until a run gets through. A few kills run by default, fifty of each command in CI.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus.files import file_digest
from corpus.manifest import Manifest
from narrashift.verification import verify

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")

RUN = """
import sys
from pathlib import Path
from corpus.settings import Settings
from narrashift.adding import add_files
from narrashift.api import analyze_files

what, case, posts, profiles = sys.argv[1:]
if what == "add":
    add_files(Path(case), [Path(posts)])
else:
    settings = Settings.load(overrides={"narratives.embedder": "fitted"})
    analyze_files([Path(posts)], [Path(profiles)], out=Path(case), settings=settings)
"""


@pytest.fixture(scope="module", autouse=True)
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.mktemp("key") / "key"))
        patch.setenv("SOURCE_DATE_EPOCH", "1595030400")
        yield


class Work:
    """One command over one case, what it should end with, and how long it takes undisturbed."""

    def __init__(self, what: str, start: Path | None, posts: Path, profiles: Path) -> None:
        self.what, self.start, self.posts, self.profiles = what, start, posts, profiles
        self.wanted: dict[str, str] = {}
        self.seconds = 0.0

    def begin(self, case: Path) -> None:
        if self.start is not None:
            shutil.copytree(self.start, case)

    def process(self, case: Path) -> subprocess.Popen[bytes]:
        arguments = [self.what, str(case), str(self.posts), str(self.profiles)]
        return subprocess.Popen([sys.executable, "-c", RUN, *arguments], env=dict(os.environ))

    def is_done(self, case: Path) -> bool:
        """Whether the manifest, which is written last, says that the files were added."""
        if self.what != "add":
            return False
        return any(file["name"] == self.posts.name for file in Manifest.read(case).files)

    def undisturbed(self, case: Path) -> None:
        self.begin(case)
        began = time.monotonic()
        assert self.process(case).wait() == 0
        self.seconds = time.monotonic() - began
        self.wanted = digests(case)


def digests(case: Path) -> dict[str, str]:
    """Everything published, by content; the manifest alone holds run times."""
    paths = [*sorted((case / "tables").iterdir()), case / "report.html", case / "rejects.jsonl"]
    return {path.relative_to(case).as_posix(): file_digest(path) for path in paths}


def nothing_is_torn(case: Path) -> None:
    """Every file under its own name is whole; unfinished ones have names of their own."""
    for path in case.rglob("*"):
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(case).parts):
            continue
        if path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".jsonl":
            assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def killed(work: Work, folder: Path, kills: int, seed: int) -> int:
    """Kill `work` that many times at drawn moments; return how many runs got through before."""
    chance, through = random.Random(seed), 0
    case = folder / "case0"
    work.begin(case)
    for _ in range(kills):
        process = work.process(case)
        try:
            assert process.wait(chance.uniform(0, work.seconds)) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            if case.exists():
                nothing_is_torn(case)
            if not work.is_done(case):
                continue
            assert digests(case) == work.wanted  # all but the sweeping of old parts
        else:
            finished(work, case)
        through += 1
        shutil.rmtree(case)
        case = folder / f"case{through}"
        work.begin(case)
    assert work.process(case).wait() == 0
    finished(work, case)
    return through


def finished(work: Work, case: Path) -> None:
    assert digests(case) == work.wanted
    assert verify(case).ok
    assert not list(case.rglob("*.part"))


@pytest.fixture(scope="module")
def analyzing(
    tmp_path_factory: pytest.TempPathFactory, small_posts: Path, small_profiles: Path
) -> Work:
    work = Work("analyze", None, small_posts, small_profiles)
    work.undisturbed(tmp_path_factory.mktemp("undisturbed") / "case")
    return work


@pytest.fixture(scope="module")
def adding(
    tmp_path_factory: pytest.TempPathFactory, small_posts: Path, small_profiles: Path
) -> Work:
    folder = tmp_path_factory.mktemp("adding")
    lines = small_posts.read_text(encoding="utf-8").splitlines(keepends=True)
    first, later = folder / "first.jsonl", folder / "later.jsonl"
    first.write_text("".join(lines[::2]), encoding="utf-8")
    later.write_text("".join(lines[1::2]), encoding="utf-8")
    start = folder / "start"
    assert Work("analyze", None, first, small_profiles).process(start).wait() == 0
    work = Work("add", start, later, small_profiles)
    work.undisturbed(folder / "undisturbed")
    return work


def test_analyze_killed_at_any_moment_resumes_to_the_same_bytes(
    analyzing: Work, tmp_path: Path
) -> None:
    killed(analyzing, tmp_path, kills=2, seed=11)


@pytest.mark.slow
def test_analyze_killed_at_fifty_moments_resumes_to_the_same_bytes(
    analyzing: Work, tmp_path: Path
) -> None:
    killed(analyzing, tmp_path, kills=50, seed=13)


@pytest.mark.slow
def test_add_killed_at_fifty_moments_resumes_to_the_same_bytes(
    adding: Work, tmp_path: Path
) -> None:
    killed(adding, tmp_path, kills=50, seed=14)


def test_two_processes_on_one_case_take_turns(analyzing: Work, tmp_path: Path) -> None:
    both = [analyzing.process(tmp_path / "case") for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    finished(analyzing, tmp_path / "case")
