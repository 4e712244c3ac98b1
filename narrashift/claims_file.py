"""Which claims does a file list?

In: a path. Out: claims with an id: the file's own, else the number of the row. A `.csv`, `.tsv`,
`.jsonl`, `.ndjson`, `.json` or `.parquet` file is a table; the column is found by its name
(`claim_columns.toml`), or is the only one. Any other file is text, one claim a line. Blank claims
are left out. It refuses a table whose column it cannot tell, and says which columns it saw.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from corpus.errors import InputError, SettingsError

# A field of a claim list longer than this is a damaged quote that swallowed the rest of the file.
MAX_FIELD = 1_000_000


@dataclass(frozen=True)
class Claim:
    """One claim to look for."""

    claim_id: str
    text: str


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file.

    Raises
    ------
    SettingsError
        When the file is not there.
    InputError
        When it cannot be read, or its claims cannot be told from its other columns.
    """
    if not path.is_file():
        raise SettingsError(f"no such file: {path}")
    try:
        reader = _READERS.get(path.suffix.lower())
        rows = reader(path) if reader else None
        claims = _lines(path) if rows is None else _of_table(rows, path)
    except (UnicodeDecodeError, csv.Error, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read as a list of claims: {error}") from error
    if not claims:
        raise InputError(f"{path} holds no claim; expected one claim a line or a column of claims")
    return claims


def _lines(path: Path) -> list[Claim]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [Claim(str(at), line.strip()) for at, line in enumerate(lines, 1) if line.strip()]


def _of_table(rows: Sequence[Any], path: Path) -> list[Claim]:
    whole = [row if isinstance(row, Mapping) else {"claim": row} for row in rows]
    columns = list(dict.fromkeys(str(name) for row in whole for name in row))
    named = _named("text", columns) or (columns[0] if len(columns) == 1 else None)
    if named is None and columns:
        raise InputError(
            f"{path} has the columns {', '.join(columns)}; expected one called"
            f" {' or '.join(_columns()['text'][:3])}"
        )
    own = _named("id", columns) or ""
    named = named or ""
    return [
        Claim(_text(row.get(own)) or str(at), _text(row.get(named)))
        for at, row in enumerate(whole, 1)
        if _text(row.get(named))
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


@cache
def _columns() -> dict[str, list[str]]:
    text = resources.files("narrashift").joinpath("claim_columns.toml").read_text("utf-8")
    return tomllib.loads(text)


def _named(what: str, columns: Sequence[str]) -> str | None:
    by_name = {name.strip().lower(): name for name in reversed(columns)}
    return next((by_name[name] for name in _columns()[what] if name in by_name), None)


def _delimited(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8-sig")
    head = text.partition("\n")[0]
    mark = "\t" if path.suffix.lower() == ".tsv" or "\t" in head else ","
    mark = ";" if mark == "," and head.count(";") > head.count(",") else mark
    csv.field_size_limit(MAX_FIELD)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, restkey="further"))


def _json_rows(path: Path) -> list[Any]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _json(path: Path) -> list[Any]:
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    return found if isinstance(found, list) else [found]


def _parquet(path: Path) -> list[Any]:
    from corpus.workspace import read_parquet

    rows: list[Any] = read_parquet(path).to_pylist()
    return rows


_READERS: Mapping[str, Callable[[Path], list[Any]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
    ".json": _json,
    ".parquet": _parquet,
}
