"""CSV: one file a table (RFC 4180 with line feeds, UTF-8), safe to open in a spreadsheet.

In: redacted tables. Out: `<name>.csv` for each. Ids are text; a cell that a spreadsheet would run
gets a ' in front (`clean.for_csv`), unless raw cells were asked for. Times are ISO 8601 in UTC,
lists are joined, null is an empty cell. It cannot tell null from an empty text; Parquet can.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from reports.clean import for_csv
from reports.exports.cells import plain_rows
from reports.exports.source import ExportSource
from reports.exports.written import Written

# Joins the items of a list in one cell; ids, hashtags and addresses cannot hold a space, other
# lists are joined by a bar.
SPACED = frozenset({"urls", "hashtags", "mentions", "evidence", "account_ids", "accounts"})


def export_csv(source: ExportSource, folder: Path) -> list[Written]:
    """Write `<name>.csv` for each table."""
    return [_write(source, name, folder) for name in source.tables]


def _write(source: ExportSource, name: str, folder: Path) -> Written:
    encoding = "utf-8-sig" if source.options.bom else "utf-8"
    path = folder / f"{name}.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        rows = write_rows(stream, source, name, raw=source.options.raw_csv)
    return Written(path.name, rows)


def write_rows(stream: TextIO, source: ExportSource, name: str, *, raw: bool = False) -> int:
    """Write one table as CSV; return the number of rows."""
    schema = source.schema(name)
    writer = csv_writer(stream, raw=raw)
    writer.writerow(schema.names)
    as_text = [cell_writer(field, raw=raw) for field in schema]
    count = 0
    for batch in source.batches(name):
        writer.writerows(
            [
                None if value is None else to_text(value)
                for value, to_text in zip(row, as_text, strict=True)
            ]
            for row in plain_rows(batch)
        )
        count += batch.num_rows
    return count


def csv_writer(stream: TextIO, *, raw: bool) -> Any:
    """Return a writer; raw cells are all quoted, or a bare CR in one would split its row."""
    if raw:
        return csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    return csv.writer(stream, lineterminator="\n")


def cell_writer(field: pa.Field, *, raw: bool) -> Callable[[Any], str]:
    """Return what turns a value of this column into a cell."""
    clean: Callable[[str], str] = str if raw else for_csv
    if pa.types.is_list(field.type):
        return partial(_joined, by=" " if field.name in SPACED else "|", clean=clean)
    if pa.types.is_boolean(field.type):
        return lambda value: "true" if value else "false"
    if pa.types.is_string(field.type):
        return clean
    return str


def _joined(values: list[Any], *, by: str, clean: Callable[[str], str]) -> str:
    return clean(by.join("" if value is None else str(value) for value in values))
