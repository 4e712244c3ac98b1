"""Names from case.toml and a pipeline reach the tables, the report and the exports, redacted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corpus.errors import InputError, SettingsError
from corpus.settings import Settings
from narrashift import Analysis
from narrashift.cli import run

spacy = pytest.importorskip("spacy")

LEVY = [
    "stop the bridge levy in Velmora now, says Mira Kell",
    "the bridge levy robs every worker in Velmora, ask @l1_handle",
    "no to the bridge levy, Velmora cannot pay",
    "who pays the bridge levy? Velmora does, stop it",
    "the levy on the bridge must go, says Velmora #StopTheLevy",
]
HARBOUR = [
    "the harbour lights were lovely again tonight",
    "a calm evening at the harbour, lights on the water",
    "walked by the harbour, all the lights are on",
    "harbour lights and a cold wind tonight",
    "the lights of the harbour never get old",
]
CASE_TOML = """
[narratives]
embedder = "fitted"

[[targets]]
name = "the levy"
kind = "topic"
aliases = ["bridge levy", "#StopTheLevy"]

[[targets]]
name = "Velmora"
kind = "place"
"""


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def post(kind: str, n: int, copy: int, text: str) -> dict[str, str]:
    return {
        "post_id": f"{kind}{n}-{copy}",
        "account_id": f"{kind}{copy}",
        "handle": f"{kind}{copy}_handle",
        "created_at": f"2020-07-17T{copy:02d}:{n:02d}:00Z",
        "text": text,
        "lang": "en",
    }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    rows = [
        post(kind, n, copy, text)
        for copy in range(8)
        for kind, texts in (("l", LEVY), ("h", HARBOUR))
        for n, text in enumerate(texts)
    ]
    (folder / "case.toml").write_text(CASE_TOML, encoding="utf-8")
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Mira Kell"}])
    pipeline.to_disk(folder / "model")
    options = ["--config", str(folder / "case.toml"), "--spacy-model", str(folder / "model")]
    posts = str(write(folder / "posts.jsonl", rows))
    assert run(["analyze", posts, *options, "--out", str(folder / "case"), "--quiet"]) == 0
    return folder / "case"


def levy(analysis: Analysis) -> pd.DataFrame:
    named = analysis.tables["named"]
    return analysis.about(named.loc[named["name"] == "Mira Kell", "narrative_id"].iloc[0])


def test_a_case_tells_whom_its_narratives_name(case: Path) -> None:
    about = levy(Analysis.load(case)).set_index("name")
    assert list(about.index[:2]) == ["Velmora", "the levy"]
    assert about.loc["Mira Kell", "kind"] == "person"
    assert about.loc["Mira Kell", "accounts"] == 8
    assert about.loc["Mira Kell", "source"] == "en_pipeline 0.0.0"
    assert about.loc["Velmora", "posts"] == 40
    assert str(case.parent) not in about.to_json()
    with pytest.raises(InputError, match="has no narrative 'n1'"):
        Analysis.load(case).about("n1")


def test_names_in_report_and_exports_stand_under_pseudonyms_where_they_are_handles(
    case: Path, tmp_path: Path
) -> None:
    report = (case / "report.html").read_text(encoding="utf-8")
    assert "<bdi>Mira Kell</bdi> (person, 8 accounts)" in report
    assert "<bdi>the levy</bdi> (topic, 8 accounts)" in report
    assert "l1_handle" not in report
    assert run(["export", str(case), "--to", "csv", "--out", str(tmp_path / "out")]) == 0
    (path,) = (tmp_path / "out").rglob("named.csv")
    rows = pd.read_csv(path)
    assert "l1_handle" not in path.read_text(encoding="utf-8")
    handle = Analysis.load(case).redactor().handle("l1_handle")
    assert rows.loc[rows["kind"] == "mention", "name"].tolist() == [handle]
    assert {"Velmora", "the levy", "Mira Kell"} <= set(rows["name"])


def test_quotes_of_names_are_verified(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(case), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)["checked"]
    assert checked["quotes in named"] == Analysis.load(case).arrow["named"].num_rows > 0


def test_names_are_counted_again_after_an_addition(case: Path, tmp_path: Path) -> None:
    before = levy(Analysis.load(case)).set_index("name")
    more = [post("l", 0, copy, LEVY[0] + " #Fresh") for copy in (9, 10)]
    late = write(tmp_path / "late.jsonl", more)
    assert run(["add", str(case), str(late), "--quiet"]) == 0
    after = levy(Analysis.load(case)).set_index("name")
    grown = after["accounts"] - before["accounts"]
    assert grown[["Mira Kell", "Velmora"]].tolist() == [2, 2]
    assert after.loc["Fresh", "posts"] == 2
    assert run(["verify", str(case)]) == 0


def test_a_missing_pipeline_ends_with_five_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = write(tmp_path / "posts.jsonl", [post("l", 0, 0, LEVY[0])])
    options = ["--spacy-model", "en_core_web_zz", "--out", str(tmp_path / "case"), "--quiet"]
    assert run(["analyze", str(posts), *options]) == 5
    assert "python -m spacy download en_core_web_zz" in capsys.readouterr().err
    assert not list((tmp_path / "case").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"name": "x"}, r"targets\[1\] lacks kind"),
        ({"name": "x", "kind": "thing"}, "expected one of person, organisation, place"),
        ({"name": " ", "kind": "person"}, r"targets\[1\].name has ' '"),
        ({"name": "x", "kind": "person", "aliases": ["😡"]}, "expected a name with letters"),
        ({"name": "x", "kind": "person", "alias": ["y"]}, "did you mean 'aliases'"),
        ({"name": "x", "kind": "person", "aliases": 3}, "is not a list of texts"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_with_one_sentence(
    target: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.load(overrides={"targets": [target]})


def test_one_spelling_means_one_target() -> None:
    two = [
        {"name": "Harbor Union", "kind": "organisation", "aliases": ["HU"]},
        {"name": "Helm University", "kind": "organisation", "aliases": ["hu"]},
    ]
    with pytest.raises(SettingsError, match=r"targets\[2\].aliases has 'hu', which targets\[1\]"):
        Settings.load(overrides={"targets": two})
