"""Which few directions carry most of a sparse matrix?

In: a sparse matrix, how many directions are wanted, a seed. Out: its first right singular vectors
as columns, and the singular values. Small matrices are decomposed exactly (all inner products of
rows), larger ones by the randomized method of Halko, Martinsson & Tropp (2011). Signs are fixed,
so that the same matrix gives the same numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
# Up to this many rows the decomposition is exact: the matrix of all inner products is small.
EXACT_ROWS = 1_000
# Singular values below this share of the largest are rounding, not direction.
RANK_TOLERANCE = 1e-4
# Power iterations of the randomized method; more changed no measured score.
ITERATIONS = 3


def right_directions(matrix: sparse.csr_matrix, wanted: int, seed: int) -> tuple[Floats, Floats]:
    """Return (columns, k) singular vectors and their k values, k at most `wanted`."""
    rows, columns = matrix.shape
    if min(rows, columns) == 0 or matrix.nnz == 0:
        return np.zeros((columns, 0), dtype=np.float32), np.zeros(0, dtype=np.float32)
    right, values = (
        _exact(matrix, wanted) if rows <= EXACT_ROWS else _randomized(matrix, wanted, seed)
    )
    kept = values > RANK_TOLERANCE * values[0]
    right, values = right[:, kept], values[kept]
    signs = np.sign(right[np.abs(right).argmax(axis=0), np.arange(right.shape[1])])
    return np.ascontiguousarray(right * signs, dtype=np.float32), values.astype(np.float32)


def _exact(
    matrix: sparse.csr_matrix, wanted: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inner = (matrix @ matrix.T).toarray().astype(np.float64)
    squares, left = np.linalg.eigh(inner)
    values = np.sqrt(np.maximum(squares[::-1][:wanted], 0))
    kept = values > RANK_TOLERANCE * values[0]
    right = (matrix.T @ left[:, ::-1][:, :wanted][:, kept]) / values[kept]
    return right, values[kept]


def _randomized(
    matrix: sparse.csr_matrix, wanted: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.utils.extmath import randomized_svd

    rank = min(wanted, *matrix.shape)
    _, values, right = randomized_svd(matrix, rank, n_iter=ITERATIONS, random_state=seed)
    return right.T, values


def unit_rows(rows: Floats) -> Floats:
    """Return the rows at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit
