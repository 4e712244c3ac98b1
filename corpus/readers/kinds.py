"""Is a row a post, a repost, a quote or a reply, and of which post?

In: the cells of one file. Out: the kind of each row and the id of the post that it repeats, quotes
or answers. What the source states wins; "RT @name" in front of the text makes a repost even where
the source calls it a post, because the words are somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.cells import Cells, Mask, is_null, to_mask, word_index, words

# The old convention for repeating a post by hand, and how archives store reposts.
MANUAL_REPOST = r"^\s*RT\s+@\w+"
REFERENCES = {"repost": "repost_of", "quote": "quote_of", "reply": "reply_to"}
SIGNS = {
    "repost": ("is_repost", "repost_of", "repost_sign"),
    "quote": ("is_quote", "quote_of", "quote_sign"),
    "reply": ("is_reply", "reply_to", "reply_sign", "parent_id"),
}
# Every field that holds an id.
ID_FIELDS = (
    "post_id", "account_id", *REFERENCES.values(),
    *(name for _, *references in SIGNS.values() for name in references),
)  # fmt: skip
# Damaged dictionaries of kinds are rare; naming a few unknown ones is enough to see what they are.
SHOWN_KINDS = 5

Kinds = np.ndarray[Any, np.dtype[np.object_]]


def read_kinds(cells: Cells, texts: pa.ChunkedArray) -> tuple[Kinds, pa.ChunkedArray, set[str]]:
    """Return kinds, parent ids and stated kinds that nobody knows."""
    kinds = np.full(len(cells), "post", dtype=object)
    for kind in ("reply", "quote", "repost"):  # the later, the stronger
        kinds[_signed(cells, kind)] = kind
    stated, unknown = _stated(cells)
    if stated is not None:
        said = stated != ""
        # A stated "post" does not unsay a reference that the row carries.
        kinds[said & (stated != "post")] = stated[said & (stated != "post")]
    by_hand = to_mask(pc.match_substring_regex(texts, MANUAL_REPOST))
    kinds[by_hand & (kinds != "quote")] = "repost"
    return kinds, _parents(cells, kinds), unknown


def _signed(cells: Cells, kind: str) -> Mask:
    flag, *references = SIGNS[kind]
    signed = cells.truth(flag)
    for field in references:
        signed |= ~is_null(_reference(cells, field))
    return signed


def _reference(cells: Cells, field: str) -> pa.ChunkedArray:
    """Ids of other posts; 0 and -1 stand for none, a damaged id is unknown."""
    ids, _ = cells.ids(field)
    none = pc.is_in(ids, value_set=pa.array(words()["missing"]["parents"]))
    return pc.if_else(none, None, ids)


def kind_notes(unknown: Collection[str]) -> list[str]:
    """Name some of the stated kinds that nobody knows."""
    if not unknown:
        return []
    shown = ", ".join(cell[:40] for cell in sorted(unknown)[:SHOWN_KINDS])
    return [f"post kinds not known, read as posts: {shown}"]


def _stated(cells: Cells) -> tuple[Kinds | None, set[str]]:
    column = cells.present("kind")
    if column is None:
        return None, set()
    index = word_index("kinds")
    encoded = pc.utf8_lower(column).combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    meanings = np.array([index.get(cell, "") for cell in distinct] + [""], dtype=object)
    codes = encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return meanings[codes], {cell for cell in distinct if cell not in index}


def _parents(cells: Cells, kinds: Kinds) -> pa.ChunkedArray:
    general = _reference(cells, "parent_id")
    parents = pc.if_else(pa.array(kinds == "post"), None, general)
    for kind, field in REFERENCES.items():
        own = pc.if_else(pa.array(kinds == kind), _reference(cells, field), None)
        parents = pc.coalesce(own, parents)
    return parents
