"""The redacted tables that every export is made from, and the facts of the case beside them.

In: the tables of a case, a redactor, an empty folder. Out: the same tables as they may leave,
written to that folder in batches, so that the memory needed depends on the batch and not on the
case; every format reads them from there. Redaction happens here and nowhere else. Working tables
(keys, vectors, matching forms) stay in the case: they say nothing a reader needs, and vectors can
be turned back into texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.tables import ALL, Table
from reports.decided import set_aside
from reports.exports.candidates import DISARM_CANDIDATES, redacted_candidates
from reports.exports.dehydrated import without_texts
from reports.exports.kept_beside import own_names, with_own
from reports.redaction import Redactor

WORKING = frozenset({"bands", "vectors", "texts"})
# Rows redacted and turned into text at a time: some ten megabytes of posts.
BATCH_ROWS = 20_000
# Every table of an export: those of the case, and the candidates that are made for it.
CONTRACTS: dict[str, Table] = {**ALL, DISARM_CANDIDATES.name: DISARM_CANDIDATES}


@dataclass(frozen=True)
class CaseFacts:
    """What an export tells about the case it comes from; every sentence is already redacted."""

    title: str
    version: str
    digest: str
    """Changes whenever a table of the case does."""
    redaction: str
    dehydrated: bool = False
    tlp: str | None = None
    event: tuple[datetime, datetime] | None = None
    rows_read: int = 0
    rows_kept: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportOptions:
    """What one format or another lets the analyst choose."""

    bom: bool = False
    """CSV begins with a byte order mark, by which older spreadsheets see UTF-8."""
    raw_csv: bool = False
    """CSV cells stay as they are, formulas included: for programs only."""
    full_text: bool = False
    """SQLite gets an index of the words of posts."""


@dataclass(frozen=True)
class ExportSource:
    """Redacted tables in a folder; `tables` are the names that are there."""

    folder: Path
    tables: tuple[str, ...]
    facts: CaseFacts
    options: ExportOptions = field(default_factory=ExportOptions)
    aside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of what the analyst set aside, by scope: finding, narrative, shift."""

    def schema(self, name: str) -> pa.Schema:
        """Return the columns of a table."""
        return pq.read_schema(self._path(name))

    def rows(self, name: str) -> int:
        """Return how many rows a table has; an absent one has none."""
        return int(pq.read_metadata(self._path(name)).num_rows) if name in self.tables else 0

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield a table in batches of at most BATCH_ROWS rows."""
        with pq.ParquetFile(self._path(name)) as stored:
            yield from stored.iter_batches(BATCH_ROWS, columns=columns)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a whole table; an absent one has its columns and no rows.

        Columns that the table lacks, such as texts in a dehydrated export, are filled with nulls.
        """
        wanted = list(columns or CONTRACTS[name].names)
        if name not in self.tables:
            return pa.schema([CONTRACTS[name].schema.field(c) for c in wanted]).empty_table()
        there = [c for c in wanted if c in self.schema(name).names]
        found = pq.read_table(self._path(name), columns=there, memory_map=False)
        for place, column in enumerate(wanted):
            if column not in there:
                empty = pa.nulls(found.num_rows, CONTRACTS[name].schema.field(column).type)
                found = found.add_column(place, column, empty)
        return found.select(wanted)

    def kept(self, name: str, scope: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table without what the analyst set aside, and without what is about that."""
        wanted = list(columns or CONTRACTS[name].names)
        keys = [f"{scope}_id"]
        if "narrative_id" in CONTRACTS[name].names and scope != "narrative":
            keys.append("narrative_id")
        found = self.table(name, list(dict.fromkeys([*keys, *wanted])))
        for key in keys:
            scopes = [key.removesuffix("_id")]
            if name == DISARM_CANDIDATES.name:  # it may rest on a thing of any scope
                scopes = list(self.aside)
            ids = {one for of in scopes for one in self.aside.get(of, ())}
            away = pa.array(sorted(ids), pa.string())
            found = found.filter(pc.invert(pc.is_in(found[key], value_set=away)))
        return found.select(wanted)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


def leaving(tables: Mapping[str, pa.Table]) -> list[str]:
    """Return the names of the tables that may leave a case, sorted."""
    return sorted(name for name in tables if name in ALL and name not in WORKING)


def redact_into(
    folder: Path,
    tables: Mapping[str, pa.Table],
    redactor: Redactor,
    facts: CaseFacts,
    options: ExportOptions | None = None,
) -> ExportSource:
    """Write every table that may leave, redacted, into `folder`; return the source of all exports.

    With `facts.dehydrated` only ids and our own labels are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in leaving(tables):
        rows, own = _redacted(tables[name], ALL[name], redactor), []
        kept = tables.get("kept_columns") if name == "posts" else None
        if kept is not None and kept.num_rows:
            names = own_names(kept, redactor)
            rows, own = _posts_with_own(tables[name], kept, names, redactor), [*names.values()]
        if _write(folder, ALL[name], rows, facts, own):
            written.append(name)
    candidates = redacted_candidates(tables, redactor)
    if candidates.num_rows and _write(folder, DISARM_CANDIDATES, [candidates], facts):
        written.append(DISARM_CANDIDATES.name)
    aside = {
        scope: frozenset(redactor.derived(one) for one in set_aside(tables, scope))
        for scope in ("finding", "narrative", "shift")
    }
    return ExportSource(folder, tuple(sorted(written)), facts, options or ExportOptions(), aside)


def _write(
    folder: Path,
    contract: Table,
    batches: Iterable[pa.Table],
    facts: CaseFacts,
    own: Sequence[str] = (),
) -> bool:
    """Write one table batch by batch; False when nothing of it may leave.

    `own` are further columns of text that the batches have.
    """
    schema = contract.schema
    for column in own:
        schema = schema.append(pa.field(column, pa.string()))
    if facts.dehydrated:
        kept = without_texts(contract.name, schema)
        if kept is None:
            return False
        schema = kept
    # Lists keep their field name, so that a table read back and written again is the same.
    with pq.ParquetWriter(
        folder / f"{contract.name}.parquet",
        schema,
        compression="zstd",
        use_compliant_nested_type=False,
    ) as writer:
        for batch in batches:
            writer.write_table(batch.select(schema.names).cast(schema))
    return True


def _redacted(table: pa.Table, contract: Table, redactor: Redactor) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, BATCH_ROWS):
        yield redactor.table(table.slice(start, BATCH_ROWS).combine_chunks(), contract)


def _posts_with_own(
    posts: pa.Table, kept: pa.Table, names: Mapping[str, str], redactor: Redactor
) -> Iterator[pa.Table]:
    starts = range(0, posts.num_rows, BATCH_ROWS)
    for start, batch in zip(starts, _redacted(posts, ALL["posts"], redactor), strict=True):
        ids = posts["post_id"].slice(start, BATCH_ROWS).to_pylist()
        yield with_own(batch, ids, kept, names, redactor)
