"""The scorer: a case made of the truth scores 1, damage shows, absent tables are named."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from scripts.campaign import simulate, write_campaign
from scripts.score_case import main, score_case

Scores = dict[tuple[str, str], float | None]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("truth")
    write_campaign(simulate(300, 5), folder)
    return folder


def read(truth: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(truth / "truth" / f"{name}.csv", dtype=str, keep_default_na=False)


def perfect_tables(truth: Path) -> dict[str, pd.DataFrame]:
    """Tables of a case that knows the truth."""
    posts, shifts, claims = (read(truth, name) for name in ("posts", "shifts", "claims"))
    names = {"origin": "birthplace"}
    told = shifts[shifts.expected_level != "none"]
    return {
        "point_posts": posts[["post_id"]].assign(point_id=posts.wording_truth),
        "narrative_points": posts[["wording_truth"]]
        .drop_duplicates()
        .assign(narrative_id=posts.narrative_truth + posts.lang)
        .rename(columns={"wording_truth": "point_id"}),
        "shifts": pd.DataFrame(
            {
                "account_id": told.account_id,
                "attribute": told.attribute.replace(names),
                "level": told.expected_level.astype(int),
            }
        ),
        "claims": claims[["account_id", "value"]].assign(
            attribute=claims.attribute.replace(names), status="asserted", field="bio"
        ),
        "account_events": read(truth, "renames").assign(kind="renamed"),
    }


def save(tables: dict[str, pd.DataFrame], case: Path) -> Path:
    (case / "tables").mkdir(parents=True)
    for name, frame in tables.items():
        frame.to_parquet(case / "tables" / f"{name}.parquet", index=False)
    return case


def scores(case: Path, truth: Path) -> Scores:
    return {(line.section, line.measure): line.value for line in score_case(case, truth)}


@pytest.fixture(scope="module")
def perfect(truth: Path, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    case = save(perfect_tables(truth), tmp_path_factory.mktemp("perfect") / "case")
    return scores(case, truth)


@pytest.mark.parametrize(
    ("section", "measure"),
    [
        ("near-duplicates", "pair precision (same wording)"),
        ("near-duplicates", "pair recall (same wording)"),
        ("near-duplicates", "B-cubed precision"),
        ("near-duplicates", "pair recall, edit kind homoglyph"),
        ("near-duplicates", "own words kept alone"),
        ("near-duplicates", "reposts beside their text"),
        ("narratives", "all topics: ARI within languages"),
        ("narratives", "negative narratives: B-cubed recall within languages"),
        ("persona shifts", "level 2+: precision, all attributes"),
        ("persona shifts", "level 2+: recall, affiliation"),
        ("persona shifts", "level 2+: recall, origin"),
        ("persona shifts", "re-identity: precision"),
        ("persona shifts", "re-identity: recall"),
        ("persona shifts", "level as expected, whole_identity_repurposed"),
        ("persona shifts", "notes: recall at level 1+"),
        ("claims", "camp: precision by account"),
        ("claims", "camp: recall by account"),
        ("account events", "renames: precision"),
        ("account events", "renames: recall"),
    ],
)
def test_a_case_that_knows_the_truth_scores_one(
    perfect: Scores, section: str, measure: str
) -> None:
    assert perfect[section, measure] == pytest.approx(1.0)


@pytest.mark.parametrize("look", ["transition", "marriage", "birthday", "retired"])
def test_a_case_that_knows_the_truth_flags_no_look_alike(perfect: Scores, look: str) -> None:
    assert perfect["persona shifts", f"look-alike {look}: flagged"] == 0.0


def test_wordings_of_one_point_left_apart_cost_nothing_in_the_copy_tier(perfect: Scores) -> None:
    assert perfect["near-duplicates", "pairs of two wordings joined"] == 0.0
    assert perfect["near-duplicates", "pair recall (same wording)"] == 1.0


def test_one_point_for_everything_keeps_recall_and_loses_precision(
    truth: Path, tmp_path: Path
) -> None:
    tables = perfect_tables(truth)
    tables = {"point_posts": tables["point_posts"].assign(point_id="all")}
    found = scores(save(tables, tmp_path / "case"), truth)
    assert found["near-duplicates", "pair recall (same wording)"] == 1.0
    precision = found["near-duplicates", "pair precision (same wording)"]
    assert precision is not None
    assert precision < 0.1


def test_a_gender_row_of_a_suppressed_account_is_a_false_flag(truth: Path, tmp_path: Path) -> None:
    tables = perfect_tables(truth)
    account = read(truth, "shifts").query("look == 'transition'").account_id.iloc[0]
    row = pd.DataFrame({"account_id": [account], "attribute": ["gender"], "level": [0]})
    tables["shifts"] = pd.concat([tables["shifts"], row])
    found = scores(save(tables, tmp_path / "case"), truth)
    wrong = found["persona shifts", "look-alike transition: flagged"]
    assert wrong is not None
    assert wrong > 0


def test_a_contradiction_of_an_account_without_planned_change_lowers_precision(
    truth: Path, tmp_path: Path
) -> None:
    tables = perfect_tables(truth)
    planned = set(read(truth, "shifts").account_id)
    others = [a for a in read(truth, "accounts").account_id if a not in planned]
    row = pd.DataFrame({"account_id": others[:1], "attribute": ["age"], "level": [2]})
    tables["shifts"] = pd.concat([tables["shifts"], row])
    precision = scores(save(tables, tmp_path / "case"), truth)[
        "persona shifts", "level 2+: precision, all attributes"
    ]
    assert precision is not None
    assert precision < 1


def test_tables_that_the_case_lacks_are_named_and_not_guessed(truth: Path, tmp_path: Path) -> None:
    lines = score_case(save({}, tmp_path / "case"), truth)
    remarks = {line.section for line in lines if line.remark == "not produced by this case"}
    assert remarks >= {"near-duplicates", "narratives", "ties", "roles", "bursts", "fates"}
    valued = {line.section for line in lines if line.value is not None}
    assert valued == {"campaign"}  # the true share alone


def test_the_true_share_of_coordinated_accounts_is_46_percent(perfect: Scores) -> None:
    share = perfect["campaign", "true coordinated share on negative points"]
    assert share == pytest.approx(0.46, abs=0.01)


def test_coordination_tables_are_scored_when_they_exist(truth: Path, tmp_path: Path) -> None:
    accounts = read(truth, "accounts")
    members = list(accounts[accounts.population == "coordinated"].account_id)
    other = accounts[accounts.population == "bystander"].account_id.iloc[0]
    names = {"manager": "originator", "expander": "expander", "repeater": "repeater"}
    with_role = accounts[accounts.role != ""]
    left = accounts[accounts.outcome != "active"]
    tables = {
        "ties": pd.DataFrame(
            {
                "account_a": [members[0], members[0]],
                "account_b": [members[1], other],
                "q_value": [0.01, 0.01],
                "benign_class": [None, None],
            }
        ),
        "roles": pd.DataFrame(
            {"account_id": with_role.account_id, "role": with_role.role.map(names)}
        ),
        "fates": pd.DataFrame({"account_id": left.account_id, "outcome": left.outcome}),
    }
    found = scores(save(tables, tmp_path / "case"), truth)
    assert found["ties", "both coordinated, of ties at q 0.05"] == 0.5
    assert found["roles", "originator: precision"] == found["roles", "expander: recall"] == 1.0
    assert found["fates", "dormant: recall"] == 1.0


def test_the_command_prints_json_and_refuses_what_is_no_case(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = save(perfect_tables(truth), tmp_path / "case")
    assert main([str(case), str(truth), "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert {"section", "measure", "value", "hits", "total", "low", "high", "remark"} == set(
        lines[0]
    )
    assert main([str(case), str(truth)]) == 0
    assert "near-duplicates" in capsys.readouterr().out
    assert main([str(tmp_path), str(truth)]) == 3
    assert "no tables/ folder" in capsys.readouterr().err
    assert main([str(case), str(tmp_path)]) == 3
    assert "truth folder of a campaign" in capsys.readouterr().err
