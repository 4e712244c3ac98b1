"""Objects become text columns, whole columns at a time.

In: a batch of objects as a JSON parser gives them. Out: one column of text for each path of names
(`user.screen_name`), in the order in which the paths first appear, row by row. Lists stay JSON
text; objects nested deeper than columns go, too. A million distinct names do not become a million
columns. Columns are built by name rather than by row because most rows have the same names: that is
three times as fast, and the result is the same to the last cell (a test compares them).
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import orjson
import pyarrow as pa

from corpus.readers.caps import MAX_ROW_CHARACTERS

# Deeper objects stay JSON text in one column; no known format nests a column deeper.
MAX_DEPTH = 6
# A hostile object with a million keys must not become a million columns; a post of an interface
# with its repost, quotation and authors has about 400.
MAX_COLUMNS = 600

Object = dict[str, Any]
_NOTHING: Object = {}
_TEXT, _WHOLE, _TRUTH = ({kind, type(None)} for kind in (str, int, bool))


class _NotByColumn(Exception):
    """Names collide or are too many: the batch is taken row by row."""


def flat_columns(rows: list[Object], known: dict[str, None]) -> pa.Table:
    """The text columns of some objects; new names are added to `known` up to a cap.

    Columns beyond the cap are left out.
    """
    try:
        columns = _by_column(rows)
    except _NotByColumn:
        columns = _by_row(rows, known)
    for name in columns:
        if name not in known and len(known) < MAX_COLUMNS:
            known[name] = None
    kept = [name for name in columns if name in known]
    return pa.Table.from_arrays([columns[name] for name in kept], names=kept)


def _by_column(rows: list[Object]) -> dict[str, pa.Array]:
    found: list[tuple[int, str, pa.Array]] = []
    _collect(rows, "", 0, found)
    if len({name for _, name, _ in found}) < len(found):
        raise _NotByColumn
    places: dict[int, dict[str, int]] = {}
    for first in {first for first, _, _ in found}:
        places[first] = {name: at for at, name in enumerate(flattened(rows[first]))}
    found.sort(key=lambda column: (column[0], places[column[0]][column[1]]))
    return {name: array for _, name, array in found}


def _collect(
    rows: list[Object], prefix: str, depth: int, found: list[tuple[int, str, pa.Array]]
) -> None:
    keys = dict.fromkeys(chain.from_iterable(rows))
    if len(keys) + len(found) > MAX_COLUMNS:
        raise _NotByColumn
    for key in keys:
        name = f"{prefix}{key}"
        values = [row.get(key) for row in rows]
        kinds = set(map(type, values))
        if dict in kinds and depth < MAX_DEPTH:
            inner = [value if type(value) is dict else _NOTHING for value in values]
            _collect(inner, f"{name}.", depth + 1, found)
            own = [at for at, row in enumerate(rows) if key in row and not inner[at]]
            if own:
                cells: list[str | None] = [None] * len(rows)
                for at in own:
                    cells[at] = cell_text(values[at])
                found.append((own[0], name, pa.array(cells, pa.string())))
        else:
            first = next(at for at, row in enumerate(rows) if key in row)
            found.append((first, name, _texts(values, kinds)))


def _texts(values: list[Any], kinds: set[type]) -> pa.Array:
    if kinds <= _TEXT:
        return pa.array(values, pa.string())
    if kinds <= _TRUTH:
        return pa.array(values, pa.bool_()).cast(pa.string())
    if kinds <= _WHOLE:
        try:
            return pa.array(values, pa.int64()).cast(pa.string())
        except (OverflowError, pa.ArrowInvalid):
            pass
    return pa.array([cell_text(value) for value in values], pa.string())


def _by_row(rows: list[Object], known: dict[str, None]) -> dict[str, pa.Array]:
    flat = [flattened(row) for row in rows]
    names: dict[str, None] = {}
    for one in flat:
        for name in one:
            if name in known or len(names) + len(known) < MAX_COLUMNS:
                names[name] = None
    return {name: pa.array([one.get(name) for one in flat], pa.string()) for name in names}


def flattened(item: Object) -> dict[str, str | None]:
    """One object as cells by path, in the order in which its names stand."""
    flat: dict[str, str | None] = {}
    _flatten(item, "", flat, 0)
    return flat


def _flatten(item: Object, prefix: str, flat: dict[str, str | None], depth: int) -> None:
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
    return dumped(value)


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # beyond the interpreter's limit of 4,300 digits
        return "1e+4300"


def dumped(value: Any) -> str:
    """A list or object as JSON text."""
    try:
        return orjson.dumps(value).decode("utf-8")[:MAX_ROW_CHARACTERS]
    except (TypeError, RecursionError, orjson.JSONEncodeError):
        return "[unreadable]"
