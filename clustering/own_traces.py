"""What an analyst's own columns say that posts share: media hashes, and columns named to tie on.

In: the posts that may leave traces, the table kept_columns, the names of `reading.tie_on`. Out: for
each layer the pairs of post and object.

| layer | object |
|---|---|
| media | a digest in image_hash, video_hash or media_hash; a cell may list several |
| column_NAME | the whole value of the column NAME, one layer a column |

Cells that hold nothing (none, nan, ...) tie nobody, nor does a digest of one repeated character,
which perceptual hashes give for a picture of one colour. Digests are compared as they are: two
encodings of one picture meet only under a perceptual hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.cells import words
from corpus.readers.mapping_files import plain
from corpus.tables.own_columns import HASHES

MEDIA, COLUMN = "media", "column_"
# What stands between the digests of a cell, and around them where the cell is JSON.
_BETWEEN = re.compile(r"""[\s,;|\[\]"']+""")

Row: TypeAlias = tuple[str, str, str | None]  # post, object, variant


def own_layers(
    posts: pa.Table, kept: pa.Table | None, tie_on: Sequence[str] = ()
) -> dict[str, list[Row]]:
    """Return the rows of each layer that these posts and columns give; empty layers are left out.

    Parameters
    ----------
    posts
        The posts that may leave a trace, with post_id.
    kept
        The table kept_columns, or None.
    tie_on
        Names of columns whose equal values tie accounts, as they stand in `kept`.
    """
    if kept is None or not kept.num_rows:
        return {}
    rows = kept.filter(pc.is_in(kept["post_id"], value_set=posts["post_id"].combine_chunks()))
    media = [pair for name in HASHES for pair in _digests(_cells(rows, name))]
    layers = {MEDIA: list(dict.fromkeys(media))}
    for name in tie_on:
        layer = MEDIA if name in HASHES else f"{COLUMN}{plain(name)}"
        if layer != MEDIA:
            layers[layer] = [(post, value, None) for post, value in _cells(rows, name)]
    return {layer: found for layer, found in layers.items() if found}


def _cells(kept: pa.Table, name: str) -> Iterator[tuple[str, str]]:
    """Post and trimmed value of one column, where the value says something."""
    nothing = frozenset(words()["missing"]["cells"])
    rows = kept.filter(pc.equal(kept["column"], name))
    for post, cell in zip(rows["post_id"].to_pylist(), rows["value"].to_pylist(), strict=True):
        value = "" if cell is None else cell.strip()
        if value and value.lower() not in nothing:
            yield post, value


def _digests(cells: Iterator[tuple[str, str]]) -> Iterator[Row]:
    for post, cell in cells:
        for digest in _BETWEEN.split(cell):
            if len(set(digest)) > 1:
                yield post, digest, None
