"""Docs and code are held to each other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
