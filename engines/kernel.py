"""What a kernel is: a pure function from table to table that any engine can carry to its workers.

A kernel is a frozen dataclass: its fields are all it depends on, so it pickles, compares, and is
its own cache key. The same rows in any order and any batches give the same rows out. It imports no
engine, draws no randomness but from a seed in its fields, and reads no clock.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Protocol, runtime_checkable

import pyarrow as pa

from corpus.identity import content_id


@runtime_checkable
class Kernel(Protocol):
    """One step of work on rows: `output` is the schema of what `__call__` returns."""

    @property
    def output(self) -> pa.Schema:
        """The schema of every table that the kernel returns, also for no rows."""

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows that follow from `table`."""


def kernel_key(kernel: Kernel) -> str:
    """Return an id of the kernel's class and fields, for caches and manifests."""
    kind = type(kernel)
    settings = [f"{f.name}={getattr(kernel, f.name)!r}" for f in fields(kernel)]  # type: ignore[arg-type]
    return content_id(kind.__module__, kind.__qualname__, *settings)
