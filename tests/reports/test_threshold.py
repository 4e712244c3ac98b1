"""What is told of fewer than k accounts does not leave: counts, quotes, and what is left over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.settings import Settings
from corpus.tables import ALL, check
from reports.html import build_report
from reports.redaction import Redactor
from reports.released import redaction_words, released, threshold_words
from reports.threshold import UNNAMED, countable, cut

KEY = b"k" * 32
START = datetime(2031, 5, 1, tzinfo=UTC)


def made(sizes: list[int], narratives: list[int] | None = None) -> dict[str, pa.Table]:
    """A case with a talking point of each size, one post an account, in the given narratives."""
    inside = narratives or [0] * len(sizes)
    posts: list[dict[str, Any]] = []
    linked: list[dict[str, Any]] = []
    for point, size in enumerate(sizes):
        for n in range(size):
            post = f"p{point}-{n}"
            posts.append(
                {"post_id": post, "platform": "", "account_id": f"a{n}", "time_precision": "second",
                 "created_at": START + timedelta(hours=n), "text": f"words of point {point}",
                 "kind": "post", "urls": [], "hashtags": [], "mentions": ["a1"],
                 "handle": f"h{n}", "source_file": "f", "source_row": n}
            )  # fmt: skip
            linked.append({"post_id": post, "point_id": f"t{point}", "similarity": 1.0})
    points = [
        {"point_id": f"t{n}", "exemplar_id": f"p{n}-0", "posts": size, "reposts": 0,
         "accounts": size, "exact_share": 1.0}
        for n, size in enumerate(sizes)
    ]  # fmt: skip
    joined = [
        {"point_id": f"t{n}", "narrative_id": f"n{which}", "membership": 1.0, "assigned_by": "tree"}
        for n, which in enumerate(inside)
    ]
    told = [
        {"narrative_id": f"n{which}", "label": f"story {which}", "terms": [], "lang": "en",
         "medoid_post_id": f"p{inside.index(which)}-0", "quote": f"words of point {which}",
         "points": inside.count(which), "reposts": 0, "persistence": 0.1, "embedder": "fitted",
         "posts": sum(s for s, i in zip(sizes, inside, strict=True) if i == which),
         "accounts": max(s for s, i in zip(sizes, inside, strict=True) if i == which)}
        for which in sorted(set(inside))
    ]  # fmt: skip
    rows = {"posts": posts, "point_posts": linked, "talking_points": points,
            "narrative_points": joined, "narratives": told}  # fmt: skip
    return {name: ALL[name].from_rows(found) for name, found in rows.items()}


def ids(tables: Any, name: str, column: str) -> set[str]:
    return set(tables[name][column].to_pylist())


def test_a_threshold_of_one_changes_nothing(tables: dict[str, pa.Table]) -> None:
    assert cut(tables, 1).tables is tables


@pytest.mark.parametrize("least", [2, 3, 5])
def test_what_is_left_keeps_its_contracts_and_counts_enough(
    tables: dict[str, pa.Table], least: int
) -> None:
    left = cut(tables, least).tables
    for name, table in left.items():
        check(table, ALL[name])
        if "accounts" in table.column_names and pa.types.is_integer(table["accounts"].type):
            assert not [n for n in table["accounts"].to_pylist() if n is not None and 0 < n < least]
    assert not {"profiles", "claims", "shifts", "account_events", "personas"} & left.keys()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(2, 6))
def test_no_post_of_a_talking_point_below_the_threshold_is_left(
    sizes: list[int], least: int
) -> None:
    left = cut(made(sizes), least).tables
    large = {f"t{n}" for n, size in enumerate(sizes) if size >= least}
    assert ids(left, "talking_points", "point_id") <= large
    kept = ids(left, "posts", "post_id")
    assert {post.split("-")[0].replace("p", "t") for post in kept} == ids(
        left, "talking_points", "point_id"
    )


@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.integers(2, 6))
def test_one_withheld_part_never_stands_alone(sizes: list[int], least: int) -> None:
    """The posts of the narrative minus those of its points tell no single point's."""
    left = cut(made(sizes), least).tables
    gone = len(sizes) - left["talking_points"].num_rows
    assert gone != 1


def test_who_wrote_is_gone_and_a_quote_of_few_is_emptied() -> None:
    left = cut(made([1, 6, 7, 1], [0, 0, 1, 1]), 5).tables
    posts = left["posts"]
    assert posts["account_id"].null_count == posts["handle"].null_count == posts.num_rows
    assert set(map(len, posts["mentions"].to_pylist())) <= {0}
    quotes = dict(zip(left["narratives"]["narrative_id"].to_pylist(),
                      left["narratives"]["quote"].to_pylist(), strict=True))  # fmt: skip
    assert quotes["n0"] == ""  # its medoid was one account's own text


def test_stand_ins_count_right_and_serve_one_talking_point_alone() -> None:
    tables = made([6, 7, 8, 2])
    posts = countable(cut(tables, 5).tables, tables)["posts"].to_pylist()
    counted: dict[str, set[str]] = {}
    for row in posts:
        counted.setdefault(row["post_id"].split("-")[0], set()).add(row["account_id"])
    assert {point: len(names) for point, names in counted.items()} == {
        "p0": 6,
        "p1": 7,
        "p2": 8,
    } or (set(counted) <= {"p0", "p1", "p2"})
    every = [name for names in counted.values() for name in names]
    assert len(every) == len(set(every))
    assert {Redactor("pseudonym", KEY).account(name) for name in every} == {UNNAMED}


def test_a_finding_that_names_or_counts_few_is_withheld_and_the_others_name_nobody() -> None:
    rows = [
        ("x", "Account ‹a1› changed its name.", ["a1"]),
        ("x", "3 accounts did it.", []),
        ("x", "12 accounts did it; account ‹a1› first.", [f"a{n}" for n in range(12)]),
        ("both_sides", "40 accounts (left 39, right 1) did it.", []),
    ]
    told = [
        {"finding_id": str(n), "kind": kind, "score": 1.0, "statement": words, "evidence": [],
         "account_ids": who}
        for n, (kind, words, who) in enumerate(rows)
    ]  # fmt: skip
    tables = made([6]) | {"findings": ALL["findings"].from_rows(told)}
    left = cut(tables, 5).tables["findings"].to_pylist()
    assert [row["statement"] for row in left] == [f"12 accounts did it; account {UNNAMED} first."]


def test_decisions_on_one_account_and_on_what_was_withheld_go_with_it() -> None:
    decided = [
        {"decision_id": f"d{number}", "number": number, "decided_at": START, "action": action,
         "scope": scope, "target_id": about, "now_id": about, "into_id": into, "words": "why",
         "holds": True, "evidence": []}
        for number, (action, scope, about, into) in enumerate([
            ("dismiss", "shift", "s1", None), ("note", "narrative", "n0", None),
            ("note", "narrative", "n1", None), ("merge", "narrative", "n0", "n1"),
            ("confirm", "point", "t0", None), ("confirm", "point", "t1", None)])
    ]  # fmt: skip
    case = made([9, 2, 6], [0, 1, 2]) | {"decisions": ALL["decisions"].from_rows(decided)}
    left = cut(case, 5).tables
    assert ids(left, "narratives", "narrative_id") == {"n0"}
    assert sorted(ids(left, "decisions", "decision_id")) == ["d1", "d4"]
    assert cut(case, 1).tables["decisions"].num_rows == len(decided)


def test_report_and_exports_are_made_from_the_same_rows(
    tables: dict[str, pa.Table], settings: Settings, manifest: dict[str, object]
) -> None:
    redactor = Redactor.of(tables, "pseudonym", KEY, min_accounts=4, tlp="amber")
    page = build_report(tables, manifest, settings, redactor)
    left = released(tables, redactor)
    gone = ids(tables, "posts", "post_id") - ids(left, "posts", "post_id")
    assert gone and not [post for post in gone if redactor.post(post) in page]
    for account in ids(tables, "posts", "account_id") - {None}:
        assert redactor.account(account) not in page or any(
            account in members for members in left["groups"]["accounts"].to_pylist()
        )
    assert threshold_words(4) in page.replace("&lt;", "<")
    assert "TLP:AMBER" in page and page.count('class="tlp tlp-amber"') == 2


def test_words_say_what_was_withheld() -> None:
    assert threshold_words(1) == ""
    assert "(< 5)" in threshold_words(5)
    words = redaction_words(Redactor("none", quotes="none"))
    assert words == "names and ids shown as read; texts withheld"
