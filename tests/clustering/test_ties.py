"""Ties: CooRTweet's counts to the last pair, the toolkit's fixtures, what any input must keep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering import account_ties
from clustering.ties import find_ties
from corpus.errors import SchemaError, SettingsError

# coordination.md 9.1: window, min_participation, loops removed: pairs, nodes, edges, largest
# weight, mean gap. The rows of 10 s without loops were made by CooRTweet itself as well.
COORTWEET = [
    (10, 2, True, 447, 525, 442, 3, 5.2237),
    (10, 2, False, 496, 537, 461, 26, 5.3407),
    (10, 5, True, 22, 23, 20, 3, 5.3636),
    (10, 5, False, 60, 30, 27, 26, 6.0333),
    (60, 2, True, 3_791, 2_110, 3_721, 4, 30.3991),
    (60, 2, False, 3_919, 2_135, 3_782, 48, 30.1031),
    (60, 5, True, 1_235, 772, 1_193, 4, 30.2939),
    (60, 5, False, 1_344, 783, 1_237, 48, 29.5499),
    (600, 2, True, 38_172, 3_736, 36_620, 9, 291.2395),
    (600, 5, True, 18_366, 1_505, 17_130, 9, 288.0543),
]
# Edges above the .95 quantile of the weights (edge_weight=.95, subgraph=1) at 10 s: nodes, edges.
STRONGEST = [(2, True, 8, 4), (2, False, 10, 7), (5, True, 2, 1)]
ABSENT = "9fa51ef17278c01d13d313741eddfc0b"


def nodes(ties: pd.DataFrame) -> set[str]:
    return set(ties.account_a) | set(ties.account_b)


def events(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Rows of object, account, seconds; contents are numbered."""
    frame = pd.DataFrame(rows, columns=["object_id", "account_id", "created_at"])
    return frame.assign(content_id=[f"c{i:03}" for i in range(len(frame))])


@pytest.fixture(scope="module")
def russian(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "coortweet_networks" / "russian_coord_tweets.parquet"
    return pd.read_parquet(path).rename(columns={"timestamp_share": "created_at"})


@pytest.fixture(scope="module")
def found(russian: pd.DataFrame) -> dict[tuple[int, bool], pd.DataFrame]:
    """All three windows in one call, for each filter."""
    return {
        (least, removed): account_ties(russian, (10, 60, 600), least, removed)
        for least in (2, 5)
        for removed in (True, False)
    }


@pytest.mark.parametrize("row", COORTWEET, ids=lambda row: "-".join(map(str, row[:3])))
def test_every_row_of_coortweets_table_comes_out_exactly(found: dict, row: tuple) -> None:
    window, least, removed, pairs, accounts, edges, largest, mean_gap = row
    ties = found[least, removed]
    ties = ties[ties.window_s == window]
    assert ties.weight.sum() == pairs
    assert len(nodes(ties)) == accounts
    assert len(ties) == edges
    assert ties.weight.max() == largest
    assert round((ties.mean_gap_s * ties.weight).sum() / pairs, 4) == mean_gap


@pytest.mark.parametrize(("least", "removed", "accounts", "edges"), STRONGEST)
def test_the_strongest_edges_are_coortweets(
    found: dict, least: int, removed: bool, accounts: int, edges: int
) -> None:
    ties = found[least, removed]
    ties = ties[ties.window_s == 10]
    strongest = ties[ties.weight > ties.weight.quantile(0.95)]
    assert (len(nodes(strongest)), len(strongest)) == (accounts, edges)


def test_an_account_that_pairs_with_itself_alone_is_there_only_with_loops(found: dict) -> None:
    for removed in (True, False):
        ties = found[5, removed]
        assert (ABSENT in nodes(ties[ties.window_s == 10])) is not removed


@pytest.mark.parametrize(
    ("window", "weight", "loops", "accounts"),
    [(1, 1, False, 2), (1, 1, True, 3), (1, 2, False, 0), (1, 2, True, 0),
     (60, 1, False, 6), (60, 1, True, 7)],
)  # fmt: skip
def test_the_toolkits_own_input_gives_its_nodes(
    shared_data: Path, window: int, weight: int, loops: bool, accounts: int
) -> None:
    """For (1, 2, loops) the toolkit says 1: it counts one pair of an account with itself twice."""
    path = shared_data / "qut_fixture" / "coretweet_test_input.csv"
    table = pd.read_csv(path, dtype=str, encoding="utf-8-sig").assign(
        created_at=lambda t: t.timestamp.astype(int)
    )
    table = table.rename(
        columns={"repost_id": "object_id", "user_id": "account_id", "message_id": "content_id"}
    )
    ties = account_ties(table, (window,), min_participation=1, remove_loops=not loops)
    assert len(nodes(ties[ties.weight >= weight])) == accounts


def test_both_ends_of_a_window_count_and_days_are_not_cut_off() -> None:
    shares = events(("o", "a", 0), ("o", "b", 10), ("p", "a", 0), ("p", "b", 86_403))
    ties = account_ties(shares, (9, 10, 3_600), min_participation=1)
    assert ties[["window_s", "weight"]].values.tolist() == [[10, 1], [3_600, 1]]


def test_a_tie_carries_its_counts_gaps_direction_and_posts() -> None:
    shares = events(
        ("o", "b", 0), ("o", "a", 4), ("o", "a", 9), ("p", "a", 100), ("p", "b", 102)
    )  # fmt: skip
    (tie,) = account_ties(shares, (60,)).to_dict("records")
    assert (tie["account_a"], tie["account_b"]) == ("a", "b")
    assert (tie["weight"], tie["n_objects"], tie["posts_a"], tie["posts_b"]) == (3, 2, 3, 2)
    assert (tie["mean_gap_s"], tie["median_gap_s"]) == (5, 4)
    assert tie["a_first_share"] == pytest.approx(1 / 3)
    assert tie["symmetry"] == pytest.approx(2 / 3)
    assert tie["evidence"] == ["c003", "c004", "c001", "c000", "c002"]


def test_shares_of_the_same_moment_have_no_direction() -> None:
    shares = events(("o", "a", 5), ("o", "b", 5))
    (tie,) = account_ties(shares, (10,), min_participation=1).to_dict("records")
    assert (tie["a_first_share"], tie["mean_gap_s"]) == (0.5, 0)


def test_nothing_shared_is_no_object() -> None:
    shares = events(*[("", name, 1) for name in "abcd"], *[(None, name, 2) for name in "abcd"])
    assert account_ties(shares, (60,)).empty
    assert find_ties(shares).shares.left_out == {"no object": 8}


def test_rows_without_account_or_time_are_counted_out() -> None:
    shares = events(("o", None, 1), ("o", "a", np.nan), ("o", "a", 1), ("o", "b", 2))
    assert find_ties(shares, min_participation=1).shares.left_out == {"no account": 1, "no time": 1}
    assert account_ties(shares, (60,), min_participation=1).weight.tolist() == [1]


def test_a_crowd_ties_nobody_and_is_listed() -> None:
    crowd = [("o", f"u{i:02}", i) for i in range(20)]
    few = [("p", f"u{i:02}", 1_000 * i) for i in range(3)]
    found = find_ties(
        events(*crowd, *few), windows_s=(5, 60, 3_600), min_participation=1, max_accounts=10
    )
    ties = found.table.to_pandas()
    assert ties[ties.window_s == 5].weight.sum() == 5 * 15 + sum(range(5))
    assert ties[ties.window_s == 60].empty
    assert ties[ties.window_s == 3_600].weight.tolist() == [1, 1, 1]
    assert found.skipped.column("window_s").to_pylist() == [60, 3_600]
    assert set(found.skipped.column("accounts").to_pylist()) == {20}
    assert "20 accounts shared it within 60 s, more than 10" in found.skipped["reason"].to_pylist()


def test_times_as_timestamps_or_seconds_and_any_zone_are_the_same() -> None:
    shares = events(("o", "a", 1_600_000_000), ("o", "b", 1_600_000_030))
    utc = pd.to_datetime(shares.created_at, unit="s", utc=True)
    for times in (utc, utc.dt.tz_convert("Asia/Tehran"), utc.dt.tz_localize(None)):
        ties = account_ties(shares.assign(created_at=times), (60,), min_participation=1)
        assert ties.mean_gap_s.tolist() == [30]


def test_what_cannot_be_used_is_said_in_one_sentence() -> None:
    with pytest.raises(SchemaError, match=r"lack the column\(s\) object_id; found: url"):
        account_ties(events(("o", "a", 1)).rename(columns={"object_id": "url"}))
    with pytest.raises(SchemaError, match="expected times or seconds"):
        account_ties(events(("o", "a", 1)).assign(created_at="yesterday"))
    with pytest.raises(SettingsError, match=r"min_participation is 0"):
        account_ties(events(("o", "a", 1)), min_participation=0)
    with pytest.raises(SettingsError, match=r"windows_s is \[\], expected whole seconds"):
        account_ties(events(("o", "a", 1)), ())


def test_no_events_give_no_ties_with_all_columns() -> None:
    ties = account_ties(events())
    assert ties.empty
    assert {"account_a", "window_s", "expected", "q_value", "evidence"} <= set(ties.columns)


SHARES = st.lists(
    st.tuples(
        st.sampled_from(["o", "p", "q", ""]),
        st.sampled_from(["a", "b", "c", "d"]),
        st.integers(0, 90),
        st.sampled_from([None, "x", "y", "o"]),
    ),
    max_size=24,
)


def framed(rows: list[tuple[str, str, int, str | None]]) -> pd.DataFrame:
    """Some contents are named twice, as a post with two links is; some are the object itself."""
    frame = events(*[row[:3] for row in rows])
    stated = [row[3] for row in rows]
    return frame.assign(
        content_id=[s or own for s, own in zip(stated, frame.content_id, strict=True)]
    )


def slowly(shares: pd.DataFrame, window: int, least: int, removed: bool) -> pd.DataFrame:
    """The rules of detect_groups, pair by pair."""
    rows = shares[shares.object_id != ""]
    rows = rows[rows.groupby("account_id").account_id.transform("size") >= least]
    rows = list(rows.itertuples(index=False))
    pairs = []
    for i, x in enumerate(rows):
        for y in rows[i + 1 :]:
            near = x.object_id == y.object_id and abs(x.created_at - y.created_at) <= window
            loop = x.account_id == y.account_id or x.content_id == y.content_id
            loop |= x.object_id in (x.content_id, y.content_id)
            if near and not (removed and loop):
                pairs.append((x, y))
    met = {c.content_id for pair in pairs for c in pair}
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.account_id] = counts.get(row.account_id, 0) + (row.content_id in met)
    stays = {r.content_id for r in rows if r.content_id in met and counts[r.account_id] >= least}
    kept = [(x, y) for x, y in pairs if x.content_id in stays or y.content_id in stays]
    out: dict[tuple[str, str], list[int]] = {}
    for x, y in kept:
        key = (min(x.account_id, y.account_id), max(x.account_id, y.account_id))
        out.setdefault(key, []).append(abs(x.created_at - y.created_at))
    return pd.DataFrame(
        [(*key, len(gaps), float(np.median(gaps))) for key, gaps in sorted(out.items())],
        columns=["account_a", "account_b", "weight", "median_gap_s"],
    )


@settings(max_examples=60)
@given(SHARES, st.integers(1, 3), st.booleans())
def test_the_walk_counts_what_pair_by_pair_comparison_counts(
    rows: list, least: int, removed: bool
) -> None:
    shares = framed(rows)
    found = account_ties(shares, (0, 10, 60), least, removed)
    for window in (0, 10, 60):
        ties = found[found.window_s == window]
        slow = slowly(shares, window, least, removed)
        assert ties[slow.columns].values.tolist() == slow.values.tolist()


@settings(max_examples=20)
@given(SHARES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list, rng: object) -> None:
    shares = framed(rows)
    order = list(range(len(shares)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        account_ties(shares, (10, 60), 1, decay_s=30),
        account_ties(shares.iloc[order], (10, 60), 1, decay_s=30),
    )


@settings(max_examples=20)
@given(SHARES)
def test_a_window_alone_gives_what_it_gives_among_others(rows: list) -> None:
    shares = framed(rows)
    counted = ["account_a", "account_b", "weight", "n_objects", "posts_a", "posts_b", "evidence"]
    among = account_ties(shares, (5, 20, 60))
    alone = account_ties(shares, (20,))
    among = among[among.window_s == 20]
    assert among[counted].values.tolist() == alone[counted].values.tolist()
    np.testing.assert_allclose(among.expected, alone.expected)
