"""The canonical corpus in the JSON of platforms and of the tools that collect from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from canonical import ACCOUNTS, ENTITIES, POSTS, SEEN_AT, Account, Format, Post
from writers_tables import html

Json = dict[str, Any]
PROFILE = (
    "handle",
    "display_name",
    "bio",
    "location",
    "joined_at",
    "followers",
    "following",
    "statuses_count",
)


def cut(post: Post) -> str:
    """How an interface shortens a repost's own text."""
    assert post.of
    return f"RT @{post.of.account.handle}: {post.text[:40]}…"


# X API v2


def v2_user(account: Account) -> Json:
    return {
        "id": account.id,
        "username": account.handle,
        "name": account.name,
        "description": account.bio,
        "location": account.location,
        "protected": False,
        "created_at": account.joined.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "public_metrics": {
            "followers_count": account.followers,
            "following_count": account.following,
            "tweet_count": account.statuses,
            "listed_count": 0,
        },
    }


def v2_post(post: Post) -> Json:
    kinds = {"repost": "retweeted", "quote": "quoted", "reply": "replied_to"}
    body: Json = {
        "id": post.id,
        "author_id": post.account.id,
        "conversation_id": post.id,
        "lang": post.lang,
        "text": cut(post) if post.kind == "repost" else post.text,
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "entities": {
            "hashtags": [{"start": 0, "end": 1, "tag": tag} for tag in post.hashtags],
            "urls": [{"url": "https://t.co/x", "expanded_url": url} for url in post.urls],
            "mentions": [{"username": name, "id": "1"} for name in post.mentions],
        },
        "public_metrics": {"like_count": 3},
    }
    if post.of:
        body["referenced_tweets"] = [{"type": kinds[post.kind], "id": post.of.id}]
    return body


TWARC = {
    "__twarc": {
        "url": "https://api.example/2/tweets",
        "version": "2.14.0",
        "retrieved_at": SEEN_AT.isoformat(),
    }
}


def v2_pages(folder: Path) -> Path:
    """Two pages; each includes the authors and what its posts refer to."""
    lines = []
    for posts in (POSTS[:3], POSTS[3:]):
        refs = [post.of for post in posts if post.of]
        seen = {one.account.id: one.account for one in (*posts, *refs)}
        page = {
            "data": [v2_post(post) for post in posts],
            "meta": {"result_count": len(posts)},
            "includes": {
                "users": [v2_user(one) for one in seen.values()],
                "tweets": [v2_post(ref) for ref in refs],
            },
        }
        lines.append(json.dumps(page | TWARC))
    return _put(folder, "pages.jsonl", "\n".join(lines))


def v2_flat(folder: Path) -> Path:
    lines = []
    for post in POSTS:
        body = v2_post(post) | {"author": v2_user(post.account)} | TWARC
        if post.of:
            whole = v2_post(post.of) | {"author": v2_user(post.of.account)}
            body["referenced_tweets"] = [ref | whole for ref in body["referenced_tweets"]]
        lines.append(json.dumps(body))
    return _put(folder, "flat.jsonl", "\n".join(lines))


# X API v1.1


def v1_time(at: Any) -> str:
    return str(at.strftime("%a %b %d %H:%M:%S +0000 %Y"))


def v1_user(account: Account) -> Json:
    return {
        "id": int(account.id),
        "id_str": account.id,
        "screen_name": account.handle,
        "name": account.name,
        "description": account.bio or None,
        "location": account.location or None,
        "created_at": v1_time(account.joined),
        "protected": False,
        "url": None,
        "followers_count": account.followers,
        "friends_count": account.following,
        "statuses_count": account.statuses,
    }


def v1_post(post: Post) -> Json:
    """Streams cut long texts and put the whole one aside; look-ups have full_text."""
    entities = {
        "hashtags": [{"text": tag, "indices": [0, 1]} for tag in post.hashtags],
        "urls": [{"url": "https://t.co/x", "expanded_url": url} for url in post.urls],
        "user_mentions": [{"screen_name": name, "id_str": "1"} for name in post.mentions],
    }
    body: Json = {
        "id": int(post.id),
        "id_str": post.id,
        "created_at": v1_time(post.at),
        "lang": post.lang,
        "user": v1_user(post.account),
        "source": "<a>web</a>",
    }
    of = post.of
    if post.kind == "repost" and of:
        return body | {"full_text": cut(post), "retweeted_status": v1_post(of), "entities": {}}
    if post.by == 0:
        body |= {
            "text": post.text[:20] + "…",
            "truncated": True,
            "entities": {},
            "extended_tweet": {"full_text": post.text, "entities": entities},
        }
    else:
        body |= {"full_text": post.text, "entities": entities}
    if of and post.kind == "quote":
        body |= {
            "is_quote_status": True,
            "quoted_status_id_str": of.id,
            "quoted_status": v1_post(of),
        }
    if of and post.kind == "reply":
        body |= {"in_reply_to_status_id_str": of.id, "in_reply_to_user_id_str": of.account.id}
    return body


# Zeeschuimer


def z_user(account: Account, modern: bool) -> Json:
    names = {
        "screen_name": account.handle,
        "name": account.name,
        "created_at": v1_time(account.joined),
    }
    legacy = {
        "description": account.bio,
        "followers_count": account.followers,
        "friends_count": account.following,
        "statuses_count": account.statuses,
    }
    if modern:
        return {
            "rest_id": account.id,
            "core": names,
            "legacy": legacy,
            "location": {"location": account.location},
        }
    return {"rest_id": account.id, "legacy": legacy | names | {"location": account.location}}


def z_post(post: Post) -> Json:
    """The author under core; in the older form of the interface, names under legacy."""
    of = post.of
    legacy: Json = {
        "full_text": cut(post) if post.kind == "repost" else post.text,
        "lang": post.lang,
        "created_at": v1_time(post.at),
        "conversation_id_str": post.id,
        "id_str": post.id,
        "user_id_str": post.account.id,
        "is_quote_status": post.kind == "quote",
        "entities": {
            "hashtags": [{"text": tag} for tag in post.hashtags],
            "urls": [{"expanded_url": url, "url": "https://t.co/x"} for url in post.urls],
            "user_mentions": [{"screen_name": name} for name in post.mentions],
        },
    }
    user = {"user_results": {"result": z_user(post.account, modern=post.by != 1)}}
    if of and post.kind == "repost":
        legacy["retweeted_status_result"] = {"result": z_post(of)}
    if of and post.kind == "quote":
        legacy["quoted_status_id_str"] = of.id
    if of and post.kind == "reply":
        legacy["in_reply_to_status_id_str"] = of.id
    return {"rest_id": post.id, "core": user, "legacy": legacy, "views": {"count": "9"}}


def zeeschuimer(post: Post) -> Json:
    wrapped = {"__typename": "TweetWithVisibilityResults", "tweet": z_post(post)}
    return {
        "nav_index": "1:2:3",
        "item_id": post.id,
        "timestamp_collected": int(SEEN_AT.timestamp() * 1000),
        "last_updated": 0,
        "source_platform": "twitter.com",
        "source_platform_url": "https://x.com/search",
        "source_url": "",
        "user_agent": "",
        "data": wrapped if post.by == 2 else z_post(post),
    }


# Telegram Desktop


def parts(text: str, post: Post) -> list[Any]:
    """The text in pieces, as entities or as the mixed list."""
    kinds = {f"@{name}": "mention" for name in post.mentions}
    kinds |= {f"#{tag}": "hashtag" for tag in post.hashtags} | dict.fromkeys(post.urls, "link")
    pieces: list[Any] = [text]
    for marked, kind in kinds.items():
        split: list[Any] = []
        for piece in pieces:
            if not isinstance(piece, str) or marked not in piece:
                split.append(piece)
                continue
            before, after = piece.split(marked, 1)
            split += [one for one in (before, {"type": kind, "text": marked}, after) if one]
        pieces = split
    return pieces


def telegram_message(post: Post, old: bool) -> Json:
    """Old exports have neither date_unixtime nor text_entities, and dates in local time."""
    pieces = parts(post.text, post)
    message: Json = {
        "id": int(post.id[-2:]),
        "type": "message",
        "date": post.at.strftime("%Y-%m-%dT%H:%M:%S"),
        "from": post.account.name,
        "from_id": f"user{post.account.id}",
        "text": pieces if len(pieces) > 1 else post.text,
    }
    if not old:
        entities = [
            {"type": "plain", "text": one} if isinstance(one, str) else one for one in pieces
        ]
        message |= {"date_unixtime": str(int(post.at.timestamp())), "text_entities": entities}
    if post.of and post.kind == "repost":
        message["forwarded_from"] = post.of.account.name
    if post.of and post.kind == "reply":
        message["reply_to_message_id"] = int(post.of.id[-2:])
    return message


def telegram_chat(old: bool = False) -> Json:
    messages = [telegram_message(post, old) for post in POSTS]
    return {"name": "Bridge talk", "type": "public_supergroup", "id": 77, "messages": messages}


def telegram_one(folder: Path) -> Path:
    return _put(folder, "result.json", json.dumps(telegram_chat(), indent=1, ensure_ascii=False))


def telegram_old(folder: Path) -> Path:
    return _put(folder, "result.json", json.dumps(telegram_chat(old=True)))


def telegram_full(folder: Path) -> Path:
    chat = telegram_chat()
    halves = [chat | {"messages": chat["messages"][:2]}, chat | {"messages": chat["messages"][2:]}]
    whole = {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 1, "first_name": "Somebody", "bio": ""},
        "contacts": {
            "about": "..",
            "list": [{"user_id": 5, "first_name": "A", "date": "2020-01-01"}],
        },
        "chats": {"about": "..", "list": halves},
        "left_chats": {"about": "..", "list": []},
    }
    return _put(folder, "result.json", json.dumps(whole, indent=1, ensure_ascii=False))


# Bluesky


def did(account: Account) -> str:
    return f"did:plc:{account.handle.replace('_', '')}"


def uri(post: Post) -> str:
    return f"at://{did(post.account)}/app.bsky.feed.post/{post.id}"


def bsky_record(post: Post) -> Json:
    facets = []
    for kind, marked in (
        ("tag", [f"#{tag}" for tag in post.hashtags]),
        ("link", post.urls),
        ("mention", [f"@{one}" for one in post.mentions]),
    ):
        for one in marked:
            start = len(post.text[: post.text.index(one)].encode())
            feature = {
                "tag": {"tag": one[1:]},
                "link": {"uri": one},
                "mention": {"did": "did:plc:x"},
            }[kind]
            facets.append(
                {
                    "index": {"byteStart": start, "byteEnd": start + len(one.encode())},
                    "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}],
                }
            )
    record: Json = {
        "$type": "app.bsky.feed.post",
        "text": post.text,
        "langs": [post.lang],
        "createdAt": "1999-01-01T00:00:00Z",
        "facets": facets,
    }
    if post.of and post.kind == "reply":
        ref = {"uri": uri(post.of), "cid": "b"}
        record["reply"] = {"root": ref, "parent": ref}
    if post.of and post.kind == "quote":
        record["embed"] = {
            "$type": "app.bsky.embed.record",
            "record": {"uri": uri(post.of), "cid": "b"},
        }
    return record


def jetstream_1(folder: Path) -> Path:
    events: list[Json] = []
    us = int(SEEN_AT.timestamp() * 1e6)
    for account in ACCOUNTS:
        profile = {
            "$type": "app.bsky.actor.profile",
            "displayName": account.name,
            "description": account.bio,
        }
        events.append(
            {
                "did": did(account),
                "time_us": us,
                "kind": "identity",
                "identity": {
                    "did": did(account),
                    "handle": account.handle,
                    "seq": 1,
                    "time": SEEN_AT.isoformat(),
                },
            }
        )
        events.append(
            {
                "did": did(account),
                "time_us": us,
                "kind": "commit",
                "commit": {
                    "rev": "r",
                    "operation": "create",
                    "collection": "app.bsky.actor.profile",
                    "rkey": "self",
                    "record": profile,
                    "cid": "c",
                },
            }
        )
    for post in POSTS:
        if post.kind != "repost":
            events.append(
                {
                    "did": did(post.account),
                    "time_us": int(post.at.timestamp() * 1e6),
                    "kind": "commit",
                    "commit": {
                        "rev": "r",
                        "operation": "create",
                        "collection": "app.bsky.feed.post",
                        "rkey": post.id,
                        "record": bsky_record(post),
                        "cid": "c",
                    },
                }
            )
    return _put(folder, "jetstream.jsonl", "\n".join(json.dumps(event) for event in events))


def jetstream_2(folder: Path) -> Path:
    events: list[Json] = []
    seen = {"seq": 9, "time": SEEN_AT.strftime("%Y-%m-%dT%H:%M:%SZ")}
    for account in ACCOUNTS:
        profile = {
            "$type": "app.bsky.actor.profile",
            "displayName": account.name,
            "description": account.bio,
        }
        events.append({"$type": "#identity", "did": did(account), "handle": account.handle, **seen})
        events.append(
            {
                "$type": "#commit",
                "did": did(account),
                "operation": "update",
                "rkey": "self",
                "collection": "app.bsky.actor.profile",
                "rev": "r",
                "record": profile,
                **seen,
            }
        )
    for post in POSTS:
        if post.kind != "repost":
            at = post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            events.append(
                {
                    "$type": "#commit",
                    "did": did(post.account),
                    "seq": 10,
                    "time": at,
                    "rev": "r",
                    "operation": "create",
                    "collection": "app.bsky.feed.post",
                    "rkey": post.id,
                    "record": bsky_record(post),
                }
            )
    return _put(folder, "jetstream2.jsonl", "\n".join(json.dumps(event) for event in events))


# Mastodon


def acct(account: Account) -> str:
    return f"{account.handle}@{account.handle[:3]}.example"


def mastodon_account(account: Account) -> Json:
    """The first account is local to the server that was asked: its name has no server."""
    server = f"{account.handle[:3]}.example"
    return {
        "id": account.id[-4:],
        "username": account.handle,
        "display_name": account.name,
        "acct": account.handle if account is ACCOUNTS[0] else acct(account),
        "url": f"https://{server}/@{account.handle}",
        "uri": f"https://{server}/users/{account.handle}",
        "note": html(account.bio) if account.bio else "",
        "locked": False,
        "bot": False,
        "group": False,
        "created_at": account.joined.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "followers_count": account.followers,
        "following_count": account.following,
        "statuses_count": account.statuses,
        "fields": [],
        "emojis": [],
    }


def toot_uri(post: Post) -> str:
    return (
        f"https://{post.account.handle[:3]}.example/users/{post.account.handle}/statuses/{post.id}"
    )


MENTION = (
    '<span class="h-card"><a href="https://kav.example/@{0}" class="u-url mention">'
    "@<span>{0}</span></a></span>"
)
HASHTAG = (
    '<a href="https://x.example/tags/{0}" class="mention hashtag" rel="tag">#<span>{0}</span></a>'
)


def toot(post: Post) -> Json:
    """Mastodon hides parts of addresses and wraps names and tags."""
    content = html(post.text)
    for url in post.urls:
        escaped = url.replace("&", "&amp;")
        shown = (
            f'<span class="invisible">https://</span><span class="ellipsis">{escaped[8:]}</span>'
        )
        hidden = f'<a href="{escaped}" rel="nofollow">{shown}</a>'
        content = content.replace(escaped, hidden)
    for name in post.mentions:
        content = content.replace(f"@{name}", MENTION.format(name))
    for tag in post.hashtags:
        content = content.replace(f"#{tag}", HASHTAG.format(tag))
    body: Json = {
        "id": post.id,
        "uri": toot_uri(post),
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "account": mastodon_account(post.account),
        "content": content,
        "visibility": "public",
        "mentions": [{"acct": name, "username": name} for name in post.mentions],
        "language": post.lang,
        "tags": [{"name": tag} for tag in post.hashtags],
        "reblog": None,
        "url": toot_uri(post),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "edited_at": None,
        "card": None,
        "poll": None,
    }
    if post.of and post.kind == "repost":
        return body | {"reblog": toot(post.of), "content": "", "mentions": [], "tags": []}
    if post.of and post.kind == "quote":
        return body | {"quote": {"state": "accepted", "quoted_status": toot(post.of)}}
    if post.of and post.kind == "reply":
        return body | {"in_reply_to_id": toot_uri(post.of)}
    return body


def _put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text + "\n", encoding="utf-8")
    return path


def lines(make: Callable[[Post], Json]) -> Callable[[Path], Path]:
    return lambda folder: _put(
        folder, "items.ndjson", "\n".join(json.dumps(make(post)) for post in POSTS)
    )


def array(make: Callable[[Post], Json]) -> Callable[[Path], Path]:
    return lambda folder: _put(
        folder, "items.json", json.dumps([make(post) for post in POSTS], indent=2)
    )


def in_chat(post: Post) -> str:
    return f"77-{int(post.id[-2:])}"


RETRIEVED: Json = {"basis": "retrieved", "seen_at": SEEN_AT}
TELEGRAM: Json = {
    "preset": "telegram_desktop",
    "post_id": in_chat,
    "account_id": lambda account: f"user{account.id}",
    "posts": ("post_id", "account_id", "kind", *ENTITIES),
    "profiles": ("display_name",),
    "kinds": {"quote": "post"},
}
BLUESKY: Json = {
    "preset": "bluesky_jetstream",
    "post_id": uri,
    "account_id": did,
    "without": ("repost",),
    "posts": ("post_id", "account_id", "kind", "parent_id", "lang", *ENTITIES),
    "profiles": ("handle", "display_name", "bio"),
    "basis": "event",
    "seen_at": SEEN_AT,
}
MASTODON: Json = {
    "preset": "mastodon",
    "post_id": toot_uri,
    "account_id": acct,
    "handle": acct,
    "basis": "retrieved",
    "profiles": (
        "handle",
        "display_name",
        "bio",
        "joined_at",
        "followers",
        "following",
        "statuses_count",
    ),
}

FORMATS = [
    Format("x_api_v2_pages", v2_pages, "x_api_v2", profiles=PROFILE, **RETRIEVED),
    Format("x_api_v2_flat", v2_flat, "x_api_v2", profiles=PROFILE, **RETRIEVED),
    Format("x_api_v1", lines(v1_post), "x_api_v1", profiles=PROFILE, basis="post_time"),
    Format("zeeschuimer_x", lines(zeeschuimer), "zeeschuimer_x", profiles=PROFILE, **RETRIEVED),
    Format("telegram_desktop", telegram_one, **TELEGRAM),
    Format("telegram_old", telegram_old, settings={"timezone": "UTC"}, **TELEGRAM),
    Format("telegram_full", telegram_full, **TELEGRAM),
    Format("bluesky_jetstream_1", jetstream_1, **BLUESKY),
    Format("bluesky_jetstream_2", jetstream_2, **BLUESKY),
    Format("mastodon", lines(toot), **MASTODON),
    Format("mastodon_array", array(toot), **MASTODON),
]
