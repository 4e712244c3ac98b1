"""Sources that must not widen a corpus: read for the accounts that are in it, and for no other.

In: what each file gave, with its mapping. Out: the same, where files whose format says `known_only`
keep the profiles of accounts that another file has, and reject the rest. A list of names that
people had would else bring strangers into a case. What was asked of it in a corpus of its own is
nothing: without any other file every row is rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.columns import Mapping
from corpus.readers.mapping_files import presets
from corpus.readers.parts import FilePart
from corpus.rejects import ELSEWHERE, Reject


def known_only(
    mappings: Sequence[Mapping], parts: Sequence[FilePart], earlier: Sequence[FilePart] = ()
) -> list[FilePart]:
    """Return the parts, those of guarded formats cut to accounts of the others and of `earlier`."""
    guarded = [m.preset is not None and m.preset.known_only for m in mappings]
    if not any(guarded):
        return list(parts)
    pairs = list(zip(parts, guarded, strict=True))
    known = [*earlier, *(part for part, held_back in pairs if not held_back)]
    return [
        _cut(part, mapping, known) if held_back else part
        for (part, held_back), mapping in zip(pairs, mappings, strict=True)
    ]


def is_guarded(preset: str | None) -> bool:
    """Whether the format of this name is read for accounts of other files alone."""
    return any(one.known_only for one in presets() if one.name == preset)


def _cut(part: FilePart, mapping: Mapping, known: Sequence[FilePart]) -> FilePart:
    platform = mapping.preset.platform if mapping.preset else ""
    tables = [table for one in known for table in (one.posts, one.snapshots)]
    ids = part.snapshots.column("account_id")
    named = pc.is_in(ids, value_set=_ids_on(tables, platform))
    # An account whose own file names no platform: its names must not name one either.
    unnamed = pc.and_(pc.invert(named), pc.is_in(ids, value_set=_ids_on(tables, "")))
    held = pc.or_(named, unnamed)
    lost = part.snapshots.filter(pc.invert(held)).select(["source_file", "source_row"])
    places = sorted({(row["source_file"], row["source_row"]) for row in lost.to_pylist()})
    rejects = [Reject(file, row, ELSEWHERE, "") for file, row in places]
    at = part.snapshots.column_names.index("platform")
    platforms = pc.if_else(unnamed, "", part.snapshots.column("platform"))
    kept = part.snapshots.set_column(at, part.snapshots.schema.field(at), platforms).filter(held)
    return replace(part, snapshots=kept, rejects=[*part.rejects, *rejects])


def _ids_on(tables: Sequence[pa.Table], platform: str) -> pa.Array:
    """Account ids of the rows that name this platform, "" for those that name none."""
    there = [pc.equal(table.column("platform"), platform) for table in tables]
    found = [
        table.filter(mask).column("account_id").combine_chunks().drop_null().cast(pa.string())
        for table, mask in zip(tables, there, strict=True)
    ]
    return pa.concat_arrays([pa.array([], pa.string()), *found])
