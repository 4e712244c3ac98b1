"""The local engine's verbs give the same rows for any batch size."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.kernel import Kernel, kernel_key
from engines.local import LocalEngine

ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ﷺ", "", None]), st.integers(0, 3)), max_size=40
)


@dataclass(frozen=True)
class CountRuns:
    """Kernel key, value -> key, rows: one row for each stretch of equal keys that it sees."""

    @property
    def output(self) -> pa.Schema:
        return pa.schema([("key", pa.string()), ("rows", pa.int64())])

    def __call__(self, table: pa.Table) -> pa.Table:
        rows: list[tuple[str | None, int]] = []
        for key in table.column("key").to_pylist():
            if rows and rows[-1][0] == key:
                rows[-1] = (key, rows[-1][1] + 1)
            else:
                rows.append((key, 1))
        return pa.table([[k for k, _ in rows], [n for _, n in rows]], schema=self.output)


@dataclass(frozen=True)
class Doubled:
    """Kernel key, value -> the same with twice the value."""

    @property
    def output(self) -> pa.Schema:
        return pa.schema([("key", pa.string()), ("value", pa.int64())])

    def __call__(self, table: pa.Table) -> pa.Table:
        return pa.table(
            [table.column("key"), pc.multiply(table.column("value"), 2)], schema=self.output
        )


def _table(rows: list[tuple[str | None, int]]) -> pa.Table:
    return pa.table(
        {
            "key": pa.array([k for k, _ in rows], pa.string()),
            "value": pa.array([v for _, v in rows], pa.int64()),
        }
    )


@given(ROWS, st.integers(1, 9))
def test_a_group_is_never_cut_and_nulls_are_one_group(
    rows: list[tuple[str | None, int]], batch_rows: int
) -> None:
    found = LocalEngine(batch_rows).group(_table(rows), ["key"], CountRuns()).to_pylist()
    keys = [key for key, _ in rows]
    expected = {key: keys.count(key) for key in keys}
    assert {row["key"]: row["rows"] for row in found} == expected
    assert len(found) == len(expected)


@given(ROWS, st.integers(1, 9))
def test_two_keys_group_by_both(rows: list[tuple[str | None, int]], batch_rows: int) -> None:
    found = LocalEngine(batch_rows).group(_table(rows), ["key", "value"], CountRuns())
    assert sum(found.column("rows").to_pylist()) == len(rows)


@given(ROWS, st.integers(1, 9))
def test_a_map_sees_every_row_once(rows: list[tuple[str | None, int]], batch_rows: int) -> None:
    found = LocalEngine(batch_rows).map(_table(rows), Doubled())
    assert found.schema == Doubled().output
    assert found.to_pylist() == [{"key": k, "value": 2 * v} for k, v in rows]


@given(ROWS)
def test_distinct_keeps_one_of_each(rows: list[tuple[str | None, int]]) -> None:
    found = LocalEngine().distinct(_table(rows)).to_pylist()
    assert sorted(map(str, found)) == sorted({str({"key": k, "value": v}) for k, v in rows})


@given(
    st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([7, 8]), max_size=40), st.integers(1, 9)
)
def test_eight_byte_keys_group_like_any_other(keys: list[int], batch_rows: int) -> None:
    table = pa.table({"key": pa.array([k.to_bytes(8, "little") for k in keys], pa.binary())})

    @dataclass(frozen=True)
    class Runs:
        output: pa.Schema = pa.schema([("key", pa.binary()), ("rows", pa.int64())])  # noqa: RUF009

        def __call__(self, table: pa.Table) -> pa.Table:
            counted = table.group_by("key", use_threads=False).aggregate([([], "count_all")])
            return counted.rename_columns(["key", "rows"]).cast(self.output)

    found = LocalEngine(batch_rows).group(table.slice(1), ["key"], Runs()).to_pylist()
    assert {int.from_bytes(r["key"], "little"): r["rows"] for r in found} == {
        key: keys[1:].count(key) for key in keys[1:]
    }
    assert len(found) == len(set(keys[1:]))


def test_joins_keep_what_they_say() -> None:
    left = pa.table({"id": ["a", "b"], "x": [1, 2]})
    right = pa.table({"id": ["b", "c"], "y": [3, 4]})
    engine = LocalEngine()
    assert engine.join(left, right, ["id"]).to_pylist() == [{"id": "b", "x": 2, "y": 3}]
    assert engine.join(left, right, ["id"], "semi").to_pylist() == [{"id": "b", "x": 2}]
    assert engine.join(left, right, ["id"], "anti").to_pylist() == [{"id": "a", "x": 1}]
    assert engine.join(left, right, ["id"], "left").num_rows == 2


@pytest.mark.parametrize("verb", ["map", "group"])
def test_no_rows_give_an_empty_table_with_the_kernels_columns(verb: str) -> None:
    empty = _table([])
    kernel: Kernel = CountRuns() if verb == "group" else Doubled()
    engine = LocalEngine()
    found = engine.group(empty, ["key"], kernel) if verb == "group" else engine.map(empty, kernel)
    assert found.num_rows == 0
    assert found.schema == kernel.output


def test_a_kernels_key_follows_its_class_and_fields() -> None:
    assert kernel_key(Doubled()) == kernel_key(Doubled())
    assert kernel_key(Doubled()) != kernel_key(CountRuns())
