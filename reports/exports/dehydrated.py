"""Which columns a dehydrated export keeps: ids and our own labels, no text and no name.

In: a table's name and columns. Out: the columns that may be shared where a platform allows ids
alone, or None when nothing of the table may. The list is data (`data/dehydrated.toml`) and closed:
what it does not name stays in the case.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import pyarrow as pa


@cache
def kept_columns() -> dict[str, list[str]]:
    """Return the columns kept, by table."""
    text = resources.files("reports").joinpath("data/dehydrated.toml").read_text("utf-8")
    found: dict[str, list[str]] = tomllib.loads(text)["tables"]
    return found


def without_texts(name: str, schema: pa.Schema) -> pa.Schema | None:
    """Return the columns of a table that a dehydrated export keeps; None for no table at all."""
    kept = kept_columns().get(name)
    if kept is None:
        return None
    return pa.schema([schema.field(column) for column in schema.names if column in kept])
