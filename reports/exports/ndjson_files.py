"""NDJSON: one file a table, one JSON object a line (RFC 8259, UTF-8), keys in column order.

In: redacted tables. Out: `<name>.ndjson` for each. Ids stay text, so no reader rounds them; null is
unknown and "" is empty; times are ISO 8601 in UTC, lists are lists.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from reports.exports.cells import plain_rows
from reports.exports.source import ExportSource
from reports.exports.written import Written


def export_ndjson(source: ExportSource, folder: Path) -> list[Written]:
    """Write `<name>.ndjson` for each table."""
    return [_write(source, name, folder) for name in source.tables]


def _write(source: ExportSource, name: str, folder: Path) -> Written:
    path = folder / f"{name}.ndjson"
    names = source.schema(name).names
    with path.open("wb") as stream:
        for batch in source.batches(name):
            stream.writelines(
                orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
                for row in plain_rows(batch)
            )
    return Written(path.name, source.rows(name))
