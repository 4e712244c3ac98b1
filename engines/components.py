"""Which things are linked, directly or through others?

In: links between things. Out: for each thing the smallest thing that it is linked to, so the answer
is the same on every engine and for every order of the links. Each round hooks the larger of two
neighbouring groups to the smaller and then shortens all paths; the number of rounds grows with the
logarithm of the longest chain. Runs where the links are: in memory (to about 500 million links).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import EngineError

Numbers = npt.NDArray[np.int64]


def component_labels(
    n: int, left: npt.ArrayLike, right: npt.ArrayLike, start: Numbers | None = None
) -> Numbers:
    """Return for each of n nodes the smallest node of its component.

    `left[i]` and `right[i]` are linked. `start` continues from labels that this function returned.

    Raises
    ------
    EngineError
        When a link names a node outside 0..n-1, or the two sides differ in length.
    """
    a, b = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    if a.shape != b.shape:
        raise EngineError(f"links have {a.size} left and {b.size} right ends, expected as many")
    if a.size and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n):
        raise EngineError(f"links name nodes outside 0..{n - 1}")
    labels = np.arange(n, dtype=np.int64) if start is None else start.copy()
    while True:
        at, bt = labels[a], labels[b]
        apart = at != bt
        if not apart.any():
            return labels
        a, b, at, bt = a[apart], b[apart], at[apart], bt[apart]
        np.minimum.at(labels, np.maximum(at, bt), np.minimum(at, bt))
        labels = _shortened(labels)


def _shortened(labels: Numbers) -> Numbers:
    """Point every node at its root; a label is never larger than its node, so this ends."""
    while True:
        shorter = labels[labels]
        if np.array_equal(shorter, labels):
            return labels
        labels = shorter


def connected_components(pairs: pa.Table) -> pa.Table:
    """Return (member, component) for every id in the two first columns of `pairs`.

    Ids are strings; `component` is the smallest id of the component in code point order. Ids that
    no pair names are their own component and left out.
    """
    left, right = pairs.column(0), pairs.column(1)
    ids = pc.unique(pa.chunked_array([*left.chunks, *right.chunks], type=pa.string()))
    ids = ids.take(pc.sort_indices(ids))
    labels = component_labels(
        len(ids),
        pc.index_in(left, ids).to_numpy().astype(np.int64),
        pc.index_in(right, ids).to_numpy().astype(np.int64),
    )
    return pa.table({"member": ids, "component": ids.take(pa.array(labels))})
