"""What the browser extension Zeeschuimer captured on X, as it saves it or as 4CAT keeps it.

In: lines with the captured object under `data` beside `source_platform` and `timestamp_collected`,
or the object itself with `__import_meta`. Out: rows. The author stands under `core`, in older
captures under `legacy`, and sometimes nowhere: then the address of the post's own picture names the
handle. Profiles are those of the moment of capture. Other platforms captured with the same
extension have other objects, and are read by their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corpus.readers.digging import (
    Record,
    first,
    is_true,
    listed,
    record_at,
    records_at,
    text_at,
    texts_at,
)
from corpus.readers.json_formats import JsonFormat, Row

NAME = "zeeschuimer_x"
PLATFORMS = ("twitter.com", "x.com", "twitter")
_OWN_PICTURE = re.compile(
    r"^https?://(?:www\.)?(?:twitter|x)\.com/(\w{1,20})/status/(\d{1,25})(?:/|$)"
)


def _captured(record: Record) -> Record:
    """The post itself; some are wrapped once more with what limits their visibility."""
    found = record if "__import_meta" in record else record_at(record, "data")
    inner = record_at(found, "tweet")
    return inner if "legacy" in inner and "legacy" not in found else found


def knows(record: Record) -> bool:
    """An envelope of X, or its content with where it came from."""
    platform = str(record.get("source_platform", ""))
    if platform in PLATFORMS and isinstance(record.get("data"), dict):
        return True
    return "__import_meta" in record and "full_text" in record_at(_captured(record), "legacy")


def unpack(record: Record) -> Iterable[Row]:
    """A post with its author, and the authors of what it repeats and quotes."""
    post = _captured(record)
    if not isinstance(record_at(post, "legacy").get("full_text"), str):
        return []
    seen_at = text_at(record, "timestamp_collected", "__import_meta.timestamp_collected")
    return [_post(post, seen_at), *_others(post, seen_at)]


def _inner(post: Record, *places: str) -> Record:
    """A post inside a post."""
    found = next((one for place in places if (one := record_at(post, place))), {})
    return record_at(found, "tweet") or found


def _repeated(post: Record) -> Record:
    return _inner(post, "legacy.retweeted_status_result.result", "retweeted_status_result.result")


def _quoted(post: Record) -> Record:
    return _inner(post, "quoted_status_result.result", "legacy.quoted_status_result.result")


def _author(post: Record) -> Record:
    places = ("core.user_results.result", "legacy.user_results.result", "legacy.user", "user")
    return next((found for place in places if (found := record_at(post, place))), {})


def _post(post: Record, seen_at: str | None) -> Row:
    kind, parent = _reference(post)
    source = _repeated(post) if kind == "repost" else post
    source = source if "legacy" in source else post
    name = text_at(post, "rest_id", "legacy.id_str")
    row = _account(_author(post), seen_at)
    row["account_id"] = row["account_id"] or text_at(post, "legacy.user_id_str")
    row["handle"] = row["handle"] or _handle_from_picture(post, name)
    return row | {
        "post_id": name,
        "created_at": text_at(post, "legacy.created_at"),
        "text": text_at(source, "note_tweet.note_tweet_results.result.text", "legacy.full_text"),
        "lang": text_at(post, "legacy.lang"),
        "kind": kind,
        "parent_id": parent,
        "url": f"https://x.com/{row['handle']}/status/{name}" if row["handle"] else None,
        **_entities(source),
    }


def _reference(post: Record) -> tuple[str, str | None]:
    repeated = _repeated(post)
    if repeated:
        return "repost", text_at(repeated, "rest_id", "legacy.id_str")
    quoted = text_at(post, "legacy.quoted_status_id_str", "quoted_status_result.result.rest_id")
    if quoted or is_true(record_at(post, "legacy").get("is_quote_status")):
        return "quote", quoted
    answered = text_at(post, "legacy.in_reply_to_status_id_str")
    return ("reply", answered) if answered else ("post", None)


def _entities(source: Record) -> Row:
    long = record_at(source, "note_tweet.note_tweet_results.result.entity_set")
    found = long or record_at(source, "legacy.entities")
    if not found:
        return {}
    return {
        "hashtags": listed(texts_at(found, "hashtags", "text")),
        "mentions": listed(texts_at(found, "user_mentions", "screen_name")),
        "urls": listed(texts_at(found, "urls", "expanded_url", "url")),
    }


def _handle_from_picture(post: Record, name: str | None) -> str | None:
    """The handle in the address of a picture, when the picture belongs to this very post."""
    for place in ("legacy.extended_entities.media", "legacy.entities.media"):
        for media in records_at(post, place):
            found = _OWN_PICTURE.match(text_at(media, "expanded_url") or "")
            if found and found.group(2) == name:
                return found.group(1)
    return None


def _others(post: Record, seen_at: str | None) -> Iterator[Row]:
    for other in (_repeated(post), _quoted(post)):
        row = _account(_author(other), seen_at)
        if row["account_id"] and row["handle"] and row["protected"] is None:
            yield row


def _account(user: Record, seen_at: str | None) -> Row:
    hidden = first(user, "privacy.protected", "legacy.protected", "protected")
    return {
        "account_id": text_at(user, "rest_id", "legacy.id_str", "id_str"),
        "handle": text_at(user, "core.screen_name", "legacy.screen_name", "screen_name"),
        "display_name": text_at(user, "core.name", "legacy.name", "name"),
        "bio": text_at(user, "legacy.description", "profile_bio.description", "description"),
        "location": text_at(user, "location.location", "legacy.location"),
        "profile_url": text_at(user, "legacy.entities.url.urls.0.expanded_url", "legacy.url"),
        "joined_at": text_at(user, "core.created_at", "legacy.created_at"),
        "followers": text_at(user, "legacy.followers_count", "relationship_counts.followers"),
        "following": text_at(user, "legacy.friends_count", "relationship_counts.following"),
        "statuses_count": text_at(user, "legacy.statuses_count", "tweet_counts.tweets"),
        "protected": "true" if is_true(hidden) else None,
        "observed_at": seen_at,
    }


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack)
