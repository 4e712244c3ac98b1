"""Profiles that stand beside posts: which sighting of each account to keep, over a whole file.

In: what the rows of each block say of their accounts (`described`), and the times of the file. Out:
snapshot rows (`Beside`). The basis is judged and repeats are folded over all rows of the file; but
only what is kept is put under the contract, because most rows repeat another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.accounts import Accounts
from corpus.readers.blocks import Mask, rows_at
from corpus.readers.cells import Cells, is_null
from corpus.readers.shelf import put
from corpus.readers.snapshots import (
    Sighting,
    constant_time,
    fold_repeats,
    judge_basis,
    snapshot_table,
)
from corpus.tables import PROFILES

# What the table of described rows holds besides profile columns; no such column has these names.
_ACCOUNT, _PLATFORM, _SAID = "(account)", "(platform)", "(basis)"


@dataclass(frozen=True)
class Described:
    """All rows of a block with what they say of their accounts, and which of them say something."""

    table: pa.Table
    wanted: Mask


@dataclass(frozen=True)
class FileTimes:
    """Times of all rows of a file, None where it has none of that kind."""

    created: pa.ChunkedArray
    seen: pa.ChunkedArray | None
    joined: pa.ChunkedArray | None
    stated: Any = None


@dataclass(frozen=True)
class Beside:
    """Snapshots of one file of posts, how they are known, and what had to be judged."""

    table: pa.Table
    basis: str | None = None
    notes: tuple[str, ...] = ()


def described(
    cells: Cells,
    accounts: Accounts,
    columns: dict[str, pa.ChunkedArray],
    *,
    joined: pa.ChunkedArray | None,
    platform: pa.ChunkedArray,
    rejected: Mask,
) -> Described | None:
    """What the rows of a block say of their accounts; None where the file cannot say anything."""
    useful = set(columns) - ({"handle"} if accounts.handle_serves else set())
    if not useful and joined is None:
        return None
    said = [*(columns[name] for name in useful), *([] if joined is None else [joined])]
    wanted = ~rejected & ~is_null(accounts.ids) & any_known(said, len(cells))
    held = {_ACCOUNT: accounts.ids, _PLATFORM: platform, **columns}
    stated = cells.present("basis")
    if stated is not None:
        held[_SAID] = stated
    return Described(put(pa.table(held)), wanted)


def any_known(columns: Sequence[pa.ChunkedArray], n: int) -> Mask:
    """Rows in which some column holds something, be it empty."""
    known = np.zeros(n, dtype=bool)
    for column in columns:
        known |= ~is_null(column)
    return known


def snapshots_beside(
    blocks: Sequence[Described],
    times: FileTimes,
    *,
    file: str,
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    basis: str | None,
) -> Beside:
    """Judge and fold all rows of a file; `basis` is that of the format, None to judge."""
    wanted = np.concatenate([np.zeros(0, dtype=bool), *(block.wanted for block in blocks)])
    if not wanted.any():
        return Beside(PROFILES.empty())
    table = pa.concat_tables([block.table for block in blocks])
    columns = {n: table.column(n) for n in table.column_names if not n.startswith("(")}
    notes: list[str] = []
    if basis is None and times.seen is not None:
        basis = "retrieved"
    elif basis is None:
        basis, notes = judge_basis(columns, table.column(_ACCOUNT))
    observed = _observed(times, basis, table.num_rows)
    rest = [*([] if times.joined is None else [times.joined]), pa.chunked_array([numbers])]
    places = fold_repeats(table.column(_ACCOUNT), observed, columns, rest, np.flatnonzero(wanted))
    kept, at = rows_at(table, places), pa.array(places)
    said = kept.column(_SAID) if _SAID in kept.column_names else None
    bases = pa.chunked_array([pa.repeat(pa.scalar(basis, pa.string()), len(places))])
    seen = Sighting(
        kept.column(_ACCOUNT),
        observed.take(at),
        bases if said is None else pc.coalesce(said, bases),
    )
    snapshots = snapshot_table(
        {name: kept.column(name) for name in columns},
        seen,
        None if times.joined is None else times.joined.take(at),
        kept.column(_PLATFORM),
        (file, numbers[places]),
    )
    stated = table.column(_SAID) if said is not None else None
    return Beside(snapshots, in_words(basis, stated, wanted), tuple(notes))


def _observed(times: FileTimes, basis: str, n: int) -> pa.ChunkedArray:
    if basis == "post_time":
        return times.created if times.seen is None else pc.coalesce(times.created, times.seen)
    observed = constant_time(times.stated, n)
    return observed if times.seen is None else pc.coalesce(times.seen, observed)


def in_words(basis: str, stated: pa.ChunkedArray | None, wanted: Mask) -> str:
    """How the rows are known: as they say themselves, else as the file."""
    if stated is None:
        return basis
    each = pc.unique(stated.filter(pa.array(wanted))).to_pylist()
    return ", ".join(sorted({basis if one is None else one for one in each}))
