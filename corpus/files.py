"""Writing files so that a reader never sees half of one.

In: bytes or text and a path. Out: the file, written aside and moved into place. On Windows a file
that another program holds open cannot be replaced at once: we retry briefly, then say so.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from corpus.errors import WorkspaceError

# A virus scanner or viewer usually lets go within a second; ten tries of growing length are 2.75 s.
REPLACE_TRIES = 10
REPLACE_WAIT_S = 0.05
DIGEST_CHUNK = 1 << 20


def replace(source: Path, target: Path) -> None:
    """Move `source` onto `target` in one step; raise WorkspaceError if something holds it open."""
    for attempt in range(1, REPLACE_TRIES + 1):
        try:
            source.replace(target)
        except PermissionError as error:
            if attempt == REPLACE_TRIES:
                raise WorkspaceError(
                    f"{target} is open in another program; close it there and run again"
                ) from error
            time.sleep(REPLACE_WAIT_S * attempt)
        else:
            return


def aside(target: Path) -> Path:
    """A name next to `target` for the unfinished file, one for each process."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def write_bytes(target: Path, data: bytes) -> Path:
    """Write `data` aside, then move it into place; raise WorkspaceError when that fails."""
    part = aside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        replace(part, target)
    except WorkspaceError:
        raise
    except OSError as error:
        raise WorkspaceError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # the part is gone, or its folder never was
            part.unlink()
    return target


def write_text(target: Path, text: str) -> Path:
    """Write `text` as UTF-8 with its own line ends, atomically."""
    return write_bytes(target, text.encode("utf-8"))


def file_digest(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(DIGEST_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
