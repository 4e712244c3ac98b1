"""Numbers in rows that grow at the end, without copying everything each time.

In: arrays of one type and width. Out: all rows so far, as a view. The room doubles when it is used
up, so that each row is moved about once on average, however many steps the rows arrive in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FIRST_ROOM = 1024


class Growing:
    """An array of any width whose first axis grows."""

    def __init__(self, first: npt.NDArray[Any]) -> None:
        self._rows = first
        self._used = len(first)

    def __len__(self) -> int:
        return self._used

    @property
    def values(self) -> npt.NDArray[Any]:
        """All rows: a view to read and write, valid until the next `append`."""
        return self._rows[: self._used]

    def append(self, more: npt.NDArray[Any]) -> None:
        """Add rows at the end."""
        if not len(more):
            return  # rows that came from a file may be read-only, until the first real append
        needed = self._used + len(more)
        if needed > len(self._rows):
            room = np.empty((max(2 * needed, FIRST_ROOM), *self._rows.shape[1:]), self._rows.dtype)
            room[: self._used] = self.values
            self._rows = room
        self._rows[self._used : needed] = more
        self._used = needed
