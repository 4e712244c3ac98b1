"""How did narratives come and go: which were born, continued, merged, split, returned, ended?

In: posts with times, their talking points, and the points' vectors. Out: the groups of each window
of time, and the events between them. Each window's points are grouped on their own; a group is
matched with one of the window before when they share talking points or stand close together:

    born        nothing before is like it          ended     nothing in the next window is like it
    continued   one before, one after              returned  like nothing in the window before, but
    merged      several before, one after                    like a group that had ended earlier
    split       one before, several after

Groups that continue or return share a thread. Every event names the shared points and the cosine it
rests on. Nothing is born in the first window or ended in the last: there the data begin and end.

Matching by shared members and centres follows the monitoring of cluster transitions (Spiliopoulou
et al., MONIC, 2006). It refuses to group a window with too few points: such a window is empty here,
and a note says so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clustering.density import Matrix, NarrativeClusterer, group_centres
from clustering.grouping import scaled_min_cluster_size, scaled_min_samples
from clustering.windows import HOUR, MICROSECONDS, suggested_width, window_starts
from corpus.identity import content_id
from corpus.tables import EVOLUTION, NARRATIVE_WINDOWS, conform

Codes = NDArray[np.int64]

# Fewer points in a window show no density; the same number as for a language.
LEAST_POINTS = 10
# A group goes on where this share of the smaller one's points is said in both windows ...
SHARED_SHARE = 0.2
# ... or where the centres stand this close. Centres of two random halves of one labelled topic lie
# above .81 in 95 of 100 cases (three labelled sets, both embedders), those of two topics below .56
# in 99 of 100.
CLOSE_COSINE = 0.8
# Shared points named as evidence.
EVIDENCE = 5


@dataclass(frozen=True)
class Group:
    """Points that stood together in one window of one space of vectors."""

    key: str
    space: str
    start: int
    points: frozenset[str]
    centre: Matrix
    thread: str = ""


@dataclass(frozen=True)
class Link:
    """Why a later group goes on from an earlier one."""

    earlier: Group
    later: Group
    shared: tuple[str, ...]
    cosine: float


@dataclass
class _Story:
    """Events in the making, and the last group of every thread."""

    events: list[dict[str, object]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    ended: dict[str, Group] = field(default_factory=dict)


@dataclass(frozen=True)
class EvolutionTables:
    """Groups by window, events between them, and remarks for the reader."""

    narrative_windows: pa.Table
    evolution: pa.Table
    notes: tuple[str, ...] = ()


def follow_narratives(
    *,
    posts: pa.Table,
    point_posts: pa.Table,
    vectors: pa.Table,
    talking_points: pa.Table,
    narrative_points: pa.Table,
    space_of_post: Sequence[str],
    window_s: int | None = None,
) -> EvolutionTables:
    """Return NARRATIVE_WINDOWS and EVOLUTION.

    Parameters
    ----------
    posts, point_posts, vectors, talking_points, narrative_points
        As their contracts say; `vectors` holds exemplars.
    space_of_post
        For each row of `vectors` the space it lies in (a language, where each has its own):
        vectors of two spaces are never compared.
    window_s
        Width of a window in seconds; None takes the smallest that gives at most 24.
    """
    said = _said(posts, point_posts)
    moments = said.column("created_at").cast(pa.int64()).to_numpy()
    width = window_s or suggested_width(moments)
    said = said.append_column("start", pa.array(window_starts(moments, width)))
    by_window = _points_by_window(said, _placed(vectors, talking_points, space_of_post))
    story, thin = _Story(), 0
    for space in sorted({space for space, _ in by_window}):
        starts = sorted(start for own, start in by_window if own == space)
        grouped = [_groups(space, start, *by_window[space, start]) for start in starts]
        thin += sum(len(by_window[space, start][0]) < LEAST_POINTS for start in starts)
        _follow(story, dict(zip(starts, grouped, strict=True)), width)
    return EvolutionTables(
        _window_table(story.groups, said, narrative_points, width),
        conform(pa.Table.from_pylist(story.events, EVOLUTION.schema), EVOLUTION),
        _notes(thin, width),
    )


def _said(posts: pa.Table, point_posts: pa.Table) -> pa.Table:
    """point_id, account_id and created_at of every post with a time."""
    row = pc.index_in(point_posts.column("post_id"), value_set=posts.column("post_id"))
    said = posts.select(["account_id", "created_at"]).take(row)
    said = said.append_column("point_id", point_posts.column("point_id"))
    return said.filter(pc.is_valid(said.column("created_at"))).combine_chunks()


def _placed(
    vectors: pa.Table, talking_points: pa.Table, space_of_post: Sequence[str]
) -> dict[str, tuple[str, Matrix]]:
    """Space and vector of each point that has one."""
    row = pc.index_in(vectors.column("post_id"), value_set=talking_points.column("exemplar_id"))
    points = talking_points.column("point_id").take(row).to_pylist()
    rows = vectors.column("vector").combine_chunks()
    flat, offsets = rows.values.to_numpy(), rows.offsets.to_numpy()
    return {
        point: (space, flat[offsets[n] : offsets[n + 1]])
        for n, (point, space) in enumerate(zip(points, space_of_post, strict=True))
    }


def _points_by_window(
    said: pa.Table, placed: dict[str, tuple[str, Matrix]]
) -> dict[tuple[str, int], tuple[list[str], Matrix]]:
    """Points said in each window of each space, in the order of their ids, with their vectors."""
    pairs = said.select(["point_id", "start"]).group_by(["point_id", "start"]).aggregate([])
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for point, start in zip(
        *(pairs.column(c).to_pylist() for c in ("point_id", "start")), strict=True
    ):
        if point in placed:
            found[placed[point][0], start].append(point)
    return {
        key: (sorted(points), np.stack([placed[point][1] for point in sorted(points)]))
        for key, points in found.items()
    }


def _groups(space: str, start: int, points: list[str], vectors: Matrix) -> list[Group]:
    if len(points) < LEAST_POINTS:
        return []
    clusterer = NarrativeClusterer(
        scaled_min_cluster_size(len(points)), scaled_min_samples(len(points))
    )
    labels = clusterer.fit_predict(vectors)
    centres = group_centres(vectors, labels, int(labels.max()) + 1)
    members = [
        frozenset(points[row] for row in np.flatnonzero(labels == label).tolist())
        for label in range(len(centres))
    ]
    made = [
        Group(content_id("window", str(start), *sorted(own)), space, start, own, centres[label])
        for label, own in enumerate(members)
    ]
    return sorted(made, key=lambda group: group.key)


def _follow(story: _Story, windows: dict[int, list[Group]], width: int) -> None:
    """Walk the windows of one space in time; add groups and events to the story."""
    before: list[Group] = []
    first, last = (min(windows), max(windows)) if windows else (0, 0)
    for start in range(first, last + 1, width * MICROSECONDS):
        now = windows.get(start, [])
        links = [link for a in before for b in now if (link := _link(a, b)) is not None]
        now = [_threaded(story, group, links) for group in now]
        links = [replace(link, later=_same(now, link.later)) for link in links]
        for group in now:
            _arrival(story, group, [x for x in links if x.later.key == group.key], start == first)
        _departures(story, before, links, start)
        story.groups += now
        before = now


def _link(a: Group, b: Group) -> Link | None:
    shared = tuple(sorted(a.points & b.points))
    cosine = round(float(np.dot(a.centre.astype(np.float64), b.centre.astype(np.float64))), 6)
    enough = len(shared) >= SHARED_SHARE * min(len(a.points), len(b.points))
    return Link(a, b, shared, cosine) if (shared and enough) or cosine >= CLOSE_COSINE else None


def _strength(link: Link) -> tuple[int, float, str]:
    return (len(link.shared), link.cosine, link.earlier.key)


def _threaded(story: _Story, group: Group, links: Sequence[Link]) -> Group:
    """Give the group the thread of the strongest group that it goes on from, or one of its own."""
    own = [link for link in links if link.later.key == group.key]
    if own:
        best = max(own, key=_strength)
        heirs = [x for x in links if x.earlier.key == best.earlier.key]
        heir = max(heirs, key=lambda x: (len(x.shared), x.cosine, x.later.key))
        if heir.later.key == group.key:
            return replace(group, thread=best.earlier.thread)
    return replace(group, thread=content_id("thread", group.key))


def _same(groups: Iterable[Group], wanted: Group) -> Group:
    return next(group for group in groups if group.key == wanted.key)


def _arrival(story: _Story, group: Group, links: list[Link], opening: bool) -> None:
    if len(links) > 1:
        _event(story, "merged", group.start, links)
    elif len(links) == 1:
        _event(story, "continued", group.start, links)
    elif (back := _return(story, group)) is not None:
        _event(story, "returned", group.start, [back])
    elif not opening:
        _alone(story, "born", group.start, group, after=True)


def _return(story: _Story, group: Group) -> Link | None:
    links = [_link(old, group) for old in story.ended.values() if old.space == group.space]
    found = [link for link in links if link is not None]
    return max(found, key=_strength) if found else None


def _departures(story: _Story, before: Sequence[Group], links: Sequence[Link], start: int) -> None:
    for group in before:
        own = [link for link in links if link.earlier.key == group.key]
        if len(own) > 1:
            _event(story, "split", start, own)
        if not own:
            _alone(story, "ended", start, group, after=False)
            story.ended[group.key] = group


def _event(story: _Story, kind: str, start: int, links: Sequence[Link]) -> None:
    before = sorted({link.earlier.key for link in links})
    after = sorted({link.later.key for link in links})
    shared = sorted({point for link in links for point in link.shared})
    story.events.append(
        {
            "event_id": content_id("evolution", kind, *before, *after),
            "kind": kind, "at": start, "groups_before": before, "groups_after": after,
            "shared_points": len(shared), "cosine": max(link.cosine for link in links),
            "evidence": shared[:EVIDENCE],
        }
    )  # fmt: skip


def _alone(story: _Story, kind: str, start: int, group: Group, *, after: bool) -> None:
    """An event of one group that nothing on the other side is like."""
    sides: dict[str, list[str]] = {"groups_before": [], "groups_after": []}
    sides["groups_after" if after else "groups_before"] = [group.key]
    story.events.append(
        {
            "event_id": content_id("evolution", kind, group.key), "kind": kind, "at": start,
            **sides, "shared_points": 0, "cosine": None,
            "evidence": sorted(group.points)[:EVIDENCE],
        }
    )  # fmt: skip


def _window_table(
    groups: Sequence[Group], said: pa.Table, narrative_points: pa.Table, width: int
) -> pa.Table:
    narrative = dict(
        zip(
            narrative_points.column("point_id").to_pylist(),
            narrative_points.column("narrative_id").to_pylist(),
            strict=True,
        )
    )
    counts = _counts(groups, said)
    rows = [
        {
            "group_key": group.key, "thread_id": group.thread, "space": group.space,
            "window_start": group.start, "window_s": width,
            "narrative_id": _mostly([narrative.get(point) for point in sorted(group.points)]),
            "points": len(group.points), "point_ids": sorted(group.points), **counts[group.key],
        }
        for group in groups
    ]  # fmt: skip
    return conform(pa.Table.from_pylist(rows, NARRATIVE_WINDOWS.schema), NARRATIVE_WINDOWS)


def _counts(groups: Sequence[Group], said: pa.Table) -> dict[str, dict[str, int]]:
    """Posts and accounts of each group inside its window."""
    keys = [(group.key, point, group.start) for group in groups for point in sorted(group.points)]
    members = pa.table(
        {
            "key": pa.array([key for key, _, _ in keys], pa.string()),
            "point_id": pa.array([point for _, point, _ in keys], pa.string()),
            "start": pa.array([start for _, _, start in keys], pa.int64()),
        }
    )
    told = members.join(said, ["point_id", "start"], join_type="inner")
    summed = told.group_by("key").aggregate([([], "count_all"), ("account_id", "count_distinct")])
    return {
        row["key"]: {"posts": row["count_all"], "accounts": row["account_id_count_distinct"]}
        for row in summed.to_pylist()
    }


def _mostly(narratives: Sequence[str | None]) -> str | None:
    """The narrative that holds more than half of the points, if one does."""
    for name in sorted({n for n in narratives if n is not None}):
        if 2 * sum(n == name for n in narratives) > len(narratives):
            return name
    return None


def _notes(thin: int, width: int) -> tuple[str, ...]:
    if not thin:
        return ()
    windows = "window" if thin == 1 else "windows"
    return (
        f"{thin:,} {windows} of {width // HOUR:,} hours with fewer than {LEAST_POINTS} compared"
        " talking points in a language could show no narrative of their own",
    )


def spaces_of(vectors: pa.Table, texts: pa.Table) -> list[str]:
    """Return the space of each row of `vectors`: its language, or "pooled" where one model serves.

    The schema metadata of `vectors` names the languages that have an embedder of their own.
    """
    own = set(json.loads((vectors.schema.metadata or {}).get(b"embedders", b"{}")))
    row = pc.index_in(vectors.column("post_id"), value_set=texts.column("post_id"))
    langs = texts.column("lang").take(row).to_pylist()
    return [lang if lang in own else "pooled" for lang in langs]
