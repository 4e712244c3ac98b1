"""Which denser parts does a narrative have?

In: the vectors of one language's exemplars and the narrative of each. Out: for each exemplar the
part it belongs to, -1 for none. The level below a narrative: the leaves of a density tree over its
own points (Campello et al. 2013), so that parts never cross narratives, and points that merely
joined may stand in one. It shows no part where only one stands out: that part is the narrative.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from clustering.density import Labels, Matrix, NarrativeClusterer

# A part needs as many points as a narrative; two of them, with points between, is the least.
LEAST_PARTS = 2


def parts_of(vectors: Matrix, labels: Labels, *, size: int, samples: int) -> Labels:
    """Return the part of each row, numbered over all narratives; `labels` are -1 outside."""
    parts = np.full(len(labels), -1, dtype=np.int64)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    made = 0
    for first, last in pairwise(bounds.tolist()):
        rows = order[first:last]
        if len(rows) < LEAST_PARTS * size:
            continue
        found = NarrativeClusterer(size, samples, "leaf").fit(vectors[rows]).labels_
        if found.max(initial=-1) + 1 >= LEAST_PARTS:
            parts[rows] = np.where(found >= 0, found + made, -1)
            made += int(found.max()) + 1
    return parts
