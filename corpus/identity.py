"""Ids that depend on content alone, so that every run and engine gives the same ones.

In: strings. Out: hex text. No counters, no clock, no `hash()` (it changes with each process).
"""

from __future__ import annotations

import hashlib

# 16 bytes: at a billion ids the chance of one collision is about 1e-21.
ID_BYTES = 16
# Separates the parts, so that ("ab", "c") and ("a", "bc") differ; text ids cannot hold it.
_SEPARATOR = b"\x1f"


def content_id(*parts: str | int | None) -> str:
    """Return 32 hex characters that name `parts`; None and "" give different ids."""
    digest = hashlib.blake2b(digest_size=ID_BYTES)
    for part in parts:
        if part is None:
            digest.update(b"\x00")
        else:
            digest.update(str(part).encode("utf-8", "surrogatepass"))
        digest.update(_SEPARATOR)
    return digest.hexdigest()
