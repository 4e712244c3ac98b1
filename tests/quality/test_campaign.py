"""The whole pipeline against the truth of the shipped campaign, seed never used for tuning."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.settings import Settings
from narrashift.api import analyze_files
from narrashift.demo import demo_folder, demo_inputs
from scripts.campaign.scoring import Line
from scripts.score_case import score_case

Floors = Callable[[str], dict[str, float]]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Line]:
    case = tmp_path_factory.mktemp("campaign") / "case"
    inputs = demo_inputs()
    start, end = inputs.event.split("/")
    settings = Settings.load(overrides={"event.start": start, "event.end": end})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(case.with_name("key")))
        analyze_files(inputs.posts, inputs.profiles, out=case, settings=settings)
    return {f"{line.section}: {line.measure}": line for line in score_case(case, demo_folder())}


def test_no_measure_falls_below_its_floor(lines: dict[str, Line], floors: Floors) -> None:
    pinned = floors("campaign")
    assert pinned
    short = {
        name: (lines[name].value, floor)
        for name, floor in pinned.items()
        if (lines[name].value or 0.0) < floor
    }
    assert short == {}


def test_the_readme_states_what_is_measured(lines: dict[str, Line], root: Path) -> None:
    page = (root / "README.md").read_text(encoding="utf-8")
    table = page.split("## How well it works")[1].split("\n## ")[0]
    stated = {
        (int(hits.replace(",", "")), int(total.replace(",", "")))
        for hits, total in re.findall(r"([\d,]+) of ([\d,]+)", table)
    }
    assert len(stated) >= 8
    assert stated - {(line.hits, line.total) for line in lines.values()} == set()


def test_no_ordinary_account_is_flagged(lines: dict[str, Line]) -> None:
    false_flags = [line for line in lines.values() if line.remark == "false flags"]
    assert len(false_flags) > 10
    assert [(line.measure, line.hits, line.total) for line in false_flags if line.hits] == []


def test_what_the_copy_tier_must_not_join_stays_apart(lines: dict[str, Line]) -> None:
    apart = [line for line in lines.values() if line.remark == "beyond the copy tier"]
    assert apart
    assert [(line.measure, line.hits, line.total) for line in apart if line.hits] == []
