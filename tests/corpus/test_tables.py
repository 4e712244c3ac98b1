"""Table contracts refuse what they do not declare, in words."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus.errors import SchemaError
from corpus.tables import ALL, POSTS, PROFILES, TIMELINES, TYPES, check, conform

PORTABLE = set(TYPES.values())


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_contract_has_portable_types_unique_names_and_an_empty_table(name: str) -> None:
    contract = ALL[name]
    assert len(set(contract.names)) == len(contract.names)
    assert {field.type for field in contract.schema} <= PORTABLE
    assert check(contract.empty(), contract).num_rows == 0


def _timeline() -> dict[str, object]:
    row: dict[str, object] = {}
    for column in TIMELINES.columns:
        row[column.name] = "n" if column.type == "str" else 0
    return row


def test_a_row_keeps_its_values() -> None:
    assert TIMELINES.from_rows([_timeline()]).num_rows == 1


def test_a_missing_column_is_named() -> None:
    table = TIMELINES.from_rows([_timeline()]).drop_columns(["posts"])
    with pytest.raises(SchemaError, match="'posts' is missing"):
        check(table, TIMELINES)


def test_an_undeclared_column_is_an_error() -> None:
    table = TIMELINES.empty().append_column("mood", pa.array([], pa.string()))
    with pytest.raises(SchemaError, match="'mood' is not part of it"):
        check(table, TIMELINES)


def test_a_wrong_type_says_what_was_expected() -> None:
    table = TIMELINES.empty()
    at = table.column_names.index("posts")
    wrong = table.set_column(at, "posts", pa.array([], pa.string()))
    with pytest.raises(SchemaError, match="holds string, expected int64"):
        check(wrong, TIMELINES)


def test_a_null_where_none_may_be_is_counted() -> None:
    row = _timeline()
    row["narrative_id"] = None
    with pytest.raises(SchemaError, match="1 missing values"):
        TIMELINES.from_rows([row])


def test_conform_fills_what_may_be_missing_and_casts_the_rest() -> None:
    table = pa.table(
        {
            "snapshot_id": pa.array(["s"], pa.large_string()),
            "platform": pa.array(["x"]).dictionary_encode(),
            "account_id": ["a"],
            "basis": ["event"],
            "state": ["active"],
            "followers": pa.array([3], pa.int16()),
            "source_file": ["f"],
            "source_row": pa.array([0], pa.int32()),
            "unknown": [1],
        }
    )
    found = conform(table, PROFILES)
    assert found.schema.equals(PROFILES.schema)
    assert found.column("followers").to_pylist() == [3]
    assert found.column("bio").null_count == 1


def test_conform_refuses_a_missing_required_column_and_an_impossible_cast() -> None:
    with pytest.raises(SchemaError, match="missing"):
        conform(pa.table({"post_id": ["1"]}), POSTS)
    row = _timeline() | {"posts": "many"}
    with pytest.raises(SchemaError, match="timelines"):
        conform(pa.table({k: [v] for k, v in row.items()}), TIMELINES)
