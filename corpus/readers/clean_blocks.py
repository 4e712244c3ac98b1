"""Blocks of delimited text that every reader of CSV would take apart alike, at full speed.

In: bytes of whole lines. Out: the cells as columns, or None where a block holds anything that needs
a look of its own: a quotation mark inside a bare field or left open, a carriage return on its own,
a record of another width, a byte that is no UTF-8, a line beyond the cap. Such blocks are read
record by record (`delimited`), so nothing is lost by haste; a test compares both ways cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv

from corpus.readers.caps import MAX_ROW_CHARACTERS
from corpus.readers.files import OverlongLine

# A newline inside quotes is no end of a record. How many line ends are tried before a block is
# taken for one with a stray quotation mark: real fields hold a few dozen lines.
MAX_LINES_BACK = 200


def whole_records(blocks: Iterator[bytes | OverlongLine]) -> Iterator[bytes | OverlongLine]:
    """Move the borders of blocks so that none lies inside quotes, as far as that can be told."""
    rest = b""
    for block in blocks:
        if isinstance(block, OverlongLine):
            if rest:
                yield rest
            rest = b""
            yield block
            continue
        data = rest + block if rest else block
        cut = _border(data)
        if cut:
            yield data[:cut]
        rest = data[cut:]
    if rest:
        yield rest


def _border(data: bytes) -> int:
    """Where the last record ends, judged by the number of quotation marks before."""
    if data.count(b'"') % 2 == 0:
        return len(data)
    cut, odd = len(data), True
    for _ in range(MAX_LINES_BACK):
        before = data.rfind(b"\n", 0, cut - 1) + 1
        if not before:
            break
        odd ^= data.count(b'"', before, cut) % 2 == 1
        cut = before
        if not odd:
            return cut
    return len(data)


class CleanBlocks:
    """Takes blocks of one file apart: same delimiter, same columns."""

    def __init__(self, delimiter: str, names: tuple[str, ...]) -> None:
        places = [str(at) for at in range(len(names))]
        self._width = len(names)
        self._read = pa.csv.ReadOptions(use_threads=False, column_names=places)
        self._parse = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        self._convert = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
        )
        edge = re.escape(delimiter.encode())
        # A field in quotes from its first letter to its last; inside, quotes come in pairs.
        self._quoted = re.compile(
            b"(?:(?<=[\n" + edge + b'])|\\A)"[^"]*+(?:""[^"]*+)*+"(?=[\r\n' + edge + b"]|\\Z)"
        )

    def columns(self, block: bytes) -> list[pa.Array] | None:
        """The cells of a block by column, or None when it is not clean."""
        if len(block) > MAX_ROW_CHARACTERS or b"\0" in block:
            return None
        if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
            return None
        if b'"' in block and b'"' in self._quoted.sub(b"", block):
            return None
        read = self._read
        read.block_size = len(block) + 1
        try:
            table = pa.csv.read_csv(pa.BufferReader(block), read, self._parse, self._convert)
        except pa.ArrowInvalid:
            return None
        if table.num_columns != self._width:
            return None
        return [column.combine_chunks() for column in table.columns]
