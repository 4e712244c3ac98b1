"""Which denser parts does a narrative have?

In: the finer level of the density tree (its leaves; Campello et al. 2013) and the narrative that
holds each. Out: for each exemplar the part it belongs to, -1 for none. Narratives and parts come
from one tree, so that a part never crosses narratives. It shows no part where only one stands out
in a narrative: that part is the narrative.
"""

from __future__ import annotations

import numpy as np

from clustering.density import Labels

LEAST_PARTS = 2


def parts_of(detail: Labels, parent: Labels) -> Labels:
    """Return the part of each row, numbered from 0 without gaps.

    `detail` is the leaf of each row, -1 for none, and `parent` the narrative of each leaf.
    """
    beside = np.bincount(parent[parent >= 0], minlength=int(parent.max(initial=-1)) + 1)
    shown = np.array([at >= 0 and beside[at] >= LEAST_PARTS for at in parent.tolist()], dtype=bool)
    number = np.append(np.where(shown, np.cumsum(shown) - 1, -1), -1)
    parts: Labels = number[detail].astype(np.int64)
    return parts
