"""Open what is packed as a stream: gzip, bzip2, xz, zstd, and the members of ZIP archives.

In: a path, or the path of a member written `folder/archive.zip!/member.csv`. Out: a stream of the
unpacked bytes that ends with one sentence where it opens to far more than any text would, where it
is damaged, or where it is encrypted. Memory does not depend on the size: nothing is unpacked to
disk, except that `open_seekable` puts what must be read out of order into an unnamed temporary
file. Content decides, never the name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import zstandard

from corpus.errors import InputError, UnknownFormat
from corpus.readers.caps import (
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_ZSTD_WINDOW,
    RATIO_FLOOR_BYTES,
)

BUFFER_BYTES = 64 * 1024
# What stands between an archive and its member in a name, as in archive.zip!/member.csv.
MARK = "!"
ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
# Workbooks and documents are ZIP files too; this member makes one of them.
_OFFICE = "[Content_Types].xml"

_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zstandard.ZstdError)


# A packed byte of zstd may stand for 32 KiB; so little is fed at once that 32 MiB can come out.
_ZSTD_FEED = 1024


class _Zstd:
    """A zstd stream of any number of frames; one cut off within a frame is an error.

    The library's own stream reader takes the end of the file for the end of the data.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
        self._frame = self._unpacker.decompressobj()
        self._fed = False
        self._out = io.BytesIO()

    def read(self, size: int) -> bytes:
        while not (block := self._out.read(size)):
            packed = self._next()
            if not packed:
                return b""
            self._out = io.BytesIO(self._frame.decompress(packed))
            self._fed = True
        return block

    def _next(self) -> bytes:
        packed = self._raw.read(_ZSTD_FEED)
        if self._frame.eof:
            packed = self._frame.unused_data + packed
            self._frame, self._fed = self._unpacker.decompressobj(), False
        elif not packed and self._fed:
            raise EOFError("it ends within a frame")
        return packed

    def close(self) -> None:
        self._out.close()


@dataclass(frozen=True)
class Packing:
    """One way to compress a stream: its name, how it begins, how it is opened."""

    name: str
    magic: bytes
    open: Callable[[BinaryIO], Any]


PACKINGS = (
    Packing("gzip", b"\x1f\x8b", lambda raw: gzip.GzipFile(fileobj=raw, mode="rb")),
    Packing("zstd", b"\x28\xb5\x2f\xfd", _Zstd),
    Packing("bzip2", b"BZh", bz2.BZ2File),
    Packing("xz", b"\xfd7zXZ\x00", lzma.LZMAFile),
)


def packing_of(start: bytes) -> Packing | None:
    """The compression that the first bytes of a file tell, if any."""
    return next((packing for packing in PACKINGS if start.startswith(packing.magic)), None)


class _Capped(io.RawIOBase):
    """An unpacked stream that stops when it opens to far more than any text would."""

    def __init__(self, stream: Any, raw: BinaryIO, name: str, kind: str, packed: int) -> None:
        self._stream, self._raw, self._name, self._kind = stream, raw, name, kind
        self._limit = min(MAX_MEMBER_BYTES, max(RATIO_FLOOR_BYTES, packed * MAX_RATIO))
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            block = self._stream.read(len(buffer))
        except _DAMAGE as error:
            raise InputError(f"{self._name}: damaged {self._kind} file ({error})") from error
        self._read += len(block)
        if self._read > self._limit:
            raise InputError(too_much(self._name))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._raw.close()
            super().close()


def too_much(name: str) -> str:
    """The sentence on a file that opens to more than a text would."""
    return (
        f"{name}: opens to more than {MAX_RATIO} times its size, which no text does; unpack it "
        "yourself if you trust it"
    )


@dataclass(frozen=True)
class Member:
    """One file inside a ZIP archive."""

    archive: Path
    name: str


def member_of(path: Path) -> Member | None:
    """The archive and member that `path` names, or None for an ordinary path."""
    if MARK not in str(path):
        return None
    parts = path.parts
    for at, part in enumerate(parts[:-1]):
        archive = Path(*parts[:at], part.removesuffix(MARK))
        if part.endswith(MARK) and archive.is_file():
            return Member(archive, PurePosixPath(*parts[at + 1 :]).as_posix())
    return None


def member_path(archive: Path, name: str) -> Path:
    """The path under which a member is opened."""
    return archive.with_name(archive.name + MARK) / PurePosixPath(name)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive of files, not a workbook or a document."""
    if member_of(path) is not None:
        return False
    with path.open("rb") as raw:
        if raw.read(4) not in {ZIP_MAGIC, _EMPTY_ZIP}:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return _OFFICE not in archive.namelist()
    except (*_DAMAGE, NotImplementedError, ValueError, IndexError, struct.error):
        return True


def members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files in a ZIP archive by name, in the order of their names.

    Raises
    ------
    InputError
        When the archive is damaged, holds too much, holds a name twice or a name that leads out of
        it, or is encrypted.
    """
    about = path.stat()
    return _members(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=8)
def _members(path: Path, size: int, _changed: int) -> dict[str, zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = [one for one in archive.infolist() if not one.filename.endswith("/")]
    except (*_DAMAGE, NotImplementedError, ValueError, IndexError, struct.error) as error:
        raise UnknownFormat(f"{path.name}: damaged ZIP archive ({error})") from error
    if len(found) > MAX_MEMBERS:
        raise InputError(
            f"{path.name}: holds {len(found):,} files, more than {MAX_MEMBERS:,}; unpack it and "
            "name the folder"
        )
    _refuse_bomb(path.name, size, found)
    named: dict[str, zipfile.ZipInfo] = {}
    for info in found:
        name = _safe_name(path.name, info)
        if name in named:
            raise InputError(f"{path.name}: holds two files called {name!r}; unpack it yourself")
        named[name] = info
    return dict(sorted(named.items()))


def _refuse_bomb(archive: str, size: int, found: list[zipfile.ZipInfo]) -> None:
    """Judge by what the archive says of itself; `_Capped` judges by what comes out."""
    for info in found:
        if info.file_size > max(RATIO_FLOOR_BYTES, info.compress_size * MAX_RATIO):
            raise InputError(too_much(f"{archive}!/{info.filename[:100]}"))
        if info.file_size > MAX_MEMBER_BYTES:
            raise InputError(
                f"{archive}!/{info.filename[:100]}: {info.file_size >> 30} GiB, more than "
                f"{MAX_MEMBER_BYTES >> 30}; cut it into parts"
            )
    # Members may share the same packed bytes, so that each looks harmless.
    if sum(info.file_size for info in found) > max(RATIO_FLOOR_BYTES, size * MAX_RATIO):
        raise InputError(too_much(archive))


def _safe_name(archive: str, info: zipfile.ZipInfo) -> str:
    name = info.filename
    path = PurePosixPath(name)
    outside = (
        not path.parts
        or path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or name[1:2] == ":"
    )
    if outside or not name.isprintable():
        raise InputError(
            f"{archive}: holds a file named {name[:100]!a}, which leads out of the archive or "
            "cannot be shown; unpack it yourself if you trust it"
        )
    if info.flag_bits & _ENCRYPTED:
        raise InputError(f"{archive}: is encrypted; unpack it yourself and name what was in it")
    if info.compress_type not in _METHODS:
        raise InputError(
            f"{archive}!/{name}: packed by a method that is not known; unpack it yourself"
        )
    return path.as_posix()


def open_packed(path: Path) -> BinaryIO:
    """Open for reading, unpacked. Raises OSError when it cannot be opened, else InputError."""
    member = member_of(path)
    if member is not None:
        return _open_member(member)
    raw = path.open("rb")
    packing = packing_of(raw.read(6))
    raw.seek(0)
    if packing is None:
        return raw
    stream = packing.open(raw)
    capped = _Capped(stream, raw, path.name, packing.name, path.stat().st_size)
    return cast(BinaryIO, io.BufferedReader(capped, BUFFER_BYTES))


def _open_member(member: Member) -> BinaryIO:
    shown = f"{member.archive.name}{MARK}/{member.name}"
    info = members(member.archive).get(member.name)
    if info is None:
        raise InputError(f"{shown}: the archive holds no such file")
    raw = member.archive.open("rb")
    try:
        _to_content(raw, info)
        stream = zipfile.ZipExtFile(raw, "r", info)
    except (*_DAMAGE, struct.error, RuntimeError, NotImplementedError) as error:
        raw.close()
        raise InputError(f"{shown}: damaged ZIP archive ({error})") from error
    capped = _Capped(stream, raw, shown, "ZIP", info.compress_size)
    return cast(BinaryIO, io.BufferedReader(capped, BUFFER_BYTES))


def _to_content(raw: BinaryIO, info: zipfile.ZipInfo) -> None:
    """Move behind the local header, which repeats the name and may differ in length only."""
    raw.seek(info.header_offset)
    magic, name, extra = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    if magic != ZIP_MAGIC:
        raise zipfile.BadZipFile("no file stands where the archive says")
    raw.seek(name + extra, io.SEEK_CUR)


def open_seekable(path: Path) -> BinaryIO:
    """Open for reading out of order, as Parquet and workbooks need. Raises as `open_packed`."""
    stream = open_packed(path)
    if not isinstance(stream.raw if isinstance(stream, io.BufferedReader) else None, _Capped):
        return stream
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - unnamed; handed to the caller
    try:
        with stream:
            shutil.copyfileobj(stream, spool, 1 << 20)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return cast(BinaryIO, spool)
