"""What left with nobody replaced is on record, and stays there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus.manifest import Manifest
from narrashift.analysis import Analysis
from narrashift.cli import run

if TYPE_CHECKING:
    from tests.hostile.conftest import Hostile


@pytest.fixture
def case(hostile: Hostile, tmp_path: Path) -> Path:
    """A copy of the case on which nothing is recorded."""
    folder = tmp_path / "case"
    folder.mkdir()
    for name in ("tables", "rejects.jsonl", "manifest.json"):
        source = hostile.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert '"revealed"' in text  # the fixture wrote outputs with nobody replaced
    manifest = Manifest.read(folder)
    facts = {name: fact for name, fact in manifest.facts.items() if name != "revealed"}
    Manifest(**{**vars(manifest), "facts": facts}).write(folder)
    return folder


def recorded(case: Path) -> list[str]:
    found: list[str] = Manifest.read(case).facts.get("revealed", [])
    return found


def test_only_outputs_with_nobody_replaced_are_recorded(case: Path, tmp_path: Path) -> None:
    target = ["--out", str(tmp_path / "r.html")]
    assert run(["report", str(case), *target]) == 0
    assert recorded(case) == []
    assert run(["report", str(case), *target, "--redact", "none"]) == 0
    out = ["--out", str(tmp_path / "x")]
    assert run(["export", str(case), "--to", "csv", *out, "--redact", "none"]) == 0
    assert "report" in recorded(case)
    assert [entry for entry in recorded(case) if "csv" in entry]


DOORS = {
    "find": ["find", "{case}", "--text", "paid for by foreign money", "--json"],
    "compare": ["compare", "{case}", "--by", "event", "--out", "{out}/differs.csv"],
    "show": ["show", "{case}", "{post}"],
    "label": ["label", "{case}"],
    "review list": ["review", "{case}", "list"],
    "review sheet": ["review", "{case}", "sheet", "--of", "talking_points", "--out", "{out}"],
}


@pytest.mark.parametrize("door", sorted(DOORS))
def test_every_command_that_shows_real_ids_is_on_record(
    case: Path, tmp_path: Path, door: str
) -> None:
    post = Analysis.load(case).arrow["posts"]["post_id"][0].as_py()
    words = [word.format(case=case, out=tmp_path, post=post) for word in DOORS[door]]
    assert run(words) == 0
    assert recorded(case) == []
    assert run([*words, "--redact", "none"]) == 0
    assert recorded(case) == [door]


def test_a_later_run_keeps_the_record(case: Path, tmp_path: Path) -> None:
    run(["report", str(case), "--out", str(tmp_path / "r.html"), "--redact", "none"])
    analysis = Analysis.load(case)
    facts = {name: fact for name, fact in analysis.manifest.facts.items() if name != "revealed"}
    analysis.manifest = Manifest(**{**vars(analysis.manifest), "facts": facts})
    analysis.save(case)
    assert recorded(case) == ["report"]
