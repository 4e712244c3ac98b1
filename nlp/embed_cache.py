"""Which texts were turned into vectors before, so that none is encoded twice?

In: cleaned texts, the digest of an embedder, a folder. Out: for each text its vector as it was
computed, bit for bit, and whether the text had been cut; or nothing. The key is SHA-256 of the
text: no text is stored, but a vector tells what a text was about, so the folder belongs to the case
and goes with it.

On disk: parts called `<folder>/<embedder digest>/<SHA-256 of the content>.vectors`: a header,
sorted keys, float32 rows, one byte "was cut" a row. Names say what must be inside, so a damaged
part is seen when it is opened, removed, and its texts are encoded again (a note says so). Parts are
written aside and renamed, so two runs at once lose nothing: at worst both encode a text. Many small
parts are joined into one; beyond `MAX_BYTES` the parts used least recently go first.

Neural floats depend in the last digits on the batch that a text was in: a cached vector is the one
that was computed first.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import files

LOG = logging.getLogger(__name__)
KEY_BYTES = 32
MAGIC = b"NSVEC1\0\0"
HEADER = struct.Struct("<8sQQ")
# 2 GiB hold 1.3 million vectors of 384 numbers; more than the largest case that takes a model.
MAX_BYTES = 2 << 30
# Above this number of parts they are joined: a look-up searches each.
MAX_PARTS = 16
# Parts above this size stay as they are, so that joining needs little memory.
JOIN_BELOW = 64 << 20


@contextmanager
def vectors_kept_in(folder: Path | None) -> Iterator[None]:
    """Let embedders that are used inside keep their vectors in `folder`; None keeps none."""
    token = _SHELF.set(None if folder is None else _Shelf(folder))
    try:
        yield
    finally:
        _SHELF.reset(token)


def current_cache(digest: str, dimension: int) -> VectorCache | None:
    """Return the cache of the case at work for an embedder, or None outside of a case."""
    shelf = _SHELF.get()
    if shelf is None:
        return None
    if digest not in shelf.opened:
        shelf.opened[digest] = VectorCache(shelf.folder, digest, dimension)
    return shelf.opened[digest]


@dataclass(frozen=True)
class Part:
    """One file: sorted keys as four big-endian words, flags, and rows, mapped from disk."""

    path: Path
    first: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    cut: NDArray[np.bool_]
    rows: NDArray[np.float32]


class VectorCache:
    """Vectors of one embedder in one folder; `notes` says what was damaged."""

    def __init__(
        self, folder: Path, digest: str, dimension: int, *, max_bytes: int = MAX_BYTES
    ) -> None:
        self.dimension = dimension
        self.notes: list[str] = []
        self._root = folder
        self._folder = folder / digest[:32]
        self._max_bytes = max_bytes
        self._parts = [part for path in self._paths() if (part := self._opened(path)) is not None]

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self._parts)

    def look_up(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return rows (n, dimension), "was cut" and "is known"; rows of unknown texts are zeros."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        cut, known = np.zeros(len(texts), dtype=np.bool_), np.zeros(len(texts), dtype=np.bool_)
        if not self._parts or not texts:
            return rows, cut, known
        keys = _keys(texts)
        for part in self._parts:
            at = np.minimum(np.searchsorted(part.first, keys[:, 0]), len(part.first) - 1)
            hit = np.flatnonzero(~known & (part.keys[at] == keys).all(axis=1))
            if len(hit):
                rows[hit], cut[hit], known[hit] = part.rows[at[hit]], part.cut[at[hit]], True
                _touch(part.path)
        return rows, cut, known

    def keep(self, texts: Sequence[str], rows: NDArray[np.float32], cut: NDArray[np.bool_]) -> None:
        """Add vectors of distinct texts; a folder that cannot be written is a note, no error."""
        if not texts:
            return
        try:
            self._write(_keys(texts), rows, cut)
            if len(self._parts) > MAX_PARTS:
                self._join()
            _bound(self._root, self._max_bytes, {part.path for part in self._parts})
        except OSError as error:
            self.notes.append(f"vectors could not be kept for the next run: {error}")

    def take_notes(self) -> list[str]:
        """Return what was damaged or could not be written since the last time."""
        notes, self.notes = self.notes, []
        return notes

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.vectors")) if self._folder.is_dir() else []

    def _write(
        self, keys: NDArray[np.uint64], rows: NDArray[np.float32], cut: NDArray[np.bool_]
    ) -> Path:
        order = np.lexsort(keys.T[::-1])
        body = b"".join(
            (
                HEADER.pack(MAGIC, len(keys), self.dimension),
                keys[order].astype(">u8").tobytes(),
                np.ascontiguousarray(rows[order], dtype="<f4").tobytes(),
                cut[order].astype(np.uint8).tobytes(),
            )
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{hashlib.sha256(body).hexdigest()}.vectors"
        files.write_bytes(path, body)
        opened = self._opened(path)
        if opened is not None:
            self._parts.append(opened)
        return path

    def _join(self) -> None:
        """Write small parts as one and remove them; readers that mapped them keep theirs."""
        old = [part for part in self._parts if part.rows.nbytes < JOIN_BELOW]
        if len(old) < MAX_PARTS // 2:
            return
        keys = np.concatenate([part.keys for part in old])
        _, once = np.unique(keys, axis=0, return_index=True)
        rows = np.concatenate([part.rows for part in old])[once]
        cut = np.concatenate([part.cut for part in old])[once]
        self._parts = [part for part in self._parts if part.rows.nbytes >= JOIN_BELOW]
        kept = self._write(keys[once], rows, cut)
        for part in old:
            if part.path != kept:
                _remove(part.path)

    def _opened(self, path: Path) -> Part | None:
        try:
            return _open(path, self.dimension)
        except FileNotFoundError:
            return None  # another run has just joined it into a larger one
        except (OSError, ValueError) as error:
            self.notes.append(f"kept vectors were damaged ({error}): those texts are encoded again")
            LOG.warning("%s", self.notes[-1])
            _remove(path)
            return None


@dataclass
class _Shelf:
    """The folder of the case at work, and the caches opened in it: each part is read once."""

    folder: Path
    opened: dict[str, VectorCache] = field(default_factory=dict)


_SHELF: ContextVar[_Shelf | None] = ContextVar("narrashift_vectors", default=None)


def _keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    """SHA-256 of each text as four words, in the order of its bytes."""
    packed = b"".join(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts
    )
    return np.frombuffer(packed, dtype=">u8").reshape(len(texts), 4).astype(np.uint64)


def _open(path: Path, dimension: int) -> Part:
    """Map a part; raises ValueError when it is not what its name says."""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != path.stem:
            raise ValueError(f"{path.name[:12]} does not hold what its name says")
        file.seek(0)
        magic, count, width = HEADER.unpack(file.read(HEADER.size))
    if magic != MAGIC or width != dimension or not count:
        raise ValueError(f"{path.name[:12]} is of another format or dimension")
    start = HEADER.size
    keys = np.fromfile(path, dtype=">u8", count=count * 4, offset=start)
    start += count * KEY_BYTES
    rows = np.memmap(path, dtype="<f4", mode="r", offset=start, shape=(count, width))
    cut = np.fromfile(path, dtype=np.uint8, count=count, offset=start + count * width * 4)
    wide = keys.reshape(count, 4).astype(np.uint64)
    return Part(path, np.ascontiguousarray(wide[:, 0]), wide, cut.astype(np.bool_), rows)


def _bound(root: Path, limit: int, in_use: set[Path]) -> None:
    """Remove the parts used least recently until the folder is within `limit` bytes."""
    sizes = {path: path.stat() for path in root.glob("*/*.vectors")}
    total = sum(found.st_size for found in sizes.values())
    order = sorted(sizes, key=lambda path: (path in in_use, sizes[path].st_mtime_ns, path.name))
    for path in order:
        if total <= limit:
            return
        _remove(path)
        total -= sizes[path].st_size


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:
        LOG.debug("the time of use could not be noted")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        LOG.debug("%s is in use and stays", path.name)
