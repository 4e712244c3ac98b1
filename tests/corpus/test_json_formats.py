"""Whatever stands in a file of a known format, every record is kept or rejected, none twice."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import EmptyCorpus, InputError, ZoneUnknown
from corpus.readers import inspect, read
from corpus.readers.json_formats import JsonFormat
from corpus.readers.load import BUILT_IN, readers
from corpus.settings import Reading

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
        array = next(name for name in format.arrays if name in document)
        return [{**document, array: [one]} for one in document[array]]
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


def test_old_telegram_dates_are_not_read_until_a_zone_is_said() -> None:
    path = FOLDER / "telegram_desktop_old" / "input.json"
    with pytest.raises(ZoneUnknown, match="--timezone Asia/Tehran") as refused:
        read([path])
    assert refused.value.exit_code == 3
    utc = read([path], settings=Reading(timezone="UTC"))
    assert {at.hour for at in utc.posts["created_at"].to_pylist()} == {12}
    assert any(note.endswith("read as UTC") for note in utc.notes)
    assert read([FOLDER / "telegram_desktop" / "input.json"]).posts.num_rows


def test_accounts_alone_are_profiles(tmp_path: Path) -> None:
    lines = (FOLDER / "mastodon" / "input.jsonl").read_text(encoding="utf-8").splitlines()
    account = next(line for line in lines if line.startswith('{"id": "1", "username"'))
    user = {"id": "7", "username": "ann", "name": "Ann", "description": "Teacher"}
    page = {"data": [user], "__twarc": {"retrieved_at": "2021-03-05T12:00:00+00:00"}}
    whole = {"id": 9, "id_str": "9", "screen_name": "bo", "friends_count": 1, "description": "x"}
    for number, line in enumerate((account, json.dumps(page), json.dumps(whole))):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(line + "\n" + line + "\n", encoding="utf-8")
        for found in (inspect([path]), inspect([], [path])):
            assert (found.posts, found.snapshots) == (0, 1)
            assert found.files[0].role == "profiles"


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: str(format.name))
def test_a_file_of_posts_may_serve_for_its_profiles(format: JsonFormat) -> None:
    [path] = (FOLDER / format.name).glob("input.*")
    beside, alone = inspect([path]), inspect([], [path])
    assert alone.posts == 0
    assert alone.accounts_with_profile == beside.accounts_with_profile


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: str(format.name))
def test_packed_files_are_recognised_too(format: JsonFormat, tmp_path: Path) -> None:
    [path] = (FOLDER / format.name).glob("input.*")
    packed, archive = tmp_path / f"{path.name}.gz", tmp_path / "export.zip"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(archive, "w") as members:
        members.write(path, f"export/{path.name}")
    plain = inspect([path])
    for other in (packed, archive):
        found = inspect([other])
        assert found.files[0].preset == format.name
        assert (found.posts, found.snapshots) == (plain.posts, plain.snapshots)
