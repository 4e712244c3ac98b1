"""Talking points, narratives and their timelines. Part of narrashift; names load at first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustering.bursts import find_bursts
    from clustering.density import NarrativeClusterer
    from clustering.index import NearDuplicateIndex
    from clustering.near_duplicates import find_near_duplicates
    from clustering.ties import account_ties

__all__ = [
    "NarrativeClusterer",
    "NearDuplicateIndex",
    "account_ties",
    "find_bursts",
    "find_near_duplicates",
]

_HOMES = {
    "account_ties": "clustering.ties",
    "NarrativeClusterer": "clustering.density",
    "NearDuplicateIndex": "clustering.index",
    "find_bursts": "clustering.bursts",
    "find_near_duplicates": "clustering.near_duplicates",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'clustering' has no attribute {name!r}")
