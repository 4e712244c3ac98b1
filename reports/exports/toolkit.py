"""The input of the coordination-network-toolkit: a CSV of posts, read by position.

In: redacted tables. Out: `posts.csv` with message_id, user_id, username, repost_id, reply_id,
message, timestamp (seconds since 1970), urls (joined by spaces), in this order and without an index
column, which would shift everything. The first row is a header, as the toolkit expects. Posts
without a known account or time are left out, for it needs both. A dehydrated export leaves
username, message and urls empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.clean import for_csv
from reports.exports.coortweet import seconds
from reports.exports.csv_files import csv_writer
from reports.exports.source import ExportSource
from reports.exports.written import Written

HEADER = (
    "message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls",
)  # fmt: skip
COLUMNS = (
    "post_id", "account_id", "handle", "kind", "parent_id", "text", "created_at", "urls",
)  # fmt: skip


def export_toolkit(source: ExportSource, folder: Path) -> list[Written]:
    """Write `posts.csv`."""
    path = folder / "posts.csv"
    clean = str if source.options.raw_csv else for_csv
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv_writer(stream, raw=source.options.raw_csv)
        writer.writerow(HEADER)
        for row in _rows(source):
            writer.writerow([clean(cell) if isinstance(cell, str) else cell for cell in row])
            count += 1
    return [Written(path.name, count)]


def _rows(source: ExportSource) -> Iterator[tuple[Any, ...]]:
    if "posts" not in source.tables:
        return
    there = [column for column in COLUMNS if column in source.schema("posts").names]
    for batch in source.batches("posts", there):
        for row in batch.to_pylist():
            if row["account_id"] is not None and row["created_at"] is not None:
                yield _row(row)


def _row(row: dict[str, Any]) -> tuple[Any, ...]:
    parent, kind = row["parent_id"] or "", row["kind"]
    return (
        row["post_id"],
        row["account_id"],
        row.get("handle") or "",
        parent if kind == "repost" else "",
        parent if kind == "reply" else "",
        row.get("text") or "",
        seconds(row["created_at"]),
        " ".join(row.get("urls") or []),
    )
