"""Reach into records whose shape nobody promised.

In: values parsed from JSON. Out: what stands at a path, or None: a list where an object was
expected, a number where a text was, or nothing at all are common in collected data and no reason to
stop. Texts are never changed; numbers become their digits, so that ids stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

Record = dict[str, Any]
# An interpreter writes no longer number in decimal; no id and no count has more digits.
MAX_NUMBER = 10**40


def dig(value: Any, path: str) -> Any:
    """What stands at `path` ("legacy.user.0.name"), None where the way ends."""
    for key in path.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def first(value: Any, *paths: str) -> Any:
    """The first of several places that holds anything; "" counts as something."""
    found = (dig(value, path) for path in paths)
    return next((one for one in found if one is not None), None)


def as_text(value: Any) -> str | None:
    """A text or the digits of a whole number; None for everything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if -MAX_NUMBER < value < MAX_NUMBER else None


def text_at(value: Any, *paths: str) -> str | None:
    """The first text or number among several places."""
    found = (as_text(dig(value, path)) for path in paths)
    return next((one for one in found if one is not None), None)


def record_at(value: Any, path: str) -> Record:
    """The object at `path`, an empty one where there is none."""
    found = dig(value, path)
    return found if isinstance(found, dict) else {}


def records_at(value: Any, path: str) -> list[Record]:
    """The objects of the list at `path`."""
    found = dig(value, path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def texts_at(value: Any, path: str, *keys: str) -> list[str]:
    """The texts of the list at `path`: of its objects the first key that holds one."""
    found = dig(value, path)
    if not isinstance(found, list):
        return []
    texts = (text_at(one, *keys) if keys else as_text(one) for one in found)
    return [text for text in texts if text]


def listed(texts: Iterable[str]) -> str:
    """A cell that states a list, repeats left out."""
    return orjson.dumps(list(dict.fromkeys(texts)), default=str).decode("utf-8")


def is_true(value: Any) -> bool:
    """Whether a source says yes."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes"})


def fan_out(value: Any, path: str) -> Iterator[Any]:
    """Everything at `path`, where `*` stands for all items of a list or all values of an object."""
    key, _, rest = path.partition(".")
    if key == "*":
        values: Iterable[Any] = ()
        if isinstance(value, list):
            values = value
        elif isinstance(value, dict):
            values = value.values()
        for one in values:
            yield from fan_out(one, rest) if rest else (one,)
        return
    found = dig(value, key)
    if found is not None:
        yield from fan_out(found, rest) if rest else (found,)


_TEMPLATE = re.compile(r"\{([^{}]+)\}")


def template_names(template: str) -> list[str]:
    """The names in braces, in order."""
    return _TEMPLATE.findall(template)
