"""What the analyst set aside is told by no export, and stays in the tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from reports.decisions import Decision, anchors, decisions_table
from reports.exports.from_tables import export_tables
from reports.exports.statements import shown_statement
from reports.redaction import Redactor

AT = "2031-06-01T10:00:00+00:00"


def dismissed(tables: dict[str, pa.Table], scope: str, target: str) -> Decision:
    return Decision(AT, "dismiss", scope, target, posts=anchors(tables, scope, target))


def test_a_summary_and_a_bundle_leave_out_what_was_set_aside(
    told_tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    narrative = told_tables["narratives"].to_pylist()[1]
    finding = told_tables["findings"].filter(pc.equal(told_tables["findings"]["kind"], "shift"))
    gone = finding.to_pylist()[0]
    decisions = [
        dismissed(told_tables, "narrative", narrative["narrative_id"]),
        dismissed(told_tables, "finding", gone["finding_id"]),
    ]
    decided = {**told_tables, "decisions": decisions_table(decisions, told_tables)}
    plain = Redactor("none")
    for name in ("markdown", "stix"):
        before = _read(export_tables(name, told_tables, tmp_path / "a", plain)[0])
        after = _read(export_tables(name, decided, tmp_path / "b", plain)[0])
        words = narrative["label"], shown_statement(gone["statement"])
        assert all(word in before for word in words), name
        assert not any(word in after for word in words), name
    assert "set aside: 1 finding, 1 narrative" in (tmp_path / "b" / "summary.md").read_text("utf-8")
    csv = export_tables("csv", decided, tmp_path / "c", plain)
    text = {path.stem: path.read_text("utf-8") for path in csv}
    assert narrative["label"] in text["narratives"] and "dismiss" in text["decisions"]


def _read(path: Path) -> str:
    """The words of a file, without what Markdown and JSON put before characters."""
    return path.read_text("utf-8").replace("\\", "")
