"""What is fuzzed, and what must hold for any bytes: one clear error, or every row accounted for.

    delimited json histories parquet packed any    a file of these bytes, read to the end
    x_api_v1 telegram_desktop mastodon ...          the same as one known format, and understood
    workbook                                        these bytes as the sheet of a workbook
    claims normalize lists times                    a text, or a cell, taken apart

In: bytes. Out: nothing; a broken promise raises AssertionError, a crash whatever it raises. Bytes
that take longer or more memory than they are worth are for benchmarks/resource_attacks.py.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pyarrow as pa

from corpus.errors import NarrashiftError
from corpus.progress import Silent
from corpus.readers.columnar import Columnar
from corpus.readers.delimited import Delimited
from corpus.readers.entities import PATTERNS, find, parse_list
from corpus.readers.histories import Histories
from corpus.readers.json_formats import JsonFormat
from corpus.readers.json_rows import JsonRows
from corpus.readers.load import BUILT_IN, Corpus, Source, assemble, read_any
from corpus.readers.rows import Reader, Rows
from corpus.readers.workbook import Workbook
from corpus.settings import Reading
from corpus.times import parse_times
from nlp.normalize import normalize, normalize_one
from personas import extract_claims

_FOLDER = Path(tempfile.mkdtemp(prefix="narrashift-fuzz-", dir=os.environ.get("FUZZ_FOLDER")))


def _file(data: bytes, ending: str) -> Path:
    path = _FOLDER / f"posts{ending}"
    path.write_bytes(data)
    return path


def _sentence(error: NarrashiftError) -> None:
    said = str(error)
    assert said, error
    said.encode("utf-8")


def whole(data: bytes, ending: str) -> None:
    """Read as the command does: rows read are rows kept and rows rejected."""
    _holds(lambda: read_any([_file(data, ending)]))


def _holds(made: Callable[[], Corpus]) -> None:
    try:
        corpus = made()
    except NarrashiftError as error:
        _sentence(error)
        return
    for report in corpus.files:
        assert report.rows_kept >= 0, report
        assert report.rows_read == report.rows_kept + sum(report.rejected.values()), report
    assert len(corpus.rejects) == sum(sum(f.rejected.values()) for f in corpus.files)
    for reject in corpus.rejects:
        assert reject.reason, reject
        (reject.file + reject.reason + reject.excerpt).encode("utf-8")


def reads(reader: Reader, ending: str) -> Callable[[bytes], None]:
    """One reader on its own: each row of the file is in the table or a reject, once."""

    def target(data: bytes) -> None:
        path = _file(data, ending)
        try:
            reader.sniff(path)
            rows = reader.rows(path, path.name)
        except NarrashiftError as error:
            _sentence(error)
            return
        _each_row_once(rows)

    return target


def _each_row_once(rows: Rows) -> None:
    kept = set(rows.source_row.tolist())
    rejected = [reject.row for reject in rows.rejects]
    assert len(rejected) == len(set(rejected)), rejected
    assert not kept & set(rejected), kept & set(rejected)
    assert kept | set(rejected) == set(range(rows.rows_read)), (rows.rows_read, rejected)
    rows.table.validate(full=True)


def understands(reader: Reader, ending: str) -> Callable[[bytes], None]:
    """A reader of a known format, whatever the bytes look like, and what its rows mean."""

    def target(data: bytes) -> None:
        path = _file(data, ending)
        try:
            reader.sniff(path)
            rows = reader.rows(path, path.name)
        except NarrashiftError as error:
            _sentence(error)
            return
        _each_row_once(rows)
        for zone in ("UTC", None):
            source, settings = Source(path.name, "", rows), Reading(timezone=zone)
            _holds(partial(assemble, [source], settings, Silent()))

    return target


_SHEET = "xl/worksheets/sheet1.xml"


@cache
def _package() -> dict[str, bytes]:
    """The parts of an empty workbook."""
    from openpyxl import Workbook as Empty

    out = io.BytesIO()
    Empty().save(out)
    with zipfile.ZipFile(out) as package:
        return {name: package.read(name) for name in package.namelist()}


def workbook(data: bytes) -> None:
    """Bytes as the one sheet of a package; as the package itself where they begin like one."""
    if not data.startswith(b"PK"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for name, part in (_package() | {_SHEET: data}).items():
                package.writestr(name, part)
        data = out.getvalue()
    understands(Workbook(), ".xlsx")(data)


def claims(data: bytes) -> None:
    """Every quote of a claim stands in the text, at its place."""
    text = data.decode("utf-8", "replace")
    for row in extract_claims([text]).to_dict("records"):
        assert text[row["start"] : row["end"]] == row["quote"], row


def normalizes(data: bytes) -> None:
    """One text and a column of them have the same form, and that form has itself."""
    text = data.decode("utf-8", "replace")
    one = normalize_one(text)
    assert normalize([text]) == [one]
    one.encode("utf-8")


def lists(data: bytes) -> None:
    """A cell that states a list gives names that can be written down."""
    text = data.decode("utf-8", "replace")
    column = pa.chunked_array([pa.array([text], pa.string())])
    for field in PATTERNS:
        for name in parse_list(field, text) or []:
            name.encode("utf-8")
        find(field, column).validate(full=True)


def times(data: bytes) -> None:
    """Cells are times, blank or marked as unreadable; never silently lost."""
    cells = data.decode("utf-8", "replace").split("\n")
    column = pa.chunked_array([pa.array(cells, pa.string())])
    found = parse_times(column, timezone="UTC", date_order="auto")
    assert len(found.values) == len(found.unreadable) == len(cells)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "delimited": reads(Delimited(), ".csv"),
    "json": reads(JsonRows(), ".json"),
    "histories": reads(Histories(), ".jsonl"),
    "parquet": reads(Columnar(), ".parquet"),
    "packed": lambda data: whole(data, ".zip"),
    "any": lambda data: whole(data, ""),
    **{
        reader.name: understands(reader, ".json")
        for reader in BUILT_IN
        if isinstance(reader, JsonFormat)
    },
    "workbook": workbook,
    "claims": claims,
    "normalize": normalizes,
    "lists": lists,
    "times": times,
}
