"""Findings: prescribed words, exact counts, evidence that resolves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Event, Settings
from corpus.tables import ALL, FINDINGS, POSTS, check
from reports.findings import in_reading_order, rank_findings
from reports.links import Links
from reports.narrative_findings import first_sentence
from reports.neutral import judging_words


def by_kind(findings: pa.Table, kind: str) -> list[dict[str, Any]]:
    return [row for row in findings.to_pylist() if row["kind"] == kind]


def test_a_normal_case_has_more_than_five_findings_of_several_kinds(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    findings = check(rank_findings(tables, settings), FINDINGS)
    assert findings.num_rows >= 5
    assert len(set(findings.slice(0, 5)["kind"].to_pylist())) >= 3
    scores = findings["score"].to_pylist()
    assert scores == sorted(scores, reverse=True)


def test_every_finding_resolves_to_posts_or_snapshots(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    known = set(tables["posts"]["post_id"].to_pylist())
    known |= set(tables["profiles"]["snapshot_id"].to_pylist())
    for row in rank_findings(tables, settings).to_pylist():
        assert row["evidence"]
        assert set(row["evidence"]) <= known


def test_the_counts_in_a_copied_text_are_those_of_its_posts(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    first = by_kind(rank_findings(tables, settings), "talking_point")[0]
    posts = Links(tables).written_in_point("point00")
    accounts = set(posts["account_id"].to_pylist())
    assert f"posted by {len(accounts)} accounts" in first["statement"]
    assert f"{posts.num_rows} posts" in first["statement"]
    assert f"Account ‹{posts['account_id'][0].as_py()}› posted it first" in first["statement"]
    assert "Chance has not been tested." in first["statement"]


def test_the_event_window_counts_posts_inside_it_only(tables: dict[str, pa.Table]) -> None:
    narrow = Settings(event=Event("2031-05-10T06:00:00Z", "2031-05-10T06:20:00Z"))
    (found, *_) = by_kind(rank_findings(tables, narrow), "narrative_event")
    assert "holds 3 posts between" in found["statement"]


def test_without_an_event_narratives_are_told_over_the_whole_span(
    tables: dict[str, pa.Table],
) -> None:
    findings = rank_findings(tables, Settings())
    assert by_kind(findings, "narrative")
    assert not by_kind(findings, "narrative_event")


def test_a_gender_note_is_no_finding(tables: dict[str, pa.Table], settings: Settings) -> None:
    (gender,) = [row for row in tables["shifts"].to_pylist() if row["attribute"] == "gender"]
    for row in rank_findings(tables, settings).to_pylist():
        assert "gender" not in row["statement"]
        if row["kind"].startswith("shift"):
            assert gender["account_id"] not in row["account_ids"]


def test_the_order_of_rows_changes_no_finding(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in tables.items()}
    assert rank_findings(turned, settings).equals(rank_findings(tables, settings))


def test_no_sentence_judges_anybody(tables: dict[str, pa.Table], settings: Settings) -> None:
    for row in rank_findings(tables, settings).to_pylist():
        assert not judging_words(row["statement"])


def test_an_empty_case_has_no_finding_and_one_post_has_one(settings: Settings) -> None:
    assert rank_findings({}, settings).num_rows == 0
    findings = rank_findings({"posts": posts([("1", None, "a")])}, settings)
    assert findings["kind"].to_pylist() == ["corpus"]
    assert findings["statement"].to_pylist() == [
        "The corpus holds 1 post by 1 account, at unknown times."
    ]


def posts(rows: list[tuple[str, datetime | None, str | None]]) -> pa.Table:
    return POSTS.from_rows(
        [
            {"post_id": post_id, "platform": "", "account_id": account, "created_at": at,
             "time_precision": "second", "text": "x", "kind": "post", "urls": [], "hashtags": [],
             "mentions": [], "source_file": "f", "source_row": n}
            for n, (post_id, at, account) in enumerate(rows)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("1", 5, "a"), ("2", 6, "b")], "Account ‹a› posted it first, at 2031-01-01 05:00 UTC."),
        ([("1", 5, "a"), ("2", 5, "b")], "2 accounts share the first recorded time"),
        ([("1", None, "a")], "No time is known, so no first poster is named."),
    ],
)
def test_a_first_poster_is_named_only_where_times_can_tell(
    rows: list[tuple[str, int | None, str]], expected: str
) -> None:
    timed = [
        (i, datetime(2031, 1, 1, h, tzinfo=UTC) if h is not None else None, a) for i, h, a in rows
    ]
    assert first_sentence(Links({"posts": posts(timed)}).posts).startswith(expected)


def test_reposts_are_no_copies(tables: dict[str, pa.Table], settings: Settings) -> None:
    kinds = pa.array(["repost"] * tables["posts"].num_rows)
    place = tables["posts"].column_names.index("kind")
    reposted = tables | {
        "posts": tables["posts"].set_column(place, POSTS.schema.field("kind"), kinds)
    }
    assert not by_kind(rank_findings(reposted, settings), "talking_point")


def test_tables_that_were_not_made_are_not_reported_on(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    for missing in tables:
        rest = {name: table for name, table in tables.items() if name != missing}
        check(rank_findings(rest, settings), ALL["findings"])


def test_a_stored_table_is_read_in_the_order_of_its_scores() -> None:
    rows = [
        {"finding_id": name, "kind": "k", "score": score, "statement": name}
        | {"account_ids": [], "evidence": []}
        for name, score in (("a", 1.0), ("b", 3.0), ("c", 2.0), ("d", 3.0))
    ]
    ordered = in_reading_order(FINDINGS.from_rows(rows))
    assert ordered.column("finding_id").to_pylist() == ["b", "d", "c", "a"]
