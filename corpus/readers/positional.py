"""Delimited text whose columns count by place: the input of the coordination-network-toolkit.

In: text without a line of names. Out: `Rows` under the names that the toolkit documents; a file
with names is left to the reader of delimited text. Without names only the shape can tell: it is
taken for one when the first record and most at the beginning have the eight fields, a time in
seconds in its place, an account, and nothing but links in the last.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corpus.readers.delimited import read_delimited
from corpus.readers.dialect import NAMELESS, Dialect
from corpus.readers.files import HEAD_BYTES, head, looks_like_text
from corpus.readers.rows import Rows

NAMES = (
    "message_id",
    "user_id",
    "username",
    "repost_id",
    "reply_id",
    "message",
    "timestamp",
    "urls",
)
SNIFFED_RECORDS = 30
# Surer than delimited text (0.3), which knows nothing; below every format that states itself.
SURE = 0.6
# A damaged record among the first must not hide the others; a table of another shape has none.
ENOUGH = 0.8
# Seconds since 1970 from 2001 on, as whole numbers or with a fraction.
_SECONDS = re.compile(r"1\d{9}(?:\.\d+)?")
_LINKS = re.compile(r"(?:https?://\S+(?:\s+|$))*")


@dataclass(frozen=True)
class Positional:
    """Reads the toolkit's columns by place."""

    name: str = "positional"

    def sniff(self, path: Path) -> float:
        """Whether the records at the beginning have the toolkit's shape."""
        start = head(path)
        if not looks_like_text(start) or start.lstrip()[:1] in {b"{", b"["}:
            return 0.0
        encoding = "utf-16" if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
        text = io.StringIO(start.decode(encoding, "ignore"), newline="")
        try:
            records = [one for one in islice(csv.reader(text), SNIFFED_RECORDS + 1) if one]
        except csv.Error:
            return 0.0
        # What was looked at may end inside a record.
        whole = records[:-1] if len(start) >= HEAD_BYTES else records
        fitting = sum(map(_fits, whole))
        return SURE if whole and _fits(whole[0]) and fitting >= ENOUGH * len(whole) else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file."""
        return read_delimited(path, name, Dialect(",", NAMELESS, NAMES))


def _fits(record: list[str]) -> bool:
    if len(record) != len(NAMES):
        return False
    row = dict(zip(NAMES, record, strict=True))
    known = bool(row["message_id"].strip()) and bool(row["user_id"].strip())
    in_time = _SECONDS.fullmatch(row["timestamp"].strip()) is not None
    return known and in_time and _LINKS.fullmatch(row["urls"].strip()) is not None
