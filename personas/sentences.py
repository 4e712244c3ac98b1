"""The sentences that explain a shift, read from `sentences.toml`.

In: the name of a sentence and what fills it. Out: text. Sentences are data, so that an editor can
change a wording, or a translator all of them, without touching a rule.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

# What a field is called in a sentence.
FIELD_WORDS = {"bio": "bio", "name": "shown name", "handle": "handle", "location": "location",
               "post": "post", "pronouns": "pronoun field"}  # fmt: skip


def reason(sentence: str, /, **values: object) -> str:
    """Return one filled sentence; raise KeyError when the file lacks it."""
    filled = {key: _shown(value) for key, value in values.items()}
    return str(_sentences()["reason"][sentence]).format(**filled)


def caveats(kind: str) -> list[str]:
    """Return what else could explain a change of this kind."""
    return list(_sentences()["caveat"][kind])


def percent(share: float) -> str:
    """Return a share as text: 0.48 -> "48 %", 0.001 -> "0.1 %"."""
    hundred = share * 100
    return f"{hundred:.0f} %" if hundred >= 1 else f"{hundred:.1f} %"


def _shown(value: object) -> object:
    return value.date().isoformat() if isinstance(value, datetime) else value


@cache
def _sentences() -> dict[str, dict[str, Any]]:
    text = resources.files("personas").joinpath("sentences.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
