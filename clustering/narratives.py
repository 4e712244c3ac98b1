"""Which talking points tell the same story, and which tell one of their own?

In: posts, their matching forms, and their talking points. Out: narratives with names and quotes,
for every talking point the narrative it belongs to or the nearest one with its score, and the
vectors that were compared. One exemplar a point, per language: vectors -> density tree ->
narratives; then what lies near enough to a narrative's centre joins it, marked as such, and the
rest stays outside. It never forces a point in, never mixes languages, and says in `notes` what it
left out and why.

Ids are hashes of the clustered members: the same input gives the same ids in any row order.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.density import Labels, Matrix, group_centres, nearest_centre
from clustering.exemplars import Exemplars, choose_exemplars, describe_points, named_language
from clustering.grouping import group
from clustering.joining import nearest_narratives
from clustering.naming import name_narratives
from corpus.identity import content_id
from corpus.progress import Progress
from corpus.settings import Narratives
from corpus.tables import NARRATIVE_POINTS, NARRATIVES, VECTORS, conform
from engines.engine import Engine
from nlp.embed import Embedder, embedder_for, notes_of

LOG = logging.getLogger(__name__)
FrameT = TypeVar("FrameT")

# A sentence model encodes 150 to 1,100 posts a second on two cores: above these numbers the fitted
# embedder takes over, so that a run stays in minutes.
MODEL_EXEMPLARS = 60_000
MODEL_OTHERS = 2_000
# Cosine at which a point joins. On labelled sets mixed with other posts (10,000 in all) these
# gained .01 to .10 coverage at .00 to .03 AMI; a fitted space is crowded and needs the higher one.
JOIN_MODEL = 0.6
JOIN_FITTED = 0.7
# Texts between two advances of the progress.
ENCODE_STEP = 5_000


@dataclass(frozen=True)
class NarrativeTables:
    """Three tables, remarks for the reader, and which embedder served which language."""

    vectors: pa.Table
    narrative_points: pa.Table
    narratives: pa.Table
    notes: tuple[str, ...] = ()
    embedders: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The narratives of one language; arrays run over its exemplars, in point id order."""

    lang: str
    embedder: Embedder
    exemplars: pa.Table
    vectors: Matrix
    labels: Labels
    membership: np.ndarray
    nearest: Labels
    scores: np.ndarray
    persistence: np.ndarray
    centres: Matrix
    narrative_ids: list[str]
    notes: tuple[str, ...]


def find_narratives(
    engine: Engine[FrameT],
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    talking_points: pa.Table,
    settings: Narratives,
    seed: int,
    progress: Progress,
) -> NarrativeTables:
    """Group talking points into narratives.

    Raises
    ------
    MissingDependency, UnknownPlugin
        The embedder asked for by name cannot be used ("auto" falls back and says so).
    """
    chosen = choose_exemplars(describe_points(posts, texts, talking_points), settings.max_exemplars)
    progress.stage("narratives", chosen.points.num_rows)
    made: dict[str, Embedder] = {}
    found, parts, notes = [], [], list(chosen.notes)
    for lang in chosen.languages:
        groups = _find(lang, chosen, settings, seed=seed, progress=progress, made=made)
        others, note = _others(engine, groups, chosen, settings, seed)
        notes += [*groups.notes, *([note] if note else [])]
        progress.advance(others.num_rows)
        found.append(groups)
        parts += [_exemplar_rows(groups, settings), others]
    assigned = _with_outsiders(parts, talking_points)
    return NarrativeTables(
        vectors=_vector_table(found),
        narrative_points=assigned,
        narratives=_narrative_table(found, assigned, posts, point_posts, chosen.points),
        notes=tuple(notes),
        embedders={groups.lang: _identity(groups.embedder) for groups in found},
    )


def _find(
    lang: str,
    chosen: Exemplars,
    settings: Narratives,
    *,
    seed: int,
    progress: Progress,
    made: dict[str, Embedder],
) -> Found:
    of_lang = pc.equal(chosen.points.column("lang"), lang)
    exemplars = chosen.points.filter(pc.and_(of_lang, pa.array(chosen.chosen)))
    model, notes = _embedder(settings.embedder, lang, exemplars.num_rows, seed, made)
    model = _fitted_on(model, chosen.points.filter(of_lang))
    vectors = _encode(model, exemplars, progress)
    smooth = model.name != "fitted"
    clusterer, remarks = group(
        vectors, exemplars.column("size").to_numpy(), settings, smooth=smooth
    )
    centres = group_centres(vectors, clusterer.labels_, len(clusterer.persistence_))
    nearest, scores = nearest_centre(vectors, centres)
    ids = _narrative_ids(exemplars.column("point_id").to_pylist(), clusterer.labels_)
    notes += [f"{named_language(lang)}: {remark}" for remark in (*remarks, *notes_of(model))]
    return Found(
        lang, model, exemplars, vectors, clusterer.labels_, clusterer.membership_, nearest, scores,
        clusterer.persistence_, centres, ids, (*notes, *_outcome_notes(lang, vectors, ids)),
    )  # fmt: skip


def _embedder(
    name: str, lang: str, exemplars: int, seed: int, made: dict[str, Embedder]
) -> tuple[Embedder, list[str]]:
    """Return the embedder for a language; a model that is loaded already is used again."""
    choice = embedder_for(name, lang, seed=seed)
    if name == "auto" and choice.embedder.name != "fitted" and exemplars > MODEL_EXEMPLARS:
        note = (
            f"{exemplars:,} talking points in {lang!r} are more than {MODEL_EXEMPLARS:,}: grouped"
            f" by the fitted embedder, not by {choice.embedder.name}"
        )
        return embedder_for("fitted", lang, seed=seed).embedder, [note]
    notes = [choice.note] if choice.note else []
    if choice.embedder.name == "fitted":
        return choice.embedder, notes
    return made.setdefault(choice.embedder.name, choice.embedder), notes


def _text_of(model: Embedder, points: pa.Table) -> pa.ChunkedArray:
    return points.column("text" if model.reads == "raw" else "text_norm")


def _fitted_on(model: Embedder, points: pa.Table) -> Embedder:
    """Let the embedder learn from all points of the language, not from the exemplars alone."""
    return model.fit(_text_of(model, points).to_pylist())


def _encode(model: Embedder, points: pa.Table, progress: Progress) -> Matrix:
    texts = _text_of(model, points).to_pylist()
    parts = []
    for start in range(0, len(texts), ENCODE_STEP):
        parts.append(model.encode(texts[start : start + ENCODE_STEP]))
        progress.advance(len(parts[-1]))
    return np.concatenate(parts)


def _narrative_ids(point_ids: list[str], labels: Labels) -> list[str]:
    members: dict[int, list[str]] = {}
    for point_id, label in zip(point_ids, labels.tolist(), strict=True):
        members.setdefault(label, []).append(point_id)
    return [
        content_id("narrative", *sorted(members[label])) for label in sorted(members) if label >= 0
    ]


def _outcome_notes(lang: str, vectors: Matrix, narrative_ids: list[str]) -> list[str]:
    notes = []
    empty = int((~vectors.any(axis=1)).sum())
    if empty:
        notes.append(f"{empty:,} talking points in {lang!r} hold no words to compare: left outside")
    if not narrative_ids:
        notes.append(
            f"no narratives in {lang!r}: none of its {len(vectors):,} talking points stand closer"
            " together than the rest; each is shown by itself"
        )
    if lang == "und" and narrative_ids:
        notes.append("texts of unknown language were grouped among themselves, by shared wording")
    return notes


def _join_at(settings: Narratives, embedder: Embedder) -> float:
    if settings.join_threshold is not None:
        return settings.join_threshold
    return JOIN_FITTED if embedder.name == "fitted" else JOIN_MODEL


def _exemplar_rows(groups: Found, settings: Narratives) -> pa.Table:
    """Clustered exemplars, and those outside that are near enough to join."""
    dense = groups.labels >= 0
    joined = ~dense & (groups.nearest >= 0) & (groups.scores >= _join_at(settings, groups.embedder))
    label = np.where(dense, groups.labels, np.where(joined, groups.nearest, -1))
    nearest = np.where(dense, groups.labels, groups.nearest)
    return pa.table(
        {
            "point_id": groups.exemplars.column("point_id"),
            "narrative_id": _ids(groups.narrative_ids, label),
            "membership": _rounded(np.where(dense, groups.membership, joined * groups.scores)),
            "assigned_by": _how(dense, joined),
            "nearest_id": _ids(groups.narrative_ids, nearest),
            "nearest_score": pa.array(_own_scores(groups, nearest), mask=nearest < 0),
        }
    )


def _own_scores(groups: Found, nearest: Labels) -> np.ndarray:
    """Cosine to the narrative named in `nearest_id`: for a member, its own."""
    if not groups.narrative_ids:
        return np.zeros(len(nearest), dtype=np.float32)
    wide = groups.vectors.astype(np.float64)
    own = np.einsum("ij,ij->i", wide, groups.centres[nearest].astype(np.float64))
    rounded: np.ndarray = np.round(own, 6).astype(np.float32)
    return rounded


def _rounded(values: np.ndarray) -> pa.Array:
    return pa.array(np.round(values, 6).astype(np.float32))


def _how(dense: np.ndarray, joined: np.ndarray) -> pa.Array:
    return pa.array(np.select([dense, joined], ["density", "nearest"], "outside").tolist())


def _ids(narrative_ids: list[str], labels: Labels) -> pa.Array:
    return pa.array([narrative_ids[at] if at >= 0 else None for at in labels.tolist()], pa.string())


def _others(
    engine: Engine[FrameT], groups: Found, chosen: Exemplars, settings: Narratives, seed: int
) -> tuple[pa.Table, str | None]:
    """The points that did not shape the narratives: each with the nearest one, joined or not."""
    of_lang = pc.equal(chosen.points.column("lang"), groups.lang)
    rest = chosen.points.filter(pc.and_(of_lang, pa.array(~chosen.chosen)))
    if rest.num_rows == 0 or not groups.narrative_ids:
        return _outside(rest.column("point_id")), None
    model, vectors = _joining_space(groups, chosen.points.filter(of_lang), rest.num_rows, seed)
    centres = group_centres(vectors, groups.labels, len(groups.narrative_ids))
    kernel = nearest_narratives(model, groups.narrative_ids, centres)
    frame = pa.table({"point_id": rest.column("point_id"), "text": _text_of(model, rest)})
    nearest = engine.collect(engine.map(engine.scan(frame), kernel))
    note = (
        f"{rest.num_rows:,} further talking points in {named_language(groups.lang)} were joined by"
        f" the fitted embedder: {groups.embedder.name} is too slow for so many"
    )
    rows = _joined_rows(nearest, _join_at(settings, model))
    return rows, note if model is not groups.embedder else None


def _joining_space(
    groups: Found, points: pa.Table, others: int, seed: int
) -> tuple[Embedder, Matrix]:
    """The clustering's own space; for many others a fitted one, which is fast enough for them."""
    if groups.embedder.name == "fitted" or others <= MODEL_OTHERS:
        return groups.embedder, groups.vectors
    model = _fitted_on(embedder_for("fitted", groups.lang, seed=seed).embedder, points)
    return model, model.encode(_text_of(model, groups.exemplars).to_pylist())


def _joined_rows(nearest: pa.Table, join_at: float) -> pa.Table:
    score = nearest.column("nearest_score")
    joins = pc.fill_null(pc.greater_equal(score, pa.scalar(join_at, pa.float32())), False)
    return pa.table(
        {
            "point_id": nearest.column("point_id"),
            "narrative_id": pc.if_else(joins, nearest.column("nearest_id"), pa.scalar(None, "str")),
            "membership": pc.if_else(joins, score, pa.scalar(0, pa.float32())),
            "assigned_by": pc.if_else(joins, "nearest", "outside"),
            "nearest_id": nearest.column("nearest_id"),
            "nearest_score": score,
        }
    )


def _outside(point_ids: pa.ChunkedArray) -> pa.Table:
    count = len(point_ids)
    nothing = pa.nulls(count, pa.string())
    return pa.table(
        {
            "point_id": point_ids,
            "narrative_id": nothing,
            "membership": pa.array(np.zeros(count, dtype=np.float32)),
            "assigned_by": pa.array(["outside"] * count, pa.string()),
            "nearest_id": nothing,
            "nearest_score": pa.nulls(count, pa.float32()),
        }
    )


def _with_outsiders(parts: list[pa.Table], talking_points: pa.Table) -> pa.Table:
    """All points once, by id: those of languages that were too small stand outside."""
    known = pa.concat_tables([conform(part, NARRATIVE_POINTS) for part in parts] or
                             [NARRATIVE_POINTS.empty()])  # fmt: skip
    everyone = talking_points.column("point_id")
    missing = everyone.filter(pc.invert(pc.is_in(everyone, value_set=known.column("point_id"))))
    whole = pa.concat_tables([known, conform(_outside(missing), NARRATIVE_POINTS)])
    return whole.sort_by("point_id").combine_chunks()


def _identity(embedder: Embedder) -> dict[str, str]:
    return {
        "name": embedder.name, "digest": embedder.digest, "dimension": str(embedder.dimension)
    }  # fmt: skip


def _vector_table(found: list[Found]) -> pa.Table:
    """Exemplars that have a vector; embedder, digest and dimension by language in the metadata."""
    parts = [VECTORS.empty()]
    for groups in found:
        has = groups.vectors.any(axis=1)
        ids = groups.exemplars.column("exemplar_id").filter(pa.array(has))
        parts.append(
            conform(pa.table({"post_id": ids, "vector": _lists(groups.vectors[has])}), VECTORS)
        )
    table = pa.concat_tables(parts).sort_by("post_id")
    about = {groups.lang: _identity(groups.embedder) for groups in found}
    return table.replace_schema_metadata({"embedders": json.dumps(about, sort_keys=True)})


def _lists(rows: Matrix) -> pa.Array:
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.ravel(), pa.float32()))


def _medoids(groups: Found) -> list[int]:
    """Row of the member nearest to each narrative's centre, ties by point id."""
    own = np.round(_own_scores(groups, np.maximum(groups.labels, 0)).astype(np.float64), 5)
    best = np.where(groups.labels >= 0, own, -2)
    order = np.lexsort((np.arange(len(best)), -best, groups.labels))
    labels = groups.labels[order]
    first = np.flatnonzero(np.diff(labels, prepend=-1) > 0)
    return [int(row) for row in order[first]]


def _narrative_table(
    found: list[Found],
    assigned: pa.Table,
    posts: pa.Table,
    point_posts: pa.Table,
    points: pa.Table,
) -> pa.Table:
    rows: list[dict[str, Any]] = []
    for groups in found:
        for label, row in enumerate(_medoids(groups)):
            rows.append(
                {
                    "narrative_id": groups.narrative_ids[label],
                    "lang": groups.lang,
                    "medoid_post_id": groups.exemplars.column("exemplar_id")[row].as_py(),
                    "quote": groups.exemplars.column("text")[row].as_py(),
                    "persistence": float(groups.persistence[label]),
                    "embedder": groups.embedder.name,
                }
            )
    named = name_narratives(rows, assigned, posts, point_posts, points)
    return conform(pa.Table.from_pylist(named, NARRATIVES.schema), NARRATIVES).sort_by(
        "narrative_id"
    )
