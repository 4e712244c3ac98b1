"""Talking points on cards, and the narrative map: wordings against the medoid, marks with links."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.tables import ALL
from reports.evidence import Evidence
from reports.links import Links
from reports.narrative_findings import points_of
from reports.redaction import Redactor
from reports.report_map import NarrativeMap
from reports.report_map import section as map_section
from reports.report_most import busiest
from reports.report_narratives import ordered
from reports.report_points import Point, point_shown


def evidence_of(tables: dict[str, pa.Table], redactor: Redactor) -> Evidence:
    return Evidence(Links(tables), redactor, 500, "case")


def shown(tables: dict[str, pa.Table], redactor: Redactor, **more: Any) -> Point:
    evidence = evidence_of(tables, redactor)
    row = next(r for r in points_of(evidence.links, "narrative0") if r["point_id"] == "point00")
    return point_shown(evidence.links, evidence, row | more)


def linked(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The case with every later post of point00 hanging on its first, in two sub-variants."""
    rows = tables["point_posts"].to_pylist()
    mine = [row for row in rows if row["point_id"] == "point00"]
    for place, row in enumerate(mine):
        hangs = {"linked_to": mine[0]["post_id"], "link_similarity": 0.9, "depth": 1}
        row.update((hangs if place else {"depth": 0}) | {"variant": 1 + place % 2})
    return tables | {"point_posts": ALL["point_posts"].from_rows(rows)}


def test_wordings_are_marked_against_the_medoid_when_the_run_names_one(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    links = Links(tables)
    posts = links.written_in_point("point00")
    texts = posts["text"].to_pylist()
    other = next(place for place, text in enumerate(texts) if text != texts[0])
    first = shown(tables, redactor)
    assert first.earliest is None
    moved = shown(tables, redactor, medoid_id=posts["post_id"][other].as_py())
    assert moved.cited is not None and moved.earliest is not None
    assert moved.cited.text == redactor.text(texts[other])
    assert moved.earliest.text == redactor.text(texts[0])
    for variant in moved.variants:
        kept = re.sub(r"<ins>.*?</ins>", "", str(variant.diff))
        letters = re.sub(r"<[^>]+>", "", kept)
        assert letters.split() == moved.cited.text.replace("&", "&amp;").split()


def test_counts_of_wordings_add_up_to_the_posts(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    point = shown(tables, redactor)
    posts = Links(tables).written_in_point("point00")
    assert point.wordings == len(pc.unique(posts["text"]))
    assert point.posts == f"{posts.num_rows} posts"
    assert point.more_members == posts.num_rows - len(point.members)


def test_members_hang_on_the_post_the_run_linked_them_to(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    members = shown(linked(tables), redactor, variants=2).members
    assert members[0].hangs_on is None
    for member in members[1:]:
        assert member.hangs_on is not None
        assert member.hangs_on.number == members[0].cited.number
        assert (member.link, member.depth) == ("0.90", "1")


def test_one_wording_of_each_sub_variant_comes_first(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    point = shown(linked(tables), redactor, variants=2)
    assert {variant.part for variant in point.variants[:2]} == {1, 2}


def test_a_report_that_withholds_quotes_shows_no_wordings(tables: dict[str, pa.Table]) -> None:
    full = Redactor.of(tables, "full", b"k" * 32)
    assert full.withheld()
    point = shown(tables, full)
    assert point.variants == []
    assert point.wordings > 1


def test_nobody_is_named_as_busiest_under_a_threshold(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    evidence = evidence_of(tables, redactor)
    posts = evidence.links.written.filter(pc.equal(evidence.links.written["narrative_id"],
                                                   "narrative0"))  # fmt: skip
    told = busiest(evidence, posts)
    assert told
    assert all(one.account.startswith("acct_") for one in told)
    few = Redactor.of(tables, "pseudonym", b"k" * 32, min_accounts=5)
    assert busiest(evidence_of(tables, few), posts) == []


# the map -----------------------------------------------------------------------------------------


def mapped(tables: dict[str, pa.Table], redactor: Redactor, cards: int = 2) -> NarrativeMap:
    rows = [
        {"narrative_id": f"narrative{n}", "space": space, "x": n / 4, "y": -n / 4,
         "near": [f"narrative{(n + 1) % 4}"], "stress": 0.3, "correlation": 0.6}
        for n, space in enumerate(("en", "fa", "en", "pooled"))
    ]  # fmt: skip
    case = tables | {"narrative_map": ALL["narrative_map"].from_rows(rows)}
    evidence = evidence_of(case, redactor)
    made = map_section(evidence.links, evidence, ordered(evidence.links, None), cards)
    assert made is not None
    return made


def test_every_mark_leads_to_a_card_or_to_its_row(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    made = mapped(tables, redactor)
    rows = [row for panel in made.panels for row in panel.rows]
    leads = [lead for panel in made.panels for lead in re.findall(r'href="#([^"]+)"', panel.svg)]
    assert sorted(leads) == sorted(row.leads_to for row in rows)
    for row in rows:
        assert row.leads_to == (f"narrative-{row.rank}" if row.rank <= 2 else row.anchor)
        assert row.opens


def test_each_language_has_a_shape_and_a_colour_of_its_own(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    made = mapped(tables, redactor)
    rows = [row for panel in made.panels for row in panel.rows]
    shapes = {row.lang: row.shape for row in rows}
    assert len(set(shapes.values())) == len(shapes) == 4
    assert len({re.search(r"<(circle|polygon)[^>]*>", svg).group() for _, svg in made.legend}) == 4  # type: ignore[union-attr]


def test_the_map_says_that_distance_is_approximate_and_by_how_much(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    few = mapped(tables, redactor).panels
    assert all("says nothing" in panel.fit for panel in few)
    rows = [
        {"narrative_id": f"narrative{n}", "space": "pooled", "x": 0.1 * n, "y": 0.0, "near": [],
         "stress": 0.3, "correlation": 0.6} for n in range(4)
    ]  # fmt: skip
    case = tables | {"narrative_map": ALL["narrative_map"].from_rows(rows)}
    evidence = evidence_of(case, redactor)
    made = map_section(evidence.links, evidence, ordered(evidence.links, None), 4)
    assert made is not None
    assert made.panels[0].fit.startswith("Distance is approximate")
    assert "36 %" in made.panels[0].fit


@pytest.mark.parametrize("kept", [{}, {"narrative_map": ALL["narrative_map"].from_rows([])}])
def test_without_places_there_is_no_map(
    tables: dict[str, pa.Table], redactor: Redactor, kept: dict[str, pa.Table]
) -> None:
    evidence = evidence_of(tables | kept, redactor)
    assert map_section(evidence.links, evidence, ordered(evidence.links, None), 30) is None
