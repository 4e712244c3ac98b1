"""The report: self-contained, repeatable, every number linked, every quote verbatim."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Report, Settings
from reports.findings import rank_findings
from reports.html import build_report, language_tag
from reports.neutral import judging_words
from reports.redaction import Redactor


class Page(HTMLParser):
    """Elements, attributes, ids, links, and the text inside each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.inside[tag] = self.inside.get(tag, "") + data


@pytest.fixture
def page(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> str:
    return build_report(tables, manifest, settings, redactor)


def test_two_builds_have_the_same_bytes_in_any_row_order(
    tables: dict[str, pa.Table],
    manifest: dict[str, Any],
    settings: Settings,
    redactor: Redactor,
    page: str,
) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in tables.items()}
    manifest["created_at"] = "2040-01-01"
    manifest["stages"][0]["seconds"] = 99.0
    again = Redactor.of(turned, redactor.mode, redactor.key)
    assert build_report(turned, manifest, settings, again) == page


def test_findings_of_the_case_are_used_as_they_are(
    tables: dict[str, pa.Table],
    manifest: dict[str, Any],
    settings: Settings,
    redactor: Redactor,
    page: str,
) -> None:
    stored = tables | {"findings": rank_findings(tables, settings)}
    assert build_report(stored, manifest, settings, redactor) == page


def test_the_time_of_making_is_printed_only_when_given(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, page: str
) -> None:
    at = datetime(2033, 3, 4, 5, 6, tzinfo=UTC)
    assert "2033-03-04 05:06 UTC" in build_report(tables, {}, settings, redactor, generated_at=at)
    assert "<dt>Made</dt>" not in page


def test_the_policy_allows_exactly_our_style_and_script(page: str) -> None:
    found = Page(page)
    policy = next(
        attrs["content"]
        for tag, attrs in found.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None and policy.startswith("default-src 'none'")
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
        live = [attrs for element, attrs in found.elements if element == tag and not attrs]
        assert len(live) == 1
    (data,) = [attrs for element, attrs in found.elements if element == "script" and attrs]
    assert data == {"type": "application/json", "id": "block"}


def test_nothing_is_loaded_and_no_attribute_runs_or_styles_anything(page: str) -> None:
    for tag, attrs in Page(page).elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "audio"}
        for name, value in attrs.items():
            assert not name.startswith("on")
            assert name not in {"src", "style", "srcdoc", "action"}
            assert name != "href" or (value or "").startswith("#")


def test_every_link_leads_to_a_place_in_the_page_and_ids_are_unique(page: str) -> None:
    elements = Page(page).elements
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for tag, attrs in elements if tag == "a"}
    assert {str(link)[1:] for link in links} <= set(ids)


def test_every_payload_stands_there_as_text(page: str, payloads: list[str]) -> None:
    found = Page(page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    (block,) = re.findall(r'<script type="application/json" id="block">(.*?)</script>', page, re.S)
    assert "window.hit" not in script
    assert "window.hit" in block and not set("<>&\u2028\u2029") & set(block)
    assert "<b>2031</b>" in found.inside["h1"]
    assert not any(attrs.get("onerror") for _, attrs in found.elements)


def test_quotes_are_the_texts_as_read(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings
) -> None:
    shown = Page(build_report(tables, manifest, settings, Redactor("none"))).inside
    for narrative in tables["narratives"].to_pylist():
        assert narrative["quote"] in shown["blockquote"]
    for shift in tables["shifts"].to_pylist():
        if shift["level"] >= 1:
            assert shift["quote_before"] in shown["blockquote"]
            assert shift["quote_after"] in shown["blockquote"]


def test_a_reason_that_only_repeats_both_quotes_is_not_told_again(page: str) -> None:
    assert "On one day the bio said" not in page
    assert "Both statements were kept up" in page


def test_a_change_below_a_note_has_no_card(page: str) -> None:
    assert "software engineer" not in page


def test_a_snapshot_shows_its_quoted_words_and_not_the_whole_bio(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    without = tables | {"profile_lanes": tables["profile_lanes"].slice(0, 0)}
    page = build_report(without, manifest, settings, redactor)
    assert "Tea, trains and long walks" not in page
    shown = build_report(tables, manifest, settings, redactor)
    assert "Tea, trains and long walks" in shown.partition('<section id="by-posts"')[0]
    assert "Tea, trains and long walks" not in shown.partition('<section id="evidence"')[2]


def test_persian_stands_right_to_left_by_its_own_first_letter(page: str) -> None:
    quotes = [attrs for tag, attrs in Page(page).elements if tag == "blockquote"]
    assert quotes
    assert all(attrs["dir"] == "auto" and attrs["lang"] for attrs in quotes)
    assert {"fa", "ar", "fr", "en"} <= {str(attrs["lang"]) for attrs in quotes}


def test_cards_are_cut_and_the_page_says_so(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    small = Settings(report=Report(max_posts=3))
    page = build_report(tables, manifest, small, redactor)
    assert "The appendix ends after 3 sources" in page
    assert len(re.findall(r'<li id="e\d+"', page)) == 3


def test_a_missing_part_is_said_and_not_left_out(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    only = {"posts": tables["posts"]}
    page = build_report(only, {}, Settings(), Redactor.of(only, "pseudonym", b"k" * 32))
    for sentence in ("No narratives were found", "No shift was noted", "No event was set"):
        assert sentence in page
    assert "Nothing was read" in build_report({}, {}, settings, Redactor("none"))


def test_the_limits_of_the_data_are_told(page: str, manifest: dict[str, Any]) -> None:
    text = Page(page).inside["main"]
    assert "Coordination: whether copies and close timing are more than chance" in text
    assert "Persona shifts of 84 accounts: single snapshot, shift cannot be assessed." in text
    assert "12 talking points stayed outside." in text
    assert "4 duplicate, 1 no text" in text
    assert "have two or more dated snapshots" in text
    assert text.count("times have no zone; UTC was assumed") == 1


def test_the_words_of_the_page_judge_nobody(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    text = Page(build_report(tables, manifest, settings, redactor)).inside["body"]
    assert not judging_words(text)


def test_gender_stays_a_note_with_its_sentence(page: str) -> None:
    parts = [part.partition("</article>")[0] for part in page.split("<article")[1:]]
    (card,) = [part for part in parts if "father of two" in part]
    assert "Level 1: note" in card
    assert "people transition, share accounts and joke" in card


@pytest.mark.parametrize(
    ("lang", "tag"), [("fa", "fa"), ("zh-Hant", "zh-Hant"), (None, "und"), ('"><x', "und")]
)
def test_a_language_attribute_is_a_language_or_und(lang: str | None, tag: str) -> None:
    assert language_tag(lang) == tag
