"""Labels are the analyst's word: kept, spread with a score, revocable, alive after a new run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corpus.errors import InputError, SettingsError
from narrashift import Analysis, Settings
from narrashift.api import analyze_files
from narrashift.cli import run
from narrashift.labelling import label_case, label_rows

LEVY = [
    "stop the bridge levy in Velmora now",
    "the bridge levy robs every worker in Velmora",
    "no to the bridge levy, Velmora cannot pay",
    "who pays the bridge levy? Velmora does, stop it",
    "the levy on the bridge must go, says Velmora",
]
HARBOUR = [
    "the harbour lights were lovely again tonight",
    "a calm evening at the harbour, lights on the water",
    "walked by the harbour, all the lights are on",
    "harbour lights and a cold wind tonight",
    "the lights of the harbour never get old",
]


def corpus(folder: Path, more: int = 0) -> Path:
    rows = []
    for copy in range(8 + more):
        for kind, texts in (("l", LEVY), ("h", HARBOUR)):
            for n, text in enumerate(texts):
                rows.append(
                    {
                        "post_id": f"{kind}{n}-{copy}",
                        "account_id": f"{kind}{copy}",
                        "created_at": f"2020-07-17T{copy:02d}:{n:02d}:00Z",
                        "text": f"{text} {'indeed ' * (copy % 4)}".strip(),
                        "lang": "en",
                    }
                )
    path = folder / "posts.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


SETTINGS = Settings.load(overrides={"narratives.embedder": "fitted"})


@pytest.fixture
def case(tmp_path: Path) -> Path:
    analyze_files([corpus(tmp_path)], out=tmp_path / "case", settings=SETTINGS)
    return tmp_path / "case"


def narrative_of(analysis: Analysis, post: str) -> str:
    tables = analysis.tables
    of = tables["narrative_points"].set_index("point_id")["narrative_id"]
    found = of.to_dict()[point_of(analysis, post)]
    assert isinstance(found, str)
    return found


def point_of(analysis: Analysis, post: str) -> str:
    return str(analysis.tables["point_posts"].set_index("post_id")["point_id"].to_dict()[post])


def test_a_label_on_a_narrative_spreads_to_its_points_and_answers_who_posted_them(
    case: Path,
) -> None:
    narrative = narrative_of(Analysis.load(case), "l0-0")
    labelled = label_case(case, target="bridge levy", stance="against", narrative=narrative)
    stances = labelled.tables["stances"]
    said = stances[stances["source"] == "analyst"]
    assert said["scope_id"].tolist() == [narrative]
    inside = labelled.tables["narrative_points"].query("narrative_id == @narrative")
    spread = stances[stances["source"] == "spread"]
    assert set(spread["scope_id"]) == set(inside["point_id"])
    assert spread["score"].between(0, 1).all()
    who = labelled.accounts_on("bridge levy", "against")
    assert set(who["account_id"]) <= {f"l{n}" for n in range(8)}
    assert who["evidence"].map(len).gt(0).all()


def test_taking_a_label_back_takes_back_what_it_spread(case: Path) -> None:
    narrative = narrative_of(Analysis.load(case), "l0-0")
    label_case(case, target="bridge levy", stance="against", narrative=narrative)
    back = label_case(case, target="bridge levy", stance=None, narrative=narrative)
    assert back.tables["stances"].empty
    with pytest.raises(InputError, match="it has no labels yet"):
        back.accounts_on("bridge levy", "against")


def test_labels_outlive_a_new_run_and_added_files(case: Path, tmp_path: Path) -> None:
    narrative = narrative_of(Analysis.load(case), "l0-0")
    label_case(case, target="bridge levy", stance="against", narrative=narrative)
    (tmp_path / "more").mkdir()
    again = analyze_files([corpus(tmp_path, more=4)], out=case, settings=SETTINGS)
    assert narrative_of(again, "l0-0") in set(again.tables["stances"]["scope_id"])
    late = pd.DataFrame(
        {
            "post_id": ["late"],
            "account_id": ["late"],
            "created_at": ["2020-07-19T00:00:00Z"],
            "text": [LEVY[0]],
            "lang": ["en"],
        }
    )
    late.to_csv(tmp_path / "more" / "late.csv", index=False)
    assert run(["add", str(case), str(tmp_path / "more" / "late.csv"), "--quiet"]) == 0
    who = Analysis.load(case).accounts_on("bridge levy", "against")
    assert "late" in set(who["account_id"])


def test_a_label_on_a_point_beats_what_spreads_from_a_narrative(case: Path) -> None:
    analysis = Analysis.load(case)
    narrative = narrative_of(analysis, "l0-0")
    point = point_of(analysis, "l0-0")
    label_case(case, target="bridge levy", stance="against", narrative=narrative)
    labelled = label_case(case, target="bridge levy", stance="neutral", point=point)
    rows = labelled.tables["stances"].query("scope_id == @point")
    assert rows["stance"].tolist() == ["neutral"]
    assert rows["source"].tolist() == ["analyst"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--target", "x"], "error: a label needs --stance"),
        (["--stance", "against"], "error: --target is missing"),
        (["--target", "x", "--stance", "hates"], "expected one of for, against, neutral"),
    ],
)
def test_a_label_that_lacks_something_is_refused_with_one_sentence(
    case: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    narrative = narrative_of(Analysis.load(case), "l0-0")
    assert run(["label", str(case), "--narrative", narrative, *options]) == 2
    assert said in capsys.readouterr().err
    assert not (case / "labels.jsonl").exists()


def test_a_case_of_profiles_alone_has_no_labels(case: Path) -> None:
    analysis = Analysis.load(case)
    del analysis.arrow["stances"]
    assert label_rows(analysis) == []


def test_an_id_that_is_not_there_is_refused(case: Path) -> None:
    with pytest.raises(SettingsError, match="no narrative of this case is called 'n1'"):
        label_case(case, target="x", stance="for", narrative="n1")


def test_the_command_takes_pseudonyms_and_lists_what_was_said(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analysis = Analysis.load(case)
    shown = analysis.redactor().derived(narrative_of(analysis, "l0-0"))
    wanted = ["label", str(case), "--narrative", shown, "--target", "levy", "--stance", "for"]
    assert run(wanted) == 0
    assert f"for levy: narrative {shown}, spreads to" in capsys.readouterr().out
    assert run(["label", str(case), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"][0]["stance"] == "for"
    who = ["label", str(case), "--accounts", "--target", "levy", "--stance", "for", "--json"]
    assert run(who) == 0
    listed = json.loads(capsys.readouterr().out)["accounts"]
    assert not {row["account_id"] for row in listed} & set(analysis.tables["posts"]["account_id"])
    assert run(["verify", str(case)]) == 0
