"""Band keys and exact similarities of texts that are known by number.

In: texts in matching form. Out: which of them have band keys, with the keys as numbers; and the
exact Jaccard of pairs. Both call the one place that defines them (`nlp.minhash`,
`clustering.jaccard`), so an index and a run over everything cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.jaccard import ShingleSets
from nlp.minhash import MinHashBands

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]


def sketch(kernel: MinHashBands, texts: Sequence[str]) -> tuple[Ints, Keys]:
    """Return the places of the texts that have band keys, and their (n, bands) keys."""
    names = pa.array([str(at) for at in range(len(texts))], pa.string())
    table = pa.table({"post_id": names, "text_norm": pa.array(texts, pa.string())})
    bands = kernel(table)
    written = bands.column("band_key").combine_chunks().cast(pa.binary(8))
    numbers = np.frombuffer(written.buffers()[1] or b"", dtype="<u8")[written.offset :]
    keys = numbers[: len(written)].astype(np.uint64).reshape(-1, kernel.bands)
    owners = bands.column("post_id").take(pa.array(np.arange(len(keys)) * kernel.bands))
    return pc.cast(owners, pa.int64()).to_numpy().astype(np.int64), keys


def jaccard(
    left_texts: Sequence[str],
    right_texts: Sequence[str],
    left: Ints,
    right: Ints,
    shingle: str,
) -> Floats:
    """Return the exact Jaccard of left_texts[left[i]] and right_texts[right[i]]."""
    a, left_places = np.unique(left, return_inverse=True)
    b, right_places = np.unique(right, return_inverse=True)
    texts = [left_texts[at] for at in a.tolist()] + [right_texts[at] for at in b.tolist()]
    return ShingleSets(texts, shingle).jaccard(left_places, right_places + len(a))
