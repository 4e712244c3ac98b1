"""Which talking points say the same in other words?

In: talking points, the matching forms of their exemplars, and the exemplars' vectors. Out: the
table paraphrases: pairs of talking points with the likeness of their wording, the cosine of their
vectors, and the fused score (`clustering.fusion`) that decides. It merges nothing: families stay
what exact Jaccard made them, and a link is shown beside them with its scores.

Candidates are the nearest neighbours by vector and by rare pieces of wording, within one language;
a pair is linked when its score reaches the threshold, when more than hashtags is alike, and when
each is among the best matches of the other, so a point never has more links than MAX_LINKS.
Exemplars without a vector are in no pair: they have no words, or were said once in a corpus where
repeated talking points alone were encoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.density import Labels, Matrix, nearest_neighbours
from clustering.fusion import (
    COMPANY,
    Floats,
    cosines,
    fusion_for,
    pair_features,
    share_more_than_tags,
)
from clustering.lexical_search import LexicalSearch
from corpus.progress import Progress, Silent
from corpus.settings import Paraphrases
from corpus.tables import PARAPHRASES
from nlp.similarity import NAMES, Wording, compare

# Matches looked at for each point, by vector and by wording, and links that it may keep. A reader
# looks at few; a dense group of n points would otherwise have n * n / 2 links.
MAX_LINKS = 10
GRAMS = NAMES.index("grams")


@dataclass(frozen=True)
class ParaphraseTables:
    """The table paraphrases, and what a reader must know about it."""

    paraphrases: pa.Table
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Space:
    """The points of one language whose vectors compare, by point id."""

    lang: str
    embedder: str
    digest: str
    point_ids: list[str]
    texts: list[str]
    vectors: Matrix


def find_paraphrases(
    *,
    texts: pa.Table,
    talking_points: pa.Table,
    vectors: pa.Table,
    settings: Paraphrases | None = None,
    progress: Progress | None = None,
) -> ParaphraseTables:
    """Link talking points that say the same in other words.

    Parameters
    ----------
    texts, talking_points
        Tables of the case.
    vectors
        The table vectors with its schema metadata (embedder by language).
    settings
        Threshold of the fused score, and how many points of a language are compared.
    progress
        Told of every point.
    """
    settings, progress = settings or Paraphrases(), progress or Silent()
    progress.stage("paraphrases", vectors.num_rows)
    parts, notes = [PARAPHRASES.empty()], []
    for space in spaces(texts, talking_points, vectors, settings.max_points):
        parts.append(_linked(space, settings.threshold))
        progress.advance(len(space.point_ids))
    compared = _compared(texts, talking_points, vectors, settings.max_points)
    if compared < vectors.num_rows:
        notes.append(
            f"paraphrases were looked for among {compared:,} of {vectors.num_rows:,} talking"
            " points, those with most posts (setting paraphrases.max_points)"
        )
    table = pa.concat_tables(parts).sort_by([("point_a", "ascending"), ("point_b", "ascending")])
    return ParaphraseTables(table, tuple(notes))


def embedders_of(vectors: pa.Table) -> dict[str, dict[str, str]]:
    """Return name, digest and dimension of the embedder of each language of a table of vectors."""
    about = (vectors.schema.metadata or {}).get(b"embedders", b"{}")
    known: dict[str, dict[str, str]] = json.loads(about)
    return known


def spaces(
    texts: pa.Table, talking_points: pa.Table, vectors: pa.Table, max_points: int
) -> Iterator[Space]:
    """Yield the points with vectors of each language, at most those with most posts."""
    points = _points_with_vectors(texts, talking_points, vectors)
    for lang, about in sorted(embedders_of(vectors).items()):
        mine = points.filter(pc.equal(points.column("lang"), lang))
        mine = mine.sort_by([("size", "descending"), ("point_id", "ascending")])[:max_points]
        mine = mine.sort_by("point_id").combine_chunks()
        if mine.num_rows:
            rows = vectors.column("vector").take(mine.column("row")).combine_chunks()
            flat = rows.flatten().to_numpy(zero_copy_only=False)
            yield Space(
                lang,
                about["name"],
                about["digest"],
                mine.column("point_id").to_pylist(),
                mine.column("text_norm").to_pylist(),
                flat.reshape(mine.num_rows, -1).astype(np.float32),
            )


def _points_with_vectors(texts: pa.Table, talking_points: pa.Table, vectors: pa.Table) -> pa.Table:
    exemplar = talking_points.column("exemplar_id")
    in_texts = pc.index_in(exemplar, value_set=texts.column("post_id"))
    points = pa.table(
        {
            "point_id": talking_points.column("point_id"),
            "size": pc.add(talking_points.column("posts"), talking_points.column("reposts")),
            "lang": texts.column("lang").take(in_texts),
            "text_norm": texts.column("text_norm").take(in_texts),
            "row": pc.index_in(exemplar, value_set=vectors.column("post_id")),
        }
    )
    return points.filter(pc.is_valid(points.column("row")))


def _compared(texts: pa.Table, talking_points: pa.Table, vectors: pa.Table, max_points: int) -> int:
    langs = _points_with_vectors(texts, talking_points, vectors).column("lang")
    counts = pc.value_counts(langs).to_pylist()
    return sum(min(entry["counts"], max_points) for entry in counts)


def _linked(space: Space, threshold: float) -> pa.Table:
    if len(space.point_ids) < 2:
        return PARAPHRASES.empty()
    wording = Wording(space.texts)
    near, company = _neighbours(space.vectors)
    a, b = _candidates(wording, near)
    features = pair_features(
        compare(wording.corpus, a, wording.corpus, b),
        cosines(space.vectors, a, space.vectors, b),
        np.minimum(company[a], company[b]),
    )
    score = fusion_for(space.embedder).score(features)
    kept = (score >= threshold) & _mutual(a, b, score)
    left, right = ([space.texts[at] for at in side[kept].tolist()] for side in (a, b))
    kept[kept] = share_more_than_tags(left, right)
    return _table(space, a[kept], b[kept], {n: v[kept] for n, v in features.items()}, score[kept])


def _neighbours(rows: Matrix) -> tuple[Labels, Floats]:
    """The nearest rows of each row, and its company: the mean cosine to them."""
    near, distances = nearest_neighbours(rows, min(max(COMPANY, MAX_LINKS), len(rows) - 1))
    cosine = 1 - distances[:, :COMPANY] ** 2 / 2
    return near[:, :MAX_LINKS], np.round(np.maximum(cosine.mean(axis=1), 0.0), 6)


def _candidates(wording: Wording, near: Labels) -> tuple[Labels, Labels]:
    """Pairs a < b of points that are near by vector or by wording, each once."""
    own = np.arange(len(near))
    grams = wording.corpus[GRAMS]
    left, right = LexicalSearch(grams).propose(grams, MAX_LINKS, own)
    left = np.concatenate([np.repeat(own, near.shape[1]), left])
    right = np.concatenate([near.ravel(), right])
    low, high = np.minimum(left, right), np.maximum(left, right)
    pairs = np.unique(low * len(near) + high)
    return pairs // len(near), pairs % len(near)


def _mutual(a: Labels, b: Labels, score: Floats) -> np.ndarray:
    """Whether each point of a pair is among the MAX_LINKS best of the other, ties by order."""
    pair = np.tile(np.arange(len(a)), 2)
    point, other = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((other, -np.tile(score, 2), point))
    first = np.flatnonzero(np.diff(point[order], prepend=-1) > 0)
    sizes = np.diff(np.append(first, len(order)))
    rank = np.arange(len(order)) - np.repeat(first, sizes)
    times = np.bincount(pair[order][rank < MAX_LINKS], minlength=len(a))
    mutual: np.ndarray = times == 2
    return mutual


def _table(
    space: Space, a: Labels, b: Labels, features: dict[str, Floats], score: Floats
) -> pa.Table:
    ids = pa.array(space.point_ids, pa.string())
    columns: list[Any] = [
        ids.take(pa.array(a)),
        ids.take(pa.array(b)),
        *[pa.array(v.astype(np.float32)) for v in (features["trigrams"], features["cosine"])],
        pa.array(score.astype(np.float32)),
        pa.array([space.embedder] * len(a), pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=PARAPHRASES.schema)
