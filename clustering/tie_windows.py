"""What does each window find, and which one does the data itself suggest?

In: the ties of one layer (`clustering.ties.find_ties`). Out: one row a window with what it holds
beside what chance gives: the stability curve. All windows are always shown.

The suggestion is CooRnet's rule (Giglietto, Righetti, Rossi, Marino 2020): among the objects whose
second share came unusually fast (the quickest tenth), how long does half of the shares take? The
median of these times is rounded up to a window that was computed. It says how fast the fast ones
are in this corpus, not where coordination ends; the reason says so beside the number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering import pairing
from clustering.shares import MICROSECONDS, Shares
from clustering.ties import Ties
from corpus.tables import WINDOWS

Floats = npt.NDArray[np.float64]

# CooRnet's q and p: the quickest tenth of objects, and half of their shares.
QUICKEST = 0.1
REACHED = 0.5
SHORTEST_S = 1.0
# Pairs of accounts over which chance is added up: all up to 2,000 accounts, else a seeded sample.
PAIRS_ADDED_UP = 2_000_000
SEED = 1
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Suggestion:
    """`seconds`: the time found, None when no object was shared twice; `reason` in words."""

    seconds: float | None
    objects: int
    reason: str


def suggest_window(shares: Shares) -> Suggestion:
    """Apply CooRnet's rule to the shares."""
    sizes = np.diff(shares.starts)
    often = np.flatnonzero(sizes >= 2)
    if not len(often):
        return Suggestion(None, 0, "no object was shared twice, so no window can be suggested")
    first = shares.starts[:-1][often]
    second = (shares.at[first + 1] - shares.at[first]) / MICROSECONDS
    quick = second <= np.quantile(second, QUICKEST)
    half = first[quick] + np.ceil(REACHED * sizes[often][quick]).astype(np.int64) - 1
    # Half of two shares is the first one: the time of the second is what the two can tell.
    half = np.maximum(half, first[quick] + 1)
    taken = (shares.at[half] - shares.at[first[quick]]) / MICROSECONDS
    seconds = max(float(np.median(taken)), SHORTEST_S)
    count = int(quick.sum())
    return Suggestion(
        seconds,
        count,
        f"the {count:,} objects whose second share came fastest (within"
        f" {second[quick].max():,.0f} s) reached half of their shares after {seconds:,.0f} s"
        " in the median",
    )


def window_curve(ties: Ties, layer: str) -> pa.Table:
    """Return the table windows of one layer; `ties.table` as `find_ties` made it."""
    suggestion = suggest_window(ties.shares)
    chosen = _nearest(suggestion.seconds, ties.windows_s)
    rows = [
        {
            "layer": layer,
            **_counted(ties, number, seconds),
            "suggested": seconds == chosen,
            "reason": _reason(suggestion, seconds, seconds == chosen),
        }
        for number, seconds in enumerate(ties.windows_s)
    ]
    return WINDOWS.from_rows(rows)


def _nearest(seconds: float | None, windows_s: tuple[int, ...]) -> int | None:
    if seconds is None:
        return None
    return next((window for window in windows_s if window >= seconds), windows_s[-1])


def _counted(ties: Ties, number: int, seconds: int) -> dict[str, object]:
    table = ties.table.filter(pc.fill_null(pc.equal(ties.table.column("window_s"), seconds), False))
    weight = table.column("weight").to_numpy()
    gaps = table.column("mean_gap_s").to_numpy()
    sides = [*table.column("account_a").chunks, *table.column("account_b").chunks]
    nodes = pa.chunked_array(sides, pa.string())
    once, again = expected_ties(ties, number)
    return {
        "window_s": seconds,
        "ties": table.num_rows,
        "accounts": pc.count_distinct(nodes).as_py() if table.num_rows else 0,
        "max_weight": int(weight.max(initial=0)),
        "mean_dt_s": float((gaps * weight).sum() / weight.sum()) if len(weight) else None,
        "expected_ties": once,
        "repeated_ties": int((table.column("n_objects").to_numpy() >= 2).sum()),
        "expected_repeated": again,
        "significant_ties": int((table.column("q_value").to_numpy() <= SIGNIFICANT).sum()),
        "skipped_objects": int((ties.skipped.column("window_s").to_numpy() == seconds).sum()),
    }


def _reason(suggestion: Suggestion, seconds: int, suggested: bool) -> str:
    if suggestion.seconds is None:
        return suggestion.reason
    side = "the smallest of these windows that holds it"
    if suggested and seconds < suggestion.seconds:
        side = "longer than every window, so the widest is shown for it"
    if suggested:
        return f"{suggestion.reason}: {side}"
    than = "shorter" if seconds < suggestion.seconds else "longer"
    return f"{than} than needed: {suggestion.reason}"


def expected_ties(ties: Ties, window: int) -> tuple[float, float]:
    """Return how many pairs of accounts meet in one object or more, and in two or more, by chance.

    An upper bound, as each pair's expected number is: accounts that repeat what they share crowd
    it into fewer objects than it allows for. The sum of 1 - exp(-expected) (and of the Poisson's
    second tail) over all pairs of accounts, or over a seeded sample of them scaled up.
    """
    accounts = len(ties.shares.accounts)
    total = accounts * (accounts - 1) // 2
    if not total:
        return 0.0, 0.0
    if total <= PAIRS_ADDED_UP:
        a, b = np.triu_indices(accounts, k=1)
    else:
        rng = np.random.default_rng(SEED)
        a = rng.integers(0, accounts, PAIRS_ADDED_UP)
        b = (a + rng.integers(1, accounts, PAIRS_ADDED_UP)) % accounts
    counts = np.zeros((len(a), 7), dtype=np.int32)
    counts[:, pairing.ACCOUNT_A], counts[:, pairing.ACCOUNT_B] = a, b
    counts[:, pairing.WINDOW] = window
    mean = ties.null.expected(counts)
    none = np.exp(-mean)
    scale = total / len(a)
    return float((1 - none).sum() * scale), float((1 - none - mean * none).sum() * scale)
