"""The text that a reader sees in a piece of HTML.

In: the HTML of one post or bio. Out: its text: paragraphs and line breaks as line ends, entities
resolved, addresses in full (Mastodon hides parts of them in `invisible` spans), the content of
script and style left out. The parser is the standard library's, which takes any input; what is no
HTML comes back as it was, with entities resolved.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5"})
HIDDEN = frozenset({"script", "style", "template", "noscript"})
_SPACES = re.compile(r"[ \t]*\n[ \t]*")
_LINES = re.compile(r"\n{3,}")


class _Text(HTMLParser):
    """Collects text and the targets of links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self.hidden += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "a":
            self._link(dict(attrs))

    def _link(self, attributes: dict[str, str | None]) -> None:
        target, kinds = attributes.get("href") or "", (attributes.get("class") or "").split()
        # Mentions and hashtags link to pages of the server; what they name is told elsewhere.
        if not {"mention", "hashtag"} & set(kinds) and target.startswith(("http://", "https://")):
            self.links.append(target)

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def _parsed(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return parser


def html_text(html: str) -> str:
    """The text of `html`, with no tags and no blank ends."""
    if "<" not in html and "&" not in html:
        return html
    text = _SPACES.sub("\n", "".join(_parsed(html).parts))
    return _LINES.sub("\n\n", text).strip()


def html_links(html: str) -> list[str]:
    """The addresses that `html` links to, in order, mentions and hashtags left out."""
    return list(dict.fromkeys(_parsed(html).links)) if "<a" in html.lower() else []
