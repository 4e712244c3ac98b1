"""Floors live in one file, so that a reader sees at a glance what is promised."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def floors() -> Callable[[str], dict[str, float]]:
    """Return the floors of one section of floors.toml."""
    path = Path(__file__).with_name("floors.toml")
    everything = tomllib.loads(path.read_text(encoding="utf-8"))
    return lambda section: everything[section]
