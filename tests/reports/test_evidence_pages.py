"""Where one file is not enough, evidence pages hold every post once, and both sides are linked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from reports import evidence_pages as pages_module
from reports.evidence_pages import is_page_of
from reports.html import build_pages, build_report
from reports.opens import ranges
from reports.redaction import Redactor


def block_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'id="block">(.*?)</script>', page, re.S)
    return dict(json.loads(text))


def made(
    tables: dict[str, pa.Table], manifest: dict[str, Any], most: int, redactor: Redactor
) -> tuple[str, dict[str, str]]:
    settings = Settings()
    settings = replace(settings, report=replace(settings.report, page_posts=most))
    pages = build_pages(tables, manifest, settings, redactor, stem="storm")
    return pages.page, dict(pages.beside)


@pytest.fixture
def paged(
    tables: dict[str, pa.Table],
    manifest: dict[str, Any],
    redactor: Redactor,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[str, dict[str, str]]:
    monkeypatch.setattr(pages_module, "PER_PAGE", 100)
    return made(tables, manifest, 50, redactor)


def test_a_case_that_fits_has_no_pages(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    page, beside = made(tables, manifest, tables["posts"].num_rows, redactor)
    assert beside == {}
    assert "all of them, to list, search and save" in page
    assert len(block_of(page)["columns"]["text"]) == tables["posts"].num_rows


def test_every_post_stands_once_and_in_the_order_of_time(
    paged: tuple[str, dict[str, str]], tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    _, beside = paged
    shown = [one for text in beside.values() for one in re.findall(r'<li id="([^"]+)"', text)]
    assert sorted(shown) == sorted(
        redactor.post(one) for one in tables["posts"]["post_id"].to_pylist()
    )
    timed = tables["posts"].sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    assert shown == [redactor.post(one) for one in timed["post_id"].to_pylist()]


def test_report_and_pages_are_linked_both_ways_and_the_report_says_so(
    paged: tuple[str, dict[str, str]], tables: dict[str, pa.Table]
) -> None:
    page, beside = paged
    names = list(beside)
    assert names[0] == "storm-evidence-001.html"
    assert all(is_page_of(name, "storm") and not is_page_of(name, "report") for name in names)
    assert [name for name in names if f'href="{name}"' in page] == names
    for before, text, after in zip(["", *names], beside.values(), [*names[1:], ""], strict=False):
        assert 'href="storm.html"' in text
        assert not before or f'href="{before}"' in text
        assert not after or f'href="{after}"' in text
    total = tables["posts"].num_rows
    assert f"50 of {total}" in page
    assert f"all stand in {len(names)} evidence pages beside it" in page


def test_pages_have_the_report_s_own_policy_and_no_text_runs(
    paged: tuple[str, dict[str, str]], payloads: list[str]
) -> None:
    page, beside = paged
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    for text in beside.values():
        assert f'content="{policy}"' in text
        assert len(re.findall(r"<script", text)) == 1
        assert not re.search(r"<(img|iframe|svg)\b", text)


def test_the_file_holds_first_what_the_report_cites(
    paged: tuple[str, dict[str, str]], tables: dict[str, pa.Table]
) -> None:
    held = block_of(paged[0])
    assert held["total"] == tables["posts"].num_rows
    assert len(held["columns"]["place"]) == 50
    cited = {int(one) for one in re.findall(r'data-of="posts:(\d+)"', paged[0])}
    assert len(cited & set(held["columns"]["place"])) == min(50, len(cited))


def test_one_page_alone_promises_no_others(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    settings = Settings()
    few = replace(settings, report=replace(settings.report, page_posts=10))
    page = build_report(tables, manifest, few, redactor)
    assert "evidence-001" not in page
    assert "all stand in the tables of the case" in page


def test_a_post_quoted_in_part_stands_nowhere_whole(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    page, beside = made(tables, manifest, 50, redactor)
    assert "I am a teacher" in page
    for text in (page, *beside.values()):
        assert "I am a teacher from" not in text


@pytest.mark.parametrize(
    ("places", "words"), [([], ""), ([4], "4"), ([0, 1, 2, 5, 7, 8], "0-2,5,7-8")]
)
def test_places_are_written_short(places: list[int], words: str) -> None:
    assert ranges(places) == words
