"""Every reading of a file's bytes in which a name could still stand.

In: a file that left a case. Out: texts: its name, its bytes, every decoded value of Parquet, SQLite
and zip, and each of these without the escapes of JSON, HTML and addresses, in lower case and NFKC.
"""

from __future__ import annotations

import html
import io
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"[^\W_]+")
# Two escapes may lie over one another: JSON in an attribute, an address in JSON.
LAYERS = 3


def readings(path: Path) -> Iterator[str]:
    """Yield the file's name and all texts that its content holds, folded."""
    yield from unescaped(path.name)
    yield from readings_of(path.read_bytes(), path.suffix)


def readings_of(content: bytes, suffix: str) -> Iterator[str]:
    yield from unescaped(content.decode("utf-8", "replace"))
    if suffix == ".parquet":
        table = pq.read_table(io.BytesIO(content))
        yield from unescaped("\n".join(_strings(table)))
        yield from unescaped(str(table.schema))
    elif content.startswith(b"SQLite format 3"):
        yield from unescaped("\n".join(_rows(content)))
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.infolist():
                yield from unescaped(member.filename)
                yield from readings_of(packed.read(member), Path(member.filename).suffix)


def _strings(table: pa.Table) -> Iterator[str]:
    for column in table.columns:
        for value in column.to_pylist():
            yield from _leaves(value)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)


def _rows(content: bytes) -> Iterator[str]:
    store = sqlite3.connect(":memory:")
    try:
        store.deserialize(content)
        for name, sql in store.execute("SELECT name, sql FROM sqlite_master").fetchall():
            yield f"{name} {sql}"
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            for row in store.execute(f'SELECT * FROM "{name}"'):
                yield "\x1e".join(str(value) for value in row if value is not None)
    finally:
        store.close()


def unescaped(text: str) -> Iterator[str]:
    """Yield the text, and what is left of it below each layer of escapes, folded."""
    for _ in range(LAYERS):
        yield folded(text)
        below = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), html.unescape(unquote(text)))
        if below == text:
            return
        text = below


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def found_in(paths: Iterable[Path], names: Iterable[str]) -> dict[str, list[str]]:
    """Return which of the names stand in which file."""
    wanted = [(name, frozenset(_WORD.findall(name))) for name in {folded(name) for name in names}]
    found: dict[str, set[str]] = {}
    for path in paths:
        for text in readings(path):
            words = set(_WORD.findall(text))
            hits = {name for name, parts in wanted if parts <= words and name in text}
            if hits:
                found.setdefault(path.name, set()).update(hits)
    return {name: sorted(hits) for name, hits in sorted(found.items())}
