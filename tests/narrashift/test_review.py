"""Decisions are kept, survive a new run and `add`, show in report and exports, can be undone."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from corpus.errors import InputError, SettingsError, WorkspaceError
from corpus.settings import Settings
from narrashift import Analysis
from narrashift.adding import add_files
from narrashift.api import analyze_files
from narrashift.cli import run
from narrashift.coding import answer_of, read_sheets, write_sheets
from narrashift.exporting import write_exports
from narrashift.reviewing import DECISIONS, decide, decision_rows, read_decisions, reviewable
from narrashift.verification import verify

FITTED = Settings.load(overrides={"narratives.embedder": "fitted"})


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, desk_key: Path) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(desk_key))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1595030400")


@pytest.fixture
def case(desk_case: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(desk_case, tmp_path / "case"))


def ids(case: Path, scope: str) -> list[str]:
    return [row["id"] for row in reviewable(Analysis.load(case)) if row["scope"] == scope]


def page(case: Path) -> str:
    return (case / "report.html").read_text(encoding="utf-8")


def holding(case: Path) -> list[tuple[str, str, str | None]]:
    rows = decision_rows(Analysis.load(case))
    return [(row["action"], row["scope"], row["words"]) for row in rows if row["holds"]]


def test_a_decision_shows_in_report_table_and_export_and_the_case_still_verifies(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finding, narrative = ids(case, "finding")[1], ids(case, "narrative")[0]
    base = ["review", str(case)]
    assert run([*base, "dismiss", finding[:8], "--why", "known satire", "--quiet"]) == 0
    assert run([*base, "rename", narrative, "--title", "عنوان تحلیلگر 🙂", "--quiet"]) == 0
    capsys.readouterr()
    assert run([*base, "note", narrative, "--text", "=1+1", "--by", "Ana", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["decided"]
    assert [(row["action"], row["who"], row["words"]) for row in told] == [("note", "Ana", "=1+1")]
    assert "known satire" in page(case)
    assert "عنوان تحلیلگر" in page(case)
    assert verify(case).ok
    made = write_exports(case, "csv", folder=case / "out")
    assert made.files
    found = next((case / "out").rglob("decisions.csv"))
    rows = list(csv.DictReader(io.StringIO(found.read_text(encoding="utf-8-sig"))))
    rows.sort(key=lambda row: int(row["number"]))
    assert [row["action"] for row in rows] == ["dismiss", "rename", "note"]
    assert rows[2]["words"] == "'=1+1"
    assert rows[2]["decided_at"].startswith("2020-07-18T00:00:00")


def test_decisions_survive_another_run_and_files_added(
    case: Path, desk_posts: Path, small_profiles: Path, tmp_path: Path
) -> None:
    narrative, finding = ids(case, "narrative")[0], ids(case, "finding")[0]
    decide(case, "rename", [narrative], words="Harbour money")
    decide(case, "confirm", [finding], words="read")
    before = holding(case)
    analyze_files([desk_posts], [small_profiles], out=case, settings=FITTED)
    assert holding(case) == before
    assert "Harbour money" in page(case)
    later = tmp_path / "later.jsonl"
    rows = [json.loads(line) for line in desk_posts.read_text(encoding="utf-8").splitlines()[:3]]
    for number, row in enumerate(rows):
        row |= {"post_id": f"77{number}", "account_id": f"51{number}", "handle": f"new_{number}"}
    later.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    add_files(case, [later])
    assert holding(case) == before
    assert all(row["found_again"] for row in decision_rows(Analysis.load(case)))
    assert "Harbour money" in page(case)


def test_merged_narratives_are_one_card_until_it_is_undone(case: Path) -> None:
    first, second = ids(case, "narrative")[:2]
    cards = page(case).count('class="card narrative"')
    decide(case, "merge", [second], into=first)
    assert page(case).count('class="card narrative"') == cards - 1
    assert "Merged by the analyst" in page(case)
    with pytest.raises(SettingsError, match="already stands for"):
        decide(case, "merge", [first], into=second)
    decide(case, "undo", [second], takes_back="merge")
    assert page(case).count('class="card narrative"') == cards
    assert len(read_decisions(case)) == 2


def test_nothing_is_rewritten_when_more_is_decided(case: Path) -> None:
    one = ids(case, "finding")[0]
    decide(case, "confirm", [one])
    first = (case / DECISIONS).read_bytes()
    decide(case, "dismiss", [one])
    assert (case / DECISIONS).read_bytes().startswith(first)


def test_a_case_saved_elsewhere_takes_its_decisions_along(case: Path, tmp_path: Path) -> None:
    decide(case, "pin", [ids(case, "finding")[2]])
    copy = Analysis.load(case).save(tmp_path / "copy")
    assert holding(copy) == holding(case)
    assert read_decisions(copy) == read_decisions(case)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["confirm", "zzzzzz"], "no finding, narrative, talking point or shift"),
        (["rename", "NARRATIVE", "--title", "  "], "needs a title"),
        (["rename", "FINDING", "--title", "x"], "rename is for narratives"),
        (["merge", "NARRATIVE", "--into", "NARRATIVE"], "needs another one"),
        (["undo", "NARRATIVE"], "nothing holds"),
        (["undo", "NARRATIVE", "--of", "haircut"], "expected one of"),
        (["sheet", "--of", "moods"], "expected one of"),
        (["sheet", "--coders", "1"], "at least 2"),
    ],
)
def test_what_cannot_be_decided_is_said_in_one_sentence(
    case: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"NARRATIVE": ids(case, "narrative")[0], "FINDING": ids(case, "finding")[0]}
    given = [known.get(part, part) for part in arguments]
    assert run(["review", str(case), *given, "--quiet"]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err
    assert not (case / DECISIONS).exists()


def test_a_damaged_line_is_named(case: Path) -> None:
    decide(case, "pin", [ids(case, "finding")[0]])
    with (case / DECISIONS).open("a", encoding="utf-8") as stream:
        stream.write("half a li\n")
    with pytest.raises(WorkspaceError, match="line 2"):
        decide(case, "pin", [ids(case, "finding")[0]])


# sheets --------------------------------------------------------------------------------------


def read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    instruction, header, *rows = list(lines)
    return instruction, [dict(zip(header, row, strict=True)) for row in rows]


def answered(path: Path, answers: dict[str, str], separator: str = ",") -> Path:
    instruction, rows = read(path)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator)
    writer.writerow(instruction)
    writer.writerow(rows[0])
    writer.writerows([{**row, "answer": answers.get(row["item"], "")}.values() for row in rows])
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


def key_of(case: Path, sheet: str) -> dict[str, dict[str, object]]:
    held = json.loads((case / "sheets" / f"{sheet}.json").read_text(encoding="utf-8"))
    items: dict[str, dict[str, object]] = held["items"]
    return items


def perfect(case: Path, sheet: str) -> dict[str, str]:
    return {i: "no" if about["control"] else "yes" for i, about in key_of(case, sheet).items()}


@pytest.mark.parametrize("of", ["narratives", "talking_points"])
def test_a_sheet_out_and_back_with_coders_who_agree_has_alpha_one_and_precision_one(
    case: Path, tmp_path: Path, of: str
) -> None:
    made = write_sheets(case, of=of, n=12, seed=7, coders=3, folder=tmp_path / "out")
    assert [Path(file).name for file in made["files"]] == [f"{of}-coder-{n}.csv" for n in (1, 2, 3)]
    right = perfect(case, made["sheet"])
    assert {"yes", "no"} == set(right.values())
    back = [
        answered(Path(file), right, separator)
        for file, separator in zip(made["files"], ",;\t", strict=True)
    ]
    told = read_sheets(case, back)
    row = next(row for row in told["rows"] if row["kind"] == "all")
    assert row["alpha"] == pytest.approx(1.0)
    assert row["precision"] == 1.0
    assert row["controls_affirmed"] == 0
    assert row["items"] + row["controls"] == len(right)
    shown = page(case).split("What coders said")[1].split("</table>")[0]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", shown)
    assert cells[:2] == [of.replace("_", " "), "2020-07-18"]
    assert cells[2:5] == ["3", f"{row['items']:,}", "1.00 (1.00 to 1.00)"]
    assert Analysis.load(case).arrow["agreement"].num_rows == len(told["rows"])
    assert verify(case).ok


def test_a_coder_who_says_yes_to_everything_is_seen(case: Path, tmp_path: Path) -> None:
    made = write_sheets(case, of="talking_points", n=12, coders=2, folder=tmp_path)
    right = perfect(case, made["sheet"])
    everything = dict.fromkeys(right, "OUI.")
    back = [answered(Path(made["files"][0]), right), answered(Path(made["files"][1]), everything)]
    row = read_sheets(case, back)["rows"][0]
    assert row["alpha"] < 0.5
    assert row["controls_affirmed"] == 0  # as many yes as no


def test_one_coder_who_affirms_the_controls_too_is_told_that_it_says_little(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = write_sheets(case, of="talking_points", n=12, coders=2, folder=tmp_path)
    yes = dict.fromkeys(perfect(case, made["sheet"]), "yes")
    alone = answered(Path(made["files"][0]), yes)
    assert run(["review", str(case), "agree", str(alone)]) == 0
    told = capsys.readouterr().out
    assert "of 1 coder\n" in told and "one coder alone shows no agreement" in told
    assert "alpha not defined" in told and "precision says little here" in told
    page = (case / "report.html").read_text("utf-8")
    assert "most controls were affirmed too" in page


def test_a_sheet_tells_no_level_no_score_and_no_real_name(case: Path, tmp_path: Path) -> None:
    made = write_sheets(case, of="talking_points", n=30, coders=2, folder=tmp_path)
    analysis = Analysis.load(case)
    real = set(analysis.arrow["posts"]["account_id"].to_pylist())
    real |= set(analysis.arrow["posts"]["post_id"].to_pylist())
    real |= {f"@{handle}" for handle in analysis.arrow["posts"]["handle"].to_pylist() if handle}
    orders = []
    for file in made["files"]:
        _, rows = read(Path(file))
        orders.append([row["item"] for row in rows])
        assert {row["answer"] for row in rows} == {""}
        cells = [cell for row in rows for cell in row.values()]
        assert not [cell for cell in cells if any(name in cell for name in real)]
        assert "control" not in " ".join(cells)
        assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_the_same_seed_draws_the_same_sheets(case: Path, tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        made = write_sheets(case, of="narratives", n=10, seed=3, folder=tmp_path / name)
        texts.append([Path(file).read_bytes() for file in made["files"]])
    assert texts[0] == texts[1]
    other = write_sheets(case, of="narratives", n=10, seed=4, folder=tmp_path / "c")
    assert Path(other["files"][0]).read_bytes() != texts[0][0]


def test_missing_and_unclear_answers_are_counted_and_unknown_ones_refused(
    case: Path, tmp_path: Path
) -> None:
    made = write_sheets(case, of="talking_points", n=12, coders=2, folder=tmp_path)
    right = perfect(case, made["sheet"])
    some = dict(list(right.items())[3:]) | {next(iter(right)): "?"}
    back = [answered(Path(made["files"][0]), right), answered(Path(made["files"][1]), some)]
    told = read_sheets(case, back)
    assert "2 answers missing" in told["notes"][1]
    assert told["rows"][0]["unclear_answers"] == 1
    with pytest.raises(InputError, match="expected yes, no, unclear"):
        answer_of("perhaps", "here")
    twice = [back[0], back[0]]
    with pytest.raises(InputError, match="twice"):
        read_sheets(case, twice)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="is it a sheet"):
        read_sheets(case, [other])


def test_every_decision_command_has_an_example_and_stands_in_the_docs(root: Path) -> None:
    from narrashift.commands.review import app

    written = (root / "docs" / "analysts" / "reviewing.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f"Example: narrashift review case {name}" in (command.callback.__doc__ or "")
        assert f"narrashift review case {name}" in written


def test_a_threshold_and_full_redaction_leave_a_report_with_decisions_readable(case: Path) -> None:
    narrative, finding = ids(case, "narrative")[0], ids(case, "finding")[0]
    decide(case, "note", [narrative], words="ask @writer_0_1 about it")
    decide(case, "dismiss", [finding], words="seen")
    analysis = Analysis.load(case)
    for more in ({"redact": "full"}, {"min_accounts": 5}, {"redact": "full", "min_accounts": 5}):
        text = analysis.report(**more)
        assert "writer_0_1" not in text
        assert "</html>" in text


def test_the_same_decisions_at_the_same_time_give_the_same_bytes(
    desk_case: Path, tmp_path: Path
) -> None:
    made = []
    for name in ("one", "two"):
        copy = Path(shutil.copytree(desk_case, tmp_path / name))
        decide(copy, "rename", [ids(copy, "narrative")[0]], words="عنوان", who="Ana")
        decide(copy, "pin", [ids(copy, "finding")[1]])
        files = ("report.html", DECISIONS, "tables/decisions.parquet", "manifest.json")
        made.append([(copy / file).read_bytes() for file in files])
    assert made[0] == made[1]
