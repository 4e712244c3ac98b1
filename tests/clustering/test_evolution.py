"""Born, continued, merged, split, returned, ended: told by shared points and close centres."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from clustering.evolution import EvolutionTables, follow_narratives
from clustering.windows import DAY, MOST_WINDOWS, suggested_width, window_starts
from corpus.tables import EVOLUTION, NARRATIVE_WINDOWS, check

BEGIN = datetime(2020, 7, 6, tzinfo=UTC)
TOPICS = 6
Told = dict[int, list[tuple[int, ...]]]


def directions() -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(5).standard_normal((32, 32)))[0][:TOPICS]


def world(told: Told, *, per_topic: int = 15, order: int = 0) -> EvolutionTables:
    """`told[day]` lists groups of topics; points of one group stand around one common direction."""
    rows, vectors = [], {}
    draw = np.random.default_rng(3)
    jitter = {
        (t, n): draw.standard_normal(32) * 0.03 for t in range(TOPICS) for n in range(per_topic)
    }
    for day, groups in told.items():
        for topics in groups:
            for topic in topics:
                for n in range(per_topic):
                    point = f"t{topic}-{n:02d}"
                    vector = directions()[topic] + jitter[topic, n]
                    vectors[point] = (vector / np.linalg.norm(vector)).astype(np.float32)
                    at = BEGIN + timedelta(days=day, minutes=n)
                    rows.append((f"{day}-{point}", f"acc{n}", at, point))
    draw.shuffle(rows) if order else None
    return _followed(rows, vectors)


def _followed(
    rows: list[tuple[str, str, datetime, str]], vectors: dict[str, np.ndarray]
) -> EvolutionTables:
    posts = pa.table(
        {
            "post_id": [r[0] for r in rows],
            "account_id": [r[1] for r in rows],
            "created_at": pa.array([r[2] for r in rows], pa.timestamp("us", tz="UTC")),
        }
    )
    of = pa.table({"post_id": [r[0] for r in rows], "point_id": [r[3] for r in rows]})
    points = sorted(vectors)
    told = pa.table(
        {
            "point_id": points,
            "narrative_id": [f"n{p[1]}" for p in points],
        }
    )
    return follow_narratives(
        posts=posts,
        point_posts=of,
        vectors=pa.table({"post_id": points, "vector": [vectors[p].tolist() for p in points]}),
        talking_points=pa.table({"point_id": points, "exemplar_id": points}),
        narrative_points=told,
        space_of_post=["en"] * len(points),
        window_s=DAY,
    )


def kinds(found: EvolutionTables, day: int) -> list[str]:
    at = BEGIN + timedelta(days=day)
    return sorted(row["kind"] for row in found.evolution.to_pylist() if row["at"] == at)


STEADY: tuple[tuple[int, ...], ...] = ((0,), (1,))


def test_groups_told_every_day_continue_in_one_thread() -> None:
    found = world({day: list(STEADY) for day in range(4)})
    assert [kinds(found, day) for day in range(4)] == [[]] + [["continued"] * 2] * 3
    assert len(set(found.narrative_windows.column("thread_id").to_pylist())) == 2


def test_a_new_group_is_born_and_a_silent_one_ends_and_returns() -> None:
    found = world({0: [(0,), (1,)], 1: [(0,), (1,), (2,)], 2: [(0,), (2,)], 3: [(0,), (1,), (2,)]})
    assert kinds(found, 1) == ["born", "continued", "continued"]
    assert kinds(found, 2) == ["continued", "continued", "ended"]
    assert kinds(found, 3) == ["continued", "continued", "returned"]
    returned = next(r for r in found.evolution.to_pylist() if r["kind"] == "returned")
    assert returned["shared_points"] == 15
    assert set(returned["evidence"]) <= {f"t1-{n:02d}" for n in range(15)}


def test_nothing_is_born_where_the_data_begin_or_ends_where_they_end() -> None:
    found = world({0: list(STEADY), 1: list(STEADY)})
    assert {row["kind"] for row in found.evolution.to_pylist()} == {"continued"}


def test_a_day_without_posts_ends_what_was_told_before() -> None:
    found = world({0: list(STEADY), 2: list(STEADY)})
    assert kinds(found, 1) == ["ended", "ended"]
    assert kinds(found, 2) == ["returned", "returned"]


def test_every_group_and_event_resolves_to_points_and_counts_posts_of_its_window() -> None:
    found = world({day: list(STEADY) for day in range(3)})
    check(found.narrative_windows, NARRATIVE_WINDOWS)
    check(found.evolution, EVOLUTION)
    keys = set(found.narrative_windows.column("group_key").to_pylist())
    for row in found.evolution.to_pylist():
        assert set(row["groups_before"]) | set(row["groups_after"]) <= keys
    for row in found.narrative_windows.to_pylist():
        assert row["points"] == len(row["point_ids"]) == row["posts"]
        assert row["narrative_id"] == f"n{row['point_ids'][0][1]}"


def test_the_order_of_posts_changes_nothing() -> None:
    told: Told = {0: [(0,), (1,)], 1: [(0,), (1,), (2,)], 2: [(0,), (2,)]}
    one, other = world(told), world(told, order=1)
    assert one.narrative_windows.sort_by("group_key").equals(
        other.narrative_windows.sort_by("group_key")
    )
    assert one.evolution.sort_by("event_id").equals(other.evolution.sort_by("event_id"))


def test_groups_that_share_points_merge_and_split() -> None:
    rows, vectors = [], {}
    axes = directions()
    draw = np.random.default_rng(9)
    # Two tight groups; on day 1 alone further points fill the space between them.
    for side, angle in (("a", 0.0), ("b", 0.9)):
        for n in range(12):
            vectors[f"{side}{n:02d}"] = _at(axes, angle, draw)
    for n in range(60):
        vectors[f"m{n:02d}"] = _at(axes, 0.9 * n / 59, draw)
    for n in range(12):  # a stranger group, so that one group is not everything
        vectors[f"z{n:02d}"] = _unit(axes[3] + draw.standard_normal(32) * 0.01)
    for day in range(3):
        for point in vectors:
            if day == 1 or not point.startswith("m"):
                rows.append((f"{day}{point}", "acc", BEGIN + timedelta(days=day), point))
    found = _followed(rows, vectors)
    assert kinds(found, 1) == ["continued", "merged"]
    assert kinds(found, 2).count("split") == 1


def _at(axes: np.ndarray, angle: float, draw: np.random.Generator) -> np.ndarray:
    on = np.cos(angle) * axes[0] + np.sin(angle) * axes[1]
    return _unit(on + draw.standard_normal(32) * 0.004)


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


@pytest.mark.parametrize("days", [1, 20, 300, 4000])
def test_the_suggested_width_gives_windows_that_fit_a_page(days: int) -> None:
    moments = (np.arange(1000) * days * 86_400_000_000 // 999).astype(np.int64)
    width = suggested_width(moments)
    assert len(np.unique(window_starts(moments, width))) <= MOST_WINDOWS + 1


def test_one_broken_clock_does_not_set_the_width() -> None:
    moments = (np.arange(1000) * 3_600_000_000).astype(np.int64)
    stray = np.concatenate([moments, [-(10**16)]])
    assert suggested_width(stray) == suggested_width(moments)
