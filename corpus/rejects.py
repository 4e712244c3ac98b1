"""Rows that could not be used, each with the reason and a piece of what stood there.

In: `Reject` records from the readers. Out: `rejects.jsonl`, one JSON object a line with the keys
file, row, reason, excerpt, in an order that depends on content alone. Nothing is ever dropped
without one: rows read = rows kept + rows rejected, per file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.errors import WorkspaceError

NOT_DECODABLE = "bytes do not fit the file's encoding"
WRONG_FIELDS = "wrong number of fields"
OPEN_QUOTE = "quotation mark never closed"
TOO_LONG = "row or field longer than 10 MB"
NOT_JSON = "not valid JSON"
NOT_OBJECT = "not a JSON object"
TOO_DEEP = "JSON nested too deep"
DAMAGED_ID = "id damaged by a spreadsheet"
BAD_TIME = "time not understood"
NO_TEXT = "no text"
TEXT_GONE = "text deleted or removed at the source"
TEXT_TOO_LONG = "text longer than 200,000 characters"
NO_ACCOUNT = "no account id"
BAD_HISTORY = "profile history not understood"
DUPLICATE = "duplicate"
PROTECTED = "account is protected"
PURGED = "account was purged"
NOT_OF_FORMAT = "not a record of the file's format"
OTHER_RECORD = "record of another kind: neither a post nor a profile"
# Rows of a list of removed accounts only.
ELSEWHERE = "account not in the corpus"
SEVERAL_ACCOUNTS = "account id fits several platforms"
NOT_REMOVED = "state is no removal"
UNKNOWN_STATE = "state not understood"

# Reasons that say nothing about the quality of a file: they do not count toward `max_reject`.
HARMLESS = frozenset({DUPLICATE, PROTECTED, PURGED, ELSEWHERE, OTHER_RECORD, TEXT_GONE})
# Nothing that stood in these rows is kept, not even the beginning: it is not for us to show.
WITHOUT_EXCERPT = frozenset({PROTECTED, PURGED, ELSEWHERE, OTHER_RECORD, TEXT_GONE})

# Enough to recognise the row, short enough that a damaged gigabyte does not copy itself.
EXCERPT_CHARACTERS = 300


@dataclass(frozen=True, order=True)
class Reject:
    """One row that was not used: where it stood, why, and how it began."""

    file: str
    row: int
    reason: str
    excerpt: str


def excerpt(text: str) -> str:
    """Cut `text` to a printable, encodable beginning."""
    cut = text[:EXCERPT_CHARACTERS]
    return cut.encode("utf-8", "backslashreplace").decode("utf-8")


def count_reasons(rejects: Iterable[Reject]) -> dict[str, int]:
    """Return how many rows each reason cost, most frequent first, ties by name."""
    counts = Counter(reject.reason for reject in rejects)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def reject_share(read: int, reasons: Mapping[str, int]) -> float:
    """Return the share of the rows read that counts toward `max_reject`, 0..1.

    Rows about other accounts do not count as read: a platform's whole list of removed accounts must
    not hide a damaged file of posts.
    """
    harmful = sum(n for reason, n in reasons.items() if reason not in HARMLESS)
    concerned = read - reasons.get(ELSEWHERE, 0)
    return harmful / concerned if concerned else 0.0


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write JSON lines sorted by file, row, reason and excerpt, replacing `path` in one step.

    Raises
    ------
    WorkspaceError
        When the file cannot be written.
    """
    aside = path.with_name(path.name + ".part")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as out:
            for reject in sorted(rejects):
                out.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
        aside.replace(path)
    except OSError as error:
        raise WorkspaceError(f"cannot write {path}: {error}") from error


def read_rejects(path: Path) -> tuple[Reject, ...]:
    """Read back what `write_rejects` wrote; a case without the file has no rejects.

    Raises
    ------
    WorkspaceError
        When the file is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(Reject(**json.loads(line)) for line in lines)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise WorkspaceError(f"{path} is damaged: {error}; run analyze again") from error
