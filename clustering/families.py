"""Families of many texts on one machine, from bytes to labels.

In: a column of normalized texts. Out: for each text the first text of its family. Equal texts are
one before anything is compared; then band keys (`nlp.compiled.sketching`), texts that share one,
their shingle sets, and the walk (`clustering.walk`). What a step no longer needs is freed before
the next one: about 0.5 KB a post above the input at the peak.

Families are those of `clustering.edges`: connected components of confirmed pairs, which depend on
the set of texts alone. An empty text is a family of its own.
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from clustering.walk import shared_keys, walk
from nlp.compiled.collapsing import first_equal, keep_only
from nlp.compiled.columns import TextColumn
from nlp.compiled.sketching import band_keys, shingle_rows
from nlp.minhash import MinHasher, bands_for

Ints = npt.NDArray[np.int64]

_log = logging.getLogger(__name__)


def text_families(
    texts: TextColumn, *, threshold: float, shingle: str, threads: int | None = None
) -> Ints:
    """Return for each normalized text the number of the first text of its family.

    Overwrites `texts`: different ones are moved together in the same memory.
    """
    first = first_equal(texts, threads)
    units = np.flatnonzero(first == np.arange(len(first)))
    different = texts if len(units) == len(texts) else keep_only(texts, units)
    labels = unit_families(different, threshold=threshold, shingle=shingle, threads=threads)
    # The first text of a family of units is the first of all its texts: units keep their order.
    family = np.empty(len(first), dtype=np.int64)
    family[units] = units[labels]
    return family[first]


def unit_families(
    units: TextColumn, *, threshold: float, shingle: str, threads: int | None = None
) -> Ints:
    """Return the smallest unit of each unit's family; units are different texts."""
    scheme = MinHasher(shingle=shingle).scheme()
    keys, comparable = band_keys(units, shingle, scheme, bands_for(threshold), threads)
    shared = shared_keys(keys, comparable, threads)
    del keys
    mated = np.zeros(len(units), dtype=bool)
    for _, members in shared:
        mated[members] = True
    chosen = np.flatnonzero(mated)
    place = np.zeros(len(units), dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    sets = shingle_rows(units, chosen, shingle, threads)
    numbered = [(found, place[members]) for found, members in shared]
    del shared, place
    smallest, compared = walk(numbered, sets.data, sets.offsets, threshold)
    _log.debug("%d units, %d share a band, %d pairs compared", len(units), len(chosen), compared)
    labels = np.arange(len(units), dtype=np.int64)
    labels[chosen] = chosen[smallest]
    return labels
