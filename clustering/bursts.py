"""When were there more posts on something than chance expects?

In: posts with their talking points, narratives and hashtags. Out: the table bursts: for each
stretch of consecutive bins whose counts are beyond the null (`clustering.burst_null`) at a false
discovery rate of .05: observed and expected posts, p and q, the null in words, posts to read.

Every bin of every series of at least `MIN_POSTS` posts counts as a test, empty ones too; q is
Benjamini and Hochberg's (1995) over the tests of one kind (points, narratives, hashtags). A
significant bin beside a significant bin is the same burst. Reposts are not counted: a burst is of
writing, and a repost cascade is one press of a button each. A burst says when, never why: football
and elections burst too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.burst_null import Null, Series, Volume, corpus_volume, fit_null
from corpus.errors import SettingsError
from corpus.significance import benjamini_hochberg
from corpus.tables import BURSTS

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Posts a series needs: with fewer, no count of one bin can pass the test over thousands of bins.
MIN_POSTS = 5
# False discovery rate.
LEVEL = 0.05
# Posts of others without which nothing can be expected.
MIN_OTHERS = 20
# Bins in all; more are a bin width of seconds over years, which no corpus fills.
MOST_BINS = 2_000_000
EVIDENCE = 6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Dated:
    """Posts that are counted: no reposts, with a time; arrays of one length, by time and id."""

    ids: pa.Array
    account: pa.Array
    bins: Ints
    at_s: Ints
    volume: Volume


@dataclass(frozen=True)
class Kind:
    """Series of one kind: `post` (number in `Dated`) belongs to `name` (number in `names`)."""

    scope: str
    names: Sequence[str]
    narratives: Sequence[str | None]
    post: Ints
    name: Ints


def find_bursts(posts: Any, bin_s: int = 3600) -> pd.DataFrame:
    """Find bursts of talking points, narratives and hashtags in a frame of posts.

    Parameters
    ----------
    posts
        post_id, account_id, created_at, text; when there: kind (reposts are left out), hashtags,
        point_id and narrative_id. Without hashtags they are read from the text, without point_id
        near-duplicates are looked for.
    bin_s
        Width of a bin in seconds.

    Returns
    -------
    The table bursts (`docs/tables.md`) as a DataFrame, p and q for each row.

    Raises
    ------
    InputError
        When a needed column is missing or the frame cannot be read.
    SettingsError
        When `bin_s` is no positive whole number, or too small for the time that the posts span.
    """
    from corpus.frames import read_frames
    from corpus.settings import Reading

    corpus = read_frames(posts, settings=Reading(keep=_given(posts, ("point_id", "narrative_id"))))
    dated = dated_posts(corpus.posts, bin_s)
    kinds = _kinds_of_frame(dated, corpus.posts, corpus.kept_columns)
    frame: pd.DataFrame = _table(dated, kinds).to_pandas()
    return frame


def _given(frame: Any, names: Sequence[str]) -> tuple[str, ...]:
    columns: Any = frame.column_names if isinstance(frame, pa.Table) else frame.columns
    return tuple(name for name in names if name in list(columns))


def _kinds_of_frame(dated: Dated, posts: pa.Table, kept: pa.Table | None) -> list[Kind]:
    """Series by the frame's own columns; near-duplicates where it names no talking points."""
    point, narrative = _kept(dated, kept, "point_id"), _kept(dated, kept, "narrative_id")
    if point is None:
        from clustering.near_duplicates import find_near_duplicates

        texts = posts.column("text").take(pc.index_in(dated.ids, value_set=posts["post_id"]))
        groups = find_near_duplicates(texts.combine_chunks()).tolist() if len(texts) else []
        heads: dict[int, str] = {}
        for group, id_ in zip(groups, dated.ids.to_pylist(), strict=True):
            heads[group] = min(id_, heads.get(group, id_))
        point = pa.array([heads[group] for group in groups], pa.string())
    nothing = pa.nulls(len(dated.ids), pa.string())
    kinds = [_of_column("point", point, nothing if narrative is None else narrative)]
    if narrative is not None:
        kinds.append(_of_column("narrative", narrative, narrative))
    return [*kinds, _hashtags(dated, posts)]


def _kept(dated: Dated, kept: pa.Table | None, name: str) -> pa.Array | None:
    if kept is None or name not in kept.column_names:
        return None
    place = pc.index_in(dated.ids, value_set=kept.column("post_id"))
    values = kept.column(name).take(place).combine_chunks()
    return pc.if_else(pc.equal(values, ""), None, values)


def _of_column(scope: str, names: pa.Array, narratives: pa.Array) -> Kind:
    known = pc.is_valid(names)
    rows = np.flatnonzero(known.to_numpy(zero_copy_only=False))
    return _kind(scope, rows, names.filter(known), narratives.filter(known))


def burst_table(
    *,
    posts: pa.Table,
    point_posts: pa.Table,
    narrative_points: pa.Table,
    bin_s: int = 3600,
) -> pa.Table:
    """Return BURSTS over the three kinds, ordered by kind, series and time."""
    dated = dated_posts(posts, bin_s)
    return _table(dated, kinds_of(dated, posts, point_posts, narrative_points))


def _table(dated: Dated, kinds: Sequence[Kind]) -> pa.Table:
    return BURSTS.from_rows([row for kind in kinds for row in _bursts_of(dated, kind)])


def dated_posts(posts: pa.Table, bin_s: int) -> Dated:
    """Number the posts that are counted, and count them by bin."""
    if bin_s < 1:
        raise SettingsError(f"bin_s = {bin_s!r}; expected a whole number of seconds from 1")
    counted = pc.and_(pc.not_equal(posts["kind"], "repost"), pc.is_valid(posts["created_at"]))
    found = posts.filter(counted)
    found = found.sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    moments = found.column("created_at").cast(pa.int64()).to_numpy().astype(np.int64)
    at = np.floor_divide(moments, 1_000_000)
    bins = np.floor_divide(at, bin_s)
    first = int(bins[0]) if len(bins) else 0
    size = int(bins[-1]) - first + 1 if len(bins) else 0
    if size > MOST_BINS:
        raise SettingsError(
            f"bin_s = {bin_s} makes {size:,} bins between the first and the last post, expected at"
            f" most {MOST_BINS:,}; take a larger bin_s or leave stray posts out"
        )
    volume = corpus_volume(bins - first, first * bin_s, bin_s, size)
    ids = found.column("post_id").combine_chunks()
    return Dated(ids, found.column("account_id").combine_chunks(), bins - first, at, volume)


def kinds_of(
    dated: Dated, posts: pa.Table, point_posts: pa.Table, narrative_points: pa.Table
) -> list[Kind]:
    """The series of points, narratives and hashtags."""
    place = pc.index_in(dated.ids, value_set=point_posts.column("post_id"))
    rows = np.flatnonzero(pc.is_valid(place).to_numpy(zero_copy_only=False))
    points = point_posts.column("point_id").take(place.drop_null())
    where = pc.index_in(points, value_set=narrative_points.column("point_id"))
    narratives = narrative_points.column("narrative_id").take(where)
    told = np.flatnonzero(pc.is_valid(narratives).to_numpy())
    return [
        _kind("point", rows, points, narratives),
        _kind("narrative", rows[told], narratives.drop_null(), narratives.drop_null()),
        _hashtags(dated, posts),
    ]


def _kind(scope: str, rows: Ints, names: Any, narratives: Any) -> Kind:
    values = pc.unique(names)
    values = values.take(pc.sort_indices(values))
    number: Ints = pc.index_in(names, value_set=values).to_numpy().astype(np.int64)
    owner: list[str | None] = [None] * len(values)
    for at, narrative in zip(number.tolist(), narratives.to_pylist(), strict=True):
        owner[at] = narrative
    return Kind(scope, values.to_pylist(), owner, rows, number)


def _hashtags(dated: Dated, posts: pa.Table) -> Kind:
    """Each post once for each of its tags, in small letters."""
    tags = posts.column("hashtags").take(pc.index_in(dated.ids, value_set=posts["post_id"]))
    rows = [
        (row, tag)
        for row, each in enumerate(tags.to_pylist())
        for tag in sorted({one.lower() for one in each or ()})
    ]
    names = pa.array([tag for _, tag in rows], pa.string())
    nothing = pa.nulls(len(rows), pa.string())
    return _kind("hashtag", np.array([row for row, _ in rows], dtype=np.int64), names, nothing)


def _bursts_of(dated: Dated, kind: Kind) -> list[dict[str, Any]]:
    numbers, members = _large(dated, kind)
    series = [binned(dated.bins[rows]) for rows in members]
    if not series:
        return []
    null = fit_null(dated.volume, series)
    tails = [null.tail(at, one, one.bins, one.counts) for at, one in enumerate(series)]
    q = benjamini_hochberg(np.concatenate(tails), len(series) * len(dated.volume.counts))
    found: list[dict[str, Any]] = []
    start = 0
    for at, (one, p) in enumerate(zip(series, tails, strict=True)):
        own = q[start : start + len(p)]
        start += len(p)
        for stretch in _stretches(one.bins, own <= LEVEL):
            row = _row(dated, null, at, one, stretch, chances=(p, own), members=members[at])
            name = numbers[at]
            row |= {"scope": kind.scope, "scope_id": kind.names[name]}
            row |= {"narrative_id": kind.narratives[name]}
            found.append(row | {"null_model": _in_words(kind.scope, len(series), dated)})
    return found


def _large(dated: Dated, kind: Kind) -> tuple[list[int], list[Ints]]:
    """Series that can be tested: enough posts, and enough posts of others."""
    order = np.argsort(kind.name, kind="stable")
    names, starts = np.unique(kind.name[order], return_index=True)
    parts = np.split(kind.post[order], starts[1:]) if len(names) else []
    kept = [
        (int(name), np.sort(part))
        for name, part in zip(names, parts, strict=True)
        if len(part) >= MIN_POSTS and len(dated.bins) - len(part) >= MIN_OTHERS
    ]
    return [name for name, _ in kept], [part for _, part in kept]


def binned(bins: Ints) -> Series:
    """Count posts by bin."""
    places, counts = np.unique(bins, return_counts=True)
    return Series(places.astype(np.int64), counts.astype(np.int64))


def _stretches(bins: Ints, significant: npt.NDArray[np.bool_]) -> list[Ints]:
    """Places (in `bins`) of significant bins, each run of consecutive bins together."""
    places = np.flatnonzero(significant)
    if len(places) == 0:
        return []
    breaks = np.flatnonzero(np.diff(bins[places]) > 1) + 1
    return list(np.split(places, breaks))


def _row(
    dated: Dated,
    null: Null,
    number: int,
    series: Series,
    stretch: Ints,
    *,
    chances: tuple[Floats, Floats],
    members: Ints,
) -> dict[str, Any]:
    p, q = chances
    bins = series.bins[stretch]
    inside = members[np.isin(dated.bins[members], bins)]
    accounts = dated.account.take(pa.array(inside))
    start = dated.volume.start_s + int(bins[0]) * dated.volume.bin_s
    end = dated.volume.start_s + (int(bins[-1]) + 1) * dated.volume.bin_s
    return {
        "start_at": EPOCH + timedelta(seconds=start),
        "end_at": EPOCH + timedelta(seconds=end),
        "observed": int(series.counts[stretch].sum()),
        "expected": float(null.expected(series, bins).sum()),
        "dispersion": float(null.dispersion(number, series, bins).mean()),
        "p_value": float(p[stretch].min()),
        "q_value": float(q[stretch].min()),
        "accounts": len(accounts.drop_null().unique()),
        "evidence": _evidence(dated, inside, accounts),
    }


def _evidence(dated: Dated, inside: Ints, accounts: pa.Array) -> list[str]:
    """The first posts, one of each account before a second of any."""
    seen: set[str | None] = set()
    first: list[int] = []
    again: list[int] = []
    for row, account in zip(inside.tolist(), accounts.to_pylist(), strict=True):
        (again if account in seen else first).append(row)
        seen.add(account)
    rows = sorted([*first, *again][:EVIDENCE])
    return [str(dated.ids[row]) for row in rows]


def _in_words(scope: str, series: int, dated: Dated) -> str:
    bin_s = dated.volume.bin_s
    width = f"{bin_s / 3600:g} h" if bin_s % 3600 == 0 else f"{bin_s:,} s"
    several = {"point": "talking points", "narrative": "narratives", "hashtag": "hashtags"}[scope]
    return (
        f"the {scope}'s posts fall into bins of {width} in proportion to all other posts, drawn"
        " towards the corpus' hours of the day and days of the week; counts scatter as those of the"
        f" other {several} ({series - 1:,}), negative binomial; q over"
        f" {series * len(dated.volume.counts):,} bins"
    )
