"""What would a higher threshold have left together? Told from the links, without the texts.

In: the table point_posts, whose links are the strongest that hold each talking point together, and
a threshold at or above the one it was made with. Out: for each post the talking point it would be
in. A link below the threshold is cut; equal texts and reposts that follow a post stay.

The links of a point are its maximum spanning tree over all pairs of its texts, so what is left is
exactly what pairs at or above the threshold join inside each point (`clustering.lineage`; points of
more than 20,000 different texts may part more). A fresh run finds no pair that is not among these,
and may miss one that no band proposes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from corpus.identity import content_id
from engines.components import component_labels

# Similarities are stored in 32 bits: .7 lies 1.2e-8 below itself there.
_ROUNDING = 1e-6


def regroup(point_posts: pa.Table, threshold: float) -> pa.Table:
    """Return post_id and point_id at a higher threshold; ids are those of a run at that threshold.

    Raises
    ------
    SettingsError
        For a threshold that is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise SettingsError(f"threshold = {threshold!r}; expected a number above 0 up to 1")
    rows = point_posts.take(pc.sort_indices(point_posts, sort_keys=[("post_id", "ascending")]))
    ids = rows.column("post_id").combine_chunks()
    similarity = rows.column("link_similarity").to_numpy()
    linked = pc.is_valid(rows.column("linked_to")).to_numpy()
    # A repost's link is what the platform says: no similarity, and never cut.
    kept = np.flatnonzero(linked & ~(similarity < threshold - _ROUNDING))
    targets = pc.index_in(rows.column("linked_to").take(pa.array(kept)), ids)
    labels = component_labels(len(ids), kept, targets.to_numpy().astype(np.int64))
    smallest = np.unique(labels)
    names = [content_id("point", name) for name in ids.take(pa.array(smallest)).to_pylist()]
    points = pa.array(names, pa.string()).take(pa.array(np.searchsorted(smallest, labels)))
    return pa.table({"post_id": ids, "point_id": points})
