"""Nothing that an account wrote runs, breaks a file or reaches the terminal; all of it is shown."""

from __future__ import annotations

import csv
import html.parser
import json
import re
import sqlite3
import sys
import xml.parsers.expat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from planted import KEPT, LONE, handle, marks, payloads, post

from narrashift.cli import run
from reports.clean import for_csv, for_xml, show_invisibles
from reports.exports.registry import formats

if TYPE_CHECKING:
    from tests.hostile.conftest import Hostile

# Attributes by which a page could run or load something, beside every on...=.
LIVE = {"srcdoc", "formaction", "action", "background", "ping", "poster", "data", "codebase"}
ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def pages(hostile: Hostile) -> list[Path]:
    return [p for folder in (hostile.out, hostile.plain) for p in folder.glob("*.html")]


def test_there_are_at_least_sixty_payloads_and_each_is_in_the_corpus(hostile: Hostile) -> None:
    every = payloads()
    assert len(set(every)) == len(every) >= 60
    written = set(hostile.files.texts.values())
    assert set(every) <= written


class Elements(html.parser.HTMLParser):
    """Every element and attribute of a page, and the text between them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(page: Path) -> Elements:
    reader = Elements()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


def test_no_element_or_attribute_of_a_page_comes_from_a_payload(hostile: Hostile) -> None:
    for page in pages(hostile):
        for tag, attributes in parsed(page).found:
            assert tag not in {
                "iframe",
                "object",
                "embed",
                "base",
                "link",
                "form",
                "img",
                "image",
                "use",
                "animate",
                "math",
                "video",
                "template",
                "noscript",
            }, tag
            assert not [name for name in attributes if name.startswith("on") or name in LIVE]
            for name in ("href", "xlink:href", "src"):
                value = attributes.get(name)
                assert value is None or value.startswith("#") or value.endswith(".html") or (
                    ".html#" in value
                ), (tag, value)  # fmt: skip
            if tag == "meta":
                assert attributes.get("http-equiv") in {None, "Content-Security-Policy"}


def test_every_block_of_data_is_json_that_no_payload_ended(hostile: Hostile) -> None:
    for page in pages(hostile):
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
        assert blocks or page.stem != "report"
        for block in blocks:
            assert not set(block) & set("<>&\u2028\u2029")
            json.loads(block)


def test_the_text_on_the_page_is_the_text_that_was_written(hostile: Hostile) -> None:
    """With nobody replaced, what cannot be seen stands as a mark and everything else as it is."""
    page = hostile.plain / "report.html"
    text = page.read_text(encoding="utf-8")
    (block,) = re.findall(r'<script type="application/json" id="block">(.*?)</script>', text)
    shown = "\n".join(leaves(json.loads(block)))
    missing = [
        payload
        for payload in payloads()
        if show_invisibles(payload) not in shown and payload not in shown
    ]
    assert missing == []


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)


def test_a_row_that_is_no_unicode_is_a_reject_and_all_others_are_kept(hostile: Hostile) -> None:
    posts = pq.read_table(hostile.folder / "tables" / "posts.parquet").to_pylist()
    assert {row["post_id"]: row["text"] for row in posts} == hostile.files.texts
    rejects = (hostile.folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 1
    assert LONE not in rejects[0]


# exports ----------------------------------------------------------------------------------------


def test_every_format_opens_with_a_reader_of_somebody_else(hostile: Hostile) -> None:
    """Loops over what was written, so that a new format must bring its reader here."""
    for folder in (hostile.out, hostile.plain):
        opened = {path.relative_to(folder / "exports").parts[0] for path in below(folder)
                  if "exports" in path.parts and opens(path)}  # fmt: skip
        assert opened >= set(formats())


def opens(path: Path) -> bool:
    readers = {
        ".csv": open_csv, ".parquet": open_parquet, ".ndjson": open_ndjson, ".json": open_json,
        ".sqlite": open_sqlite, ".gexf": open_gexf, ".graphml": open_graphml, ".md": open_markdown,
    }  # fmt: skip
    readers[path.suffix](path)
    return True


def open_csv(path: Path) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    other = pl.read_csv(path, infer_schema=False)
    assert frame.shape == other.shape
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.reader(stream):
            assert len(row) == frame.shape[1]
            assert not [cell for cell in row if cell != for_csv(cell)]


def open_parquet(path: Path) -> None:
    assert pl.read_parquet(path).shape == pq.read_table(path).shape


def open_ndjson(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").split("\n"):
        assert not line or isinstance(json.loads(line), dict)


def open_json(path: Path) -> None:
    held = json.loads(path.read_text(encoding="utf-8"))
    if held.get("type") == "bundle":
        stix2 = pytest.importorskip("stix2")
        stix2.parse(held, allow_custom=True)


def open_sqlite(path: Path) -> None:
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("SELECT count(*) FROM posts").fetchone()[0] > 0
        for (view,) in store.execute("SELECT name FROM sqlite_master WHERE type='view'").fetchall():
            store.execute(f'SELECT * FROM "{view}" LIMIT 3').fetchall()
    finally:
        store.close()


def open_gexf(path: Path) -> None:
    xml.parsers.expat.ParserCreate().Parse(path.read_bytes(), True)
    networkx.read_gexf(path)


def open_graphml(path: Path) -> None:
    xml.parsers.expat.ParserCreate().Parse(path.read_bytes(), True)
    networkx.read_graphml(path)


def open_markdown(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not ESCAPES.search(text)
    assert not re.search(r"(?<!\\)<(?!(https?:|/?(sub|sup|br)\b))[a-z!/?]", text, re.IGNORECASE)


def test_no_file_name_of_ours_comes_from_a_payload(hostile: Hostile) -> None:
    for path in [*below(hostile.out), *below(hostile.plain)]:
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", path.name), path.name
    assert not (hostile.folder.parent.parent / "etc").exists()


def test_columns_that_were_kept_leave_as_text_under_a_clean_name(hostile: Hostile) -> None:
    kept = pq.read_table(hostile.out / "exports" / "parquet" / "kept_columns.parquet")
    assert set(kept["column"].to_pylist()) == {KEPT}
    values = "\n".join(value or "" for value in kept["value"].to_pylist()).casefold()
    assert not [mark for mark in marks() if mark in values]


def test_what_xml_and_csv_cannot_hold_stands_as_a_mark() -> None:
    for payload in payloads():
        assert xml_parses(for_xml(payload))
        assert not re.search("[\x00-\x08\x0e-\x1f]", for_csv(payload))


def xml_parses(text: str) -> bool:
    from xml.sax.saxutils import escape

    return bool(xml.parsers.expat.ParserCreate().Parse(f"<a>{escape(text)}</a>".encode(), True))


# terminal ---------------------------------------------------------------------------------------


def commands(hostile: Hostile) -> Iterator[list[str]]:
    case, posts = str(hostile.folder), str(hostile.files.posts)
    profiles = str(hostile.files.profiles)
    yield ["inspect", posts, "--profiles", profiles]
    for mode in ("pseudonym", "none"):
        yield ["find", case, "--text", "The Harbor Union summit", "--redact", mode]
        yield ["compare", case, "--by", "event", "--redact", mode]
        yield ["label", case, "--redact", mode]
        yield ["show", case, handle(58), "--redact", mode]
        yield ["show", case, post(60, 1), "--redact", mode]
    yield ["verify", case]
    yield ["find", case, "--post", "\x1b[31m[red]no such post"]
    yield ["export", case, "--to", "\x1b[31m[red]csv"]
    yield ["config", "show"]


def test_no_command_sends_an_escape_or_live_markup_to_the_terminal(
    hostile: Hostile, capfd: pytest.CaptureFixture[str]
) -> None:
    for arguments in commands(hostile):
        run(arguments)
        for told in capfd.readouterr():
            assert not ESCAPES.search(told), (arguments[0], ESCAPES.search(told))


def test_markup_in_a_text_is_printed_and_not_obeyed(
    hostile: Hostile, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["find", str(hostile.folder), "--text", "[red]bold[/red]", "--redact", "none"])
    assert "[red]bold[/red]" in capfd.readouterr().out


# browser ----------------------------------------------------------------------------------------


@pytest.fixture
def browser(chromium: Any) -> Any:
    return chromium


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_asked_for_with_or_without_the_policy(
    browser: Any, hostile: Hostile, tmp_path: Path
) -> None:
    for page in pages(hostile):
        bare = tmp_path / f"bare-{page.name}"
        bare.write_text(
            page.read_text("utf-8").replace("Content-Security-Policy", "x-none"), encoding="utf-8"
        )
        for path in (page, bare):
            told = visited(browser, path)
            assert told == {"hit": None, "heard": [], "asked": [path.as_uri()]}


def visited(browser: Any, path: Path) -> dict[str, Any]:
    """Open a page, open everything in it, and return what it did."""
    heard: list[str] = []
    asked: list[str] = []
    opened = browser.new_page()
    opened.on("dialog", lambda dialog: heard.append(dialog.message))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(path.as_uri())
    opened.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    opened.wait_for_timeout(300)
    hit = opened.evaluate("window.hit ?? null")
    opened.close()
    return {"hit": hit, "heard": heard, "asked": asked}
