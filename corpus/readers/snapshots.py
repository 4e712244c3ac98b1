"""What each row says about its account: profile snapshots, with the time and the kind of sighting.

In: the cells of one file. Out: snapshot rows, folded so that a profile repeated on a thousand posts
becomes the first and last sighting of each state. Whether the profile beside a post was the profile
at posting time or one export repeated on each row is stated by a preset or judged by the file: one
export is the same on all rows of an account. The judgement is a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from corpus.identity import content_id
from corpus.readers.accounts import without_hashes
from corpus.readers.cells import Cells, Mask, to_mask, word_index
from corpus.readers.columns import COUNTS, DESCRIPTIVE, PROFILE_FIELDS
from corpus.tables import PROFILES, TS, TYPES

# Profile field -> column of the PROFILES table, where the names differ.
RENAMED = {"profile_url": "url"}
STATE_COLUMNS = ("handle", "display_name", "bio", "location", "pronouns", "url", "avatar_hash")
# Counters drift within a day of exporting (4 of 141 accounts in one archive slice), while in a
# stream of tweets they move for nearly everyone (210 of 251 accounts): far from both ends.
STREAM_SHARE = 0.2

Codes = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Sighting:
    """Who was seen when, and how the time is known."""

    accounts: pa.ChunkedArray
    observed_at: pa.ChunkedArray
    basis: pa.ChunkedArray


def profile_columns(cells: Cells, handles: pa.ChunkedArray | None) -> dict[str, pa.ChunkedArray]:
    """The profile fields that the file has, under their table names."""
    found: dict[str, pa.ChunkedArray] = {}
    for field in PROFILE_FIELDS:
        if field == "joined_at" or field not in cells.mapping.columns:
            continue
        name = RENAMED.get(field, field)
        if field == "handle":
            values = handles
        elif field in COUNTS:
            values = cells.whole(field)
        elif field == "state":
            values = states_of(cells)
        else:
            values = cells.text(field)
        if values is not None:
            found[name] = without_hashes(values) if name == "display_name" else values
    return found


def states_of(cells: Cells) -> pa.ChunkedArray | None:
    """What the rows say of the account's state, in the words of `words.toml`; null where unsaid."""
    column = cells.present("state")
    if column is None:
        return None
    index = word_index("states")
    folded = pc.utf8_lower(column).combine_chunks().dictionary_encode()
    meanings = pa.array(
        [index.get(cell, "unknown") for cell in folded.dictionary.to_pylist()], pa.string()
    )
    return pa.chunked_array([meanings.take(folded.indices)])


def describes(columns: dict[str, pa.ChunkedArray], n: int) -> Mask:
    """Rows that say something about an account besides counts."""
    said = np.zeros(n, dtype=bool)
    for field in DESCRIPTIVE:
        name = RENAMED.get(field, field)
        if name in columns:
            said |= to_mask(pc.not_equal(columns[name], ""))
    return said


def judge_basis(
    columns: dict[str, pa.ChunkedArray], accounts: pa.ChunkedArray
) -> tuple[str, list[str]]:
    """Tell a stream (profile at posting time) from one export repeated on each row."""
    codes, names = _dense(accounts)
    counts = np.bincount(codes[codes >= 0], minlength=names)
    several = int((counts > 1).sum())
    if not several:
        return "unknown", []
    described = [columns[n] for n in (*STATE_COLUMNS, "state") if n in columns]
    counted = [columns[n] for n in COUNTS if n in columns]
    if _varying(codes, names, described) or (
        _varying(codes, names, counted) >= several * STREAM_SHARE
    ):
        return "post_time", ["profile columns taken as the profile at the time of each post"]
    return "export", [
        f"profile columns are the same on all posts of {several:,} accounts: read as one snapshot "
        "an account, made at an unknown time; give it with --observed-at"
    ]


def _varying(accounts: Codes, names: int, columns: list[pa.ChunkedArray]) -> int:
    """Accounts for which some column holds more than one value."""
    varying = np.zeros(names, dtype=bool)
    for column in columns:
        values, _ = _dense(column)
        known = (accounts >= 0) & (values >= 0)
        who, what = accounts[known], values[known]
        one = np.zeros(names, dtype=values.dtype)
        one[who] = what  # some value of each account: are the others equal to it?
        varying[who[what != one[who]]] = True
    return int(varying.sum())


def _dense(column: pa.ChunkedArray) -> tuple[Codes, int]:
    """A code below the count of values for each value; null is -1."""
    distinct = pc.unique(column).drop_null()
    return _places(column, distinct), len(distinct)


def _codes(column: pa.ChunkedArray) -> Codes:
    """Dense codes in the order of the values; null is -1."""
    distinct = pc.unique(column).drop_null()
    return _places(column, distinct.take(pc.sort_indices(distinct)))


def _places(column: pa.ChunkedArray, values: pa.Array) -> Codes:
    place = pc.index_in(column, value_set=values, skip_nulls=True).fill_null(-1)
    return np.asarray(place.to_numpy(), dtype=np.int32)


def snapshot_table(
    columns: dict[str, pa.ChunkedArray],
    seen: Sighting,
    joined_at: pa.ChunkedArray | None,
    platform: pa.ChunkedArray,
    source: tuple[str, np.ndarray[Any, np.dtype[np.int64]]],
) -> pa.Table:
    """Put the columns of one file under the PROFILES contract; snapshot ids come last."""
    n = len(seen.accounts)
    file, numbers = source
    given = {
        **columns,
        "account_id": seen.accounts,
        "observed_at": seen.observed_at,
        "platform": platform,
        "joined_at": joined_at,
        "snapshot_id": pa.array([""] * n, pa.string()),
        "basis": seen.basis,
        "source_file": pa.array([file] * n, pa.string()),
        "source_row": pa.array(numbers),
    }
    given["state"] = _state_or_unknown(columns.get("state"), n)
    arrays = []
    for column in PROFILES.columns:
        values = given.get(column.name)
        kind = TYPES[column.type]
        arrays.append(pa.nulls(n, kind) if values is None else values.cast(kind))
    return pa.Table.from_arrays(arrays, names=PROFILES.names)


def _state_or_unknown(states: pa.ChunkedArray | None, n: int) -> pa.ChunkedArray:
    if states is None:
        return pa.chunked_array([pa.array(["unknown"] * n, pa.string())])
    return states.fill_null("unknown")


def fold_repeats(
    accounts: pa.ChunkedArray,
    observed: pa.ChunkedArray,
    columns: dict[str, pa.ChunkedArray],
    rest: Sequence[pa.ChunkedArray],
    wanted: np.ndarray[Any, np.dtype[np.int64]],
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Places of the first and last sighting of each unbroken run of one state of an account.

    Of the `wanted` places; in the order of account, time and content (`rest` comes last), so that
    the order of rows in the file does not matter.
    """
    account = _codes(accounts)[wanted]
    names = [name for name in (*STATE_COLUMNS, "state") if name in columns]
    held = (columns[name].fill_null("unknown") if name == "state" else columns[name]
            for name in names)  # fmt: skip
    state = _row_codes((_codes(column)[wanted] for column in held), len(wanted))
    last = [*(columns[name] for name in COUNTS if name in columns), *rest]
    keys = [account, _numbers(observed)[wanted], state, *_telling(last, wanted)]
    order = np.lexsort(keys[::-1])
    del keys
    account, state = account[order], state[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (account[1:] != account[:-1]) | (state[1:] != state[:-1])
    ends = np.append(begins[1:], True)
    return np.asarray(wanted[order[begins | ends]], dtype=np.int64)


def _telling(
    columns: Sequence[pa.ChunkedArray], places: np.ndarray[Any, np.dtype[np.int64]]
) -> list[Codes]:
    """The columns as numbers, less the last ones that the order of the rows follows anyway.

    A stable sort keeps that order; of those before, only a constant column tells nothing.
    """
    kept: list[Codes] = []
    for column in reversed(columns):
        numbers = _numbers(column)[places]
        before, after = numbers[:-1], numbers[1:]
        if ((after != before) if kept else (after < before)).any():
            kept.insert(0, numbers)
    return kept


def _numbers(column: pa.ChunkedArray) -> Codes:
    """Whole numbers or times as they are; null before all others."""
    whole = column.cast(pa.int64()).fill_null(np.iinfo(np.int64).min)
    return np.asarray(whole.to_numpy(), dtype=np.int64)


def _row_codes(columns: Iterable[Codes], n: int) -> Codes:
    """One code a row for the combination of several columns, ordered as the columns are."""
    codes, width = np.zeros(n, dtype=np.int64), 1
    for column in columns:
        if column.min() == column.max():
            continue
        values = int(column.max()) + 2
        if width * values >= 2**62:  # dense again, so that no product leaves 64 bits
            distinct, codes = np.unique(codes, return_inverse=True)
            codes, width = codes.reshape(-1).astype(np.int64), len(distinct)
        codes *= values
        codes += column + 1
        width *= values
    return codes


# Everything that makes a snapshot what it is; where it was read is not part of it.
_IDENTITY = [
    name for name in PROFILES.names if name not in {"snapshot_id", "source_file", "source_row"}
]


def name_snapshots(table: pa.Table) -> pa.Table:
    """Give content ids, and drop repeats of one id, keeping the first file and row by name."""
    times = {name: table.column(name).cast(pa.int64()) for name in ("observed_at", "joined_at")}
    columns = [times.get(name, table.column(name)).to_pylist() for name in _IDENTITY]
    ids = [content_id("snapshot", *parts) for parts in zip(*columns, strict=True)]
    at = PROFILES.names.index("snapshot_id")
    named = table.set_column(at, "snapshot_id", pa.array(ids, pa.string()))
    keys = [("snapshot_id", "ascending"), ("source_file", "ascending"), ("source_row", "ascending")]
    named = named.take(pc.sort_indices(named, sort_keys=keys))
    kept = pd.Series(named.column("snapshot_id").to_pylist(), dtype=object).duplicated()
    return named.filter(pa.array(~kept.to_numpy(dtype=bool)))


def constant_time(moment: Any, n: int) -> pa.ChunkedArray:
    """The same moment (or null) for `n` rows."""
    return pa.chunked_array([pa.repeat(pa.scalar(moment, TS), n)])
