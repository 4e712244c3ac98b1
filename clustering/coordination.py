"""Who moved together in this corpus? Traces, ties, windows, groups: the whole of it in one call.

In: posts with what was found about their texts. Out: the tables ties, tie_evidence, windows,
skipped_objects and groups, with notes. Text, account and time are enough; without accounts or
times it says which column is missing and finds nothing. Where nothing passes the test, a note says
how much two accounts would have had to share for this corpus to show it (`clustering.power`).

Traces are not kept: they are as large as the corpus and `clustering.traces.find_traces` makes them
again in seconds. The evidence of every validated pair is, at its widest validated window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clustering.groups import find_groups
from clustering.power import smallest_tie
from clustering.tie_evidence import evidence_for
from clustering.tie_layers import LayerTies, tie_layers, usable_windows
from clustering.tie_permutation import Permuted, permuted_ties
from clustering.ties import Ties
from clustering.traces import find_traces
from clustering.validated import classed, without_templates, worth_keeping
from corpus.settings import Coordination as Asked
from corpus.tables import GROUPS, SKIPPED_OBJECTS, TIE_EVIDENCE, TIES, WINDOWS

# An account with fewer shares of a layer than this meets nobody twice there.
MIN_PARTICIPATION = 2
# Validated pairs whose posts are set side by side, the least likely first, and pairs of posts each.
PAIRS_SHOWN, POSTS_SHOWN = 5_000, 10
# Two accounts are a pair and three a group: power is told for the smallest group.
TOLD_GROUP = 3
# Things that a pair shares by chance where none were expected at all.
LEAST_EXPECTED = 1e-9


@dataclass(frozen=True)
class Coordination:
    """Tables that keep their contracts, sentences for the reader, facts for the manifest."""

    ties: pa.Table
    tie_evidence: pa.Table
    windows: pa.Table
    skipped_objects: pa.Table
    groups: pa.Table
    notes: tuple[str, ...]
    facts: dict[str, Any]

    def tables(self) -> dict[str, pa.Table]:
        """By name."""
        names = ("ties", "tie_evidence", "windows", "skipped_objects", "groups")
        return {name: getattr(self, name) for name in names}


def find_coordination(
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    paraphrases: pa.Table,
    point_classes: pa.Table,
    outlets: pa.Table,
    settings: Asked | None = None,
    seed: int = 0,
    kept_columns: pa.Table | None = None,
    tie_on: Sequence[str] = (),
) -> Coordination:
    """Return who moved together; the tables of these names keep their contracts.

    `tie_on` names columns of `kept_columns` whose equal values tie accounts.
    """
    asked = settings or Asked()
    missing = _missing(posts)
    if missing:
        return _nothing((f"coordination was not assessed: {missing}",), {"assessed": False})
    traces = find_traces(
        posts=posts,
        texts=texts,
        point_posts=point_posts,
        paraphrases=paraphrases,
        kept_columns=kept_columns,
        tie_on=tie_on,
    )
    kept, templates = without_templates(traces.table, point_posts, point_classes)
    windows_s, coarse = usable_windows(posts, asked.windows_s)
    notes = [*traces.notes, *templates, *coarse]
    if not windows_s:
        sentence = "coordination was not assessed: no window is as wide as the times are precise"
        return _nothing((*notes, sentence), {"assessed": False})
    layers = tie_layers(
        kept,
        windows_s=windows_s,
        min_participation=MIN_PARTICIPATION,
        max_accounts=asked.max_accounts,
        least_objects=asked.min_objects,
    )
    chosen, cut = worth_keeping(layers.ties, level=asked.q_level, least=asked.min_objects)
    about = {"point_posts": point_posts, "point_classes": point_classes, "outlets": outlets}
    ties = classed(chosen, **about)
    passed = ties.filter(ties.column("validated"))
    groups = find_groups(
        passed,
        posts=posts,
        **about,
        shares={name: found.shares for name, found in layers.by_layer.items()},
        seed=seed,
        shuffles=asked.permutations,
    )
    return Coordination(
        ties=ties,
        tie_evidence=evidence_for(shown(passed), traces=kept, posts=posts, limit=POSTS_SHOWN),
        windows=_windows(layers, asked, seed),
        skipped_objects=layers.skipped,
        groups=groups,
        notes=(*notes, *cut, *_found(layers, passed, groups, asked)),
        facts={"coordination": _facts(layers, ties, groups)},
    )


def _missing(posts: pa.Table) -> str | None:
    """Say which column there is none of."""
    for column, what in (("account_id", "accounts"), ("created_at", "times")):
        if posts.num_rows == posts.column(column).null_count:
            return f"no post has a value in {column}, and without {what} nobody can move together"
    if len(pc.unique(posts.column("account_id").drop_null())) < 2:
        return "account_id names one account, and it takes two"
    return None


def _nothing(notes: tuple[str, ...], facts: dict[str, Any]) -> Coordination:
    tables = (TIES, TIE_EVIDENCE, WINDOWS, SKIPPED_OBJECTS, GROUPS)
    ties, evidence, windows, skipped, groups = (each.empty() for each in tables)
    return Coordination(ties, evidence, windows, skipped, groups, notes, {"coordination": facts})


def shown(ties: pa.Table) -> pa.Table:
    """Return one row of each pair and layer, its widest window: what evidence is set beside."""
    ordered = ties.sort_by([("window_s", "descending"), ("p_value", "ascending")])
    seen: set[tuple[str, str, str]] = set()
    rows = []
    names = ("account_a", "account_b", "layer")
    for at, key in enumerate(zip(*(ordered[name].to_pylist() for name in names), strict=True)):
        if key not in seen:
            seen.add(key)
            rows.append(at)
    kept = ordered.take(pa.array(rows, pa.int64()))
    keys = [(name, "ascending") for name in ("p_value", *names)]
    return kept.sort_by(keys).slice(0, PAIRS_SHOWN)


def _windows(layers: LayerTies, asked: Asked, seed: int) -> pa.Table:
    """The curve of windows, with what shuffled labels give beside what the formula expects."""
    if not asked.permutations:
        return layers.windows
    found = {name: _permuted(ties, asked, seed) for name, ties in layers.by_layer.items()}
    table = layers.windows
    rows = list(zip(table["layer"].to_pylist(), table["window_s"].to_pylist(), strict=True))
    at = {name: layers.by_layer[name].windows_s.index for name in layers.by_layer}
    for column in ("ties", "repeated"):
        values = [getattr(found[layer], column)[at[layer](window)] for layer, window in rows]
        place = table.schema.get_field_index(f"permuted_{column}")
        table = table.set_column(place, table.schema.field(place), pa.array(values, pa.float64()))
    return table


def _permuted(ties: Ties, asked: Asked, seed: int) -> Permuted:
    return permuted_ties(
        ties.shares,
        ties.windows_s,
        min_participation=MIN_PARTICIPATION,
        max_accounts=asked.max_accounts,
        seed=seed,
    )


def _found(layers: LayerTies, passed: pa.Table, groups: pa.Table, asked: Asked) -> tuple[str, ...]:
    """Sentences: what passed, or how large it would have had to be."""
    if passed.num_rows and groups.num_rows:
        return ()
    what = "no group of three or more accounts" if passed.num_rows else "no two accounts"
    start = f"{what} shared more than chance explains at q <= {asked.q_level:g}"
    power = smallest_shown(layers)
    return (f"{start}: {power}" if power else f"{start}: no two posts had anything in common",)


def smallest_shown(layers: LayerTies) -> str | None:
    """Say how many things accounts must share to be shown: texts, or the layer of most accounts."""
    sizes = {name: len(ties.shares.accounts) for name, ties in layers.by_layer.items()}
    able = {name: size for name, size in sizes.items() if size >= TOLD_GROUP}
    if not able:
        return None
    name = "near_duplicate" if "near_duplicate" in able else max(able, key=lambda n: (able[n], n))
    rows = layers.windows.filter(pc.equal(layers.windows.column("layer"), name)).to_pylist()
    widest = max(rows, key=lambda row: row["window_s"])
    pairs = able[name] * (able[name] - 1) // 2
    found = smallest_tie(
        accounts=able[name],
        expected=max(widest["expected_ties"] / pairs, LEAST_EXPECTED),
        tests=max(layers.tests, 1),
        group=TOLD_GROUP,
    )
    return f"in the layer {name} within {widest['window_s']:,} s, {found.sentence}"


def _facts(layers: LayerTies, ties: pa.Table, groups: pa.Table) -> dict[str, Any]:
    passed = ties.filter(ties.column("validated"))
    counts: Mapping[str, Any] = {
        each["values"]: each["counts"] for each in passed["layer"].value_counts().to_pylist()
    }
    accounts = pc.unique(
        pa.chunked_array([*passed["account_a"].chunks, *passed["account_b"].chunks], pa.string())
    )
    return {
        "assessed": True,
        "tests": layers.tests,
        "validated_ties": dict(sorted(counts.items())),
        "accounts_with_ties": len(accounts),
        "groups": groups.num_rows,
        "power": smallest_shown(layers),
    }
