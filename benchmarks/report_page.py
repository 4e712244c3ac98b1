"""The report in a browser: how large it is and how soon it can be read, beside a plain page.

Usage: python -m benchmarks.report_page CASE [--sizes 5000 50000] [--write]
In: an analysed case folder. Its posts are repeated, an hour later each time and under new ids,
until there are as many as asked for; the analysis stays. Out: a Markdown table; `--write` puts it
into docs/benchmarks.md between its marks.

The plain page lists the same posts, redacted the same way, each as an element of the page: what a
report does that has no block of data. Times are from headless Chromium, best of three, cold tab:
first view is the first contentful paint, usable is when search, filters and drawer answer.
Both pages are opened in the same browser process, one after another.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from narrashift.analysis import Analysis
from reports.clean import for_html
from reports.html import build_pages

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- report page: begin -->", "<!-- report page: end -->"
REPEATS = 3
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Measured:
    """One page in the browser; times in seconds, the worst action of those a reader repeats."""

    size_mb: float
    first_view: float
    usable: float
    action: float
    elements: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("case", type=Path, help="an analysed case folder")
    parser.add_argument("--sizes", type=int, nargs="*", default=[5_000, 50_000])
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    asked = parser.parse_args()
    analysis = Analysis.load(asked.case)
    lines = [
        "| posts | page | size, MB | first view, s | usable, s | search or filter, s | elements |"
        " made in, s (processor) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in asked.sizes:
        lines += rows_of(analysis, size)
    table = "\n".join(lines)
    print(table)
    if asked.write:
        write(table, asked.case.name)


def rows_of(analysis: Analysis, size: int) -> list[str]:
    tables = repeated(analysis.arrow, size)
    redactor = analysis.redactor()
    wall, cpu = time.perf_counter(), time.process_time()
    made = build_pages(tables, analysis.manifest.to_dict(), analysis.settings, redactor)
    cost = f"{time.perf_counter() - wall:.1f} ({time.process_time() - cpu:.1f})"
    plain = plain_page(tables["posts"], redactor)
    with tempfile.TemporaryDirectory() as folder:
        paths = {"ours": Path(folder) / "report.html", "plain list": Path(folder) / "plain.html"}
        paths["ours"].write_text(made.page, encoding="utf-8")
        paths["plain list"].write_text(plain, encoding="utf-8")
        seen = {name: measured(path, name == "ours") for name, path in paths.items()}
    rows = [row(size, name, one, cost if name == "ours" else "") for name, one in seen.items()]
    ratio = seen["plain list"].first_view / seen["ours"].first_view
    return [*rows, f"| {size:,} | ratio of first views, plain to ours | | {ratio:.1f} | | | | |"]


def row(size: int, name: str, one: Measured, cost: str) -> str:
    return (
        f"| {size:,} | {name} | {one.size_mb:.1f} | {one.first_view:.2f} | {one.usable:.2f} |"
        f" {one.action:.2f} | {one.elements:,} | {cost} |"
    )


def repeated(tables: dict[str, pa.Table], size: int) -> dict[str, pa.Table]:
    """The tables with `size` posts: the first ones, or all of them several times over."""
    posts, of_point = tables["posts"], tables["point_posts"]
    times = -(-size // posts.num_rows)
    many, held = [], []
    for turn in range(times):
        shifted = pc.add(posts["created_at"], pa.scalar(timedelta(hours=turn)))
        again = posts.set_column(
            posts.schema.get_field_index("created_at"), posts.schema.field("created_at"), shifted
        )
        many.append(renamed(again, turn))
        held.append(renamed(of_point, turn))
    return {
        **tables,
        "posts": pa.concat_tables(many).slice(0, size).combine_chunks(),
        "point_posts": pa.concat_tables(held).combine_chunks(),
    }


def renamed(table: pa.Table, turn: int) -> pa.Table:
    if not turn:
        return table
    ids = pc.binary_join_element_wise(table["post_id"], pa.scalar(f"-{turn}"), "")
    return table.set_column(
        table.schema.get_field_index("post_id"), table.schema.field("post_id"), ids
    )


def plain_page(posts: pa.Table, redactor: Any) -> str:
    items = [
        f"<li><p>{row['created_at']} {redactor.account(row['account_id'] or '')}</p>"
        f'<p dir="auto">{for_html(redactor.text(row["text"]))}</p></li>'
        for row in posts.select(["created_at", "account_id", "text"]).to_pylist()
    ]
    return f'<!DOCTYPE html><meta charset="utf-8"><title>plain</title><ol>{"".join(items)}</ol>'


def measured(path: Path, ours: bool) -> Measured:
    """Open the page REPEATS times in fresh tabs; the best of each time."""
    from playwright.sync_api import sync_playwright

    stated = os.environ.get("NARRASHIFT_CHROMIUM")
    browser_path = stated or next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=QUIET)
        seen = [opened(browser, path, ours) for _ in range(REPEATS)]
        browser.close()
    size = path.stat().st_size / 1e6
    first, usable, action = (min(one[place] for one in seen) for place in range(3))
    return Measured(size, first, usable, action, int(seen[0][3]))


def opened(browser: Any, path: Path, ours: bool) -> tuple[float, float, float, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.perf_counter()
    page.goto(path.as_uri(), timeout=120_000)
    if ours:
        page.wait_for_selector("html[data-ready]", timeout=120_000)
    usable = time.perf_counter() - start
    first = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
    )
    action = page.evaluate(ACTIONS) if ours else 0.0
    elements = page.evaluate("document.querySelectorAll('*').length")
    page.close()
    return first, usable, action, elements


# A search over all texts and a filter, each drawn, the first time and again.
ACTIONS = """() => {
  const spent = [];
  for (const change of [{q: "the"}, {q: "summit"}, {q: "", lang: "fa"}, {lang: ""}]) {
    const start = performance.now();
    choose(change);
    document.body.getBoundingClientRect();
    spent.push((performance.now() - start) / 1000);
  }
  return Math.max(...spent); }"""


def write(table: str, case: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if BEGIN not in text:
        made_by = (
            "Made by `python -m benchmarks.report_page CASE --write`: a case's posts, repeated to"
            " the size, in headless Chromium. The plain list is the same posts as elements of a"
            " page without anything else. Search or filter: the slowest of four, drawn."
        )
        text = f"{text.rstrip()}\n\n## The report in a browser\n\n{made_by}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
