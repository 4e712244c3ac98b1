"""Rows of length 1: how vectors are checked, ordered, averaged and compared with centres.

In: vectors as they come. Out: float32 rows of length 1, where a row of zeros means "no vector".
Refused: what is not a matrix of finite numbers. Every answer here is the same for any order of the
rows and any size of batch, because all that stands on it promises so.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corpus.errors import InputError

Matrix = NDArray[np.float32]
Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

# Rows compared with all others at once: 1,024 x 50,000 similarities are 200 MB.
BLOCK_ROWS = 1_024
# Rows added up at once, in double precision: 50 MB for 384 numbers a row.
SUMMED_ROWS = 16_384
# How far rounding takes the length of a float32 row from 1.
UNIT_TOLERANCE = 1e-5
# Numbers and decimals of a row that order it: with digits that differ by 3e-7 one row of 1,600 is
# placed elsewhere (600 tweets in batches of 37: ARI of the groups 1.0; by all digits .945).
ORDER_NUMBERS, ORDER_DECIMALS = 32, 2


def unit_rows(vectors: ArrayLike) -> Matrix:
    """Return a float32 copy with rows of length 1 (or zero); raises InputError.

    Rows that have length 1 up to rounding are left bit for bit, so that doing it twice is once.
    """
    rows = _numbers(vectors)
    if not np.isfinite(rows).all():
        raise InputError(
            "vectors hold values that are not finite numbers (NaN, infinity, or too large for"
            " float32); expected floats"
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[np.abs(lengths - 1) < UNIT_TOLERANCE] = 1
    unit: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit + np.float32(0)  # no negative zeros: they would hash differently


def _numbers(vectors: ArrayLike) -> Matrix:
    if hasattr(vectors, "toarray"):
        raise InputError("vectors are a sparse matrix; expected a dense one: pass .toarray()")
    given = np.asarray(vectors)
    if given.ndim != 2:
        raise InputError(
            f"vectors have {given.ndim} dimension(s); expected a matrix (n, d). Reshape your data:"
            " .reshape(1, -1) makes a matrix of one row"
        )
    if np.iscomplexobj(given):
        raise InputError("Complex data not supported: vectors have to be real numbers")
    if given.shape[1] == 0:
        raise InputError(
            f"0 feature(s) (shape={given.shape}) while a minimum of 1 is required:"
            " vectors have no columns"
        )
    with np.errstate(over="ignore"):
        return np.array(given, dtype=np.float32, copy=True)


def canonical_order(rows: Matrix) -> Labels:
    """Return row numbers in the order of their contents' hashes: any input order gives the same.

    Many distances are equal (one core distance bounds several), and this order breaks the ties.
    The last digits of a neural vector depend on the batch it was in, so the hash is of the first
    numbers, rounded; full bytes decide between rows that agree in those.
    """
    coarse = np.round(rows[:, :ORDER_NUMBERS].astype(np.float64), ORDER_DECIMALS) + 0.0
    keys = [
        (hashlib.blake2b(start.tobytes(), digest_size=16).digest(), row.tobytes())
        for start, row in zip(coarse, rows, strict=True)
    ]
    return np.array(sorted(range(len(rows)), key=lambda row: keys[row]), dtype=np.int64)


def group_centres(rows: Matrix, labels: Labels, groups: int) -> Matrix:
    """Return the unit mean of the rows of each label 0..groups-1, (groups, d) float32."""
    centres = np.zeros((groups, rows.shape[1]), dtype=np.float64)
    order = np.argsort(labels, kind="stable")[np.count_nonzero(labels < 0) :]
    for start in range(0, len(order), SUMMED_ROWS):
        part = order[start : start + SUMMED_ROWS]
        found, first = np.unique(labels[part], return_index=True)
        centres[found] += np.add.reduceat(rows[part].astype(np.float64), first, axis=0)
    return unit_rows(centres)


def nearest_centre(rows: Matrix, centres: Matrix) -> tuple[Labels, Floats]:
    """Return the nearest centre of each unit row and the cosine; -1 and 0 for a row of zeros.

    Computed in double precision and rounded, so that the size of a batch cannot show.
    """
    if len(centres) == 0 or len(rows) == 0:
        return np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows))
    wide = centres.astype(np.float64).T
    labels = np.full(len(rows), -1, dtype=np.int64)
    scores = np.zeros(len(rows))
    for start in range(0, len(rows), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        cosines = np.round(rows[part].astype(np.float64) @ wide, 6)
        known = rows[part].any(axis=1)
        labels[part] = np.where(known, cosines.argmax(axis=1), -1)
        scores[part] = np.where(known, cosines.max(axis=1), 0.0)
    return labels, scores
