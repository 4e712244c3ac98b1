"""Where the pseudonym key lies: outside every case, readable by its owner alone.

In: the environment. Out: 32 secret bytes. The key is made on first use. Whoever holds it can match
a pseudonym with an id they already know; without it nobody can, and two runs with the same key give
the same pseudonyms. It refuses a key inside the case it protects, and one too short to protect.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import SettingsError

KEY_VARIABLE = "NARRASHIFT_KEY"
KEY_NAME = "pseudonym.key"
KEY_BYTES = 32
# 16 bytes are out of reach for guessing; a shorter file is a mistake or a placeholder.
MIN_KEY_CHARS = 16


def key_path(environment: Mapping[str, str], *, platform: str = sys.platform) -> Path:
    """Return the key's place: NARRASHIFT_KEY, or the user's configuration folder."""
    if stated := environment.get(KEY_VARIABLE):
        return Path(stated).expanduser()
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    if platform == "win32":
        folder = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    elif platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return folder / "narrashift" / KEY_NAME


def load_key(environment: Mapping[str, str], *, case: Path | None = None) -> bytes:
    """Return the key, making it on first use; `case` is the folder it must not lie in.

    Raises
    ------
    SettingsError
        When the file cannot be read or made, is too short, or lies inside the case.
    """
    path = key_path(environment)
    if case is not None and path.resolve().is_relative_to(case.resolve()):
        raise SettingsError(
            f"the pseudonym key {path} lies inside the case it protects; move it elsewhere and"
            f" point {KEY_VARIABLE} to it"
        )
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"cannot use the pseudonym key {path}: {error.strerror or error}; point {KEY_VARIABLE}"
            " to a file that you can read, or to a new name in a folder that you can write"
        ) from error
    if len(key) < MIN_KEY_CHARS:
        raise SettingsError(
            f"the pseudonym key {path} holds {len(key)} characters, expected at least"
            f" {MIN_KEY_CHARS}; delete the file and a new key will be made"
        )
    return key


def _make(path: Path) -> None:
    """Write a new key aside with mode 0600, then link it into place; the first maker wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
        with contextlib.suppress(FileExistsError):
            _put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def _put_in_place(part: Path, path: Path) -> None:
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT
        part.rename(path)
