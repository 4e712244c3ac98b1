"""The analyst's own columns: carried beside posts, shown under quotes, read instead of the text.

In: the cells of a file of posts and the reading settings. Out: columns of text that travel with the
posts (`kept_columns`): those of `--keep` and `--tie-on`, the side texts and media hashes that
`columns.toml` knows by name or `--map` names, and, where another column was analyzed (`text_from`),
the text as written. A cell that holds nothing is null. It refuses a column that no file has.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from corpus.readers.cells import Cells, as_text, blank_to_null
from corpus.readers.columns import plain
from corpus.settings import Reading
from corpus.tables.own_columns import HASHES, SIDE_TEXTS, WRITTEN


def asked_columns(settings: Reading) -> tuple[str, ...]:
    """Names that the settings ask for, as they were typed; each once."""
    from_ = (settings.text_from,) if settings.text_from else ()
    return tuple(dict.fromkeys((*settings.keep, *settings.tie_on, *from_)))


def check_asked(settings: Reading, seen: Sequence[str], mapped: Sequence[str]) -> None:
    """Raise SettingsError when no file has a column that `--keep` and its like name.

    `seen` are the columns of all files, `mapped` the fields that some column serves.
    """
    known = {plain(name) for name in seen} | (set(mapped) & {*SIDE_TEXTS, *HASHES})
    listed = ", ".join(list(dict.fromkeys(seen))[:20])
    asked = {"--keep": settings.keep, "--tie-on": settings.tie_on}
    asked["--text-from"] = (settings.text_from,) if settings.text_from else ()
    problems = [
        f"{option} {name}: no file has that column; seen: {listed}"
        for option, names in asked.items()
        for name in names
        if plain(name) not in known
    ]
    if problems:
        raise SettingsError(problems)


def column_named(cells: Cells, name: str) -> pa.ChunkedArray | None:
    """The column that an analyst calls `name`: a known field, else a column of the file."""
    if name in (*SIDE_TEXTS, *HASHES):
        found = cells.text(name)
        if found is not None:
            return found
    names = cells.table.column_names
    if name not in names:
        by_plain = {plain(one): one for one in reversed(names)}
        if plain(name) not in by_plain:
            return None
        name = by_plain[plain(name)]
    return as_text(cells.table.column(name))


def text_instead(
    cells: Cells, settings: Reading, texts: pa.ChunkedArray
) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    """The text to analyze, and where another column serves, the text as written (else null).

    Posts whose cell there holds nothing keep their own text.
    """
    if settings.text_from is None:
        return texts, None
    column = column_named(cells, settings.text_from)
    if column is None:
        return texts, None
    held = pc.is_valid(blank_to_null(column))
    written = pc.if_else(held, pc.fill_null(texts, ""), pa.scalar(None, pa.string()))
    return pc.if_else(held, column, texts), written


def said_of_text(settings: Reading, count: int, posts: int) -> list[str]:
    """Say for how many posts of a file another column was analyzed: `count` of `posts`."""
    if settings.text_from is None:
        return []
    others = "" if count == posts else "; the others by the text as written"
    return [
        f"text analyzed: the column {settings.text_from} for {count:,} of {posts:,} posts{others};"
        " quotes of these posts are of that column"
    ]


def carried_columns(
    cells: Cells, settings: Reading, written: pa.ChunkedArray | None
) -> pa.Table | None:
    """The columns that travel with the rows of one file; None where there is none."""
    found: dict[str, pa.ChunkedArray] = {}
    none = pa.chunked_array([pa.nulls(len(cells), pa.string())])
    for name in asked_columns(settings):
        column = column_named(cells, name)
        found[name] = none if column is None else column
    for name in (*SIDE_TEXTS, *HASHES):
        if name not in found and cells.mapping.columns.get(name):
            column = cells.text(name)
            found[name] = none if column is None else blank_to_null(column)
    if written is not None:
        found[WRITTEN] = written
    return pa.table(found) if found else None


def joined_columns(
    parts: Sequence[tuple[int, pa.Table | None]], asked: Sequence[str]
) -> pa.Table | None:
    """Put the columns of several files below each other; what a file lacks is null.

    `parts` are the number of posts of each file and its columns. None where no file has any.
    """
    held = [name for _, table in parts if table is not None for name in table.column_names]
    names = list(dict.fromkeys([*asked, *sorted(set(held))]))
    if not names:
        return None
    schema = pa.schema([(name, pa.string()) for name in names])
    tables = []
    for rows, table in parts:
        known = set() if table is None else set(table.column_names)
        columns = [
            table.column(name) if table is not None and name in known
            else pa.nulls(rows, pa.string())
            for name in names
        ]  # fmt: skip
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()
