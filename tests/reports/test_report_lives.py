"""Life-cycle: what the files show of each account, and nothing beyond them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from corpus.tables import ALL
from reports.evidence import Evidence
from reports.life_cycle import lives_of
from reports.links import Links
from reports.redaction import Redactor
from reports.report_lives import LifeCycle, section

START = datetime(2031, 5, 1, tzinfo=UTC)


def case(
    posts: list[tuple[str, int]], snapshots: list[tuple[str, int, dict[str, Any]]]
) -> dict[str, pa.Table]:
    """Posts as (account, day) and snapshots as (account, day, more)."""
    return {
        "posts": ALL["posts"].from_rows([
            {"post_id": f"p{n}", "platform": "x", "account_id": who, "text": "tea",
             "created_at": START + timedelta(days=day), "time_precision": "second", "kind": "post",
             "urls": [], "hashtags": [], "mentions": [], "source_file": "f", "source_row": n}
            for n, (who, day) in enumerate(posts)]),
        "profiles": ALL["profiles"].from_rows([
            {"snapshot_id": f"s{n}", "platform": "x", "account_id": who, "basis": "retrieved",
             "observed_at": START + timedelta(days=day), "state": "active", "source_file": "a.csv",
             "source_row": n, **more} for n, (who, day, more) in enumerate(snapshots)]),
    }  # fmt: skip


def lives(tables: dict[str, pa.Table]) -> LifeCycle:
    links = Links(tables)
    evidence = Evidence(links, Redactor.of(tables, "pseudonym", b"k" * 32), 50, "case")
    made = section(links, evidence, None)
    assert made is not None
    return made


def facts(tables: dict[str, pa.Table]) -> list[str]:
    return [fact.value for fact in lives(tables).facts]


def test_a_snapshot_that_states_a_suspension_is_no_sign_of_life() -> None:
    tables = case([("a", 0)], [("a", 5, {}), ("a", 40, {"state": "suspended"})])
    assert lives_of(Links(tables))["a"].last_sign == START + timedelta(days=5)


def test_the_earliest_stated_creation_counts() -> None:
    early, late = START - timedelta(days=900), START - timedelta(days=2)
    tables = case([], [("a", 0, {"joined_at": late}), ("a", 1, {"joined_at": early}), ("b", 1, {})])
    assert lives_of(Links(tables))["a"].created == early
    assert facts(tables)[0] == "1 of 2"
    assert lives(tables).created is not None


def test_half_a_year_between_two_posts_is_a_silence_with_both_ends_cited() -> None:
    made = lives(case([("a", 0), ("a", 200), ("b", 0), ("b", 100), ("b", 200)], []))
    assert [row.days for row in made.silences] == ["200"]
    assert made.silences[0].last.at < made.silences[0].next.at
    assert made.facts[2].value == "1 of 2"


def test_who_gives_no_sign_for_a_month_is_counted_among_those_who_posted() -> None:
    tables = case([("a", 0), ("b", 90)], [("c", 10, {}), ("c", 11, {})])
    assert facts(tables)[3] == "1 of 3"


def test_the_curve_falls_from_all_accounts_to_none() -> None:
    made = lives(case([("a", 0), ("b", 10), ("c", 10), ("d", 30)], []))
    assert made.seen is not None
    assert sum(number for _, number, _ in made.seen.rows) == 4
    assert [left for _, _, left in made.seen.rows] == [4, 3, 1]


def test_dumps_are_compared_in_the_order_in_which_they_were_taken() -> None:
    later = {"source_file": "0-named-first.csv"}
    made = lives(case([], [("a", 0, {}), ("b", 1, {}), ("b", 30, later), ("c", 31, later)]))
    assert [(d.accounts, d.missing, d.new) for d in made.dumps] == [("2", "", ""), ("2", "1", "1")]
    one_file = case([], [("a", 0, {}), ("b", 9, {})])
    assert not lives(one_file).dumps


def test_no_account_no_part() -> None:
    links = Links({})
    assert section(links, Evidence(links, Redactor("none"), 5, "case"), None) is None
