"""The tables for other tools: CSV and Parquet, under pseudonyms, safe to open in a spreadsheet.

In: the tables of a case, a folder, a redactor. Out: one file a table, written aside and moved into
place, the same bytes for the same case; the paths come back sorted. CSV cells are formula-safe (see
`clean.for_csv`); Parquet cells are never escaped. Working tables (keys, vectors, matching forms)
stay in the case: they say nothing a reader needs, and vectors can be turned back into texts.

Exporters of other packages join through the entry point `narrashift.exporters`; each is a function
(tables, folder, redactor) -> paths.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from corpus import files
from corpus.errors import PluginError, UnknownPlugin
from corpus.tables import ALL
from corpus.workspace import write_parquet
from reports.clean import for_csv
from reports.redaction import Redactor

GROUP = "narrashift.exporters"
WORKING = frozenset({"bands", "vectors", "texts"})
# Rows turned into text at a time: bounds the memory of cells, not of the file.
CSV_BATCH_ROWS = 50_000
# Joins the items of a list in one cell; ids, hashtags and addresses cannot hold a space, other
# lists are joined by a bar.
SPACED = frozenset(
    {"urls", "hashtags", "mentions", "evidence", "account_ids", "accounts"}
)  # fmt: skip


class Exporter(Protocol):
    """Writes the tables of a case into a folder and returns what it wrote."""

    def __call__(
        self, tables: Mapping[str, pa.Table], folder: Path, redactor: Redactor
    ) -> list[Path]:
        """Write the files; raise WorkspaceError when that fails."""


def exported(tables: Mapping[str, pa.Table], redactor: Redactor) -> Iterator[tuple[str, pa.Table]]:
    """Yield (name, redacted table) for each table that leaves the case, by name."""
    for name in sorted(tables):
        if name in ALL and name not in WORKING:
            yield name, redactor.table(tables[name], ALL[name])


def export_parquet(tables: Mapping[str, pa.Table], folder: Path, redactor: Redactor) -> list[Path]:
    """Write `<name>.parquet` for each table; raise WorkspaceError when that fails."""
    return [
        write_parquet(table, folder / f"{name}.parquet")
        for name, table in exported(tables, redactor)
    ]


def export_csv(
    tables: Mapping[str, pa.Table],
    folder: Path,
    redactor: Redactor,
    *,
    bom: bool = False,
    raw: bool = False,
) -> list[Path]:
    """Write `<name>.csv` for each table; raise WorkspaceError when that fails.

    Times are ISO 8601 in UTC, lists are joined, null is an empty cell. `bom` helps older
    spreadsheets to see UTF-8; `raw` leaves cells as they are, for programs only.
    """
    return [
        files.write_bytes(folder / f"{name}.csv", csv_bytes(table, bom=bom, raw=raw))
        for name, table in exported(tables, redactor)
    ]


def csv_bytes(table: pa.Table, *, bom: bool = False, raw: bool = False) -> bytes:
    """Return a table as CSV (RFC 4180 with line feeds), UTF-8."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.column_names)
    as_text = [_writer_of(field, raw=raw) for field in table.schema]
    for batch in table.to_batches(CSV_BATCH_ROWS):
        columns = [
            [None if value is None else to_text(value) for value in column.to_pylist()]
            for column, to_text in zip(batch.columns, as_text, strict=True)
        ]
        writer.writerows(zip(*columns, strict=True))
    text = ("\ufeff" if bom else "") + stream.getvalue()
    return text.encode("utf-8", "backslashreplace" if raw else "strict")


def _writer_of(field: pa.Field, *, raw: bool) -> Callable[[Any], str]:
    clean: Callable[[str], str] = str if raw else for_csv
    if pa.types.is_timestamp(field.type):
        return _iso
    if pa.types.is_list(field.type):
        return partial(_joined, by=" " if field.name in SPACED else "|", clean=clean)
    if pa.types.is_boolean(field.type):
        return lambda value: "true" if value else "false"
    if pa.types.is_string(field.type):
        return clean
    return str


def _joined(values: list[Any], *, by: str, clean: Callable[[str], str]) -> str:
    return clean(by.join("" if value is None else str(value) for value in values))


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def exporters() -> dict[str, Exporter]:
    """Return every exporter by name: the built-in ones and those that plug-ins declare.

    A plug-in is loaded when it is called; one that fails names its distribution (PluginError).
    """
    found: dict[str, Exporter] = {"csv": export_csv, "parquet": export_parquet}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in found:
            found[point.name] = partial(_run_plugin, point)
    return found


def exporter(name: str) -> Exporter:
    """Return one exporter; raise UnknownPlugin, which lists the known names."""
    known = exporters()
    if name not in known:
        raise UnknownPlugin("exporter", name, sorted(known))
    return known[name]


def _run_plugin(
    point: metadata.EntryPoint,
    tables: Mapping[str, pa.Table],
    folder: Path,
    redactor: Redactor,
) -> list[Path]:
    owner = point.dist.name if point.dist is not None else "an unnamed distribution"
    try:
        write: Exporter = point.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"exporter {point.name!r} of {owner} cannot be loaded: {error}; reinstall {owner}"
        ) from error
    return write(tables, folder, redactor)
