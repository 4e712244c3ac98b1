"""Where the tables of a large reading lie while it goes on: on disk, seen through memory maps.

In: a table. Out: an equal table whose cells are read from a file when they are looked at. The first
FREE_BYTES of a reading stay in memory, so that small inputs touch no disk. The files have no name
(where the system allows that) and are gone with the process, however it ends. They lie where the
system keeps temporary files (TMPDIR). It refuses to go on when that place is full.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO

import pyarrow as pa

from corpus.errors import WorkspaceError

# Tables up to this size in all cost less than they would gain: about 100,000 short posts.
FREE_BYTES = 32 * 1024 * 1024
# One file is mapped at once: large enough that a reading needs few, small enough for any disk.
SEGMENT_BYTES = 256 * 1024 * 1024
# Arrow reads its buffers fastest at multiples of this.
ALIGNMENT = 64


class Shelf:
    """Keeps tables of one reading; `free` bytes of them in memory, the others on disk."""

    def __init__(self, free: int = FREE_BYTES) -> None:
        self._free = free
        self._file: IO[bytes] | None = None
        self._segments: list[mmap.mmap] = []
        self._room = self._at = 0

    def put(self, table: pa.Table) -> pa.Table:
        """Return an equal table, on disk once the memory is used up. Raises WorkspaceError."""
        if table.nbytes <= self._free:
            self._free -= table.nbytes
            return table
        self._free = 0
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return pa.ipc.open_stream(self._written(sink.getvalue())).read_all()

    def _written(self, content: pa.Buffer) -> pa.Buffer:
        try:
            file = self._file
            if file is None or self._at + content.size > self._room:
                file = self._open(max(SEGMENT_BYTES, content.size))
            file.seek(self._at)
            file.write(content)
            file.flush()
        except OSError as error:
            raise WorkspaceError(
                f"no room for temporary files in {tempfile.gettempdir()}:"
                f" {error.strerror or error}; name another place with TMPDIR"
            ) from error
        held = pa.py_buffer(self._segments[-1]).slice(self._at, content.size)
        self._at += -(-content.size // ALIGNMENT) * ALIGNMENT
        return held

    def _open(self, size: int) -> IO[bytes]:
        self.close()
        file = self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the next
        file.truncate(size)
        self._segments.append(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
        self._room, self._at = size, 0
        return file

    def close(self) -> None:
        """Put nothing more; the tables stay, for a map holds its file by itself."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def rest(self) -> None:
        """Let go of the pages that were looked at: they come from the files again when needed."""
        for mapped in self._segments:
            if hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)
        if self._segments:
            pa.default_memory_pool().release_unused()


_CURRENT: ContextVar[Shelf | None] = ContextVar("shelf", default=None)


@contextmanager
def shelved(free: int = FREE_BYTES) -> Iterator[None]:
    """Within this, `put` uses a shelf of its own."""
    shelf = Shelf(free)
    token = _CURRENT.set(shelf)
    try:
        yield
    finally:
        _CURRENT.reset(token)
        shelf.close()


def put(table: pa.Table) -> pa.Table:
    """Put a table on the shelf of this reading; without one it stays as it is."""
    shelf = _CURRENT.get()
    return table if shelf is None else shelf.put(table)


def rest() -> None:
    """Let go of pages of this reading that were looked at."""
    shelf = _CURRENT.get()
    if shelf is not None:
        shelf.rest()
