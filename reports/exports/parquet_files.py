"""Parquet: one file a table, types and nulls as in the case; cells are never escaped.

In: redacted tables. Out: `<name>.parquet` for each (zstd). It loses nothing, so it is the form to
take when a program reads the tables.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from reports.exports.source import ExportSource
from reports.exports.written import Written


def export_parquet(source: ExportSource, folder: Path) -> list[Written]:
    """Write `<name>.parquet` for each table."""
    return [_write(source, name, folder) for name in source.tables]


def _write(source: ExportSource, name: str, folder: Path) -> Written:
    schema = source.schema(name)
    path = folder / f"{name}.parquet"
    # Lists keep their field name, so that a table read back and written again is the same.
    with pq.ParquetWriter(
        path, schema, compression="zstd", use_compliant_nested_type=False
    ) as writer:
        for batch in source.batches(name):
            writer.write_table(pa.Table.from_batches([batch]).cast(schema))
    return Written(path.name, source.rows(name))
