"""Does a sentence of ours judge somebody? The list of words stands in `words.toml`.

In: text written by this project, never text from a corpus. Out: the listed words it uses.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


@cache
def word_list() -> dict[str, list[str]]:
    """The words to avoid (`never`) and the examples that hold the list to its purpose."""
    text = resources.files("reports").joinpath("words.toml").read_text("utf-8")
    found: dict[str, list[str]] = tomllib.loads(text)
    return found


@cache
def _never() -> re.Pattern[str]:
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in word_list()["never"])
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def judging_words(text: str) -> list[str]:
    """Return the words in `text` that judge somebody, lower case, in order."""
    return [match.group().lower() for match in _never().finditer(text)]
