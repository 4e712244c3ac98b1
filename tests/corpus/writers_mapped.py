"""The canonical corpus in formats that are read by mapping files written from documentation."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from canonical import ENTITIES, POSTS, SEEN_AT, Account, Format, Post
from writers_tables import html, table, to_csv

Row = dict[str, Any]


def epoch(post: Post) -> int:
    return int(post.at.timestamp())


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def to_lines(make: Callable[[Post], Row], hold: Callable[[Post], bool] = lambda _: True) -> Any:
    def write(folder: Path) -> Path:
        lines = [json.dumps(make(post), ensure_ascii=post.by == 0) for post in POSTS if hold(post)]
        return put(folder, "items.ndjson", "\n".join(lines) + "\n")

    return write


# Reddit


def reddit(post: Post) -> Row:
    return {
        "id": post.id,
        "author": post.account.handle,
        "author_fullname": f"t2_{post.account.id}",
        "author_created_utc": int(post.account.joined.timestamp()),
        "created_utc": epoch(post),
        "subreddit": "eastport",
        "retrieved_on": int(SEEN_AT.timestamp()),
        "score": 1,
    }


def comment(post: Post) -> Row:
    parent = f"t1_{post.of.id}" if post.of else "t3_s1"
    return reddit(post) | {"body": post.text, "link_id": "t3_s1", "parent_id": parent}


def submission(post: Post) -> Row:
    """The first line is the title; a post of text has its own address as its url."""
    title, _, rest = post.text.partition("\n")
    url = f"https://www.reddit.com/r/eastport/comments/{post.id}/"
    return reddit(post) | {
        "title": title,
        "selftext": rest,
        "is_self": not post.urls,
        "url": post.urls[0] if post.urls else url,
        "num_comments": 0,
    }


# CrowdTangle and the Meta Content Library


def eastern(post: Post) -> str:
    """The time on the clocks of New York, in winter."""
    return (post.at - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M:%S EST")


def crowdtangle_facebook(post: Post) -> Row:
    account = post.account
    return {
        "Page Name": account.name,
        "User Name": account.handle,
        "Facebook Id": account.id,
        "Page Category": "NEWS",
        "Page Admin Top Country": "US",
        "Page Description": account.bio,
        "Page Created": account.joined.strftime("%Y-%m-%d %H:%M:%S"),
        "Likes at Posting": "",
        "Followers at Posting": account.followers,
        "Post Created": eastern(post),
        "Type": "Status",
        "Total Interactions": "1,234",
        "URL": post.id,
        "Message": post.text,
        "Link": post.urls[0] if post.urls else "",
        "Final Link": "",
        "Image Text": "",
        "Link Text": "Words of another",
    }


def crowdtangle_instagram(post: Post) -> Row:
    return {
        "Account": post.account.name,
        "User Name": post.account.handle,
        "Followers at Posting": post.account.followers,
        "Post Created": eastern(post),
        "Type": "Photo",
        "Total Interactions": "1,234",
        "URL": post.id,
        "Photo": "https://pictures.example/1.jpg",
        "Title": "",
        "Description": post.text,
        "Image Text": "",
    }


def meta_content_library(post: Post) -> Row:
    return {
        "id": post.id,
        "text": post.text,
        "creation_time": post.at.isoformat(),
        "lang": post.lang,
        "content_type": "status",
        "mcl_url": "",
        "post_owner.type": "page",
        "post_owner.id": post.account.id,
        "post_owner.name": post.account.name,
        "post_owner.username": post.account.handle,
        "surface.type": "page",
        "surface.id": post.account.id,
        "shared_post_id": post.of.id if post.of and post.kind == "quote" else "",
        "link_attachment.link": post.urls[0] if post.urls else "",
        "statistics.like_count": 1,
    }


# TikTok and YouTube


def tiktok_video(post: Post) -> Row:
    return {
        "id": int(post.id),
        "video_description": post.text,
        "create_time": epoch(post),
        "region_code": "US",
        "username": post.account.handle,
        "hashtag_names": list(post.hashtags),
        "voice_to_text": "",
        "like_count": 1,
    }


def tiktok_page(folder: Path) -> Path:
    data = {"videos": [tiktok_video(post) for post in POSTS], "cursor": 6, "has_more": False}
    return put(folder, "page.json", json.dumps({"data": data, "error": {"code": "ok"}}, indent=1))


def tiktok_comment(post: Post) -> Row:
    return {
        "id": int(post.id),
        "video_id": 71,
        "text": post.text,
        "like_count": 0,
        "reply_count": 0,
        "parent_comment_id": int(post.of.id) if post.of else 71,
        "create_time": epoch(post),
    }


def ytdt_comment(post: Post) -> Row:
    return {
        "id": post.id,
        "replyCount": 0,
        "likeCount": 1,
        "publishedAt": post.at.strftime("%Y-%m-%d %H:%M:%S"),
        "authorName": f"@{post.account.handle}",
        "text": post.text,
        "authorChannelId": post.account.id,
        "authorChannelUrl": "",
        "isReply": int(bool(post.of)),
        "isReplyTo": post.of.id if post.of else "",
        "isReplyToName": "",
    }


def ytdt_video(post: Post) -> Row:
    title, _, rest = post.text.partition("\n")
    return {
        "position": 1,
        "channelId": post.account.id,
        "channelTitle": post.account.name,
        "videoId": post.id,
        "publishedAt": post.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "videoTitle": title,
        "videoDescription": rest,
        "defaultLanguage": post.lang,
    }


def youtube_comment(post: Post) -> Row:
    """Every second comment has the HTML alone."""
    text = {"textDisplay": html(post.text).removeprefix("<p>").removesuffix("</p>")}
    if post.by != 1:
        text["textOriginal"] = post.text
    return {
        "kind": "youtube#comment",
        "id": post.id,
        "snippet": text
        | {
            "videoId": "vid",
            "authorDisplayName": f"@{post.account.handle}",
            "authorChannelId": {"value": post.account.id},
            "publishedAt": post.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "likeCount": 1,
            **({"parentId": post.of.id} if post.of else {}),
        },
    }


def youtube_pages(folder: Path) -> Path:
    """A page of threads, each of one comment, and a page of replies."""
    threads = [
        {
            "kind": "youtube#commentThread",
            "id": post.id,
            "snippet": {"videoId": "vid", "topLevelComment": youtube_comment(post)},
        }
        for post in POSTS
        if not post.of
    ]
    replies = [youtube_comment(post) for post in POSTS if post.of]
    pages = [
        {"kind": "youtube#commentThreadListResponse", "items": threads},
        {"kind": "youtube#commentListResponse", "items": replies},
    ]
    return put(folder, "comments.jsonl", "\n".join(json.dumps(page) for page in pages))


# Media monitors


def meltwater(post: Post) -> Row:
    names = {"en": "English", "fa": "Persian"}
    return {
        "Date": post.at.strftime("%d-%b-%Y %I:%M%p"),
        "Headline": "",
        "URL": post.id,
        "Opening Text": "",
        "Hit Sentence": post.text,
        "Source": "Twitter",
        "Influencer": f"@{post.account.handle}",
        "Country": "",
        "Language": names[post.lang],
        "Reach": "1",
        "Hashtags": "",
    }


def brandwatch(post: Post) -> Row:
    kinds = {"repost": "share", "reply": "reply"}
    of = {kind: post.of.id if post.of and post.kind == kind else "" for kind in kinds}
    account = post.account
    return {
        "Query Id": "1",
        "Query Name": "port",
        "Date": post.at.strftime("%Y-%m-%d %H:%M:%S.0"),
        "Title": post.text[:9],
        "Snippet": post.text[:19],
        "Url": post.id,
        "Page Type": "twitter",
        "Language": post.lang,
        "Author": account.handle,
        "Full Name": account.name,
        "Full Text": post.text,
        "Gender": "unknown",
        "Hashtags": ", ".join(f"#{tag}" for tag in post.hashtags),
        "Mentioned Authors": ", ".join(f"@{name}" for name in post.mentions),
        "Expanded URLs": ", ".join(post.urls),
        "Thread Id": "",
        "Thread Entry Type": kinds.get(post.kind, "post"),
        "Twitter Author ID": account.id,
        "Twitter Followers": account.followers,
        "Twitter Following": account.following,
        "Twitter Tweets": account.statuses,
        "Twitter Reply to": of["reply"],
        "Twitter Retweet of": of["repost"],
    }


# Tools that look for coordination


def coortweet(post: Post) -> Row:
    """The text is the object that is shared."""
    return {
        "object_id": post.text,
        "account_id": post.account.id,
        "content_id": post.id,
        "timestamp_share": epoch(post),
    }


def toolkit(post: Post) -> Row:
    of = {kind: post.of.id if post.of and post.kind == kind else "" for kind in ("repost", "reply")}
    return {
        "message_id": post.id,
        "user_id": post.account.id,
        "username": post.account.handle,
        "repost_id": of["repost"],
        "reply_id": of["reply"],
        "message": post.text,
        "timestamp": epoch(post),
        "urls": " ".join(post.urls),
    }


def toolkit_nameless(folder: Path) -> Path:
    rows = table([toolkit(post) for post in POSTS]).split("\r\n", 1)[1]
    path = folder / "messages.csv"
    path.write_bytes(rows.encode())
    return path


# Telethon


def telethon(post: Post) -> Row:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    marked = [("Mention", f"@{name}") for name in post.mentions]
    marked += [("Hashtag", f"#{tag}") for tag in post.hashtags]
    marked += [("Url", url) for url in post.urls]
    entities = [
        {
            "_": f"MessageEntity{kind}",
            "offset": units(post.text[: post.text.index(part)]),
            "length": units(part),
        }
        for kind, part in marked
    ]
    forwarded = {
        "_": "MessageFwdHeader",
        "date": SEEN_AT.isoformat(),
        "from_id": {"_": "PeerChannel", "channel_id": 77},
        "channel_post": int(post.of.id[-2:]) if post.of else None,
    }
    reply = {"_": "MessageReplyHeader", "reply_to_msg_id": int(post.of.id[-2:]) if post.of else 0}
    return {
        "_": "Message",
        "id": int(post.id[-2:]),
        "peer_id": {"_": "PeerChannel", "channel_id": 77},
        "from_id": {"_": "PeerUser", "user_id": int(post.account.id)},
        "date": post.at.isoformat(),
        "message": post.text,
        "entities": entities,
        "fwd_from": forwarded if post.kind == "repost" else None,
        "reply_to": reply if post.kind == "reply" else None,
        "views": 3,
    }


COMMENTS: Row = dict.fromkeys(("post", "repost", "quote"), "reply")
PLAIN: Row = dict.fromkeys(("repost", "quote", "reply"), "post")
HANDLED: Row = {"account_id": lambda account: account.handle}
RETRIEVED: Row = {"basis": "retrieved"}


def in_reddit(prefix: str) -> Callable[[Post], str]:
    return lambda post: f"{prefix}_{post.id}"


def user(account: Account) -> str:
    return f"user{account.id}"


REDDIT: Row = {
    "profiles": ("handle", "joined_at"),
    "basis": "retrieved",
    "seen_at": SEEN_AT,
    **HANDLED,
}
KNOWN = ("post_id", "account_id", "kind", "handle")
FORMATS = [
    Format(
        "reddit_comments",
        to_lines(comment),
        "reddit_comments",
        posts=(*KNOWN, *ENTITIES),
        post_id=in_reddit("t1"),
        kinds=COMMENTS,
        **REDDIT,
    ),
    Format(
        "reddit_submissions",
        to_lines(submission),
        "reddit_submissions",
        posts=(*KNOWN, *ENTITIES),
        post_id=in_reddit("t3"),
        kinds=PLAIN,
        **REDDIT,
    ),
    Format(
        "crowdtangle_facebook",
        to_csv(crowdtangle_facebook),
        "crowdtangle_facebook",
        posts=(*KNOWN, "urls"),
        profiles=("handle", "display_name", "bio", "joined_at"),
        kinds=PLAIN,
    ),
    Format(
        "crowdtangle_instagram",
        to_csv(crowdtangle_instagram),
        "crowdtangle_instagram",
        posts=(*KNOWN, *ENTITIES),
        profiles=("handle", "display_name"),
        kinds=PLAIN,
        **HANDLED,
    ),
    Format(
        "meta_content_library",
        to_csv(meta_content_library),
        "meta_content_library",
        posts=(*KNOWN, "lang", "urls"),
        profiles=("handle", "display_name"),
        kinds={"repost": "post", "reply": "post"},
        **RETRIEVED,
    ),
    Format(
        "tiktok_videos",
        to_lines(tiktok_video),
        "tiktok_videos",
        posts=(*KNOWN, *ENTITIES),
        profiles=(),
        kinds=PLAIN,
        **HANDLED,
    ),
    Format(
        "tiktok_videos_page",
        tiktok_page,
        "tiktok_videos",
        posts=(*KNOWN, *ENTITIES),
        profiles=(),
        kinds=PLAIN,
        **HANDLED,
    ),
    Format(
        "tiktok_videos_csv",
        to_csv(tiktok_video),
        "tiktok_videos",
        posts=(*KNOWN, *ENTITIES),
        profiles=(),
        kinds=PLAIN,
        **HANDLED,
    ),
    Format(
        "tiktok_comments",
        to_lines(tiktok_comment),
        "tiktok_comments",
        posts=("post_id", "kind", *ENTITIES),
        profiles=(),
        kinds=COMMENTS,
    ),
    Format(
        "youtube_data_tools",
        to_csv(ytdt_comment),
        "youtube_data_tools",
        posts=(*KNOWN, *ENTITIES),
        profiles=("handle",),
        kinds=COMMENTS,
        **RETRIEVED,
    ),
    Format(
        "youtube_data_tools_videos",
        to_csv(ytdt_video),
        "youtube_data_tools_videos",
        posts=("post_id", "account_id", "lang", *ENTITIES),
        profiles=("display_name",),
        **RETRIEVED,
    ),
    Format(
        "youtube_comments",
        to_lines(youtube_comment),
        "youtube_comments",
        posts=(*KNOWN, *ENTITIES),
        profiles=("handle",),
        kinds=COMMENTS,
        **RETRIEVED,
    ),
    Format(
        "youtube_pages",
        youtube_pages,
        "youtube_comments",
        posts=(*KNOWN, *ENTITIES),
        profiles=("handle",),
        kinds=COMMENTS,
        **RETRIEVED,
    ),
    Format(
        "meltwater",
        to_csv(meltwater, delimiter="\t", encoding="utf-16"),
        "meltwater",
        posts=(*KNOWN, "lang", *ENTITIES),
        profiles=(),
        kinds=PLAIN,
        seconds=False,
        **HANDLED,
    ),
    Format(
        "brandwatch",
        to_csv(brandwatch, above="Report:,Port\nBrand:,\nFrom:,Mon\nTo:,Fri\nLabel:,Export\n\n"),
        "brandwatch",
        posts=(*KNOWN, "parent_id", "lang", *ENTITIES),
        profiles=("handle", "display_name", "followers", "following", "statuses_count"),
        kinds={"quote": "post"},
        basis="post_time",
    ),
    Format(
        "coortweet",
        to_csv(coortweet),
        "coortweet",
        posts=("post_id", "account_id", *ENTITIES),
        profiles=(),
        post_id=lambda post: f"{post.id}/{post.text}",
    ),
    Format(
        "coordination_network_toolkit",
        to_csv(toolkit),
        "coordination_network_toolkit",
        posts=(*KNOWN, "parent_id", *ENTITIES),
        profiles=("handle",),
        kinds={"quote": "post"},
        basis="post_time",
    ),
    Format(
        "coordination_network_toolkit_nameless",
        toolkit_nameless,
        "coordination_network_toolkit",
        posts=(*KNOWN, "parent_id", *ENTITIES),
        profiles=("handle",),
        kinds={"quote": "post"},
        basis="post_time",
    ),
    Format(
        "telethon",
        to_lines(telethon),
        "telethon",
        posts=("post_id", "account_id", "kind", "parent_id", *ENTITIES),
        profiles=(),
        post_id=lambda post: f"77-{int(post.id[-2:])}",
        account_id=user,
        kinds={"quote": "post"},
    ),
]
