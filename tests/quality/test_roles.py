"""Roles, share, window and what came after, on a generated campaign whose seed tuned nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from corpus.settings import Settings
from narrashift.api import analyze_files
from scripts.campaign import simulate, write_campaign
from scripts.campaign.scoring import Line
from scripts.score_case import score_case

Floors = Callable[[str], dict[str, float]]
ACCOUNTS, SEED = 2000, 206


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Line], Path]:
    folder = tmp_path_factory.mktemp("roles")
    write_campaign(simulate(ACCOUNTS, SEED), folder / "campaign")
    case = folder / "case"
    settings = Settings.load(overrides={"narratives.embedder": "fitted"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(folder / "key"))
        analyze_files(
            [folder / "campaign" / "posts.csv"],
            [folder / "campaign" / "profiles.csv"],
            out=case,
            settings=settings,
        )
    lines = score_case(case, folder / "campaign")
    return {f"{line.section}: {line.measure}": line for line in lines}, case


@pytest.mark.slow
def test_roles_share_and_window_keep_what_is_promised(
    scored: tuple[dict[str, Line], Path], floors: Floors
) -> None:
    lines, pinned = scored[0], floors("roles_at_most")
    share = lines["campaign: estimated share of coordinated accounts"].value
    true = lines["campaign: true coordinated share on negative points"].value
    misplaced = lines["roles: starters and expanders not in their ranks"].hits
    start, end = (lines[f"campaign: hours from the true {side}"].value for side in ("start", "end"))
    assert None not in (share, true, misplaced, start, end)
    measured = {
        "starters and expanders misplaced": float(misplaced or 0),
        "share, points away": abs(100 * ((share or 0.0) - (true or 0.0))),
        "start, hours away": abs(start or 0.0),
        "end, hours away": abs(end or 0.0),
    }
    assert {name: measured[name] for name in pinned if measured[name] > pinned[name]} == {}
    assert set(measured) == set(pinned)


@pytest.mark.slow
def test_nobody_with_a_role_is_an_ordinary_account_or_a_newsroom(
    scored: tuple[dict[str, Line], Path],
) -> None:
    line = scored[0]["roles: with a role, coordinated"]
    assert line.total is not None
    assert line.total > 200
    assert line.hits == line.total


@pytest.mark.slow
def test_every_post_in_evidence_is_a_post_of_that_account(
    scored: tuple[dict[str, Line], Path],
) -> None:
    tables = scored[1] / "tables"
    roles = pd.read_parquet(tables / "roles.parquet")
    posts = pd.read_parquet(tables / "posts.parquet").set_index("post_id")
    shown = roles[["account_id", "evidence"]].explode("evidence")
    assert shown["evidence"].notna().all()
    assert (posts.loc[shown["evidence"], "account_id"].to_numpy() == shown["account_id"]).all()
    ratio = scored[0]["aftermath: gone: risk ratio"]
    assert "inside" in ratio.remark
