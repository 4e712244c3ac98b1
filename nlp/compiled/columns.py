"""Texts as two arrays: all their UTF-8 bytes in a row, and where each text begins.

In: Arrow strings (no copy where they lie in one chunk). Out: arrays that kernels walk over, and
Arrow strings again. Arrow guarantees valid UTF-8, so no kernel checks it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Result = TypeVar("Result")

# A stretch of about four megabytes keeps threads evenly busy and its temporaries in the cache.
STRETCH_BYTES = 1 << 22
# Beyond eight threads memory, not arithmetic, sets the pace.
MAX_THREADS = 8


@dataclass(frozen=True)
class TextColumn:
    """n texts: text i is `data[offsets[i]:offsets[i + 1]]` in UTF-8."""

    data: Bytes
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def from_arrow(cls, texts: pa.Array | pa.ChunkedArray) -> TextColumn:
        """View Arrow strings without nulls; 32-bit offsets are widened."""
        if isinstance(texts, pa.ChunkedArray):
            whole = texts.chunk(0) if texts.num_chunks == 1 else _one_chunk(texts)
        else:
            whole = texts
        wide = pa.types.is_large_string(whole.type)
        _, offset_buffer, data_buffer = whole.buffers()
        if offset_buffer is None or len(whole) == 0:
            return cls(np.zeros(0, np.uint8), np.zeros(len(whole) + 1, np.int64))
        stored = np.frombuffer(offset_buffer, np.int64 if wide else np.int32)
        offsets = stored[whole.offset : whole.offset + len(whole) + 1].astype(np.int64, copy=False)
        data = np.frombuffer(data_buffer, np.uint8) if data_buffer else np.zeros(0, np.uint8)
        return cls(data, offsets)

    def to_arrow(self) -> pa.LargeStringArray:
        """Return the texts as Arrow large strings over the same memory."""
        offsets, data = pa.py_buffer(self.offsets), pa.py_buffer(self.data)
        return pa.LargeStringArray.from_buffers(len(self), offsets, data)

    def stretches(self, low: int = 0, high: int | None = None) -> list[tuple[int, int]]:
        """Cut rows low..high into stretches of about STRETCH_BYTES, at least one row each."""
        high = len(self) if high is None else high
        wanted = np.arange(self.offsets[low], self.offsets[high], STRETCH_BYTES)
        inside = np.searchsorted(self.offsets[low:high], wanted) + low
        cuts = np.unique(np.concatenate([[low], inside, [high]]))
        return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))


@dataclass(frozen=True)
class Permutations:
    """The odd multipliers and the offsets of a signature scheme, as `nlp.minhash` draws them."""

    multipliers: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.uint32]


def _one_chunk(texts: pa.ChunkedArray) -> pa.Array:
    """Join chunks; 64-bit offsets, since together they may exceed what 32 bits reach."""
    wide = texts.cast(pa.large_string())
    return pa.concat_arrays(wide.chunks) if wide.num_chunks else pa.array([], pa.large_string())


def default_threads() -> int:
    """Return how many threads this process may run, at most MAX_THREADS."""
    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else (os.cpu_count() or 1)
    return min(cores, MAX_THREADS)


def in_parts(
    work: Callable[[int, int], Result], parts: list[tuple[int, int]], threads: int | None
) -> list[Result]:
    """Return work(low, high) for each stretch of rows, in their order."""
    count = threads or default_threads()
    if count == 1 or len(parts) < 2:
        return [work(low, high) for low, high in parts]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda part: work(*part), parts))


def even_parts(rows: int, per_part: int) -> list[tuple[int, int]]:
    """Cut `rows` rows into stretches of `per_part`."""
    return [(low, min(low + per_part, rows)) for low in range(0, rows, per_part)]


def binary_of_numbers(keys: npt.NDArray[np.uint64]) -> Any:
    """Write numbers as 8 bytes each, least first: the same on every machine."""
    data = pa.py_buffer(np.ascontiguousarray(keys, dtype="<u8"))
    offsets = pa.py_buffer(np.arange(0, 8 * keys.size + 1, 8, dtype=np.int32))
    return pa.BinaryArray.from_buffers(pa.binary(), keys.size, [None, offsets, data])
