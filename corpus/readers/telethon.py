"""Messages as Telethon writes them (`to_json`, `to_dict`), one object a message.

In: JSON lines, an array, or a document with `messages`. Out: a post a message under the id
`chat-message` and accounts as `user1`, `channel2`, so that they are those of a Telegram Desktop
export. Titles of chats come from service messages. In a channel the channel writes, whoever signed.
Entities are counted in UTF-16 units; a link behind words stands in the entity alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.readers.digging import Record, listed, record_at, records_at, text_at
from corpus.readers.json_formats import JsonFormat, Row

NAME = "telethon"
MESSAGE, SERVICE = "Message", "MessageService"
# What each kind of peer is called, in the order in which a record is asked.
PEERS = ("user", "channel", "chat")
# Kinds of entities and what of them counts: their text, or an address of their own.
LINK, HIDDEN_LINK = "MessageEntityUrl", "MessageEntityTextUrl"
HASHTAG, MENTION = "MessageEntityHashtag", "MessageEntityMention"
# Service messages that state the title of a chat from then on.
TITLES = frozenset(
    {"MessageActionChatEditTitle", "MessageActionChannelCreate", "MessageActionChatCreate"}
)


def knows(record: Record) -> bool:
    """A message of a chat: an id, a date, and the peer it was sent to."""
    return "date" in record and "id" in record and _peer(record, "peer_id") is not None


def _peer(record: Record, path: str) -> str | None:
    """The account behind a peer, such as channel77."""
    for kind in PEERS:
        number = text_at(record, f"{path}.{kind}_id")
        if number is not None:
            return f"{kind}{number}"
    return None


def unpack(record: Record) -> Iterable[Row]:
    """A message, or the title that a service message states; conversations of two are left out."""
    chat = _peer(record, "peer_id")
    if chat is None or chat.startswith("user"):
        return []
    if record.get("_") == SERVICE:
        return _title(record, chat)
    text = text_at(record, "message") or None
    return [] if text is None else [_message(record, chat, text)]


def _title(record: Record, chat: str) -> list[Row]:
    title = text_at(record, "action.title")
    if text_at(record, "action._") not in TITLES or title is None:
        return []
    at = text_at(record, "date")
    return [{"account_id": chat, "display_name": title, "observed_at": at, "basis": "event"}]


def _message(record: Record, chat: str, text: str) -> Row:
    forwarded = bool(record_at(record, "fwd_from"))
    parent = text_at(record, "reply_to.reply_to_msg_id", "reply_to_msg_id")
    return {
        "post_id": _in_chat(chat, text_at(record, "id")),
        "account_id": _peer(record, "from_id") or chat,
        "created_at": text_at(record, "date"),
        "text": text,
        "kind": "repost" if forwarded else "reply" if parent else "post",
        "parent_id": _origin(record) if forwarded else _in_chat(chat, parent),
        **_entities(record, text),
    }


def _in_chat(chat: str, message: str | None) -> str | None:
    """The id of a message, as an export of the same chat has it."""
    number = chat.removeprefix("channel").removeprefix("chat")
    return f"{number}-{message}" if message else None


def _origin(record: Record) -> str | None:
    """The message of a channel that was passed on, where the record names it."""
    source = _peer(record, "fwd_from.from_id")
    post = text_at(record, "fwd_from.channel_post")
    return _in_chat(source, post) if source and post else None


def _entities(record: Record, text: str) -> Row:
    found = records_at(record, "entities")
    if not found:
        return {}
    units = text.encode("utf-16-le", "surrogatepass")

    def of(kind: str) -> list[str]:
        return [_part(units, one) for one in found if one.get("_") == kind]

    hidden = [text_at(one, "url") or "" for one in found if one.get("_") == HIDDEN_LINK]
    return {
        "urls": listed(one for one in [*of(LINK), *hidden] if one),
        "hashtags": listed(one.lstrip("#") for one in of(HASHTAG) if one),
        "mentions": listed(one.lstrip("@") for one in of(MENTION) if one),
    }


def _part(units: bytes, entity: Record) -> str:
    start, length = entity.get("offset"), entity.get("length")
    if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 0:
        return ""
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "ignore")


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, arrays=("messages",))
