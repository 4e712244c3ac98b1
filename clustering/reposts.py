"""Which post or text does a repost repeat?

In: posts in the order of their ids, with their normalized texts. Out: for each post the post that
it repeats (itself where it repeats none that is here), and the text that it is matched by.

A repost whose original is in the corpus follows it, through other reposts if need be. One whose
original is not here follows its own text, as any other post does. Platforms used to cut reposted
texts ("RT @x: the first hundred characters …"): a cut one follows the first text, in alphabetical
order, that begins with what is left of it, else with what is left without its last word, which may
be half of a link.
"""

from __future__ import annotations

import re
from bisect import bisect_left

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]

# About seven words: formulas such as "breaking news from" are shorter, cut reposts keep about 100.
MIN_BEGINNING = 40
_CUT = re.compile(r"(?:…|\.\.\.)\s*(?:https?://\S*)?\s*\Z")


def followed_posts(
    ids: pa.Array, parents: pa.ChunkedArray, is_repost: npt.NDArray[np.bool_]
) -> Ints:
    """Return for each post the number of the post that it repeats in the end, else its own."""
    own = np.arange(len(ids), dtype=np.int64)
    found = pc.fill_null(pc.index_in(parents, ids), -1).to_numpy().astype(np.int64)
    step = np.where(is_repost & (found >= 0), found, own)
    followed = step
    for _ in range(len(ids).bit_length()):  # each round doubles the distance that is followed
        followed = followed[followed]
    # Reposts that name each other in a ring have no original: each follows its own text.
    return np.where(step[followed] == followed, followed, own)


def matched_texts(
    raw: pa.ChunkedArray, normalized: list[str], is_repost: npt.NDArray[np.bool_]
) -> list[str]:
    """Return the normalized text that each post is matched by: whole texts for cut reposts."""
    reposts = np.flatnonzero(is_repost)
    texts = raw.take(pa.array(reposts)).to_pylist()
    cut = [int(at) for at, text in zip(reposts, texts, strict=True) if _CUT.search(text)]
    if not cut:
        return normalized
    outside = set(cut)
    whole = sorted({text for at, text in enumerate(normalized) if at not in outside})
    matched = list(normalized)
    for at in cut:
        matched[at] = _completed(normalized[at], whole)
    return matched


def _completed(text: str, whole: list[str]) -> str:
    for beginning in (text, text.rpartition(" ")[0]):
        place = bisect_left(whole, beginning)
        known = place < len(whole) and whole[place].startswith(beginning)
        if known and len(beginning) >= MIN_BEGINNING:
            return whole[place]
    return text
