"""Bluesky's public stream (Jetstream), version 1 and 2: posts, profile changes, renames, removals.

In: lines of events. Out: rows: posts under their at:// address with the time at which the stream
saw them (`createdAt` is what the client claims); each change of a profile record, each change of a
handle and each change of an account's status as a snapshot of its own, known by the event. This is
the one source in which a history is complete from the day on which somebody listened. A repost
holds no text, and a deletion names none: both are records of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from corpus.readers.digging import Record, as_text, is_true, listed, record_at, records_at, text_at
from corpus.readers.json_formats import JsonFormat, Row

NAME = "bluesky_jetstream"
POST, PROFILE = "app.bsky.feed.post", "app.bsky.actor.profile"
# What the status of an inactive account means here; other words keep the account as unknown.
STATES = {
    "deleted": "deleted",
    "deactivated": "deleted",
    "suspended": "suspended",
    "takendown": "suspended",
}


def knows(record: Record) -> bool:
    """An event of a commit, an identity or an account, in either version."""
    if not str(record.get("did", "")).startswith("did:"):
        return False
    first = isinstance(record.get("time_us"), int) and "kind" in record
    return first or ("seq" in record and "time" in record)


def unpack(record: Record) -> Iterable[Row]:
    """What one event says."""
    did = text_at(record, "did")
    commit = record_at(record, "commit") or record
    if did is None:
        return []
    at = _at(record)
    if text_at(commit, "operation") in {"create", "update"}:
        written = record_at(commit, "record")
        collection = text_at(commit, "collection")
        if collection == POST:
            return [_post(did, at, text_at(commit, "rkey"), written)]
        return [_profile(did, at, written)] if collection == PROFILE else []
    return _identity(did, at, record) or _account(did, at, record)


def _at(record: Record) -> str | None:
    """When the stream saw it: microseconds in version 1, a written time in version 2."""
    return text_at(record, "time_us", "time", "identity.time", "account.time")


def _seen(did: str, at: str | None) -> Row:
    return {"account_id": did, "observed_at": at, "basis": "event"}


def _identity(did: str, at: str | None, record: Record) -> list[Row]:
    handle = text_at(record, "identity.handle", "handle")
    return [_seen(did, at) | {"handle": handle}] if handle else []


def _account(did: str, at: str | None, record: Record) -> list[Row]:
    found = record_at(record, "account") or record
    if "active" not in found:
        return []
    if is_true(found["active"]):
        return [_seen(did, at) | {"state": "active"}]
    return [_seen(did, at) | {"state": STATES.get(str(found.get("status")), "unknown")}]


def _profile(did: str, at: str | None, record: Record) -> Row:
    """A profile record is whole: what it leaves out is empty."""
    return _seen(did, at) | {
        "display_name": text_at(record, "displayName") or "",
        "bio": text_at(record, "description") or "",
        "pronouns": text_at(record, "pronouns") or "",
        "profile_url": text_at(record, "website") or "",
        "avatar_hash": text_at(record, "avatar.ref.$link", "avatar.cid") or "",
        "joined_at": None,
    }


def _post(did: str, at: str | None, rkey: str | None, record: Record) -> Row:
    kind, parent = _reference(record)
    return {
        "account_id": did,
        "post_id": f"at://{did}/{POST}/{rkey}" if rkey else None,
        "created_at": at,
        "text": text_at(record, "text"),
        "lang": text_at(record, "langs.0"),
        "kind": kind,
        "parent_id": parent,
        "url": f"https://bsky.app/profile/{did}/post/{rkey}" if rkey else None,
        **_entities(record),
    }


def _reference(record: Record) -> tuple[str, str | None]:
    quoted = text_at(record, "embed.record.uri", "embed.record.record.uri")
    if quoted:
        return "quote", quoted
    answered = text_at(record, "reply.parent.uri")
    return ("reply", answered) if answered else ("post", None)


def _entities(record: Record) -> Row:
    """Facets mark stretches of the text by bytes; tags and the card stand beside it."""
    text = (text_at(record, "text") or "").encode("utf-8", "surrogatepass")
    links: list[str] = []
    tags: list[str] = []
    names: list[str] = []
    for facet in records_at(record, "facets"):
        for feature in records_at(facet, "features"):
            link, tag = text_at(feature, "uri"), text_at(feature, "tag")
            links += [link] if link else []
            tags += [tag] if tag else []
            if "did" in feature:
                names.append(_stretch(text, facet).lstrip("@"))
    card = text_at(record, "embed.external.uri", "embed.media.external.uri")
    beside = record.get("tags")
    tags += [tag for one in (beside if isinstance(beside, list) else []) if (tag := as_text(one))]
    return {
        "urls": listed([*links, card] if card else links),
        "hashtags": listed(tag.lstrip("#") for tag in tags),
        "mentions": listed(name for name in names if name),
    }


def _stretch(text: bytes, facet: Record) -> str:
    start, end = (_byte(facet, key) for key in ("byteStart", "byteEnd"))
    return text[start:end].decode("utf-8", "ignore") if 0 <= start < end else ""


def _byte(facet: Record, key: str) -> int:
    found: Any = record_at(facet, "index").get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else -1


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack)
