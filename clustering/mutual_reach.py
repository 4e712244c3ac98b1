"""The shortest tree that holds all rows together, when sparse places make every step longer.

In: nearest neighbours and their distances. Out: n - 1 edges (a, b, length), shortest first: the
minimum spanning tree of mutual reachability (Campello, Moulavi and Sander 2013), over neighbours
alone. The tree over all pairs uses almost the same edges, because an edge of it is short.
"""

from __future__ import annotations

import numpy as np

from clustering.unit_vectors import Floats, Labels

# The largest distance of unit vectors; joins parts of the graph that no neighbour connects.
FARTHEST = 2.0
# A distance of zero would vanish from a sparse matrix.
TINY = 1e-9


def core_distances(distances: Floats, min_samples: int) -> Floats:
    """Return the distance to each row's `min_samples`-th other row, as hdbscan counts it."""
    nth = min(min_samples, distances.shape[1]) - 1
    core: Floats = np.minimum(distances[:, nth], FARTHEST)
    return core


def spanning_tree(
    neighbours: Labels, distances: Floats, min_samples: int, bridges: Floats | None = None
) -> Floats:
    """Return the minimum spanning tree of mutual reachability: (n - 1, 3) of a, b, length.

    A neighbour of -1 is none. `bridges` are further edges (a, b, distance). Parts that still have
    no edge between them are joined at the largest distance.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    n, kept = neighbours.shape
    core = core_distances(distances, min_samples)
    known = neighbours.ravel() >= 0
    more = np.zeros((0, 3)) if bridges is None else bridges
    source = np.append(np.repeat(np.arange(n), kept)[known], more[:, 0].astype(np.int64))
    target = np.append(neighbours.ravel()[known], more[:, 1].astype(np.int64))
    gaps = np.append(distances.ravel()[known], more[:, 2])
    reach = np.maximum(gaps, np.maximum(core[source], core[target])) + TINY
    graph = sparse.csr_matrix((reach, (source, target)), shape=(n, n))
    tree = minimum_spanning_tree(graph.maximum(graph.T)).tocoo()
    parts, part_of = connected_components(tree, directed=False)
    first = np.unique(part_of, return_index=True)[1]
    bridges = np.column_stack(
        [np.full(parts - 1, first[0]), first[1:], np.full(parts - 1, FARTHEST)]
    )
    edges = np.vstack([np.column_stack([tree.row, tree.col, tree.data]), bridges])
    return edges[np.lexsort((edges[:, 1], edges[:, 0], edges[:, 2]))]
