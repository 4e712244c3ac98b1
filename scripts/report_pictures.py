"""Pictures of the report for docs/report.md, from a case, in headless Chromium.

Usage: python scripts/report_pictures.py CASE [--out docs/images]
In: an analysed case folder, best the demonstration's (`narrashift demo --out CASE`). Out: PNG files
of at most 256 colours. It needs playwright and Chromium (NARRASHIFT_CHROMIUM names another one).
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP, PHONE, SHEET = (1280, 900), (390, 844), (794, 1123)
COLOURS = 128


def main() -> None:
    """Make every picture."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("case", type=Path, help="an analysed case folder")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    browser_path = os.environ.get("NARRASHIFT_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES))
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page = Path(folder) / "report.html"
        page.write_text(_report(asked.case), encoding="utf-8")
        browser = play.chromium.launch(executable_path=browser_path, args=QUIET)
        for name, look in LOOKS.items():
            _picture(browser, page.as_uri(), asked.out / f"report-{name}.png", **look)
        browser.close()


def _report(case: Path) -> str:
    from narrashift.analysis import Analysis

    return Analysis.load(case).report()


def _press(*keys: str) -> Any:
    return lambda page: [page.keyboard.press(key) for key in keys]


def _open_number(page: Any) -> None:
    page.locator("article.narrative .stats a.num").first.click()


def _persian(page: Any) -> None:
    page.locator("article.narrative:visible").first.scroll_into_view_if_needed()
    page.locator("article.narrative:visible").first.evaluate("e => e.scrollIntoView()")


LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"size": DESKTOP},
    "phone": {"size": PHONE},
    "dark": {"size": DESKTOP, "scheme": "dark", "at": "#timeline"},
    "print": {"size": SHEET, "media": "print"},
    "persian": {"size": DESKTOP, "at": "#?lang=fa", "act": _persian},
    "drawer": {"size": DESKTOP, "at": "#narratives", "act": _open_number},
    "filters": {"size": DESKTOP, "at": "#posts?lang=fr", "act": _press("f")},
}


def _picture(
    browser: Any,
    address: str,
    path: Path,
    *,
    size: tuple[int, int],
    scheme: str = "light",
    at: str = "",
    media: str | None = None,
    act: Any = None,
) -> None:
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.goto(address + at)
    page.wait_for_selector("html[data-ready]")
    page.emulate_media(media=media, color_scheme=scheme)
    if act:
        act(page)
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    page.close()
    _few_colours(path)


def _few_colours(path: Path) -> None:
    from PIL import Image

    with Image.open(path) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
