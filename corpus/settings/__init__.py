"""Everything an analyst may set, as frozen dataclasses read from TOML.

In: a TOML file, `NARRASHIFT_*` environment variables and command-line overrides, in rising order of
precedence. Out: one `Settings`. It refuses unknown keys and wrong values, and reports every problem
at once, with the nearest known name. The sections stand in `sections`, what values make sense in
`domain`, how text becomes typed values in `loading`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from corpus.settings.domain import CHOICES, RANGES, domain_problems, known_zone, parse_time
from corpus.settings.loading import build, from_environment, misspelled, put, read_toml
from corpus.settings.sections import (
    Camp,
    Collection,
    Coordination,
    Event,
    Label,
    Names,
    Narratives,
    Paraphrases,
    Passages,
    Personas,
    Reading,
    Report,
    TalkingPoints,
    Target,
)

__all__ = [
    "CHOICES",
    "RANGES",
    "Camp",
    "Collection",
    "Coordination",
    "Event",
    "Label",
    "Names",
    "Narratives",
    "Paraphrases",
    "Passages",
    "Personas",
    "Reading",
    "Report",
    "Settings",
    "TalkingPoints",
    "Target",
    "known_zone",
    "parse_time",
]


@dataclass(frozen=True)
class Settings:
    """All settings; every default is safe, deterministic and offline."""

    reading: Reading = field(default_factory=Reading)
    talking_points: TalkingPoints = field(default_factory=TalkingPoints)
    passages: Passages = field(default_factory=Passages)
    narratives: Narratives = field(default_factory=Narratives)
    names: Names = field(default_factory=Names)
    paraphrases: Paraphrases = field(default_factory=Paraphrases)
    personas: Personas = field(default_factory=Personas)
    event: Event = field(default_factory=Event)
    collection: Collection = field(default_factory=Collection)
    coordination: Coordination = field(default_factory=Coordination)
    report: Report = field(default_factory=Report)
    labels: tuple[Label, ...] = ()
    targets: tuple[Target, ...] = ()
    seed: int = 0

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Settings:
        """Merge file, environment and overrides (`"section.key": value`); raise SettingsError.

        Raises
        ------
        SettingsError
            With one sentence for every problem found.
        """
        raw = read_toml(path) if path is not None else {}
        for dotted, text in from_environment(cls, environment or {}):
            put(raw, dotted, text)
        for dotted, value in (overrides or {}).items():
            if value is not None:
                put(raw, dotted, value)
        problems = misspelled(cls, environment or {})
        try:
            built = build(cls, raw, "", problems)
        except SettingsError as error:
            problems += error.problems
        if problems:
            raise SettingsError(problems)
        return typing.cast(Settings, built)

    def __post_init__(self) -> None:
        problems = domain_problems(self)
        if problems:
            raise SettingsError(problems)

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain dictionaries, for the manifest and `config show`."""
        return asdict(self)
