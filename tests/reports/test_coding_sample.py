"""A coding sheet's sample: the same for any order of rows, blind, and never a pair of equals."""

from __future__ import annotations

import random
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.tie_evidence import tie_id
from corpus.tables import ALL
from reports.coding_sample import SOURCES, draw
from reports.evidence import NOT_QUOTED, Evidence
from reports.links import Links
from reports.redaction import Redactor


def with_ties(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The case with a few validated ties over its copied posts."""
    posts = [row for row in tables["posts"].to_pylist() if row["created_at"] and row["account_id"]]
    ties, behind = [], []
    for place in range(0, 24, 2):
        a, b = sorted(posts[place : place + 2], key=lambda row: str(row["account_id"]))
        if a["account_id"] == b["account_id"]:
            continue
        ties.append(
            {"account_a": a["account_id"], "account_b": b["account_id"], "layer": "copied_text",
             "window_s": 3600, "weight": 2, "n_objects": 2, "posts_a": 2, "posts_b": 2,
             "mean_gap_s": 5.0, "median_gap_s": 5.0, "a_first_share": 0.5, "symmetry": 1.0,
             "expected": 0.1, "p_value": 1e-4, "q_value": 0.01, "validated": True,
             "evidence": [a["post_id"], b["post_id"]]}
        )  # fmt: skip
        behind.append(
            {"tie_id": tie_id(a["account_id"], b["account_id"], "copied_text", 3600),
             "layer": "copied_text", "object_id": "x", "post_a": a["post_id"],
             "post_b": b["post_id"], "at_a": a["created_at"],
             "at_b": a["created_at"] + timedelta(seconds=5), "gap_s": 5.0, "quote_a": a["text"],
             "start_a": 0, "end_a": len(a["text"]), "quote_b": b["text"], "start_b": 0,
             "end_b": len(b["text"])}
        )  # fmt: skip
    own = {
        "ties": ALL["ties"].from_rows(ties),
        "tie_evidence": ALL["tie_evidence"].from_rows(behind),
    }
    return {**tables, **own}


@pytest.mark.parametrize("of", sorted(SOURCES))
@settings(max_examples=5)
@given(seed=st.integers(0, 9), shuffle=st.integers(0, 999))
def test_a_sample_does_not_depend_on_the_order_of_rows(
    tables: dict[str, pa.Table], redactor: Redactor, of: str, seed: int, shuffle: int
) -> None:
    case = with_ties(tables)
    mixed = {}
    for name, table in case.items():
        order = list(range(table.num_rows))
        random.Random(shuffle).shuffle(order)
        mixed[name] = table.take(pa.array(order, pa.int64()))
    one, two = (draw(Evidence(Links(t), redactor, 0, "", {}), of, 8, seed) for t in (case, mixed))
    assert one == two


@pytest.mark.parametrize("of", sorted(SOURCES))
def test_findings_and_controls_look_alike_and_can_be_told_apart_by_their_texts_alone(
    tables: dict[str, pa.Table], redactor: Redactor, of: str
) -> None:
    case = with_ties(tables)
    findings, controls = draw(Evidence(Links(case), redactor, 0, "", {}), of, 9, 7)
    assert findings
    assert len(findings) <= 9
    assert len(controls) <= -(-len(findings) // 3)
    accounts = {a for a in case["posts"]["account_id"].to_pylist() if a}
    for item in [*findings, *controls]:
        assert item.first.text != item.second.text
        assert NOT_QUOTED not in item.first.text + item.second.text
        assert not [a for a in accounts if a in item.first.text + item.second.text]
    assert not {item.key for item in findings} & {item.key for item in controls}
