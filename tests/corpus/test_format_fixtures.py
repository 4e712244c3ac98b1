"""Each folder of `formats` holds a file with the traps of its format, and the tables it reads to.

`expected.json` holds every value that is known, row by row; what is null is left out. The texts are
invented. `settings.toml` holds reading settings where a format needs them, `beside.*` posts that
are read along with a file that says something only of accounts already there.
"""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.readers import Corpus, inspect, read
from corpus.settings import Reading

FOLDER = Path(__file__).parent / "formats"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
# Where a row stood is checked by its number; the names of files and hashes are not its content.
LEFT_OUT = {"source_file", "snapshot_id", "time_precision"}


def settings_of(name: str) -> Reading:
    path = FOLDER / name / "settings.toml"
    return (
        Reading(**tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else Reading()
    )


def paths_of(name: str) -> list[Path]:
    return [*(FOLDER / name).glob("input.*"), *(FOLDER / name).glob("beside.*")]


def read_fixture(name: str) -> Corpus:
    return read(paths_of(name), settings=settings_of(name))


def shown(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value


def rows(table: Any) -> list[dict[str, Any]]:
    found = [
        {
            name: shown(value)
            for name, value in row.items()
            if value is not None and value != [] and name not in LEFT_OUT
        }
        for row in table.to_pylist()
        if row["source_file"].startswith("input.")
    ]
    return sorted(found, key=lambda row: (row["source_row"], json.dumps(row, sort_keys=True)))


def tables(corpus: Corpus) -> dict[str, Any]:
    [report] = [report for report in corpus.files if report.name.startswith("input.")]
    return {
        "preset": report.preset,
        "rows_read": report.rows_read,
        "rejected": report.rejected,
        "posts": rows(corpus.posts),
        "profiles": rows(corpus.profiles),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_the_traps_of_its_format_reads_to_the_expected_tables(name: str) -> None:
    text = (FOLDER / name / "expected.json").read_text(encoding="utf-8")
    assert tables(read_fixture(name)) == json.loads(text)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_read_is_kept_or_rejected_and_inspect_names_the_format(name: str) -> None:
    found = inspect(paths_of(name), settings=settings_of(name))
    assert found.rows_read == found.rows_kept + sum(found.rejected.values())
    assert any("read as " in note for note in found.notes)
