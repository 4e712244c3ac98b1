"""Whatever stands in a file of a known format, every record is kept or rejected, none twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import EmptyCorpus, InputError
from corpus.readers import inspect, read
from corpus.readers.json_formats import JsonFormat
from corpus.readers.load import BUILT_IN, readers

FORMATS = [reader for reader in BUILT_IN if isinstance(reader, JsonFormat)]
FOLDER = Path(__file__).parent / "formats"
ANYTHING = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "\udcff", [], {}, [None], [[]], {"a": None}, 10**400, "1"]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a record."""
    inner: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        inner = [place for key in value for place in places(value[key], (*path, key))]
    elif isinstance(value, list):
        inner = [place for at, one in enumerate(value) for place in places(one, (*path, at))]
    return [path, *inner] if path else inner


def put(record: Any, path: tuple[Any, ...], new: Any) -> Any:
    copy = json.loads(json.dumps(record))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = new
    return copy


def records(format: JsonFormat) -> list[Any]:
    """The records of the fixture of a format that are whole."""
    [path] = (FOLDER / format.name).glob("input.*")
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        document = json.loads(text)
        return [{**document, "messages": [one]} for one in document["messages"]]
    return [found for line in text.splitlines() if isinstance(found := _load(line), dict)]


def _load(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: str(format.name))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(data=st.data())
def test_a_record_with_anything_anywhere_is_kept_or_rejected(
    format: JsonFormat, data: st.DataObject, tmp_path: Path
) -> None:
    record = data.draw(st.sampled_from(records(format)))
    place = data.draw(st.sampled_from(places(record)))
    changed = put(record, place, data.draw(ANYTHING))
    path = tmp_path / "input.jsonl"
    path.write_text(json.dumps(changed) + "\n" + json.dumps(record) + "\n", encoding="utf-8")
    rows = format.rows(path, "input.jsonl")
    kept = set(rows.source_row.tolist())
    lost = [reject.row for reject in rows.rejects]
    assert sorted([*kept, *lost]) == list(range(rows.rows_read))
    try:
        found = inspect([path])
    except (EmptyCorpus, InputError):
        return
    assert found.rows_read == found.rows_kept + sum(found.rejected.values())


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: str(format.name))
def test_a_format_is_surest_of_its_own_files(format: JsonFormat) -> None:
    [path] = (FOLDER / format.name).glob("input.*")
    sure = {reader.name: reader.sniff(path) for reader in readers()}
    assert max(sure, key=lambda name: sure[name]) == format.name


def test_every_reader_is_known_once() -> None:
    names = [reader.name for reader in readers()]
    assert len(names) == len(set(names))


def test_keep_reaches_what_a_format_carries(tmp_path: Path) -> None:
    from corpus.settings import Reading

    path = FOLDER / "telegram_desktop" / "input.json"
    kept = read([path], settings=Reading(keep=("author", "edited_unixtime"))).kept_columns
    assert kept is not None
    assert "Some Editor" in kept.column("author").to_pylist()


def test_several_dumps_make_a_history(tmp_path: Path) -> None:
    lines = (FOLDER / "x_api_v2" / "input.jsonl").read_text(encoding="utf-8").splitlines()
    for name, line in (("march.jsonl", lines[0]), ("june.jsonl", lines[1])):
        (tmp_path / name).write_text(line + "\n", encoding="utf-8")
    found = inspect([tmp_path / "march.jsonl"], [tmp_path / "june.jsonl"])
    assert found.accounts_with_two_snapshots == 1
    assert found.accounts_with_changes == 1


def test_old_telegram_dates_are_local_and_the_guess_is_said() -> None:
    notes = inspect([FOLDER / "telegram_desktop_old" / "input.json"]).notes
    assert any("--timezone" in note for note in notes)
    notes = inspect([FOLDER / "telegram_desktop" / "input.json"]).notes
    assert not any("--timezone" in note for note in notes)
