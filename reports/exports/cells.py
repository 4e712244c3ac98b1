"""Rows as plain values, the same in every format that writes rows.

In: Arrow batches. Out: tuples of str, int, float, bool, None and lists of these. Times are ISO 8601
in UTC with a Z. Numbers of 32 bits are written as short as they can be read back from: 0.8, not
0.800000011920929. A float that is not a number is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa


def iso(at: datetime) -> str:
    """Return a time as 2020-07-17T06:00:00Z, with microseconds where it has any."""
    return at.isoformat().replace("+00:00", "Z")


def plain_rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a batch."""
    columns = [_plain(column) for column in batch.columns]
    return zip(*columns, strict=True)


def _plain(column: pa.Array) -> list[Any]:
    convert = _converter(column.type)
    values: list[Any] = column.to_pylist()
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def _converter(kind: pa.DataType) -> Callable[[Any], Any] | None:
    if pa.types.is_timestamp(kind):
        return iso
    if pa.types.is_float32(kind):
        return _short
    if pa.types.is_floating(kind):
        return _number
    if pa.types.is_list(kind):
        inner = _converter(kind.value_type)
        if inner is not None:
            return lambda items: [None if item is None else inner(item) for item in items]
    return None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _short(value: float) -> float | None:
    """The shortest decimal that reads back as the same number of 32 bits."""
    return float(str(np.float32(value))) if math.isfinite(value) else None
