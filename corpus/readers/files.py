"""Open a file without trusting it: compression, encoding, and what it plainly is not.

In: a path. Out: bytes or text streams with caps, the sha256, the encoding and how it was found. It
refuses binary files and what opens to far too much with one sentence each, and never replaces a
byte it cannot decode: such bytes come through as lone surrogates, so that the row can be rejected.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from corpus.errors import EmptyCorpus, InputError, UnknownFormat
from corpus.readers.caps import MAX_ROW_CHARACTERS
from corpus.readers.packed import member_of, open_packed, packing_of

HEAD_BYTES = 64 * 1024
# Lines taken apart together: large enough that loops over blocks cost nothing.
BLOCK_BYTES = 4 * 1024 * 1024
# A line with more bytes has more characters than a row may have, in any encoding of text.
LONGEST_LINE_BYTES = 4 * MAX_ROW_CHARACTERS
# Even Persian text in UTF-16 has this share of spaces, digits, delimiters: pairs with a zero byte.
ZERO_SHARE = 0.1
# A stray NUL in a text is a row to look at, not a binary file.
MAX_CONTROLS = 2
# Windows-1252 serves Western text, where few letters lie outside ASCII; a larger share means
# another alphabet, which it would silently turn into nonsense.
MAX_WESTERN_SHARE = 0.25

_MAGIC = {
    b"PK\x03\x04": "a ZIP archive or a workbook; unpack it, or save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file; save the sheet as CSV (UTF-8)",
    b"%PDF": "a PDF; export the data as CSV or JSON",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
}
# A tar archive says so at this place of its first block.
_TAR_AT, _TAR = 257, b"ustar"
# Endings that promise a compression: one that is not there means a damaged or renamed file.
_PROMISES = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Encoding:
    """The encoding of a text file, and what was guessed about it."""

    name: str
    notes: tuple[str, ...] = ()


def open_bytes(path: Path) -> BinaryIO:
    """Open for reading, unpacked where the content is packed. Raises InputError."""
    try:
        return open_packed(path)
    except OSError as error:
        why = "is a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise InputError(f"{path}: cannot be read: {why}") from error


def head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """Return the first bytes, unpacked."""
    with open_bytes(path) as stream:
        return stream.read(size)


def sha256(path: Path) -> str:
    """Return the digest of the file as it lies on disk; of a member of an archive, of its content.

    So the same member is known again when its archive was packed anew.
    """
    digest = hashlib.sha256()
    with open_packed(path) if member_of(path) else path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def refuse_binary(path: Path) -> None:
    """Raise when the file is empty, or plainly not text or Parquet."""
    start = head(path)
    if not start:
        raise EmptyCorpus(f"{path.name} is empty (0 bytes); expected posts or profiles")
    _refuse_wrong_packing(path, start)
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise UnknownFormat(f"{path.name} is {what}")
    if start[:4] != b"PAR1" and not looks_like_text(start):
        raise UnknownFormat(
            f"{path.name} is a binary file of an unknown kind; expected CSV, TSV, JSON, NDJSON or "
            "Parquet"
        )


def _refuse_wrong_packing(path: Path, start: bytes) -> None:
    promised = _PROMISES.get(path.suffix.lower())
    if promised and member_of(path) is None:
        with path.open("rb") as raw:
            packing = packing_of(raw.read(6))
        if packing is None:
            raise UnknownFormat(
                f"{path.name} is named {path.suffix} but is not a {promised} file; rename it if it "
                "was unpacked, or fetch it again"
            )
    again = packing_of(start)
    if again is not None:
        raise UnknownFormat(f"{path.name} is packed twice ({again.name} inside); unpack it once")
    if start[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        raise UnknownFormat(f"{path.name} is a tar archive; unpack it and name the folder")


def looks_like_text(start: bytes) -> bool:
    """Whether the first bytes can be text in some encoding."""
    if any(start.startswith(bom) for bom, _ in _BOMS):
        return True
    if _bare_utf16(start):
        return True
    controls = sum(start.count(byte) for byte in range(9)) + start.count(0x7F)
    return controls <= max(MAX_CONTROLS, len(start) // 100)


def _bare_utf16(start: bytes) -> str | None:
    """UTF-16 without a mark: in names and spaces every second byte is zero, others hardly ever."""
    pairs = min(len(start), 2000) // 2
    if pairs < 4 or _ends_lines_as_bytes(start):
        return None
    even, odd = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if odd > pairs * ZERO_SHARE and odd > even * 20:
        return "utf-16-le"
    return "utf-16-be" if even > pairs * ZERO_SHARE and even > odd * 20 else None


def _ends_lines_as_bytes(start: bytes) -> bool:
    """Whether no line end has its zero byte beside it: then zeros are in the text, as NUL is.

    A first line without any zero tells the same: even foreign column names stand between ASCII.
    """
    first, end, _ = start.partition(b"\n")
    return bool(end) and (b"\0" not in first or (b"\n\0" not in start and b"\0\n" not in start))


def encoding_at_once(path: Path) -> Encoding | None:
    """The encoding where the first bytes give it away, else None."""
    start = head(path)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return Encoding(name)
    bare = _bare_utf16(start)
    if bare:
        return Encoding(bare, (f"read as {bare.upper()}, judging by its zero bytes",))
    return None


def sniff_encoding(path: Path) -> Encoding:
    """Decide the encoding from the whole file.

    UTF-8 wins when any line beyond ASCII is valid in it: then the other lines are damaged and their
    rows become rejects. Windows-1252 is read only when no such line is valid.
    """
    found = encoding_at_once(path)
    if found is not None:
        return found
    good, bad, foreign, total = _survey(path)
    if not bad:
        return Encoding("utf-8")
    if good:
        note = f"lines that are not valid UTF-8 while others are: {bad:,}; their rows are rejected"
        return Encoding("utf-8", (note,))
    if foreign > total * MAX_WESTERN_SHARE:
        raise UnknownFormat(
            f"{path.name} is not UTF-8, and its alphabet is not a Western one; convert it first, "
            "for example: iconv -f WINDOWS-1256 -t UTF-8; or name it: --encoding windows-1256"
        )
    note = (
        "not UTF-8: read as Windows-1252; if letters look wrong, name it with --encoding, or"
        " convert the file to UTF-8"
    )
    return Encoding("cp1252", (note,))


def _survey(path: Path) -> tuple[int, int, int, int]:
    """Count lines beyond ASCII that are and are not UTF-8, bytes beyond ASCII, and letters.

    Blocks that are UTF-8 as a whole count as one line: where there is one, only the others matter.
    """
    good = bad = foreign = letters = 0
    for block in line_blocks(path):
        if isinstance(block, OverlongLine):
            continue
        if block.isascii():
            letters += len(block)
            continue
        try:
            block.decode("utf-8")
            good += 1
            continue
        except UnicodeDecodeError:
            pass
        for line in block.split(b"\n"):
            if line.isascii():
                letters += len(line)
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                foreign += sum(byte > 0x7F for byte in line[:2000])
                letters += min(len(line), 2000)
    return good, bad, foreign, letters


def line_blocks(path: Path) -> Iterator[bytes | OverlongLine]:
    """Blocks of whole lines of an ASCII-compatible file, without its byte-order mark.

    A line that no cap could let pass is skipped and stands as an OverlongLine.
    """
    with open_bytes(path) as stream:
        rest, begun = b"", False
        while True:
            # The first block is small: readers look at its lines one by one for the header.
            chunk = stream.read(BLOCK_BYTES if begun else min(BLOCK_BYTES, HEAD_BYTES))
            data = rest + chunk if rest else chunk
            if not chunk:
                break
            if not begun:
                data, begun = data.removeprefix(codecs.BOM_UTF8), True
            cut = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            if cut:
                yield data[:cut]
            elif len(data) > LONGEST_LINE_BYTES:
                yield OverlongLine(data[:4000].decode("utf-8", "replace")[:1000])
                data = _after_line(stream)
            rest = data[cut:]
        if data:
            yield data


def _after_line(stream: BinaryIO) -> bytes:
    """Skip to the end of the present line; return what was read beyond it."""
    while chunk := stream.read(BLOCK_BYTES):
        ends = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        if ends:
            return chunk[min(ends) + 1 :]
    return b""


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open as text; bytes that do not decode come through as lone surrogates."""
    errors = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, errors=errors, newline="")


class OverlongLine(Exception):
    """A line beyond the cap; `args[0]` holds its beginning. Never leaves the readers."""


def capped_lines(stream: io.TextIOWrapper, name: str) -> Iterator[str | OverlongLine]:
    """Yield lines with their ends; one beyond the cap is skipped and yielded as an OverlongLine."""
    try:
        while line := stream.readline(MAX_ROW_CHARACTERS + 1):
            if len(line) <= MAX_ROW_CHARACTERS:
                yield line
                continue
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = stream.readline(MAX_ROW_CHARACTERS)
            yield OverlongLine(line[:1000])
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: damaged {error.encoding} text at byte {error.start}; convert it to UTF-8"
        ) from error
