"""The same content in every format reads to the same tables, as far as the format can hold it."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import writers_json
import writers_mapped
import writers_tables
from canonical import ACCOUNTS, ALWAYS, POSTS, Account, Format, Post

from corpus.readers import Corpus, read
from corpus.readers.mapping_files import presets
from corpus.settings import Reading

FORMATS = [*writers_tables.FORMATS, *writers_json.FORMATS, *writers_mapped.FORMATS]
REPOST = re.compile(r"^RT @\w+: ")
# What a table states without a time of sighting, and with one.
PROFILE_OF = {
    "handle": "handle",
    "display_name": "name",
    "bio": "bio",
    "location": "location",
    "joined_at": "joined",
    "followers": "followers",
    "following": "following",
    "statuses_count": "statuses",
}


def wanted_post(post: Post, form: Format) -> dict[str, Any]:
    at = post.at if form.seconds else post.at.replace(second=0)
    of = form.post_id(post.of) if post.of and post.kind not in form.kinds else None
    whole = {
        "post_id": form.post_id(post),
        "account_id": form.account_id(post.account),
        "created_at": at,
        "text": post.text,
        "kind": form.kinds.get(post.kind, post.kind),
        "parent_id": of,
        "lang": post.lang,
        "handle": form.handle(post.account),
        "hashtags": list(post.hashtags),
        "mentions": list(post.mentions),
        "urls": list(post.urls),
    }
    return {name: whole[name] for name in (*ALWAYS, *form.posts)}


def found_posts(corpus: Corpus, form: Format) -> list[dict[str, Any]]:
    rows = corpus.posts.select([*ALWAYS, *form.posts]).to_pylist()
    for row in rows:
        row["text"] = REPOST.sub("", row["text"])
    return sorted(rows, key=lambda row: (row["created_at"], row["text"]))


def known(corpus: Corpus, form: Format, account: Account) -> dict[str, Any]:
    """What the snapshots of an account say together; events tell one thing each."""
    rows = [
        row for row in corpus.profiles.to_pylist() if row["account_id"] == form.account_id(account)
    ]
    return {
        name: next((row[name] for row in rows if row[name] is not None), None)
        for name in form.profiles
    }


def wanted_profile(account: Account, form: Format) -> dict[str, Any]:
    whole = {name: getattr(account, field) for name, field in PROFILE_OF.items()}
    whole["handle"] = form.handle(account)
    return {name: whole[name] for name in form.profiles}


def empty(wanted: object) -> object:
    return {"": "", 0: 0}.get(wanted) if isinstance(wanted, str | int) else None


@pytest.fixture(params=FORMATS, ids=lambda form: str(form.name))
def form(request: pytest.FixtureRequest) -> Format:
    found: Format = request.param
    return found


@pytest.fixture
def corpus(form: Format, tmp_path: Path) -> Corpus:
    return read([form.write(tmp_path)], settings=Reading(**form.settings))


def test_the_posts_are_the_same(form: Format, corpus: Corpus) -> None:
    wanted = [wanted_post(post, form) for post in POSTS if post.kind not in form.without]
    wanted.sort(key=lambda row: (row["created_at"], row["text"]))
    assert found_posts(corpus, form) == wanted
    assert corpus.files[0].preset == form.preset
    assert corpus.files[0].rows_read == corpus.files[0].rows_kept
    precision = "second" if form.seconds else "minute"
    assert corpus.posts.column("time_precision").unique().to_pylist() == [precision]


def test_the_profiles_are_the_same(form: Format, corpus: Corpus) -> None:
    if not form.profiles:
        assert corpus.profiles.num_rows == 0
        return
    for account in ACCOUNTS:
        wanted = wanted_profile(account, form)
        found = known(corpus, form, account)
        # An empty field may stand as "" or, where a format leaves it out, as unknown.
        assert {name: found[name] or empty(wanted[name]) for name in wanted} == wanted
    assert corpus.profiles.column("basis").unique().to_pylist() == [form.basis]


def test_sightings_are_dated_as_the_format_can(form: Format, corpus: Corpus) -> None:
    seen: set[datetime | None] = set(corpus.profiles.column("observed_at").to_pylist())
    if form.basis == "post_time":
        times = {post.at if form.seconds else post.at.replace(second=0) for post in POSTS}
        assert seen <= times
    elif form.profiles:
        assert seen == {form.seen_at}


def test_every_mapping_file_has_a_writer_or_a_fixture() -> None:
    folders = {path.name for path in (Path(__file__).parent / "formats").iterdir() if path.is_dir()}
    covered = {form.preset for form in FORMATS} | folders
    assert {preset.name for preset in presets()} <= covered
