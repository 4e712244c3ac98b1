"""What did the analyst say a narrative is for or against, and how far does that word carry?

In: labels (target, stance, and a narrative or talking point), and what is known of both. Out: one
row for each label and one for everything it spreads to, with a score and the reason:

    narrative -> its talking points           score: membership
    point     -> points that say the same     score: fused paraphrase score
                 in other words
    point     -> its nearest neighbours       score: cosine of the two, from 0.8 on

The engine guesses no stance of its own: text alone does not tell whom a joke is on. A label spreads
one step, never over another label of the analyst's, and to nothing where two labels of different
stance reach about equally far. Taking a label back takes back what it spread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.density import Matrix
from corpus.settings import Label
from corpus.tables import STANCES, conform

# A neighbour this near takes the label over. Of labelled tweets and headlines this close, 96
# (fitted) to 100 (sentence model) pairs in 100 are about the same topic; whether they take the same
# side is for the analyst to see.
NEAR_COSINE = 0.8
# No point spreads to more neighbours: what is typical of everything says nothing about one thing.
MOST_NEIGHBOURS = 20
# Two labels that reach a point within this of each other leave it unlabelled.
CONTESTED = 0.05


@dataclass(frozen=True)
class _Reach:
    """One label's reach to one talking point."""

    target: str
    stance: str
    point: str
    score: float
    origin: tuple[str, str]
    reason: str


@dataclass(frozen=True)
class _Known:
    """Along what a label spreads."""

    members: pa.Table
    paraphrases: pa.Table
    near: _Neighbours


@dataclass(frozen=True)
class Spread:
    """STANCES rows and remarks: labels whose narrative or point is no longer there."""

    stances: pa.Table
    notes: tuple[str, ...]


def spread_labels(
    labels: Sequence[Label],
    *,
    point_posts: pa.Table,
    narrative_points: pa.Table,
    talking_points: pa.Table,
    paraphrases: pa.Table,
    vectors: pa.Table,
    space_of_post: Sequence[str],
) -> Spread:
    """Return STANCES for the labels; the last label on one thing and target counts."""
    placed = [_placed(label, point_posts, narrative_points) for label in labels]
    lost = [label for label, at in zip(labels, placed, strict=True) if at is None]
    said = {
        (label.target, *at): label
        for label, at in zip(labels, placed, strict=True)
        if at is not None
    }
    known = _Known(
        narrative_points, paraphrases, _Neighbours(vectors, talking_points, space_of_post)
    )
    reaches = [
        reach
        for (_, scope, at), label in sorted(said.items(), key=lambda item: item[0])
        for reach in _reaches(label, scope, at, known)
    ]
    own = {(target, at) for target, scope, at in said if scope == "point"}
    rows = [_said_row(key, label) for key, label in sorted(said.items(), key=lambda i: i[0])]
    rows += [
        _spread_row(reach) for reach in _settled(reaches) if (reach.target, reach.point) not in own
    ]
    return Spread(
        conform(pa.Table.from_pylist(rows, STANCES.schema), STANCES),
        tuple(_lost(label) for label in lost),
    )


def _placed(
    label: Label, point_posts: pa.Table, narrative_points: pa.Table
) -> tuple[str, str] | None:
    """Scope and id that the label means now: by its id, else by the post that it was put on."""
    scope = "point" if label.point is not None else "narrative"
    column = narrative_points.column(f"{scope}_id")
    wanted = label.point if label.point is not None else label.narrative
    if pc.any(pc.equal(column, wanted)).as_py():
        return scope, str(wanted)
    if label.anchor is None:
        return None
    rows = point_posts.filter(pc.equal(point_posts.column("post_id"), label.anchor))
    points = rows.column("point_id")
    if scope == "point":
        return (scope, points[0].as_py()) if rows.num_rows else None
    of = narrative_points.filter(pc.is_in(narrative_points.column("point_id"), value_set=points))
    held = [name for name in of.column("narrative_id").to_pylist() if name]
    return (scope, held[0]) if held else None


def _lost(label: Label) -> str:
    what = f"narrative {label.narrative}" if label.point is None else f"talking point {label.point}"
    return f"the label {label.stance!r} on {what} waits: this run holds no such thing"


def _reaches(label: Label, scope: str, at: str, known: _Known) -> Iterator[_Reach]:
    if scope == "narrative":
        of = known.members
        of = of.filter(pc.equal(of.column("narrative_id"), at))
        rows = zip(*(of.column(c).to_pylist() for c in ("point_id", "membership")), strict=True)
        found = [(point, score, "belongs to the labelled narrative") for point, score in rows]
    else:
        found = [*_restated(at, known.paraphrases), *known.near.of(at)]
    for point, score, reason in found:
        yield _Reach(label.target, label.stance, point, round(score, 6), (scope, at), reason)


def _restated(point: str, paraphrases: pa.Table) -> Iterator[tuple[str, float, str]]:
    for one, other in (("point_a", "point_b"), ("point_b", "point_a")):
        rows = paraphrases.filter(pc.equal(paraphrases.column(one), point))
        for at, score in zip(
            rows.column(other).to_pylist(), rows.column("score").to_pylist(), strict=True
        ):
            yield at, score, "says the labelled talking point in other words"


class _Neighbours:
    """Nearest talking points by vector, within one space."""

    def __init__(
        self, vectors: pa.Table, talking_points: pa.Table, space_of_post: Sequence[str]
    ) -> None:
        row = pc.index_in(vectors.column("post_id"), value_set=talking_points.column("exemplar_id"))
        self._points = talking_points.column("point_id").take(row).to_pylist()
        self._row = {point: n for n, point in enumerate(self._points)}
        self._space = np.array(space_of_post, dtype=object)
        self._vectors = vectors.column("vector").combine_chunks()

    def _matrix(self, rows: np.ndarray) -> Matrix:
        flat: Matrix = self._vectors.take(pa.array(rows)).flatten().to_numpy()
        return flat.reshape(len(rows), -1)

    def of(self, point: str) -> Iterator[tuple[str, float, str]]:
        """Neighbours of a point from the nearest on, with their cosine."""
        if point not in self._row:
            return
        own = self._row[point]
        rows = np.flatnonzero(self._space == self._space[own])
        vectors = self._matrix(rows).astype(np.float64)
        cosine = np.round(vectors @ self._matrix(np.array([own]))[0].astype(np.float64), 6)
        order = [n for n in np.lexsort((rows, -cosine)) if rows[n] != own][:MOST_NEIGHBOURS]
        for n in order:
            if cosine[n] >= NEAR_COSINE:
                at = self._points[rows[n]]
                yield at, min(float(cosine[n]), 1.0), "stands near the labelled talking point"


def _settled(reaches: Sequence[_Reach]) -> Iterator[_Reach]:
    """The strongest reach to each point; none where stances meet about equally strong."""
    by_point: dict[tuple[str, str], list[_Reach]] = {}
    for reach in reaches:
        by_point.setdefault((reach.target, reach.point), []).append(reach)
    for key in sorted(by_point):
        found = sorted(by_point[key], key=lambda reach: (-reach.score, reach.origin))
        best = found[0]
        rivals = [reach for reach in found if reach.stance != best.stance]
        if not rivals or rivals[0].score < best.score - CONTESTED:
            yield best


def _said_row(key: tuple[str, str, str], label: Label) -> Mapping[str, object]:
    target, scope, at = key
    return {
        "target": target, "scope": scope, "scope_id": at, "stance": label.stance,
        "source": "analyst", "score": 1.0, "from_scope": scope, "from_id": at,
        "reason": "said by the analyst",
    }  # fmt: skip


def _spread_row(reach: _Reach) -> Mapping[str, object]:
    return {
        "target": reach.target, "scope": "point", "scope_id": reach.point, "stance": reach.stance,
        "source": "spread", "score": reach.score, "from_scope": reach.origin[0],
        "from_id": reach.origin[1], "reason": reach.reason,
    }  # fmt: skip


def accounts_on(
    target: str,
    stance: str,
    *,
    posts: pa.Table,
    point_posts: pa.Table,
    stances: pa.Table,
    least_score: float = 0.0,
) -> pa.Table:
    """Return who posted talking points of that stance on the target, most posts first.

    Columns: account_id, points, posts, reposts, said_posts (on points that the analyst labelled, or
    in a narrative that was), first_at, last_at, evidence (up to three of the posts, earliest
    first). `least_score` leaves out what was spread with a lower score.
    """
    meant = pc.and_(
        pc.equal(stances.column("target"), target), pc.equal(stances.column("stance"), stance)
    )
    near = pc.greater_equal(stances.column("score"), least_score)
    points = pc.equal(stances.column("scope"), "point")
    chosen = stances.filter(pc.and_(pc.and_(meant, near), points))
    told = point_posts.filter(
        pc.is_in(point_posts.column("point_id"), value_set=chosen.column("scope_id"))
    )
    frame = posts.select(["post_id", "account_id", "created_at", "kind"]).to_pandas()
    frame = frame.merge(told.select(["post_id", "point_id"]).to_pandas(), on="post_id")
    frame = frame.dropna(subset=["account_id"]).sort_values(["created_at", "post_id"])
    said = (
        chosen.filter(pc.equal(chosen.column("source"), "analyst")).column("scope_id").to_pylist()
    )
    frame = frame.assign(repost=frame["kind"].eq("repost"), said=frame["point_id"].isin(said))
    found = frame.groupby("account_id", sort=True).agg(
        points=("point_id", "nunique"),
        posts=("repost", lambda column: int((~column).sum())),
        reposts=("repost", "sum"),
        said_posts=("said", "sum"),
        first_at=("created_at", "min"),
        last_at=("created_at", "max"),
        evidence=("post_id", lambda column: list(column[:3])),
    )
    found = found.reset_index().sort_values(["posts", "account_id"], ascending=[False, True])
    return pa.Table.from_pandas(found, preserve_index=False)
