"""How large is each narrative, over which time, told by whom, and under which name?

In: narratives with their quotes, and which posts belong to them. Out: the same with counts over all
posts of all their points (clustered and joined), first and last times, terms and a label. Reposts
are counted apart. Accounts are distinct over posts and reposts; posts without an author count as
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.labels import Usage, labels_from_terms, narrative_terms
from clustering.marks import marks
from clustering.timeline import narrative_of_posts

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What narratives are counted and named by.

    `posts` and `point_posts` as in their contracts; `points` holds point_id and the exemplar's
    text; `point_classes` says which points an application wrote, where that is known.
    """

    posts: pa.Table
    point_posts: pa.Table
    points: pa.Table
    point_classes: pa.Table | None = None


def name_narratives(rows: Rows, narrative_points: pa.Table, held: Told) -> Rows:
    """Return `rows` (narrative_id, lang, quote, ...) with counts, times, marks, terms and labels.

    Labels are distinct.
    """
    told = narrative_of_posts(held.posts, held.point_posts, narrative_points)
    counts = _counts(told, narrative_points)
    marked = marks(told, held.point_classes)
    counted = [
        {**row, **counts[row["narrative_id"]], **marked[row["narrative_id"]]} for row in rows
    ]
    terms: dict[str, list[str]] = {}
    for lang in sorted({row["lang"] for row in rows}):
        terms |= _terms(
            lang, [r["narrative_id"] for r in rows if r["lang"] == lang], told, held.points
        )
    labels = labels_from_terms(
        [terms[row["narrative_id"]] for row in rows], [row["quote"] for row in rows]
    )
    return [
        {**row, "terms": terms[row["narrative_id"]], "label": label}
        for row, label in zip(counted, labels, strict=True)
    ]


def _counts(told: pa.Table, narrative_points: pa.Table) -> dict[str, dict[str, Any]]:
    """Counts and times of each narrative, by id."""
    reposted = pc.cast(pc.equal(told.column("kind"), "repost"), pa.int64())
    rows = told.append_column("reposts", reposted)
    rows = rows.append_column("posts", pc.subtract(1, reposted))
    summed = rows.group_by("narrative_id").aggregate(
        [
            ("posts", "sum"),
            ("reposts", "sum"),
            ("account_id", "count_distinct"),
            ("created_at", "min"),
            ("created_at", "max"),
        ]
    )
    names = {
        "posts_sum": "posts",
        "reposts_sum": "reposts",
        "account_id_count_distinct": "accounts",
        "created_at_min": "first_at",
        "created_at_max": "last_at",
    }
    points = _value_counts(narrative_points.column("narrative_id"))
    return {
        row["narrative_id"]: {
            **{new: row[old] for old, new in names.items()},
            "points": points[row["narrative_id"]],
        }
        for row in summed.to_pylist()
    }


def _value_counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()}


def _terms(
    lang: str, narrative_ids: Sequence[str], told: pa.Table, points: pa.Table
) -> dict[str, list[str]]:
    narrative = pc.index_in(told.column("narrative_id"), value_set=pa.array(narrative_ids))
    own = told.filter(pc.is_valid(narrative))
    author = pc.coalesce(own.column("account_id"), own.column("post_id"))
    used = pc.unique(own.column("point_id"))
    usage = Usage(
        pc.drop_null(narrative).to_numpy().astype(np.int64),
        _codes(author, pc.unique(author)),
        _codes(own.column("point_id"), used),
    )
    texts = points.column("text").take(pc.index_in(used, value_set=points.column("point_id")))
    found = narrative_terms(usage, texts.to_pylist(), len(narrative_ids), lang)
    return dict(zip(narrative_ids, found, strict=True))


def _codes(column: pa.ChunkedArray, values: pa.Array) -> np.ndarray:
    codes: np.ndarray = pc.index_in(column, value_set=values).to_numpy().astype(np.int64)
    return codes
