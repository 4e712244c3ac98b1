"""Which narrative does a talking point join that came after the narratives were found?

In: the case as it was when its narratives were found (`model_of`), and the points of now. Out: the
tables narrative_points and narratives. Narratives keep their ids, names and quotes; their counts
are those of now. A point that holds an earlier one keeps that one's narrative; where several were
joined into one, the firmest assignment counts, then the largest. A new point joins the nearest
narrative of its language at the same cosine, in the same space, as the points that did not shape
the narratives; the others are `waiting` until narratives are sought again over everything.

A fitted space knows nothing of words that came later: a text that is mostly new to it waits.

It refuses to compare across models: where the embedder of a language is not there any more, or is
another one, its new points wait and a note says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.density import Matrix, group_centres
from clustering.exemplars import describe_points, learned_from, named_language
from clustering.joining import NEAREST, nearest_narratives
from clustering.naming import Told, name_narratives
from clustering.narratives import JOIN_FITTED, JOIN_MODEL, MODEL_OTHERS
from corpus.errors import PluginError
from corpus.settings import Narratives
from corpus.tables import NARRATIVE_POINTS, NARRATIVES, conform
from engines.engine import Engine
from nlp.embed import Embedder, embedder_for
from nlp.shingles import shingles

DENSITY, NEAR, OUTSIDE, WAITING = "density", "nearest", "outside", "waiting"
# Of several points that became one, the assignment that counts.
FIRMEST = (DENSITY, NEAR, OUTSIDE, WAITING)
# A fitted space sees of a text only what its corpus held, and every vector has length 1: the little
# that it knows of a stranger's text may point straight at a narrative. Less than half is too few.
KNOWN_SHARE = 0.5


@dataclass(frozen=True)
class NarrativeModel:
    """What later points are compared with.

    `basis`: lang, size, text, text_norm and narrative_id (null unless it was clustered) of every
    point there was. `centres`: narrative_id, lang, embedder, digest and centre (a unit vector).
    """

    basis: pa.Table
    centres: pa.Table


@dataclass(frozen=True)
class Later:
    """The narratives of now, and remarks on what could not be compared."""

    narrative_points: pa.Table
    narratives: pa.Table
    notes: tuple[str, ...]

    @property
    def waiting(self) -> int:
        """How many points wait."""
        assigned = self.narrative_points.column("assigned_by")
        return pc.sum(pc.equal(assigned, WAITING)).as_py() or 0


def model_of(
    tables: Mapping[str, pa.Table], embedders: Mapping[str, Mapping[str, str]]
) -> NarrativeModel:
    """Return the model of a case whose narratives were just found.

    `embedders` has name and digest of the embedder of each language.
    """
    points = describe_points(tables["posts"], tables["texts"], tables["talking_points"])
    assigned = tables["narrative_points"]
    dense = assigned.filter(pc.equal(assigned.column("assigned_by"), DENSITY))
    places = pc.index_in(points.column("point_id"), value_set=dense.column("point_id"))
    points = points.append_column("narrative_id", dense.column("narrative_id").take(places))
    rows = [
        {"narrative_id": name, "lang": lang, "centre": centre,
         "embedder": embedders[lang]["name"], "digest": embedders[lang]["digest"]}
        for lang in sorted(embedders)
        for name, centre in _centres(lang, points, tables["vectors"])
    ]  # fmt: skip
    basis = points.select(["lang", "size", "text", "text_norm", "narrative_id"])
    return NarrativeModel(basis, pa.Table.from_pylist(rows, _CENTRES))


_CENTRES = pa.schema(
    [
        ("narrative_id", pa.string()),
        ("lang", pa.string()),
        ("embedder", pa.string()),
        ("digest", pa.string()),
        ("centre", pa.list_(pa.float32())),
    ]
)


def _centres(lang: str, points: pa.Table, vectors: pa.Table) -> Iterator[tuple[str, list[float]]]:
    """Each narrative of a language with the unit mean of its clustered points."""
    chosen = pc.and_(
        pc.equal(points.column("lang"), lang), pc.is_valid(points.column("narrative_id"))
    )
    dense = points.filter(chosen)
    if not dense.num_rows:
        return
    places = pc.index_in(dense.column("exemplar_id"), value_set=vectors.column("post_id"))
    rows = np.stack(vectors.column("vector").take(places).to_numpy(zero_copy_only=False))
    names, labels = _numbered(dense.column("narrative_id"))
    yield from zip(names, group_centres(rows, labels, len(names)).tolist(), strict=True)


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int64]]]:
    names, labels = np.unique(np.array(column.to_pylist(), dtype=object), return_inverse=True)
    return names.tolist(), labels.astype(np.int64)


def join_later(
    engine: Engine[Any],
    model: NarrativeModel | None,
    before: Mapping[str, pa.Table],
    now: Mapping[str, pa.Table],
    *,
    settings: Narratives,
    seed: int,
) -> Later:
    """Assign the points of `now`, whose narratives are those of `before`.

    Both hold point_posts and talking_points; `before` also narrative_points and narratives, with
    the post ids of now; `now` also posts and texts. Without a model all new points wait.
    """
    kept = _kept(before, now["point_posts"])
    points = describe_points(now["posts"], now["texts"], now["talking_points"])
    new = points.filter(_not_in(points.column("point_id"), kept.column("point_id")))
    joined, notes = _assigned(engine, model, new, settings, seed)
    assigned = pa.concat_tables([kept, joined])
    held = pc.is_in(
        before["narratives"].column("narrative_id"), value_set=assigned.column("narrative_id")
    )
    narratives = before["narratives"].filter(held)
    assigned = _known_narratives(assigned, narratives).sort_by("point_id").combine_chunks()
    counted = _counted(narratives, assigned, now, points)
    return Later(conform(assigned, NARRATIVE_POINTS), counted, notes)


def vectors_now(vectors: pa.Table, now: Mapping[str, pa.Table]) -> pa.Table:
    """Return the vectors under the posts that stand for their points now, one for each point.

    Where an earlier post took over, or points became one, the exemplar's own vector counts, else
    that of the smallest post id. Later points have none: the embedder of then is not kept.
    """
    members, points = now["point_posts"], now["talking_points"]
    posts = vectors.column("post_id")
    row = pc.index_in(posts, value_set=members.column("post_id"))
    point = members.column("point_id").take(row)
    row = pc.index_in(point, value_set=points.column("point_id"))
    exemplar = points.column("exemplar_id").take(row)
    order = pa.table(
        {"exemplar": exemplar, "other": pc.not_equal(exemplar, posts), "post_id": posts}
    )
    places = pc.sort_indices(order, sort_keys=[(n, "ascending") for n in order.column_names])
    ids = exemplar.take(places).to_numpy(zero_copy_only=False)
    first = np.ones(len(ids), dtype=bool)
    first[1:] = ids[1:] != ids[:-1]
    best = places.filter(pa.array(first))
    return vectors.take(best).set_column(0, "post_id", exemplar.take(best))


def _not_in(values: pa.ChunkedArray, others: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(values, value_set=others))


def _kept(before: Mapping[str, pa.Table], point_posts: pa.Table) -> pa.Table:
    """The rows of narrative_points that points of now inherit from the earlier ones they hold."""
    earlier = before["point_posts"]
    places = pc.index_in(earlier.column("post_id"), value_set=point_posts.column("post_id"))
    held = pa.table(
        {
            "point_id": point_posts.column("point_id").take(places),
            "earlier": earlier.column("point_id"),
        }
    ).drop_null()
    held = held.group_by(["point_id", "earlier"]).aggregate([])
    points, assigned = before["talking_points"], before["narrative_points"]
    row = pc.index_in(held.column("earlier"), value_set=points.column("point_id"))
    size = pc.add(points.column("posts"), points.column("reposts")).take(row)
    row = pc.index_in(held.column("earlier"), value_set=assigned.column("point_id"))
    rows = assigned.drop_columns("point_id").take(row)
    rank = pc.index_in(rows.column("assigned_by"), value_set=pa.array(FIRMEST))
    order = pa.table(
        [held.column("point_id"), rank, pc.negate(size), held.column("earlier")],
        names=["point_id", "rank", "size", "earlier"],
    )
    places = pc.sort_indices(order, sort_keys=[(n, "ascending") for n in order.column_names])
    ids = order.column("point_id").take(places).to_numpy(zero_copy_only=False)
    first = np.ones(len(ids), dtype=bool)
    first[1:] = ids[1:] != ids[:-1]
    best = places.filter(pa.array(first))
    rows = rows.take(best).add_column(0, "point_id", held.column("point_id").take(best))
    return conform(rows, NARRATIVE_POINTS)


def _assigned(
    engine: Engine[Any],
    model: NarrativeModel | None,
    new: pa.Table,
    settings: Narratives,
    seed: int,
) -> tuple[pa.Table, tuple[str, ...]]:
    """Rows of narrative_points for new points, and remarks."""
    if model is None:
        note = "the model of this case's narratives is gone from its work folder"
        return _waiting(new.column("point_id")), (note,) if new.num_rows else ()
    parts, notes = [NARRATIVE_POINTS.empty()], []
    for lang in sorted(pc.unique(new.column("lang")).to_pylist()):
        points = new.filter(pc.equal(new.column("lang"), lang))
        rows, remark = _assigned_in(engine, lang, model, points, settings=settings, seed=seed)
        parts.append(rows)
        notes += [remark] if remark else []
    return pa.concat_tables(parts), tuple(notes)


def _assigned_in(
    engine: Engine[Any],
    lang: str,
    model: NarrativeModel,
    points: pa.Table,
    *,
    settings: Narratives,
    seed: int,
) -> tuple[pa.Table, str | None]:
    centres = model.centres.filter(pc.equal(model.centres.column("lang"), lang))
    if not centres.num_rows:
        return _waiting(points.column("point_id")), None
    everything = model.basis.filter(pc.equal(model.basis.column("lang"), lang))
    basis = learned_from(everything)
    try:
        space = _space(lang, basis, centres, points.num_rows, seed)
    except PluginError as error:
        return _waiting(points.column("point_id")), f"{named_language(lang)}: {error}"
    if space is None:
        name = centres.column("embedder")[0].as_py()
        return _waiting(points.column("point_id")), (
            f"new talking points in {named_language(lang)} cannot be compared: the embedder"
            f" {name!r} is not the one that grouped the case"
        )
    embedder, rows, ids = space
    frame = pa.table({"point_id": points.column("point_id"), "text": _read_by(embedder, points)})
    kernel = nearest_narratives(embedder, ids, rows)
    nearest = engine.collect(engine.map(engine.scan(frame), kernel))
    if embedder.name == "fitted":
        nearest = _without_strangers(nearest, points, basis)
    return _joined_or_waiting(nearest, _join_at(settings, embedder)), None


def _without_strangers(nearest: pa.Table, points: pa.Table, basis: pa.Table) -> pa.Table:
    """Take the nearest narrative off texts that the fitted space knows too little of."""
    held = Counter(
        piece for text in basis.column("text_norm").to_pylist() for piece in _pieces(text)
    )
    places = pc.index_in(nearest.column("point_id"), value_set=points.column("point_id"))
    known = [
        _known_share(text, held) >= KNOWN_SHARE
        for text in points.column("text_norm").take(places).to_pylist()
    ]
    columns = [nearest.column("point_id")]
    for name in ("nearest_id", "nearest_score"):
        values = nearest.column(name)
        columns.append(pc.if_else(pa.array(known), values, pa.scalar(None, values.type)))
    return pa.Table.from_arrays(columns, schema=NEAREST)


def _pieces(text: str) -> set[str]:
    return set(shingles(text, "char-4"))


def _known_share(text: str, held: Counter[str]) -> float:
    """Share of a text's pieces that at least two texts of the basis have."""
    pieces = _pieces(text)
    return sum(held[piece] > 1 for piece in pieces) / max(len(pieces), 1)


def _space(
    lang: str, basis: pa.Table, centres: pa.Table, new: int, seed: int
) -> tuple[Embedder, Matrix, list[str]] | None:
    """The space that the narratives were found in; a fitted one where that is too slow."""
    name, digest = centres.column("embedder")[0].as_py(), centres.column("digest")[0].as_py()
    if name == "fitted" or new > MODEL_OTHERS:
        space = _fitted_space(lang, basis, seed)
        return space if name != "fitted" or space[0].digest == digest else None
    embedder = embedder_for(name, lang, seed=seed).embedder
    embedder = embedder.fit(_read_by(embedder, basis).to_pylist())
    if embedder.digest != digest:
        return None
    rows = np.stack(centres.column("centre").to_numpy(zero_copy_only=False))
    return embedder, rows.astype(np.float32), centres.column("narrative_id").to_pylist()


def _fitted_space(lang: str, basis: pa.Table, seed: int) -> tuple[Embedder, Matrix, list[str]]:
    """Fit on the texts of then; centres are taken anew, since another machine may turn the axes."""
    embedder = embedder_for("fitted", lang, seed=seed).embedder
    embedder = embedder.fit(_read_by(embedder, basis).to_pylist())
    dense = basis.filter(pc.is_valid(basis.column("narrative_id")))
    names, labels = _numbered(dense.column("narrative_id"))
    rows = embedder.encode(_read_by(embedder, dense).to_pylist())
    return embedder, group_centres(rows, labels, len(names)), names


def _read_by(embedder: Embedder, points: pa.Table) -> pa.ChunkedArray:
    return points.column("text" if embedder.reads == "raw" else "text_norm")


def _join_at(settings: Narratives, embedder: Embedder) -> float:
    if settings.join_threshold is not None:
        return settings.join_threshold
    return JOIN_FITTED if embedder.name == "fitted" else JOIN_MODEL


def _joined_or_waiting(nearest: pa.Table, join_at: float) -> pa.Table:
    score = nearest.column("nearest_score")
    joins = pc.fill_null(pc.greater_equal(score, pa.scalar(join_at, pa.float32())), False)
    none = pa.scalar(None, pa.string())
    rows = pa.table(
        {
            "point_id": nearest.column("point_id"),
            "narrative_id": pc.if_else(joins, nearest.column("nearest_id"), none),
            "membership": pc.if_else(joins, score, pa.scalar(0, pa.float32())),
            "assigned_by": pc.if_else(joins, NEAR, WAITING),
            "nearest_id": nearest.column("nearest_id"),
            "nearest_score": score,
        }
    )
    return conform(rows, NARRATIVE_POINTS)


def _waiting(point_ids: pa.ChunkedArray) -> pa.Table:
    none = pa.nulls(len(point_ids), pa.string())
    columns = [point_ids, none, pa.nulls(len(point_ids), pa.float32())]
    return _joined_or_waiting(pa.Table.from_arrays(columns, schema=NEAREST), 1.0)


def _known_narratives(assigned: pa.Table, narratives: pa.Table) -> pa.Table:
    """Take out the nearest narrative of a point where all of that one's points joined another."""
    known = pc.is_in(assigned.column("nearest_id"), value_set=narratives.column("narrative_id"))
    for name, kind in (("nearest_id", pa.string()), ("nearest_score", pa.float32())):
        values = pc.if_else(known, assigned.column(name), pa.scalar(None, kind))
        assigned = assigned.set_column(assigned.column_names.index(name), name, values)
    return assigned


def _counted(
    narratives: pa.Table, assigned: pa.Table, now: Mapping[str, pa.Table], points: pa.Table
) -> pa.Table:
    """The narratives with the counts of now; names stay, and a quote is what its post says."""
    rows = narratives.to_pylist()
    ids = narratives.column("medoid_post_id")
    places = pc.index_in(ids, value_set=now["posts"].column("post_id"))
    quotes = now["posts"].column("text").take(places).to_pylist()
    names = [{"label": row["label"], "terms": row["terms"]} for row in rows]
    counted = name_narratives(rows, assigned, Told(now["posts"], now["point_posts"], points))
    found = [
        {**row, **name, "quote": quote}
        for row, name, quote in zip(counted, names, quotes, strict=True)
    ]
    return conform(pa.Table.from_pylist(found, NARRATIVES.schema), NARRATIVES)
