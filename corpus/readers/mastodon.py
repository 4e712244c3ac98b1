"""Mastodon and what speaks its interface: statuses and accounts, as the API hands them out.

In: statuses or accounts, one a line or in an array. Out: rows. Texts and bios are HTML and become
text; an account is keyed by name and server, because the bare name and the number mean another
account on each server. A boost carries the text of what it repeats. What is not public is not read.
An account that moved is seen under the new name from the moment of retrieval, after having been
seen under the old one, which it had from its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from corpus.readers.digging import (
    Record,
    is_true,
    listed,
    record_at,
    records_at,
    text_at,
    texts_at,
)
from corpus.readers.html_text import html_links, html_text
from corpus.readers.json_formats import JsonFormat, Row

NAME = "mastodon"
PRIVATE = frozenset({"private", "direct"})
# When a collector wrote it down; the interface itself does not say.
SEEN_AT = ("retrieved_at", "collected_at", "fetched_at", "observed_at")


def _is_account(record: Record) -> bool:
    return {"acct", "note", "display_name"} <= set(record) and "content" not in record


def _is_status(record: Record) -> bool:
    return "content" in record and "acct" in record_at(record, "account")


def knows(record: Record) -> bool:
    """A status with its account, or an account."""
    return _is_status(record) or _is_account(record)


def unpack(record: Record) -> Iterable[Row]:
    """A status with its author and the author of what it repeats; or an account."""
    seen_at = text_at(record, *SEEN_AT)
    if _is_account(record):
        return list(_accounts(record, seen_at))
    if not _is_status(record):
        return []
    account = record_at(record, "account")
    rows = [_status(record, seen_at)]
    others = [record_at(one, "account") for one in (record_at(record, "reblog"), _quoted(record))]
    # An account that moved says so in rows of its own; any other stands beside its post.
    for one in [account, *others] if record_at(account, "moved") else others:
        if "acct" in one and not is_true(one.get("locked")):
            rows += list(_accounts(one, seen_at))
    return rows


def account_key(account: Record) -> str | None:
    """Name and server: a local name has its server in the account's address only."""
    name = text_at(account, "acct")
    if not name:
        return None
    server = _host(text_at(account, "url", "uri"))
    whole = name if "@" in name or not server else f"{name}@{server}"
    return whole.lower()


def _host(address: str | None) -> str | None:
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


def _status(record: Record, seen_at: str | None) -> Row:
    kind, parent = _reference(record)
    source = record_at(record, "reblog") if kind == "repost" else record
    account = record_at(record, "account")
    content = text_at(source, "content") or ""
    hidden = text_at(record, "visibility") in PRIVATE or is_true(account.get("locked"))
    key = account_key(account)
    author: Row = (
        {"account_id": key} if record_at(account, "moved") else _account(account, key, seen_at)
    )
    return author | {
        "post_id": text_at(record, "uri", "id"),
        "created_at": text_at(record, "created_at"),
        "text": html_text(content),
        "lang": text_at(source, "language"),
        "kind": kind,
        "parent_id": parent,
        "url": text_at(record, "url") or text_at(source, "url"),
        "hashtags": listed(texts_at(source, "tags", "name")),
        "mentions": listed(texts_at(source, "mentions", "acct", "username")),
        "urls": listed([*html_links(content), *_card(source)]),
        "protected": "true" if hidden else None,
    }


def _card(source: Record) -> list[str]:
    found = text_at(source, "card.url")
    return [found] if found else []


def _quoted(record: Record) -> Record:
    return record_at(record, "quote.quoted_status") or record_at(record, "quote")


def _reference(record: Record) -> tuple[str, str | None]:
    repeated = record_at(record, "reblog")
    if repeated:
        return "repost", text_at(repeated, "uri", "id")
    quoted = text_at(_quoted(record), "uri", "id", "quoted_status_id")
    if quoted:
        return "quote", quoted
    answered = text_at(record, "in_reply_to_id")
    return ("reply", answered) if answered else ("post", None)


def _accounts(account: Record, seen_at: str | None) -> Iterator[Row]:
    """One account; one that moved, before and after, and the account it moved to."""
    key, moved = account_key(account), record_at(account, "moved")
    new = account_key(moved)
    row = _account(account, key, seen_at)
    if new is None or key is None:
        yield row
        return
    yield {
        "account_id": key,
        "handle": key,
        "observed_at": text_at(account, "created_at"),
        "basis": "event",
    }
    yield row | {"handle": new}
    if not is_true(moved.get("locked")):
        yield _account(moved, new, seen_at)


def _account(account: Record, key: str | None, seen_at: str | None) -> Row:
    return {
        "account_id": key,
        "handle": key,
        "display_name": text_at(account, "display_name"),
        "bio": _plain(account, "note"),
        "pronouns": _pronouns(account),
        "profile_url": text_at(account, "url"),
        "joined_at": text_at(account, "created_at"),
        "followers": text_at(account, "followers_count"),
        "following": text_at(account, "following_count"),
        "statuses_count": text_at(account, "statuses_count"),
        "state": "suspended" if is_true(account.get("suspended")) else "active",
        "protected": "true" if is_true(account.get("locked")) else None,
        "observed_at": seen_at,
        "basis": "retrieved",
    }


def _plain(account: Record, key: str) -> str | None:
    found = text_at(account, key)
    return None if found is None else html_text(found)


def _pronouns(account: Record) -> str | None:
    """The value of a field that is called so; its label is the account's own choice."""
    for one in records_at(account, "fields"):
        if (text_at(one, "name") or "").strip().lower() in {"pronouns", "pronoun"}:
            return _plain(one, "value")
    return None


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, arrays=("statuses", "accounts"))
