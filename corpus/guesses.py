"""What was guessed about a file, and how to say it otherwise.

In: the reports of the files and the reading settings. Out: `Guess`es: the columns that were taken
by their names, the encoding and delimiter found by looking, the zone and the order of day and month
of times. What the analyst stated, or a known format fixes, is no guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.settings import Reading

if TYPE_CHECKING:
    from corpus.readers.load import FileReport

# Fields whose column decides what everything else rests on.
TOLD = ("text", "account_id", "post_id", "created_at", "observed_at", "handle")
SIGNS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", "\x1f": "none, one column"}
# Beginnings and pieces of the notes in which the reader tells of a guess about times.
_ORDER = ("read as day-first", "read as month-first", "guessed to be")
_OTHER = {"day-first": "month-first", "month-first": "day-first"}
_ZONE = "times without a zone"
_HASHED = "posts without an id"


@dataclass(frozen=True)
class Guess:
    """One guess: about which file, what, what was taken, and how to override it."""

    file: str
    what: str
    taken: str
    override: str


def guesses_about(files: Sequence[FileReport], settings: Reading) -> tuple[Guess, ...]:
    """Return the guesses, file by file."""
    return tuple(guess for file in files for guess in _of(file, settings))


def order_guessed(file: FileReport) -> str | None:
    """The order of day and month where no date of a file decides it; None where one does."""
    for note in file.notes:
        if "guessed to be" in note:
            return "day-first" if "day-first" in note else "month-first"
    return None


def other_order(order: str) -> str:
    """Return the order that was not taken."""
    return _OTHER[order]


def _of(file: FileReport, settings: Reading) -> Iterator[Guess]:
    yield from _looks(file, settings)
    yield from _columns(file, settings)
    for note in file.notes:
        if any(words in note for words in _ORDER):
            order = next(name for name in _OTHER if name in note)
            told = f"--date-order {_OTHER[order]}"
            yield Guess(file.name, "order of day and month", order, told)
        elif note.startswith(_ZONE) and settings.timezone == Reading().timezone:
            yield Guess(file.name, "time zone", "UTC", "--timezone ZONE, such as Asia/Tehran")
        elif note.startswith(_HASHED):
            yield Guess(
                file.name, "post ids", "a hash of account, time and text", "--map post_id=COLUMN"
            )


def _looks(file: FileReport, settings: Reading) -> Iterator[Guess]:
    stated = {"encoding": settings.encoding, "delimiter": settings.delimiter}
    for what, taken in file.looks:
        if stated.get(what) is None:
            yield Guess(file.name, what, SIGNS.get(taken, taken), f"--{what} {what.upper()}")


def _columns(file: FileReport, settings: Reading) -> Iterator[Guess]:
    if file.preset is not None or file.format in {"profile_histories", "dataframe"}:
        return
    from corpus.readers.mapping_files import plain  # who reads describes, so not at the top

    asked = {entry.partition("=")[0].strip() for entry in settings.map}
    for name in TOLD:
        found = file.mapping.get(name)
        if found and name not in asked and plain(found[0]) != name:
            told = f"the column {found[0]}, by its name"
            yield Guess(file.name, name, told, f"--map {name}=COLUMN")
