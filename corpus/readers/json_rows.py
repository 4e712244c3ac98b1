"""JSON of any shape that holds records: one object a line, one array, or one object with a list.

In: a text file, plain or gzip. Out: `Rows` of text; nested objects become dotted columns
(`user.screen_name`), lists stay JSON text. Every line is parsed on its own by orjson, which refuses
lone surrogates and deep nesting instead of crashing on them; such lines are rejects. Numbers keep
their digits when they fit 64 bits; larger ones become floats and, where an id is expected, rejects.
"""

from __future__ import annotations

import gc
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from corpus.errors import InputError, UnknownFormat
from corpus.readers.caps import MAX_JSON_DEPTH, MAX_ROW_CHARACTERS
from corpus.readers.files import (
    OverlongLine,
    capped_lines,
    encoding_at_once,
    head,
    line_blocks,
    open_bytes,
    open_text,
    sniff_encoding,
)
from corpus.readers.flat import cell_text, dumped, flat_columns
from corpus.readers.rows import Rows, text_table
from corpus.readers.shelf import put
from corpus.rejects import (
    NOT_DECODABLE,
    NOT_JSON,
    NOT_OBJECT,
    TOO_DEEP,
    TOO_LONG,
    Reject,
    excerpt,
)

# A whole document is parsed at once and needs several times its size in memory.
MAX_DOCUMENT_BYTES = 512 * 1024 * 1024
# Objects held at once: a few megabytes stay in the processor's reach.
OBJECT_ROWS = 10_000
# A line that opens MAX_JSON_DEPTH brackets and closes them is at least so long.
LEAST_DEEP_BYTES = 2 * MAX_JSON_DEPTH
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"')
_BRACKETS = re.compile(r"[\[\]{}]")

Item = tuple[int, dict[str, Any]]

__all__ = ["Item", "JsonRows", "cell_text", "is_json_lines", "parsed_lines", "to_table"]


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
    known = encoding_at_once(path)
    if known is not None and not known.name.startswith("utf-8"):
        with open_text(path, known.name) as stream:
            yield from _line_by_line(stream, name, rejects, counted)
        return
    encoding = ""  # a block that parses is UTF-8; the first that does not asks about the whole
    for block in line_blocks(path):
        if isinstance(block, OverlongLine):
            rejects.append(Reject(name, counted[0], TOO_LONG, excerpt(str(block.args[0]))))
            counted[0] += 1
            continue
        found = _whole_block(block)
        if found is None:
            encoding = encoding or sniff_encoding(path).name.removesuffix("-sig")
            stream = io.TextIOWrapper(io.BytesIO(block), encoding, "surrogateescape", newline="")
            yield from _line_by_line(stream, name, rejects, counted)
        else:
            first = counted[0]
            counted[0] += len(found)
            yield from zip(range(first, counted[0]), found, strict=True)


def _whole_block(block: bytes) -> list[dict[str, Any]] | None:
    """The objects of a block, or None when some line needs a look of its own."""
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        return None
    lines = [line for line in block.split(b"\n") if line and line != b"\r"]
    if max(map(len, lines), default=0) > LEAST_DEEP_BYTES and any(map(_may_be_long, lines)):
        return None
    try:
        found = list(map(orjson.loads, lines))
    except (orjson.JSONDecodeError, RecursionError):
        return None
    return found if set(map(type, found)) <= {dict} else None


def _may_be_long(line: bytes) -> bool:
    """Whether a line is too long or too deep, or may be."""
    if len(line) <= LEAST_DEEP_BYTES:
        return False
    return len(line) > MAX_ROW_CHARACTERS or line.count(b"[") + line.count(b"{") > MAX_JSON_DEPTH


def _line_by_line(
    stream: io.TextIOWrapper, name: str, rejects: list[Reject], counted: list[int]
) -> Iterator[Item]:
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
    if len(line) > LEAST_DEEP_BYTES and too_deep(line):
        return Reject(name, row, TOO_DEEP, excerpt(line.strip()))
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


def too_deep(text: str) -> bool:
    """Whether more brackets are open at once in JSON text than any record opens."""
    if text.count("[") + text.count("{") <= MAX_JSON_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_JSON_DEPTH:
            return True
    return False


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
    """The longest list of objects under the top (messages, tweets, ...), else one level deeper."""
    inner = [value for value in document.values() if isinstance(value, dict)]
    return _longest(document) or max(map(_longest, inner), key=len, default=[]) or None


def _longest(document: dict[str, Any]) -> list[Any]:
    lists = [
        value
        for value in document.values()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    ]
    return max(lists, key=len, default=[])


def _objects(listed: list[Any], name: str, rejects: list[Reject]) -> Iterator[Item]:
    for row, item in enumerate(listed):
        text = dumped(item) if not isinstance(item, dict) else ""
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


@contextmanager
def _no_garbage_hunt() -> Iterator[None]:
    """Parsed objects hold no cycles, and looking for some in millions of them takes a third."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def to_table(items: Iterable[Item]) -> tuple[pa.Table, np.ndarray[Any, np.dtype[np.int64]]]:
    """Flatten objects to text columns, in the order in which names first appear."""
    names: dict[str, None] = {}
    batches: list[pa.Table] = []
    pending: list[dict[str, Any]] = []
    counted: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    numbers: list[int] = []
    with _no_garbage_hunt():
        for row, item in items:
            pending.append(item)
            numbers.append(row)
            if len(pending) >= OBJECT_ROWS:
                batches.append(put(flat_columns(pending, names)))
                counted.append(np.array(numbers, dtype=np.int64))
                pending, numbers = [], []
        if pending or not batches:
            batches.append(flat_columns(pending, names))
    rows = np.concatenate([*counted, np.array(numbers, dtype=np.int64)])
    if not names:
        return text_table([], []), rows
    alike = all(batch.schema.equals(batches[0].schema) for batch in batches)
    # Arrow looks at every cell of tables whose columns differ, to give them the same ones.
    joined = pa.concat_tables(batches, promote_options="none" if alike else "default")
    return joined.select(list(names)), rows
