"""X (Twitter) API v1.1 and its streams: one post a line, with its author as it was then.

In: lines of v1.1 posts (extended or compatible, from streams, searches and look-ups) or accounts.
Out: rows. Each post carries a true snapshot of its author, taken when the post was handed out,
which in a stream is the moment of posting; so does the post that it repeats or quotes. The text is
the long one, of a repost that of what it repeats, since its own is cut after 140 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corpus.readers.digging import (
    Record,
    is_true,
    listed,
    record_at,
    records_at,
    text_at,
    texts_at,
)
from corpus.readers.json_formats import JsonFormat, Row

NAME = "x_api_v1"


# What a stream says besides posts.
NOTICES = frozenset(
    {"delete", "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning"}
)


def _is_post(record: Record) -> bool:
    user = record.get("user")
    texts = {"text", "full_text", "extended_tweet"}
    author = isinstance(user, dict) and "screen_name" in user and bool({"id", "id_str"} & set(user))
    return author and "created_at" in record and bool(texts & set(record))


def _is_user(record: Record) -> bool:
    return "screen_name" in record and "friends_count" in record and "user" not in record


def knows(record: Record) -> bool:
    """A post with a user, an account on its own, or a notice of the stream."""
    notice = len(record) == 1 and bool(NOTICES & set(record))
    return _is_post(record) or _is_user(record) or notice


def unpack(record: Record) -> Iterable[Row]:
    """A post with its author, and the authors of what it repeats and quotes."""
    if _is_user(record):
        return [_account(record, None) | {"basis": "retrieved"}]
    if not _is_post(record):
        return []
    return [_post(record), *_others(record)]


def _post(record: Record) -> Row:
    kind, parent = _reference(record)
    repeated = record_at(record, "retweeted_status")
    source = repeated if kind == "repost" and repeated else record
    at, name = text_at(record, "created_at"), text_at(record, "id_str", "id")
    row = _account(record_at(record, "user"), at)
    return row | {
        "post_id": name,
        "created_at": at,
        "text": text_at(source, "extended_tweet.full_text", "full_text", "text"),
        "lang": text_at(record, "lang"),
        "kind": kind,
        "parent_id": parent,
        "url": f"https://x.com/{row['handle']}/status/{name}" if row["handle"] else None,
        **_entities(source),
    }


def _reference(record: Record) -> tuple[str, str | None]:
    if record_at(record, "retweeted_status"):
        return "repost", text_at(record, "retweeted_status.id_str", "retweeted_status.id")
    quoted = text_at(record, "quoted_status_id_str", "quoted_status.id_str", "quoted_status_id")
    if quoted or is_true(record.get("is_quote_status")):
        return "quote", quoted
    answered = text_at(record, "in_reply_to_status_id_str", "in_reply_to_status_id")
    if answered or text_at(record, "in_reply_to_user_id_str"):
        return "reply", answered
    return "post", None


def _entities(source: Record) -> Row:
    found = record_at(source, "extended_tweet.entities") or record_at(source, "entities")
    if not found:
        return {}
    return {
        "hashtags": listed(texts_at(found, "hashtags", "text")),
        "mentions": listed(texts_at(found, "user_mentions", "screen_name")),
        "urls": listed(texts_at(found, "urls", "expanded_url", "url")),
    }


def _others(record: Record) -> Iterator[Row]:
    at = text_at(record, "created_at")
    for place in ("retweeted_status.user", "quoted_status.user"):
        user = record_at(record, place)
        if "screen_name" in user and not is_true(user.get("protected")):
            yield _account(user, at)


def _account(user: Record, at: str | None) -> Row:
    links = records_at(user, "entities.url.urls")
    return {
        "account_id": text_at(user, "id_str", "id"),
        "handle": text_at(user, "screen_name"),
        "display_name": text_at(user, "name"),
        # Null stands for an empty field where the object is whole.
        "bio": _or_empty(user, "description"),
        "location": _or_empty(user, "location"),
        "profile_url": text_at(links, "0.expanded_url") or _or_empty(user, "url"),
        "joined_at": text_at(user, "created_at"),
        "followers": text_at(user, "followers_count"),
        "following": text_at(user, "friends_count"),
        "statuses_count": text_at(user, "statuses_count"),
        "protected": "true" if is_true(user.get("protected")) else None,
        "observed_at": at,
    }


def _or_empty(user: Record, key: str) -> str | None:
    """ "" where the key is there and null, unknown where the object was cut down."""
    return "" if key in user and user[key] is None else text_at(user, key)


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, arrays=("statuses", "users"))
