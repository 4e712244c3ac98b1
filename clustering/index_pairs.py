"""The pairs of a corpus's different texts, from an index that knows most of them already.

In: an index, and units (post_id, text_norm: different texts, not empty). Out: the table pairs over
them. The index is brought to hold exactly these texts: new ones are added, those that no post has
any more are removed. The pairs are confirmed and hold the families together; which of a family's
pairs they are depends on the steps that the texts arrived in, their components do not.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.edges import pairs_table
from clustering.index import NearDuplicateIndex
from corpus.tables import PAIRS


def pairs_from(index: NearDuplicateIndex, units: pa.Table) -> pa.Table:
    """Bring `index`, whose ids are the texts themselves, up to date; return the table pairs."""
    texts = units.column("text_norm").to_pylist()
    wanted = set(texts)
    index.remove([text for text in index.texts() if text not in wanted])
    new = [text for text in texts if text not in index]
    index.add_normalized(new, new)
    return _named(index.edges(), units)


def _named(edges: pa.Table, units: pa.Table) -> pa.Table:
    """Edges of texts as pairs of the posts that stand for them, each pair once."""
    if not edges.num_rows:
        return PAIRS.empty()
    ids, texts = units.column("post_id"), units.column("text_norm")
    a, b = (ids.take(pc.index_in(edges.column(n), value_set=texts)) for n in ("text_a", "text_b"))
    swapped = pc.greater(a, b)
    low, high = pc.if_else(swapped, b, a), pc.if_else(swapped, a, b)
    pairs = pairs_table(low, high, edges.column("similarity").to_numpy())
    keys = [("post_a", "ascending"), ("post_b", "ascending")]
    pairs = pairs.take(pc.sort_indices(pairs, sort_keys=keys))
    if pairs.num_rows < 2:
        return pairs
    repeats = np.ones(pairs.num_rows - 1, dtype=bool)
    for name in ("post_a", "post_b"):
        column = pairs.column(name)
        repeats &= pc.equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy()
    return pairs.filter(pa.array(np.append(True, ~repeats)))
