"""A dehydrated export: ids and our own labels, and nothing that somebody wrote."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.tables import ALL
from reports.exports.dehydrated import kept_columns
from reports.exports.registry import BUILT_IN, QUOTING, exporter
from reports.exports.source import CONTRACTS, CaseFacts

from .conftest import source_of

FACTS = CaseFacts("t", "0", "d", "none", dehydrated=True)
# Columns of these names hold words of accounts or of texts, or lead to a person's page.
SPEAKING = {
    "text", "quote", "quote_a", "quote_b", "quote_before", "quote_after", "handle", "display_name",
    "bio", "location", "url", "urls", "hashtags", "mentions", "label", "terms", "value", "before",
    "after", "reasons", "caveats", "statement", "reason", "why", "object_id", "source_file",
}  # fmt: skip


def test_only_columns_that_exist_are_listed_and_none_of_them_speaks() -> None:
    for table, columns in kept_columns().items():
        assert set(columns) <= set(CONTRACTS[table].names), table
        assert not set(columns) & SPEAKING, table


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - QUOTING))
def test_no_byte_of_a_text_name_or_link_leaves(name: str, told_tables: dict[str, pa.Table]) -> None:
    with source_of(told_tables, facts=FACTS) as (source, folder):
        assert exporter(name)(source, folder)
        said = _words_written(folder)
    secrets = {
        value
        for table, column in (
            ("posts", "text"), ("posts", "handle"), ("posts", "url"), ("profiles", "bio"),
            ("profiles", "display_name"), ("narratives", "label"), ("narratives", "quote"),
        )
        for value in told_tables[table][column].to_pylist()
        if value
    }  # fmt: skip
    assert len(secrets) > 50
    assert not [secret for secret in secrets if secret in said]
    assert told_tables["posts"]["post_id"][0].as_py() in said


def _words_written(folder: Path) -> str:
    """Everything in the files, values of Parquet and SQLite decoded."""
    told = []
    for path in folder.iterdir():
        if path.suffix == ".parquet":
            told.append(str(pq.read_table(path, memory_map=False).to_pylist()))
        elif path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as database:
                told += list(database.iterdump())
        else:
            told.append(path.read_text("utf-8"))
    return "\n".join(told)


def test_a_table_that_nobody_thought_of_stays_in_the_case(
    told_tables: dict[str, pa.Table],
) -> None:
    assert "profiles" in told_tables and "claims" in ALL
    with source_of(told_tables, facts=FACTS) as (source, _):
        assert set(source.tables) <= set(kept_columns())
        assert "profiles" not in source.tables
