"""Which things belong together, while more things and more links keep arriving?

In: numbers 0, 1, 2, ... and links between them. Out: the root of each number: two numbers have the
same root when links join them. `component_labels` answers once for all links; this answers again
after each batch at a cost of the batch. Whole arrays at a time; paths are shortened when walked.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from clustering.growing import Growing
from engines.components import component_labels

Ints = npt.NDArray[np.int64]


class Forest:
    """Components that grow; the root of a component is one of its members."""

    def __init__(self, parents: Ints | None = None) -> None:
        self._parents = Growing(np.zeros(0, np.int64) if parents is None else parents)

    def __len__(self) -> int:
        return len(self._parents)

    def grow(self, n: int) -> Ints:
        """Add `n` numbers, each alone; return them."""
        new = np.arange(len(self), len(self) + n, dtype=np.int64)
        self._parents.append(new)
        return new

    def roots(self, numbers: Ints) -> Ints:
        """Return the root of each number."""
        parents = self._parents.values
        at = parents[numbers]
        while True:
            above = parents[at]
            if np.array_equal(above, at):
                break
            at = above
        parents[numbers] = at
        return at

    def all_roots(self) -> Ints:
        """Return the root of every number."""
        return self.roots(np.arange(len(self), dtype=np.int64))

    def join(self, left: Ints, right: Ints) -> None:
        """Link left[i] to right[i]."""
        a, b = self.roots(left), self.roots(right)
        roots, places = np.unique(np.concatenate([a, b]), return_inverse=True)
        labels = component_labels(len(roots), places[: len(a)], places[len(a) :])
        self._parents.values[roots] = roots[labels]

    def part(self, numbers: Ints) -> None:
        """Make each of these its own root; they must be all the members of their components."""
        self._parents.values[numbers] = numbers
