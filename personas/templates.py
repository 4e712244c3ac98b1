"""Which accounts show bios of one template: the same words, or one frame with few words changed?

In: bios (rows of LANES), and the accounts that may be shown. Out: rows of `bio_templates`, one an
account and template. A template counts from three accounts on. Shared words say that one text was
copied, not by whom: slogans, horoscope lines and jokes travel too, so short bios take no part, and
a row is no finding by itself.

Bios are compared by MinHash (`nlp.minhash`): two belong together when the estimated Jaccard
similarity of their words and pairs of words is at least .7. Links and mentions are dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.identity import content_id
from nlp.entities import without_entities
from nlp.minhash import MinHasher, bands_for
from personas.similarity import bio_words

Row = dict[str, Any]
Array = np.ndarray[Any, Any]
# Shorter bios ("Love is love", "Proud mom of 3") are shared by chance: among 4,984 real accounts of
# one movement two templates were slogans of four to six words, and none from 8 words on.
MIN_WORDS = 8
MIN_ACCOUNTS = 3
THRESHOLD = 0.7


@dataclass(frozen=True)
class _Bio:
    """One distinct text and who showed it from when."""

    text: str
    shown: Mapping[str, tuple[datetime | None, str]]  # account -> first time, snapshot


def bio_templates(lanes: pa.Table, hidden: Collection[str] = ()) -> list[Row]:
    """Return which accounts show bios of one template; accounts in `hidden` take no part."""
    bios = _distinct(lanes, hidden)
    if len(bios) < 1:
        return []
    families = _families([bio.text for bio in bios])
    groups: dict[int, list[_Bio]] = defaultdict(list)
    for bio, family in zip(bios, families, strict=True):
        groups[family].append(bio)
    return [row for group in groups.values() for row in _rows(group)]


def _distinct(lanes: pa.Table, hidden: Collection[str]) -> list[_Bio]:
    own = lanes.filter(pc.equal(lanes["field"], "bio"))
    own = own.select(["account_id", "value", "from_at", "snapshot_id"])
    shown: dict[str, dict[str, tuple[datetime | None, str]]] = defaultdict(dict)
    keys = [(name, "ascending") for name in ("account_id", "from_at", "snapshot_id")]
    for row in own.take(pc.sort_indices(own, sort_keys=keys)).to_pylist():
        if row["account_id"] not in hidden:
            first = (row["from_at"], row["snapshot_id"])
            shown[row["value"]].setdefault(row["account_id"], first)
    long = (text for text in sorted(shown) if _word_count(text) >= MIN_WORDS)
    return [_Bio(text, shown[text]) for text in long]


def _word_count(bio: str) -> int:
    """Count different words; a list of mentions or links is no text."""
    return len(bio_words(without_entities(bio)))


def _families(texts: Sequence[str]) -> list[int]:
    """Return the family of each text: the lowest number among those it hangs together with."""
    signatures = MinHasher().signatures(texts)
    bands, rows = bands_for(THRESHOLD)
    root = list(range(len(texts)))
    for band in range(bands):
        part = np.ascontiguousarray(signatures[:, band * rows : (band + 1) * rows])
        _, codes = np.unique(part, axis=0, return_inverse=True)
        _link(codes.ravel(), signatures, root)
    return [_find(root, at) for at in range(len(texts))]


def _link(codes: Array, signatures: Array, root: list[int]) -> None:
    """Join neighbours of one band key whose signatures agree in enough places."""
    order = np.argsort(codes, kind="stable")
    same = np.flatnonzero(codes[order][1:] == codes[order][:-1])
    for at in same.tolist():
        one, two = int(order[at]), int(order[at + 1])
        if float((signatures[one] == signatures[two]).mean()) >= THRESHOLD:
            low, high = sorted((_find(root, one), _find(root, two)))
            root[high] = low


def _find(root: list[int], at: int) -> int:
    while root[at] != at:
        root[at] = root[root[at]]
        at = root[at]
    return at


def _rows(group: Sequence[_Bio]) -> list[Row]:
    accounts = sorted({account for bio in group for account in bio.shown})
    if len(accounts) < MIN_ACCOUNTS:
        return []
    template = content_id("bio template", *sorted(bio.text for bio in group))
    return [
        {
            "template_id": template,
            "account_id": account,
            "accounts": len(accounts),
            "texts": len(group),
            "quote": bio.text,
            "source_id": bio.shown[account][1],
            "first_at": bio.shown[account][0],
        }
        for account in accounts
        for bio in [_first(account, group)]
    ]


def _first(account: str, group: Sequence[_Bio]) -> _Bio:
    """The earliest text of the template that the account showed; undated ones last."""
    own = [bio for bio in group if account in bio.shown]
    return min(own, key=lambda bio: (*_when(bio.shown[account][0]), bio.text))


def _when(at: datetime | None) -> tuple[bool, float]:
    return (at is None, 0.0 if at is None else at.timestamp())
