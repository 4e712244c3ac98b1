"""Which files are meant: a folder stands for the files in it, a ZIP archive for its members.

In: the paths that somebody named. Out: `Input`s, each with the path to open and the name that posts
and rejects call it by: `posts.csv`, `dump/part-1.csv`, `archive.zip!/member.csv`. The order is that
of the names, so neither the file system nor the archive decides it. In folders and archives only
files whose ending says rows are taken; what was passed over is a note, never silent. It refuses an
archive inside an archive and a folder that holds nothing to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from corpus.errors import EmptyCorpus, InputError
from corpus.readers.caps import MAX_MEMBERS
from corpus.readers.packed import MARK, is_archive, member_path, members

# Endings of files that hold rows. A text file that holds rows is read when it is named itself.
DATA = frozenset({".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx"})
COMPRESSED = frozenset({".gz", ".zst", ".bz2", ".xz"})
ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".7z", ".rar"})
# What operating systems leave behind; passed over without a word.
_LITTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
# Endings named in the note on what was passed over.
SHOWN_ENDINGS = 5


@dataclass(frozen=True)
class Input:
    """One file to read: where it is, what it is called, and what was passed over beside it."""

    path: Path
    name: str
    notes: tuple[str, ...] = ()


def inputs_of(paths: Sequence[Path], taken: Collection[str] = ()) -> list[Input]:
    """Every file that `paths` stand for, by name; `taken` are names in use elsewhere.

    Raises
    ------
    InputError
        For an archive that cannot be trusted or that holds another one.
    EmptyCorpus
        For a folder or archive with nothing to read in it.
    """
    named = _names(paths, taken)
    found = [found for name, path in named.items() for found in _expanded(path, name)]
    return sorted(found, key=lambda one: one.name)


def files_under(path: Path) -> list[tuple[str, Path]]:
    """The files on disk behind one path, each with its name relative to it; of an archive itself.

    Raises
    ------
    InputError
        When a folder holds more files than can be meant.
    """
    if not path.is_dir():
        return [(path.name, path)]
    return [(f"{path.name}/{name}", path / name) for name in _taken(path.name, _walk(path))[0]]


def _expanded(path: Path, name: str) -> Iterator[Input]:
    if path.is_dir():
        held, notes = _taken(name, _walk(path))
        for place, inner in enumerate(held):
            shown = f"{name}/{inner}"
            for one in _expanded(path / inner, shown):
                yield Input(one.path, one.name, (*(notes if place == 0 else ()), *one.notes))
    elif path.is_file() and is_archive(path):
        held, notes = _taken(name, members(path), archive=True)
        for place, inner in enumerate(held):
            yield Input(
                member_path(path, inner), f"{name}{MARK}/{inner}", notes if place == 0 else ()
            )
    else:
        yield Input(path, name)


def _walk(folder: Path) -> list[str]:
    """Names of all files below a folder, links not followed out of it."""
    root = folder.resolve()
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.resolve().is_relative_to(root):
            found.append(path.relative_to(folder).as_posix())
        if len(found) > 50 * MAX_MEMBERS:
            raise InputError(f"{folder.name}: holds more files than can be meant; name them")
    return sorted(found)


def _taken(
    name: str, held: Collection[str], *, archive: bool = False
) -> tuple[list[str], tuple[str, ...]]:
    """The names that hold rows, and a note on the others."""
    usable: list[str] = []
    passed: list[str] = []
    for inner in held:
        path = PurePosixPath(inner)
        if any(part in _LITTER or part.startswith(".") for part in path.parts):
            continue
        ending = path.suffix.lower()
        if archive and ending in ARCHIVES | COMPRESSED:
            raise InputError(
                f"{name}: holds another archive or packed file, {inner}; unpack the outer one and "
                "name the folder"
            )
        is_data = ending in DATA | COMPRESSED or (ending == ".zip" and not archive)
        (usable if is_data else passed).append(inner)
    if not usable:
        what = f"{len(passed):,} other files" if passed else "no file"
        raise EmptyCorpus(
            f"{name}: holds {what}, and none that ends in {', '.join(sorted(DATA))}; name the file "
            "itself if it holds rows"
        )
    if len(usable) > MAX_MEMBERS:
        raise InputError(f"{name}: holds {len(usable):,} files of rows; name at most {MAX_MEMBERS}")
    return sorted(usable), _passed_over(passed)


def _passed_over(passed: Sequence[str]) -> tuple[str, ...]:
    if not passed:
        return ()
    endings = Counter(PurePosixPath(inner).suffix.lower() or "none" for inner in passed)
    shown = ", ".join(
        f"{n} x {ending}"
        for ending, n in sorted(endings.items(), key=lambda item: (-item[1], item[0]))[
            :SHOWN_ENDINGS
        ]
    )
    return (f"files beside it that hold no rows, passed over: {len(passed):,} ({shown})",)


def _names(paths: Sequence[Path], taken: Collection[str] = ()) -> dict[str, Path]:
    """Short names for what was named; those that share one get their folder in front."""
    unique = list(dict.fromkeys(paths))
    short = Counter([*(path.name for path in unique), *taken])
    named: dict[str, Path] = {}
    for path in unique:
        name = path.name or path.resolve().name
        if short[name] > 1:
            name = f"{path.resolve().parent.name}/{name}"
        in_use = name in named or name in taken
        named[path.resolve().as_posix() if in_use else name] = path
    return named


def covers(paths: Sequence[Path], name: str) -> bool:
    """Whether the file that a case calls `name` is among what `paths` stand for."""
    pieces = {piece.removesuffix(MARK) for piece in name.split("/")}
    for path in paths:
        if path.is_dir():
            if path.name in pieces and any(
                name == shown or name.startswith(f"{shown}{MARK}/") or name.endswith(f"/{shown}")
                for shown, _ in files_under(path)
            ):
                return True
        elif path.name in pieces:
            return True
    return False
