"""Which accounts did a platform remove? Adds a list of removed accounts to what was read.

In: a file with account_id and, when known, state, observed_at and platform, in any format and with
any column names that profiles may have. Out: one account event for each row that is about an
account of the corpus. It says only what the file says: a row that states no kind of removal becomes
an event of kind `removed`. Every other row is a reject: a damaged id, a time that cannot be
understood, a state that is no removal, an account that is not in the corpus (of those not even the
id is kept).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SchemaError, UnknownFormat
from corpus.progress import Silent
from corpus.readers.cells import Cells, Mask, is_null, to_mask, word_index
from corpus.readers.columns import PROFILES_ROLE, Mapping, map_columns
from corpus.readers.load import Corpus, Source, file_reports, notes_of, open_sources
from corpus.readers.merge import accounts_of, named_platforms, settled
from corpus.readers.parts import FilePart, Sieve, platforms, protected_rows, times_of
from corpus.readers.snapshots import constant_time
from corpus.rejects import (
    BAD_TIME,
    DAMAGED_ID,
    ELSEWHERE,
    NO_ACCOUNT,
    NOT_REMOVED,
    PROTECTED,
    SEVERAL_ACCOUNTS,
    UNKNOWN_STATE,
    Reject,
)
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS, POSTS, PROFILES, conform

ROLE = "removed"
KINDS = ("suspended", "deleted", "removed")


@dataclass(frozen=True)
class _Accounts:
    """The accounts of a corpus, as its tables write them, and its platforms."""

    known: pa.Array
    platforms: Sequence[str]

    def meant(self, cells: Cells, ids: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Mask]:
        """The account behind each id of a list, null for none; and where it may be several."""
        if len(self.platforms) < 2:
            return settled(ids, self.known, ())
        stated = platforms(cells)
        exact = pc.binary_join_element_wise(stated, ids, ":")
        found, several = settled(ids, self.known, self.platforms)
        named = pc.not_equal(stated, "")
        there = pc.if_else(pc.is_in(exact, value_set=self.known), exact, None)
        return pc.if_else(named, there, found), several & ~to_mask(named)


def with_removed(corpus: Corpus, path: Path, settings: Reading | None = None) -> Corpus:
    """Return `corpus` with the events of a removal list, its rejects and its file report.

    Raises
    ------
    UnknownFormat, EmptyCorpus
        As `corpus.readers.read` does.
    SchemaError
        When no column holds account ids.
    """
    reading = settings or Reading()
    (source,) = open_sources([path], [], Silent(), [file.name for file in corpus.files], reading)
    mapping = _mapping(source, reading)
    accounts = _Accounts(
        accounts_of(corpus.posts, corpus.profiles), named_platforms([corpus.posts, corpus.profiles])
    )
    events, part = _understood(Cells(source.rows.table, mapping), source, accounts, reading)
    rejects = [*source.rows.rejects, *part.rejects]
    reports = file_reports([source], [replace(mapping, role=ROLE)], [part], rejects)
    return replace(
        corpus,
        account_events=pa.concat_tables([corpus.account_events, events]),
        rejects=tuple(sorted([*corpus.rejects, *rejects])),
        files=tuple(sorted([*corpus.files, *reports], key=lambda file: file.name)),
        notes=(*corpus.notes, *notes_of(reports)),
    )


def _mapping(source: Source, settings: Reading) -> Mapping:
    names = source.rows.table.column_names
    try:
        mapping = map_columns(names, settings.map, file=source.name, role=PROFILES_ROLE)
    except UnknownFormat:
        mapping = Mapping(PROFILES_ROLE, {})
    if "account_id" not in mapping.columns:
        raise SchemaError(
            f"{source.name} has columns {', '.join(names[:20]) or 'none'}; --removed expects"
            " account_id and, when known, state, observed_at and platform"
        )
    return mapping


def _understood(
    cells: Cells, source: Source, accounts: _Accounts, settings: Reading
) -> tuple[pa.Table, FilePart]:
    """The events of a list, and its rejects and notes as a part without posts or profiles."""
    sieve = Sieve(source.rows, cells.mapping, source.name, np.zeros(len(cells), dtype=bool))
    ids, damaged = cells.ids("account_id")
    sieve.refuse(protected_rows(cells), PROTECTED)
    sieve.refuse(damaged, DAMAGED_ID)
    sieve.refuse(is_null(ids), NO_ACCOUNT)
    found, several = accounts.meant(cells, ids)
    sieve.refuse(is_null(found) & ~several, ELSEWHERE)
    sieve.refuse(several, SEVERAL_ACCOUNTS)
    times = times_of(cells, "observed_at", settings)
    if times is not None:
        sieve.refuse(times.unreadable, BAD_TIME)
    kinds = _kinds(cells)
    sieve.refuse(is_null(kinds), UNKNOWN_STATE)
    sieve.refuse(~to_mask(pc.is_in(kinds, value_set=pa.array(KINDS))), NOT_REMOVED)
    moments = constant_time(None, len(cells)) if times is None else times.values
    events = _events(found, kinds, moments, source).filter(pa.array(~sieve.rejected))
    notes = [*(times.notes if times is not None else ()), *_left_out(sieve.rejects())]
    precision = "unknown" if times is None else times.precision
    part = FilePart(POSTS.empty(), PROFILES.empty(), sieve.rejects(), None, notes, precision)
    return conform(events, ACCOUNT_EVENTS), part


def _kinds(cells: Cells) -> pa.ChunkedArray:
    """What each row states: a state of `words.toml`, `removed` for none, null for no known word."""
    index = {**word_index("states"), **word_index("removals")}
    stated = cells.present("state")
    if stated is None:
        return pa.chunked_array([pa.array(["removed"] * len(cells), pa.string())])
    folded = pc.utf8_lower(stated).fill_null("").combine_chunks().dictionary_encode()
    meanings = [index.get(cell) for cell in folded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(meanings, pa.string()).take(folded.indices)])


def _left_out(rejects: Sequence[Reject]) -> list[str]:
    count = sum(reject.reason == ELSEWHERE for reject in rejects)
    return [f"rows about accounts that are not in the corpus, left out: {count:,}"] if count else []


def _events(
    accounts: pa.ChunkedArray, kinds: pa.ChunkedArray, moments: pa.ChunkedArray, source: Source
) -> pa.Table:
    none = pa.nulls(len(accounts), pa.string())
    columns = {
        "account_id": accounts,
        "kind": kinds,
        "at": moments,
        "before": none,
        "after": none,
        "source_file": pa.repeat(source.name, len(accounts)),
        "source_row": pa.array(source.rows.source_row),
    }
    return pa.table(list(columns.values()), names=list(columns))
