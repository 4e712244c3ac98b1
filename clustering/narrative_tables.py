"""What was found, as tables: vectors, narratives and their parts, named, with a quote each.

In: the groups of each language, and the posts behind them. Out: VECTORS, NARRATIVES and
SUB_NARRATIVES rows. Ids are hashes of the clustered members; the quote is the member nearest to the
centre, ties by point id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clustering.density import Labels, Matrix
from clustering.grouping import Grouping
from clustering.naming import Told, name_narratives
from clustering.widening import no_reach
from corpus.identity import content_id
from corpus.tables import NARRATIVES, SUB_NARRATIVES, VECTORS, conform
from nlp.embed import Embedder


@dataclass(frozen=True)
class Found:
    """The narratives of one language; arrays run over its exemplars, in point id order."""

    lang: str
    embedder: Embedder
    exemplars: pa.Table
    vectors: Matrix
    grouping: Grouping
    parts: Labels
    narrative_ids: list[str]
    notes: tuple[str, ...]

    @property
    def labels(self) -> Labels:
        """Narratives of the density tree alone, which ids and centres rest on."""
        return self.grouping.dense

    @property
    def centres(self) -> Matrix:
        """Unit mean of each narrative's clustered exemplars."""
        return self.grouping.reach.centres


def content_ids(kind: str, point_ids: list[str], labels: Labels) -> list[str]:
    """One id for each label, a hash of its members."""
    members: dict[int, list[str]] = {}
    for point_id, label in zip(point_ids, labels.tolist(), strict=True):
        members.setdefault(label, []).append(point_id)
    return [content_id(kind, *sorted(members[label])) for label in sorted(members) if label >= 0]


def part_ids(groups: Found) -> list[str]:
    """Return the id of each part of a language's narratives."""
    point_ids = groups.exemplars.column("point_id").to_pylist()
    return content_ids("sub_narrative", point_ids, groups.parts)


def own_scores(groups: Found, nearest: Labels) -> np.ndarray:
    """Cosine to the narrative named in `nearest_id`: for a member, its own."""
    if not groups.narrative_ids:
        return np.zeros(len(nearest), dtype=np.float32)
    wide = groups.vectors.astype(np.float64)
    own = np.einsum("ij,ij->i", wide, groups.centres[nearest].astype(np.float64))
    rounded: np.ndarray = np.round(own, 6).astype(np.float32)
    return rounded


def identity(embedder: Embedder) -> dict[str, str]:
    """Return what names an embedder in the manifest."""
    return {
        "name": embedder.name, "digest": embedder.digest, "dimension": str(embedder.dimension)
    }  # fmt: skip


def vector_table(found: list[Found]) -> pa.Table:
    """Exemplars that have a vector; embedder, digest and dimension by language in the metadata."""
    parts = [VECTORS.empty()]
    for groups in found:
        has = groups.vectors.any(axis=1)
        ids = groups.exemplars.column("exemplar_id").filter(pa.array(has))
        parts.append(
            conform(pa.table({"post_id": ids, "vector": _lists(groups.vectors[has])}), VECTORS)
        )
    table = pa.concat_tables(parts).sort_by("post_id")
    about = {groups.lang: identity(groups.embedder) for groups in found}
    return table.replace_schema_metadata({"embedders": json.dumps(about, sort_keys=True)})


def _lists(rows: Matrix) -> pa.Array:
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.ravel(), pa.float32()))


def _medoids(groups: Found, labels: Labels, scores: np.ndarray) -> list[int]:
    """Row of the member nearest to each group's centre (`scores` are cosines), ties by point id."""
    best = np.where(labels >= 0, np.round(scores.astype(np.float64), 5), -2)
    order = np.lexsort((np.arange(len(best)), -best, labels))
    ordered = labels[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1) > 0)
    return [int(row) for row in order[first]]


def narrative_table(found: list[Found], assigned: pa.Table, told: Told) -> pa.Table:
    """Return NARRATIVES rows of all languages, by id."""
    rows: list[dict[str, Any]] = []
    for groups in found:
        scores = own_scores(groups, np.maximum(groups.labels, 0))
        clusterer = groups.grouping.clusterer
        stability = clusterer.stability()
        for label, row in enumerate(_medoids(groups, groups.labels, scores)):
            rows.append(
                {
                    "narrative_id": groups.narrative_ids[label],
                    "lang": groups.lang,
                    "medoid_post_id": groups.exemplars.column("exemplar_id")[row].as_py(),
                    "quote": groups.exemplars.column("text")[row].as_py(),
                    "persistence": float(clusterer.persistence_[label]),
                    "stability": float(stability[label]),
                    "embedder": groups.embedder.name,
                }
            )
    named = name_narratives(rows, assigned, told)
    return conform(pa.Table.from_pylist(named, NARRATIVES.schema), NARRATIVES).sort_by(
        "narrative_id"
    )


def sub_narrative_table(found: list[Found], assigned: pa.Table, told: Told) -> pa.Table:
    """Parts are named as narratives are, each against the other parts of its language."""
    rows: list[dict[str, Any]] = []
    for groups in found:
        ids = part_ids(groups)
        reach = no_reach(groups.vectors, groups.parts, len(ids))
        scores = np.einsum("ij,ij->i", groups.vectors, reach.centres[groups.parts]) if ids else ()
        for part, row in enumerate(
            _medoids(groups, groups.parts, np.asarray(scores)) if ids else ()
        ):
            rows.append(
                {
                    "narrative_id": ids[part],
                    "within": groups.narrative_ids[groups.grouping.labels[row]],
                    "lang": groups.lang,
                    "medoid_post_id": groups.exemplars.column("exemplar_id")[row].as_py(),
                    "quote": groups.exemplars.column("text")[row].as_py(),
                }
            )
    parts = assigned.set_column(1, "narrative_id", assigned.column("sub_narrative_id"))
    named = name_narratives(rows, parts, told)
    table = [
        {**row, "sub_narrative_id": row["narrative_id"], "narrative_id": row["within"]}
        for row in named
    ]
    return conform(pa.Table.from_pylist(table, SUB_NARRATIVES.schema), SUB_NARRATIVES).sort_by(
        "sub_narrative_id"
    )
