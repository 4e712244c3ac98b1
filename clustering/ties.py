"""Which accounts shared the same things within a window, how often, and how surprising is it?

In: events (object_id, account_id, content_id, created_at). Out: ties, one row a pair of accounts
and window, every window in one table, with counts as CooRTweet's, the number of objects expected
by chance, p, q and the contents behind it; beside them what each window holds, and which objects
had too large a crowd to be paired. It refuses nothing but wrong columns; it names no cause: a tie
says "posted alike within this window, this often, where chance gives that much".

For who builds on it: `find_ties` (Arrow in, `Ties` out) is the stage's door, `account_ties` the
pandas one. `Ties.null` can be asked again (`TieNull.expected`). The parts: `clustering.shares`
(codes), `clustering.tie_pairs` (the walk), `clustering.tie_null` (chance), `clustering.tie_windows`
(the curve and the suggested window), `clustering.tie_evidence` (posts side by side).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from clustering import pairing
from clustering.shares import MICROSECONDS, Flags, Ints, Shares, code_shares, events_table
from clustering.tie_null import (
    Floats,
    TieNull,
    chernoff_tail,
    fit_null,
    poisson_tail,
    sharers_of,
    time_cells,
)
from clustering.tie_pairs import (
    MAX_WINDOWS,
    PairWalk,
    Reach,
    TieRows,
    kept_contents,
    reach_of,
)
from corpus.errors import SettingsError
from corpus.significance import benjamini_hochberg

# From "the same second, by a machine" to "the same day".
WINDOWS_S = (10, 60, 600, 3_600, 86_400)
# An object with more accounts than this inside one window ties nobody: a pair among so many says
# little, and its pairs grow with the square. The conformance sets hold at most 364 accounts.
MAX_ACCOUNTS = 1_000
# Shares inside a window, many of them by the same accounts, of an object that is still paired.
MAX_SHARES = 10 * MAX_ACCOUNTS

SKIPPED_SCHEMA = pa.schema(
    [("object_id", pa.string()), ("window_s", pa.int64()), ("accounts", pa.int64()),
     ("shares", pa.int64()), ("reason", pa.string())]
)  # fmt: skip


@dataclass(frozen=True)
class Ties:
    """`table`: the ties (columns of `account_ties`); `skipped`: object_id, window_s, accounts,
    shares, reason; `tests`: how many p values q is corrected for; `null` and `shares` to ask again.
    """

    table: pa.Table
    skipped: pa.Table
    shares: Shares
    null: TieNull
    windows_s: tuple[int, ...]
    tests: int


def account_ties(
    events: pd.DataFrame,
    windows_s: Sequence[int] = WINDOWS_S,
    min_participation: int = 2,
    remove_loops: bool = True,
    decay_s: float | None = None,
    *,
    max_accounts: int = MAX_ACCOUNTS,
    min_weight: int = 1,
) -> pd.DataFrame:
    """Return who shared the same objects within each window, and how surprising that is.

    Parameters
    ----------
    events : (n, 4) frame: object_id, account_id, content_id, created_at (a time, or seconds since
        1970). Rows without an object are no share. Never changed.
    windows_s : seconds within which two shares count, both ends included; at most 8.
    min_participation : accounts with fewer shares are left out, before pairing and again after it,
        as CooRTweet's detect_groups does.
    remove_loops : leave out pairs of an account with itself.
    decay_s : also count each pair as exp(-gap / decay_s): rows with window_s null, over the gaps up
        to the widest window.
    max_accounts : objects with more accounts than this inside one window tie nobody in it.
    min_weight : ties of fewer pairs have no row; they count in the null and in q all the same. 2
        keeps ten million events in a few GiB.

    Returns
    -------
    A frame ordered by account_a, account_b, window_s (decay rows last): account_a < account_b
    (equal only for a loop), window_s (null: decay kernel), decay_s, weight (co-share pairs, as
    CooRTweet counts them), decayed_weight (sum of exp(-gap / decay_s) over pairs, each divided by
    its object's accounts less one, Newman 2001), n_objects (distinct), posts_a, posts_b (distinct
    contents of each side), mean_gap_s, median_gap_s, a_first_share (share of pairs in which
    account_a came first; the same moment counts half), symmetry (smaller of posts_a and posts_b
    over the larger), expected (n_objects by chance; on decay rows the sum of exp(-gap / decay_s) of
    each object's nearest pair), p_value, q_value (Benjamini-Hochberg over all pairs of accounts and
    windows, seen or not), evidence (content ids of the 100 nearest pairs, nearest first). The null
    stands in `clustering.tie_null.NULL_IN_WORDS`; a loop is not tested: expected NaN, p and q 1.

    Raises
    ------
    SchemaError
        When a column is missing or created_at holds no times.
    SettingsError
        When a window, decay_s, min_participation, max_accounts or min_weight cannot be used.
    """
    found = find_ties(
        events,
        windows_s=windows_s,
        min_participation=min_participation,
        remove_loops=remove_loops,
        decay_s=decay_s,
        max_accounts=max_accounts,
        min_weight=min_weight,
    ).table
    frame: pd.DataFrame = found.drop_columns(["evidence"]).to_pandas()
    frame["window_s"] = pd.array(found.column("window_s").to_numpy(), dtype="Int64")
    frame["evidence"] = pd.Series(found.column("evidence").to_pylist(), dtype=object)
    return frame


def find_ties(
    events: pd.DataFrame | pa.Table,
    *,
    windows_s: Sequence[int] = WINDOWS_S,
    min_participation: int = 2,
    remove_loops: bool = True,
    decay_s: float | None = None,
    max_accounts: int = MAX_ACCOUNTS,
    min_weight: int = 1,
) -> Ties:
    """Do what `account_ties` does, in Arrow, and keep what its answer rests on."""
    seconds = _checked(
        windows_s,
        decay_s,
        min_participation=(min_participation, 1),
        max_accounts=(max_accounts, 2),
        min_weight=(min_weight, 1),
    )
    windows = np.round(np.array(seconds, dtype=np.float64) * MICROSECONDS).astype(np.int64)
    shares = code_shares(events_table(events), min_participation=min_participation)
    reach = reach_of(shares, windows, max_accounts=max_accounts, max_shares=MAX_SHARES)
    loops = not remove_loops
    bits = kept_contents(shares, windows, reach, min_participation=min_participation, loops=loops)
    cells = time_cells(shares)
    decay = round((decay_s or 0) * MICROSECONDS)
    walk = PairWalk(
        shares, windows, reach, bits, cells,
        loops=loops, least_weight=min_weight, decay=decay, sharers=sharers_of(shares)[1],
    )  # fmt: skip
    rows = _joined(list(walk))
    null = fit_null(shares, walk.meetings, cells, windows)
    accounts = len(shares.accounts)
    tests = accounts * (accounts - 1) // 2 * (len(windows) + (decay > 0))
    tested = _tested(rows, null, seconds, decay_s)
    table = _table(rows, shares, tested, seconds=seconds, decay_s=decay_s, tests=tests)
    return Ties(
        table, _skipped(shares, reach, seconds, max_accounts), shares, null, tuple(seconds), tests
    )


def _checked(
    windows_s: Sequence[int], decay_s: float | None, **least: tuple[int, int]
) -> list[int]:
    """Return the different windows in rising order, or say all that is wrong.

    `least` gives for each whole number what was asked for and the smallest that is allowed.
    """
    seconds = sorted(set(windows_s))
    problems = []
    if not seconds or seconds[0] < 0 or any(int(s) != s for s in seconds):
        problems.append(f"windows_s is {list(windows_s)}, expected whole seconds from 0, e.g. [60]")
    if len(seconds) > MAX_WINDOWS:
        problems.append(f"{len(seconds)} windows were asked for, at most {MAX_WINDOWS} fit")
    if decay_s is not None and not decay_s > 0:
        problems.append(f"decay_s is {decay_s}, expected seconds above 0, or None for no decay")
    for name, (asked, smallest) in least.items():
        if asked < smallest:
            problems.append(f"{name} is {asked}, expected {smallest} or more")
    if problems:
        raise SettingsError(problems)
    return [int(s) for s in seconds]


def _joined(parts: list[TieRows]) -> TieRows:
    """Put the rows of all stretches below each other; the parts are emptied as they are read."""
    offsets = np.cumsum([0, *[len(part.evidence) for part in parts]])
    cuts = [part.cuts[1:] + offset for part, offset in zip(parts, offsets, strict=False)]
    return TieRows(
        np.concatenate([np.zeros((0, 7), np.int32), *[part.counts for part in parts]]),
        np.concatenate([np.zeros((0, 5)), *[part.measures for part in parts]]),
        np.concatenate([np.zeros(1, np.int64), *cuts]),
        np.concatenate([np.zeros(0, np.int32), *[part.evidence for part in parts]]),
    )


@dataclass(frozen=True)
class _Tested:
    """`picked`: the row of counts that each row of the table shows; decay rows stand last."""

    picked: Ints
    is_decay: Flags
    expected: Floats
    p: Floats


def _tested(rows: TieRows, null: TieNull, seconds: list[int], decay_s: float | None) -> _Tested:
    """Test each row, and once more as a decay row where it is one of the widest window."""
    counts = rows.counts
    expected = null.expected(counts)
    p = poisson_tail(counts[:, pairing.N_OBJECTS], expected)
    widest = np.flatnonzero(counts[:, pairing.WINDOW] == len(seconds) - 1)
    if decay_s is None:
        widest = widest[:0]
    else:
        like = min(int(np.searchsorted(seconds, decay_s)), len(seconds) - 1)
        more = null.expected_decayed(counts[widest], like)
        expected = np.concatenate([expected, more])
        p = np.concatenate([p, chernoff_tail(rows.measures[widest, pairing.NEAREST], more)])
    picked = np.concatenate([np.arange(len(counts)), widest])
    return _Tested(picked, np.arange(len(picked)) >= len(counts), expected, p)


def _table(
    rows: TieRows,
    shares: Shares,
    tested: _Tested,
    *,
    seconds: list[int],
    decay_s: float | None,
    tests: int,
) -> pa.Table:
    picked, is_decay = tested.picked, tested.is_decay
    counts, measures = rows.counts[picked], rows.measures[picked]
    a, b, window = (counts[:, c] for c in (pairing.ACCOUNT_A, pairing.ACCOUNT_B, pairing.WINDOW))
    weight, n_objects, posts_a, posts_b = (
        counts[:, c].astype(np.int64)
        for c in (pairing.WEIGHT, pairing.N_OBJECTS, pairing.POSTS_A, pairing.POSTS_B)
    )
    table = pa.table(
        {
            "account_a": shares.accounts.take(pa.array(a)),
            "account_b": shares.accounts.take(pa.array(b)),
            "window_s": pa.array(np.array(seconds, dtype=np.int64)[window], mask=is_decay),
            "decay_s": pa.array(np.full(len(picked), decay_s or 0.0), mask=~is_decay),
            "weight": weight,
            "decayed_weight": pa.array(measures[:, pairing.DECAYED], mask=~is_decay),
            "n_objects": n_objects,
            "posts_a": posts_a,
            "posts_b": posts_b,
            "mean_gap_s": measures[:, pairing.GAP_SUM] / weight / MICROSECONDS,
            "median_gap_s": measures[:, pairing.GAP_MEDIAN] / MICROSECONDS,
            "a_first_share": measures[:, pairing.A_FIRST] / weight,
            "symmetry": np.minimum(posts_a, posts_b) / np.maximum(posts_a, posts_b),
            "expected": tested.expected,
            "p_value": tested.p,
            "q_value": _q_values(tested, tests),
            "evidence": _evidence(rows, shares).take(pa.array(picked)),
        }
    )
    if decay_s is None:
        return table
    return table.take(pa.array(np.lexsort((window + is_decay, b, a))))


def _q_values(tested: _Tested, tests: int) -> Floats:
    """q over all tests; a loop is none and has q = 1."""
    q = np.ones(len(tested.p))
    is_test = ~np.isnan(tested.expected)
    q[is_test] = benjamini_hochberg(tested.p[is_test], tests)
    return q


def _evidence(rows: TieRows, shares: Shares) -> pa.ListArray:
    contents = shares.contents.take(pa.array(rows.evidence))
    return pa.ListArray.from_arrays(pa.array(rows.cuts.astype(np.int32)), contents)


def _skipped(shares: Shares, reach: Reach, seconds: list[int], max_accounts: int) -> pa.Table:
    """Objects and windows without pairs, with the reason in words."""
    width = len(seconds)
    objects, windows = np.nonzero(np.arange(width) >= reach.windows[:, np.newaxis])
    rows = []
    for o, w in zip(objects.tolist(), windows.tolist(), strict=True):  # few: crowds beyond a cap
        accounts, shared = int(reach.crowd[o, w]), int(reach.busiest[o, w])
        reason = (
            f"{accounts:,} accounts shared it within {seconds[w]:,} s, more than {max_accounts:,}"
            if accounts > max_accounts
            else f"{shared:,} shares within {seconds[w]:,} s, more than {MAX_SHARES:,}"
        )
        rows.append((shares.objects[o].as_py(), seconds[w], accounts, shared, reason))
    columns = list(zip(*rows, strict=True)) or [()] * len(SKIPPED_SCHEMA)
    return pa.table(
        [
            pa.array(list(column), field.type)
            for column, field in zip(columns, SKIPPED_SCHEMA, strict=True)
        ],
        schema=SKIPPED_SCHEMA,
    )
