from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SchemaError
from corpus.removed import read_removed


def test_a_removal_list_becomes_events_and_says_only_what_it_states(tmp_path: Path) -> None:
    path = tmp_path / "removed.csv"
    path.write_text(
        "account_id,state,observed_at\n"
        "001,suspended,2020-08-01T00:00:00Z\n"
        "002,,\n"
        "003,deleted,soon\n"
        ",deleted,2020-08-01\n",
        encoding="utf-8",
    )
    events, rejects = read_removed(path)
    assert events.column("account_id").to_pylist() == ["001", "002"]
    assert events.column("kind").to_pylist() == ["suspended", "removed"]
    assert events.column("at").null_count == 1
    assert [reject.reason for reject in rejects] == ["time not understood", "no account id"]
    assert events.num_rows + len(rejects) == 4


def test_a_list_without_account_ids_names_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "removed.csv"
    path.write_text("user,state\nx,deleted\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="columns user, state; --removed expects account_id"):
        read_removed(path)
