"""The text that a reader sees in a piece of HTML.

In: the HTML of one post or bio. Out: its text: paragraphs and line breaks as line ends, entities
resolved, addresses in full (Mastodon hides parts of them in `invisible` spans), the content of
script and style left out. What is no HTML comes back as it was, with entities resolved.

The pieces are cut as the HTML standard's tokenizer cuts them (WHATWG HTML, 13.2.5), in one pass: a
tag, quotation mark or comment that nobody closes ends the text, as in a browser. The standard
library's parser is not used: it looks for the end of every unclosed tag anew (150 kB of "<a " took
it nine minutes) and gives up on "<![x".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

BLOCKS = frozenset({"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5"})
# Elements whose content is no text of the page, and up to whose end tag everything is raw.
HIDDEN = frozenset({"script", "style", "template", "noscript", "textarea", "title", "iframe"})
_SPACES = re.compile(r"(?<![ \t])[ \t]*\n[ \t]*")
_LINES = re.compile(r"\n{3,}")
_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_ATTRIBUTE = re.compile(
    r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*)))?"
)
_GAP = re.compile(r"[\s/=]*")
# An attribute whose quotation mark nobody closes is left without its value by the pattern above.
_UNCLOSED = re.compile(r"\s*=\s*[\"']")
# The interpreter refuses to read a longer number; no character has one.
_LONG_NUMBER = re.compile(r"&#[0-9]{8,};?")


@dataclass(frozen=True)
class Tag:
    """A start or end tag; names in lower case."""

    name: str
    closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def _resolved(text: str) -> str:
    return unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


def pieces(html: str) -> Iterator[str | Tag]:
    """Cut `html` into texts, with entities resolved, and tags. One pass, whatever stands there."""
    at, ends = 0, len(html)
    while at < ends:
        opens = html.find("<", at)
        if opens < 0:
            break
        found = _markup(html, opens)
        if found is None:  # a sign, as in 1 < 2
            yield _resolved(html[at : opens + 1])
            at = opens + 1
            continue
        tag, after = found
        yield _resolved(html[at:opens])
        at = after
        if tag is not None:
            yield tag
            if tag.name in HIDDEN and not tag.closing:
                at = _raw_end(html, tag.name, at)
    yield _resolved(html[at:])


def _markup(html: str, at: int) -> tuple[Tag | None, int] | None:
    """The tag at `at` (None for a comment) and where it ends; None where no markup begins."""
    sign = html[at + 1 : at + 2]
    if html.startswith("<!--", at):
        return None, _behind(html, "-->", at + 4)
    closing = sign == "/"
    name = _NAME.match(html, at + 1 + closing)
    if name is None:
        return (None, _behind(html, ">", at)) if sign in {"!", "?", "/"} else None
    attributes, after = _attributes(html, name.end())
    return Tag(name.group().lower(), closing, attributes), after


def _behind(html: str, sign: str, at: int) -> int:
    found = html.find(sign, at)
    return found + len(sign) if found >= 0 else len(html)


def _attributes(html: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes up to the end of the tag, and where that is: the end of all if nowhere."""
    found: dict[str, str] = {}
    while at < len(html):
        gap = _GAP.match(html, at)
        at = gap.end() if gap else at
        if html.startswith(">", at):
            return found, at + 1
        attribute = _ATTRIBUTE.match(html, at)
        if attribute is None:
            break
        at = attribute.end()
        value = next((one for one in attribute.groups()[1:] if one is not None), "")
        found.setdefault(attribute.group(1).lower(), _resolved(value))
        if _UNCLOSED.match(html, at):
            break
    return found, len(html)


def _raw_end(html: str, name: str, at: int) -> int:
    found = re.compile(f"</{name}", re.IGNORECASE).search(html, at)
    return found.start() if found else len(html)


def html_text(html: str) -> str:
    """The text of `html`, with no tags and no blank ends."""
    if "<" not in html and "&" not in html:
        return html
    text = "".join(_as_text(piece) for piece in pieces(html))
    return _LINES.sub("\n\n", _SPACES.sub("\n", text)).strip()


def _as_text(piece: str | Tag) -> str:
    if isinstance(piece, str):
        return piece
    if piece.closing:
        return "\n\n" if piece.name in BLOCKS else ""
    return {"br": "\n", "li": "\n- "}.get(piece.name, "")


def html_links(html: str) -> list[str]:
    """The addresses that `html` links to, in order.

    Mentions and hashtags link to pages of the server; what they name is told elsewhere.
    """
    links = []
    for piece in pieces(html) if "<" in html else ():
        if isinstance(piece, Tag) and piece.name == "a" and not piece.closing:
            target = piece.attributes.get("href", "").strip()
            kinds = set(piece.attributes.get("class", "").split())
            if not {"mention", "hashtag"} & kinds and target.startswith(("http://", "https://")):
                links.append(target)
    return list(dict.fromkeys(links))
