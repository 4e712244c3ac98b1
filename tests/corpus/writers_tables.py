"""The canonical corpus in tables: what analysts export, archives publish and tools write."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from canonical import ENTITIES, POSTS, SEEN_AT, Format, Post

Row = dict[str, Any]


def plain(post: Post) -> Row:
    """The contract's own names."""
    account = post.account
    return {
        "post_id": post.id,
        "account_id": account.id,
        "created_at": post.at.isoformat(),
        "text": post.text,
        "lang": post.lang,
        "kind": post.kind,
        "parent_id": post.of and post.of.id,
        "hashtags": json.dumps(post.hashtags),
        "mentions": json.dumps(post.mentions),
        "urls": json.dumps(post.urls),
        "handle": account.handle,
        "display_name": account.name,
        "bio": account.bio,
        "location": account.location,
        "joined_at": account.joined.isoformat(),
        "followers": account.followers,
        "following": account.following,
        "statuses_count": account.statuses,
        "observed_at": SEEN_AT.isoformat(),
    }


def archive(post: Post) -> Row:
    """The X archive: Python lists, counts as floats, minutes, absent places."""
    account = post.account
    return {
        "tweetid": post.id,
        "userid": account.id,
        "user_display_name": account.name,
        "user_screen_name": account.handle,
        "user_reported_location": account.location,
        "user_profile_description": account.bio,
        "user_profile_url": "",
        "follower_count": f"{account.followers}.0",
        "following_count": f"{account.following}.0",
        "account_creation_date": account.joined.strftime("%Y-%m-%d"),
        "account_language": "en",
        "tweet_language": post.lang,
        "tweet_text": post.text,
        "tweet_time": post.at.strftime("%Y-%m-%d %H:%M"),
        "tweet_client_name": "web",
        "in_reply_to_tweetid": post.of.id if post.of and post.kind == "reply" else "",
        "in_reply_to_userid": post.of.account.id if post.of and post.kind == "reply" else "",
        "quoted_tweet_tweetid": post.of.id if post.of and post.kind == "quote" else "",
        "is_retweet": str(post.kind == "repost"),
        "retweet_userid": post.of.account.id if post.of and post.kind == "repost" else "",
        "retweet_tweetid": post.of.id if post.of and post.kind == "repost" else "",
        "latitude": "absent",
        "longitude": "absent",
        "quote_count": "0.0",
        "reply_count": "0.0",
        "like_count": "1.0",
        "retweet_count": "0.0",
        "hashtags": repr(list(post.hashtags)),
        "urls": repr(list(post.urls)),
        "user_mentions": repr(list(post.mentions)),
        "poll_choices": "",
    }


def ira(post: Post) -> Row:
    account = post.account
    links = [*post.urls, "", "", ""]
    return {
        "external_author_id": "1.28456390871234E+18",
        "author": account.handle,
        "content": post.text,
        "region": "Unknown",
        "language": {"en": "English", "fa": "Farsi (Persian)"}[post.lang],
        "publish_date": f"{post.at.month}/{post.at.day}/{post.at.year} {post.at.hour}:{post.at:%M}",
        "harvested_date": "3/9/2021 1:14",
        "following": account.following,
        "followers": account.followers,
        "updates": account.statuses,
        "post_type": {"repost": "RETWEET", "quote": "QUOTE_TWEET"}.get(post.kind, ""),
        "account_type": "Right",
        "retweet": int(post.kind == "repost"),
        "account_category": "Fearmonger",
        "new_june_2018": 0,
        "alt_external_id": account.id,
        "tweet_id": post.id,
        "article_url": "",
        "tco1_step1": links[0],
        "tco2_step1": links[1],
        "tco3_step1": links[2],
    }


def twarc_csv(post: Post) -> Row:
    account, of = post.account, post.of
    ref = {kind: of.id if of and post.kind == kind else "" for kind in ("reply", "repost", "quote")}
    return {
        "id": post.id,
        "conversation_id": post.id,
        "referenced_tweets.replied_to.id": ref["reply"],
        "referenced_tweets.retweeted.id": ref["repost"],
        "referenced_tweets.quoted.id": ref["quote"],
        "author_id": account.id,
        "in_reply_to_user_id": of.account.id if of and ref["reply"] else "",
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "text": post.text,
        "lang": post.lang,
        "public_metrics.like_count": "4",
        "entities.hashtags": json.dumps(
            [{"start": 1, "end": 5, "tag": tag} for tag in post.hashtags]
        ),
        "entities.mentions": json.dumps(
            [{"start": 1, "username": name, "id": "1"} for name in post.mentions]
        ),
        "entities.urls": json.dumps(
            [{"url": "https://t.co/x", "expanded_url": url} for url in post.urls]
        ),
        "author.id": account.id,
        "author.created_at": account.joined.isoformat(),
        "author.username": account.handle,
        "author.name": account.name,
        "author.description": account.bio,
        "author.location": account.location,
        "author.public_metrics.followers_count": account.followers,
        "author.public_metrics.following_count": account.following,
        "author.public_metrics.tweet_count": account.statuses,
        "author.protected": "False",
        "__twarc.retrieved_at": SEEN_AT.isoformat(),
    }


def fourcat(post: Post) -> Row:
    """What all items of 4CAT share; reposts are marked in the text."""
    prefix = f"RT @{post.of.account.handle}: " if post.of and post.kind == "repost" else ""
    return {
        "id": post.id,
        "thread_id": post.of.id if post.of else post.id,
        "body": prefix + post.text,
        "author": post.account.handle,
        "timestamp": post.at.strftime("%Y-%m-%d %H:%M:%S"),
        "unix_timestamp": int(post.at.timestamp()),
    }


def yes(kind: str, post: Post) -> str:
    return "yes" if post.kind == kind else "no"


def twitterv2(post: Post) -> Row:
    account, of = post.account, post.of
    who = {
        kind: of.account.handle if of and post.kind == kind else ""
        for kind in ("repost", "quote", "reply")
    }
    return fourcat(post) | {
        "link": f"https://x.com/{account.handle}/status/{post.id}",
        "subject": "",
        "author_fullname": account.name,
        "author_id": account.id,
        "author_followers": account.followers,
        "source": "web",
        "language_guess": post.lang,
        "is_retweet": yes("repost", post),
        "retweeted_user": who["repost"],
        "is_quote_tweet": yes("quote", post),
        "quoted_user": who["quote"],
        "is_reply": yes("reply", post),
        "replied_user": who["reply"],
        "hashtags": ",".join(post.hashtags),
        "urls": ",".join(post.urls),
        "images": "",
        "videos": "",
        "mentions": ",".join(post.mentions),
        "long_lat": "",
        "place_name": "",
    }


def twitter_import(post: Post) -> Row:
    quoted = post.of if post.kind == "quote" else None
    account = post.account
    row = twitterv2(post) | {
        "collected_from_url": "https://x.com/search",
        "author_avatar_url": "",
        "author_bio": account.bio,
        "author_location": account.location,
        "author_following": account.following,
        "quote_tweet_id": quoted.id if quoted else "",
        "quote_author": quoted.account.handle if quoted else "",
        "quote_body": "",
    }
    return {key: row[key] for key in row if key not in ("quoted_user", "subject")}


def fourcat_telegram(post: Post) -> Row:
    reply = post.of if post.kind == "reply" else None
    forwarded = post.of.account.name if post.of and post.kind == "repost" else ""
    return fourcat(post) | {
        "id": f"chat-{post.id}",
        "body": post.text,
        "chat": "chat",
        "author": post.account.id,
        "author_username": post.account.handle,
        "author_name": post.account.name,
        "author_is_bot": "no",
        "body_markdown": post.text,
        "is_reply": yes("reply", post),
        "reply_to": reply.id if reply else "",
        "views": 4,
        "reactions": "",
        "author_forwarded_from_name": forwarded,
        "author_forwarded_from_username": "",
        "entities_linked": ",".join(post.urls),
        "entities_mentioned": ",".join(post.mentions),
    }


def fourcat_bsky(post: Post) -> Row:
    account, of = post.account, post.of
    link = f"https://bsky.app/{of.id}" if of else ""
    row = fourcat(post) | {
        "collected_at": SEEN_AT.strftime("%Y-%m-%dT%H:%M:%S"),
        "query": "bridge",
        "rank": 1,
        "created_at": post.at.isoformat(),
        "author_id": account.id,
        "body": post.text,
        "link": "",
        "tags": ",".join(post.hashtags),
        "quoted_post": link if post.kind == "quote" else "",
        "replied_to_post": link if post.kind == "reply" else "",
        "mentions": ",".join(post.mentions),
        "links": ",".join(post.urls),
        "languages": post.lang,
        "author_display_name": account.name,
        "author_profile": f"https://bsky.app/profile/{account.handle}",
        "author_avatar": "",
        "author_created_at": account.joined.isoformat(),
    }
    return row | {"timestamp": int(post.at.timestamp())}


def html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br/>")
    return f"<p>{escaped}</p>"


def gab(post: Post) -> Row:
    account = post.account
    return {
        "id": post.id,
        "type": "post",
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "thread_id": post.id,
        "url": "",
        "post_id": post.id,
        "body": html(post.text),
        "reaction_count": 1,
        "account_id": account.id,
        "account_username": account.handle,
        "account_display_name": account.name,
        "account_url": "",
        "group_id": "",
        "account_note": html(account.bio) if account.bio else "",
        "account_followers_count": account.followers,
        "account_following_count": account.following,
        "account_statuses_count": account.statuses,
    }


def truth(post: Post) -> Row:
    account = post.account
    return {
        "id": post.id,
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "body": html(post.text),
        "url": "",
        "reblogs_count": 0,
        "replies_count": 0,
        "account_id": account.id,
        "account_username": account.handle,
        "account_display_name": account.name,
        "account_avatar": "",
        "account_verified": False,
        "account_followers": account.followers,
        "account_following": account.following,
    }


def tiktok(post: Post) -> Row:
    account = post.account
    return fourcat(post) | {
        "author_full": account.name,
        "author_followers": account.followers,
        "author_likes": 9,
        "author_videos": account.statuses,
        "author_avatar": "",
        "body": post.text,
        "hashtags": ",".join(post.hashtags),
        "post_mentions": ",".join(post.mentions),
    }


def vk(post: Post) -> Row:
    account, of = post.account, post.of
    row = fourcat(post) | {
        "id": "7",
        "link": f"https://vk.com/wall{account.id}_{post.id}",
        "body": post.text,
        "item_type": "comment" if post.kind == "reply" else "post",
        "author_id": account.id,
        "author_type": "user",
        "author_screen_name": account.handle,
        "author_name": account.name,
        "author_sex": "F",
        "author_city": account.location,
        "author_country": "",
        "author_deactivated": "False",
        "author_privacy_is_closed": "open",
        "author_followers": account.followers,
        "in_reply_to_user": of.account.id if of and post.kind == "reply" else "",
        "in_reply_to_comment_id": of.id if of and post.kind == "reply" else "",
    }
    del row["author"]
    return row


def tumblr(post: Post) -> Row:
    account = post.account
    repost = post.kind == "repost"
    return fourcat(post) | {
        "type": "text",
        "author_subject": account.name,
        "author_description": account.bio,
        "author_uuid": account.id,
        "author_url": "",
        "post_url": "",
        "is_reblog": "True" if repost else "",
        "body": "" if repost else post.text,
        "body_reblogged": post.text if repost else "",
        "tags": ",".join(post.hashtags),
        "note_count": 1,
    }


def table(rows: list[Row], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def to_csv(
    make: Any,
    name: str = "posts.csv",
    *,
    above: str = "",
    delimiter: str = ",",
    encoding: str = "utf-8",
    hold: Any = lambda post: True,
) -> Any:
    def write(folder: Path) -> Path:
        path = folder / name
        rows = [make(post) for post in POSTS if hold(post)]
        path.write_bytes((above + table(rows, delimiter)).encode(encoding))
        return path

    return write


def to_lines(make: Any) -> Any:
    def write(folder: Path) -> Path:
        path = folder / "items.ndjson"
        lines = [json.dumps(make(post), ensure_ascii=post.by == 0, default=str) for post in POSTS]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def to_array(folder: Path) -> Path:
    path = folder / "posts.json"
    path.write_text(json.dumps([plain(post) for post in POSTS], indent=1), encoding="utf-8")
    return path


def to_parquet(folder: Path) -> Path:
    path = folder / "posts.parquet"
    rows = [plain(post) | {"created_at": post.at} for post in POSTS]
    for row, post in zip(rows, POSTS, strict=True):
        row |= {name: list(getattr(post, name)) for name in ENTITIES}
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def to_workbook(folder: Path) -> Path:
    """Dates as dates, counts as numbers, ids as text; a title above the header."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["Export of a monitor"])
    sheet.append([])
    rows = [plain(post) for post in POSTS]
    sheet.append(list(rows[0]))
    for row, post in zip(rows, POSTS, strict=True):
        times = {"created_at": post.at, "joined_at": post.account.joined, "observed_at": SEEN_AT}
        row |= {name: at.replace(tzinfo=None) for name, at in times.items()}
        sheet.append([_cell(value) for value in row.values()])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    path = folder / "posts.xlsx"
    book.save(path)
    return path


def _cell(value: Any) -> Any:
    if isinstance(value, str | int | datetime) or value is None:
        return value
    return str(value)


NO_PROFILE: tuple[str, ...] = ()
OWN = {"basis": "retrieved", "seen_at": SEEN_AT}
RAW = ("post_id", "account_id", "kind", "lang", "handle", *ENTITIES)
CAT = {"basis": "retrieved"}
NAMED = ("handle", "display_name", "followers")
ABOVE = "Query: bridge\r\nExported: 2021-03-05\r\n\r\n"

FORMATS = [
    Format("csv", to_csv(plain), **OWN),
    Format("csv_latin_semicolons", to_csv(plain, delimiter=";", above=ABOVE), **OWN),
    Format("tsv_utf16", to_csv(plain, "posts.tsv", delimiter="\t", encoding="utf-16"), **OWN),
    Format("ndjson", to_lines(plain), **OWN),
    Format("json_array", to_array, **OWN),
    Format("parquet", to_parquet, **OWN),
    Format("xlsx", to_workbook, **OWN),
    Format(
        "x_archive",
        to_csv(archive),
        "x_archive",
        seconds=False,
        profiles=("handle", "display_name", "bio", "location", "followers", "following"),
    ),
    Format(
        "ira_538",
        to_csv(ira),
        "ira_538",
        seconds=False,
        basis="post_time",
        posts=("post_id", "account_id", "kind", "lang", "handle", "urls"),
        profiles=("handle", "followers", "following", "statuses_count"),
        kinds={"reply": "post"},
    ),
    Format("twarc_csv", to_csv(twarc_csv), "twarc_csv", **OWN),
    Format(
        "fourcat_twitterv2",
        to_csv(twitterv2),
        "fourcat_twitterv2",
        posts=RAW,
        profiles=NAMED,
        **CAT,
    ),
    Format(
        "fourcat_twitterv2_ndjson",
        to_lines(twitterv2),
        "fourcat_twitterv2",
        posts=RAW,
        profiles=NAMED,
        **CAT,
    ),
    Format(
        "fourcat_twitter_import",
        to_csv(twitter_import),
        "fourcat_twitter_import",
        posts=RAW,
        profiles=(*NAMED, "bio", "location", "following"),
        **CAT,
    ),
    Format(
        "fourcat_telegram",
        to_csv(fourcat_telegram),
        "fourcat_telegram",
        posts=("post_id", "account_id", "kind", "handle", "urls", "mentions"),
        profiles=("handle", "display_name"),
        post_id=lambda post: f"chat-{post.id}",
        kinds={"quote": "post"},
        **CAT,
    ),
    Format(
        "fourcat_bsky",
        to_csv(fourcat_bsky, hold=lambda post: post.kind != "repost"),
        "fourcat_bsky",
        posts=RAW,
        profiles=("handle", "display_name", "joined_at"),
        without=("repost",),
        **OWN,
    ),
    Format(
        "fourcat_gab",
        to_csv(gab),
        "fourcat_gab",
        posts=("post_id", "account_id", "handle"),
        profiles=("handle", "display_name", "followers", "following", "statuses_count"),
        **CAT,
    ),
    Format(
        "fourcat_truth",
        to_csv(truth),
        "fourcat_truth",
        posts=("post_id", "account_id", "handle"),
        profiles=("handle", "display_name", "followers", "following"),
        **CAT,
    ),
    Format(
        "fourcat_tiktok",
        to_csv(tiktok),
        "fourcat_tiktok",
        posts=("post_id", "account_id", "handle", "hashtags", "mentions"),
        account_id=lambda account: account.handle,
        profiles=("display_name", "followers"),
        **CAT,
    ),
    Format(
        "fourcat_vk",
        to_csv(vk),
        "fourcat_vk",
        posts=("post_id", "account_id", "handle"),
        post_id=lambda post: f"https://vk.com/wall{post.account.id}_{post.id}",
        profiles=("handle", "display_name", "followers"),
        **CAT,
    ),
    Format(
        "fourcat_tumblr",
        to_csv(tumblr),
        "fourcat_tumblr",
        posts=("post_id", "account_id", "handle", "hashtags"),
        profiles=("handle", "display_name", "bio"),
        **CAT,
    ),
    Format(
        "fourcat_custom",
        to_csv(fourcat),
        "fourcat_custom",
        posts=("post_id", "account_id", "handle"),
        account_id=lambda account: account.handle,
        profiles=NO_PROFILE,
    ),
]
