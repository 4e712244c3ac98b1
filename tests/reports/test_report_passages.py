"""The section on shared passages: there when something is shared, redacted, with places."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from corpus.tables import SHARED_PASSAGES
from reports.evidence import Evidence
from reports.html import build_report
from reports.links import Links
from reports.redaction import Redactor
from reports.report_passages import MAX_SHOWN, section


def shared(tables: dict[str, pa.Table], many: int = 1, kind: str = "copied") -> pa.Table:
    """Rows over the case's own posts: the first forty characters of two texts."""
    posts = tables["posts"].sort_by("post_id").select(["post_id", "text", "account_id"]).to_pylist()
    first = posts[0]
    others = [post for post in posts if post["account_id"] != first["account_id"]][:many]
    return SHARED_PASSAGES.from_rows(
        [
            {
                "post_a": first["post_id"], "start_a": 0, "end_a": 40,
                "quote_a": first["text"][:40], "share_a": 0.4,
                "post_b": other["post_id"], "start_b": 2, "end_b": 42,
                "quote_b": other["text"][2:42], "share_b": 0.9,
                "jaccard": 0.81, "containment": 0.9, "kind": kind,
            }
            for other in others
        ]
    )  # fmt: skip


@pytest.fixture
def case(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {**tables, "shared_passages": shared(tables, many=30)}


def test_no_shared_passage_makes_no_section(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    for given in (tables, {**tables, "shared_passages": SHARED_PASSAGES.empty()}):
        page = build_report(given, manifest, settings, redactor)
        assert "passages-title" not in page
        assert "#passages" not in page


def test_the_section_says_who_shares_what_and_where(
    case: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    page = build_report(case, manifest, settings, redactor)
    assert 'href="#passages"' in page
    assert f"showing {MAX_SHOWN} of 30" in page
    assert "characters 0 to 40" in page and "characters 2 to 42" in page
    for row in case["shared_passages"].to_pylist():
        assert row["post_a"] not in page and row["post_b"] not in page


def test_the_earlier_text_stands_first(
    tables: dict[str, pa.Table], redactor: Redactor, settings: Settings
) -> None:
    rows = shared(tables)
    links = Links({**tables, "shared_passages": rows})
    made = section(links, Evidence(links, redactor, 10, "title"))
    assert made is not None
    [row] = rows.to_pylist()
    times = {side: links.post(row[f"post_{side}"])["created_at"] for side in "ab"}  # type: ignore[index]
    assert times["a"] < times["b"]
    assert made.shown[0].first.place == "characters 0 to 40"
    assert made.shown[0].quote == redactor.text(row["quote_a"])
    other = {"_a": "_b", "_b": "_a"}
    names = [name[:-2] + other.get(name[-2:], name[-2:]) for name in rows.column_names]
    swapped = rows.rename_columns(names)
    links = Links({**tables, "shared_passages": swapped.select(SHARED_PASSAGES.names)})
    again = section(links, Evidence(links, redactor, 10, "title"))
    assert again is not None
    assert again.shown[0].first.place == "characters 0 to 40"


def test_full_redaction_withholds_the_words(
    case: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings
) -> None:
    page = build_report(case, manifest, settings, Redactor.of(case, "full", b"k" * 32))
    found = re.search(r'<section id="passages".*?</section>', page, re.DOTALL)
    assert found is not None
    for row in case["shared_passages"].to_pylist():
        assert row["quote_a"] not in found.group() and row["quote_b"] not in found.group()
    assert "withheld" in found.group()
