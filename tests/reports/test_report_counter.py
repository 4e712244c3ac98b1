"""Counter-evidence: harmless copies, tests without a finding, what was left out, the ordinary."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.tables import ALL
from reports.evidence import Evidence
from reports.links import Links
from reports.redaction import Redactor
from reports.report_counter import Counter, section


def counter(tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor) -> Counter:
    links = Links(tables)
    return section(links, manifest, Evidence(links, redactor, 50, "case"))


def classified(point: str, name: str) -> pa.Table:
    return ALL["point_classes"].from_rows([
        {"point_id": point, "benign_class": name, "reason": "67% of its posts name a source",
         "evidence": [], "score": 1.0}])  # fmt: skip


@pytest.mark.parametrize("name", ["headline", "share_button", "quote", "syndication", "new_class"])
def test_each_harmless_class_is_counted_and_quoted(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor, name: str
) -> None:
    made = counter(tables | {"point_classes": classified("point00", name)}, manifest, redactor)
    line = made.copied[0]
    assert "1 talking point" in line.words
    written = Links(tables).written_in_point("point00")
    assert f"{written.num_rows:,} posts" in line.words
    assert line.quoted is not None
    assert line.reason.startswith("67%")
    assert line.opens


def test_points_without_evidence_are_those_whose_accounts_were_looked_at_in_vain(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    assert not counter(tables, manifest, redactor).unexplained  # nothing was tested
    groups = ALL["groups"].from_rows([])
    made = counter(tables | {"groups": groups}, manifest, redactor)
    assert made.unexplained
    assert any(line.words.startswith("No account has evidence") for line in made.looked)
    accounts = pc.unique(Links(tables).written_in_point("point00")["account_id"]).to_pylist()
    campaign = ALL["campaign_accounts"].from_rows([
        {"campaign_id": "c", "account_id": accounts[0], "points": 3, "p_value": 0.0,
         "q_value": 0.0, "chance": 1.0, "with_evidence": True}])  # fmt: skip
    fewer = counter(tables | {"groups": groups, "campaign_accounts": campaign}, manifest, redactor)
    texts = {line.quoted.text for line in fewer.unexplained if line.quoted}
    assert not any("stage for paid actors" in text for text in texts)


def test_duplicates_and_other_rejects_are_told_apart(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    told = [line.words for line in counter(tables, manifest, redactor).left_out]
    assert told[0].startswith("4 rows of the files repeat")
    assert told[1].startswith("1 row of the files could not be used")


def test_gender_is_counted_nowhere(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    shifts = tables["shifts"]
    without = shifts.filter(pc.not_equal(shifts["attribute"], "gender"))
    assert without.num_rows < shifts.num_rows
    with_gender = counter(tables, manifest, redactor)
    assert (
        counter(tables | {"shifts": without}, manifest, redactor).ordinary == with_gender.ordinary
    )


def test_an_interval_that_holds_one_is_told_and_another_is_not(
    tables: dict[str, pa.Table], manifest: dict[str, Any], redactor: Redactor
) -> None:
    def told(low: float, high: float) -> list[str]:
        row = {"outcome": "renamed", "at_risk": 9, "gone": 3, "control_at_risk": 9,
               "control_gone": 2, "risk_ratio": 1.5, "ci_low": low, "ci_high": high,
               "p_value": 0.5, "basis": "b"}  # fmt: skip
        table = ALL["aftermath"].from_rows([row])
        lines = counter(tables | {"aftermath": table}, manifest, redactor).looked
        return [line.words for line in lines if "renamed" in line.words]

    assert told(0.5, 3.0)
    assert not told(1.1, 3.0)


def test_an_empty_case_says_nothing(redactor: Redactor) -> None:
    made = counter({}, {}, redactor)
    assert made == Counter([], [], [], [], [])
