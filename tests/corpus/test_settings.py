"""Settings: precedence, and every problem at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from corpus.settings import Reading, Settings, parse_time
from corpus.settings.loading import build


def write(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_flag_beats_the_environment_and_that_beats_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "seed = 1\n[narratives]\nembedder = 'fitted'\nbin_s = 60\n")
    environment = {"NARRASHIFT_SEED": "2", "NARRASHIFT_NARRATIVES__EMBEDDER": "minilm"}
    found = Settings.load(path, environment=environment, overrides={"seed": 3})
    assert (found.seed, found.narratives.embedder, found.narratives.bin_s) == (3, "minilm", 60)


def test_an_override_that_is_none_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "seed = 5\n")
    assert Settings.load(path, overrides={"seed": None}).seed == 5


def test_all_problems_come_at_once_with_the_nearest_known_name(tmp_path: Path) -> None:
    path = write(
        tmp_path, "sed = 1\n[talking_points]\nthreshold = 'high'\n[reading]\nmax_rejects = 0.1\n"
    )
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert len(caught.value.problems) == 3
    assert "did you mean 'seed'" in str(caught.value)
    assert "did you mean 'max_reject'" in str(caught.value)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("reading", "date_order = 'sideways'"),
        ("reading", "max_reject = 2.0"),
        ("reading", "map = ['text']"),
        ("reading", "observed_at = 'soon'"),
        ("talking_points", "threshold = 0.0"),
        ("personas", "languages = ['en', 'xx']"),
        ("event", "start = '2020-02-01'\nend = '2020-01-01'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(tmp_path: Path, section: str, value: str) -> None:
    with pytest.raises(SettingsError, match=section):
        Settings.load(write(tmp_path, f"[{section}]\n{value}\n"))


def test_values_of_a_wrong_kind_are_refused(tmp_path: Path) -> None:
    for text in ("seed = true", "seed = 1.5", "narratives = 3", "[personas]\ngender = 'maybe'"):
        with pytest.raises(SettingsError):
            Settings.load(write(tmp_path, text + "\n"))


def test_problems_of_kind_and_of_sense_come_together(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "seed = 1.5\n[reading]\ntimezone = 'Mars/Base'\nmap = ['acount_id=x', 'text']\n"
        "[talking_points]\nthreshold = 9\n",
    )
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert [problem.split(" is ")[-1].split(";")[0] for problem in caught.value.problems] == [
        "not a whole number",
        "talking_points.threshold = 9.0",
        "reading.map has 'text'",
        "--map acount_id=x: unknown field 'acount_id'",
        "not a zone name such as Asia/Tehran or UTC",
    ]


def test_a_wrong_kind_is_named_in_plain_words() -> None:
    for name, value, called in (
        ("seed", "x", "not a whole number"),
        ("personas.prior", "x", "not a number"),
        ("personas.gender", "x", "not true or false"),
        ("report.title", 3, "not text"),
        ("reading.keep", 3, "not a list of texts"),
    ):
        with pytest.raises(SettingsError, match=called):
            Settings.load(overrides={name: value})


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("NARRASHIFT_REPORT_REDACT", "NARRASHIFT_REPORT__REDACT"),
        ("NARRASHIFT_TALKING_POINTS_THRESHOLD", "NARRASHIFT_TALKING_POINTS__THRESHOLD"),
    ],
)
def test_a_variable_with_one_underscore_is_not_ignored(name: str, right: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} .*: {right}$"):
        Settings.load(environment={name: "0.5"})


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: it is a folder"):
        Settings.load(tmp_path)


def test_a_settings_file_that_may_not_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "seed = 1\n")
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(SettingsError, match="cannot be read: permission denied"):
        Settings.load(path)


def test_a_missing_or_broken_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        Settings.load(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="not valid TOML"):
        Settings.load(write(tmp_path, "seed = ="))


def test_a_list_may_come_as_text_from_the_environment() -> None:
    found = Settings.load(environment={"NARRASHIFT_READING__KEEP": "a, b"})
    assert found.reading.keep == ("a", "b")


def test_foreign_environment_names_are_left_alone() -> None:
    names = ("NARRASHIFT_KEY", "NARRASHIFT_SHARED_DATA", "NARRASHIFT_CHROMIUM", "PATH")
    assert Settings.load(environment=dict.fromkeys(names, "x")) == Settings()


def test_settings_built_in_code_are_checked_too() -> None:
    with pytest.raises(SettingsError, match="max_reject"):
        Settings(reading=Reading(max_reject=7.0))


def test_settings_survive_being_written_as_plain_data() -> None:
    plain = Settings(seed=4).to_dict()
    assert plain["seed"] == 4
    assert plain["reading"]["timezone"] is None


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse_time("2020-07-17T12:00") == datetime(2020, 7, 17, 12, tzinfo=UTC)
    assert parse_time("2020-07-17T12:00:00Z") == datetime(2020, 7, 17, 12, tzinfo=UTC)


@dataclass(frozen=True)
class _Rule:
    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Rules:
    rules: tuple[_Rule, ...] = ()


def test_a_list_of_tables_becomes_typed_rows() -> None:
    problems: list[str] = []
    raw = {"rules": [{"name": "a", "words": ["x", "y"]}, {"name": "b"}]}
    built = build(_Rules, raw, "", problems)
    assert built.rules == (_Rule("a", ("x", "y")), _Rule("b"))
    assert problems == []


def test_each_bad_row_of_a_list_of_tables_is_named() -> None:
    problems: list[str] = []
    build(
        _Rules, {"rules": [{"words": ["x"]}, {"name": 3}, {"name": "c", "word": "z"}]}, "", problems
    )
    assert problems == [
        "rules[1] lacks name",
        "rules[2].name = 3 is not text",
        "unknown setting 'rules[3].word'; did you mean 'words'?",
    ]


def test_one_table_where_a_list_is_expected_says_how_to_write_it() -> None:
    problems: list[str] = []
    build(_Rules, {"rules": {"name": "a"}}, "", problems)
    assert problems == ["rules is a list of tables, found {'name': 'a'}; write [[rules]]"]
