"""Comments as the YouTube Data API gives them: pages of threads, threads, or single comments.

In: JSON lines, an array, or a page with `items`. Out: a post a comment, the first one of a thread
and the replies beside it. The text is what was typed (`textOriginal`), else the HTML that is shown.
An account is a channel; a comment whose channel is gone names none. Since 2022 the author's name is
a handle ("@name"), before that it was a name of the channel; both are as on the day of collection.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.readers.digging import Record, record_at, records_at, text_at
from corpus.readers.html_text import html_text
from corpus.readers.json_formats import JsonFormat, Row

NAME = "youtube_comments"
THREAD, COMMENT = "youtube#commentThread", "youtube#comment"
PAGES = frozenset({"youtube#commentThreadListResponse", "youtube#commentListResponse"})


def knows(record: Record) -> bool:
    """A page, a thread or a comment: each says what it is, or shows it by its parts."""
    if text_at(record, "kind") in {THREAD, COMMENT, *PAGES}:
        return True
    snippet = record_at(record, "snippet")
    return "topLevelComment" in snippet or {"textDisplay", "authorDisplayName"} <= set(snippet)


def split(record: Record) -> Iterable[Record]:
    """The comments of a page or thread, each one a record."""
    if text_at(record, "kind") in PAGES:
        for item in records_at(record, "items"):
            yield from split(item)
        return
    top = record_at(record, "snippet.topLevelComment")
    if not top:
        yield record
        return
    video = text_at(record, "snippet.videoId")
    for comment in (top, *records_at(record, "replies.comments")):
        # Replies inside a thread do not always repeat the video.
        yield {**comment, "video": video}


def unpack(record: Record) -> Iterable[Row]:
    """A comment; nothing where there is no snippet of one."""
    snippet = record_at(record, "snippet")
    text = text_at(snippet, "textOriginal")
    shown = text_at(snippet, "textDisplay")
    if text is None and shown is None:
        return []
    video = text_at(snippet, "videoId") or text_at(record, "video")
    author = text_at(snippet, "authorDisplayName") or None
    is_handle = author is not None and author.startswith("@")
    return [
        {
            "post_id": text_at(record, "id"),
            "account_id": text_at(snippet, "authorChannelId.value", "authorChannelId"),
            "created_at": text_at(snippet, "publishedAt"),
            "text": text if text is not None else html_text(shown or ""),
            "kind": "reply",
            "parent_id": text_at(snippet, "parentId") or video,
            "handle": author if is_handle else None,
            "display_name": None if is_handle else author,
            "observed_at": text_at(record, "retrieved_at"),
        }
    ]


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, split, arrays=("items",))
