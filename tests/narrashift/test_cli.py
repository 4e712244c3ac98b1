from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from narrashift.cli import app, run


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(key_file))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1595030400")


@pytest.fixture(scope="module")
def case(
    tmp_path_factory: pytest.TempPathFactory,
    small_posts: Path,
    small_profiles: Path,
    key_file: Path,
) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "case"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(key_file))
        patch.setenv("SOURCE_DATE_EPOCH", "1595030400")
        arguments = ["analyze", str(small_posts), "--profiles", str(small_profiles)]
        arguments += ["--out", str(folder), "--embedder", "fitted", "--quiet"]
        arguments += ["--event", "2020-07-17/2020-07-18"]
        assert run(arguments) == 0
    return folder


def test_a_case_holds_what_the_contract_names(case: Path) -> None:
    names = {path.name for path in case.iterdir()}
    assert {"tables", "manifest.json", "rejects.jsonl", "report.html"} <= names
    tables = {path.stem for path in (case / "tables").glob("*.parquet")}
    assert {"posts", "profiles", "talking_points", "narratives", "shifts", "claims"} <= tables


def test_rows_read_are_kept_or_rejected(case: Path) -> None:
    files = json.loads((case / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert len(files) == 2
    for report in files:
        assert report["rows_read"] == report["rows_kept"] + sum(report["rejected"].values())


def test_verify_confirms_every_quote(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(case), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["ok"]
    assert result["checked"]["quotes in claims"] > 0
    assert result["checked"]["quotes in shifts"] > 0


def test_verify_finds_a_table_that_was_changed(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    import pyarrow.parquet as pq

    copy = shutil.copytree(case, tmp_path / "copy")
    claims = pq.read_table(copy / "tables" / "claims.parquet").to_pandas()
    claims["quote"] = "something else"
    claims.to_parquet(copy / "tables" / "claims.parquet")
    assert run(["verify", str(copy)]) == 1
    shown = capsys.readouterr().out
    assert "table claims was changed after the run" in shown
    assert "its quote does not stand in" in shown


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_problems_that_verify_finds_name_nobody(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    import shutil

    import pyarrow.parquet as pq

    copy = shutil.copytree(case, tmp_path / "copy")
    sources: set[str] = set()
    for name, column in (("claims", "quote"), ("shifts", "quote_before"), ("narratives", "quote")):
        path = copy / "tables" / f"{name}.parquet"
        frame = pq.read_table(path).to_pandas()
        frame[column] = "something else"
        frame.to_parquet(path)
        sources |= set(frame[{"claims": "source_id", "shifts": "before_source"}.get(
            name, "medoid_post_id")])  # fmt: skip
    path = copy / "tables" / "findings.parquet"
    frame = pq.read_table(path).to_pandas()
    frame["evidence"] = [["absent_9"]] * len(frame)
    frame.to_parquet(path)
    assert run(["verify", str(copy), *more]) == 1
    shown = capsys.readouterr().out
    assert shown.count("its quote does not stand in") > 2
    assert not [source for source in {*sources, "absent_9"} if source in shown]
    assert " of snap_" in shown and "its evidence post_" in shown


def test_brackets_in_a_file_name_are_shown_as_they_are(
    tmp_path: Path, small_posts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / f"[red]posts{small_posts.suffix}"
    odd.write_bytes(small_posts.read_bytes())
    assert run(["inspect", str(odd)]) == 0
    shown = capsys.readouterr().out
    assert "[red]posts" in shown and "\\[" not in shown


def test_the_camp_change_is_found_with_two_quotes(case: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(case / "tables" / "shifts.parquet").to_pylist()
    camps = [row for row in rows if row["attribute"] == "affiliation" and row["level"] >= 2]
    assert [(row["account_id"], row["quote_before"], row["quote_after"]) for row in camps] == [
        ("1000", "monarchist", "communist")
    ]


def test_the_rename_is_an_account_event(case: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(case / "tables" / "account_events.parquet").to_pylist()
    renamed = [row for row in rows if row["kind"] == "renamed"]
    assert [(row["account_id"], row["before"], row["after"]) for row in renamed] == [
        ("1000", "mira_k", "mira_kay")
    ]


def test_a_second_run_resumes_every_stage(
    case: Path, small_posts: Path, small_profiles: Path
) -> None:
    arguments = ["analyze", str(small_posts), "--profiles", str(small_profiles)]
    arguments += ["--out", str(case), "--embedder", "fitted", "--quiet"]
    arguments += ["--event", "2020-07-17/2020-07-18"]
    assert run(arguments) == 0
    stages = json.loads((case / "manifest.json").read_text(encoding="utf-8"))["stages"]
    assert [stage["name"] for stage in stages if not stage["resumed"]] == []


def test_real_ids_stay_in_the_private_tables(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", str(case), "--to", "csv", "--out", str(tmp_path)]) == 0
    paths = [Path(line) for line in capsys.readouterr().out.split()]
    assert paths
    outside = [case / "report.html", *paths]
    for path in outside:
        text = path.read_text(encoding="utf-8-sig")
        for secret in ("mira_k", "Mira K", "harbor_desk", f"9{0:017d}"):
            assert secret not in text, f"{secret} in {path.name}"


def test_reveal_shows_real_ids_and_is_recorded(
    tmp_path: Path, small_posts: Path, small_profiles: Path
) -> None:
    case = tmp_path / "case"
    arguments = ["analyze", str(small_posts), "--profiles", str(small_profiles)]
    arguments += ["--out", str(case), "--embedder", "fitted", "--quiet", "--reveal"]
    assert run(arguments) == 0
    assert json.loads((case / "manifest.json").read_text(encoding="utf-8"))["reveal"] is True
    assert "mira_kay" in (case / "report.html").read_text(encoding="utf-8")


def test_personas_alone_make_shifts_and_a_report(tmp_path: Path, small_profiles: Path) -> None:
    case = tmp_path / "case"
    assert run(["personas", str(small_profiles), "--out", str(case), "--quiet"]) == 0
    assert (case / "report.html").exists()
    assert (case / "tables" / "shifts.parquet").exists()


def test_inspect_says_whether_shifts_can_be_assessed(
    small_posts: Path, small_profiles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["inspect", str(small_posts), "--profiles", str(small_profiles), "--json"]
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out)


def test_inspect_answers_in_words_and_says_each_note_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("id,user_id,date,text\n1,a,01.03.2024,hello\n", encoding="utf-8")
    assert run(["inspect", str(posts)]) == 0
    printed = capsys.readouterr().out
    assert "personas assessable: no\n" in printed
    assert printed.count("03.04.2020 guessed to be day-first") == 1


def test_personas_asks_for_profiles_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["personas", "--help"]) == 0
    assert "Files of profile snapshots or histories." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["analyze", "absent.csv", "--out", "case"], 2, "no such file: absent.csv"),
        (["verify", "absent"], 3, "has no manifest.json"),
        (["analyze", "absent.csv", "--out", "case", "--event", "July"], 2, "START/END"),
        (["config", "show", "--config", "absent.toml"], 2, "does not exist"),
        (["analyze", "--nonsense"], 2, "No such option"),
    ],
)
def test_an_error_is_one_sentence_and_the_right_code(
    arguments: list[str],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_an_unknown_engine_lists_the_known_ones(
    small_posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["analyze", str(small_posts), "--out", str(tmp_path / "c"), "--engine", "abacus"]
    assert run(arguments) == 2
    assert "known: local" in capsys.readouterr().err


def test_an_unknown_export_lists_the_known_ones(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", str(case), "--to", "stone-tablet"]) == 2
    assert "csv" in capsys.readouterr().err


def test_every_command_has_help_with_an_example() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert "Example: narrashift" in (command.callback.__doc__ or "")


def test_settings_come_from_flag_then_environment_then_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.toml"
    path.write_text('seed = 3\n[narratives]\nembedder = "minilm"\n', encoding="utf-8")
    monkeypatch.setenv("NARRASHIFT_NARRATIVES__EMBEDDER", "fitted")
    assert run(["config", "show", "--config", str(path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["seed"] == 3
    assert shown["narratives"]["embedder"] == "fitted"


def test_a_case_made_from_further_files_is_not_overwritten_by_accident(
    small_posts: Path,
    small_profiles: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = tmp_path / "case"
    whole = ["analyze", str(small_posts), "--profiles", str(small_profiles), "--out", str(case)]
    assert run([*whole, "--embedder", "fitted", "--quiet"]) == 0
    personas = ["personas", str(small_profiles), "--out", str(case), "--quiet"]
    assert run(personas) == 2
    assert "was made from posts.jsonl too" in capsys.readouterr().err
    assert (case / "tables" / "talking_points.parquet").exists()
    assert run([*personas, "--replace"]) == 0
    assert not (case / "tables" / "talking_points.parquet").exists()


def test_a_copy_of_the_settings_file_stays_in_the_case(
    small_profiles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "[personas]\ngender = false\n"
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    assert run(["personas", str(small_profiles), "--out", "case", "--quiet"]) == 0
    assert (tmp_path / "case" / "case.toml").read_text(encoding="utf-8") == text
    manifest = json.loads((tmp_path / "case" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["gender"] is False


def test_a_console_that_cannot_print_persian_does_not_crash(root: Path) -> None:
    code = (
        "import sys; from narrashift.terminal import make_safe, out;"
        "make_safe(sys.stdout); out('نشست بندرگاه')"
    )
    environment = {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(root), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert b"\\u0646" in done.stdout
