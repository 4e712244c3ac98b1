from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import WorkspaceError
from corpus.manifest import Manifest, Note, StageTime, library_versions, platform_facts


def manifest() -> Manifest:
    return Manifest(
        version="1",
        code="c",
        created_at="2020-07-17T00:00:00+00:00",
        settings={"seed": 0},
        files=[{"name": "posts.csv", "rows_read": 2}],
        notes=[Note("read", "no column looks like a time; times are unknown")],
        stages=[StageTime("texts", 2, 0.1, 100.0, False)],
        facts={"embedders": {"fa": {"name": "fitted"}}},
        tables={"posts": "d"},
        engine="local",
        seed=0,
        reveal=False,
        gender=True,
        libraries=library_versions(),
        platform=platform_facts(),
    )


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest().write(tmp_path)
    assert Manifest.read(tmp_path) == manifest()


def test_a_manifest_keeps_persian_readable(tmp_path: Path) -> None:
    from dataclasses import replace

    replace(manifest(), notes=[Note("read", "ستون زمان")]).write(tmp_path)
    assert "ستون زمان" in (tmp_path / "manifest.json").read_text(encoding="utf-8")


def test_a_folder_without_a_manifest_says_how_to_finish_the_case(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="finish it with: narrashift analyze"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", '{"notes": [1]}', "[]"])
def test_a_damaged_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="damaged"):
        Manifest.read(tmp_path)


def test_library_versions_name_the_installed_libraries() -> None:
    assert {"pandas", "pyarrow", "numpy"} <= set(library_versions())
