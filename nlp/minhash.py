"""How alike are two texts, told from a few numbers each?

In: texts. Out: MinHash signatures that are bit for bit those of `datasketch.MinHash` 2 (scheme
affine32) over the same shingle hashes (`nlp.shingles`), so datasketch's own indexes accept them;
and band keys, under which texts that share much are likely to meet.

Scheme (datasketch 2.0, issues 212 and 323): all odd multipliers a, then all offsets b are drawn
from `numpy.random.RandomState(seed)`; each 32-bit shingle hash passes the MurmurHash3 finalizer
once; signature k is the least of a[k] * h + b[k] mod 2^32. A text without shingles has 0xFFFFFFFF
throughout. Two schemes never mix: a signature carries no trace of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpus.errors import SettingsError
from corpus.tables import BANDS
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import Permutations, TextColumn, binary_of_numbers
from nlp.normalize import normalized_column
from nlp.shingles import (
    DEFAULT_KIND,
    MULTIPLIER,
    ShingleHashes,
    checked_kind,
    fmix64,
    hash_shingles,
    hashed_chunks,
)
from nlp.texts import as_arrow

if TYPE_CHECKING:
    import datasketch

Signatures = npt.NDArray[np.uint32]

NUM_PERM = 128
SEED = 1
EMPTY = 0xFFFFFFFF
# Bands x rows: recall .995 of the exact families at thresholds from .5 on words to .8; more bands
# of fewer rows find pairs at low thresholds and cost candidates. Measured on 100,000 posts.
BANDS_DEFAULT = (25, 5)
BANDS_LOW_THRESHOLD = (32, 4)
LOW_THRESHOLD = 0.6


def bands_for(threshold: float) -> tuple[int, int]:
    """Return (bands, rows) for an exact Jaccard threshold."""
    return BANDS_LOW_THRESHOLD if threshold <= LOW_THRESHOLD else BANDS_DEFAULT


@dataclass(frozen=True)
class MinHasher:
    """Signatures of texts: `num_perm` values each, drawn from `seed`, over shingles of one kind."""

    num_perm: int = NUM_PERM
    seed: int = SEED
    shingle: str = DEFAULT_KIND

    def __post_init__(self) -> None:
        checked_kind(self.shingle)
        if self.num_perm < 1:
            raise SettingsError(f"num_perm = {self.num_perm}; expected a number from 1, often 128")

    def signatures(self, texts: Iterable[str]) -> Signatures:
        """Return (n, num_perm) uint32 signatures; texts are normalized inside.

        Takes what `nlp.normalize` takes; raises InputError where a value is not text.
        """
        return self.signatures_of_normalized(normalized_column(texts))

    def signatures_of_normalized(
        self, texts: Iterable[str], threads: int | None = None
    ) -> Signatures:
        """Return (n, num_perm) uint32 signatures of texts that are normalized already."""
        column = as_arrow(texts)
        if len(column) < MANY_TEXTS:
            return self.readable_signatures(column.to_pylist())
        from nlp.compiled.sketching import signatures

        return signatures(TextColumn.from_arrow(column), self.shingle, self.scheme(), threads)

    def scheme(self) -> Permutations:
        """Return the multipliers and offsets that datasketch draws for this size and seed."""
        return Permutations(*_permutations(self.num_perm, self.seed))

    def readable_signatures(self, texts: Sequence[str]) -> Signatures:
        """Return (n, num_perm) uint32 signatures of few normalized texts.

        The readable path, which the compiled one is held to.
        """
        parts = [self.signatures_of_hashes(part) for part in hashed_chunks(texts, self.shingle)]
        return np.concatenate(parts) if parts else np.empty((0, self.num_perm), dtype=np.uint32)

    def signatures_of_hashes(self, hashed: ShingleHashes) -> Signatures:
        """Return the signatures of texts whose shingles are hashed already."""
        multipliers, offsets = _permutations(self.num_perm, self.seed)
        least = np.full((self.num_perm, len(hashed.by_words)), EMPTY, dtype=np.uint32)
        held = np.flatnonzero(hashed.counts())
        if len(held):
            mixed = _fmix32((hashed.hashes >> np.uint64(32)).astype(np.uint32))
            starts = hashed.offsets[held]
            for k in range(self.num_perm):
                permuted = mixed * multipliers[k] + offsets[k]
                least[k, held] = np.minimum.reduceat(permuted, starts)
        return np.ascontiguousarray(least.T)

    def to_datasketch(self, signature: npt.ArrayLike) -> datasketch.MinHash:
        """Return a `datasketch.MinHash` with this signature, for datasketch's own indexes.

        Raises
        ------
        SettingsError
            When the signature does not hold `num_perm` values of 32 bits.
        """
        from datasketch import MinHash

        values = np.asarray(signature)
        if values.shape != (self.num_perm,) or values.dtype != np.uint32:
            found = f"{values.dtype} of shape {values.shape}"
            raise SettingsError(
                f"signature is {found}, expected one row of signatures(): uint32 of {self.num_perm}"
            )
        return MinHash(seed=self.seed, hashvalues=values, scheme="affine32")


@cache
def _permutations(num_perm: int, seed: int) -> tuple[Signatures, Signatures]:
    draws = np.random.RandomState(seed)  # the generator that datasketch draws from
    odd = draws.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return odd, draws.randint(0, 1 << 32, num_perm, dtype=np.uint32)


def _fmix32(h: Signatures) -> Signatures:
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def band_keys(
    signatures: Signatures, bands: int, rows: int, by_words: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint64]:
    """Return (n, bands) keys: equal where two texts of one kind agree on all rows of a band."""
    keys = np.empty((len(signatures), bands), dtype=np.uint64)
    for band in range(bands):
        key = fmix64(np.uint64(2 * band) + by_words.astype(np.uint64))
        for row in range(band * rows, (band + 1) * rows):
            key = key * np.uint64(MULTIPLIER) + signatures[:, row] + np.uint64(1)
        keys[:, band] = fmix64(key)
    return keys


@dataclass(frozen=True)
class MinHashBands:
    """Kernel texts -> bands: 8-byte keys under which near-duplicates meet.

    Texts with fewer than three distinct shingles get none: they match only when they are equal.
    """

    bands: int = BANDS_DEFAULT[0]
    rows: int = BANDS_DEFAULT[1]
    shingle: str = DEFAULT_KIND
    num_perm: int = NUM_PERM
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.bands * self.rows > self.num_perm:
            wanted = f"{self.bands} bands of {self.rows} rows"
            raise SettingsError(f"{wanted} need more than num_perm = {self.num_perm} values")

    @property
    def output(self) -> pa.Schema:
        """The contract of the table bands."""
        return BANDS.schema

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_id and text_norm."""
        ids, texts = table.column("post_id").combine_chunks(), table.column("text_norm")
        many = len(texts) >= MANY_TEXTS
        chosen, keys = self._keys_compiled(texts) if many else self._keys(texts.to_pylist())
        owners = ids.take(pa.array(np.repeat(chosen, self.bands)))
        return pa.Table.from_arrays([binary_of_numbers(keys), owners], schema=self.output)

    def _keys(self, texts: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        """Return the texts that get keys, and (those, bands) keys."""
        hashed = hash_shingles(texts, self.shingle)
        hasher = MinHasher(self.num_perm, self.seed, self.shingle)
        chosen = np.flatnonzero(hashed.comparable())
        signed = hasher.signatures_of_hashes(hashed)[chosen]
        return chosen, band_keys(signed, self.bands, self.rows, hashed.by_words[chosen])

    def _keys_compiled(
        self, texts: pa.ChunkedArray
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        from nlp.compiled import sketching

        scheme = MinHasher(self.num_perm, self.seed, self.shingle).scheme()
        keys, comparable = sketching.band_keys(
            TextColumn.from_arrow(texts), self.shingle, scheme, (self.bands, self.rows)
        )
        chosen = np.flatnonzero(comparable)
        return chosen, np.ascontiguousarray(keys.T[chosen])
