"""Accounts that were purged from a case stay out of it, without the case saying who they were.

In: a corpus as read, and tombstones: keyed hashes of an account's id, handles, names and post ids.
Out: the corpus without the account's posts, snapshots and events; each of its rows becomes a reject
that holds its place and no word of it. References that others made to its posts are forgotten, and
so is every excerpt of a rejected row that names it. What others wrote stays, also where they repeat
its words or write its name: it is theirs.

HMAC-SHA256 (RFC 2104) under the key that makes pseudonyms, which lies outside every case: without
it nobody can try ids against the tombstones. An account of a platform is not taken for one of
another platform that has the same id; where a row names no platform, the id alone decides.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import WorkspaceError
from corpus.files import write_text
from corpus.readers.cells import Mask
from corpus.readers.load import Corpus, FileReport
from corpus.rejects import PURGED, Reject, count_reasons

FILE = "purged.json"
# Hex characters kept of each hash: 80 bits, so that a billion values do not meet by chance.
HASH_CHARS = 20
# Words of an excerpt that could be an id or a handle; with and without what ids may be joined by.
_WORDS = (re.compile(r"[^\s,;\t\"'{}\[\]|]+"), re.compile(r"[^\s,;\t\"'{}\[\]|:@/]+"))
_CHECK = "which key made this file"


@dataclass(frozen=True)
class Tombstones:
    """Keyed hashes of purged accounts, and of what would name them.

    `accounts` are hashes of (platform, id) and, with `*` for the platform, of the id alone;
    `values` those of ids, handles, names and post ids.
    """

    key: bytes = b""
    accounts: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.accounts)

    def hashed(self, *parts: str) -> str:
        """The keyed hash of some words."""
        message = b"\x1f".join(part.encode("utf-8", "surrogatepass") for part in ("purge", *parts))
        return hmac.digest(self.key, message, "sha256").hex()[:HASH_CHARS]

    def with_account(
        self, ids: Iterable[str], platforms: Collection[str], names: Iterable[str]
    ) -> Tombstones:
        """Further tombstones: of an account's ids (without platform) and all that names it."""
        found = set()
        for id_ in ids:
            found |= {self.hashed("account", platform, id_) for platform in (*platforms, "*")}
            found |= {self.hashed("any", id_)} if "" in platforms else set()
        values = {self.hashed("value", name) for name in names if name}
        return replace(
            self,
            accounts=self.accounts | found,
            values=self.values | values,
            count=self.count + 1,
        )

    def holds(self, account_id: str, platform: str) -> bool:
        """Whether a row is one of a purged account."""
        prefix = f"{platform}:"
        bare = account_id
        if platform and account_id.startswith(prefix):
            bare = account_id[len(prefix) :]
        if self.hashed("account", platform, bare) in self.accounts:
            return True
        if not platform:
            return any(
                self.hashed("account", "*", part) in self.accounts
                for part in (bare, bare.partition(":")[2])
                if part
            )
        return self.hashed("any", bare) in self.accounts

    def names(self, value: str) -> bool:
        """Whether a value is an id, handle, name or post id of a purged account."""
        return self.hashed("value", value) in self.values

    def named_in(self, text: str) -> bool:
        """Whether an excerpt holds such a value, as a word or as a cell."""
        words = {word for pattern in _WORDS for word in pattern.findall(text)}
        return any(self.names(word) for word in words | set(_cells(text)))


def _cells(text: str) -> list[str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    cells = found.values() if isinstance(found, dict) else ()
    return [cell for cell in cells if isinstance(cell, str)]


def read_tombstones(case: Path, key: bytes) -> Tombstones:
    """The tombstones of a case, none where nothing was purged.

    Raises
    ------
    WorkspaceError
        When the file is damaged, or was made with another key: then nobody can tell who must stay
        out.
    """
    path = case / FILE
    if not path.exists():
        return Tombstones(key)
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        found = Tombstones(
            key, frozenset(raw["accounts"]), frozenset(raw["values"]), int(raw["count"])
        )
        made_with = raw["key"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{path} is damaged: {error}; it says who must stay out") from error
    if made_with != found.hashed(_CHECK):
        raise WorkspaceError(
            f"{path} was made with another pseudonym key, so nobody can tell which accounts must "
            "stay out of this case; use that key (NARRASHIFT_KEY)"
        )
    return found


def write_tombstones(case: Path, tombstones: Tombstones) -> None:
    """Write them into the case. Raises WorkspaceError when that fails."""
    record = {
        "about": "Keyed hashes of accounts that were purged; they stay out of this case.",
        "key": tombstones.hashed(_CHECK),
        "count": tombstones.count,
        "accounts": sorted(tombstones.accounts),
        "values": sorted(tombstones.values),
    }
    write_text(case / FILE, json.dumps(record, indent=1) + "\n")


def has_tombstones(case: Path) -> bool:
    """Whether anything was ever purged from a case."""
    return (case / FILE).exists()


@dataclass
class _Known:
    """Which accounts are purged; each is hashed once."""

    tombstones: Tombstones
    seen: dict[tuple[str, str], bool] = field(default_factory=dict)

    def mask(self, table: pa.Table) -> Mask:
        platforms = (
            table.column("platform").to_pylist()
            if "platform" in table.column_names
            else [""] * table.num_rows
        )
        ids = table.column("account_id").to_pylist()
        return np.array(
            [i is not None and self._gone(i, at) for i, at in zip(ids, platforms, strict=True)],
            dtype=bool,
        )

    def _gone(self, account_id: str, platform: str) -> bool:
        pair = (account_id, platform)
        if pair not in self.seen:
            self.seen[pair] = self.tombstones.holds(*pair)
        return self.seen[pair]


def without_purged(corpus: Corpus, tombstones: Tombstones) -> Corpus:
    """Return `corpus` without the accounts that have a tombstone; see the module docstring."""
    if not tombstones:
        return corpus
    known = _Known(tombstones)
    posts_gone, profiles_gone = known.mask(corpus.posts), known.mask(corpus.profiles)
    stay = pa.array(~posts_gone)
    posts = _forgetting(corpus.posts.filter(stay), tombstones)
    kept = corpus.kept_columns
    rejects = [_without_names(reject, tombstones) for reject in corpus.rejects]
    taken = {(reject.file, reject.row) for reject in rejects}
    rejects += _gone_rows(corpus, posts_gone, profiles_gone, taken)
    events = corpus.account_events
    return replace(
        corpus,
        posts=posts,
        profiles=corpus.profiles.filter(pa.array(~profiles_gone)),
        account_events=events.filter(pa.array(~known.mask(events))),
        kept_columns=kept if kept is None or kept.num_rows != len(stay) else kept.filter(stay),
        rejects=tuple(sorted(rejects)),
        files=tuple(_recounted(report, rejects) for report in corpus.files),
        notes=(*corpus.notes, *_note(rejects)),
    )


def _gone_rows(
    corpus: Corpus, posts: Mask, profiles: Mask, taken: Collection[tuple[str, int]]
) -> list[Reject]:
    """One reject for each file row that gave nothing but what is gone."""
    gone: set[tuple[str, int]] = set()
    stay: set[tuple[str, int]] = set()
    for table, mask in ((corpus.posts, posts), (corpus.profiles, profiles)):
        places = zip(
            table.column("source_file").to_pylist(),
            table.column("source_row").to_pylist(),
            strict=True,
        )
        for place, is_gone in zip(places, mask.tolist(), strict=True):
            (gone if is_gone else stay).add(place)
    return [Reject(file, row, PURGED, "") for file, row in sorted(gone - stay - set(taken))]


def _forgetting(posts: pa.Table, tombstones: Tombstones) -> pa.Table:
    """Posts of others, without references to purged posts and accounts."""
    parents = posts.column("parent_id").combine_chunks().dictionary_encode()
    named = [tombstones.names(value) for value in parents.dictionary.to_pylist()]
    if any(named):
        gone = pa.array(named).take(parents.indices)
        cleared = pc.if_else(pc.fill_null(gone, False), None, posts.column("parent_id"))
        posts = posts.set_column(posts.column_names.index("parent_id"), "parent_id", cleared)
    mentions = posts.column("mentions").combine_chunks()
    flat = set(mentions.flatten().to_pylist())
    hit = {name for name in flat if name is not None and tombstones.names(name)}
    if not hit:
        return posts
    left = [
        None if listed is None else [name for name in listed if name not in hit]
        for listed in mentions.to_pylist()
    ]
    column = pa.array(left, mentions.type)
    return posts.set_column(posts.column_names.index("mentions"), "mentions", column)


def _without_names(reject: Reject, tombstones: Tombstones) -> Reject:
    return replace(reject, excerpt="") if tombstones.named_in(reject.excerpt) else reject


def _recounted(report: FileReport, rejects: Iterable[Reject]) -> FileReport:
    reasons = count_reasons(reject for reject in rejects if reject.file == report.name)
    return replace(report, rows_kept=report.rows_read - sum(reasons.values()), rejected=reasons)


def _note(rejects: Iterable[Reject]) -> list[str]:
    count = sum(reject.reason == PURGED for reject in rejects)
    return [f"rows of accounts that were purged from this case: {count:,}"] if count else []


def scrubbed(value: Any, secrets: Collection[str]) -> tuple[Any, bool]:
    """A decoded JSON value without list entries that are secrets; and whether a text holds one."""
    if isinstance(value, str):
        return value, any(secret in value for secret in secrets)
    if isinstance(value, Mapping):
        parts = {name: scrubbed(part, secrets) for name, part in value.items()}
        return {name: part for name, (part, _) in parts.items()}, any(h for _, h in parts.values())
    if isinstance(value, list):
        left = [scrubbed(part, secrets) for part in value if part not in secrets]
        return [part for part, _ in left], any(held for _, held in left)
    return value, False
