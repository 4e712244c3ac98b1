"""What cards say beside their numbers: stability, marks, parts, stances, languages, history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.settings import Settings
from corpus.tables import (
    ALL,
    EVOLUTION,
    NARRATIVE_LINKS,
    NARRATIVE_POINTS,
    NARRATIVE_WINDOWS,
    NARRATIVES,
    POINT_CLASSES,
    STANCES,
    SUB_NARRATIVES,
)
from reports import report_outside
from reports.evidence import Evidence
from reports.html import build_report
from reports.links import Links
from reports.neutral import judging_words
from reports.redaction import Redactor
from reports.report_evolution import MAX_EVENTS, History, Lives, history
from reports.report_narrative_facts import Facts, facts_of
from reports.report_overview import coverage

Tables = dict[str, pa.Table]
FIRST, OTHER = "narrative0", "narrative1"
WEEK = 7 * 86_400
SECRETS = ("river_003", "Nadia Ferrow", "7700000003")
HOSTILE = "<script>window.hit=1</script> @river_003 Nadia Ferrow"
COVERAGE = {
    "posts": 1000, "posts_in_narratives": 730, "repeated_posts": 400,
    "repeated_posts_in_narratives": 212, "points": 50, "points_in_narratives": 40,
    "repeated_points": 0, "repeated_points_in_narratives": 0, "language_leak": 0.875,
    "mixed_narratives": 2,
}  # fmt: skip


def _narratives(tables: Tables, **more: Any) -> pa.Table:
    """The narratives, the first with `more`."""
    rows = tables["narratives"].to_pylist()
    return NARRATIVES.from_rows(
        [row | more if row["narrative_id"] == FIRST else row for row in rows]
    )


def _group(key: str, narrative_id: str | None, start: Any, points: list[str]) -> dict[str, Any]:
    return {
        "group_key": key, "thread_id": "t", "space": "en", "window_start": start,
        "window_s": WEEK, "narrative_id": narrative_id, "points": len(points), "posts": 9,
        "accounts": 7, "point_ids": points,
    }  # fmt: skip


def _event(kind: str, at: Any, before: list[str], after: list[str]) -> dict[str, Any]:
    return {
        "event_id": f"{kind}{at}", "kind": kind, "at": at, "groups_before": before,
        "groups_after": after, "shared_points": 1, "cosine": 0.9, "evidence": ["point00"],
    }  # fmt: skip


@pytest.fixture
def told(tables: Tables) -> Tables:
    """The case in which the first narrative has everything that a card can tell."""
    start = tables["narratives"].filter(pc.equal(tables["narratives"]["narrative_id"], FIRST))
    start = start["first_at"][0].as_py()
    post = tables["narratives"]["medoid_post_id"][0].as_py()
    part = {
        "sub_narrative_id": "s", "narrative_id": FIRST, "label": HOSTILE, "terms": ["hall"],
        "medoid_post_id": post, "quote": "q", "points": 1, "posts": 3, "reposts": 1, "accounts": 2,
    }  # fmt: skip
    stance = {
        "target": HOSTILE, "stance": "against", "score": 1.0, "reason": "r",
        "from_scope": "narrative", "from_id": FIRST,
    }  # fmt: skip
    link = {
        "narrative_a": FIRST, "narrative_b": OTHER, "lang_a": "en", "lang_b": "fa", "shared": 3,
        "expected": 0.1, "p_value": 1e-6, "q_value": 1e-5,
        "urls": ["x.com/river_003/status/190000000000000001"], "hashtags": ["Summit"],
        "mentions": ["river_003"], "time_overlap": 0.5, "cosine": None,
        "basis": "both hold 1 link; 0.10 such objects are expected by chance",
    }  # fmt: skip
    weeks = [start + timedelta(seconds=WEEK * turn) for turn in range(4)]
    groups = [
        _group("a", FIRST, weeks[0], ["point00"]), _group("b", OTHER, weeks[0], ["point10"]),
        _group("c", FIRST, weeks[1], ["point00", "point10"]),
        _group("d", FIRST, weeks[2], ["point00"]),
    ]  # fmt: skip
    events = [
        _event("merged", weeks[1], ["a", "b"], ["c"]), _event("continued", weeks[2], ["c"], ["d"]),
        _event("ended", weeks[3], ["d"], []),
    ]  # fmt: skip
    spread = [
        {**stance, "scope": "point", "scope_id": f"point0{n}", "source": "spread"} for n in (0, 1)
    ]
    return {
        **tables,
        "narratives": _narratives(
            tables, stability=0.4, top_account_share=0.9, mark="single_account",
            mark_reason="one account wrote 9 of its 10 posts",
        ),
        "sub_narratives": SUB_NARRATIVES.from_rows([part]),
        "stances": STANCES.from_rows(
            [{**stance, "scope": "narrative", "scope_id": FIRST, "source": "analyst"}, *spread]
        ),
        "narrative_links": NARRATIVE_LINKS.from_rows([link]),
        "narrative_windows": NARRATIVE_WINDOWS.from_rows(groups),
        "evolution": EVOLUTION.from_rows(events),
    }  # fmt: skip


def _facts(tables: Tables, redactor: Redactor, narrative_id: str = FIRST) -> Facts:
    links = Links(tables)
    rows = {row["narrative_id"]: row for row in tables["narratives"].to_pylist()}
    evidence = Evidence(links, redactor, 100, "title")
    return facts_of(links, evidence, rows[narrative_id], {OTHER: "narrative-2"})


def _history(tables: Tables, redactor: Redactor, narrative_id: str = FIRST) -> History | None:
    links = Links(tables)
    return history(Lives(links), Evidence(links, redactor, 100, "title"), narrative_id)


def test_a_low_stability_asks_for_care_and_a_high_one_does_not(
    tables: Tables, redactor: Redactor
) -> None:
    low = _facts({**tables, "narratives": _narratives(tables, stability=0.4)}, redactor)
    high = _facts({**tables, "narratives": _narratives(tables, stability=0.5)}, redactor)
    assert low.firm and low.firm.endswith("overlap 0.40; below .5: read with care.")
    assert high.firm and high.firm.endswith("overlap 0.50.")
    assert _facts(tables, redactor).firm is None


def test_a_label_on_a_narrative_is_told_with_the_points_it_spread_to(
    told: Tables, redactor: Redactor
) -> None:
    (words,) = _facts(told, redactor).stances
    assert words.startswith("Against “")
    assert words.endswith(
        "the analyst said so of the narrative and the label spread to 2 talking points."
    )
    assert _facts(told, redactor, OTHER).stances == []


def test_a_link_between_languages_is_told_from_both_sides(told: Tables, redactor: Redactor) -> None:
    (there,) = _facts(told, redactor).languages
    assert (there.anchor, there.language, there.lang) == ("narrative-2", "Persian", "fa")
    assert "#Summit" in there.shared
    (back,) = _facts(told, redactor, OTHER).languages
    assert (back.anchor, back.language) == (None, "English")


def test_the_history_tells_each_change_with_its_window_and_counts_the_rest(
    told: Tables, redactor: Redactor
) -> None:
    found = _history(told, redactor)
    assert found is not None
    assert found.summary == (
        "Over time, in windows of 7 days: merged once, ended once and continued once"
    )
    merged, ended = found.shown
    assert "2 groups of the window before became one (2 talking points, 9 posts by" in merged.what
    assert "also of “" in merged.what
    # An end is dated by the last window in which the group was there.
    assert ended.when == "2031-05-24 to 2031-05-31"
    assert merged.cited and ended.cited


def test_a_merge_is_in_the_history_of_both_narratives(told: Tables, redactor: Redactor) -> None:
    found = _history(told, redactor, OTHER)
    assert found is not None and found.summary.endswith("merged once")
    assert _history(told, redactor, "narrative2") is None


def test_a_long_history_is_cut_and_says_so(
    told: Tables, redactor: Redactor, manifest: dict[str, Any], settings: Settings
) -> None:
    row = told["evolution"].to_pylist()[0]
    rows = [{**row, "event_id": f"e{turn:02d}"} for turn in range(MAX_EVENTS + 3)]
    many = {**told, "evolution": EVOLUTION.from_rows(rows)}
    found = _history(many, redactor)
    assert found is not None and (len(found.shown), found.total) == (MAX_EVENTS, MAX_EVENTS + 3)
    assert "and 3 later changes" in build_report(many, manifest, settings, redactor)


def test_the_page_says_it_all_names_nobody_and_judges_nobody(
    told: Tables, redactor: Redactor, manifest: dict[str, Any], settings: Settings
) -> None:
    page = build_report(told, manifest, settings, redactor)
    for words in (
        "Mostly a single account", "read with care", "Parts of it that stand out: 1 of 1",
        "narratives of other languages: 1 of 1", "Over time, in windows of 7 days", "Persistence",
    ):  # fmt: skip
        assert words in page
    assert not [secret for secret in SECRETS if secret in page]
    assert "<script>window" not in page
    facts, past = _facts(told, redactor), _history(told, redactor)
    assert past is not None
    ours = [past.summary, *(change.what for change in past.shown), facts.firm, facts.mark]
    assert [judging_words(str(words)) for words in ours] == [[]] * len(ours)


def test_row_order_changes_nothing(
    told: Tables, redactor: Redactor, manifest: dict[str, Any], settings: Settings
) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in told.items()}
    page = build_report(told, manifest, settings, redactor)
    assert build_report(turned, manifest, settings, redactor) == page


def test_absent_and_empty_tables_show_nothing(
    tables: Tables, redactor: Redactor, manifest: dict[str, Any], settings: Settings
) -> None:
    names = ("sub_narratives", "stances", "narrative_links", "narrative_windows", "evolution")
    for given in (tables, {**tables, **{name: ALL[name].empty() for name in names}}):
        page = build_report(given, manifest, settings, redactor)
        for words in ("Over time, in windows", "Parts of it", "narratives of other languages",
                      "read with care", "outside every narrative</h3>"):  # fmt: skip
            assert words not in page


def _outside(tables: Tables) -> Tables:
    """The case with the first narrative's points taken out of it."""
    rows = tables["narrative_points"].to_pylist()
    out = {"narrative_id": None, "membership": 0.0, "assigned_by": "outside"}
    moved = [row | out if row["narrative_id"] == FIRST else row for row in rows]
    known = {"point_id": "point00", "benign_class": "chain_post", "evidence": [], "score": 1.0,
             "reason": "most posts ask to be copied on"}  # fmt: skip
    return {
        **tables,
        "narrative_points": NARRATIVE_POINTS.from_rows(moved),
        "point_classes": POINT_CLASSES.from_rows([known]),
    }


def test_repeated_points_outside_are_listed_most_accounts_first(
    tables: Tables, redactor: Redactor
) -> None:
    links = Links(_outside(tables))
    found = report_outside.section(links, Evidence(links, redactor, 100, "title"))
    assert found is not None and found.total == 2
    sizes = [int(row.size.split(" ")[0]) for row in found.shown]
    assert sizes == sorted(sizes, reverse=True)
    harmless = [row.harmless for row in found.shown if row.harmless]
    assert harmless == ["chain post: Most posts ask to be copied on."]
    whole = Links(tables)
    assert report_outside.section(whole, Evidence(whole, redactor, 100, "title")) is None


def test_full_redaction_withholds_the_texts_outside(tables: Tables, redactor: Redactor) -> None:
    links = Links(_outside(tables))
    hidden = Redactor.of(tables, "full", redactor.key)
    found = report_outside.section(links, Evidence(links, hidden, 100, "title"))
    assert found is not None
    assert all(row.cited and row.cited.text.startswith("[text withheld") for row in found.shown)


def test_the_data_section_states_coverage_and_language_leak(
    tables: Tables, manifest: dict[str, Any]
) -> None:
    manifest["facts"]["coverage"] = COVERAGE
    rows = dict(coverage(Links(tables), manifest))
    assert rows["Posts in narratives"] == "73 % of 1,000; 53 % of the 400 said more than once"
    assert rows["Talking points in narratives"] == "80 % of 50"
    assert rows["Languages of narratives"].startswith("2 narratives hold more than one language")
    assert "leak 0.88" in rows["Languages of narratives"]
    assert rows["Vectors"] == "English minilm, Persian fitted"
    assert "Posts in narratives" not in dict(coverage(Links(tables), {}))
