"""Which links, mentions and hashtags does a text hold, and where?

In: raw text. Out: each with its span in code points, `text[start:end] == entity.text`. Three linear
patterns, no nesting. Links need `http://` or `https://`; mentions and hashtags start a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

# A link ends at a blank, a quote or bracket that a sentence closes around it, or an ellipsis.
_LINK = re.compile(r"https?://[^\s<>\"'“”«»…]+", re.IGNORECASE)
# Handles hold dots and hyphens on some platforms (name@server, name.bsky.social), inside only.
_MENTION = re.compile(r"(?<![\w@＠])[@＠](\w+(?:[.@-]\w+)*)")
# Joiners (ZWNJ, ZWJ) stand inside Persian and Indic words; combining marks are not \w in Python.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u200c\u200d\ufe0f"
_HASHTAG = re.compile(rf"(?<![\w&#＃])[#＃](\w[\w{_MARKS}]*)")
# What a sentence puts behind a link does not belong to it.
_CLOSING = ".,;:!?)]}،؛؟。"


@dataclass(frozen=True)
class Entity:
    """A link, mention or hashtag; `value` is without @ or #, `text[start:end]` is with it."""

    kind: str
    value: str
    start: int
    end: int


def find_entities(text: str) -> list[Entity]:
    """Return links, mentions and hashtags in order; mentions and tags inside links are left out."""
    links = list(_links(text))
    others = [*_tagged("mention", _MENTION, text), *_tagged("hashtag", _HASHTAG, text)]
    outside = [found for found in others if not _inside(found, links)]
    return sorted([*links, *outside], key=lambda found: found.start)


def values(text: str, kind: str) -> list[str]:
    """Return the values of one kind (link, mention or hashtag) in order of appearance."""
    return [found.value for found in find_entities(text) if found.kind == kind]


def without_entities(text: str, *, keep_hashtags: bool = False) -> str:
    """Return the text with a blank for each link and mention, and for each hashtag unless kept."""
    if "://" in text:
        text = _LINK.sub(" ", text)
    if "@" in text or "＠" in text:
        text = _MENTION.sub(" ", text)
    if not keep_hashtags and ("#" in text or "＃" in text):
        text = _HASHTAG.sub(" ", text)
    return text


def fill_entities(posts: pa.Table) -> pa.Table:
    """Return posts with links, mentions and hashtags read from the text where none were stated."""
    found = [find_entities(text) for text in posts.column("text").to_pylist()]
    for column, kind in (("urls", "link"), ("mentions", "mention"), ("hashtags", "hashtag")):
        stated = posts.column(column)
        read = pa.array(
            [[e.value for e in row if e.kind == kind] for row in found], pa.list_(pa.string())
        )
        missing = pc.fill_null(pc.equal(pc.list_value_length(stated), 0), True)
        filled = pc.if_else(missing, read, stated)
        position = posts.schema.get_field_index(column)
        posts = posts.set_column(position, posts.schema.field(position), filled)
    return posts


def _links(text: str) -> Iterator[Entity]:
    for match in _LINK.finditer(text):
        value = match.group().rstrip(_CLOSING)
        yield Entity("link", value, match.start(), match.start() + len(value))


def _tagged(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Entity]:
    for match in pattern.finditer(text):
        yield Entity(kind, match.group(1), match.start(), match.end())


def _inside(found: Entity, links: list[Entity]) -> bool:
    """A post holds a handful of links, so a walk over them is cheap."""
    return any(link.start <= found.start < link.end for link in links)
