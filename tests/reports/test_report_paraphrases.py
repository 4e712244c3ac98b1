"""Paraphrases in a narrative's card: both texts, both scores, where the other stands, redacted."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from corpus.tables import PARAPHRASES
from reports.evidence import Evidence
from reports.html import build_report
from reports.links import Links
from reports.narrative_findings import points_of
from reports.neutral import judging_words
from reports.redaction import Redactor
from reports.report_paraphrases import MAX_REWORDED, RewordedPairs, reworded


def paired(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Every pair of the case's talking points, linked."""
    ids = sorted(tables["talking_points"]["point_id"].to_pylist())
    rows = [
        {"point_a": a, "point_b": b, "lexical": 0.41, "semantic": 0.83, "score": 0.77,
         "embedder": "minilm"}
        for a in ids for b in ids if a < b
    ]  # fmt: skip
    return {**tables, "paraphrases": PARAPHRASES.from_rows(rows)}


def block(tables: dict[str, pa.Table], redactor: Redactor, narrative_id: str) -> RewordedPairs:
    links = Links(tables)
    evidence = Evidence(links, redactor, 100, "title")
    return reworded(links, evidence, narrative_id, points_of(links, narrative_id))


@pytest.fixture
def narrative_id(tables: dict[str, pa.Table]) -> str:
    found: str = tables["narratives"].sort_by("narrative_id")["narrative_id"][0].as_py()
    return found


def test_a_pair_is_told_from_the_side_of_the_narrative(
    tables: dict[str, pa.Table], redactor: Redactor, narrative_id: str
) -> None:
    found = block(paired(tables), redactor, narrative_id)
    assert 0 < len(found.shown) <= MAX_REWORDED <= found.total
    links = Links(tables)
    mine = {point["exemplar_id"] for point in points_of(links, narrative_id)}
    for pair in found.shown:
        assert pair.one.source in {redactor.post(post_id) for post_id in mine}
        assert (pair.lexical, pair.semantic, pair.score) == ("0.41", "0.83", "0.77")
        inside = pair.other.source in {redactor.post(post_id) for post_id in mine}
        assert (pair.elsewhere is None) == inside


def test_the_order_of_rows_does_not_matter(
    tables: dict[str, pa.Table], redactor: Redactor, narrative_id: str
) -> None:
    whole = paired(tables)
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in whole.items()}
    assert block(turned, redactor, narrative_id) == block(whole, redactor, narrative_id)


def test_the_card_says_it_with_both_scores(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    page = build_report(paired(tables), manifest, settings, redactor)
    assert "Says much the same in other words" in page
    assert "Likeness of wording 0.41, of meaning 0.83, both fused 0.77" in page
    assert judging_words("Says much the same in other words. A link, not a copy") == []


def test_without_links_the_card_is_silent(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    for given in (tables, {**tables, "paraphrases": PARAPHRASES.empty()}):
        assert "in other words" not in build_report(given, manifest, settings, redactor)


def test_full_redaction_withholds_both_texts(
    tables: dict[str, pa.Table], narrative_id: str, redactor: Redactor
) -> None:
    hidden = Redactor.of(tables, "full", redactor.key)
    for pair in block(paired(tables), hidden, narrative_id).shown:
        assert pair.one.text.startswith("[text withheld")
        assert pair.other.text.startswith("[text withheld")
