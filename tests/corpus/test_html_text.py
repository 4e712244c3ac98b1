"""HTML becomes the text that one reads, whatever stands in it, in one pass."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.html_text import Tag, html_links, html_text, pieces


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("1 < 2 & 3 &gt; 2", "1 < 2 & 3 > 2"),
        ("<p>می‌خواهند &amp; 😀</p>", "می‌خواهند & 😀"),
        ("<script>alert('<p>')</script>seen<style>p{}</style>", "seen"),
        ("a<!-- <b>hidden</b> -->b", "ab"),
        ("<![CDATA[x]]>a<?php x ?>b</>c", "abc"),
        ('<a title="1 > 2" href=x>link</a>', "link"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("plain text, as it is  ", "plain text, as it is  "),
        ("&#99999999999999999999;&#x41;", "\ufffdA"),
        ("cut <a href='x", "cut"),
        ("<IMG SRC=x ONERROR=alert(1)>after", "after"),
    ],
)
def test_the_text_is_what_one_reads(html: str, text: str) -> None:
    assert html_text(html) == text


def test_links_leave_out_names_and_tags() -> None:
    html = (
        '<a href="https://a.example/?x=1&amp;y=2">a</a> <a class="u-url mention" '
        'href=\'https://s.example/@b\'>@b</a> <a class="mention hashtag" href="https://s.example/t">'
        '#t</a> <a href="javascript:alert(1)">x</a> <a href=https://b.example>b</a>'
    )
    assert html_links(html) == ["https://a.example/?x=1&y=2", "https://b.example"]


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    assert html_text(f"<b>{escape(text)}</b>") == html_text(escape(text)).strip()


@given(st.text(alphabet="<>/!-?&;\"'= apbr#script", max_size=60))
def test_nothing_raises_and_no_tag_is_left(html: str) -> None:
    html_links(html)
    assert all(isinstance(piece, str | Tag) for piece in pieces(html))
    html_text(html)


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<a ",
        "<!--",
        '<a href="',
        "<a x='",
        "</",
        "&#",
        "&",
        "<![CDATA[",
        "<script>",
        "<a x=1 ",
    ],
)
def test_the_work_grows_with_the_length_alone(part: str) -> None:
    """Counted in pieces, not in seconds: every sign is in one piece at most."""
    html = part * 20_000
    assert sum(len(piece) for piece in pieces(html) if isinstance(piece, str)) <= len(html)
