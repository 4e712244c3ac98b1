"""Who wrote a row: the account's id, and what to do where a file has none.

In: the cells of one file. Out: account ids, which of them are damaged, handles, and notes. Where a
file has no account ids a handle serves as one, with a note, because handles change hands. A handle
or name that is the platform's hash of the id is nobody's chosen name and counts as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.cells import Cells, Mask, is_null

# The X archive hashes small accounts to 43-64 letters; handles have at most 15 there, and no
# platform's handles come near 40.
_HASHED = r"^[A-Za-z0-9+/=_-]{40,}$"


@dataclass(frozen=True)
class Accounts:
    """One entry a row; `ids` null where the row names nobody."""

    ids: pa.ChunkedArray
    damaged: Mask
    handles: pa.ChunkedArray | None
    handle_serves: bool
    notes: tuple[str, ...]


def read_accounts(cells: Cells) -> Accounts:
    """Find the author of each row."""
    handles = _handles(cells)
    ids, damaged = cells.ids("account_id")
    if "account_id" in cells.mapping.columns and (damaged.any() or ids.null_count < len(ids)):
        missing = int((is_null(ids) & ~damaged).sum())
        said = "row names" if missing == 1 else "rows name"
        notes = (f"{missing:,} {said} no account",) if missing else ()
        return Accounts(ids, damaged, without_hashes(handles), False, notes)
    none = np.zeros(len(cells), dtype=bool)
    if handles is not None and handles.null_count < len(handles):
        note = (
            "no account ids: handles serve as account ids, so a renamed account counts as two and "
            "a handle that changed hands as one; name the column with --map account_id=COLUMN"
        )
        return Accounts(handles, none, handles, True, (note,))
    note = (
        "no account ids or handles: nothing about accounts can be assessed; name the column with "
        "--map account_id=COLUMN"
    )
    empty = pa.chunked_array([pa.nulls(len(cells), pa.string())])
    return Accounts(empty, none, None, False, (note,))


def _handles(cells: Cells) -> pa.ChunkedArray | None:
    handles = cells.present("handle")
    return None if handles is None else pc.utf8_ltrim(handles, "@")


def without_hashes(names: pa.ChunkedArray | None) -> pa.ChunkedArray | None:
    """Turn hashed names into null."""
    if names is None:
        return None
    hashed = pc.match_substring_regex(names, _HASHED)
    return pc.if_else(hashed, None, names)
