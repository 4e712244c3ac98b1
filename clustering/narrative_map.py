"""Where do narratives lie beside each other, on a plane?

In: vectors of talking points, and which narrative each belongs to. Out: a place for each narrative
in its space (a language, or "pooled" where one model serves several), its nearest narratives by
the vectors themselves, and how well the plane keeps the distances. Places of two spaces say nothing
about each other: vectors of two models cannot be compared.

Method: distances of the unit centres; classical scaling (Torgerson 1952) as a start, then SMACOF
(de Leeuw 1977), which lowers the stress in every step. Nothing is drawn at random: signs are fixed
by the narrative that lies farthest out, and all results are rounded. In samples of 30 narratives
SMACOF raised the correlation of distances from about .45 to .61.

A plane cannot keep distances of many dimensions: neighbours on the map are likely related, and
which narrative is nearest must be read from the vectors (column `near`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.tables import NARRATIVE_MAP

# Steps after which the stress of 30 narratives changed in its fourth decimal only.
STEPS = 300
# Steps times squared narratives: some seconds; thousands of narratives get fewer steps.
MOST_WORK = 300_000_000
# Nearest narratives kept by name.
NEAR = 3
# Below this two places count as one: no direction leads from one to the other.
TINY = 1e-12
# Finer than a printed page shows; coarser than where two machines' last bits differ.
DECIMALS = 3
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """Places (n, 2) in -1..1 on one scale; stress (0 perfect); correlation of distances."""

    places: Matrix
    stress: float
    correlation: float | None


def map_narratives(
    *,
    vectors: pa.Table,
    point_posts: pa.Table,
    narrative_points: pa.Table,
    space_of_post: Sequence[str],
) -> pa.Table:
    """Return NARRATIVE_MAP, one row a narrative with vectors.

    Parameters
    ----------
    vectors, point_posts, narrative_points
        The tables of these names.
    space_of_post
        The space of each row of `vectors` (`clustering.evolution.spaces_of`). A narrative lies in
        the space that most of its vectors are of.
    """
    centres = _centres(vectors, point_posts, narrative_points, space_of_post)
    rows: list[dict[str, object]] = []
    for space in sorted(centres):
        ids = sorted(centres[space])
        rows += _rows(space, ids, np.array([centres[space][one] for one in ids]))
    return NARRATIVE_MAP.from_rows(rows)


def _centres(
    vectors: pa.Table, point_posts: pa.Table, narrative_points: pa.Table, spaces: Sequence[str]
) -> dict[str, dict[str, Matrix]]:
    """The unit centre of each narrative, by space."""
    point_of = _mapping(point_posts, "post_id", "point_id")
    narrative_of = _mapping(narrative_points, "point_id", "narrative_id")
    held: dict[str, dict[str, list[tuple[str, Sequence[float]]]]] = {}
    posts, values = vectors["post_id"].to_pylist(), vectors["vector"].to_pylist()
    for post, vector, space in zip(posts, values, spaces, strict=True):
        narrative = narrative_of.get(point_of.get(post) or "")
        if narrative is not None:
            held.setdefault(narrative, {}).setdefault(space, []).append((post, vector))
    found: dict[str, dict[str, Matrix]] = {}
    for narrative, by_space in held.items():
        space = max(sorted(by_space), key=lambda name: len(by_space[name]))
        # Sums of floats depend on their order: by post id, as the table may come in any.
        rows = np.array([vector for _, vector in sorted(by_space[space])], dtype=np.float64)
        found.setdefault(space, {})[narrative] = _unit(rows.mean(axis=0))
    return found


def _mapping(table: pa.Table, key: str, value: str) -> Mapping[str, str | None]:
    return dict(zip(table[key].to_pylist(), table[value].to_pylist(), strict=True))


def _unit(vector: Matrix) -> Matrix:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


def _rows(space: str, ids: Sequence[str], centres: Matrix) -> list[dict[str, object]]:
    distances = np.sqrt(np.maximum(2 - 2 * centres @ centres.T, 0.0))
    np.fill_diagonal(distances, 0.0)
    plane = plane_of(distances)
    nearest = np.argsort(distances + np.diag(np.full(len(ids), np.inf)), axis=1, kind="stable")
    return [
        {
            "narrative_id": one,
            "space": space,
            "x": float(plane.places[place, 0]),
            "y": float(plane.places[place, 1]),
            "near": [ids[other] for other in nearest[place][: min(NEAR, len(ids) - 1)]],
            "stress": plane.stress,
            "correlation": plane.correlation,
        }
        for place, one in enumerate(ids)
    ]


def _distances(places: Matrix) -> Matrix:
    """Euclidean distances (n, n) of places on the plane."""
    between: Matrix = np.sqrt(((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2))
    return between


def plane_of(distances: Matrix) -> Plane:
    """Return the plane for distances (n, n): symmetric, zero on the diagonal."""
    places = _smacof(distances, _classical(distances))
    flat = _distances(places)
    upper = np.triu_indices(len(distances), 1)
    wanted, shown = distances[upper], flat[upper]
    stress = 0.0
    if wanted.size and (wanted**2).sum() > 0:
        stress = float(np.sqrt(((wanted - shown) ** 2).sum() / (wanted**2).sum()))
    varied = wanted.size > 1 and wanted.std() > TINY and shown.std() > TINY
    correlation = float(np.corrcoef(wanted, shown)[0, 1]) if varied else None
    return Plane(
        _scaled(places),
        round(stress, DECIMALS),
        None if correlation is None else round(correlation, DECIMALS) + 0.0,
    )


def _classical(distances: Matrix) -> Matrix:
    """The first two principal coordinates of squared distances, doubly centred."""
    n = len(distances)
    if n < 2:
        return np.zeros((n, 2))
    squared = distances**2
    means = squared.mean(axis=0)
    gram = -0.5 * (squared - means[:, None] - means[None, :] + squared.mean())
    values, axes = np.linalg.eigh((gram + gram.T) / 2)
    first = [n - 1, n - 2]
    return _signed(axes[:, first] * np.sqrt(np.maximum(values[first], 0.0)))


def _signed(places: Matrix) -> Matrix:
    """Turn each axis so that the place farthest out on it is positive."""
    rounded = np.abs(places).round(6)
    farthest = places[rounded.argmax(axis=0), range(places.shape[1])]
    return places * np.where(farthest < 0, -1.0, 1.0)


def _smacof(distances: Matrix, start: Matrix) -> Matrix:
    """Move every place to the Guttman transform of all, again and again."""
    places, n = start, len(start)
    if n < 3:
        return places
    for _ in range(max(1, min(STEPS, MOST_WORK // n**2))):
        flat = _distances(places)
        ratio = np.where(flat > TINY, distances / np.maximum(flat, TINY), 0.0)
        moved = -ratio
        np.fill_diagonal(moved, ratio.sum(axis=1) - np.diag(ratio))
        places = moved @ places / n
    return places


def _scaled(places: Matrix) -> Matrix:
    """Centre the places and fit them into -1..1, both axes by one factor."""
    if not len(places):
        return places
    centred = places - (places.max(axis=0) + places.min(axis=0)) / 2
    largest = float(np.abs(centred).max())
    scaled: Matrix = (centred / largest if largest > TINY else centred).round(DECIMALS)
    return scaled + 0.0
