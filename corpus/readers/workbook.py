"""Workbooks (XLSX): the first sheet that holds a table, cell by cell, as text.

In: an .xlsx file. Out: `Rows` of text under the names of the header line, which may stand below a
few lines of title. A spreadsheet keeps 15 digits of a number: an id stored as a number with more
than that has lost the others and comes out in scientific notation, so that it is rejected, never
guessed. Dates are read as dates and have no zone. Formulas are not computed; what was last shown
counts. Nothing but cells is looked at: no macros, links, pictures or hidden parts of the package.

Source of the cell rules: ECMA-376 part 1, 18.3 and 18.17; openpyxl reads the parts.
"""

from __future__ import annotations

import datetime
import warnings
import zipfile
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from corpus.errors import InputError, MissingDependency, UnknownFormat
from corpus.readers.caps import MAX_RATIO, MAX_ROW_CHARACTERS, RATIO_FLOOR_BYTES
from corpus.readers.cells import SPREADSHEET_DIGITS
from corpus.readers.columns import known_names
from corpus.readers.dialect import MAX_PREAMBLE, unique_names
from corpus.readers.files import head
from corpus.readers.packed import ZIP_MAGIC, open_seekable
from corpus.readers.rows import BATCH_ROWS, Rows, text_table
from corpus.rejects import NOT_DECODABLE, TOO_LONG, Reject, excerpt

FORMAT = "xlsx"
# The part of the package that makes it a workbook.
_BOOK = "xl/workbook.xml"
# All texts of a workbook are held at once; this is some ten million short posts.
MAX_PART_BYTES = 1 << 30
# A sheet of one column and one row is a note, not a table.
LEAST_COLUMNS = 1


@dataclass(frozen=True)
class Workbook:
    """Reads the first table of a workbook."""

    name: str = FORMAT

    def sniff(self, path: Path) -> float:
        """A ZIP package with a workbook in it."""
        return 0.99 if is_workbook(path) else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file.

        Raises
        ------
        MissingDependency
            Without openpyxl.
        InputError
            When the package is damaged or opens to far more than a table would.
        """
        with open_seekable(path) as stream:
            _refuse_bomb(stream, name)
            return _read(stream, name)


def is_workbook(path: Path) -> bool:
    """Whether the content is a workbook; never raises for a damaged one."""
    if head(path, 4) != ZIP_MAGIC:
        return False
    try:
        with open_seekable(path) as stream, zipfile.ZipFile(stream) as package:
            return _BOOK in package.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def _refuse_bomb(stream: BinaryIO, name: str) -> None:
    try:
        with zipfile.ZipFile(stream) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{name}: damaged workbook ({error})") from error
    packed = sum(part.compress_size for part in parts)
    whole = sum(part.file_size for part in parts)
    if whole > max(RATIO_FLOOR_BYTES, packed * MAX_RATIO) or whole > MAX_PART_BYTES:
        raise InputError(
            f"{name}: opens to {whole >> 20:,} MB, which no sheet of posts does; save the sheet as "
            "CSV (UTF-8) if you trust it"
        )
    stream.seek(0)


def _read(stream: BinaryIO, name: str) -> Rows:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        line = 'pip install "narrashift[xlsx]"'
        raise MissingDependency("reading a workbook (.xlsx)", line) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles and extensions, which are not read
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            sheets = [(sheet.title, sheet) for sheet in book.worksheets]
            return _first_table(sheets, name)
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on damage
        raise InputError(
            f"{name}: damaged workbook ({type(error).__name__}); save the sheet as CSV (UTF-8)"
        ) from error


def _first_table(sheets: list[tuple[str, Any]], name: str) -> Rows:
    passed = []
    for title, sheet in sheets:
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        rows = sheet.iter_rows(values_only=True)
        top = list(islice(rows, MAX_PREAMBLE + 1))
        header = _header(top)
        if header is None:
            passed.append(title)
            continue
        notes = _notes(len(passed), len(sheets), header)
        reading = _Reading(
            name, unique_names([_text(cell) or "" for cell in _trimmed(top[header])])
        )
        for cells in chain(top[header + 1 :], rows):
            reading.take(cells)
        return reading.result(notes)
    raise UnknownFormat(f"{name}: no sheet holds a line of column names; expected them on top")


def _notes(place: int, sheets: int, header: int) -> tuple[str, ...]:
    notes = []
    if sheets > 1:
        notes.append(
            f"sheet {place + 1} of {sheets} was read, the first that holds a table; save others as "
            "files of their own"
        )
    if header:
        notes.append(f"{header} lines above the header were skipped")
    return tuple(notes)


def _trimmed(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the empty cells at the end."""
    last = max((at for at, cell in enumerate(cells) if cell not in (None, "")), default=-1)
    return cells[: last + 1]


def _header(top: list[tuple[Any, ...]]) -> int | None:
    """The line with most known names; without any, the first one in which all cells are texts."""
    named = [(_known(cells), -at) for at, cells in enumerate(top)]
    best = max(named, default=(0, 0))
    if best[0]:
        return -best[1]
    for at, cells in enumerate(top):
        filled = _trimmed(cells)
        if len(filled) > LEAST_COLUMNS and all(isinstance(cell, str) for cell in filled):
            return at
    return None


def _known(cells: tuple[Any, ...]) -> int:
    return len(known_names([cell for cell in cells if isinstance(cell, str)]))


def _text(cell: Any) -> str | None:
    """One cell as text; a number beyond what a spreadsheet keeps shows that it is."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _number(cell: int | float) -> str:
    """Whole numbers as digits; one beyond 15 digits that a spreadsheet rounded, as it is: rounded.

    A program that writes workbooks may have kept all digits; such a number is whole.
    """
    if isinstance(cell, float) and not cell.is_integer():
        return repr(cell)
    digits = str(abs(int(cell)))
    rounded = not digits[SPREADSHEET_DIGITS:].strip("0")
    if len(digits) > SPREADSHEET_DIGITS and (isinstance(cell, float) or rounded):
        return f"{cell:.14E}"
    return str(int(cell))


@dataclass
class _Reading:
    """The state of one pass over a sheet."""

    name: str
    names: tuple[str, ...]
    row: int = 0
    rejects: list[Reject] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    pending: list[list[str | None]] = field(default_factory=list)
    batches: list[list[pa.Array]] = field(default_factory=list)

    def take(self, cells: tuple[Any, ...]) -> None:
        """Take one line; lines of empty cells are no rows."""
        filled = _trimmed(cells)
        if not filled:
            return
        texts = [_text(cell) for cell in filled[: len(self.names)]]
        reason = _reason(texts)
        if reason:
            shown = " | ".join(text or "" for text in texts)
            self.rejects.append(Reject(self.name, self.row, reason, excerpt(shown)))
        else:
            self.pending.append([*texts, *[None] * (len(self.names) - len(texts))])
            self.numbers.append(self.row)
        self.row += 1
        if len(self.pending) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self.pending:
            columns = zip(*self.pending, strict=True)
            self.batches.append([pa.array(cells, pa.string()) for cells in columns])
            self.pending = []

    def result(self, notes: tuple[str, ...]) -> Rows:
        """Everything read."""
        self._flush()
        table = text_table(list(self.names), self.batches)
        numbers = np.array(self.numbers, dtype=np.int64)
        return Rows(table, numbers, tuple(self.rejects), self.row, FORMAT, notes)


def _reason(texts: list[str | None]) -> str | None:
    held = sum(len(text) for text in texts if text)
    if held > MAX_ROW_CHARACTERS:
        return TOO_LONG
    try:
        "\n".join(text for text in texts if text).encode("utf-8")
    except UnicodeEncodeError:
        return NOT_DECODABLE
    return None
