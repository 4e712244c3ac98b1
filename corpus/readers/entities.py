"""Hashtags, mentions and links of each post: as the source states them, else found in the text.

In: a text column and, when there is one, a column of lists in any of the notations that data sets
use (JSON, Python, commas, spaces). Out: list columns without # and @. Only what is plainly marked
in the text is found; a text is searched up to a cap, with patterns that are linear on any input.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.caps import MAX_LITERAL_CHARACTERS, MAX_SEARCHED_CHARACTERS

LISTS = pa.list_(pa.string())
MAX_ITEMS = 200

# ZWNJ (U+200C) joins the halves of Persian words, so a hashtag may hold it.
PATTERNS = {
    "hashtags": re.compile(r"(?<![\w/&#])[#＃]([\w\u200c]*[^\W\d_][\w\u200c]*)"),
    "mentions": re.compile(r"(?<![\w@/.])[@＠]([A-Za-z0-9_]{1,50})"),
    "urls": re.compile(r"https?://[^\s<>\"'`\u200c]+", re.IGNORECASE),
}
SIGNS = {"hashtags": "#|＃", "mentions": "@|＠", "urls": "://"}
_KEYS = ("text", "tag", "expanded_url", "screen_name", "username", "url", "name")
_TRAILING = ".,;:!?…)]}»”’'\""


def stated_or_found(
    field: str, stated: pa.ChunkedArray | None, texts: pa.ChunkedArray
) -> pa.ChunkedArray:
    """Return one list a post; a null or empty stated cell is answered from the text."""
    found = find(field, texts)
    if stated is None:
        return found
    cells = stated.combine_chunks().dictionary_encode()
    # Distinct cells only: most posts share a few notations and values.
    parsed = [parse_list(field, cell) if cell else None for cell in cells.dictionary.to_pylist()]
    codes = cells.indices.to_numpy(zero_copy_only=False)
    known = [None if np.isnan(code) else parsed[int(code)] for code in codes.astype(float)]
    return pa.chunked_array([pc.coalesce(pa.array(known, LISTS), found.combine_chunks())])


def find(field: str, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Find entities of one kind in each text."""
    pattern, tidy = PATTERNS[field], _tidy(field)
    chunks = []
    for chunk in texts.chunks:
        marked = pc.match_substring_regex(chunk, SIGNS[field]).fill_null(False)
        rows = np.flatnonzero(marked.to_numpy(zero_copy_only=False))
        # A loop over the marked rows: Arrow finds one match a text, posts hold several.
        lists = [
            [tidy(item) for item in pattern.findall(text[:MAX_SEARCHED_CHARACTERS])][:MAX_ITEMS]
            for text in chunk.take(pa.array(rows)).to_pylist()
        ]
        chunks.append(_spread(lists, rows, len(chunk)))
    return pa.chunked_array(chunks, LISTS)


def _tidy(field: str) -> Callable[[str], str]:
    if field == "urls":
        return lambda item: item.rstrip(_TRAILING)
    return lambda item: item.strip("\u200c")


def _spread(lists: list[list[str]], rows: np.ndarray[Any, Any], n: int) -> pa.Array:
    """Lists for the given rows, empty lists elsewhere."""
    lengths = np.zeros(n + 1, dtype=np.int32)
    lengths[rows + 1] = [len(items) for items in lists]
    flat = pa.array([item for items in lists for item in items], pa.string())
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths, dtype=np.int32)), flat)


def parse_list(field: str, cell: str) -> list[str] | None:
    """Read one cell that states a list; None when it states nothing."""
    text = cell.strip()
    if not text or text.lower() in {"nan", "none", "null"}:
        return None
    items = _literal(text) if text[0] in "[({" else _separated(text, field)
    named = [name for item in items if (name := _named(item))]
    return [name.lstrip("#@＃＠") if field != "urls" else name for name in named][:MAX_ITEMS]


def _separated(text: str, field: str) -> list[Any]:
    if field == "urls":
        return re.split(r",?[\s|]+|,(?=https?://)", text)
    return re.split(r"[\s,;|]+", text)


def _literal(text: str) -> list[Any]:
    """JSON, else Python notation, else the bare words between the brackets."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = _python(text)
    if isinstance(found, list | tuple | set):
        return list(found)
    return [found] if isinstance(found, dict) else []


def _python(text: str) -> Any:
    if len(text) > MAX_LITERAL_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():  # a backslash in a hostile cell is nothing to tell a user
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return [part.strip().strip("'\"") for part in text.strip("[](){} ").split(",")]


def _named(item: Any) -> str:
    """The name inside one item: a text, a number, or an object with a known key."""
    if isinstance(item, dict):
        item = next((item[key] for key in _KEYS if isinstance(item.get(key), str)), "")
    if isinstance(item, bool) or not isinstance(item, str | int):
        return ""
    text = str(item).strip()
    return text if text.isprintable() else ""
