"""Words, scripts, languages, sketches and vectors of texts. Part of narrashift.

`normalize` is bound at once because its module has the same name; the others load at first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nlp.normalize import normalize

if TYPE_CHECKING:
    from nlp.embed import embedder
    from nlp.minhash import MinHasher

__all__ = ["MinHasher", "embedder", "normalize"]

_HOMES = {"MinHasher": "nlp.minhash", "embedder": "nlp.embed"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nlp' has no attribute {name!r}")
