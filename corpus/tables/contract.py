"""What a table contract is, and how a table is held to it.

A contract names columns, portable Arrow types, which columns may be null, and what each means.
`check` refuses a table that breaks its contract with one readable sentence; `conform` adds missing
nullable columns, casts and orders.

Only types that survive every engine are used: string, integers, floats, bool, list, binary and
timestamp[us, UTC]. PySpark 4.3 refuses unsigned integers and fixed-size types. Null is unknown,
"" is empty. Units stand in the names: *_s seconds; *_share, similarity and membership in 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SchemaError

TS = pa.timestamp("us", tz="UTC")
TYPES: dict[str, pa.DataType] = {
    "str": pa.string(),
    "bool": pa.bool_(),
    "i32": pa.int32(),
    "i64": pa.int64(),
    "f32": pa.float32(),
    "f64": pa.float64(),
    "binary": pa.binary(),
    "ts": TS,
    "list<str>": pa.list_(pa.string()),
    "list<f32>": pa.list_(pa.float32()),
}


@dataclass(frozen=True)
class Column:
    """One column: its name, portable type, whether it may be null, and what it means."""

    name: str
    type: str
    nullable: bool
    doc: str


@dataclass(frozen=True)
class Table:
    """The contract of one table; `columns` in the order in which they are written."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, nullability included."""
        return pa.schema(
            [pa.field(c.name, TYPES[c.type], nullable=c.nullable) for c in self.columns]
        )

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [c.name for c in self.columns]

    def empty(self) -> pa.Table:
        """A table of no rows that keeps the contract."""
        return self.schema.empty_table()

    def from_rows(self, rows: Sequence[dict[str, Any]]) -> pa.Table:
        """Build a table from dictionaries; a missing nullable column becomes null."""
        arrays = [
            pa.array([row.get(c.name) for row in rows], type=TYPES[c.type]) for c in self.columns
        ]
        return check(pa.Table.from_arrays(arrays, schema=self.schema), self)


def _column(line: str) -> Column:
    """Parse one line `name type[?]  meaning` of a contract."""
    name, kind, doc = [*line.split(None, 2), "", ""][:3]
    return Column(name, kind.removesuffix("?"), kind.endswith("?"), doc.strip())


def table(name: str, doc: str, spec: str) -> Table:
    """Build a contract from lines `name type[?]  meaning`; `?` allows null."""
    lines = [line.strip() for line in spec.strip().splitlines() if line.strip()]
    return Table(name, doc, tuple(_column(line) for line in lines))


def _type_problem(field: pa.Field, column: pa.ChunkedArray) -> str | None:
    if not column.type.equals(field.type):
        return f"column {field.name!r} holds {column.type}, expected {field.type}"
    if not field.nullable and column.null_count:
        return f"column {field.name!r} has {column.null_count} missing values, expected none"
    return None


def check(table: pa.Table, contract: Table) -> pa.Table:
    """Return `table` with the contract's columns in order; raise SchemaError if it breaks it.

    Extra columns are an error too: a column nobody declared is a column nobody can rely on.
    """
    missing = [name for name in contract.names if name not in table.column_names]
    extra = [name for name in table.column_names if name not in contract.names]
    problems = [f"column {name!r} is missing" for name in missing]
    problems += [f"column {name!r} is not part of it" for name in extra]
    for field in contract.schema:
        if field.name not in missing:
            problem = _type_problem(field, table.column(field.name))
            problems += [problem] if problem else []
    if problems:
        raise SchemaError(f"table {contract.name!r}: {'; '.join(problems)}")
    metadata = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"pandas"}
    held = with_fields(table.select(contract.names), contract.schema)
    return held.replace_schema_metadata(metadata)


def with_fields(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same columns, of the same types, under other fields (nullable or not).

    A cast or a new table would look at the cells, and large tables lie on disk.
    """
    for place, field in enumerate(schema):
        table = table.set_column(place, field, table.column(place))
    return table


def _conformed(table: pa.Table, column: Column) -> pa.ChunkedArray:
    if column.name not in table.column_names:
        if not column.nullable:
            raise SchemaError(f"column {column.name!r} is missing")
        return pa.chunked_array([pa.nulls(table.num_rows, TYPES[column.type])])
    values = table.column(column.name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind = TYPES[column.type]
    return values if values.type.equals(kind) else values.cast(kind)


def conform(table: pa.Table, contract: Table) -> pa.Table:
    """Cast to the contract's types, fill missing nullable columns with null, drop others, check.

    Raises SchemaError when a required column is missing or a value cannot be cast.
    """
    types = {field.name: field.type for field in table.schema}
    if all(types.get(c.name) == TYPES[c.type] for c in contract.columns):
        return check(table.select(contract.names), contract)
    try:
        arrays = [_conformed(table, column) for column in contract.columns]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, SchemaError) as error:
        raise SchemaError(f"table {contract.name!r}: {error}") from error
    return check(pa.Table.from_arrays(arrays, names=contract.names), contract)


def canonical(table: pa.Table, contract: Table) -> pa.Table:
    """Check `table` and sort its rows by every sortable column in order, in one chunk.

    The same rows then give the same bytes on disk, whatever order they were found in.
    """
    checked = check(table, contract)
    keys = [(c.name, "ascending") for c in contract.columns if not c.type.startswith("list")]
    return checked.take(pc.sort_indices(checked, sort_keys=keys)).combine_chunks()
