"""Timelines: every dated post of a narrative stands in exactly one bin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.timeline import bin_posts
from corpus.tables import TIMELINES, TS, check

START = datetime(2020, 7, 17, tzinfo=UTC)


def strings(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def tables(rows: list[tuple[int | None, str, str, str | None]]) -> dict[str, pa.Table]:
    """Rows: seconds after START or None, account, kind, narrative or None."""
    ids = [f"p{n}" for n in range(len(rows))]
    at = [None if r[0] is None else START + timedelta(seconds=r[0]) for r in rows]
    return {
        "posts": pa.table(
            {
                "post_id": strings(ids),
                "account_id": strings([r[1] for r in rows]),
                "created_at": pa.array(at, TS),
                "kind": strings([r[2] for r in rows]),
            }
        ),
        "point_posts": pa.table({"post_id": strings(ids), "point_id": strings(ids)}),
        "narrative_points": pa.table(
            {"point_id": strings(ids), "narrative_id": strings([r[3] for r in rows])}
        ),
    }


def test_posts_reposts_and_accounts_are_counted_apart() -> None:
    rows = [(0, "a", "post", "n"), (10, "a", "post", "n"), (20, "b", "repost", "n")]
    binned = bin_posts(**tables([*rows, (3_700, "c", "post", "n")])).to_pylist()
    assert [(r["posts"], r["reposts"], r["accounts"]) for r in binned] == [(2, 1, 2), (1, 0, 1)]
    assert binned[0]["bin_start"] == START


def test_posts_outside_and_posts_without_a_time_are_in_no_bin() -> None:
    binned = bin_posts(**tables([(0, "a", "post", None), (None, "a", "post", "n")]))
    assert check(binned, TIMELINES).num_rows == 0


def test_no_posts_give_an_empty_table() -> None:
    assert check(bin_posts(**tables([])), TIMELINES).num_rows == 0


@given(
    st.lists(
        st.tuples(
            st.integers(-5_000_000_000, 500_000_000),
            st.sampled_from("abc"),
            st.sampled_from(["post", "repost", "reply"]),
            st.sampled_from(["n1", "n2", None]),
        ),
        max_size=20,
    ),
    st.sampled_from([1, 60, 3600, 86_400, 7_777]),
)
@settings(max_examples=50, deadline=None)
def test_each_post_is_in_one_bin_that_holds_its_time(
    rows: list[tuple[int, str, str, str | None]], bin_s: int
) -> None:
    binned = bin_posts(**tables(rows), bin_s=bin_s).to_pylist()  # type: ignore[arg-type]
    told = [row for row in rows if row[3] is not None]
    assert sum(r["posts"] + r["reposts"] for r in binned) == len(told)
    bins = {(r["narrative_id"], r["bin_start"]) for r in binned}
    for seconds, _, _, narrative in told:
        at = int((START + timedelta(seconds=seconds)).timestamp())
        start = datetime.fromtimestamp(0, UTC) + timedelta(seconds=at // bin_s * bin_s)
        assert (narrative, start) in bins
