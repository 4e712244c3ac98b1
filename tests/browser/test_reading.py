"""Quiet, closed, by keyboard, without a script, on paper, right to left, for everybody."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from narrashift.analysis import Analysis
from reports.html import build_report

OpenReport = Callable[..., Any]
AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}


def test_the_page_asks_for_nothing_but_itself(open_report: OpenReport, report: Path) -> None:
    opened = open_report()
    page = opened.page
    page.keyboard.press("f")
    page.get_by_role("button", name="Open all").click()
    page.locator(".numbers a.num").first.click()
    page.keyboard.press("Escape")
    assert opened.requests == [report.as_uri()]


def test_keys_search_walk_help_and_can_be_switched_off(open_report: OpenReport) -> None:
    page = open_report().page
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") != first
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("?jk/")
    assert page.locator("#search").input_value() == "?jk/"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_label("Single-letter keys are on").uncheck()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "search"


def test_the_focus_can_be_seen(open_report: OpenReport) -> None:
    page = open_report().page
    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px"


def test_invisible_characters_are_drawn_on_demand_and_the_text_stays(
    open_report: OpenReport,
) -> None:
    page = open_report().page
    quote = (
        "[...document.querySelectorAll('blockquote')].find(e => e.textContent.includes('\\u200c'))"
    )
    before = page.evaluate(f"{quote}.textContent")
    page.get_by_role("button", name="Show invisible characters").click()
    assert page.evaluate(f"{quote}.querySelectorAll('[data-mark=ZWNJ]').length") == before.count(
        "\u200c"
    )
    assert page.evaluate(f"{quote}.textContent") == before
    page.get_by_role("button", name="Show invisible characters").click()
    assert page.locator("[data-mark]").count() == 0
    assert page.evaluate(f"{quote}.textContent") == before


def test_the_scheme_follows_the_system_and_a_choice_is_kept(open_report: OpenReport) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = (open_report(color_scheme=s).page for s in ("light", "dark"))
    assert light.evaluate(ground) != dark.evaluate(ground)
    light.get_by_role("button", name="Dark").click()
    assert light.evaluate(ground) == dark.evaluate(ground)
    light.reload()
    light.wait_for_selector("html[data-ready]")
    assert light.evaluate(ground) == dark.evaluate(ground)


def test_without_scripts_everything_can_be_read(open_report: OpenReport) -> None:
    page = open_report(java_script_enabled=False).page
    assert page.locator("#tools").is_hidden()
    assert page.locator("#explorer").is_hidden()
    assert page.locator("dialog").first.is_hidden()
    assert page.locator(".unscripted").is_visible()
    for section in ("findings", "data", "timeline", "narratives", "personas", "method", "evidence"):
        assert page.locator(f"#{section}").is_visible()
    assert page.locator("article.card").count() > 20
    assert page.locator("#evidence li").count() > 50
    links = page.locator("a[href^='#']").evaluate_all(
        "all => all.map(e => e.getAttribute('href').slice(1))"
    )
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert set(links) <= set(ids)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_every_card_is_open(open_report: OpenReport, scripts: bool) -> None:
    page = open_report(java_script_enabled=scripts).page
    page.emulate_media(media="print")
    heights = page.locator("details:not([open]) > :not(summary, [hidden], .sideways)").evaluate_all(
        "all => all.filter(e => e.textContent.trim()).map(e => e.getBoundingClientRect().height)"
    )
    assert len(heights) > 20
    assert min(heights) > 0
    assert page.locator("#tools button:visible, nav:visible, dialog:visible").count() == 0


def test_a_pdf_holds_what_closed_cards_hold(
    chromium: Any, shipped: Analysis, tmp_path: Path
) -> None:
    pypdf = pytest.importorskip("pypdf")
    few = replace(shipped.settings, report=replace(shipped.settings.report, max_posts=20))
    tables, manifest = shipped.arrow, shipped.manifest.to_dict()
    path = tmp_path / "short.html"
    text = build_report(tables, manifest, few, shipped.redactor())
    path.write_text(text, encoding="utf-8")
    page = chromium.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    rows = page.locator(".chart details:not([open]) tbody th").all_text_contents()
    settings = page.locator("#method details:not([open]) code").all_text_contents()
    pdf = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    page.close()
    printed = "".join("".join(sheet.extract_text().split()) for sheet in pdf.pages)
    assert rows and settings
    lost = [words for words in (*rows, *settings) if "".join(words.split()) not in printed]
    assert len(lost) <= 0.05 * len(rows + settings)  # words cut at the end of a page


@pytest.mark.parametrize("width", [360, 420, 1280])
def test_no_width_needs_sideways_scrolling(open_report: OpenReport, width: int) -> None:
    page = open_report(viewport={"width": width, "height": 800}).page
    page.get_by_role("button", name="Filters").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".numbers a.num").first.click()
    box = page.locator("#drawer").bounding_box()
    assert box is not None
    assert box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wide_table_on_a_phone_says_that_it_scrolls(open_report: OpenReport) -> None:
    page = open_report(viewport={"width": 360, "height": 800}).page
    wide = page.locator(".sideways.on:visible")
    assert wide.count() > 0
    assert page.locator(".scroll:not([tabindex='0'])").count() == 0


def test_nothing_moves_where_the_reader_asked_for_rest(open_report: OpenReport) -> None:
    page = open_report(reduced_motion="reduce").page
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.parametrize("state", ["light", "dark", "phone", "filtered", "drawer", "open"])
def test_axe_finds_no_serious_barrier(open_report: OpenReport, state: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm install in tests/browser")
    size = {"width": 390, "height": 800} if state == "phone" else {"width": 1280, "height": 900}
    page = open_report(
        bypass_csp=True, viewport=size, color_scheme="dark" if state == "dark" else "light"
    ).page
    if state == "filtered":
        page.keyboard.press("f")
        page.locator("#f-lang").select_option("fa")
    if state == "drawer":
        page.locator(".numbers a.num").first.click()
    if state == "open":
        page.get_by_role("button", name="Open all").click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [
        (one["id"], one["impact"], [node["html"][:160] for node in one["nodes"][:4]])
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
    assert grave == []
