"""One small corpus of invented people, and what each format can hold of it.

`ACCOUNTS` and `POSTS` are the content; the writers of `writers_*.py` put it into files the way each
format's documentation says. Texts are what breaks readers: line ends, quotes, Persian with ZWNJ,
emoji, a formula sign, HTML signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    id: str
    handle: str
    name: str
    bio: str
    location: str
    joined: datetime
    followers: int
    following: int
    statuses: int


@dataclass(frozen=True)
class Post:
    id: str
    by: int
    at: datetime
    text: str
    kind: str = "post"
    parent: int | None = None
    lang: str = "en"
    hashtags: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()

    @property
    def account(self) -> Account:
        return ACCOUNTS[self.by]

    @property
    def of(self) -> Post | None:
        return None if self.parent is None else POSTS[self.parent]


def day(number: int, hour: int, minute: int, second: int) -> datetime:
    return datetime(2021, 3, number, hour, minute, second, tzinfo=UTC)


FIRST = "The bridge closes tonight, ask @kaveh_m why #bridge https://news.example/a?b=1"
ACCOUNTS = (
    Account(
        "1284563908712345671",
        "dana_rell",
        "Dana Rell 🌊",
        "Nurse in Eastport. She/her. Mother of 2",
        "Eastport",
        datetime(2012, 5, 4, 8, 30, 1, tzinfo=UTC),
        120,
        80,
        3401,
    ),
    Account(
        "1284563908712345682",
        "kaveh_m",
        "کاوه",
        "روزنامه‌نگار | ایران",
        "تهران",
        datetime(2015, 11, 23, 19, 2, 44, tzinfo=UTC),
        5400,
        312,
        20119,
    ),
    Account(
        "1284563908712345693",
        "odd_lamp",
        "Odd Lamp",
        "",
        "",
        datetime(2020, 1, 31, 23, 59, 58, tzinfo=UTC),
        3,
        0,
        17,
    ),
)
POSTS = (
    Post(
        "1366700000000000001",
        0,
        day(1, 10, 0, 7),
        FIRST,
        hashtags=("bridge",),
        urls=("https://news.example/a?b=1",),
        mentions=("kaveh_m",),
    ),
    Post(
        "1366700000000000002",
        1,
        day(1, 10, 5, 31),
        "می‌خواهند پل را ببندند #پل",
        lang="fa",
        hashtags=("پل",),
    ),
    Post(
        "1366700000000000003",
        2,
        day(1, 10, 6, 12),
        FIRST,
        kind="repost",
        parent=0,
        hashtags=("bridge",),
        urls=("https://news.example/a?b=1",),
        mentions=("kaveh_m",),
    ),
    Post(
        "1366700000000000004",
        1,
        day(2, 7, 45, 59),
        'Read this, "all" of it',
        kind="quote",
        parent=0,
    ),
    Post(
        "1366700000000000005",
        0,
        day(2, 8, 15, 3),
        "first line\nsecond line, with 'quotes'; and more",
        kind="reply",
        parent=1,
    ),
    Post("1366700000000000006", 2, day(3, 0, 0, 1), "=1+1 is not a formula 😀😀"),
)
SEEN_AT = datetime(2021, 3, 5, 12, 0, 30, tzinfo=UTC)

# Columns of posts that every format with posts can hold.
ALWAYS = ("text", "created_at")
ENTITIES = ("hashtags", "mentions", "urls")


def same(post: Post) -> str | None:
    return post.id


@dataclass(frozen=True)
class Format:
    """How one format is written, and what of the corpus it can hold."""

    name: str
    write: Callable[[Path], Path]
    preset: str | None = None
    posts: tuple[str, ...] = (
        "post_id",
        "account_id",
        "kind",
        "parent_id",
        "lang",
        "handle",
        *ENTITIES,
    )
    profiles: tuple[str, ...] = (
        "handle",
        "display_name",
        "bio",
        "location",
        "joined_at",
        "followers",
        "following",
        "statuses_count",
    )
    post_id: Callable[[Post], str | None] = same
    account_id: Callable[[Account], str] = lambda account: account.id
    handle: Callable[[Account], str] = lambda account: account.handle
    kinds: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    seconds: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    basis: str = "export"
    seen_at: datetime | None = None
