"""Ids are text, and damaged ones are seen."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.cells import Cells, clean_ids
from corpus.readers.columns import Mapping


def ids(*cells: object, kind: pa.DataType | None = None) -> tuple[list[str | None], list[bool]]:
    found, damaged = clean_ids(pa.chunked_array([pa.array(list(cells), kind)]))
    return found.to_pylist(), damaged.tolist()


@given(st.integers(0, 2**63 - 1))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert ids(number, kind=pa.int64()) == ([str(number)], [False])
    assert ids(str(number)) == ([str(number)], [False])


@given(st.integers(0, 2**53 - 1))
def test_floats_that_hold_an_exact_number_are_that_number(number: int) -> None:
    assert ids(float(number)) == ([str(number)], [False])


@pytest.mark.parametrize("cell", ["1.01421E+18", "1.2e+18", "9.06E+17", "1.2845639087123456e18"])
def test_scientific_notation_is_damage(cell: str) -> None:
    assert ids(cell)[1] == [True]


def test_large_floats_are_damage() -> None:
    assert ids(1.2845639087123456e18, None)[1] == [True, False]


@pytest.mark.parametrize("cell", ["1e5", "E12", "anna", "t2_1e9", "did:plc:1e+5x"])
def test_a_handle_that_looks_odd_is_not_damage(cell: str) -> None:
    assert ids(cell) == ([cell], [False])


def test_a_float_written_out_loses_its_point() -> None:
    assert ids("123.0", " 7 ", "") == (["123", "7", None], [False, False, False])


def test_a_column_of_rounded_ids_is_damage_and_one_round_id_is_not() -> None:
    rounded = [f"10{n}421234567890000"[:15] + "0000" for n in range(1, 6)]
    assert ids(*rounded)[1] == [True] * 5
    exact = [f"1284563908712{n}45677" for n in range(10, 19)]
    assert ids(*exact, rounded[0])[1] == [False] * 10


def test_an_undamaged_column_steps_in_for_a_damaged_one() -> None:
    table = pa.table({"a": ["9.06E+17", "5", "9.06E+17"], "b": ["906000000000000123", "", ""]})
    cells = Cells(table, Mapping("posts", {"account_id": ("b", "a")}))
    found, damaged = cells.ids("account_id")
    assert found.to_pylist() == ["906000000000000123", "5", None]
    assert damaged.tolist() == [False, False, True]


def test_counts_are_read_from_what_tools_write() -> None:
    table = pa.table({"n": ["12", "12 ", "3.0", "1,234", "many", "", "-1"]})
    found = Cells(table, Mapping("posts", {"followers": ("n",)})).whole("followers")
    assert found is not None
    assert found.to_pylist() == [12, 12, 3, 1234, None, None, None]
