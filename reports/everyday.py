"""Which words name nobody? Everyday words and titles, from `data/everyday.toml`.

In: nothing. Out: folded words. Frequency in a corpus cannot tell a word from a name that many
people speak of, so the answer is a list: "peace" may stay a word, a handle not listed never does.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from nlp.fold import fold
from nlp.tokens import stop_words


@cache
def _listed() -> dict[str, Any]:
    text = resources.files("reports").joinpath("data/everyday.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def everyday_words() -> frozenset[str]:
    """Return every listed word and the stop words of the listed languages, folded."""
    listed = {word for words in _listed()["words"].values() for word in words.split()}
    stops = {word for lang in _listed()["words"] for word in stop_words(lang)}
    return frozenset(fold(word) for word in listed | stops)


@cache
def titles() -> frozenset[str]:
    """Return words that stand before a name and are no part of it, folded."""
    return frozenset(fold(word) for word in _listed()["titles"])
