"""Labels for outputs that may show nobody: account_1, account_2, ..., and nothing to join them by.

In: the secret key, what output it is, the ids of a case. Out: a key of that output alone, and each
id's number in it. Numbers follow the order of keyed hashes, so they tell neither an id nor the
order of the rows; another output, another case or another key numbers anew. The same case gives
the same output the same labels, byte by byte.

Method: HMAC-SHA256 (RFC 2104) derives a key from the output's name and a digest of the case's ids;
ids are ranked by their HMAC under it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence


def key_of_output(key: bytes, output: str, ids: Iterable[str]) -> bytes:
    """Return the 32 bytes that stand for `key` in one output of the case with these ids."""
    content = hashlib.sha256()
    for one in ids:
        written = _bytes(one)
        content.update(len(written).to_bytes(8, "big") + written)
    return hmac.digest(key, b"output\x00" + _bytes(output) + content.digest(), "sha256")


def numbered(key: bytes, kinds: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    """Return (kind, id) -> `kind_number`; numbers start at 1 and are given in keyed order."""
    found: dict[tuple[str, str], str] = {}
    for kind, ids in kinds.items():
        mark = _bytes(kind) + b"\x00"
        ranked = sorted(set(ids), key=lambda one: hmac.digest(key, mark + _bytes(one), "sha256"))
        found |= {(kind, one): f"{kind}_{number}" for number, one in enumerate(ranked, 1)}
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
