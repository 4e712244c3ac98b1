"""Telegram Desktop's `result.json`: one chat, or the full export with all of them.

In: the JSON document. Out: rows: a post a message, under the id `chat-message`, and the titles of
groups and channels as service messages tell them, which are the only profile history in an export:
names beside messages are those of the day of the export. A message without an author is a deleted
account's; a message signed in a channel is the channel's. The text is put together from its parts.
`date` is in the exporting computer's own zone and is used only where `date_unixtime` is missing, as
in old exports.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from corpus.readers.digging import Record, as_text, listed, record_at, text_at
from corpus.readers.json_formats import AROUND, JsonFormat, Row

NAME = "telegram_desktop"
CHANNELS = frozenset({"public_channel", "private_channel"})
GROUPS = frozenset({"private_supergroup", "public_supergroup", "private_group", *CHANNELS})
# Service messages that state the title of the chat from then on.
TITLES = frozenset({"create_channel", "create_group", "edit_group_title", "migrate_from_group"})


def knows(record: Record) -> bool:
    """A message: it has a type, a date, and somebody who wrote or did it."""
    marks = {"from", "from_id", "actor", "actor_id", "text", "text_entities"}
    return (
        text_at(record, "type") in {"message", "service"}
        and "date" in record
        and bool(marks & set(record))
    )


def unpack(record: Record) -> Iterable[Row]:
    """A message, or what a service message says of the chat."""
    if record.get("type") == "service":
        return _title(record)
    if record.get("type") != "message" or "date" not in record:
        return []
    return [_message(record)]


def _at(record: Record) -> str | None:
    return text_at(record, "date_unixtime", "date")


def _chat(record: Record) -> tuple[str | None, str]:
    about = record_at(record, AROUND)
    return text_at(about, "id"), str(about.get("type", ""))


def _chat_account(record: Record) -> str | None:
    """The id under which a channel or group writes."""
    chat, kind = _chat(record)
    prefix = "channel" if kind in CHANNELS or kind.endswith("supergroup") else "chat"
    return f"{prefix}{chat}" if chat and kind in GROUPS else None


def _title(record: Record) -> list[Row]:
    account, title = _chat_account(record), text_at(record, "title")
    if text_at(record, "action") not in TITLES or account is None or title is None:
        return []
    return [
        {
            "account_id": account,
            "display_name": title,
            "observed_at": _at(record),
            "basis": "event",
        }
    ]


def _message(record: Record) -> Row:
    chat, kind = _chat(record)
    parent = text_at(record, "reply_to_message_id")
    forwarded = "forwarded_from" in record or "saved_from" in record
    account = text_at(record, "from_id")
    if account is None and kind in CHANNELS:
        account = _chat_account(record)
    # Null, not absent: the account of this message was deleted when the chat was exported.
    gone = "from" in record and record["from"] is None and account is not None
    return {
        "post_id": _in_chat(chat, text_at(record, "id")),
        "account_id": account,
        "created_at": _at(record),
        "text": _text(record),
        "kind": "repost" if forwarded else "reply" if parent else "post",
        "parent_id": None if forwarded else _in_chat(chat, parent),
        "display_name": text_at(record, "from"),
        "state": "deleted" if gone else None,
        **_entities(record),
    }


def _in_chat(chat: str | None, message: str | None) -> str | None:
    return f"{chat}-{message}" if chat and message else message


def _parts(record: Record) -> list[Any]:
    """The parts of the text: in full where the export has them, else the mixed list or the text."""
    for key in ("text_entities", "text"):
        found = record.get(key)
        if isinstance(found, list) and found:
            return found
    text = as_text(record.get("text"))
    return [text] if text else []


def _text(record: Record) -> str | None:
    texts = [
        text_at(one, "text") if isinstance(one, dict) else as_text(one) for one in _parts(record)
    ]
    return "".join(text for text in texts if text) or None


def _entities(record: Record) -> Row:
    parts = [part for part in _parts(record) if isinstance(part, dict)]
    if not parts:
        return {}

    def of(kind: str, key: str = "text") -> list[str]:
        found = (text_at(part, key) for part in parts if part.get("type") == kind)
        return [one for one in found if one]

    return {
        "urls": listed([*of("link"), *of("text_link", "href")]),
        "hashtags": listed(tag.lstrip("#") for tag in of("hashtag")),
        "mentions": listed(name.lstrip("@") for name in of("mention")),
    }


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, arrays=("messages",))
