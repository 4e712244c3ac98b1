"""Everything an analyst may set, as frozen dataclasses read from TOML.

In: a TOML file, `NARRASHIFT_*` environment variables and command-line overrides, in rising order of
precedence. Out: one `Settings`. It refuses unknown keys and wrong values, and reports every problem
at once, with the nearest known name. A setting exists only if an analyst would change it; all other
numbers are named constants beside their use.
"""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from corpus.errors import SettingsError

ENVIRONMENT_PREFIX = "NARRASHIFT_"


@dataclass(frozen=True)
class Reading:
    """How files become posts and profiles."""

    map: tuple[str, ...] = ()
    """`field=column`; applies to every file that has the column."""
    keep: tuple[str, ...] = ()
    """Further columns to carry along."""
    timezone: str = "UTC"
    """Zone of times that state none (IANA name)."""
    date_order: str = "auto"
    """For 3/4/2020: auto, month-first or day-first."""
    observed_at: str | None = None
    """ISO time at which an undated profile dump was made."""
    max_reject: float = 0.05
    """Share of rows that may be rejected before the exit code says so."""


@dataclass(frozen=True)
class TalkingPoints:
    """How near-duplicates are found."""

    threshold: float = 0.7
    """Exact Jaccard at which two texts say nearly the same."""
    shingle: str = "mixed"
    """word-1, word-2, char-4 or mixed."""


@dataclass(frozen=True)
class Passages:
    """Which texts are long, and what makes a shared passage."""

    long_from: int = 300
    """Characters from which a text is long; two texts are compared where at least one is."""
    min_words: int = 8
    """Words of a passage; below six nothing can be said."""
    containment: float = 0.7
    """Share of a passage's words and pairs of words that the other text must hold; scripts without
    blanks are held to the share that the same edits leave there."""


@dataclass(frozen=True)
class Narratives:
    """How talking points are grouped."""

    embedder: str = "auto"
    """auto, fitted, minilm, or a sentence-transformers model id or folder."""
    min_cluster_size: int | None = None
    """Talking points that make a narrative; None scales it with the corpus."""
    min_samples: int | None = None
    """Density smoothing; None scales it with the corpus."""
    cluster_selection_method: str = "eom"
    """eom (overview) or leaf (detail)."""
    max_exemplars: int = 50_000
    """Talking points that enter the clustering; further ones join the nearest narrative."""
    join_threshold: float | None = None
    """Cosine similarity at which a talking point joins the nearest narrative; None takes what was
    measured for the embedder (0.6 for a sentence model, 0.7 for fitted)."""
    bin_s: int = 3600
    """Width of a timeline bin in seconds."""


@dataclass(frozen=True)
class Paraphrases:
    """When two talking points say the same in other words."""

    threshold: float = 0.7
    """Fused score from which two are linked: there 85 of 100 linked tweets on one topic, and 98 of
    100 claims beside look-alikes, did say the same; lower links more, with more errors."""
    max_points: int = 50_000
    """Talking points of a language that are compared, those with most posts first."""


@dataclass(frozen=True)
class Personas:
    """How claimed identities are followed."""

    gender: bool = True
    """False switches the attribute off everywhere."""
    languages: tuple[str, ...] = ()
    """Lexicons to use; empty means all."""
    prior: float = 0.01
    """Share of accounts per year for which a replaced identity is expected."""


@dataclass(frozen=True)
class Event:
    """The event that the analysis is about, ISO times (UTC)."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Report:
    """What leaves the case, and how."""

    redact: str = "pseudonym"
    """pseudonym, full or none."""
    title: str | None = None
    max_posts: int = 5_000
    """Quoted posts in the evidence appendix."""


@dataclass(frozen=True)
class Settings:
    """All settings; every default is safe, deterministic and offline."""

    reading: Reading = field(default_factory=Reading)
    talking_points: TalkingPoints = field(default_factory=TalkingPoints)
    passages: Passages = field(default_factory=Passages)
    narratives: Narratives = field(default_factory=Narratives)
    paraphrases: Paraphrases = field(default_factory=Paraphrases)
    personas: Personas = field(default_factory=Personas)
    event: Event = field(default_factory=Event)
    report: Report = field(default_factory=Report)
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
        raw = _read_toml(path) if path is not None else {}
        for dotted, text in _from_environment(environment or {}):
            _put(raw, dotted, text)
        for dotted, value in (overrides or {}).items():
            if value is not None:
                _put(raw, dotted, value)
        problems = _misspelled(environment or {})
        try:
            built = _build(cls, raw, "", problems)
        except SettingsError as error:
            problems += error.problems
        if problems:
            raise SettingsError(problems)
        return typing.cast(Settings, built)

    def __post_init__(self) -> None:
        problems = _domain_problems(self)
        if problems:
            raise SettingsError(problems)

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain dictionaries, for the manifest and `config show`."""
        return asdict(self)


CHOICES: dict[str, tuple[str, ...]] = {
    "reading.date_order": ("auto", "month-first", "day-first"),
    "talking_points.shingle": ("mixed", "word-1", "word-2", "char-4"),
    "narratives.cluster_selection_method": ("eom", "leaf"),
    "report.redact": ("pseudonym", "full", "none"),
}
RANGES: dict[str, tuple[float, float]] = {
    "reading.max_reject": (0.0, 1.0),
    "talking_points.threshold": (0.05, 1.0),
    "passages.long_from": (50, 1_000_000),
    "passages.min_words": (6, 100),
    "passages.containment": (0.5, 1.0),
    "narratives.min_cluster_size": (2, 1_000_000),
    "narratives.min_samples": (1, 1_000),
    "narratives.max_exemplars": (10, 10_000_000),
    "narratives.join_threshold": (0.0, 1.0),
    "narratives.bin_s": (1, 31_536_000),
    "paraphrases.threshold": (0.0, 1.0),
    "paraphrases.max_points": (2, 10_000_000),
    "personas.prior": (0.0, 1.0),
    "report.max_posts": (0, 10_000_000),
}
TIMES = ("reading.observed_at", "event.start", "event.end")


def parse_time(text: str) -> datetime:
    """Read an ISO time; one without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def known_zone(name: str) -> ZoneInfo:
    """Return the zone; raise SettingsError with an example when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise SettingsError(
            f"reading.timezone = {name!r} is not a zone name such as Asia/Tehran or UTC"
        ) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"settings file {path} does not exist") from None
    except OSError as error:
        why = "it is a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise SettingsError(f"settings file {path} cannot be read: {why}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not valid TOML: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """`NARRASHIFT_NARRATIVES__EMBEDDER=fitted` sets narratives.embedder."""
    found = []
    for name, text in sorted(environment.items()):
        dotted = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
        known = dotted.split(".")[0] in {f.name for f in fields(Settings)}
        if name.startswith(ENVIRONMENT_PREFIX) and ("." in dotted or known):
            found.append((dotted, text))
    return found


def _misspelled(environment: Mapping[str, str]) -> list[str]:
    """Variables such as NARRASHIFT_REPORT_REDACT, which mean a setting but lack an underscore."""
    problems = []
    for name in sorted(environment):
        for section in _sections():
            start = f"{ENVIRONMENT_PREFIX}{section.upper()}_"
            key = name.removeprefix(start)
            if key != name and not key.startswith("_"):
                problems.append(
                    f"environment variable {name} sets nothing; two underscores end the section: "
                    f"{start}_{key}"
                )
    return problems


def _sections() -> list[str]:
    return [name for name, hint in typing.get_type_hints(Settings).items() if is_dataclass(hint)]


def _put(raw: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, key = dotted.split(".")
    for section in sections:
        raw = raw.setdefault(section, {})
    raw[key] = value


_BAD = object()


def _build(kind: type, raw: Mapping[str, Any], prefix: str, problems: list[str]) -> Any:
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in raw.items():
        where = f"{prefix}{name}"
        if name not in hints:
            problems.append(_unknown(where, name, list(hints)))
        elif is_dataclass(hints[name]):
            if isinstance(value, Mapping):
                values[name] = _build(typing.cast(type, hints[name]), value, f"{where}.", problems)
            else:
                problems.append(f"{where} is a section, found {value!r}; write [{where}]")
        else:
            found = _convert(where, value, hints[name], problems)
            values |= {} if found is _BAD else {name: found}
    return kind(**values)  # the default stands for a bad value, which must not hide the others


def _unknown(where: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return f"unknown setting {where!r}; {hint}"


def _convert(where: str, value: Any, hint: Any, problems: list[str]) -> Any:
    """Turn a TOML or text value into the field's type, or note the problem and return `_BAD`."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    wanted = next(option for option in options if option is not type(None))
    try:
        return _as_type(value, wanted)
    except (TypeError, ValueError):
        problems.append(f"{where} = {value!r} is not {_called(wanted)}")
        return _BAD


def _called(wanted: Any) -> str:
    """What a type is called in a sentence."""
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(wanted, "a list of texts")


def _as_type(value: Any, wanted: Any) -> Any:
    if wanted is bool:
        return _as_bool(value)
    if typing.get_origin(wanted) is tuple:
        items = value.split(",") if isinstance(value, str) else value
        return tuple(str(item).strip() for item in items)
    if wanted in (int, float) and isinstance(value, bool):
        raise TypeError("a truth value is not a number")
    if wanted is int and isinstance(value, float) and not value.is_integer():
        raise TypeError("not a whole number")
    if wanted is str and not isinstance(value, (str, datetime)):
        raise TypeError("not text")
    return wanted(value.isoformat() if isinstance(value, datetime) else value)


def _as_bool(value: Any) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() in known:
        return known[str(value).lower()]
    raise ValueError("not a truth value")


def _domain_problems(settings: Any) -> list[str]:
    """Values of the right type that make no sense."""
    problems = []
    for dotted, allowed in CHOICES.items():
        value = _get(settings, dotted)
        if value not in allowed:
            problems.append(f"{dotted} = {value!r}; expected one of {', '.join(allowed)}")
    for dotted, (low, high) in RANGES.items():
        value = _get(settings, dotted)
        if value is not None and not low <= value <= high:
            problems.append(f"{dotted} = {value!r}; expected a number from {low:g} to {high:g}")
    return problems + _map_problems(settings.reading.map) + _time_problems(settings)


def _map_problems(entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    from corpus.readers.columns import parse_map  # the readers are needed for entries alone

    problems = [
        f"reading.map has {entry!r}; expected field=column" for entry in entries if "=" not in entry
    ]
    try:
        parse_map([entry for entry in entries if "=" in entry])
    except SettingsError as error:
        problems += error.problems
    return problems


def _time_problems(settings: Any) -> list[str]:
    problems: list[str] = []
    parsed: dict[str, datetime | None] = {}
    try:
        known_zone(settings.reading.timezone)
    except SettingsError as error:
        problems += error.problems
    for dotted in TIMES:
        text = _get(settings, dotted)
        try:
            parsed[dotted] = parse_time(text) if text else None
        except ValueError:
            problems.append(f"{dotted} = {text!r} is not an ISO time such as 2020-07-17T00:00:00Z")
    start, end = parsed.get("event.start"), parsed.get("event.end")
    if start and end and end < start:
        problems.append(f"event.end {end.isoformat()} is before event.start {start.isoformat()}")
    return problems


def _get(settings: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        settings = getattr(settings, name)
    return settings
