"""Which values make sense: choices, ranges, times and zones, each refused with one sentence."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from corpus.errors import SettingsError

CHOICES: dict[str, tuple[str, ...]] = {
    "reading.date_order": ("auto", "month-first", "day-first"),
    "talking_points.shingle": ("mixed", "word-1", "word-2", "char-4"),
    "narratives.cluster_selection_method": ("eom", "leaf"),
    "report.redact": ("pseudonym", "full", "none"),
    "report.quote": ("exact", "none"),
    "report.tlp": ("clear", "green", "amber", "amber+strict", "red"),
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
    "narratives.window_s": (60, 3_153_600_000),
    "paraphrases.threshold": (0.0, 1.0),
    "paraphrases.max_points": (2, 10_000_000),
    "personas.prior": (0.0, 1.0),
    "coordination.q_level": (0.0, 1.0),
    "coordination.min_objects": (1, 1_000),
    "coordination.max_accounts": (2, 100_000),
    "coordination.permutations": (0, 100_000),
    "report.max_posts": (0, 10_000_000),
    "report.page_posts": (0, 1_000_000),
    "report.min_accounts": (1, 1_000_000),
}
# The lexicons that ship in `personas/lexicons`; a test there holds the two together.
PERSONA_LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "pt", "ru", "tr")
# A camp is a value of the tables, so it looks like the shipped ones.
_CAMP_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
# Windows of coordination: as many as `clustering.tie_pairs` marks in one byte; none above a year.
MOST_WINDOWS, YEAR_S = 8, 31_536_000
STANCES = ("for", "against", "neutral")
TARGET_KINDS = ("person", "organisation", "place", "hashtag", "topic")
TIMES = (
    "reading.observed_at",
    "event.start",
    "event.end",
    "collection.period_start",
    "collection.period_end",
)
# Pairs of which the second may not be before the first.
SPANS = (
    ("event.start", "event.end"),
    ("collection.period_start", "collection.period_end"),
)


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


def _file_problems(reading: Any) -> list[str]:
    """Encodings that nothing knows, delimiters that are not one sign."""
    problems = []
    if reading.encoding is not None:
        try:
            known = codecs.lookup(reading.encoding)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if not known:
            problems.append(
                f"reading.encoding = {reading.encoding!r} is not an encoding such as cp1251 or"
                " utf-16"
            )
    if reading.delimiter is not None and (
        len(reading.delimiter) != 1 or reading.delimiter in '"\r\n'
    ):
        problems.append(
            f"reading.delimiter = {reading.delimiter!r}; expected one sign, such as ; or tab"
        )
    return problems


def domain_problems(settings: Any) -> list[str]:
    """Values of the right type that make no sense."""
    problems = []
    for dotted, allowed in CHOICES.items():
        value = _get(settings, dotted)
        if value is not None and value not in allowed:
            problems.append(f"{dotted} = {value!r}; expected one of {', '.join(allowed)}")
    problems += _file_problems(settings.reading)
    for dotted, (low, high) in RANGES.items():
        value = _get(settings, dotted)
        if value is not None and not low <= value <= high:
            problems.append(f"{dotted} = {value!r}; expected a number from {low:g} to {high:g}")
    problems += _label_problems(settings.labels)
    problems += _target_problems(settings.targets)
    problems += _camp_problems(settings.personas.camps)
    problems += _language_problems(settings.personas.languages)
    problems += _window_problems(settings.coordination.windows_s)
    return problems + _map_problems(settings.reading.map) + _time_problems(settings)


def _window_problems(windows: Sequence[int]) -> list[str]:
    fits = 1 <= len(windows) <= MOST_WINDOWS and all(0 <= window <= YEAR_S for window in windows)
    if fits:
        return []
    return [
        f"coordination.windows_s = {list(windows)}; expected 1 to {MOST_WINDOWS} numbers of"
        f" seconds from 0 to {YEAR_S:,}, such as [60, 3600]"
    ]


def _language_problems(languages: Sequence[str]) -> list[str]:
    unknown = sorted(set(languages) - set(PERSONA_LANGUAGES))
    if not unknown:
        return []
    return [
        f"personas.languages has {', '.join(map(repr, unknown))}, for which there is no lexicon;"
        f" expected some of {', '.join(PERSONA_LANGUAGES)}, or nothing for all"
    ]


def _label_problems(labels: Sequence[Any]) -> list[str]:
    problems = []
    for number, label in enumerate(labels, start=1):
        where = f"labels[{number}]"
        if label.stance not in STANCES:
            problems.append(
                f"{where}.stance = {label.stance!r}; expected one of {', '.join(STANCES)}"
            )
        if (label.narrative is None) == (label.point is None):
            problems.append(f"{where} needs either narrative or point")
        if not label.target.strip():
            problems.append(f"{where}.target is empty; expected who or what it is about")
    return problems


def _target_problems(targets: Sequence[Any]) -> list[str]:
    problems = []
    called: dict[str, str] = {}
    for number, target in enumerate(targets, start=1):
        where = f"targets[{number}]"
        if target.kind not in TARGET_KINDS:
            problems.append(
                f"{where}.kind = {target.kind!r}; expected one of {', '.join(TARGET_KINDS)}"
            )
        for key, spelling in (("name", target.name), *(("aliases", a) for a in target.aliases)):
            if not any(letter.isalnum() for letter in spelling):
                problems.append(
                    f"{where}.{key} has {spelling!r}; expected a name with letters or digits"
                )
            owner = called.setdefault(spelling.strip().casefold(), where)
            if owner != where:
                problems.append(
                    f"{where}.{key} has {spelling!r}, which {owner} has too; one spelling can mean"
                    " one target only"
                )
    return problems


def _camp_problems(camps: Sequence[Any]) -> list[str]:
    problems = []
    for number, camp in enumerate(camps, start=1):
        where = f"personas.camps[{number}]"
        if not _CAMP_NAME.fullmatch(camp.name):
            problems.append(
                f"{where}.name = {camp.name!r}; expected small letters, digits and _, such as"
                " greenbelt_loyal"
            )
        if not camp.phrases and not camp.markers:
            problems.append(f"{where} ({camp.name!r}) says nothing; expected phrases or markers")
        if not camp.languages:
            problems.append(
                f"{where} ({camp.name!r}) names no languages; expected codes such as en"
            )
        for key in ("since", "until"):
            text = getattr(camp, key)
            try:
                parse_time(text or "2000-01-01")
            except ValueError:
                problems.append(f"{where}.{key} = {text!r} is not an ISO day such as 2016-06-23")
    return problems


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
        known_zone(settings.reading.timezone or "UTC")
    except SettingsError as error:
        problems += error.problems
    for dotted in TIMES:
        text = _get(settings, dotted)
        try:
            parsed[dotted] = parse_time(text) if text else None
        except ValueError:
            problems.append(f"{dotted} = {text!r} is not an ISO time such as 2020-07-17T00:00:00Z")
    for first, second in SPANS:
        start, end = parsed.get(first), parsed.get(second)
        if start and end and end < start:
            problems.append(f"{second} {end.isoformat()} is before {first} {start.isoformat()}")
    return problems


def _get(settings: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        settings = getattr(settings, name)
    return settings
