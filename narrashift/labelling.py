"""The analyst's labels of a case: written down, read back, taken back, and applied.

In: a case folder and a label. Out: `labels.jsonl` in the case, one line a decision;
the table `stances` made anew; report and manifest to match. `analyze` and `add` read the file, so
labels outlive a new run: a label is tied to a post, which finds its narrative again under another
id. A label in `case.toml` (`[[labels]]`) counts as the earliest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import InputError, SettingsError, WorkspaceError
from corpus.files import file_digest, write_text
from corpus.locks import only_writer
from corpus.manifest import Manifest
from corpus.settings import Label, Settings
from corpus.workspace import Workspace, write_parquet
from narrashift.analysis import Analysis
from narrashift.clock import now
from narrashift.report_files import write_report_files
from reports.links import table_of

if TYPE_CHECKING:
    from reports.redaction import Redactor

LOG = logging.getLogger(__name__)
FILE = "labels.jsonl"


def with_case_labels(settings: Settings, case: Path) -> Settings:
    """Return `settings` with the labels that the case's file holds behind their own."""
    labels = tuple(_effective(settings.labels, _decisions(case)))
    return settings if labels == settings.labels else replace(settings, labels=labels)


def _decisions(case: Path) -> list[dict[str, Any]]:
    path = case / FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        rows = [json.loads(line) for line in lines if line.strip()]
        return [row for row in rows if (row["target"], row["stance"])]
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{path} is damaged: {error}; each line is one decision in JSON, remove the bad one"
        ) from error


def _effective(before: Sequence[Label], decisions: Sequence[dict[str, Any]]) -> list[Label]:
    """The labels that hold: the last decision on one thing and target counts."""
    held = {_thing(label): label for label in before}
    for decision in decisions:
        label = Label(
            str(decision["target"]),
            str(decision["stance"]),
            decision.get("narrative"),
            decision.get("point"),
            decision.get("anchor"),
        )
        held.pop(_thing(label), None)
        if not decision.get("revoked"):
            held[_thing(label)] = label
    return list(held.values())


def _thing(label: Label) -> tuple[str, str | None, str | None]:
    return (label.target, label.narrative, label.point)


def decide(
    case: Path,
    target: str | None,
    stance: str | None,
    *,
    narrative: str | None,
    point: str | None,
    revoke: bool,
) -> Analysis:
    """What `label` does with its options; raises SettingsError where one is missing."""
    if not target or not target.strip():
        raise SettingsError("--target is missing; say who or what the narrative is about")
    if (stance is None) != revoke:
        raise SettingsError("a label needs --stance for, against or neutral; --revoke takes none")
    return label_case(case, target=target, stance=stance, narrative=narrative, point=point)


def label_case(
    case: str | Path,
    *,
    target: str,
    stance: str | None,
    narrative: str | None = None,
    point: str | None = None,
) -> Analysis:
    """Put a label on a narrative or talking point of a case, or take it back (stance None).

    Parameters
    ----------
    case
        Folder of a finished case.
    target
        Who or what the narrative is about, in the analyst's words.
    stance
        for, against, neutral, or None to take the label back.
    narrative, point
        One of the two: an id, or its pseudonym in the report.

    Raises
    ------
    SettingsError
        When the stance is none of the three, not one thing is named, or the case holds no such
        thing, or nothing is there to take back.
    InputError
        When the case has no narratives.
    WorkspaceError
        When `case` is no finished case.
    """
    folder = Path(case)
    Manifest.read(folder)
    with only_writer(folder, LOG.info):
        analysis = Analysis.load(folder)
        label = _label(analysis, target, stance, narrative, point)
        settings = with_case_labels(analysis.settings, folder)
        known = {_thing(held) for held in settings.labels}
        if stance is None and _thing(label) not in known:
            raise SettingsError(f"no label on {target!r} is there to take back from that")
        decision = {"at": now().isoformat(), **asdict(label), "revoked": stance is None}
        earlier = (folder / FILE).read_text(encoding="utf-8") if (folder / FILE).exists() else ""
        write_text(folder / FILE, earlier + json.dumps(decision, ensure_ascii=False) + "\n")
        return _applied(analysis, with_case_labels(settings, folder), folder)


def _label(
    analysis: Analysis, target: str, stance: str | None, narrative: str | None, point: str | None
) -> Label:
    if "narratives" not in analysis.arrow or "point_posts" not in analysis.arrow:
        raise InputError(
            "this case holds no narratives to label; make them with: narrashift analyze"
        )
    if (narrative is None) == (point is None):
        raise SettingsError("a label needs one of --narrative ID and --point ID")
    redactor = analysis.redactor()
    if point is not None:
        own = _known_id(analysis, "talking_points", "point_id", point, redactor)
        anchor = _of(analysis, "talking_points", "point_id", own, "exemplar_id")
        made = Label(target.strip(), stance or "neutral", point=own, anchor=anchor)
    else:
        own = _known_id(analysis, "narratives", "narrative_id", str(narrative), redactor)
        anchor = _of(analysis, "narratives", "narrative_id", own, "medoid_post_id")
        made = Label(target.strip(), stance or "neutral", narrative=own, anchor=anchor)
    replace(analysis.settings, labels=(made,))  # raises SettingsError when the stance is none
    return made


def _known_id(analysis: Analysis, table: str, column: str, wanted: str, redactor: Redactor) -> str:
    """The id that is called `wanted`, plainly or by its pseudonym."""
    for known in analysis.arrow[table].column(column).to_pylist():
        if wanted in (known, redactor.derived(known)):
            return str(known)
    what = column.removesuffix("_id").replace("point", "talking point")
    raise SettingsError(f"no {what} of this case is called {wanted!r}; ids stand in the report")


def _of(analysis: Analysis, table: str, key: str, own: str, column: str) -> str:
    rows = analysis.arrow[table]
    return str(rows.filter(pc.equal(rows.column(key), own)).column(column)[0].as_py())


def _applied(analysis: Analysis, settings: Settings, folder: Path) -> Analysis:
    """Make `stances` anew and write what changed: that table, the report, the manifest."""
    from clustering.evolution import spaces_of
    from clustering.stances import spread_labels

    tables = dict(analysis.arrow)
    names = ("point_posts", "narrative_points", "talking_points", "paraphrases", "vectors")
    spread = spread_labels(
        settings.labels,
        **{name: tables[name] for name in names},
        space_of_post=spaces_of(tables["vectors"], tables["texts"]),
    )
    tables["stances"] = spread.stances
    path = write_parquet(spread.stances, Workspace(folder).tables / "stances.parquet")
    manifest = replace(
        analysis.manifest,
        settings=settings.to_dict(),
        tables={**analysis.manifest.tables, "stances": file_digest(path)},
    )
    labelled = Analysis(tables, manifest, analysis.rejects)
    write_report_files(labelled, folder / "report.html")
    manifest.write(folder)
    return labelled


def label_rows(analysis: Analysis, *, redact: str | None = None) -> list[dict[str, Any]]:
    """Return the case's labels with how far each reaches, as they may leave the case."""
    redactor = analysis.redactor(redact)
    rows = table_of(analysis.arrow, "stances").to_pylist()
    said = [row for row in rows if row["source"] == "analyst"]
    return [
        {
            "target": redactor.words(row["target"]),
            "stance": row["stance"],
            row["scope"]: redactor.derived(row["scope_id"]),
            "spreads_to": sum(
                other["source"] == "spread"
                and (other["target"], other["from_scope"], other["from_id"])
                == (row["target"], row["scope"], row["scope_id"])
                for other in rows
            ),
        }
        for row in said
    ]


def who_posted(
    analysis: Analysis, target: str | None, stance: str | None, *, redact: str | None = None
) -> list[dict[str, Any]]:
    """Return who posted what is labelled so, as it may leave the case; raises SettingsError."""
    if not target or not stance:
        raise SettingsError("--accounts needs --target NAME and --stance for, against or neutral")
    redactor = analysis.redactor(redact)
    rows = pa.Table.from_pandas(analysis.accounts_on(target, stance), preserve_index=False)
    return [
        {
            **row,
            "account_id": redactor.account(row["account_id"]),
            "first_at": _iso(row["first_at"]),
            "last_at": _iso(row["last_at"]),
            "evidence": [redactor.post(post) for post in row["evidence"]],
        }
        for row in rows.to_pylist()
    ]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
