"""A known JSON format as a reader: what its records look like, and what one of them says.

In: a file of JSON lines, of one JSON array, or of one document that holds arrays. Out: `Rows` whose
columns are the fields of `columns.toml` by their own names, ready for the one path of all formats.
A format is data: a test that knows its records, and a function from one record to rows (a post with
its author; further profiles seen in it; an event of an account). A page of many records is split
first, so that each record is a row of the file and answers for itself.

A record that says nothing about posts or profiles (a like, a pinned message) is a reject of its own
kind, which does not count against the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

import orjson

from corpus.errors import InputError
from corpus.readers.digging import Record, dig
from corpus.readers.files import OverlongLine, capped_lines, head, open_text, sniff_encoding
from corpus.readers.json_rows import Item, cell_text, parsed_lines, to_table
from corpus.readers.json_stream import Element, elements
from corpus.readers.mapping_files import preset_named
from corpus.readers.packed import member_of
from corpus.readers.rows import Rows
from corpus.rejects import (
    NOT_DECODABLE,
    NOT_JSON,
    NOT_OBJECT,
    NOT_OF_FORMAT,
    OTHER_RECORD,
    Reject,
    excerpt,
)

Row = dict[str, str | None]
# Under these keys a record of a document carries what stood around it, and its array's name.
AROUND, ARRAY = "\x00around", "\x00array"
_INNER = frozenset({AROUND, ARRAY})
# Records looked at to recognise a format; streams mix kinds, so one is not enough.
SNIFFED_RECORDS = 30
# Characters of lines read for that: two pages of 100 posts.
SNIFFED_CHARACTERS = 4 << 20
# Blanks before the first bracket are few.
HEAD_CHARACTERS = 1024
# A format must know this share of what was looked at; the rest may be other kinds of one stream.
ENOUGH_KNOWN = 0.5
# Above any reader that only sees JSON, below a file that states its format in so many bytes.
LEAST_SURE, SPAN = 0.91, 0.08
# Bytes that did not fit the encoding come through as these; other lone surrogates were escaped.
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


def alone(record: Record) -> Iterable[Record]:
    """A record that is not a page."""
    return (record,)


@dataclass(frozen=True)
class JsonFormat:
    """Reads one known JSON format; `name` is also the name of its mapping file.

    `knows` tells whether an object of the file is of this format, `split` gives the records of such
    an object, `unpack` the rows of a record. `arrays` are the names of those arrays of a document
    that hold records; the plain values around an array arrive in the record under `AROUND`. With
    `whole` a document that is one object is one record (a page).
    """

    name: str
    knows: Callable[[Record], bool]
    unpack: Callable[[Record], Iterable[Row]]
    split: Callable[[Record], Iterable[Record]] = alone
    arrays: tuple[str, ...] = ()
    whole: bool = False

    def sniff(self, path: Path) -> float:
        """How much of the first records is of this format."""
        known = [self.knows(record) for record in sample(path) if self._looks_at(record)]
        share = sum(known) / len(known) if known else 0.0
        return LEAST_SURE + SPAN * share if share >= ENOUGH_KNOWN else 0.0

    def _looks_at(self, record: Record) -> bool:
        array = record.get(ARRAY)
        return array is None or not array or array in self.arrays

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file. Raises InputError."""
        rejects: list[Reject] = []
        numbers = count()
        records = self._records(path, name, rejects, numbers)
        table, rows = to_table(self._unpacked(records, name, rejects))
        return Rows(table, rows, tuple(rejects), next(numbers), self.name)

    def _records(
        self, path: Path, name: str, rejects: list[Reject], numbers: Iterator[int]
    ) -> Iterator[Item]:
        """Number the records of the file and what stands in their place."""
        for found in objects_in(path, name, self):
            if isinstance(found, Reject):
                rejects.append(replace(found, row=next(numbers)))
                continue
            for record in self.split(found):
                yield next(numbers), record

    def _says_nothing(self, record: Record, name: str, number: int) -> Reject:
        """A known record that is neither post nor profile, or one of another shape."""
        if self.knows(record):
            return Reject(name, number, OTHER_RECORD, "")
        return Reject(name, number, NOT_OF_FORMAT, _shown(record))

    def _unpacked(
        self, records: Iterator[Item], name: str, rejects: list[Reject]
    ) -> Iterator[Item]:
        carried = preset_named(self.name).carry
        for number, record in records:
            rows = list(self.unpack(record))
            if not rows:
                rejects.append(self._says_nothing(record, name, number))
                continue
            rows[0] |= {path: cell_text(dig(record, path)) for path in carried}
            damage = _damage(rows)
            if damage is not None:
                rejects.append(Reject(name, number, *damage))
                continue
            for row in rows:
                yield number, row


def _shown(record: Record) -> str:
    return excerpt(str(cell_text({key: record[key] for key in record if key not in _INNER})))


def _damage(rows: Sequence[Row]) -> tuple[str, str] | None:
    """Why the texts of a record cannot be written, with how they look; None where they can."""
    text = "\n".join(cell for row in rows for cell in row.values() if cell)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return NOT_DECODABLE if _STRAY_BYTE.search(text) else NOT_JSON, excerpt(text)
    return None


# Under these keys a record of a document carries what stood around it, and its array's name.
AROUND, ARRAY = "\x00around", "\x00array"


def objects_in(path: Path, name: str, format: JsonFormat) -> Iterator[Record | Reject]:
    """The objects of a file in their order, and a reject in the place of each that is damaged."""
    if _is_lines(path, format.arrays):
        yield from _lines(path, name)
        return
    with open_text(path, sniff_encoding(path).name) as stream:
        try:
            for element in elements(stream, whole=format.whole):
                if element.array in ("", *format.arrays):
                    yield _record(element, name)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: damaged {error.encoding} text at byte {error.start}; convert it to UTF-8"
            ) from error


def _record(element: Element, name: str) -> Record | Reject:
    if element.damaged is not None:
        return Reject(name, 0, NOT_JSON, excerpt(element.damaged))
    if not isinstance(element.found, dict):
        return Reject(name, 0, NOT_OBJECT, excerpt(str(cell_text(element.found))))
    return _with_about(element)


def _with_about(element: Element) -> Record:
    return {**element.found, AROUND: dict(element.about), ARRAY: element.array}


def _lines(path: Path, name: str) -> Iterator[Record | Reject]:
    """One object a line; what could not be parsed stands in its place among them."""
    broken: list[Reject] = []
    for _, record in parsed_lines(path, name, broken, [0]):
        yield from broken
        broken.clear()
        yield record
    yield from broken


def _is_lines(path: Path, arrays: Sequence[str]) -> bool:
    """Whether each line is an object; one line that holds the arrays is a document."""
    first = _head_lines(path, *_stamp(path))
    if not first or first[0].lstrip()[:1] != "{":
        return False
    parsed = [_object(line) for line in first]
    if len(first) == 1:
        return parsed[0] is not None and not any(array in parsed[0] for array in arrays)
    # A document over several lines begins with half an object; so may a damaged file of lines.
    return parsed[0] is not None or 2 * sum(one is not None for one in parsed) > len(parsed)


def _object(line: str) -> Record | None:
    try:
        found = orjson.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def sample(path: Path) -> tuple[Record, ...]:
    """The first objects of a file, none where it holds no JSON."""
    return _sample(path, *_stamp(path))


def _stamp(path: Path) -> tuple[int, int]:
    member = member_of(path)
    about = (member.archive if member else path).stat()
    return about.st_size, about.st_mtime_ns


@lru_cache(maxsize=4)
def _sample(path: Path, size: int, changed: int) -> tuple[Record, ...]:
    lines = _head_lines(path, size, changed)
    if not lines:
        return ()
    parsed = [one for line in lines if (one := _object(line)) is not None]
    whole = parsed[:1] if len(lines) == 1 else []
    if parsed and len(lines) > 1 and _is_lines(path, ()):
        return tuple(parsed)
    with open_text(path, _quick_encoding(path)) as stream:
        found = list(islice(elements(stream), SNIFFED_RECORDS))
    inside = [_with_about(one) for one in found if isinstance(one.found, dict)]
    return (*whole, *inside)


@lru_cache(maxsize=4)
def _head_lines(path: Path, _size: int, _changed: int) -> tuple[str, ...]:
    """The first lines that are not blank, whole, up to a number of characters; none if no JSON."""
    found: list[str] = []
    held = 0
    if not _begins_like_json(path):
        return ()
    with open_text(path, _quick_encoding(path)) as stream:
        for line in capped_lines(stream, path.name):
            if isinstance(line, OverlongLine):
                break
            if line.strip("\ufeff \t\r\n"):
                found.append(line.strip("\ufeff"))
                held += len(line)
            if held > SNIFFED_CHARACTERS or len(found) >= SNIFFED_RECORDS:
                break
    return tuple(found)


def _quick_encoding(path: Path) -> str:
    """The encoding by the first bytes alone, so that sniffing does not read the whole file."""
    start = head(path, 4)
    wide = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return "utf-16" if start.startswith(wide) else "utf-8"


def _begins_like_json(path: Path) -> bool:
    text = head(path, HEAD_CHARACTERS).decode(_quick_encoding(path), "ignore")
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
