"""The mapping files of `presets/`: known file shapes as data.

In: TOML files, one a format. Out: `Preset`s. `docs/developers/adding-a-format.md` explains every
key with an example. A file with an unknown key or field is an error when the presets are first
read, so that a typing mistake cannot quietly leave a column out.

Names of columns are compared in lower case with every run of other signs turned into "_", so that
`user.screen_name` and `User Screen-Name` are one name. A dotted name of which only the beginning is
a column is a path into the JSON that the column holds: `edges.*.name`, `images.0.url`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

# What a format that a reader unpacked itself may say besides the fields of columns.toml.
ROW_FIELDS = ("basis",)


@dataclass(frozen=True)
class Preset:
    """A known file shape, recognised by the columns it must have; see the developers' page."""

    name: str
    title: str
    role: str = "posts"
    requires: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    map: dict[str, tuple[str, ...]] = field(default_factory=dict)
    platform: str = ""
    basis: str = ""
    date_order: str = "auto"
    timezone: str = ""
    zone_needed: bool = False
    experimental: bool = False
    known_only: bool = False
    history: str = ""
    notes: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    join: dict[str, str] = field(default_factory=dict)
    separators: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    nothing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unless: dict[str, str] = field(default_factory=dict)
    skip: dict[str, tuple[str, ...]] = field(default_factory=dict)
    html: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What `inspect` says of a file of this format, besides what it found there."""
        said = [f"read as {self.title}"]
        if self.experimental:
            said = [
                f"read as {self.title}; this mapping is experimental, written from the documented "
                "columns alone: look at the mapping, and correct it with --map"
            ]
        if self.history:
            said.append(f"persona tracking: {self.history}")
        return (*said, *self.notes)


def plain(name: str) -> str:
    """Fold a column name to the form in which hints are written."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


@cache
def hints() -> dict[str, dict[str, list[str]]]:
    """Return the name hints by role and field."""
    text = resources.files("corpus.readers").joinpath("columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def fields() -> tuple[str, ...]:
    """Return every field that `--map` may name."""
    return tuple(dict.fromkeys(name for role in hints().values() for name in role))


@cache
def presets() -> tuple[Preset, ...]:
    """Return the shipped presets, by name."""
    folder = resources.files("corpus.readers").joinpath("presets")
    files = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda file: file.name
    )
    return tuple(parse_preset(file.read_text(encoding="utf-8")) for file in files)


def preset_named(name: str) -> Preset:
    """Return the preset called `name`. Raises KeyError."""
    found = {preset.name: preset for preset in presets()}
    return found[name]


def parse_preset(text: str) -> Preset:
    """Read one mapping file.

    Raises
    ------
    ValueError
        When a key or a field is unknown; the sentence names it.
    """
    raw = tomllib.loads(text)
    unknown = set(raw) - set(Preset.__dataclass_fields__)
    for table in (
        "map",
        "constants",
        "templates",
        "join",
        "separators",
        "dates",
        "values",
        "nothing",
        "unless",
    ):
        unknown |= set(raw.get(table, {})) - {*fields(), *ROW_FIELDS}
    if unknown:
        raise ValueError(f"mapping {raw.get('name')!r}: unknown: {', '.join(sorted(unknown))}")
    return Preset(**{key: _frozen(key, value) for key, value in raw.items()})


def _frozen(key: str, value: Any) -> Any:
    if key in {"requires", "any_of", "without"}:
        return tuple(plain(name) for name in value)
    if key == "map":
        return {name: (one,) if isinstance(one, str) else tuple(one) for name, one in value.items()}
    if key in {"nothing", "skip"}:
        return {name: tuple(cells) for name, cells in value.items()}
    return tuple(value) if isinstance(value, list) else value


def locate(name: str, by_plain: dict[str, str]) -> tuple[str, str] | None:
    """Return the column that serves `name` and the path inside its cells ("" for the whole cell).

    `by_plain` are the file's columns under their folded names.
    """
    if plain(name) in by_plain and "*" not in name:
        return by_plain[plain(name)], ""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        column = by_plain.get(plain(".".join(parts[:length])))
        if column is not None and "*" not in parts[:length]:
            return column, ".".join(parts[length:])
    return None
