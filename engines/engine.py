"""The verbs every engine offers; a stage is written once, over these.

`FrameT` is the engine's own idea of a table (an Arrow table locally, a DataFrame on Spark): a stage
passes frames from verb to verb and never looks inside. `collect` is the only way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

import pyarrow as pa

from engines.kernel import Kernel

FrameT = TypeVar("FrameT")
JoinHow = Literal["inner", "left", "semi", "anti"]


class Engine(Protocol[FrameT]):
    """Where and how kernels run."""

    @property
    def name(self) -> str:
        """The name it is chosen by: local, spark."""

    @property
    def in_process(self) -> bool:
        """Whether frames are Arrow tables of this process: a step may take all rows at once."""

    def scan(self, table: pa.Table) -> FrameT:
        """Bring a table into the engine."""

    def map(self, frame: FrameT, kernel: Kernel) -> FrameT:
        """Run `kernel` on batches of rows, in any order; a batch may hold any number of rows."""

    def group(self, frame: FrameT, keys: Sequence[str], kernel: Kernel) -> FrameT:
        """Run `kernel` on whole groups: each call sees all rows of each key that it sees.

        A call may see many groups at once; their rows stand together, sorted by `keys`. Within a
        group the order is not defined: a kernel that needs one sorts.
        """

    def distinct(self, frame: FrameT) -> FrameT:
        """Keep one of each distinct row."""

    def join(
        self, left: FrameT, right: FrameT, on: Sequence[str], how: JoinHow = "inner"
    ) -> FrameT:
        """Join on equal columns; "semi" and "anti" keep the left columns alone."""

    def collect(self, frame: FrameT) -> pa.Table:
        """Bring the rows back as an Arrow table; their order is not defined."""
