"""Real profile histories, and splices of them, as `profiles` tables.

In: the folder of real corpora. Out: histories by account (rows of `profiles` in order of time),
the half of the accounts that fits weights and the half that is reported on (by a hash of the id),
and splices: the first half of account A joined to the second half of account B under A's id.

easy    B is any account.
medium  B claims the same camp as A (or none, like A), writes in the same language, and was seen
        about as often (the histories state no followers; activity decile stands in for them).
hard    as medium, and the handle is kept or merely extended, one phrase of A's bio stands in
        every later bio, and 120 days pass unseen at the seam.

No row of the corpus, and nothing made of it, is ever written.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.identity import content_id
from corpus.readers.load import read
from corpus.settings import Reading
from corpus.tables import POSTS, PROFILES
from nlp.language import identify

Row = dict[str, Any]
History = Sequence[Row]
HISTORIES = Path("persona_profiles") / "profile_changes_dev.jsonl.gz"
KINDS = ("easy", "medium", "hard")
# The seam of an easy or medium splice: about half an hour between A's last state and B's first.
SEAM = timedelta(minutes=30)
HARD_GAP = timedelta(days=120)
# Endings by which a hard splice's handle is merely extended.
ENDINGS = ("_", "1", "2", "hq", "_x", "7")
_PHRASE_CUTS = re.compile(r"[|,.;•\n!?]+|\s-\s")


def read_histories(data: Path) -> dict[str, History]:
    """Return each account's rows of `profiles` in order of time."""
    corpus = read([data / HISTORIES], settings=Reading())
    by_account: dict[str, list[Row]] = defaultdict(list)
    for row in corpus.profiles.to_pylist():
        by_account[row["account_id"]].append(row)
    return {
        account: sorted(rows, key=lambda r: (r["observed_at"], r["snapshot_id"]))
        for account, rows in sorted(by_account.items())
    }


def is_fit(account_id: str) -> bool:
    """Tell whether an account belongs to the half that weights are fitted on."""
    return hashlib.sha256(f"fit{account_id}".encode()).digest()[0] % 2 == 0


def as_profiles(histories: Mapping[str, History]) -> pa.Table:
    """Return all rows as one `profiles` table."""
    rows = [row for history in histories.values() for row in history]
    return PROFILES.from_rows(rows)


@dataclass(frozen=True)
class Splice:
    """A history of two users under one id, and when the second one was first seen."""

    account_id: str
    rows: tuple[Row, ...]
    seam: datetime


Camps = Mapping[str, str]


def splices(
    kind: str, histories: Mapping[str, History], camps: Camps, pool: Sequence[str], seed: int
) -> list[Splice]:
    """Return one splice for each account of the pool that has a partner."""
    chance = random.Random(seed)
    groups = {"": list(pool)}
    if kind != "easy":
        groups = defaultdict(list)
        alike = _likeness_key(histories, camps)
        for account in pool:
            groups[alike(account)].append(account)
    found = []
    for group in groups.values():
        for one in group if len(group) > 1 else ():
            other = chance.choice([account for account in group if account != one])
            found.append(_spliced(kind, one, histories[one], histories[other], chance))
    return found


def _likeness_key(histories: Mapping[str, History], camps: Camps) -> Callable[[str], str]:
    """Camp, language and decile of how many states an account showed, as one text."""
    sizes = np.array([len(history) for history in histories.values()])
    limits = np.quantile(sizes, np.linspace(0.1, 0.9, 9))

    @cache
    def key(account: str) -> str:
        history = histories[account]
        bio = history[len(history) // 2]["bio"] or ""
        decile = int(np.searchsorted(limits, len(history)))
        return f"{camps.get(account, '')} {identify([bio])[0].lang} {decile}"

    return key


def _spliced(kind: str, one: str, a: History, b: History, chance: random.Random) -> Splice:
    first, second = _halves(a)[0], _halves(b)[1]
    gap = HARD_GAP if kind == "hard" else SEAM
    seam = first[-1]["observed_at"] + gap
    moved = seam - second[0]["observed_at"]
    own_handle = first[-1]["handle"] or ""
    handle = own_handle + (chance.choice(ENDINGS) if chance.random() < 0.5 else "")
    phrase = _phrase(first[-1]["bio"] or "", chance)
    rows = [dict(row) for row in first]
    for row in second:
        changed = row | {"account_id": one, "observed_at": row["observed_at"] + moved}
        if kind == "hard":
            changed |= {"handle": handle, "bio": _with_phrase(phrase, row["bio"])}
        rows.append(changed)
    named = [row | {"snapshot_id": content_id(one, str(at))} for at, row in enumerate(rows)]
    return Splice(one, tuple(named), seam)


def _halves(history: History) -> tuple[list[Row], list[Row]]:
    """Cut at the middle of the time seen; both sides hold the state that stood there."""
    begin, end = history[0]["observed_at"], history[-1]["observed_at"]
    middle = begin + (end - begin) / 2
    first = [row for row in history if row["observed_at"] <= middle]
    held = first[-1] | {"observed_at": middle}
    return [*first, held], [held, *(row for row in history if row["observed_at"] > middle)]


def _phrase(bio: str, chance: random.Random) -> str:
    parts = [part.strip() for part in _PHRASE_CUTS.split(bio)]
    fit = [part for part in parts if 2 <= len(part.split()) <= 6]
    return chance.choice(fit) if fit else ""


def _with_phrase(phrase: str, bio: str | None) -> str | None:
    if not phrase or bio is None:
        return bio
    return f"{phrase} | {bio}" if bio else phrase


# ---- what a takeover leaves beside the profile -------------------------------------------------
# Posts of each side: more than the 20 that a language switch needs.
POSTS_A_SIDE = 40
SILENCE = timedelta(days=150)
POSTS_BEFORE, POSTS_AFTER = 5_000, 40


def with_breaks(splice: Splice) -> tuple[list[Row], list[Row]]:
    """Plant a silence and a removal of posts at the seam; return rows of profiles and of posts."""
    moved = [
        row | {"observed_at": row["observed_at"] + SILENCE}
        if row["observed_at"] >= splice.seam
        else row
        for row in splice.rows
    ]
    seam, before = splice.seam + SILENCE, splice.seam - SEAM
    rows = [
        row | {"statuses_count": POSTS_BEFORE if row["observed_at"] < seam else POSTS_AFTER}
        for row in moved
    ]
    days = [before - timedelta(days=at) for at in range(POSTS_A_SIDE, 0, -1)]
    days += [seam + timedelta(days=at) for at in range(POSTS_A_SIDE)]
    return rows, [_post(splice.account_id, at, day) for at, day in enumerate(days)]


def _post(account: str, number: int, day: datetime) -> Row:
    return {
        "post_id": f"{account}-{number}", "platform": "", "account_id": account,
        "created_at": day, "time_precision": "second", "text": f"number {number}", "kind": "post",
        "urls": [], "hashtags": [], "mentions": [], "source_file": "planted",
        "source_row": number,
    }  # fmt: skip


def as_posts(rows: Sequence[Row]) -> pa.Table:
    """Return rows as one `posts` table."""
    return POSTS.from_rows(list(rows))


def reversed_in_time(histories: Mapping[str, History]) -> dict[str, History]:
    """Return every history read backwards: what was last seen comes first.

    A state that held until the next one holds, read backwards, from the one before it.
    """
    return {account: _reversed(history) for account, history in histories.items()}


def _reversed(history: History) -> History:
    begin, end = history[0]["observed_at"], history[-1]["observed_at"]
    states = [*history[:-1], history[0]]  # the last row only says until when its state held
    until = [*(row["observed_at"] for row in history[1:]), begin]
    rows = [
        row
        | {
            "observed_at": begin + (end - held),
            "snapshot_id": content_id("back", row["account_id"], str(at)),
        }
        for at, (row, held) in enumerate(zip(states, until, strict=True))
    ]
    return sorted(rows, key=lambda row: row["observed_at"])
