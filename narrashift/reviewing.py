"""The analysts' decisions on a case: written down, read back, replayed, shown.

In: a case folder and a decision on a finding, narrative, talking point or persona shift. Out: one
line more in `decisions.jsonl`, which is only ever appended to; the table `decisions` made anew from
it; report and manifest to match. `analyze` and `add` read the file whenever they write a case, so
decisions outlive a run; how they find their things again stands in `reports.decisions`. Taking a
decision back is a later decision. It refuses what falls on nothing: an unknown id, a merge of a
narrative with itself or in a circle, an undo with nothing to undo.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from corpus.errors import SettingsError, WorkspaceError
from corpus.files import file_digest, write_text
from corpus.locks import only_writer
from corpus.manifest import Manifest
from corpus.tables import AGREEMENT, canonical
from corpus.tables import DECISIONS as DECISIONS_TABLE
from corpus.workspace import Workspace, write_parquet
from narrashift.analysis import Analysis
from narrashift.clock import now
from narrashift.report_files import write_report_files
from reports.decisions import (
    ACTIONS,
    SCOPES,
    SLOTS,
    Decision,
    anchors,
    decisions_table,
    merged,
    not_found,
    states,
)
from reports.links import table_of
from reports.redacted_tables import decision_row

if TYPE_CHECKING:
    from reports.redaction import Redactor

LOG = logging.getLogger(__name__)
DECISIONS, AGREEMENTS = "decisions.jsonl", "agreement.jsonl"
# A beginning of an id that is long enough not to fit others by accident: 16^6 is 17 million.
LEAST_PREFIX = 6
NEEDS_WORDS = {"rename": "a title", "note": "a text"}


def read_decisions(case: Path) -> list[Decision]:
    """Return the decisions of a case in order; raise WorkspaceError when the file is damaged."""
    made = []
    for number, row in _lines(case / DECISIONS):
        try:
            made.append(Decision.from_dict(row))
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(case / DECISIONS, number, error) from error
    return made


def _lines(path: Path) -> list[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return []
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                rows.append((number, dict(json.loads(line))))
            except (ValueError, TypeError) as error:
                raise _damaged(path, number, error) from error
    return rows


def _damaged(path: Path, number: int, error: Exception) -> WorkspaceError:
    return WorkspaceError(
        f"{path} is damaged in line {number}: {error}; each line is one decision in JSON, remove"
        " the bad one"
    )


def append(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows as lines of JSON, in one write; raise WorkspaceError when that fails."""
    text = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    try:
        with path.open("ab") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise WorkspaceError(f"cannot write {path}: {error.strerror or error}") from error


def judged(case: Path, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the tables `decisions` and `agreement` of a case, those for which it holds a file."""
    made: dict[str, pa.Table] = {}
    if (case / DECISIONS).exists():
        made["decisions"] = canonical(
            decisions_table(read_decisions(case), tables), DECISIONS_TABLE
        )
    if (case / AGREEMENTS).exists():
        rows = [row for _, row in _lines(case / AGREEMENTS)]
        made["agreement"] = canonical(agreement_table(rows), AGREEMENT)
    return made


def agreement_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return kept results as the table `agreement`; of one sheet the last reading counts."""
    from datetime import datetime

    last = {(row["sheet_id"], row["kind"]): row for row in rows}
    read = [{**row, "read_at": datetime.fromisoformat(row["read_at"])} for row in last.values()]
    return AGREEMENT.from_rows(read)


def carry_over(source: Path | None, target: Path) -> None:
    """Copy what analysts decided into a folder that has none of it yet."""
    for name in (DECISIONS, AGREEMENTS):
        if source is not None and (source / name).exists() and not (target / name).exists():
            write_text(target / name, (source / name).read_text(encoding="utf-8"))


def decide(
    case: str | Path,
    action: str,
    ids: Sequence[str],
    *,
    words: str | None = None,
    into: str | None = None,
    takes_back: str | None = None,
    who: str | None = None,
) -> Analysis:
    """Write a decision on each of `ids` into the case; return the analysis with it.

    Parameters
    ----------
    case
        Folder of a finished case.
    action
        confirm, dismiss, note, rename, merge, pin or undo.
    ids
        Findings, narratives, talking points or shifts, by id or its beginning (six characters).
    words
        The title (rename), the text (note), or the reason.
    into
        merge: the narrative that shows all of them from now on.
    takes_back
        undo: verdict, note, rename, merge or pin; None: all on that thing.
    who
        Name of the analyst, if it is to be kept.

    Raises
    ------
    SettingsError
        When the action is unknown, misses what it needs, or falls on nothing.
    WorkspaceError
        When `case` is no finished case or cannot be written.
    """
    folder = Path(case)
    Manifest.read(folder)
    with only_writer(folder, LOG.info):
        analysis = Analysis.load(folder)
        made = [
            _decision(analysis, action, id_, words=words, into=into, takes_back=takes_back, who=who)
            for id_ in _some(ids)
        ]
        append(folder / DECISIONS, [one.to_dict() for one in made])
        return republish(analysis, folder)


def _some(ids: Sequence[str]) -> Sequence[str]:
    if not ids:
        raise SettingsError("name what the decision is about; ids: narrashift review CASE list")
    return list(dict.fromkeys(ids))


def _decision(
    analysis: Analysis,
    action: str,
    wanted: str,
    *,
    words: str | None,
    into: str | None,
    takes_back: str | None,
    who: str | None,
) -> Decision:
    if action not in ACTIONS:
        raise SettingsError(f"no decision is called {action!r}; known: {', '.join(ACTIONS)}")
    words = words.strip() if words else None
    if action in NEEDS_WORDS and not words:
        raise SettingsError(f"{action} needs {NEEDS_WORDS[action]}")
    scope, id_ = thing_named(analysis, wanted, past=action == "undo")
    if action in {"rename", "merge"} and scope != "narrative":
        raise SettingsError(f"{wanted!r} is a {scope}; {action} is for narratives")
    end = _merge_end(analysis, id_, into) if action == "merge" else None
    if action == "undo":
        _refuse_empty_undo(analysis, scope, id_, takes_back)
    known = id_ in analysis.arrow[SCOPES[scope][0]][SCOPES[scope][1]].to_pylist()
    return Decision(
        at=now().isoformat(),
        action=action,
        scope=scope,
        target=id_,
        who=who.strip() if who and who.strip() else None,
        takes_back=takes_back,
        kind=_kind(analysis, scope, id_) if known else None,
        into=end,
        words=words,
        posts=anchors(analysis.arrow, scope, id_) if known else (),
        into_posts=anchors(analysis.arrow, "narrative", end) if end else (),
    )


def thing_named(analysis: Analysis, wanted: str, *, past: bool = False) -> tuple[str, str]:
    """Return (scope, id) of what is called `wanted`, by its id or the beginning of it.

    `past` also looks among things that earlier decisions name and this run did not find again.
    Raises SettingsError when nothing or more than one thing is called so.
    """
    asked = wanted.strip()
    known = {
        (scope, id_)
        for scope, (table, column) in SCOPES.items()
        for id_ in table_of(analysis.arrow, table)[column].to_pylist()
    }
    if past:
        known |= {(r["scope"], r["target_id"]) for r in not_found(_decided(analysis))}
    exact = sorted(thing for thing in known if thing[1] == asked)
    found = exact or sorted(
        thing for thing in known if len(asked) >= LEAST_PREFIX and thing[1].startswith(asked)
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(
            f"{wanted!r} names {len(found)} things ({', '.join(scope for scope, _ in found[:5])});"
            " give more of the id"
        )
    raise SettingsError(
        f"no finding, narrative, talking point or shift of this case is called {wanted!r}; ids:"
        " narrashift review CASE list"
    )


def _decided(analysis: Analysis) -> pa.Table:
    return table_of(analysis.arrow, "decisions")


def _kind(analysis: Analysis, scope: str, id_: str) -> str | None:
    name, column = SCOPES[scope]
    if scope not in {"finding", "shift"}:
        return None
    rows = analysis.arrow[name].select([column, "kind"]).to_pylist()
    return next(str(row["kind"]) for row in rows if row[column] == id_)


def _merge_end(analysis: Analysis, id_: str, into: str | None) -> str:
    if not into:
        raise SettingsError("merge needs --into ID, the narrative that shows both from now on")
    scope, end = thing_named(analysis, into)
    if scope != "narrative":
        raise SettingsError(f"{into!r} is a {scope}; narratives are merged into narratives")
    so_far = merged(states(_decided(analysis)))
    if id_ in (end, so_far.get(end)):
        raise SettingsError(f"{into!r} already stands for {id_!r}; a narrative needs another one")
    return end


def _refuse_empty_undo(analysis: Analysis, scope: str, id_: str, takes_back: str | None) -> None:
    if takes_back is not None and takes_back not in SLOTS:
        raise SettingsError(f"--of is {takes_back!r}; expected one of {', '.join(SLOTS)}")
    for row in _decided(analysis).to_pylist():
        slot = "verdict" if row["action"] in {"confirm", "dismiss"} else row["action"]
        same = row["scope"] == scope and id_ in (row["now_id"], row["target_id"])
        if row["holds"] and same and takes_back in (None, slot):
            return
    raise SettingsError(f"nothing holds on {scope} {id_} that could be taken back")


def republish(analysis: Analysis, folder: Path) -> Analysis:
    """Make the tables of decisions anew and write what changed: them, the report, the manifest."""
    own = judged(folder, analysis.arrow)
    digests = dict(analysis.manifest.tables)
    for name, table in own.items():
        path = write_parquet(table, Workspace(folder).tables / f"{name}.parquet")
        digests[name] = file_digest(path)
    manifest = replace(analysis.manifest, tables=dict(sorted(digests.items())))
    decided = Analysis({**analysis.arrow, **own}, manifest, analysis.rejects)
    if "findings" in analysis.arrow:
        write_report_files(decided, folder / "report.html")
    manifest.write(folder)
    return decided


def decision_rows(analysis: Analysis, *, redact: str | None = None) -> list[dict[str, Any]]:
    """Return every decision as it may leave the case, in order."""
    redactor = analysis.redactor(redact)
    lost = {row["number"] for row in not_found(_decided(analysis))}
    return [
        {
            "number": row["number"],
            "at": row["decided_at"].isoformat(),
            "who": redactor.words(row["who"]) if row["who"] else None,
            "action": row["action"],
            "of": row["takes_back"],
            "scope": row["scope"],
            "id": _shown(redactor, row["now_id"] or row["target_id"]),
            "into": _shown(redactor, row["into_id"]) if row["action"] == "merge" else None,
            "words": decision_row(redactor, row)["words"],
            "holds": row["holds"],
            "found_again": row["number"] not in lost,
        }
        for row in sorted(_decided(analysis).to_pylist(), key=lambda row: int(row["number"]))
    ]


def _shown(redactor: Redactor, id_: str | None) -> str | None:
    return None if id_ is None else redactor.derived(id_)


def reviewable(analysis: Analysis, *, redact: str | None = None) -> list[dict[str, Any]]:
    """Return what can be decided on, findings first, each with what holds on it already."""
    from reports.decided import marks, parted, with_decisions
    from reports.findings import in_reading_order

    redactor, tables = analysis.redactor(redact), with_decisions(analysis.arrow)
    said = marks(analysis.arrow, redactor)
    rows: list[dict[str, Any]] = []
    for part in parted(in_reading_order(table_of(tables, "findings")), tables):
        rows += [
            _item("finding", row["finding_id"], redactor.statement(row["statement"]), redactor)
            for row in part.to_pylist()
        ]
    narratives = sorted(
        table_of(tables, "narratives").to_pylist(), key=lambda r: (-r["posts"], r["narrative_id"])
    )
    rows += [
        _item("narrative", row["narrative_id"], redactor.label(row["label"]), redactor)
        for row in narratives
    ]
    for row in rows:
        mark = said.get(row["id"])
        row["decided"] = [] if mark is None else mark.told
    return rows


def _item(scope: str, id_: str, what: str, redactor: Redactor) -> dict[str, Any]:
    return {"scope": scope, "id": redactor.derived(id_), "what": what}
