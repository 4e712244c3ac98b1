"""Profile snapshots become lanes: what stood in each field of an account, from when until when.

In: the `profiles` table. Out: LANES, one row for each stretch of equal values in one field of one
account; SIGHTINGS, one row an account; DELETIONS, sharp falls of the post count. The kernels see
whole accounts, so millions of snapshots shrink before anything is read closely.

Rules. Accounts are keyed by id, never by handle. Null is unknown: it neither ends a stretch nor
starts one; "" is a value. Order is time, then snapshot id, so rows in any order give the same
lanes. A snapshot without a time is kept (it can show a claim) but has no place in the order.
A row whose basis is "event" was written when the state changed: it holds until the next row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import TS

# States in which a platform shows nothing of an account any more.
GONE = ("suspended", "deleted")
_EMPTIED = ("handle", "display_name", "bio", "location", "pronouns")
# The fields that make up what an account says about itself, by column of `profiles`.
LANE_FIELDS = {
    "handle": "handle",
    "display_name": "name",
    "bio": "bio",
    "location": "location",
    "pronouns": "pronouns",
    "state": "state",
}
# The states that PERSONA_COVERAGE counts as different.
STATE_COLUMNS = ("handle", "display_name", "bio", "location")
# A fall of the post count by this share is a mass deletion; 1.2 % of 8,178 ordinary accounts show
# one in about three months.
MASS_DELETION_SHARE = 0.30
# Below this many posts a share says little: three of ten posts removed is housekeeping.
MASS_DELETION_MIN_POSTS = 50
# A value that shows up between two sightings of another one, less than this apart, is out of place.
STRAY = timedelta(days=1)

LANES = pa.schema(
    [
        ("account_id", pa.string()),
        ("platform", pa.string()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("from_at", TS),  # first row that shows it
        ("to_at", TS),  # last row that shows it
        ("until_at", TS),  # as to_at; later where the basis says that the state held on
        ("snapshots", pa.int64()),
        ("snapshot_id", pa.string()),  # of the first row
        ("last_snapshot_id", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
    ]
)
SIGHTINGS = pa.schema(
    [
        ("account_id", pa.string()),
        ("platform", pa.string()),
        ("snapshots", pa.int64()),  # with a time
        ("distinct_states", pa.int64()),
        ("first_at", TS),
        ("last_at", TS),
        ("last_active_at", TS),  # last time it was seen and not gone
        ("joined_at", TS),
        ("source_file", pa.string()),  # of the last row
        ("source_row", pa.int64()),
    ]
)
DELETIONS = pa.schema(
    [
        ("account_id", pa.string()),
        ("at_before", TS),
        ("at_after", TS),
        ("posts_before", pa.int64()),
        ("posts_after", pa.int64()),
    ]
)
# Sightings of one moment stand in the order in which the readers fold repeats: in another order a
# state between two others would seem to last as long as the sightings that were folded away.
_ORDER = [
    (name, "ascending")
    for name in (
        *("account_id", "observed_at", "handle", "display_name", "bio", "location"),
        *("pronouns", "url", "avatar_hash", "state", "snapshot_id"),
    )
]


def in_order(profiles: pa.Table) -> pa.Table:
    """Return the rows by account, time and content; rows without a time stand last.

    What a source leaves empty in the row of a suspended or deleted account is unknown, not erased.
    """
    known = profiles
    gone = pc.is_in(profiles["state"], pa.array(GONE))
    for column in _EMPTIED:
        blank = pc.and_(gone, pc.equal(pc.utf8_trim_whitespace(profiles[column]), ""))
        value = pc.if_else(pc.fill_null(blank, False), None, profiles[column])
        known = known.set_column(known.column_names.index(column), known.field(column), value)
    return known.take(pc.sort_indices(known, sort_keys=_ORDER))


@dataclass(frozen=True)
class CollapseLanes:
    """Kernel over whole accounts: `profiles` rows -> LANES."""

    @property
    def output(self) -> pa.Schema:
        """Return LANES."""
        return LANES

    def __call__(self, table: pa.Table) -> pa.Table:
        """Collapse equal neighbours in each field."""
        ordered = in_order(table)
        timed = ordered.filter(pc.is_valid(ordered["observed_at"]))
        timed = timed.append_column("until_at", _held_until(timed))
        undated = ordered.filter(pc.is_null(ordered["observed_at"]))
        parts = [_lanes(timed, column, field) for column, field in LANE_FIELDS.items()]
        parts += [_undated(undated, column, field) for column, field in LANE_FIELDS.items()]
        return pa.concat_tables(parts)


@dataclass(frozen=True)
class CountSightings:
    """Kernel over whole accounts: `profiles` rows -> SIGHTINGS."""

    @property
    def output(self) -> pa.Schema:
        """Return SIGHTINGS."""
        return SIGHTINGS

    def __call__(self, table: pa.Table) -> pa.Table:
        """Summarise when and how often each account was seen."""
        return _sightings(in_order(table)) if table.num_rows else SIGHTINGS.empty_table()


@dataclass(frozen=True)
class FindDeletions:
    """Kernel over whole accounts: `profiles` rows -> DELETIONS."""

    @property
    def output(self) -> pa.Schema:
        """Return DELETIONS."""
        return DELETIONS

    def __call__(self, table: pa.Table) -> pa.Table:
        """Compare each known post count with the next one of the same account."""
        known = pc.and_(pc.is_valid(table["statuses_count"]), pc.is_valid(table["observed_at"]))
        gone = pc.is_in(table["state"], pa.array(GONE))  # its zero is no count of anything
        known = pc.and_not(known, pc.and_(gone, pc.equal(table["statuses_count"], 0)))
        ordered = in_order(table.filter(known))
        counts = ordered["statuses_count"].to_numpy(zero_copy_only=False).astype(np.int64)
        before, after = counts[:-1], counts[1:]
        fell = after <= (1.0 - MASS_DELETION_SHARE) * before
        fell &= (before >= MASS_DELETION_MIN_POSTS) & ~starts_of(ordered["account_id"])[1:]
        at = np.flatnonzero(fell)
        return pa.table(
            [
                ordered["account_id"].take(at),
                ordered["observed_at"].take(at),
                ordered["observed_at"].take(at + 1),
                pa.array(before[at]),
                pa.array(after[at]),
            ],
            schema=DELETIONS,
        )


def without_strays(lanes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Join lanes that only a stray sighting of less than a day cuts apart.

    Archives label some rows with the handle of another time, so that a later handle shows up as
    single rows amid the earlier one; read as they stand they would be two renames each. `lanes` are
    the dated lanes of one field and account, in order.
    """
    joined: list[dict[str, Any]] = []
    for at, lane in enumerate(lanes):
        if joined and joined[-1]["value"] == lane["value"]:
            joined[-1] |= {k: lane[k] for k in ("to_at", "until_at", "last_snapshot_id")}
            joined[-1]["snapshots"] += lane["snapshots"]
        elif not (joined and at + 1 < len(lanes) and _is_stray(joined[-1], lanes[at + 1])):
            joined.append(dict(lane))
    return joined


def _is_stray(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    excursion = after["from_at"] - before["to_at"]
    return bool(excursion < STRAY and before["value"] == after["value"])


def group_ranges(ordered: pa.Table, key: str = "account_id") -> Iterator[tuple[int, int]]:
    """Yield the row range of each group of equal neighbours in column `key`."""
    borders = np.append(np.flatnonzero(starts_of(ordered[key])), ordered.num_rows)
    yield from zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)


def starts_of(column: pa.ChunkedArray) -> np.ndarray:
    """True where a value differs from the one above it."""
    first = np.ones(len(column), dtype=bool)
    if len(column) > 1:
        differs = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
        first[1:] = differs.to_numpy(zero_copy_only=False)
    return first


def _held_until(timed: pa.Table) -> pa.ChunkedArray:
    """Until when each state held: its own time, or the account's next row for event rows."""
    if timed.num_rows == 0:
        return timed["observed_at"]
    last = np.append(starts_of(timed["account_id"])[1:], True)
    following = np.minimum(np.arange(timed.num_rows) + 1, timed.num_rows - 1)
    event = pc.equal(timed["basis"], "event").to_numpy(zero_copy_only=False)
    use = pa.array(event & ~last)
    return pc.if_else(use, timed["observed_at"].take(following), timed["observed_at"])


def _lanes(timed: pa.Table, column: str, field: str) -> pa.Table:
    known = timed.filter(pc.is_valid(timed[column]))
    starts = np.flatnonzero(starts_of(known["account_id"]) | starts_of(known[column]))
    ends = np.append(starts[1:], known.num_rows) - 1 if len(starts) else starts
    first, last = known.take(starts), known.take(ends)
    arrays = [
        first["account_id"],
        first["platform"],
        pa.array([field] * len(starts), pa.string()),
        first[column],
        first["observed_at"],
        last["observed_at"],
        last["until_at"],
        pa.array(ends - starts + 1, pa.int64()),
        first["snapshot_id"],
        last["snapshot_id"],
        first["source_file"],
        first["source_row"],
    ]
    return pa.table(arrays, schema=LANES)


def _undated(rows: pa.Table, column: str, field: str) -> pa.Table:
    """One lane without times for each undated row; they are few and prove no order."""
    known = rows.filter(pc.is_valid(rows[column]))
    never = pa.nulls(known.num_rows, TS)
    arrays = [
        known["account_id"],
        known["platform"],
        pa.array([field] * known.num_rows, pa.string()),
        known[column],
        *(never, never, never),
        pa.array([1] * known.num_rows, pa.int64()),
        known["snapshot_id"],
        known["snapshot_id"],
        known["source_file"],
        known["source_row"],
    ]
    return pa.table(arrays, schema=LANES)


def _sightings(ordered: pa.Table) -> pa.Table:
    """Summarise every account of rows in order; aggregates skip null times."""
    gone = pc.is_in(ordered["state"], pa.array(GONE))
    here = pc.if_else(gone, pa.scalar(None, TS), ordered["observed_at"])
    wanted = [("observed_at", "count"), ("observed_at", "min"), ("observed_at", "max")]
    sums = (
        ordered.append_column("here", here)
        .group_by(["account_id"], use_threads=False)
        .aggregate([*wanted, ("here", "max"), ("joined_at", "min"), ("platform", "first")])
    )
    ends = [b - 1 for _, b in group_ranges(ordered)]
    last = ordered.take(pa.array(ends, pa.int64()))
    arrays = [
        sums["account_id"],
        sums["platform_first"],
        sums["observed_at_count"],
        _distinct_states(ordered, sums["account_id"]),
        sums["observed_at_min"],
        sums["observed_at_max"],
        sums["here_max"],
        sums["joined_at_min"],
        last["source_file"],
        last["source_row"],
    ]
    return pa.table(arrays, schema=SIGHTINGS)


def _distinct_states(ordered: pa.Table, accounts: pa.ChunkedArray) -> pa.ChunkedArray:
    timed = ordered.filter(pc.is_valid(ordered["observed_at"]))
    states = timed.group_by(["account_id", *STATE_COLUMNS]).aggregate([])
    counts = states.group_by(["account_id"]).aggregate([("account_id", "count")])
    where = pc.index_in(accounts, counts["account_id"])
    return pc.fill_null(counts["account_id_count"].take(where), 0)
