"""One writer a case: whoever comes second waits, and is told for whom.

In: a case folder. Out: a context that only one process is in at a time. The lock is the operating
system's own on `.lock` in the case, so it ends with the process that held it, however that ended;
who holds it (process, machine, since when) stands in the file while it is held, for the message
alone. Threads of one process wait for each other, and one thread may enter again. It refuses to
wait for ever. Where a file system knows no locks, that is said and the work goes on.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from corpus.errors import WorkspaceError

NAME = ".lock"
# A whole analysis of 200,000 posts takes about this long; who waits longer should decide anew.
WAIT_S = 600.0
LOOK_EVERY_S = 0.2
# The byte that is locked lies behind everything written: on Windows nobody can read locked bytes.
_LOCKED_BYTE = 1 << 20
_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK)}

Notice = Callable[[str], None]
_threads: dict[str, threading.RLock] = {}
_depth: dict[str, int] = {}
_guard = threading.Lock()


@contextmanager
def only_writer(case: Path, notice: Notice, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Let one process at a time change `case`; make the folder when it is not there.

    `notice` hears one sentence when there is somebody to wait for, or when an earlier holder ended
    without letting go.

    Raises
    ------
    WorkspaceError
        When another process still holds the case after `wait_s` seconds; says which and since when.
    """
    try:
        case.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"cannot write the case folder {case}: {error.strerror or error}; choose another --out"
        ) from error
    key = str(case.resolve())
    with _guard:
        own = _threads.setdefault(key, threading.RLock())
    if not own.acquire(timeout=max(wait_s, 0.001)):
        raise WorkspaceError(f"another thread of this process is changing {case}; wait for it")
    try:
        if _depth.get(key):
            yield
            return
        _depth[key] = 1
        try:
            with _locked(case, notice, wait_s):
                yield
        finally:
            _depth[key] = 0
    finally:
        own.release()


@contextmanager
def _locked(case: Path, notice: Notice, wait_s: float) -> Iterator[None]:
    try:
        file = (case / NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(
            f"cannot write the case folder {case}: {error.strerror or error}; choose another --out"
        ) from error
    with file:
        if not _acquire(file, case, notice, wait_s):
            yield
            return
        left = _who(case)
        if left:
            notice(f"{left} ended without letting go of {case.name}; what it finished is used")
        _write(file, _myself())
        try:
            yield
        finally:
            _write(file, "")
            _release(file)


def _acquire(file: IO[str], case: Path, notice: Notice, wait_s: float) -> bool:
    """Whether the lock was taken; False where the file system has none."""
    until = time.monotonic() + wait_s
    told = False
    while True:
        try:
            _try(file)
        except OSError as error:
            if error.errno not in _BUSY:
                notice(f"{case}: no locks on this file system; let one process work on it")
                return False
        else:
            return True
        holder = _who(case) or "another process"
        if time.monotonic() >= until:
            raise WorkspaceError(f"{case} is in use by {holder}; wait until it is done, or end it")
        if not told:
            notice(f"{case} is in use by {holder}; waiting for it")
            told = True
        time.sleep(LOOK_EVERY_S)


if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[str]) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _release(file: IO[str]) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _myself() -> str:
    since = datetime.now(UTC).replace(microsecond=0).isoformat()
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})


def _who(case: Path) -> str | None:
    """Who the lock file says holds the case; None when it says nothing."""
    try:
        said = json.loads((case / NAME).read_text(encoding="utf-8"))
        return f"process {int(said['pid'])} on {said['host']} since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return None
