"""SQLite: all tables in one file with indexes and readable views; opens in Datasette as it is.

In: redacted tables. Out: `case.sqlite`. Times are ISO 8601 text, lists are JSON arrays, booleans
0 or 1, ids text. Tables whose first column is an id have it as their key, and columns of that name
elsewhere point to it, so that Datasette makes links; nothing is enforced, for evidence may name a
post that a removal took out. The views stand in `data/sqlite_views.toml`. Without the word index
(`full_text`) nothing beyond plain SQLite is needed to read it. NUL, which most readers end a text
at, stands as a mark.

The same tables give the same bytes with the same SQLite: pages are written in one order, and
nothing in the file is a time.
"""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.clean import mark_of
from reports.exports.candidates import NAME as CANDIDATES
from reports.exports.cells import plain_rows
from reports.exports.source import ExportSource
from reports.exports.written import Written

FILE_NAME = "case.sqlite"
# Column -> the table that it is the key of.
KEYS = {
    "post_id": "posts", "snapshot_id": "profiles", "point_id": "talking_points",
    "narrative_id": "narratives", "sub_narrative_id": "sub_narratives", "claim_id": "claims",
    "shift_id": "shifts", "group_id": "groups", "campaign_id": "campaign",
    "finding_id": "findings",
}  # fmt: skip
# Columns of another name that hold such a key.
POINTERS = {
    "post_a": "posts", "post_b": "posts", "exemplar_id": "posts", "medoid_id": "posts",
    "medoid_post_id": "posts", "parent_id": "posts", "linked_to": "posts",
    "point_a": "talking_points", "point_b": "talking_points", "nearest_id": "narratives",
    "narrative_a": "narratives", "narrative_b": "narratives", "before_claim": "claims",
    "after_claim": "claims",
}  # fmt: skip
KEY_OF = {table: column for column, table in KEYS.items()}
# Worth an index beside the pointers: what rows are looked up by.
LOOKED_UP = frozenset({"account_id", "account_a", "account_b", "source_id", "created_at"})
_SETUP = """
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;
"""


def export_sqlite(source: ExportSource, folder: Path) -> list[Written]:
    """Write `case.sqlite`."""
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(_SETUP)
        database.execute("BEGIN")
        _about(database, source)
        rows = sum(_table(database, source, name) for name in source.tables)
        for statement in _indexes(source):
            database.execute(statement)
        for name, sql in _views(source):
            database.execute(f"CREATE VIEW {_quoted(name)} AS {sql}")
        if source.options.full_text and "posts" in source.tables:
            _word_index(database, source)
        database.execute("COMMIT")
        database.execute("VACUUM")
    return [Written(path.name, rows)]


def _about(database: sqlite3.Connection, source: ExportSource) -> None:
    """A table of two columns: what this file is, for whoever finds it later."""
    facts = source.facts
    told = {
        "title": facts.title, "narrashift": facts.version, "case digest": facts.digest,
        "redaction": facts.redaction, "dehydrated": str(facts.dehydrated).lower(),
        "marking": f"TLP:{facts.tlp.upper()}" if facts.tlp else "none",
    }  # fmt: skip
    database.execute("CREATE TABLE about (fact TEXT PRIMARY KEY, value TEXT)")
    database.executemany("INSERT INTO about VALUES (?, ?)", [*told.items()])


def _table(database: sqlite3.Connection, source: ExportSource, name: str) -> int:
    schema = source.schema(name)
    key = _key(source, name)
    columns = [
        f"{_quoted(field.name)} {_affinity(field.type)}{' PRIMARY KEY' * (field.name == key)}"
        for field in schema
    ]
    columns += [
        f"FOREIGN KEY ({_quoted(column)}) REFERENCES {_quoted(table)} ({_quoted(KEY_OF[table])})"
        for column, table in _pointers(source, name)
    ]
    database.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(columns)})")
    # A key that two rows carry, as a repeated pseudonym could, keeps the first.
    insert = f"INSERT INTO {_quoted(name)} VALUES ({', '.join('?' * len(schema))})"
    convert = [_stored(field.type) for field in schema]
    for batch in source.batches(name):
        database.executemany(insert, _values(batch, convert))
    return source.rows(name)


def _values(
    batch: pa.RecordBatch, convert: list[Callable[[Any], Any] | None]
) -> Iterator[list[Any]]:
    for row in plain_rows(batch):
        yield [
            value if to is None or value is None else to(value)
            for value, to in zip(row, convert, strict=True)
        ]


def _key(source: ExportSource, name: str) -> str | None:
    """The column that names each row of a table once, where there is one."""
    column = KEY_OF.get(name)
    if column is None:
        return None
    ids = source.table(name, [column])[column]
    return column if pc.count_distinct(ids).as_py() == len(ids) else None


def _affinity(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(kind) else "TEXT"


def _stored(kind: pa.DataType) -> Callable[[Any], Any] | None:
    """Return what turns a plain value into one that SQLite holds."""
    if pa.types.is_list(kind):
        return lambda items: _without_nul(json.dumps(items, ensure_ascii=False))
    if pa.types.is_boolean(kind):
        return int
    return _without_nul if pa.types.is_string(kind) else None


def _without_nul(text: str) -> str:
    return text.replace("\x00", mark_of("\x00")) if "\x00" in text else text


def _pointers(source: ExportSource, name: str) -> list[tuple[str, str]]:
    """Columns of a table that hold the key of another table of this export."""
    found: list[tuple[str, str]] = []
    if name == CANDIDATES:  # its finding_id may be the id of anything
        return found
    for column in source.schema(name).names:
        table = POINTERS.get(column) or KEYS.get(column)
        if table in source.tables and (table != name or column != KEY_OF[table]):
            found.append((column, str(table)))
    return found


def _indexes(source: ExportSource) -> Iterator[str]:
    for name in source.tables:
        columns = {column for column, _ in _pointers(source, name)}
        columns |= LOOKED_UP & set(source.schema(name).names)
        for column in sorted(columns):
            index = _quoted(f"{name}_by_{column}")
            yield f"CREATE INDEX {index} ON {_quoted(name)} ({_quoted(column)})"


@cache
def _view_data() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("reports").joinpath("data/sqlite_views.toml").read_text("utf-8")
    return tomllib.loads(text)


def _views(source: ExportSource) -> Iterator[tuple[str, str]]:
    if source.facts.dehydrated:  # every view is for reading, and there is nothing to read
        return
    for name, view in _view_data().items():
        if set(view["needs"]) <= set(source.tables):
            yield name, str(view["sql"]).strip()


def _word_index(database: sqlite3.Connection, source: ExportSource) -> None:
    """Index the words of posts (FTS5), which Datasette then offers a search box for."""
    if "text" not in source.schema("posts").names:
        return
    database.execute(
        "CREATE VIRTUAL TABLE posts_words USING fts5(text, content='posts',"
        " tokenize='unicode61 remove_diacritics 0')"
    )
    database.execute("INSERT INTO posts_words(posts_words) VALUES ('rebuild')")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
