"""Coordination in one call: a team in a crowd, and corpora that cannot be assessed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from clustering.benign import classify_points
from clustering.coordination import Coordination, find_coordination, shown
from clustering.talking_points import find_talking_points
from clustering.validated import passed, without_templates, worth_keeping
from corpus.errors import SettingsError
from corpus.frames import read_frames
from corpus.settings import Coordination as Asked
from corpus.settings import Settings
from corpus.tables import ALL, PARAPHRASES, POINT_CLASSES, TIES, check
from engines.local import LocalEngine
from nlp.normalize import Normalize

START = datetime(2031, 5, 1, tzinfo=UTC)
WORDS = ["river", "bridge", "market", "harvest", "engine", "lantern", "valley", "copper", "meadow"]
FARSI = "پیام مشترک شماره"


def corpus(team: int, seed: int = 1) -> pd.DataFrame:
    """Forty people who write by themselves; a team that posts the same twelve texts in a minute."""
    draw = random.Random(seed)
    rows = []
    for person in range(40):
        for _ in range(25):
            text = " ".join(draw.choices(WORDS, k=9)) + f" {draw.randrange(10**6)}"
            rows.append((f"u{person:02}", START + timedelta(hours=draw.uniform(0, 400)), text))
    for n in range(12):
        text = f"{FARSI} {n} می‌خواهیم " + " ".join(draw.choices(WORDS, k=8))
        at = START + timedelta(hours=draw.uniform(0, 400))
        for member in range(team):
            rows.append((f"t{member}", at + timedelta(seconds=draw.uniform(0, 50)), text))
    frame = pd.DataFrame(rows, columns=["account_id", "created_at", "text"])
    return frame.assign(post_id=[f"p{i:04}" for i in range(len(frame))])


def coordinated(frame: pd.DataFrame, **asked: Any) -> Coordination:
    posts = read_frames(frame).posts
    texts = Normalize()(posts)
    points = find_talking_points(LocalEngine(), posts, texts).point_posts
    classes = classify_points(posts=posts, texts=texts, point_posts=points)
    return find_coordination(
        posts=posts,
        texts=texts,
        point_posts=points,
        paraphrases=PARAPHRASES.empty(),
        point_classes=classes.point_classes,
        outlets=classes.outlets,
        settings=Asked(**asked),
    )


@pytest.fixture(scope="module")
def team() -> Coordination:
    return coordinated(corpus(team=5))


def test_a_team_of_five_is_one_group_with_its_posts_side_by_side(team: Coordination) -> None:
    (group,) = team.groups.to_pylist()
    assert group["accounts"] == [f"t{i}" for i in range(5)]
    assert group["q_value"] <= 0.05
    assert group["p_value"] == pytest.approx(0.01)
    assert {row["quote_a"][:4] for row in team.tie_evidence.to_pylist()} == {FARSI[:4]}
    assert not any(name.startswith("u") for name in team.tie_evidence["post_a"].to_pylist())


def test_every_table_keeps_its_contract(team: Coordination) -> None:
    for name, table in team.tables().items():
        check(table, ALL[name])


def test_observed_stands_beside_expected_by_both_nulls(team: Coordination) -> None:
    rows = [row for row in team.windows.to_pylist() if row["layer"] == "near_duplicate"]
    assert len(rows) == 5
    for row in rows:
        assert row["ties"] >= (10 if row["window_s"] >= 60 else 1)
        assert row["permuted_repeated"] is not None
        assert row["expected_repeated"] >= 0


def test_the_same_rows_in_another_order_give_the_same_tables(team: Coordination) -> None:
    frame = corpus(team=5).sample(frac=1, random_state=3)
    again = coordinated(frame)
    assert again.groups.equals(team.groups)
    assert again.windows.equals(team.windows)
    assert again.facts == team.facts


def test_people_who_write_by_themselves_are_no_group_and_the_note_says_what_would_be() -> None:
    found = coordinated(corpus(team=0))
    assert found.groups.num_rows == 0
    (note,) = [note for note in found.notes if "chance explains" in note]
    assert "no two accounts" in note
    assert "80 % of cases" in note


@pytest.mark.parametrize("column", ["account_id", "created_at"])
def test_without_accounts_or_times_it_says_what_is_missing(column: str) -> None:
    found = coordinated(corpus(team=3).drop(columns=column))
    assert column in found.notes[-1]
    assert "not assessed" in found.notes[-1]
    assert all(table.num_rows == 0 for table in found.tables().values())
    assert found.facts["coordination"] == {"assessed": False}


def test_what_an_application_wrote_ties_nobody_by_its_text() -> None:
    posts = read_frames(corpus(team=4)).posts
    texts = Normalize()(posts)
    points = find_talking_points(LocalEngine(), posts, texts).point_posts
    shared = sorted(set(points["point_id"].to_pylist()))
    classes = POINT_CLASSES.from_rows(
        [
            {"point_id": point, "benign_class": "application_template", "reason": "r",
             "evidence": [], "score": 1.0}
            for point in shared
        ]
    )  # fmt: skip
    found = find_coordination(
        posts=posts,
        texts=texts,
        point_posts=points,
        paraphrases=PARAPHRASES.empty(),
        point_classes=classes,
        outlets=classify_points(posts=posts, texts=texts, point_posts=points).outlets,
    )
    assert found.groups.num_rows == 0
    assert any("application" in note for note in found.notes)


def test_ties_that_count_stay_and_of_the_others_the_least_likely(team: Coordination) -> None:
    flags = passed(team.ties).to_pylist()
    assert flags == team.ties["validated"].to_pylist()
    assert any(flags)
    kept, notes = worth_keeping(team.ties)
    assert (kept.num_rows, notes) == (team.ties.num_rows, ())
    one = shown(team.ties.filter(pa.array(flags)))
    names = ("account_a", "account_b", "layer")
    keys = list(zip(*(one[name].to_pylist() for name in names), strict=True))
    assert len(keys) == len(set(keys))


def test_no_traces_lose_nothing_by_templates() -> None:
    empty = ALL["traces"].empty()
    kept, notes = without_templates(empty, ALL["point_posts"].empty(), POINT_CLASSES.empty())
    assert (kept.num_rows, notes) == (0, ())
    assert worth_keeping(TIES.empty())[0].num_rows == 0


def test_windows_are_set_in_whole_seconds() -> None:
    loaded = Settings.load(overrides={"coordination.windows_s": [60, 3600]})
    assert loaded.coordination.windows_s == (60, 3600)
    assert Settings.load(
        environment={"NARRASHIFT_COORDINATION__WINDOWS_S": "30, 60"}
    ).coordination.windows_s == (30, 60)
    for wrong in ([], [-1], ["soon"], list(range(9))):
        with pytest.raises(SettingsError, match="windows_s"):
            Settings.load(overrides={"coordination.windows_s": wrong})


def test_hashtags_of_the_same_day_are_a_shared_topic_and_count_within_an_hour_alone() -> None:
    row = {
        "account_a": "a", "account_b": "b", "weight": 9, "n_objects": 9, "posts_a": 9,
        "posts_b": 9, "mean_gap_s": 1.0, "median_gap_s": 1.0, "a_first_share": 0.5,
        "symmetry": 1.0, "expected": 0.0, "p_value": 0.0, "q_value": 0.0, "evidence": [],
    }  # fmt: skip
    looks = [("hashtag", 3_600), ("hashtag", 86_400), ("domain", 86_400), ("url", 86_400)]
    rows = [row | {"layer": layer, "window_s": window} for layer, window in looks]
    assert passed(TIES.from_rows(rows)).to_pylist() == [True, False, False, True]
