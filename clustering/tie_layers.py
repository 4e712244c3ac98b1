"""Ties of every layer, tested together.

In: traces (`clustering.traces`). Out: the tables ties, windows and skipped_objects, and notes. Each
layer is paired and has its null by itself, for layers are never added up; q is corrected over all
pairs of accounts, windows and layers at once, so that many looks do not make a finding.

With `least_objects`, fewer shared objects make no finding, whatever their p: their q is 1. Then
accounts with fewer objects of a layer could not be in any, so their pairs are no tests. That is
known before looking at who met whom, and the null keeps those numbers, so q stays what it says
(independent filtering: Bourgon, Gentleman, Huber 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.tie_null import sharers_of
from clustering.tie_windows import window_curve
from clustering.ties import MAX_ACCOUNTS, WINDOWS_S, Ties, find_ties
from clustering.traces import LAYERS, layer_events
from corpus.significance import benjamini_hochberg
from corpus.tables import SKIPPED_OBJECTS, TIES, WINDOWS, conform

MINUTE_S = 60


@dataclass(frozen=True)
class LayerTies:
    """`ties`, `windows`, `skipped` keep their contracts; `by_layer` holds what each rests on."""

    ties: pa.Table
    windows: pa.Table
    skipped: pa.Table
    by_layer: dict[str, Ties]
    tests: int


def tie_layers(
    traces: pa.Table,
    *,
    windows_s: Sequence[int] = WINDOWS_S,
    min_participation: int = 2,
    decay_s: float | None = None,
    max_accounts: int = MAX_ACCOUNTS,
    min_weight: int = 1,
    least_objects: int = 1,
) -> LayerTies:
    """Tie accounts in each layer that two of them left traces in."""
    found = {}
    others = set(pc.unique(traces.column("layer")).to_pylist()) - set(LAYERS)
    for layer in (*LAYERS, *sorted(others)):
        events = layer_events(traces, layer)
        if events.num_rows:
            found[layer] = find_ties(
                events,
                windows_s=windows_s,
                min_participation=min_participation,
                decay_s=decay_s,
                max_accounts=max_accounts,
                min_weight=min_weight,
            )
    return _together(found, least_objects)


def usable_windows(posts: pa.Table, windows_s: Sequence[int]) -> tuple[list[int], tuple[str, ...]]:
    """Return the windows that the times are precise enough for, and a note on those left out.

    Times to the minute cannot tell 10 s from 50 s: two posts of one minute would meet at 0 s.
    """
    coarse = pc.sum(pc.equal(posts.column("time_precision"), "minute")).as_py() or 0
    narrow = [seconds for seconds in windows_s if seconds < MINUTE_S]
    if not coarse or not narrow:
        return list(windows_s), ()
    note = (
        f"{coarse:,} of {posts.num_rows:,} posts have times to the minute, so windows below 60 s"
        f" ({', '.join(f'{seconds} s' for seconds in narrow)}) were left out"
    )
    return [seconds for seconds in windows_s if seconds >= MINUTE_S], (note,)


def _together(found: dict[str, Ties], least_objects: int) -> LayerTies:
    """Put the layers below each other and correct q over all of them."""
    tests = sum(_tests(ties, least_objects) for ties in found.values())
    if not found:
        return LayerTies(TIES.empty(), WINDOWS.empty(), SKIPPED_OBJECTS.empty(), {}, 0)
    named = [_named(ties.table, layer) for layer, ties in found.items()]
    whole = pa.concat_tables(named).select(["p_value", "n_objects"])
    enough = whole.column("n_objects").to_numpy() >= least_objects
    q = np.ones(whole.num_rows)
    q[enough] = benjamini_hochberg(whole.column("p_value").to_numpy()[enough], tests)
    corrected, start = {}, 0
    for (layer, ties), table in zip(found.items(), named, strict=True):
        part = pa.array(q[start : start + table.num_rows])
        at = ties.table.schema.get_field_index("q_value")
        corrected[layer] = replace(ties, table=ties.table.set_column(at, "q_value", part))
        start += table.num_rows
    return LayerTies(
        conform(pa.concat_tables([_named(t.table, n) for n, t in corrected.items()]), TIES),
        pa.concat_tables([window_curve(ties, layer) for layer, ties in corrected.items()]),
        conform(
            pa.concat_tables([_named(t.skipped, n) for n, t in corrected.items()]), SKIPPED_OBJECTS
        ),
        corrected,
        tests,
    )


def _tests(ties: Ties, least_objects: int) -> int:
    """Pairs of accounts that could have met in as many objects, times what was looked at."""
    if least_objects <= 1:
        return ties.tests
    accounts = len(ties.shares.accounts)
    able = int((sharers_of(ties.shares)[0] >= least_objects).sum())
    looks = ties.tests // max(accounts * (accounts - 1) // 2, 1)
    return able * (able - 1) // 2 * looks


def _named(table: pa.Table, layer: str) -> pa.Table:
    return table.append_column("layer", pa.array([layer] * table.num_rows, pa.string()))
