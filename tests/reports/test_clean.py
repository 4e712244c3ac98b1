"""Strings on their way out: nothing is run, nothing is hidden, nothing is lost."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.text import Text

from reports.clean import (
    FILE_NAME_BYTES,
    for_csv,
    for_filename,
    for_html,
    for_stdout,
    for_terminal,
    for_xml,
    safe_url,
    show_invisibles,
)

# Everything that has been used to smuggle something, lone surrogates included.
HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from(list("<>&\"'=+-@`|;,\t\r\n\x00\x07\x1b\x9b[]()\\{}% ＝＋－＠")),
        st.sampled_from(["\u202e", "\u2066", "\u200b", "\u200c", "\u200d", "\ufeff", "\ud800"]),
    ),
    max_size=60,
)


UNMARKED = re.compile("⟦[^⟦⟧]{1,12}⟧")


class Shown(HTMLParser):
    """What a parser sees: tags and the text a reader gets."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE)
@example("<script>x</script>@a #b https://c.example/<d>")
def test_a_parser_finds_no_tag_in_a_text_but_our_own(text: str) -> None:
    page = Shown(str(for_html(text)))
    assert page.tags <= {"bdi"}
    assert page.attributes <= {"class"}


@given(HOSTILE)
def test_the_text_shown_in_html_is_the_text_with_its_marks(text: str) -> None:
    assert Shown(str(for_html(text))).text == show_invisibles(text)


@given(HOSTILE)
def test_html_can_always_be_written_as_utf8(text: str) -> None:
    str(for_html(text)).encode("utf-8")


@given(HOSTILE)
def test_no_control_and_no_bidi_override_is_left(text: str) -> None:
    shown = show_invisibles(text)
    left = {c for c in shown if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    assert not left
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u200b\ufeff\u00ad]", shown)


@given(HOSTILE)
def test_marking_twice_changes_nothing_more(text: str) -> None:
    once = show_invisibles(text)
    assert show_invisibles(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهند",
        "کتاب‌های ما",
        "family 👨‍👩‍👧‍👦 and 🏳️‍🌈",
        "👩🏽‍🚀",
        "flag 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "क्‍ष",
        "line\nbreak\tand tab",
    ],
)
def test_normal_spelling_is_not_marked(text: str) -> None:
    assert show_invisibles(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟦RLO⟧b"),
        ("word\u200cword", "word⟦ZWNJ⟧word"),
        ("a\u200db", "a⟦ZWJ⟧b"),
        ("\u200cمردم", "⟦ZWNJ⟧مردم"),
        ("pay\u200bpal", "pay⟦ZWSP⟧pal"),
        ("\x07", "⟦U+0007⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("hidden\U000e0041", "hidden⟦TAG⟧"),
    ],
)
def test_what_nobody_sees_stands_as_a_mark(text: str, shown: str) -> None:
    assert show_invisibles(text) == shown


@given(HOSTILE)
@example("\t=1+1")
@example(" ＝HYPERLINK(1)")
@example("\u200b@SUM(A1)")
@example("\x00\x1f-2+3")
@example("-5")
def test_no_spreadsheet_reads_a_cell_as_a_formula(text: str) -> None:
    cell = for_csv(text)
    visible = next(
        (c for c in cell if not c.isspace() and unicodedata.category(c) not in {"Cc", "Cf"}), ""
    )
    starts = unicodedata.normalize("NFKC", visible)[:1] in set("=+-@")
    assert not starts or re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", cell, re.ASCII)


@given(HOSTILE)
def test_a_cell_survives_csv_and_keeps_its_text(text: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(["id", for_csv(text)])
    stream.getvalue().encode("utf-8")
    (row,) = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert row == ["id", for_csv(text)]
    assert [c for c in text if c.isalpha()] == [c for c in UNMARKED.sub("", row[1]) if c.isalpha()]


@pytest.mark.parametrize("number", ["-5", "+3.25", "-1e-7", "1284563908712345678"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    assert for_csv(number) == number


def test_emoji_persian_and_newlines_are_unchanged_in_csv() -> None:
    text = "این نشست\nنمایشی است 👨‍👩‍👧 می‌خواهند"
    assert for_csv(text) == text


@given(HOSTILE)
def test_plain_output_gets_no_escape_and_keeps_its_brackets(text: str) -> None:
    shown = for_stdout(text)
    assert not {c for c in shown if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    assert for_stdout("\x1b[31m[red]=x[/red]\x07") == "[red]=x[/red]"


@given(HOSTILE)
@example("[red]bio[/red]")
@example("\x1b]8;;http://a.example\x07click\x1b]8;;\x07")
@example("\x1b\x1b[31m[31mred")
@example("back\\slash\\[bold]")
def test_a_terminal_gets_no_escape_and_no_markup(text: str) -> None:
    shown = Text.from_markup(for_terminal(text), emoji=False)
    assert not shown.spans
    assert not {c for c in shown.plain if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}


def test_a_bio_with_markup_reads_as_it_was_written() -> None:
    assert Text.from_markup(for_terminal("[red]left[/red] [x]"), emoji=False).plain == (
        "[red]left[/red] [x]"
    )


@given(HOSTILE)
def test_xml_is_always_valid(text: str) -> None:
    node = ET.Element("node")
    node.text = for_xml(text)
    again = ET.fromstring(ET.tostring(node, encoding="utf-8")).text or ""
    assert again == for_xml(text).replace("\r\n", "\n").replace("\r", "\n")


@given(HOSTILE)
@example("../../etc/passwd")
@example("cod\u202efdp.exe")
@example("CON.txt")
@example("ن" * 500)
def test_a_file_name_is_one_that_every_system_takes(text: str) -> None:
    name = for_filename(text)
    assert name
    assert len(name.encode("utf-8")) <= FILE_NAME_BYTES + 1
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\u202a-\u202e\u2066-\u2069]', name)
    assert not name.startswith((".", "-")) and not name.endswith((".", " "))
    assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " vbscript:x", "file:///etc", "//a.b", ""]
)
def test_only_web_addresses_are_links(url: str) -> None:
    assert safe_url(url) is None


def test_a_link_is_defanged() -> None:
    assert safe_url("https://news.example.org/a.b?c") == "hxxps://news[.]example[.]org/a.b?c"


@pytest.mark.parametrize(
    "text", ["a." * 25_000, "\x1b]" * 25_000, "@" * 50_000, "http://" * 7_000, "⟦" * 50_000]
)
def test_patterns_stay_linear_on_hostile_lengths(text: str) -> None:
    # Quadratic matching would need minutes here; each call takes well under a second.
    assert len(for_terminal(text)) <= len(text)
    assert for_html(text)
    assert for_csv(text)
