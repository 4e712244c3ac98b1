"""The input of CooRTweet: one CSV with object_id, account_id, content_id, timestamp_share.

In: redacted tables. Out: `<layer>.csv` for each kind of thing that can be shared, since CooRTweet
looks at one kind at a time: talking points, reposts, and from the posts themselves links and
hashtags. Times are whole seconds since 1970 (UTC), as its own examples have them; posts without a
known time or account cannot take part. A dehydrated export has no links and no hashtags.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from reports.clean import for_csv
from reports.exports.csv_files import csv_writer
from reports.exports.source import ExportSource
from reports.exports.written import Written

HEADER = ("object_id", "account_id", "content_id", "timestamp_share")
LAYERS = ("talking_points", "reposts", "urls", "hashtags")
Share = tuple[str, str, str, int]


def export_coortweet(source: ExportSource, folder: Path) -> list[Written]:
    """Write one CSV a layer that has any share."""
    points = _point_of_post(source)
    streams = {layer: _Layer(folder / f"{layer}.csv", source.options.raw_csv) for layer in LAYERS}
    try:
        for row in _posts(source):
            for layer, object_id in _objects(row, points):
                streams[layer].add(object_id, row)
    finally:
        for stream in streams.values():
            stream.close()
    return [Written(s.path.name, s.rows) for s in streams.values() if s.rows]


class _Layer:
    """A CSV that comes into being with its first row."""

    def __init__(self, path: Path, raw: bool) -> None:
        self.path, self.rows = path, 0
        self._raw, self._clean = raw, str if raw else for_csv
        self._stream: Any = None
        self._writer: Any = None

    def add(self, object_id: str, row: dict[str, Any]) -> None:
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv_writer(self._stream, raw=self._raw)
            self._writer.writerow(HEADER)
        ids = [self._clean(value) for value in (object_id, row["account_id"], row["post_id"])]
        self._writer.writerow([*ids, seconds(row["created_at"])])
        self.rows += 1

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


def seconds(at: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(at.timestamp() // 1)


def _posts(source: ExportSource) -> Iterator[dict[str, Any]]:
    wanted = ["post_id", "account_id", "created_at", "kind", "parent_id", "urls", "hashtags"]
    if "posts" not in source.tables:
        return
    there = [column for column in wanted if column in source.schema("posts").names]
    for batch in source.batches("posts", there):
        for row in batch.to_pylist():
            if row["account_id"] is not None and row["created_at"] is not None:
                yield row


def _objects(row: dict[str, Any], points: dict[str, str]) -> Iterator[tuple[str, str]]:
    if row["kind"] == "repost":
        if row["parent_id"]:
            yield "reposts", row["parent_id"]
        return  # its links and tags are those of the post that it repeats
    if row["post_id"] in points:
        yield "talking_points", points[row["post_id"]]
    for layer in ("urls", "hashtags"):
        for value in sorted(set(row.get(layer) or [])):
            yield layer, value


def _point_of_post(source: ExportSource) -> dict[str, str]:
    """Talking points that at least two posts share; one alone coordinates with nobody."""
    linked = source.table("point_posts", ["post_id", "point_id"])
    counts = pc.value_counts(linked["point_id"])
    shared = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    linked = linked.filter(pc.is_in(linked["point_id"], value_set=shared))
    pairs = zip(linked["post_id"].to_pylist(), linked["point_id"].to_pylist(), strict=True)
    return dict(pairs)
