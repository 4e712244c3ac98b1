"""Two cases side by side: what appeared, grew, shrank, merged, split, vanished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.tables import ALL
from reports.case_diff import CHANGES, CaseDiff, case_diff
from reports.diff_page import diff_page
from reports.diff_told import told, words
from reports.neutral import judging_words
from reports.redaction import Redactor
from reports.tlp import marking

AT = datetime(2031, 5, 1, tzinfo=UTC)
Partition = dict[str, list[int]]


def case_of(narratives: Partition, accounts: int = 3, groups: Partition | None = None) -> Any:
    """A case whose narratives hold these posts; each post is a talking point."""
    posts = sorted({post for members in narratives.values() for post in members})
    rows = [
        {
            "post_id": f"p{post:03d}", "platform": "x", "account_id": f"a{post % 5}",
            "created_at": AT, "time_precision": "second", "text": f"text {post}", "kind": "post",
            "urls": [], "hashtags": [], "mentions": [], "source_file": "f", "source_row": post,
        }
        for post in posts
    ]  # fmt: skip
    points = [
        {"post_id": f"p{post:03d}", "point_id": f"t{post:03d}", "similarity": 1.0} for post in posts
    ]
    joined = [
        {"point_id": f"t{post:03d}", "narrative_id": name, "membership": 1.0,
         "assigned_by": "density"}
        for name, members in narratives.items() for post in members
    ]  # fmt: skip
    told_of = [
        {
            "narrative_id": name, "label": f"label {name}", "terms": [], "lang": "en",
            "medoid_post_id": f"p{members[0]:03d}", "quote": "q", "points": len(members),
            "posts": len(members), "reposts": 0, "accounts": accounts, "persistence": 1.0,
            "embedder": "fitted",
        }
        for name, members in narratives.items()
    ]  # fmt: skip
    talking = [
        {
            "point_id": f"t{post:03d}", "exemplar_id": f"p{post:03d}", "posts": 1, "reposts": 0,
            "accounts": 1, "exact_share": 1.0,
        }
        for post in posts
    ]  # fmt: skip
    made = [
        {
            "group_id": name, "accounts": [f"a{one}" for one in members], "size": len(members),
            "ties": 3, "density": 1.0, "stability": 1.0, "q_value": 0.01, "layers": ["url"],
            "objects": 3, "null_model": "n", "evidence": [], "reason": "",
        }
        for name, members in (groups or {}).items()
    ]  # fmt: skip
    return {
        "posts": ALL["posts"].from_rows(rows),
        "point_posts": ALL["point_posts"].from_rows(points),
        "narrative_points": ALL["narrative_points"].from_rows(joined),
        "narratives": ALL["narratives"].from_rows(told_of),
        "talking_points": ALL["talking_points"].from_rows(talking),
        "groups": ALL["groups"].from_rows(made),
    }


def changes(
    diff: CaseDiff, unit: str = "narrative"
) -> dict[str, list[tuple[list[str], list[str]]]]:
    found: dict[str, list[tuple[list[str], list[str]]]] = {}
    for one in diff.changes:
        if one.unit == unit:
            ids = [t.thing_id for t in one.before], [t.thing_id for t in one.after]
            found.setdefault(one.change, []).append(ids)
    return found


def test_each_kind_of_change_is_told_apart() -> None:
    before = case_of(
        {"grows": [1, 2], "shrinks": [10, 11, 12], "left": [20, 21], "right": [22, 23],
         "whole": [30, 31, 32, 33], "goes": [40, 41], "stays": [50, 51]}
    )  # fmt: skip
    after = case_of(
        {"grown": [1, 2, 3], "shrinks": [10, 11], "both": [20, 21, 22, 23], "one": [30, 31],
         "two": [32, 33], "comes": [60, 61], "stays": [50, 51]}
    )  # fmt: skip
    diff = case_diff(before, after)
    assert changes(diff) == {
        "appeared": [([], ["comes"])],
        "vanished": [(["goes"], [])],
        "merged": [(["left", "right"], ["both"])],
        "split": [(["whole"], ["one", "two"])],
        "grew": [(["grows"], ["grown"])],
        "shrank": [(["shrinks"], ["shrinks"])],
    }
    assert diff.same["narrative"] == 1
    assert diff.posts == {"both": 14, "before": 3, "after": 3}


def test_what_vanished_says_how_much_of_it_is_still_there() -> None:
    before = case_of({"a": [1, 2, 3, 4], "b": [5, 6, 7, 8, 9, 10]})
    after = case_of({"b": [1, 5, 6, 7, 8, 9, 10]})
    (gone,) = case_diff(before, after).of("narrative", "vanished")
    assert (gone.elsewhere, gone.gone) == (1, ("p001", "p002", "p003", "p004"))


def test_a_group_is_followed_by_its_accounts() -> None:
    before = case_of({"n": [1]}, groups={"g": [1, 2, 3], "h": [6, 7, 8]})
    after = case_of({"n": [1]}, groups={"k": [1, 2, 3, 4], "m": [10, 11, 12]})
    found = changes(case_diff(before, after), "group")
    assert found == {
        "appeared": [([], ["m"])], "vanished": [(["h"], [])], "grew": [(["g"], ["k"])],
    }  # fmt: skip


def test_findings_of_different_kinds_over_the_same_posts_are_not_one_finding() -> None:
    def finding(name: str, kind: str, statement: str) -> dict[str, Any]:
        return {"finding_id": name, "kind": kind, "score": 1.0, "statement": statement,
                "account_ids": [], "evidence": ["p1", "p2"]}  # fmt: skip

    table = ALL["findings"]
    before = {"findings": table.from_rows([finding("a", "burst", "x"), finding("b", "group", "y")])}
    after = {"findings": table.from_rows([finding("a", "burst", "z"), finding("c", "corpus", "y")])}
    assert changes(case_diff(before, after), "finding") == {
        "appeared": [([], ["c"])], "vanished": [(["b"], [])], "changed": [(["a"], ["a"])],
    }  # fmt: skip


partitions = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True),
    max_size=5,
)  # fmt: skip


def disjoint(partition: Partition) -> Partition:
    seen: set[int] = set()
    found = {}
    for name in sorted(partition):
        members = [post for post in partition[name] if post not in seen]
        seen |= set(members)
        if members:
            found[name] = members
    return found


@given(partitions)
def test_a_case_beside_itself_differs_in_nothing(partition: Partition) -> None:
    case = case_of(disjoint(partition), groups=disjoint(partition))
    diff = case_diff(case, case)
    assert diff.changes == ()
    assert diff.same["narrative"] == diff.same["group"] == len(disjoint(partition))


@given(partitions, partitions)
def test_every_thing_of_both_sides_is_told_once_and_the_reverse_mirrors_it(
    left: Partition, right: Partition
) -> None:
    before, after = case_of(disjoint(left)), case_of(disjoint(right))
    diff, back = case_diff(before, after), case_diff(after, before)
    mirror = {"appeared": "vanished", "vanished": "appeared", "grew": "shrank", "shrank": "grew",
              "merged": "split", "split": "merged", "changed": "changed"}  # fmt: skip
    turned = {
        (mirror[c.change], tuple(sorted(t.thing_id for t in c.after)),
         tuple(sorted(t.thing_id for t in c.before)), c.gone, c.new)
        for c in diff.changes
    }  # fmt: skip
    assert turned == {
        (c.change, tuple(sorted(t.thing_id for t in c.before)),
         tuple(sorted(t.thing_id for t in c.after)), c.new, c.gone)
        for c in back.changes
    }  # fmt: skip
    for side, things in (("before", disjoint(left)), ("after", disjoint(right))):
        met = [t.thing_id for c in diff.changes for t in getattr(c, side)]
        assert set(met) <= set(things)
        same = set(things) - set(met)
        assert len(same) == diff.same["narrative"]


@given(partitions, partitions)
def test_every_number_can_be_counted_again_from_the_ids_beside_it(
    left: Partition, right: Partition
) -> None:
    before, after = disjoint(left), disjoint(right)
    for change in case_diff(case_of(before), case_of(after)).changes:
        old = {m for t in change.before for m in t.members}
        new = {m for t in change.after for m in t.members}
        assert set(change.new) == new - old and set(change.gone) == old - new
        assert change.shared == len(old & new)


class Tags(HTMLParser):
    """The tags and attributes that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def record_of(tables: Mapping[str, pa.Table], settings: Any, redactor: Redactor) -> dict[str, Any]:
    from reports.findings import rank_findings

    whole = {**tables, "findings": rank_findings(tables, settings)}
    less = {**whole, "narratives": tables["narratives"].slice(1)}
    return told(case_diff(less, whole), redactor)


def test_what_is_told_holds_pseudonyms_alone(
    tables: dict[str, pa.Table], settings: Any, redactor: Redactor
) -> None:
    record = record_of(tables, settings, redactor)
    page = diff_page(record, before="a", after="b", redaction="pseudonym")
    for text in (str(record), page):
        for table, column in (("posts", "post_id"), ("posts", "account_id"), ("posts", "handle")):
            values = set(tables[table][column].drop_null().to_pylist())
            assert not [value for value in values if value in text]
    (appeared,) = [r for r in record["changes"] if r["unit"] == "narrative"]
    assert appeared["change"] == "appeared"
    assert len(appeared["new"]) == appeared["after"][0]["members"]


def test_the_page_runs_nothing_loads_nothing_and_is_the_same_twice(
    tables: dict[str, pa.Table], settings: Any, redactor: Redactor, payloads: list[str]
) -> None:
    record = record_of(tables, settings, redactor)
    for place, row in enumerate(record["changes"]):
        row["sentence"] = payloads[place % len(payloads)]
    args: dict[str, Any] = {
        "before": payloads[0], "after": payloads[1], "redaction": "pseudonym",
        "differing": [{"name": payloads[2], "before": payloads[3], "after": payloads[4]}],
        "marking": marking("amber"),
    }  # fmt: skip
    page = diff_page(record, **args)
    assert page == diff_page(record, **args)
    found = Tags()
    found.feed(page)
    assert not found.names & {"script", "img", "svg", "iframe", "link", "object", "base"}
    led = [value for name, value in found.attributes if name in {"src", "href", "srcdoc"}]
    assert led and all(value.startswith("#") for value in led)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    policies = [value for name, value in found.attributes if name == "content"]
    assert any(policy.startswith("default-src 'none'") for policy in policies)
    assert "TLP:AMBER" in page


def test_sentences_of_a_comparison_judge_nobody() -> None:
    assert set(words()["sentence"]) == set(CHANGES)
    assert judging_words(str(words())) == []
