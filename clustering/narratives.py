"""Which talking points tell the same story, and which tell one of their own?

In: posts, their matching forms, and their talking points. Out: narratives with names and quotes,
for every talking point the narrative it belongs to or the nearest one with its score, and the
vectors that were compared. One exemplar a point, per language: vectors -> density tree ->
narratives; then what lies within a narrative's reach joins it, marked as such, and the rest stays
outside. It never forces a point in, never mixes languages, and says in `notes` what it left out and
why; `facts` record what was tried and how much is covered.

Ids are hashes of the clustered members: the same input gives the same ids in any row order.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.coverage import facts_of
from clustering.density import Labels, Matrix
from clustering.exemplars import (
    Exemplars,
    choose_exemplars,
    describe_points,
    learned_from,
    named_language,
)
from clustering.grouping import group
from clustering.joining import narratives_within_reach
from clustering.naming import Told
from clustering.narrative_tables import (
    Found,
    content_ids,
    identity,
    narrative_table,
    own_scores,
    part_ids,
    sub_narrative_table,
    vector_table,
)
from clustering.sub_narratives import parts_of
from clustering.widening import Reach, fixed_reach, no_reach, reach_of
from corpus.progress import Progress
from corpus.settings import Narratives
from corpus.tables import NARRATIVE_POINTS, SUB_NARRATIVES, conform
from engines.engine import Engine
from nlp.embed import Embedder, embedder_for, notes_of

LOG = logging.getLogger(__name__)
FrameT = TypeVar("FrameT")

# A sentence model encodes 150 to 1,100 posts a second on two cores: above these numbers the fitted
# embedder takes over, so that a run stays in minutes. On 40,000 real talking points it also covered
# more (.56 of posts against .50).
MODEL_EXEMPLARS = 30_000
MODEL_OTHERS = 2_000
# Cosine at which a point that was added later joins: on 10,000 posts, half of labelled sets, these
# cost .00 to .03 AMI; a fitted space is crowded and needs the higher one.
JOIN_MODEL = 0.6
JOIN_FITTED = 0.7
# How much nearer than to the second narrative what did not shape any must be, at least. Of 15,000
# texts said once .05 / .075 / .1 took in 37 / 28 / 22 %, 6 / 4 / 2 % into the largest narrative.
OTHERS_MARGIN = 0.075
# Texts between two advances of the progress.
ENCODE_STEP = 5_000


@dataclass(frozen=True)
class NarrativeTables:
    """The tables, remarks for the reader, which embedder served which language, and facts: what
    was tried for each language, coverage over all posts and repeated points, language leak."""

    vectors: pa.Table
    narrative_points: pa.Table
    narratives: pa.Table
    notes: tuple[str, ...] = ()
    embedders: dict[str, dict[str, str]] = field(default_factory=dict)
    sub_narratives: pa.Table = field(default_factory=SUB_NARRATIVES.empty)
    facts: dict[str, Any] = field(default_factory=dict)


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
    point_classes: pa.Table | None = None,
) -> NarrativeTables:
    """Group talking points into narratives.

    `point_classes` (POINT_CLASSES) marks narratives made of application templates.

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
        parts += [_exemplar_rows(groups), others]
    assigned = _with_outsiders(parts, talking_points)
    facts, remarks = facts_of(chosen.points, assigned)
    tried = {groups.lang: [step.as_fact() for step in groups.grouping.steps] for groups in found}
    told = Told(posts, point_posts, chosen.points, point_classes)
    return NarrativeTables(
        vectors=vector_table(found),
        narrative_points=assigned,
        narratives=narrative_table(found, assigned, told),
        notes=(*notes, *remarks),
        embedders={groups.lang: identity(groups.embedder) for groups in found},
        sub_narratives=sub_narrative_table(found, assigned, told),
        facts={**facts, "tried": tried},
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
    grouping = group(vectors, exemplars.column("size").to_numpy(), settings)
    parts = parts_of(grouping.clusterer.detail_labels_, grouping.clusterer.detail_parent_)
    ids = content_ids("narrative", exemplars.column("point_id").to_pylist(), grouping.dense)
    remarks = (*grouping.remarks, *notes_of(model))
    notes += [f"{named_language(lang)}: {remark}" for remark in remarks]
    notes += _outcome_notes(lang, vectors, ids)
    return Found(lang, model, exemplars, vectors, grouping, parts, ids, tuple(notes))


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
    """Let the embedder learn from the points of the language that say most about it."""
    return model.fit(_text_of(model, learned_from(points)).to_pylist())


def _encode(model: Embedder, points: pa.Table, progress: Progress) -> Matrix:
    texts = _text_of(model, points).to_pylist()
    parts = []
    for start in range(0, len(texts), ENCODE_STEP):
        parts.append(model.encode(texts[start : start + ENCODE_STEP]))
        progress.advance(len(parts[-1]))
    found = np.concatenate(parts)
    # Texts that are links and signs alone have no words: without any weight all stay outside.
    return found if found.shape[1] else np.zeros((len(found), 1), dtype=found.dtype)


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


def _exemplar_rows(groups: Found) -> pa.Table:
    """Clustered exemplars, and those outside that joined."""
    dense, label = groups.labels >= 0, groups.grouping.labels
    joined = ~dense & (label >= 0)
    scores = groups.grouping.found.score
    nearest = np.where(dense, groups.labels, groups.grouping.found.group)
    firmness = np.where(dense, groups.grouping.clusterer.membership_, joined * scores)
    return pa.table(
        {
            "point_id": groups.exemplars.column("point_id"),
            "narrative_id": _ids(groups.narrative_ids, label),
            "membership": _rounded(firmness),
            "assigned_by": _how(dense, joined),
            "nearest_id": _ids(groups.narrative_ids, nearest),
            "nearest_score": pa.array(own_scores(groups, nearest), mask=nearest < 0),
            "sub_narrative_id": _ids(part_ids(groups), groups.parts),
        }
    )


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
    reach = _reach(groups, vectors, settings)
    kernel = narratives_within_reach(model, groups.narrative_ids, reach)
    frame = pa.table({"point_id": rest.column("point_id"), "text": _text_of(model, rest)})
    nearest = engine.collect(engine.map(engine.scan(frame), kernel))
    note = (
        f"{rest.num_rows:,} further talking points in {named_language(groups.lang)} were joined by"
        f" the fitted embedder: {groups.embedder.name} is too slow for so many"
    )
    return _joined_rows(nearest), note if model is not groups.embedder else None


def _reach(groups: Found, vectors: Matrix, settings: Narratives) -> Reach:
    """How far the narratives reach in the space in which the others are compared with them."""
    own = groups.grouping.reach
    stated = settings.join_threshold is not None or not settings.widen
    margin = own.margin if stated else max(own.margin, OTHERS_MARGIN)
    if vectors is groups.vectors:
        return replace(own, margin=margin)
    count = len(groups.narrative_ids)
    if settings.join_threshold is not None:
        return fixed_reach(vectors, groups.labels, count, settings.join_threshold)
    if settings.widen:
        return reach_of(vectors, groups.labels, count, margin)
    return no_reach(vectors, groups.labels, count)


def _joining_space(
    groups: Found, points: pa.Table, others: int, seed: int
) -> tuple[Embedder, Matrix]:
    """The clustering's own space; for many others a fitted one, which is fast enough for them."""
    if groups.embedder.name == "fitted" or others <= MODEL_OTHERS:
        return groups.embedder, groups.vectors
    model = _fitted_on(embedder_for("fitted", groups.lang, seed=seed).embedder, points)
    return model, model.encode(_text_of(model, groups.exemplars).to_pylist())


def _joined_rows(nearest: pa.Table) -> pa.Table:
    score, joins = nearest.column("nearest_score"), nearest.column("joins")
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
