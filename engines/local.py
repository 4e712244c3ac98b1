"""The engine of one machine: Arrow tables in this process, kernels over slices of them.

`batch_rows` bounds what a kernel sees at once and must never change a result; tests run the same
plan with 7 rows and with thousands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engines.engine import JoinHow
from engines.kernel import Kernel

# Large enough that per-call overhead vanishes, small enough that a kernel's temporary arrays
# (about 5 KB a post in the widest one) stay near 100 MB.
DEFAULT_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class LocalEngine:
    """Runs every verb here and now; keeps the `Engine[pa.Table]` protocol."""

    batch_rows: int = DEFAULT_BATCH_ROWS

    @property
    def name(self) -> str:
        """Return "local"."""
        return "local"

    @property
    def in_process(self) -> bool:
        """Return True: `scan` and `collect` move nothing."""
        return True

    def scan(self, table: pa.Table) -> pa.Table:
        """Return the table: it is already here."""
        return table

    def map(self, frame: pa.Table, kernel: Kernel) -> pa.Table:
        """Run `kernel` on slices of at most `batch_rows` rows."""
        parts = [kernel(frame.slice(at, self.batch_rows)) for at in self._starts(frame.num_rows)]
        return _concatenate(parts, kernel)

    def group(self, frame: pa.Table, keys: Sequence[str], kernel: Kernel) -> pa.Table:
        """Sort by `keys` and run `kernel` on slices that never cut a group in two."""
        ordered = frame.take(_sort_order(frame, keys))
        borders = _group_starts(ordered, keys)
        parts = [kernel(ordered.slice(a, b - a)) for a, b in self._whole_groups(borders)]
        return _concatenate(parts, kernel)

    def distinct(self, frame: pa.Table) -> pa.Table:
        """Keep one of each distinct row."""
        return frame.group_by(frame.column_names).aggregate([])

    def join(
        self, left: pa.Table, right: pa.Table, on: Sequence[str], how: JoinHow = "inner"
    ) -> pa.Table:
        """Join two tables on equal columns."""
        kinds = {"inner": "inner", "left": "left outer", "semi": "left semi", "anti": "left anti"}
        return left.join(right, keys=list(on), join_type=kinds[how])

    def collect(self, frame: pa.Table) -> pa.Table:
        """Return the table: it is already here."""
        return frame

    def _starts(self, rows: int) -> range:
        return range(0, rows, self.batch_rows)

    def _whole_groups(self, borders: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield row ranges of about `batch_rows` rows that end where a group ends."""
        start = 0
        while start < len(borders) - 1:
            limit = borders[start] + self.batch_rows
            stop = max(int(np.searchsorted(borders, limit, side="right")) - 1, start + 1)
            yield int(borders[start]), int(borders[stop])
            start = stop


def _concatenate(parts: list[pa.Table], kernel: Kernel) -> pa.Table:
    return pa.concat_tables(parts) if parts else kernel.output.empty_table()


def _as_uint64(column: pa.ChunkedArray) -> np.ndarray | None:
    """View 8-byte binary keys as numbers: numpy sorts these several times faster than Arrow."""
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # more than 2 GiB does not fit one chunk
        return None
    if not pa.types.is_binary(whole.type) or whole.null_count or len(whole) == 0:
        return None
    if not pc.all(pc.equal(pc.binary_length(whole), 8)).as_py():
        return None
    buffer = whole.buffers()[2]
    first = whole[0 : len(whole)].buffers()[1]
    offset = int(np.frombuffer(first, dtype=np.int32, count=1, offset=4 * whole.offset)[0])
    return np.frombuffer(buffer, dtype=np.uint64, count=len(whole), offset=offset)


def _sort_order(frame: pa.Table, keys: Sequence[str]) -> pa.Array:
    numbers = _as_uint64(frame.column(keys[0])) if len(keys) == 1 else None
    if numbers is not None:
        return pa.array(np.argsort(numbers, kind="stable"))
    return pc.sort_indices(frame, sort_keys=[(key, "ascending") for key in keys])


def _group_starts(ordered: pa.Table, keys: Sequence[str]) -> np.ndarray:
    """Row numbers at which a group begins, and the number of rows at the end."""
    rows = ordered.num_rows
    if rows == 0:
        return np.array([0])
    changed = np.zeros(rows, dtype=bool)
    changed[0] = True
    for key in keys:
        column = ordered.column(key)
        after, before = column.slice(1), column.slice(0, rows - 1)
        # A comparison with null is null: nulls are one group of their own, apart from all values.
        one_is_null = pc.xor(pc.is_null(after), pc.is_null(before))
        differs = pc.if_else(one_is_null, True, pc.fill_null(pc.not_equal(after, before), False))
        changed[1:] |= differs.to_numpy(zero_copy_only=False)
    return np.append(np.flatnonzero(changed), rows)
