"""Every number of the report can be followed to rows, and every quote is a slice of its source."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.settings import Settings
from reports.clean import for_html
from reports.disarm import candidates_of
from reports.html import build_report
from reports.links import Links
from reports.opens import EVERY, REPOSTS, TOLD, WRITTEN, Opens
from reports.redaction import Redactor

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?![\w.]*\w)")


class Numbers(HTMLParser):
    """(section, words, selector) of each number that opens posts, and every blockquote."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, str]] = []
        self.quotes: list[dict[str, str]] = []
        self._section = ""
        self._selector: str | None = None
        self._words = ""
        self._quote: dict[str, str] | None = None
        self._inside: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "section":
            self._section = str(held.get("id"))
        elif tag == "a" and "num" in (held.get("class") or "").split():
            self._selector, self._words = str(held["data-posts"]), ""
        elif tag == "blockquote":
            self._quote = {"all": "", "before": "", "after": ""}
        elif tag in {"ins", "del"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._selector is not None:
            self.found.append((self._section, self._words, self._selector))
            self._selector = None
        elif tag == "blockquote" and self._quote is not None:
            self.quotes.append(self._quote)
            self._quote = None
        elif tag in {"ins", "del"}:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._selector is not None:
            self._words += data
        if self._quote is not None:
            self._quote["all"] += data
            self._quote["before"] += "" if "ins" in self._inside else data
            self._quote["after"] += "" if "del" in self._inside else data


def places(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def selected(links: Links, selector: str) -> pa.Table:
    """The posts of a selector, as the page's script finds them."""
    opens, rows = Opens(links), links.posts
    keep = pa.array([True] * rows.num_rows)
    for word in selector.split():
        kind, _, which = word.partition(":")
        if kind == EVERY:
            held: Any = keep
        elif kind == WRITTEN:
            held = pc.not_equal(rows["kind"], "repost")
        elif kind == REPOSTS:
            held = pc.equal(rows["kind"], "repost")
        elif kind == TOLD:
            held = pc.is_valid(rows["narrative_id"])
        elif kind == "posts":
            chosen = set(places(which))
            held = pa.array([place in chosen for place in range(rows.num_rows)])
        else:
            column = {"narrative": "narrative_id", "point": "point_id", "account": "account_id"}
            known = {"narrative": opens.narratives, "point": opens.points}.get(kind, opens.accounts)
            ids = pa.array([known[place] for place in places(which)], pa.string())
            held = pc.is_in(rows[column[kind]], value_set=ids)
        keep = pc.and_(keep, held)
    return rows.filter(keep)


def counts(links: Links, selector: str) -> set[int]:
    """What a number may count among the posts that it opens."""
    rows = selected(links, selector)
    found = {rows.num_rows}
    for name in ("account_id", "point_id", "narrative_id"):
        found.add(len(pc.unique(rows[name].drop_null())))
    reposts = rows.filter(pc.equal(rows["kind"], "repost")).num_rows
    found |= {reposts, rows.num_rows - reposts}
    if selector == EVERY:
        found.add(len(links.accounts()))
    return found


def walk(tables: dict[str, pa.Table], page: str) -> list[str]:
    """Check every number of a page; return what does not hold."""
    links, wrong = Links(tables), []
    for section, words, selector in Numbers(page).found:
        if not selected(links, selector).num_rows:
            wrong.append(f"{section}: {words!r} opens nothing ({selector[:60]})")
        if section == "disarm":
            continue
        # "12 of 800" counts 12 among the posts, 800 elsewhere.
        told = [int(n.replace(",", "")) for n in NUMBER.findall(words.split(" of ")[0])]
        known = counts(links, selector)
        wrong += [f"{section}: {words!r} says {n}, opens {known}" for n in told if n not in known]
    return wrong


def shown(text: str) -> str:
    """The letters of a text as the page shows them."""
    parser = Numbers(f"<blockquote>{for_html(text)}</blockquote>")
    return parser.quotes[0]["all"]


def sources(tables: dict[str, pa.Table]) -> list[str]:
    texts = set(tables["posts"]["text"].to_pylist())
    for name in ("bio", "display_name", "handle", "location"):
        texts |= {value for value in tables["profiles"][name].to_pylist() if value}
    return sorted(shown(text) for text in texts)


def unquoted(tables: dict[str, pa.Table], page: str) -> list[str]:
    """Quotes that are no slice of anything that was read."""
    texts = sources(tables)
    whole, joined = set(texts), "\x00".join(texts)
    # Without differences all three readings are one text.
    sides = {side for quote in Numbers(page).quotes for side in _readings(quote)}
    return sorted(s for s in sides if s not in whole and s not in joined and s != "[not quoted]")


def _readings(quote: dict[str, str]) -> set[str]:
    if quote["before"] == quote["after"]:
        return {quote["all"]}
    return {quote["before"], quote["after"]}


@pytest.fixture(scope="module")
def as_read(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> tuple[dict[str, pa.Table], str]:
    """The hand-made case and its report with nothing replaced."""
    shown_as_read = Redactor.of(tables, "none", redactor.key)
    return tables, build_report(tables, {"files": []}, settings, shown_as_read)


def test_every_number_that_opens_posts_counts_them(
    as_read: tuple[dict[str, pa.Table], str],
) -> None:
    assert len(Numbers(as_read[1]).found) > 20
    assert walk(*as_read) == []


def test_every_quote_is_a_slice_of_a_source_with_differences_undone(
    as_read: tuple[dict[str, pa.Table], str],
) -> None:
    quotes = Numbers(as_read[1]).quotes
    assert len(quotes) > 20
    assert any(quote["before"] != quote["after"] for quote in quotes)
    assert unquoted(*as_read) == []


def test_a_wrong_number_and_a_wrong_quote_would_be_seen(
    as_read: tuple[dict[str, pa.Table], str],
) -> None:
    tables, page = as_read
    section, words, selector = next(f for f in Numbers(page).found if f[1].isdigit())
    link = f'data-posts="{selector}">{words}</a>'
    assert link in page, section
    assert walk(tables, page.replace(link, f'data-posts="{selector}">99999</a>'))
    plain = (f">{q['all']}</blockquote>" for q in Numbers(page).quotes)
    quote = next(end for end in plain if end in page)
    assert unquoted(tables, page.replace(quote, f"> said {quote[1:]}"))


@pytest.mark.slow
def test_numbers_and_quotes_of_an_analysed_campaign_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from narrashift.api import analyze_files
    from scripts.campaign import simulate, write_campaign

    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    write_campaign(simulate(400, 101), tmp_path / "sim")
    settings = Settings.load(
        overrides={
            "event.start": "2024-05-17T06:00:00Z", "event.end": "2024-05-19T18:00:00Z",
            "narratives.embedder": "fitted",
        }
    )  # fmt: skip
    made = analyze_files(
        [tmp_path / "sim" / "posts.csv"], [tmp_path / "sim" / "profiles.csv"],
        out=tmp_path / "case", settings=settings,
    )  # fmt: skip
    tables = dict(made.arrow)
    page = made.report(redact="none")
    assert len(Numbers(page).found) > 200
    assert walk(tables, page) == []
    assert unquoted(tables, page) == []
    kinds = set(candidates_of(Links(tables))["finding_kind"].to_pylist())
    told = [words for section, words, _ in Numbers(page).found if section == "disarm"]
    assert len(told) == len(kinds) > 3
