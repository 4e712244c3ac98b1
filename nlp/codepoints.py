"""Many texts as one array of code points, so that work on characters needs no Python loop.

In: a list of strings. Out: their code points as one uint32 array, and where each text begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]

# About 4 MB of code points a chunk: temporary arrays of 8 bytes each stay in tens of megabytes.
CHUNK_POINTS = 1 << 20


def code_points(texts: Sequence[str]) -> tuple[Points, Offsets]:
    """Return all code points in a row, and n + 1 offsets: text i is `points[at[i]:at[i + 1]]`."""
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), out=offsets[1:])
    encoded = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(encoded, dtype="<u4").astype(np.uint32, copy=False), offsets


def chunks(texts: Sequence[str]) -> Iterator[slice]:
    """Yield slices of about CHUNK_POINTS code points each; a longer text stands alone."""
    start = size = 0
    for at, text in enumerate(texts):
        if size and size + len(text) > CHUNK_POINTS:
            yield slice(start, at)
            start, size = at, 0
        size += len(text)
    if start < len(texts):
        yield slice(start, len(texts))
