"""Which narrative is each remaining text nearest to, and how near?

In: ids and texts. Out: the nearest narrative and the cosine to its centre, null for a text without
a vector. Kernels, because these are the many: they run on any engine, row by row, and the answer
does not depend on the batches. `JoinNearest` decides nothing: the threshold is applied by whoever
asks. `JoinWithin` also says whether the text lies within the reach of that narrative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clustering.density import Floats, Matrix, nearest_centre
from clustering.widening import Reach, near
from nlp.embed import Embedder

NEAREST = pa.schema(
    [("point_id", pa.string()), ("nearest_id", pa.string()), ("nearest_score", pa.float32())]
)
WITHIN = NEAREST.append(pa.field("joins", pa.bool_()))


@dataclass(frozen=True)
class JoinNearest:
    """Kernel (point_id, text) -> (point_id, nearest_id, nearest_score).

    `centres` are float32 unit rows as bytes, one for each of `narrative_ids`.
    """

    embedder: Embedder
    narrative_ids: tuple[str, ...]
    centres: bytes

    @property
    def output(self) -> pa.Schema:
        """Return the schema `NEAREST`."""
        return NEAREST

    def __call__(self, table: pa.Table) -> pa.Table:
        """Encode the texts and compare them with every centre."""
        rows = self.embedder.encode(table.column("text").to_pylist())
        groups, scores = nearest_centre(rows, self._matrix())
        ids = [self.narrative_ids[group] if group >= 0 else None for group in groups]
        scored = pa.array(scores.astype(np.float32), mask=groups < 0)
        columns = [table.column("point_id"), pa.array(ids, pa.string()), scored]
        return pa.Table.from_arrays(columns, schema=NEAREST)

    def _matrix(self) -> Matrix:
        flat = np.frombuffer(self.centres, dtype=np.float32)
        return flat.reshape(len(self.narrative_ids), -1)


def nearest_narratives(
    embedder: Embedder, narrative_ids: list[str], centres: Matrix
) -> JoinNearest:
    """Return the kernel for `narrative_ids`, whose `centres` are rows in the embedder's space."""
    return JoinNearest(embedder, tuple(narrative_ids), centres.astype(np.float32).tobytes())


@dataclass(frozen=True)
class JoinWithin:
    """Kernel (point_id, text) -> (point_id, nearest_id, nearest_score, joins).

    `centres` are float32 unit rows and `least` float64 cosines as bytes, one for each narrative.
    """

    embedder: Embedder
    narrative_ids: tuple[str, ...]
    centres: bytes
    least: bytes
    margin: float

    @property
    def output(self) -> pa.Schema:
        """Return the schema `WITHIN`."""
        return WITHIN

    def __call__(self, table: pa.Table) -> pa.Table:
        """Encode the texts, compare them with every centre, and judge by each one's reach."""
        found = near(self.embedder.encode(table.column("text").to_pylist()), self._reach())
        ids = [self.narrative_ids[group] if group >= 0 else None for group in found.group]
        scored = pa.array(found.score.astype(np.float32), mask=found.group < 0)
        columns = [table.column("point_id"), pa.array(ids, pa.string()), scored]
        return pa.Table.from_arrays([*columns, pa.array(found.joins)], schema=WITHIN)

    def _reach(self) -> Reach:
        flat: Matrix = np.frombuffer(self.centres, dtype=np.float32)
        least: Floats = np.frombuffer(self.least, dtype=np.float64)
        return Reach(flat.reshape(len(self.narrative_ids), -1), least, self.margin)


def narratives_within_reach(
    embedder: Embedder, narrative_ids: list[str], reach: Reach
) -> JoinWithin:
    """Return the kernel for `narrative_ids`, whose `reach` was measured in the embedder's space."""
    centres = reach.centres.astype(np.float32).tobytes()
    least = reach.least.astype(np.float64).tobytes()
    return JoinWithin(embedder, tuple(narrative_ids), centres, least, reach.margin)
