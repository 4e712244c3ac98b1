"""Who wrote a row: the account's id, and what to do where a file has none.

In: the cells of one file. Out: account ids, which of them are damaged, handles, and notes. Where a
file has no account ids a handle serves as one, with a note, because handles change hands. A handle
or name that is the platform's hash of the id is nobody's chosen name and counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.cells import Cells, Mask, is_null

# The X archive hashes small accounts to 43-64 letters; handles have at most 15 there, and no
# platform's handles come near 40.
_HASHED = r"^[A-Za-z0-9+/=_-]{40,}$"
IDS, HANDLES, NOBODY = "ids", "handles", "nobody"


@dataclass(frozen=True)
class Accounts:
    """One entry a row; `ids` null where the row names nobody."""

    ids: pa.ChunkedArray
    damaged: Mask
    handles: pa.ChunkedArray | None
    serves: str
    missing: int = 0

    @property
    def handle_serves(self) -> bool:
        """Whether handles stand in for account ids."""
        return self.serves == HANDLES


def account_notes(serves: str, missing: int) -> list[str]:
    """What to say of a file whose accounts are known by `serves`, `missing` rows of it by none."""
    if serves == HANDLES:
        return [
            "no account ids: handles serve as account ids, so a renamed account counts as two and "
            "a handle that changed hands as one; name the column with --map account_id=COLUMN"
        ]
    if serves == NOBODY:
        return [
            "no account ids or handles: nothing about accounts can be assessed; name the column "
            "with --map account_id=COLUMN"
        ]
    said = "row names" if missing == 1 else "rows name"
    return [f"{missing:,} {said} no account"] if missing else []


def read_accounts(cells: Cells, serves: str | None = None) -> Accounts:
    """Find the author of each row; `serves` says what these are known by, None to judge."""
    handles = _handles(cells)
    ids, damaged = cells.ids("account_id")
    stated = "account_id" in cells.mapping.columns
    any_id = stated and (damaged.any() or ids.null_count < len(ids))
    if serves == IDS or (serves is None and any_id):
        missing = int((is_null(ids) & ~damaged).sum())
        return Accounts(ids, damaged, without_hashes(handles), IDS, missing)
    none = np.zeros(len(cells), dtype=bool)
    any_handle = handles is not None and handles.null_count < len(handles)
    if serves == HANDLES or (serves is None and any_handle):
        return Accounts(handles, none, handles, HANDLES)
    empty = pa.chunked_array([pa.nulls(len(cells), pa.string())])
    return Accounts(empty, none, None, NOBODY)


def what_serves(blocks: Iterable[Cells]) -> str:
    """By what the accounts of a file are known: ids, where none is stated handles, or nothing."""
    found = NOBODY
    for cells in blocks:
        serves = read_accounts(cells).serves
        if serves == IDS:
            return IDS
        found = HANDLES if HANDLES in (serves, found) else NOBODY
    return found


def _handles(cells: Cells) -> pa.ChunkedArray | None:
    handles = cells.present("handle")
    return None if handles is None else pc.utf8_ltrim(handles, "@")


def without_hashes(names: pa.ChunkedArray | None) -> pa.ChunkedArray | None:
    """Turn hashed names into null."""
    if names is None:
        return None
    hashed = pc.match_substring_regex(names, _HASHED)
    return pc.if_else(hashed, None, names)
