"""The report in a real browser: quiet, closed, searchable, right to left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from reports.html import build_report
from reports.redaction import Redactor

pytestmark = pytest.mark.browser


@pytest.fixture
def browser(chromium: Any) -> Any:
    return chromium


class Opened:
    """One report in one tab, with everything it complained about or asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = browser.new_page(**options)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-ready]")


@pytest.fixture
def report(
    tables: dict[str, pa.Table],
    manifest: dict[str, Any],
    settings: Settings,
    redactor: Redactor,
    tmp_path: Path,
) -> Path:
    path = tmp_path / "report.html"
    path.write_bytes(build_report(tables, manifest, settings, redactor).encode("utf-8"))
    return path


def test_the_page_is_quiet_and_asks_for_nothing_but_itself(browser: Any, report: Path) -> None:
    opened = Opened(browser, report)
    assert opened.complaints == []
    assert opened.requests == [report.as_uri()]


def test_no_payload_runs_with_or_without_the_policy(
    browser: Any, report: Path, tables: dict[str, pa.Table], manifest: dict[str, Any],
    payloads: list[str], tmp_path: Path,
) -> None:  # fmt: skip
    cited = tables | {"narratives": tables["narratives"].set_column(
        4, tables["narratives"].schema.field("medoid_post_id"),
        pa.array([f"19{5000 + n:016d}" for n in range(4)]))}  # fmt: skip
    shown = build_report(cited, manifest, Settings(), Redactor.of(tables, "none"))
    assert "window.hit=1" in shown
    bare = tmp_path / "bare.html"
    bare.write_text(shown.replace("Content-Security-Policy", "x-none"), encoding="utf-8")
    for path in (report, bare):
        opened = Opened(browser, path)
        assert opened.page.evaluate("window.hit") is None
        assert opened.page.evaluate("parent.hit") is None
        assert opened.complaints == []
        assert opened.page.locator("main script, main img, main iframe").count() == 0


def test_persian_and_arabic_run_right_to_left_even_after_a_latin_mention(
    browser: Any, report: Path
) -> None:
    page = Opened(browser, report).page
    for lang in ("fa", "ar"):
        quotes = page.locator(f"blockquote[lang={lang}]")
        sides = quotes.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
        assert sides
        assert set(sides) == {"rtl"}
    mentioned = page.locator("blockquote[lang=fa]", has=page.locator("bdi", has_text="@user_"))
    assert mentioned.count() > 0


def test_search_hides_what_does_not_match_and_escape_brings_it_back(
    browser: Any, report: Path
) -> None:
    page = Opened(browser, report).page
    every = page.locator("[data-find]").count()
    page.keyboard.press("/")
    page.keyboard.type("monarchist")
    page.locator("#found", has_text="cards and rows").wait_for()
    left = page.locator("[data-find]:not([hidden])").count()
    assert 0 < left < every
    assert page.locator("#found").inner_text().endswith(f"{left} of {every} cards and rows")
    page.keyboard.press("Escape")
    assert page.locator("[data-find]:not([hidden])").count() == every


def test_without_scripts_every_card_and_quote_is_there(browser: Any, report: Path) -> None:
    page = Opened(browser, report, java_script_enabled=False).page
    assert page.locator("article.card").count() >= 8
    assert page.locator("#tools").is_hidden()
    assert page.locator("button.copy").count() == 0


def test_a_phone_needs_no_sideways_scrolling(browser: Any, report: Path) -> None:
    page = Opened(browser, report, viewport={"width": 360, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_every_detail_is_open(browser: Any, report: Path) -> None:
    page = Opened(browser, report, java_script_enabled=False).page
    page.emulate_media(media="print")
    closed = page.locator("details:not([open]) table, details:not([open]) blockquote")
    heights = [closed.nth(n).bounding_box() for n in range(closed.count())]
    assert heights
    assert all(box is not None and box["height"] > 0 for box in heights)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_from_their_ground(browser: Any, report: Path, scheme: str) -> None:
    page = Opened(browser, report, color_scheme=scheme).page
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) > 20
    assert {words: ratio for words, ratio in ratios.items() if ratio < 4.5} == {}


# WCAG 2.1 contrast of every text against the nearest opaque ground behind it.
CONTRAST = """() => {
  const light = (c) => {
    const [r, g, b] = c.match(/[0-9.]+/g).map(Number).map((v) => {
      const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c !== "transparent" && !/, 0\\)$/.test(c)) return c; }
    return "rgb(255, 255, 255)"; };
  const found = {};
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest("svg, script")) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found[`${e.tagName}.${e.className} ${ratio.toFixed(2)}`] = ratio; }
  return found; }"""
