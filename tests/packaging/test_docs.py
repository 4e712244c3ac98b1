"""Docs and code are held to each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.settings import Settings
from narrashift.cli import app


def texts(root: Path) -> str:
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_the_table_page_is_up_to_date(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "describe_tables.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run scripts/describe_tables.py"


def test_every_command_is_documented(root: Path) -> None:
    written = texts(root)
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert [name for name in names if f"narrashift {name}" not in written] == []


def test_no_page_names_a_command_that_does_not_exist(root: Path) -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups}
    shown = set(re.findall(r"^(?:\$ )?narrashift ([a-z]+)", texts(root), flags=re.MULTILINE))
    assert shown - known == set()


def test_links_between_pages_resolve(root: Path) -> None:
    broken = []
    for page in [root / "README.md", root / "ARCHITECTURE.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(root)}: {target}")
    assert broken == []


@pytest.mark.parametrize("name", ["find_talking_points", "cluster_narratives", "track_personas"])
def test_scripts_explain_themselves(root: Path, name: str) -> None:
    command = [sys.executable, str(root / "scripts" / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--out" in done.stdout


def test_the_settings_page_shows_a_file_that_loads(root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "analysts" / "settings.md").read_text(encoding="utf-8")
    example = tmp_path / "case.toml"
    example.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert Settings.load(example).event.start == "2024-05-17T06:00:00Z"


def test_the_readme_snippet_runs(root: Path, tmp_path: Path) -> None:
    page = (root / "README.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    environment = {**os.environ, "NARRASHIFT_KEY": str(tmp_path / "key"), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code + "\nprint(len(analysis.tables['shifts']))"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1"


def test_the_notebook_snippet_runs(root: Path, tmp_path: Path) -> None:
    page = (root / "docs" / "analysts" / "looking-closer.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    environment = {**os.environ, "NARRASHIFT_KEY": str(tmp_path / "key"), "PYTHONPATH": str(root)}
    asked = "print(page.to_dict()['sections']['posts']['total'], len(analysis.posts_of('ann')))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{asked}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "2 2"
