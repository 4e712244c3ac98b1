"""Numbers open their posts, citations open their sources, and both can be copied and saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from narrashift.analysis import Analysis
from reports.clean import for_csv

OpenReport = Callable[..., Any]


def number_of(words: str) -> int:
    return int(re.sub(r"[^\d]", "", words))


def in_drawer(page: Any) -> int:
    told = page.locator("#drawer-count").inner_text()
    return number_of(told.split(" of ")[1])


def test_every_big_number_opens_posts_and_the_first_opens_all(
    open_report: OpenReport, shipped: Analysis
) -> None:
    page = open_report().page
    numbers = page.locator(".numbers a.num")
    assert numbers.count() >= 5
    for place in range(numbers.count()):
        numbers.nth(place).click()
        assert page.locator("#drawer li").count() > 0
        if place == 0:
            assert in_drawer(page) == number_of(numbers.first.inner_text())
            assert in_drawer(page) == shipped.arrow["posts"].num_rows
        page.keyboard.press("Escape")
        assert not page.locator("#drawer").is_visible()


def test_every_number_in_the_page_leads_to_posts(open_report: OpenReport) -> None:
    page = open_report().page
    empty = page.evaluate(
        "[...document.querySelectorAll('[data-posts]')].map(e => e.dataset.posts)"
        ".filter(one => indexesOf(one).length === 0)"
    )
    assert empty == []
    assert page.locator("[data-posts]").count() > 50


def test_the_posts_of_a_narrative_are_as_many_as_its_card_says(open_report: OpenReport) -> None:
    page = open_report().page
    wrong = page.evaluate(
        """[...document.querySelectorAll("article.narrative")].flatMap((card) =>
          [...card.querySelectorAll(".stats > div")].flatMap((pair) => {
            const link = pair.querySelector("a.num");
            const name = pair.querySelector("dt").textContent;
            if (!link || !["Posts", "Reposts"].includes(name)) return [];
            const told = Number(link.textContent.replaceAll(",", ""));
            const held = indexesOf(link.dataset.posts).length;
            return told === held ? [] : [`${card.id} ${name} ${told} ${held}`];
          }))"""
    )
    assert wrong == []


def test_each_count_of_the_timeline_opens_that_many_posts(open_report: OpenReport) -> None:
    page = open_report().page
    details = page.locator(".chart details").last
    details.locator("summary").click()
    page.wait_for_selector("table.bins a.num")
    wrong = page.evaluate(
        """[...document.querySelectorAll("details[open] table.bins a.num")].map((link) =>
          [Number(link.textContent.replaceAll(",", "")), indexesOf(link.dataset.posts).length])
          .filter(([told, held]) => told !== held)"""
    )
    assert wrong == []


def test_next_and_previous_walk_and_the_focus_returns(open_report: OpenReport) -> None:
    page = open_report().page
    link = page.locator("article.narrative .stats a.num").first
    link.focus()
    page.keyboard.press("Enter")
    assert page.locator("#drawer").is_visible()
    first = page.locator("#drawer li[aria-current] .text").text_content()
    page.keyboard.press("j")
    assert page.locator("#drawer-count").inner_text().startswith("2 of")
    page.locator("#drawer-after").click()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("k")
    assert page.locator("#drawer li[aria-current] .text").text_content() == first
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#drawer, body') !== null")
        assert not page.evaluate("document.activeElement.closest('main') !== null")
    page.keyboard.press("Escape")
    assert not page.locator("#drawer").is_visible()
    assert page.evaluate("document.activeElement.dataset.posts") == link.get_attribute("data-posts")


def test_a_citation_opens_its_source_among_those_beside_it(open_report: OpenReport) -> None:
    page = open_report().page
    refs = page.locator(".findings > li").first.locator("a.ref")
    refs.nth(2).click()
    label = refs.nth(2).inner_text()
    assert page.locator("#drawer li[aria-current] b").inner_text() == label
    assert page.locator("#drawer-count").inner_text() == f"3 of {refs.count()}"


def test_a_profile_snapshot_opens_too(open_report: OpenReport) -> None:
    page = open_report().page
    ref = page.locator("#personas article a.ref").first
    ref.click()
    assert page.locator("#drawer li[aria-current] b").inner_text() == ref.inner_text()
    assert page.locator("#drawer li[aria-current] .copy").count() == 1


def test_the_citation_copied_says_case_id_file_digest_row_and_time(
    open_report: OpenReport, shipped: Analysis
) -> None:
    opened = open_report()
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened.page
    page.locator(".findings a.ref").first.click()
    page.locator("#drawer li[aria-current] .copy").click()
    page.get_by_text("Citation copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    digests = {file["sha256"] for file in shipped.manifest.to_dict()["files"]}
    place, time = r"posts\S* sha256 \w{64}:\d+", r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(rf".+ / post_\w{{12}} / (?:[^/]+ / )?{place} / {time}", copied)
    assert re.findall(r"sha256 (\w{64})", copied)[0] in digests


def test_script_and_page_cite_the_same_post_the_same_way(open_report: OpenReport) -> None:
    page = open_report().page
    pairs = page.evaluate(
        """[...document.querySelectorAll("#evidence li[data-of]")].map((item) =>
          [item.querySelector("[data-cite]").dataset.cite,
           citationOf(block().seat(Number(item.dataset.of.split(":")[1])))])"""
    )
    assert len(pairs) > 50
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_quotes_of_the_block_are_the_texts_as_read_up_to_pseudonyms(
    open_report: OpenReport, shipped: Analysis
) -> None:
    page = open_report().page
    redactor = shipped.redactor()
    read = {redactor.text(text) for text in shipped.arrow["posts"]["text"].to_pylist()}
    shown = page.evaluate("block().columns.text")
    whole = [text for text in shown if "[…]" not in text and "⟦" not in text]
    assert len(whole) > 0.9 * len(shown)
    strange = [text for text in whole if text not in read]
    # Posts quoted in part stand with these words alone.
    assert all(any(text in one for one in read) or text == "[not quoted]" for text in strange)


def test_the_csv_holds_the_selection_and_opens_as_a_table(
    open_report: OpenReport, tmp_path: Path
) -> None:
    page = open_report("#?lang=fa").page
    with page.expect_download() as started:
        page.get_by_role("button", name="Save these as CSV").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == page.evaluate("listed.indexes.length") > 0
    assert {row["language"] for row in rows} == {"fa"}
    texts = page.evaluate("listed.indexes.map(i => block().columns.text[i])")
    assert [row["text"] for row in rows] == [for_csv(text) for text in texts]
    assert all(re.fullmatch(r"\w{64}", row["sha256"]) for row in rows)


CELLS = [
    "=1+1", " =1+1", "\t=1", "\u00a0@x", "\u202e+1", "＝1", "－1", "＠x", "-5", "+5.2e3",
    "-5 apples", "", "a", "\n=1", "\u200b=cmd", "12", "x=1", "\x00=1", "\x1b[31m=1",
    "a\r\nb", "a\rb", '"=1"',
    "\ufeff=1", "سلام", "=سلام", "\u2066=1\u2069", "'=1", "+", "@", "- ", "e5", "--5",
]  # fmt: skip


def test_the_script_guards_cells_by_the_same_rule_as_the_exports(open_report: OpenReport) -> None:
    told = open_report().page.evaluate("all => all.map(csvText)", CELLS)
    # A lone carriage return ends lines in both; everything else is equal to the letter.
    assert told == [for_csv(cell) for cell in CELLS]
