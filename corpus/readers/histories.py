"""Delta-encoded profile histories: one JSON object an account, each state holding what changed.

In: lines `{"id": ..., "first": time, "last": time, "states": [[time, {field: value}], ...]}`, where
the first state is complete and later ones name only the fields that changed. Out: `Rows` with one
row a state, earlier fields carried forward, plus one at `last` (the state was still seen then).
A null field is unknown, and stays so: it is not an empty one. One line is one row of the file; a
history with a damaged state is rejected whole, since what came after it would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.readers.files import head
from corpus.readers.json_rows import Item, _parse, cell_text, parsed_lines, to_table
from corpus.readers.rows import Rows
from corpus.rejects import BAD_HISTORY, Reject, excerpt

FORMAT = "profile_histories"
# State fields under the names that the column hints know; others are carried as they are.
RENAMED = {"name": "display_name", "screen_name": "handle", "description": "bio"}
# Columns of the account itself, repeated on each of its states.
CONSTANT = {"created": "joined_at", "created_at": "joined_at", "platform": "platform"}


@dataclass(frozen=True)
class Histories:
    """Reads delta-encoded profile histories."""

    name: str = FORMAT

    def sniff(self, path: Path) -> float:
        """The first line is an object with an id and a list of states."""
        start = head(path, 1 << 20).lstrip(b"\xef\xbb\xbf \t\r\n")
        line = start.split(b"\n", 1)[0]
        first = _parse(line)
        if isinstance(first, dict):
            return 1.0 if "id" in first and isinstance(first.get("states"), list) else 0.0
        # One account's history may be longer than what is looked at.
        return 0.95 if line[:1] == b"{" and b'"states"' in line and b'"id"' in line else 0.0

    def rows(self, path: Path, name: str) -> Rows:
        """Read the file."""
        rejects: list[Reject] = []
        counted = [0]
        lines = parsed_lines(path, name, rejects, counted)
        table, numbers = to_table(_states(lines, name, rejects))
        return Rows(table, numbers, tuple(rejects), counted[0], FORMAT)


def _states(lines: Iterator[Item], name: str, rejects: list[Reject]) -> Iterator[Item]:
    for row, account in lines:
        expanded = _expand(account)
        if expanded is None:
            rejects.append(Reject(name, row, BAD_HISTORY, excerpt(str(cell_text(account)))))
            continue
        for state in expanded:
            yield row, state


def _expand(account: dict[str, Any]) -> list[dict[str, Any]] | None:
    """All states of one account in full, or None when one of them is not [time, {fields}]."""
    states = account.get("states")
    if account.get("id") is None or not isinstance(states, list) or not states:
        return None
    fixed: dict[str, Any] = {"account_id": account["id"]}
    fixed |= {new: account[old] for old, new in CONSTANT.items() if account.get(old) is not None}
    current: dict[str, Any] = {}
    expanded = []
    for state in states:
        if not _is_state(state):
            return None
        current = current | {RENAMED.get(key, key): value for key, value in state[1].items()}
        expanded.append({**current, **fixed, "observed_at": state[0]})
    if account.get("last") is not None and account["last"] != states[-1][0]:
        expanded.append({**current, **fixed, "observed_at": account["last"]})
    return expanded


def _is_state(state: Any) -> bool:
    return (
        isinstance(state, list)
        and len(state) == 2
        and isinstance(state[0], str | int)
        and isinstance(state[1], dict)
    )
