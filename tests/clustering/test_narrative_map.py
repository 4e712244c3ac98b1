"""The map of narratives: deterministic, honest about what a plane loses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clustering.narrative_map import map_narratives, plane_of
from corpus.tables import NARRATIVE_MAP, check


def case(groups: int, each: int, seed: int, dims: int = 12) -> dict[str, pa.Table]:
    """`groups` narratives of `each` points around random centres, one post a point."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(groups, dims))
    rows = [
        (f"post{g}-{i}", f"point{g}-{i}", f"n{g}", centres[g] + 0.1 * draw.normal(size=dims))
        for g in range(groups)
        for i in range(each)
    ]
    unit = [(v / np.linalg.norm(v)).astype(np.float32).tolist() for *_, v in rows]
    posts, points, narratives, _ = zip(*rows, strict=True)
    return {
        "vectors": pa.table({"post_id": posts, "vector": pa.array(unit, pa.list_(pa.float32()))}),
        "point_posts": pa.table({"post_id": posts, "point_id": points}),
        "narrative_points": pa.table({"point_id": points, "narrative_id": narratives}),
    }


def mapped(tables: dict[str, pa.Table], spaces: list[str] | None = None) -> pa.Table:
    known = spaces or ["en"] * tables["vectors"].num_rows
    return map_narratives(**tables, space_of_post=known)


def test_every_narrative_has_a_place_and_its_nearest_by_the_vectors() -> None:
    made = check(mapped(case(9, 4, 1)), NARRATIVE_MAP)
    rows = made.to_pylist()
    assert [row["narrative_id"] for row in rows] == sorted(f"n{g}" for g in range(9))
    for row in rows:
        assert len(row["near"]) == 3
        assert row["narrative_id"] not in row["near"]
        assert max(abs(row["x"]), abs(row["y"])) <= 1


def test_the_order_of_rows_changes_nothing() -> None:
    tables = case(11, 5, 2)
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in tables.items()}
    assert mapped(tables).equals(mapped(turned))


def test_places_of_two_languages_are_laid_out_apart() -> None:
    tables = case(8, 3, 3)
    spaces = ["en" if post < "post4" else "fa" for post in tables["vectors"]["post_id"].to_pylist()]
    both = mapped(tables, spaces).to_pylist()
    english = {row["narrative_id"] for row in both if row["space"] == "en"}
    assert len(english) == 4
    for row in both:
        assert all((near in english) == (row["space"] == "en") for near in row["near"])


def test_a_triangle_on_a_plane_is_kept_whole() -> None:
    sides = np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]])
    plane = plane_of(sides)
    assert plane.stress < 0.001
    flat = np.linalg.norm(plane.places[:, None] - plane.places[None], axis=2)
    assert np.allclose(flat / flat.max(), sides / 5, atol=0.002)


def test_many_dimensions_cannot_be_kept_and_the_number_says_so() -> None:
    n = 20
    apart = np.sqrt(2) * (1 - np.eye(n))
    plane = plane_of(apart)
    assert plane.stress > 0.3
    assert plane.correlation is None


def test_one_and_two_and_equal_narratives_have_places() -> None:
    assert mapped(case(1, 3, 4)).to_pylist()[0]["near"] == []
    assert {abs(row["x"]) for row in mapped(case(2, 3, 5)).to_pylist()} == {1.0}
    assert np.array_equal(plane_of(np.zeros((4, 4))).places, np.zeros((4, 2)))
    empty = {name: table.slice(0, 0) for name, table in case(2, 2, 6).items()}
    assert check(mapped(empty, []), NARRATIVE_MAP).num_rows == 0


@settings(max_examples=25)
@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(2, 12), st.just(3)), elements=st.floats(-10, 10, width=32)
    )
)
def test_smacof_never_makes_the_stress_worse_than_all_in_one_place(
    places: np.typing.NDArray[np.float64],
) -> None:
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    plane = plane_of(distances)
    assert np.isfinite(plane.places).all()
    assert 0 <= plane.stress <= 1
