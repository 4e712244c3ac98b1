"""CSV, TSV and their relatives, plain or gzip.

In: a text file with a header. Out: `Rows` of text. Encoding, delimiter and lines above the header
are sniffed. A record with too few or too many fields is a reject, and when it ran over several
lines (a quote that nobody closed) only its first line is lost: the others are read again. A byte
that does not fit the encoding costs its row, never a replacement character.
"""

from __future__ import annotations

import csv
import io
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.errors import UnknownFormat
from corpus.readers.caps import MAX_ROW_CHARACTERS
from corpus.readers.clean_blocks import CleanBlocks, whole_records
from corpus.readers.dialect import Dialect, sniff_dialect
from corpus.readers.files import (
    Encoding,
    OverlongLine,
    capped_lines,
    head,
    line_blocks,
    looks_like_text,
    open_text,
    sniff_encoding,
)
from corpus.readers.rows import BATCH_ROWS, Rows, text_batch, text_table
from corpus.rejects import NOT_DECODABLE, OPEN_QUOTE, TOO_LONG, WRONG_FIELDS, Reject, excerpt

SNIFF_LINES = 200
# A quotation mark that some programs (PHP) do not double.
ODD_QUOTE = '\\"'
Numbers = np.ndarray[Any, np.dtype[np.int64]]
# csv keeps its field limit in one process-wide variable; two readers must not fight over it.
_LIMIT_LOCK = threading.Lock()


@dataclass(frozen=True)
class Delimited:
    """Reads any delimited text with a header line; what is not stated is found by looking."""

    name: str = "delimited"
    encoding: str | None = None
    delimiter: str | None = None

    def sniff(self, path: Path) -> float:
        """Anything that can be text may be delimited; more specific readers score higher."""
        return 0.3 if looks_like_text(head(path)) else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file. Raises UnknownFormat when it has no header."""
        encoding = Encoding(self.encoding) if self.encoding else sniff_encoding(path)
        dialect = _dialect(path, encoding.name, name, self.delimiter)
        return read_delimited(path, name, dialect, encoding)


def read_delimited(
    path: Path, name: str, dialect: Dialect | None = None, encoding: Encoding | None = None
) -> Rows:
    """Read delimited text, built as `dialect` says or as its first lines show.

    Raises UnknownFormat when no dialect is given and no header is found.
    """
    encoding = encoding or sniff_encoding(path)
    reading = _Reading(name, dialect or _dialect(path, encoding.name, name))
    with _LIMIT_LOCK:
        before = csv.field_size_limit(MAX_ROW_CHARACTERS)
        try:
            reading.run(_pieces(path, encoding.name, name))
        finally:
            csv.field_size_limit(before)
    return reading.result(encoding)


def _dialect(path: Path, encoding: str, name: str, delimiter: str | None = None) -> Dialect:
    with open_text(path, encoding) as stream:
        sample = list(islice(capped_lines(stream, name), SNIFF_LINES))
    lines = [line for line in sample if isinstance(line, str)]
    dialect = sniff_dialect(lines) if delimiter is None else sniff_dialect(lines, (delimiter,))
    if dialect is None:
        raise UnknownFormat(f"{name} holds no header line; expected column names on top")
    return dialect


Piece = bytes | Iterator[str | OverlongLine]


def _pieces(path: Path, encoding: str, name: str) -> Iterator[Piece]:
    """The file as blocks of bytes where it is UTF-8, else as one run of lines."""
    if encoding not in {"utf-8", "utf-8-sig"}:
        with open_text(path, encoding) as stream:
            yield capped_lines(stream, name)
        return
    for block in whole_records(line_blocks(path)):
        yield iter([block]) if isinstance(block, OverlongLine) else block


def _lines_of(piece: Piece, name: str) -> Iterator[str | OverlongLine]:
    if not isinstance(piece, bytes):
        return piece
    stream = io.TextIOWrapper(io.BytesIO(piece), "utf-8", "surrogateescape", newline="")
    return capped_lines(stream, name)


class _Lines:
    """The line source of csv.reader; keeps a record's lines, so that they can be given back.

    It draws further pieces while a record runs on, and says when the drawn ones are used up.
    """

    def __init__(self, pieces: Iterator[Piece], name: str) -> None:
        self._pieces, self._name = pieces, name
        self._lines: Iterator[str | OverlongLine] = iter(())
        self._again: deque[str] = deque()
        self._ahead: str | OverlongLine | None = None
        self.current: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._next()
        if isinstance(line, OverlongLine):
            raise line
        self.current.append(line)
        return line

    def _next(self) -> str | OverlongLine:
        if self._again:
            return self._again.popleft()
        if self._ahead is not None:
            line, self._ahead = self._ahead, None
            return line
        while True:
            for line in self._lines:
                return line
            self._lines = _lines_of(next(self._pieces), self._name)

    def next_piece(self) -> bytes | None:
        """The next block when no line of an earlier one is left; its lines else come one by one."""
        if self._again or self._ahead is not None:
            return None
        self._ahead = next(self._lines, None)
        if self._ahead is not None:
            return None
        piece = next(self._pieces, None)
        if isinstance(piece, bytes):
            return piece
        if piece is not None:
            self._lines = piece
        return None

    def take_back(self, piece: bytes) -> None:
        """Let the lines of a block come one by one."""
        self._lines = _lines_of(piece, self._name)

    def give_back_all_but_first(self) -> None:
        self._again.extendleft(reversed(self.current[1:]))


@dataclass
class _Reading:
    """The state of one pass over a file."""

    name: str
    dialect: Dialect
    row: int = 0
    rejects: list[Reject] = field(default_factory=list)
    batches: list[pa.Table] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)
    pending: list[list[str]] = field(default_factory=list)
    pending_numbers: list[int] = field(default_factory=list)

    def run(self, pieces: Iterator[Piece]) -> None:
        lines = _Lines(pieces, self.name)
        records = csv.reader(lines, delimiter=self.dialect.delimiter)
        for _ in range(self.dialect.preamble + 1):
            next(records, None)
        fast = CleanBlocks(self.dialect.delimiter, self.dialect.names)
        # A loop over records: csv.reader is one, and every record must be counted.
        while True:
            block = lines.next_piece()
            if block is not None:
                columns = fast.columns(block)
                if columns is not None:
                    self._take_block(columns)
                    continue
                lines.take_back(block)
            lines.current = []
            try:
                record = next(records)
            except StopIteration:
                break
            except OverlongLine as long:
                self._reject(TOO_LONG, str(long.args[0]))
                continue
            except csv.Error:
                self._reject_lines(TOO_LONG, lines)
                continue
            if record:
                self._take(record, lines)
        self._flush()

    def _take_block(self, columns: list[pa.Array]) -> None:
        self._flush()
        count = len(columns[0])
        self.batches.append(text_batch(list(self.dialect.names), columns))
        self.numbers.append(np.arange(self.row, self.row + count, dtype=np.int64))
        self.row += count

    def _take(self, record: list[str], lines: _Lines) -> None:
        delimiter, width = self.dialect.delimiter, len(self.dialect.names)
        quoted_oddly = any(ODD_QUOTE in line for line in lines.current)
        if (len(lines.current) > 1 or quoted_oddly) and not _well_quoted(lines.current, delimiter):
            again = _backslash_quoted(lines.current, delimiter) if quoted_oddly else []
            if len(again) == width:
                record = again
            elif len(lines.current) > 1 and len(record) == width:
                self._reject_lines(OPEN_QUOTE, lines)
                return
        if len(record) != width:
            self._reject_lines(WRONG_FIELDS, lines)
            return
        self.pending.append(record)
        self.pending_numbers.append(self.row)
        self.row += 1
        if len(self.pending) >= BATCH_ROWS:
            self._flush()

    def _reject(self, reason: str, text: str) -> None:
        self.rejects.append(Reject(self.name, self.row, reason, excerpt(text.rstrip("\r\n"))))
        self.row += 1

    def _reject_lines(self, reason: str, lines: _Lines) -> None:
        self._reject(reason, lines.current[0] if lines.current else "")
        lines.give_back_all_but_first()

    def _flush(self) -> None:
        if not self.pending:
            return
        try:
            arrays = _columns(self.pending)
        except UnicodeEncodeError:
            self._drop_undecodable()
            arrays = _columns(self.pending)
        if arrays:
            self.batches.append(text_batch(list(self.dialect.names), arrays))
            self.numbers.append(np.array(self.pending_numbers, dtype=np.int64))
        self.pending, self.pending_numbers = [], []

    def _drop_undecodable(self) -> None:
        """Lone surrogates stand for bytes that did not fit: their rows become rejects."""
        kept, numbers = [], []
        for record, number in zip(self.pending, self.pending_numbers, strict=True):
            text = self.dialect.delimiter.join(record)
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                self.rejects.append(Reject(self.name, number, NOT_DECODABLE, excerpt(text)))
            else:
                kept.append(record)
                numbers.append(number)
        self.pending, self.pending_numbers = kept, numbers

    def result(self, encoding: Encoding) -> Rows:
        notes = encoding.notes
        if self.dialect.preamble > 0:
            notes = (*notes, f"{self.dialect.preamble} lines above the header were skipped")
        names = list(self.dialect.names)
        table = pa.concat_tables([text_table(names, []), *self.batches])
        numbers = np.concatenate([np.zeros(0, dtype=np.int64), *self.numbers])
        looks = (("encoding", encoding.name), ("delimiter", self.dialect.delimiter))
        return Rows(table, numbers, tuple(self.rejects), self.row, "delimited", notes, looks)


def _well_quoted(lines: list[str], delimiter: str) -> bool:
    """Whether a record over several lines closes its quotes where a field ends.

    One quote that nobody closed can swallow whole rows and still give the usual number of fields.
    """
    try:
        return sum(1 for _ in csv.reader(lines, delimiter=delimiter, strict=True)) == 1
    except csv.Error:
        return False


def _backslash_quoted(lines: list[str], delimiter: str) -> list[str]:
    """The fields of a record whose quotes after a backslash were not doubled, none if it is none.

    PHP writes CSV so: the backslash guards the quotation mark and stays in the text.
    """
    doubled = [line.replace(ODD_QUOTE, ODD_QUOTE + '"') for line in lines]
    try:
        records = list(csv.reader(doubled, delimiter=delimiter, strict=True))
    except csv.Error:
        return []
    return records[0] if len(records) == 1 else []


def _columns(records: list[list[str]]) -> list[pa.Array]:
    return [pa.array(cells, pa.string()) for cells in zip(*records, strict=True)]
