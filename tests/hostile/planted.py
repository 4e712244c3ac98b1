"""A corpus in which everything that an account may write attacks somebody.

Each account carries one payload of `payloads.toml` in every place it controls. Every id, handle and
name holds a mark of letters and digits that stands nowhere else, so that a leak is found whatever
an output makes of the rest.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLOGANS = (
    "The Harbor Union summit in Velmora is paid for by foreign money and must be stopped",
    "نشست بندرگاه در ولمورا با پول بیگانه برگزار می‌شود و باید متوقف شود همین امروز",
)
CHATTER = (
    "made soup for dinner and the whole street came to ask what smelled so good, evening {}",
    "the tram on line seven is late again and nobody at the stop is surprised, day {}",
    "finally finished reading the long book about lighthouses, page {}",
)
KEPT = "<img src=x onerror=window.hit=990> =1+1"
LONG_NAME = 100_000
LONE = "lone\ud800surrogate"


def payloads() -> list[str]:
    """Every payload, numbered, in the order of the file."""
    text = Path(__file__).with_name("payloads.toml").read_text(encoding="utf-8")
    every = [payload for group in tomllib.loads(text).values() for payload in group]
    return [payload.replace("{n}", str(number)) for number, payload in enumerate(every, 1)]


def account(n: int) -> str:
    return f"acct{n:03d}qz{payloads_at(n)[:40]}".strip()


def handle(n: int) -> str:
    return f"hndl{n:03d}qz{payloads_at(n)[:40]}"


def name(n: int) -> str:
    return f"Nama{n:03d}qz {payloads_at(n)}"


def post(n: int, turn: int) -> str:
    return f"post{n:03d}qz{turn}{payloads_at(n)[:40]}".strip()


_EVERY = payloads()


def payloads_at(n: int) -> str:
    return _EVERY[n]


def marks() -> list[str]:
    """What no pseudonymized output may hold, in lower case."""
    kinds = ("acct", "hndl", "nama", "post")
    return [f"{kind}{n:03d}qz" for kind in kinds for n in range(len(_EVERY))]


@dataclass(frozen=True)
class Files:
    """The corpus on disk."""

    posts: Path
    profiles: Path
    texts: dict[str, str]
    """Post id -> text as written, of rows that are valid."""


def write(folder: Path) -> Files:
    """Write posts and profiles as JSON lines; rows that are no Unicode are among them."""
    rows = [row for n in range(len(_EVERY)) for row in _posts(n)]
    texts = {str(row["id"]): str(row["text"]) for row in rows}
    broken = {**rows[0], "id": "broken-qz", "text": LONE}
    posts = _lines(folder / _hostile_name(), [*rows, broken])
    snapshots = [row for n in range(len(_EVERY)) for row in _snapshots(n)]
    return Files(posts, _lines(folder / "profiles.jsonl", snapshots), texts)


def _hostile_name() -> str:
    """A name that turns around and opens a tag; Windows takes neither < nor >."""
    tag = "" if os.name == "nt" else "<img src=x onerror=window.hit=991>"
    return f"posts\u202egnp.{tag}hndl001qz_again.jsonl"


def _posts(n: int) -> list[dict[str, Any]]:
    payload, other = payloads_at(n), (n + 7) % len(_EVERY)
    texts = [
        f"{SLOGANS[n % 2]} {payload}",
        payload,
        f"{CHATTER[n % 3].format(n)} {payload} #{payload.split()[0]}",
        f"{CHATTER[(n + 1) % 3].format(n)} @hndl{other:03d}qz see"
        f" https://twitter.com/hndl{other:03d}qz/status/post{other:03d}qz0",
        SLOGANS[n % 2],
    ]
    return [
        {
            "id": post(n, turn),
            "account_id": account(n),
            "handle": handle(n),
            "created_at": f"2020-07-{10 + turn:02d}T{n % 24:02d}:{n % 60:02d}:00Z",
            "text": text,
            "url": payload if turn == 1 else f"https://x.com/hndl{n:03d}qz/status/post{n:03d}qz",
            "lang": payload[:5] if turn == 2 else "en",
            KEPT: payload if turn else account(n),
        }
        for turn, text in enumerate(texts)
    ]


def _snapshots(n: int) -> list[dict[str, Any]]:
    payload = payloads_at(n)
    camps = ("monarchist", "monarchist", "communist", "communist")
    shown = name(n) if n else "Nama000qz " + "x" * LONG_NAME
    return [
        {
            "account_id": account(n),
            "observed_at": f"2020-{5 + turn:02d}-20T00:00:00Z",
            "handle": handle(n) if turn < 3 else f"hndl{n:03d}qz_again",
            "display_name": shown,
            "bio": f"{camp}. engineer. {payload} tea and long walks",
            "location": payload,
            "profile_url": payload,
        }
        for turn, camp in enumerate(camps)
    ]


def _lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    written = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    path.write_text(written, encoding="utf-8", newline="\n")
    return path
