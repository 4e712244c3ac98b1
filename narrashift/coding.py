"""Coding sheets out and in: a blind sample for several coders, then how well they agreed.

In: a case and what to sample; later the sheets that came back. Out: one CSV a coder, safe to open
in a spreadsheet, under pseudonyms, each in an order of its own; the key (which item is which
finding) stays in the case under `sheets/`. Back come the rows of the table `agreement`, kept in the
case and shown in the report. It refuses sheets of another case, unknown answers and the same coder
twice, and never guesses what an answer meant.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import InputError, SettingsError
from corpus.files import write_text
from corpus.identity import content_id
from corpus.locks import only_writer
from corpus.manifest import Manifest
from narrashift import __version__
from narrashift.analysis import Analysis
from narrashift.clock import now
from narrashift.revealed import record_if_plain
from narrashift.reviewing import AGREEMENTS, append, republish
from reports.agreement import judged
from reports.coding_sample import SOURCES, Item, draw
from reports.csv_text import csv_text
from reports.evidence import Evidence
from reports.links import Links
from reports.wording import count

LOG = logging.getLogger(__name__)
FOLDER = "sheets"
COLUMNS = (
    "sheet", "coder", "item", "question", "first_when", "first", "second_when", "second",
    "answer", "comment",
)  # fmt: skip
# Ids of sheets and items: 48 bits, so that two items of a sheet never share one by accident.
ID_CHARS = 12


@cache
def _data() -> dict[str, Any]:
    text = resources.files("reports").joinpath("data/coding.toml").read_text("utf-8")
    return tomllib.loads(text)


def write_sheets(
    case: str | Path,
    *,
    of: str = "shifts",
    n: int = 100,
    seed: int = 7,
    coders: int = 3,
    folder: Path | None = None,
    redact: str | None = None,
) -> dict[str, Any]:
    """Write one sheet for each coder; return their paths, the sheet's id and what to know.

    Parameters
    ----------
    case
        Folder of a finished case.
    of
        shifts, narratives, ties or talking_points.
    n
        Findings at most; a third as many control items come on top.
    seed
        Of the sample and of each coder's order.
    folder
        Where the sheets go; default: `sheets` beside this command.
    redact
        pseudonym or none; texts must be readable.

    Raises
    ------
    SettingsError
        For an unknown `of`, fewer than one item or two coders, or withheld texts.
    InputError
        When the case holds nothing of that kind.
    """
    where = Path(case)
    _refuse(of, n, coders)
    analysis = Analysis.load(where)
    redactor = analysis.redactor(redact)
    if redactor.withheld():
        raise SettingsError("coders need to read the texts; add --redact pseudonym")
    evidence = Evidence(Links(analysis.arrow), redactor, 0, "", {})
    findings, controls = draw(evidence, of, n, seed)
    if not findings:
        raise InputError(f"this case holds no {of.replace('_', ' ')} that could be judged")
    items = [*findings, *controls]
    tables = sorted(analysis.manifest.tables.items())
    own = [f"{name}:{digest}" for name, digest in tables if name not in {"decisions", "agreement"}]
    drawn: tuple[str | int, ...] = (of, n, seed, coders, redactor.mode, *own)
    sheet = content_id("sheet", __version__, *drawn, *[item.key for item in items])[:ID_CHARS]
    write_text(where / FOLDER / f"{sheet}.json", _key(sheet, of, seed, items))
    target = folder or Path("sheets")
    files = [
        str(write_text(target / f"{of}-coder-{number}.csv", _sheet(sheet, of, number, seed, items)))
        for number in range(1, coders + 1)
    ]
    record_if_plain(where, analysis, redact, "review sheet")
    notes = [f"{len(findings):,} findings and {len(controls):,} control items on each sheet"]
    if len(findings) < n:
        notes.append(f"the case holds {len(findings):,} {of.replace('_', ' ')} to judge, not {n:,}")
    if not controls:
        notes.append("no ordinary pair was found for control items; agreement alone says less")
    return {"sheet": sheet, "files": files, "notes": notes}


def _refuse(of: str, n: int, coders: int) -> None:
    problems = []
    if of not in SOURCES:
        problems.append(f"--of is {of!r}; expected one of {', '.join(sorted(SOURCES))}")
    if n < 1:
        problems.append(f"--n is {n}; expected at least 1")
    if coders < 2:
        problems.append(f"--coders is {coders}; agreement needs at least 2")
    if problems:
        raise SettingsError(problems)


def _item_id(sheet: str, item: Item) -> str:
    return content_id("item", sheet, item.key)[:ID_CHARS]


def _key(sheet: str, of: str, seed: int, items: Sequence[Item]) -> str:
    rows = {
        _item_id(sheet, item): {"id": item.key, "kind": item.kind, "control": item.control}
        for item in items
    }
    key = {"sheet": sheet, "of": of, "seed": seed, "items": rows}
    return json.dumps(key, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _sheet(sheet: str, of: str, coder: int, seed: int, items: Sequence[Item]) -> str:
    """One coder's sheet; the mark at the front tells older spreadsheets that it is UTF-8."""
    rows: list[Sequence[str]] = [[_data()["instruction"]["text"]], COLUMNS]
    question = _data()["questions"][of]
    for place in np.random.default_rng((seed, coder)).permutation(len(items)):
        item = items[place]
        shown = (item.first.when, item.first.text, item.second.when, item.second.text)
        rows.append((sheet, f"coder-{coder}", _item_id(sheet, item), question, *shown, "", ""))
    return "\ufeff" + csv_text(rows)


# and back -------------------------------------------------------------------------------------


def read_sheets(case: str | Path, sheets: Sequence[Path]) -> dict[str, Any]:
    """Read coded sheets, keep the result in the case; return its rows and what to know.

    Raises
    ------
    InputError
        When a file is no sheet of this case, holds an unknown answer or item, or one coder twice.
    """
    where = Path(case)
    Manifest.read(where)
    answers: dict[tuple[str, str], str] = {}
    named: set[str] = set()
    for path in sheets:
        for line, row in _rows(path):
            named.add(row["sheet"])
            _take(answers, row, f"{path}, line {line}")
    if len(named) != 1:
        raise InputError(f"the files hold {len(named)} different sheets; give those of one sample")
    key = _key_of(where, next(iter(named)))
    unknown = sorted({item for item, _ in answers} - set(key["items"]))
    if unknown:
        raise InputError(
            f"item {unknown[0]!r} is not of sheet {key['sheet']}; was a column edited?"
        )
    rows = _results(key, answers)
    with only_writer(where, LOG.info):
        append(where / AGREEMENTS, rows)
        republish(Analysis.load(where), where)
    return {"rows": rows, "notes": _left_out(key, answers)}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a sheet with their line, whatever separator a spreadsheet saved it with."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8; save it as CSV UTF-8") from error
    for separator in ",;\t":
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        header: list[str] | None = None
        for cells in lines:
            if header is not None and any(cells):
                yield lines.line_num, dict(zip(header, cells, strict=False))
            elif header is None and {"item", "answer"} <= set(cells):
                header = cells
        if header is not None:
            return
    raise InputError(f"{path} has no line with the columns {', '.join(COLUMNS)}; is it a sheet?")


def _take(answers: dict[tuple[str, str], str], row: Mapping[str, str], where: str) -> None:
    answer = answer_of(row.get("answer", ""), where)
    if answer is None:
        return
    given = (row["item"], row["coder"])
    if given in answers:
        raise InputError(f"{where}: {row['coder']} judged item {row['item']} twice")
    answers[given] = answer


def answer_of(text: str, where: str) -> str | None:
    """Return yes, no or unclear as `text` spells it, None for empty; raise InputError otherwise."""
    word = text.strip().strip(".!'").casefold()
    if not word:
        return None
    for answer, spellings in _data()["answers"].items():
        if word in spellings:
            return str(answer)
    raise InputError(f"{where}: the answer is {text!r}; expected yes, no, unclear or nothing")


def _key_of(case: Path, sheet: str) -> dict[str, Any]:
    path = case / FOLDER / f"{sheet}.json"
    if not sheet.isalnum() or not path.exists():
        raise InputError(f"sheet {sheet!r} was not drawn from this case; its key is not in {case}")
    key: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return key


def _results(
    key: Mapping[str, Any], answers: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """The rows of the table `agreement`: the whole sheet, then each kind with all controls."""
    by_item: dict[str, list[str]] = {}
    for (item, _), answer in sorted(answers.items()):
        by_item.setdefault(item, []).append(answer)
    controls = {i: a for i, a in by_item.items() if key["items"][i]["control"]}
    findings = {i: a for i, a in by_item.items() if i not in controls}
    kinds = sorted({key["items"][item]["kind"] for item in findings})
    parts = {"all": findings} | {
        kind: {i: a for i, a in findings.items() if key["items"][i]["kind"] == kind}
        for kind in (kinds if len(kinds) > 1 else [])
    }
    about = {"sheet_id": key["sheet"], "scope": key["of"], "read_at": now().isoformat()}
    coders = len({coder for _, coder in answers})
    return [
        {**about, "kind": kind, "coders": coders, **judged(own, controls, seed=key["seed"])}
        for kind, own in parts.items()
    ]


def _left_out(key: Mapping[str, Any], answers: Mapping[tuple[str, str], str]) -> list[str]:
    coders = {coder for _, coder in answers}
    missing = len(key["items"]) * len(coders) - len(answers)
    given = f"{count(len(answers), 'answer')} of {count(len(coders), 'coder')}"
    told = [f"sheet {key['sheet']}: {given}"]
    if missing:
        told.append(f"{count(missing, 'answer')} missing")
    if len(coders) == 1:
        told.append("one coder alone shows no agreement; alpha needs two")
    return told
