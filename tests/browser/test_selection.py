"""Filters, time, search, and the address that keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from narrashift.analysis import Analysis

OpenReport = Callable[..., Any]


def listed(page: Any) -> int:
    """How many posts the list holds, as the page says."""
    told = page.locator("#list-count").inner_text()
    found = re.search(r"(?:to [\d,]+ of|of) ([\d,]+)", told) if "No post" not in told else None
    return int(found.group(1).replace(",", "")) if found else 0


def until(page: Any, true: str) -> None:
    """Wait for an expression; the page's policy lets no driver evaluate text inside it."""
    for _ in range(200):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {true}")


def by_language(case: Analysis, lang: str) -> int:
    texts = case.arrow["texts"].to_pydict()
    stated = dict(
        zip(*(case.arrow["posts"].to_pydict()[c] for c in ("post_id", "lang")), strict=True)
    )
    return sum(
        (found if found and found != "und" else stated[post]) == lang
        for post, found in zip(texts["post_id"], texts["lang"], strict=True)
    )


def test_a_filter_leaves_the_posts_of_the_language_and_a_reload_keeps_it(
    open_report: OpenReport, shipped: Analysis
) -> None:
    page = open_report().page
    assert listed(page) == shipped.arrow["posts"].num_rows
    page.get_by_role("button", name="Filters").click()
    page.locator("#f-lang").select_option("fa")
    number = by_language(shipped, "fa")
    assert 0 < number < shipped.arrow["posts"].num_rows
    assert listed(page) == number
    assert page.evaluate("location.hash").endswith("?lang=fa")
    assert set(page.locator("#list .text").evaluate_all("all => all.map(e => e.lang)")) == {"fa"}
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert listed(page) == number
    assert page.get_by_role("button", name="Remove filter Language: Persian").is_visible()


def test_a_shared_address_restores_everything(open_report: OpenReport) -> None:
    first = open_report().page
    lang, word = first.evaluate(
        """(() => { const {columns, langs, narratives} = block();
          const fits = (i) => langs[columns.lang[i]][0] === narratives[0][1];
          const at = listsOf("narrative").get(0).find(fits);
          const word = columns.text[at].split(" ").find(one => one.length > 2);
          return [narratives[0][1], word]; })()"""
    )
    first.keyboard.press("f")
    first.locator("#f-lang").select_option(lang)
    first.locator("#f-narrative").select_option("0")
    first.locator("#search").fill(word)
    until(first, "location.hash.includes('q=')")
    told = listed(first)
    other = open_report(first.evaluate("location.hash")).page
    assert listed(other) == told > 0
    assert other.locator("#search").input_value() == word
    assert other.locator("#chips button").count() == 2


def test_a_link_inside_the_page_keeps_the_filters(open_report: OpenReport) -> None:
    page = open_report("#?lang=fa").page
    before = listed(page)
    page.get_by_role("navigation").get_by_role("link", name="Method").click()
    until(page, "location.hash === '#method?lang=fa'")
    assert listed(page) == before
    assert page.locator("#method").evaluate("e => e.getBoundingClientRect().top") < 400


def test_the_account_filter_leaves_cards_about_this_account_only(
    open_report: OpenReport, shipped: Analysis
) -> None:
    page = open_report().page
    card = page.locator("#personas article bdi.id").first
    account = card.inner_text()
    page.keyboard.press("f")
    page.locator("#f-account").fill(account)
    page.locator("#f-account").press("Enter")
    until(page, "location.hash.includes('account=')")
    shown = page.locator("#personas article.card:visible")
    assert shown.count() >= 1
    assert all(account in words for words in shown.all_inner_texts())
    pseudonyms = page.locator("#list .account").all_text_contents()
    assert set(pseudonyms) <= {account}
    redactor = shipped.redactor()
    ids = [i for i in shipped.arrow["posts"]["account_id"].to_pylist() if i]
    assert listed(page) == sum(redactor.account(i) == account for i in ids)


def test_an_unknown_account_leaves_nothing_and_says_so(open_report: OpenReport) -> None:
    page = open_report("#?account=nobody").page
    assert listed(page) == 0
    assert "No post matches" in page.locator("#list-count").inner_text()
    page.get_by_role("button", name="Remove filter Account: nobody").click()
    assert listed(page) > 0


def test_dragging_over_the_bars_chooses_their_time(open_report: OpenReport) -> None:
    page = open_report("#timeline").page
    chart = page.locator(".chart").last
    bars = chart.locator(".timed svg").first
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    asked = page.evaluate("Object.fromEntries(new URLSearchParams(location.hash.split('?')[1]))")
    assert asked["from"] < asked["to"]
    assert 0 < listed(page) < page.evaluate("block().size")
    times = page.locator("#list .meta:first-child").all_text_contents()
    read = [re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", words) for words in times]
    told = [found.group().replace(" ", "T") for found in read if found]
    assert told
    assert all(asked["from"] <= at < asked["to"] for at in told)
    assert chart.locator(".brush").count() == chart.locator(".timed svg").count()


def test_search_reads_the_whole_text_of_posts_and_escape_brings_them_back(
    open_report: OpenReport, shipped: Analysis
) -> None:
    page = open_report().page
    every = listed(page)
    cards = page.locator("[data-find]:not([hidden])").count()
    page.keyboard.press("/")
    page.keyboard.type("lantern")
    until(page, "location.hash.includes('q=lantern')")
    texts = shipped.arrow["posts"]["text"].to_pylist()
    redactor = shipped.redactor()
    wanted = sum("lantern" in redactor.text(text).lower() for text in texts)
    assert abs(listed(page) - wanted) <= 0.01 * wanted
    assert 0 < page.locator("[data-find]:not([hidden])").count() < cards
    assert "posts" in page.locator("#found").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""
    assert listed(page) == every
    assert page.locator("[data-find]:not([hidden])").count() == cards


def test_persian_is_found_and_stands_right_to_left(open_report: OpenReport) -> None:
    page = open_report("#?q=" + "فانوس").page
    assert listed(page) > 0
    sides = page.locator("#list .text:lang(fa)").evaluate_all(
        "all => all.map(e => getComputedStyle(e).direction)"
    )
    assert sides.count("rtl") > 0.8 * len(sides) > 0  # a few begin with a Latin word


@pytest.mark.parametrize(
    "asked", ["%E0%A4%A", "lang=%00&narrative=x", "from=x&to=9", "narrative=1e9"]
)
def test_an_address_that_nobody_made_breaks_nothing(open_report: OpenReport, asked: str) -> None:
    page = open_report(f"#findings?{asked}").page
    assert page.locator("#tools").is_visible()
