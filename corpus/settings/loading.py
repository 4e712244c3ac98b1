"""How a settings file, environment variables and flags become typed sections.

Every problem is collected, with the nearest known name, so that one run reports them all. A field
`tuple[Section, ...]` is a list of tables, written `[[name]]`.
"""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError

ENVIRONMENT_PREFIX = "NARRASHIFT_"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the file's tables; raise SettingsError with what keeps it from being read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"settings file {path} does not exist") from None
    except OSError as error:
        why = "it is a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise SettingsError(f"settings file {path} cannot be read: {why}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not valid TOML: {error}") from error


def from_environment(settings: type[Any], environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """`NARRASHIFT_NARRATIVES__EMBEDDER=fitted` sets narratives.embedder."""
    found = []
    for name, text in sorted(environment.items()):
        dotted = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
        known = dotted.split(".")[0] in {f.name for f in fields(settings)}
        if name.startswith(ENVIRONMENT_PREFIX) and ("." in dotted or known):
            found.append((dotted, text))
    return found


def misspelled(settings: type[Any], environment: Mapping[str, str]) -> list[str]:
    """Variables such as NARRASHIFT_REPORT_REDACT, which mean a setting but lack an underscore."""
    problems = []
    for name in sorted(environment):
        for section in _sections(settings):
            start = f"{ENVIRONMENT_PREFIX}{section.upper()}_"
            key = name.removeprefix(start)
            if key != name and not key.startswith("_"):
                problems.append(
                    f"environment variable {name} sets nothing; two underscores end the section: "
                    f"{start}_{key}"
                )
    return problems


def _sections(settings: type[Any]) -> list[str]:
    return [name for name, hint in typing.get_type_hints(settings).items() if is_dataclass(hint)]


def put(raw: dict[str, Any], dotted: str, value: Any) -> None:
    """Set `section.key` in nested dictionaries, in place."""
    *sections, key = dotted.split(".")
    for section in sections:
        raw = raw.setdefault(section, {})
    raw[key] = value


_BAD = object()


def build(kind: type, raw: Mapping[str, Any], prefix: str, problems: list[str]) -> Any:
    """Return `kind` filled from `raw`; what is wrong with it is added to `problems`.

    Raises SettingsError when a value of the right type makes no sense.
    """
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in raw.items():
        where = f"{prefix}{name}"
        if name not in hints:
            problems.append(_unknown(where, name, list(hints)))
            continue
        found = _field(where, value, hints[name], problems)
        values |= {} if found is _BAD else {name: found}
    return kind(**values)  # the default stands for a bad value, which must not hide the others


def _field(where: str, value: Any, hint: Any, problems: list[str]) -> Any:
    """Turn one value into a section, a list of tables, or a plain value."""
    if is_dataclass(hint):
        if isinstance(value, Mapping):
            return build(typing.cast(type, hint), value, f"{where}.", problems)
        problems.append(f"{where} is a section, found {value!r}; write [{where}]")
        return _BAD
    row = _row_type(hint)
    if row is not None:
        return _rows(where, value, row, problems)
    return _convert(where, value, hint, problems)


def _row_type(hint: Any) -> type | None:
    """The dataclass of a list of tables, or None when the field is none."""
    inner = typing.get_args(hint)[:1] if typing.get_origin(hint) is tuple else ()
    return typing.cast(type, inner[0]) if inner and is_dataclass(inner[0]) else None


def _rows(where: str, value: Any, row: type, problems: list[str]) -> Any:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, Mapping) for item in value):
        problems.append(f"{where} is a list of tables, found {value!r}; write [[{where}]]")
        return _BAD
    made = [
        _row(f"{where}[{number}]", item, row, problems)
        for number, item in enumerate(value, start=1)
    ]
    return tuple(item for item in made if item is not _BAD)


def _row(where: str, item: Mapping[str, Any], row: type, problems: list[str]) -> Any:
    needed = [f.name for f in fields(row) if f.default is MISSING and f.default_factory is MISSING]
    item = {name: value for name, value in item.items() if value is not None}
    missing = [name for name in needed if name not in item]
    if missing:
        problems.append(f"{where} lacks {', '.join(missing)}")
        return _BAD
    before = len(problems)
    try:
        return build(row, item, f"{where}.", problems)
    except TypeError:
        if len(problems) == before:
            raise
        return _BAD  # a needed value was bad, which is already noted


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
    whole = typing.get_args(wanted)[:1] == (int,)
    return names.get(wanted, "a list of whole numbers" if whole else "a list of texts")


def _as_type(value: Any, wanted: Any) -> Any:
    if wanted is bool:
        return _as_bool(value)
    if typing.get_origin(wanted) is tuple:
        items = value.split(",") if isinstance(value, str) else value
        inner = typing.get_args(wanted)[0]
        return tuple(_as_type(str(item).strip(), inner) for item in items)
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
