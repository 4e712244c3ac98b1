"""JSON of any shape that holds records: one object a line, one array, or one object with a list.

In: a text file, plain or gzip. Out: `Rows` of text; nested objects become dotted columns
(`user.screen_name`), lists stay JSON text. Every line is parsed on its own by orjson, which refuses
lone surrogates and deep nesting instead of crashing on them; such lines are rejects. Numbers keep
their digits when they fit 64 bits; larger ones become floats and, where an id is expected, rejects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from corpus.errors import InputError, UnknownFormat
from corpus.readers.caps import MAX_ROW_CHARACTERS
from corpus.readers.files import (
    OverlongLine,
    capped_lines,
    head,
    open_bytes,
    open_text,
    sniff_encoding,
)
from corpus.readers.rows import BATCH_ROWS, Rows, text_table
from corpus.rejects import NOT_DECODABLE, NOT_JSON, NOT_OBJECT, TOO_LONG, Reject, excerpt

# A whole document is parsed at once and needs several times its size in memory.
MAX_DOCUMENT_BYTES = 512 * 1024 * 1024
# Deeper objects stay JSON text in one column; no known format nests a column deeper.
MAX_DEPTH = 6
# A hostile object with a million keys must not become a million columns.
MAX_COLUMNS = 2_000

Item = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class JsonRows:
    """Reads NDJSON, JSON arrays and JSON documents with one list of objects."""

    name: str = "json"

    def sniff(self, path: Path) -> float:
        """JSON begins with a bracket or a brace."""
        start = head(path).lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] == b"{":
            return 0.9
        opened = start[:1] == b"[" and start[1:].lstrip()[:1] in {b"{", b"[", b"]", b""}
        return 0.9 if opened else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file. Raises UnknownFormat when nothing in it is JSON."""
        rejects: list[Reject] = []
        if is_json_lines(path):
            counted = [0]
            table, numbers = to_table(parsed_lines(path, name, rejects, counted))
            return Rows(table, numbers, tuple(rejects), counted[0], "ndjson")
        listed = _document(path, name)
        objects = _objects(listed, name, rejects)
        table, numbers = to_table(objects)
        return Rows(table, numbers, tuple(rejects), len(listed), "json")


def is_json_lines(path: Path) -> bool:
    """Whether the first line that is not blank is a whole object (or none of the file is one)."""
    start = head(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] != b"{":
        return False
    lines = start.split(b"\n")[:20]
    if len(lines) == 1 or (len(lines) == 2 and not lines[1].strip()):
        only = _parse(lines[0])
        return only is None or _longest_list(only) is None
    complete = sum(isinstance(_parse(line), dict) for line in lines)
    # A pretty-printed document has lines such as `{` and `"a": 1,`, none of which is an object.
    return complete > 0 and isinstance(_first_object(lines), dict)


def _first_object(lines: list[bytes]) -> Any:
    """The first line that parses to an object, unless the text before it opens a document."""
    if lines[0].strip() in {b"{", b"["}:
        return None
    return next((found for line in lines if isinstance(found := _parse(line), dict)), None)


def _parse(line: bytes | str) -> Any:
    try:
        return orjson.loads(line)
    except (orjson.JSONDecodeError, RecursionError):
        return None


def parsed_lines(
    path: Path, name: str, rejects: list[Reject], counted: list[int]
) -> Iterator[Item]:
    """Yield (row, object) a line; what cannot be parsed is appended; rows count in `counted[0]`."""
    encoding = sniff_encoding(path).name
    with open_text(path, encoding) as stream:
        # A loop over lines: each must be parsed and answered for on its own.
        for line in capped_lines(stream, name):
            if isinstance(line, OverlongLine):
                rejects.append(Reject(name, counted[0], TOO_LONG, excerpt(str(line.args[0]))))
            elif not line.strip("\ufeff \t\r\n"):
                continue
            else:
                found = _one_line(line.strip("\ufeff"), name, counted[0])
                if isinstance(found, Reject):
                    rejects.append(found)
                else:
                    yield counted[0], found
            counted[0] += 1


def _one_line(line: str, name: str, row: int) -> dict[str, Any] | Reject:
    try:
        found = orjson.loads(line)
    except UnicodeEncodeError:
        return Reject(name, row, NOT_DECODABLE, excerpt(line.strip()))
    except (orjson.JSONDecodeError, RecursionError):
        undecodable = any("\ud800" <= letter <= "\udfff" for letter in line)
        why = NOT_DECODABLE if undecodable else NOT_JSON
        return Reject(name, row, why, excerpt(line.strip()))
    if not isinstance(found, dict):
        return Reject(name, row, NOT_OBJECT, excerpt(line.strip()))
    return found


def _document(path: Path, name: str) -> list[Any]:
    """The list of records of one JSON document."""
    with open_bytes(path) as stream:
        content = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(
            f"{name}: one JSON document of more than {MAX_DOCUMENT_BYTES >> 20} MB; convert it to "
            "one object a line (jq -c '.[]')"
        )
    parsed = _load(content, name)
    if isinstance(parsed, list):
        return parsed
    listed = _longest_list(parsed) if isinstance(parsed, dict) else None
    if listed is not None:
        return listed
    if isinstance(parsed, dict):
        return [parsed]
    raise UnknownFormat(f"{name}: JSON that holds no list of objects")


def _load(content: bytes, name: str) -> Any:
    """orjson first; the standard parser reads what orjson refuses whole, such as one bad text."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        first = str(error)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise UnknownFormat(f"{name}: not valid JSON ({first})") from None


def _longest_list(document: dict[str, Any]) -> list[Any] | None:
    """The longest list of objects directly under the top (messages, data, tweets, ...)."""
    lists = [
        value
        for value in document.values()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    return max(lists, key=len, default=None)


def _objects(listed: list[Any], name: str, rejects: list[Reject]) -> Iterator[Item]:
    for row, item in enumerate(listed):
        text = _dump(item) if not isinstance(item, dict) else ""
        if not isinstance(item, dict):
            rejects.append(Reject(name, row, NOT_OBJECT, excerpt(text)))
            continue
        try:
            json.dumps(item, ensure_ascii=False).encode("utf-8")
        except (UnicodeEncodeError, RecursionError) as error:
            shown = ascii(item) if isinstance(error, UnicodeEncodeError) else "deep nesting"
            rejects.append(Reject(name, row, NOT_JSON, excerpt(shown)))
            continue
        yield row, item


def to_table(items: Iterable[Item]) -> tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]:
    """Flatten objects to text columns, in the order in which names first appear."""
    names: dict[str, None] = {}
    batches: list[pa.Table] = []
    pending: list[dict[str, str | None]] = []
    numbers: list[int] = []
    for row, item in items:
        flat: dict[str, str | None] = {}
        _flatten(item, "", flat, 0)
        for key in flat:
            if key not in names and len(names) < MAX_COLUMNS:
                names[key] = None
        pending.append(flat)
        numbers.append(row)
        if len(pending) >= BATCH_ROWS:
            batches.append(_batch(pending, list(names)))
            pending = []
    batches.append(_batch(pending, list(names)))
    table = pa.concat_tables(batches, promote_options="default") if names else text_table([], [])
    return table, np.array(numbers, dtype=np.int64)


def _batch(rows: list[dict[str, str | None]], names: list[str]) -> pa.Table:
    arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in names]
    return pa.Table.from_arrays(arrays, names=names)


def _flatten(item: dict[str, Any], prefix: str, flat: dict[str, str | None], depth: int) -> None:
    for key, value in item.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and depth < MAX_DEPTH:
            _flatten(value, f"{name}.", flat, depth + 1)
        else:
            flat[name] = cell_text(value)


def cell_text(value: Any) -> str | None:
    """One JSON value as the text of a cell; null stays unknown."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _digits(value)
    if isinstance(value, float):
        return repr(value)
    return _dump(value)


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # beyond the interpreter's limit of 4,300 digits
        return "1e+4300"


def _dump(value: Any) -> str:
    try:
        return orjson.dumps(value).decode("utf-8")[:MAX_ROW_CHARACTERS]
    except (TypeError, RecursionError, orjson.JSONEncodeError):
        return "[unreadable]"
