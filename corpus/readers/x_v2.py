"""X (Twitter) API v2 as twarc2 writes it: pages of posts or accounts, and the flattened form.

In: lines that hold a page (`data`, `includes`, `errors`, `__twarc`) or one post with its `author`.
Out: rows. Profiles are those of the moment of retrieval, never of posting; without `__twarc` that
moment is unknown. Every account of a page is seen, mentioned ones too; accounts that the interface
reports as suspended or not found are seen as gone. A repost carries the whole text of what it
repeats where the page includes it, since its own is cut. Included posts of others resolve
references and are not taken as posts: they were not what was collected.
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

NAME = "x_api_v2"
# Kind of reference -> kind of post, the strongest first.
KINDS = {"retweeted": "repost", "quoted": "quote", "replied_to": "reply"}
# What the interface calls an account that is no longer there.
GONE = {"suspended": "suspended", "not found": "deleted", "could not find": "deleted"}
_ERROR = "\x00error"


def _is_user(record: Record) -> bool:
    return "username" in record and "id" in record and "text" not in record


def _is_post(record: Record) -> bool:
    marks = {"author_id", "edit_history_tweet_ids", "conversation_id", "public_metrics", "__twarc"}
    named = isinstance(record.get("id"), str) and isinstance(record.get("text"), str)
    return named and len(marks & set(record)) >= 2


def _on_page(page: Record) -> list[Record]:
    """The posts or accounts of a page; a look-up of one gives an object, not a list."""
    one = page.get("data")
    return [one] if isinstance(one, dict) else records_at(page, "data")


def _is_page(record: Record) -> bool:
    if "id" in record or not {"data", "includes", "meta", "errors"} & set(record):
        return False
    data = _on_page(record)
    if not data:
        return "__twarc" in record
    if not {"includes", "meta", "__twarc", "errors"} & set(record):
        return False
    return any(_is_user(one) or isinstance(one.get("text"), str) for one in data)


def knows(record: Record) -> bool:
    """A page, a flattened post, or a flattened account."""
    flat_user = _is_user(record) and isinstance(record.get("public_metrics"), dict)
    return _ERROR in record or flat_user or _is_page(record) or _is_post(record)


def split(record: Record) -> Iterator[Record]:
    """The posts and accounts of a page, in the flattened form."""
    if not _is_page(record):
        yield record
        return
    users = {str(user.get("id")): user for user in records_at(record, "includes.users")}
    posts = {str(post.get("id")): post for post in records_at(record, "includes.tweets")}
    twarc = {"__twarc": record_at(record, "__twarc")}
    wrote = set()
    for one in _on_page(record):
        if _is_user(one):
            yield one | twarc
            continue
        author = str(one.get("author_id"))
        wrote.add(author)
        yield (
            one
            | twarc
            | {
                "author": users.get(author, one.get("author")),
                "referenced_tweets": [
                    _included(ref, posts, users) for ref in records_at(one, "referenced_tweets")
                ],
            }
        )
    for name, user in users.items():
        if name not in wrote:
            yield user | twarc
    for error in records_at(record, "errors"):
        if error.get("resource_type") == "user":
            yield {_ERROR: error} | twarc


def _included(ref: Record, posts: dict[str, Record], users: dict[str, Record]) -> Record:
    found = posts.get(str(ref.get("id")), {})
    author = users.get(str(found.get("author_id")))
    return {**found, **ref} | ({"author": author} if author else {})


def unpack(record: Record) -> Iterable[Row]:
    """A post with its author and the authors that it refers to; or one account."""
    seen_at = text_at(record, "__twarc.retrieved_at")
    if _ERROR in record:
        return _gone(record[_ERROR], seen_at)
    if _is_user(record):
        return [_account(record, seen_at)]
    if not isinstance(record.get("text"), str):
        return []
    return [_post(record, seen_at), *_others(record, seen_at)]


def _gone(error: Record, seen_at: str | None) -> list[Row]:
    said = " ".join(str(error.get(key, "")) for key in ("title", "detail")).lower()
    state = next((state for words, state in GONE.items() if words in said), None)
    name = text_at(error, "resource_id", "value")
    if state is None or name is None or not name.isdigit():
        return []
    return [{"account_id": name, "state": state, "observed_at": seen_at}]


def _post(record: Record, seen_at: str | None) -> Row:
    kind, ref = _reference(record)
    # The text of a repost is cut; what it repeats is not.
    source = ref if kind == "repost" and isinstance(ref.get("text"), str) else record
    author = record_at(record, "author")
    name, handle = text_at(record, "id"), text_at(author, "username")
    row = _account(author, seen_at)
    return row | {
        "post_id": name,
        "account_id": text_at(record, "author_id", "author.id"),
        "created_at": text_at(record, "created_at"),
        "text": text_at(source, "note_tweet.text", "text"),
        "lang": text_at(record, "lang"),
        "kind": kind,
        "parent_id": text_at(ref, "id"),
        "url": f"https://x.com/{handle}/status/{name}" if handle else None,
        **_entities(source),
    }


def _reference(record: Record) -> tuple[str, Record]:
    refs = {str(ref.get("type")): ref for ref in records_at(record, "referenced_tweets")}
    return next(((KINDS[name], refs[name]) for name in KINDS if name in refs), ("post", {}))


def _entities(source: Record) -> Row:
    long = record_at(source, "note_tweet.entities")
    found = long or record_at(source, "entities")
    if not found:
        return {}
    links = [link for link in records_at(found, "urls") if "media_key" not in link]
    return {
        "hashtags": listed(texts_at(found, "hashtags", "tag")),
        "mentions": listed(texts_at(found, "mentions", "username")),
        "urls": listed(texts_at({"links": links}, "links", "expanded_url", "url")),
    }


def _others(record: Record, seen_at: str | None) -> Iterator[Row]:
    """Authors of the posts that this one refers to, where the flattened form has them."""
    for ref in records_at(record, "referenced_tweets"):
        author = record_at(ref, "author")
        if _is_user(author) and not is_true(author.get("protected")):
            yield _account(author, seen_at)


def _account(user: Record, seen_at: str | None) -> Row:
    return {
        "account_id": text_at(user, "id"),
        "handle": text_at(user, "username"),
        "display_name": text_at(user, "name"),
        "bio": text_at(user, "description"),
        "location": text_at(user, "location"),
        "profile_url": text_at(user, "entities.url.urls.0.expanded_url", "url"),
        "joined_at": text_at(user, "created_at"),
        "followers": text_at(user, "public_metrics.followers_count"),
        "following": text_at(user, "public_metrics.following_count"),
        "statuses_count": text_at(user, "public_metrics.tweet_count"),
        "protected": "true" if is_true(user.get("protected")) else None,
        "observed_at": seen_at,
    }


def reader() -> JsonFormat:
    """The reader of this format."""
    return JsonFormat(NAME, knows, unpack, split, whole=True)
