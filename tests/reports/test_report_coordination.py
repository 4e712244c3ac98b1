"""The sections on coordination: what they say, what they leave out, and that ids leave nowhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clustering.tie_evidence import tie_id
from corpus.settings import Settings
from corpus.tables import (
    AFTERMATH,
    ALL,
    CAMPAIGN,
    CAMPAIGN_ACCOUNTS,
    FRONTS,
    GROUPS,
    ROLES,
    SKIPPED_OBJECTS,
    SURVIVAL,
    TIE_EVIDENCE,
    TIES,
)
from reports import wording
from reports.evidence import Evidence
from reports.exports.from_tables import export_tables
from reports.findings import rank_findings
from reports.html import build_report
from reports.links import Links
from reports.opens import Opens
from reports.redaction import Redactor
from reports.report_aftermath import ratio_words
from reports.report_bursts import bursts
from reports.report_network import network

Tables = dict[str, pa.Table]


def _posts(tables: Tables) -> list[dict[str, Any]]:
    """Two posts of two accounts, with times and texts."""
    posts = tables["posts"]
    rows = posts.filter(pc.and_(pc.is_valid(posts["account_id"]), pc.is_valid(posts["created_at"])))
    first: dict[str, dict[str, Any]] = {}
    for row in rows.to_pylist():
        if row["text"] and row["kind"] == "post":
            first.setdefault(row["account_id"], row)
    return sorted(first.values(), key=lambda row: row["account_id"])[:2]


@pytest.fixture
def coordinated(tables: Tables) -> Tables:
    """The case with one tie, group, campaign, role, front and aftermath."""
    a, b = _posts(tables)
    ids, posts = [a["account_id"], b["account_id"]], [a["post_id"], b["post_id"]]
    tie = {
        "account_a": ids[0], "account_b": ids[1], "layer": "url", "window_s": 3600,
        "weight": 4, "n_objects": 4, "posts_a": 4, "posts_b": 4, "mean_gap_s": 30.0,
        "median_gap_s": 30.0, "a_first_share": 1.0, "symmetry": 1.0, "expected": 0.1,
        "p_value": 1e-9, "q_value": 1e-6, "validated": True, "evidence": posts,
    }  # fmt: skip
    pair = {
        "tie_id": tie_id(ids[0], ids[1], "url", 3600), "layer": "url",
        "object_id": f"x.com/{a['handle']}/status/{posts[0]}", "post_a": posts[0],
        "post_b": posts[1], "at_a": a["created_at"], "at_b": b["created_at"], "gap_s": 30.0,
        "quote_a": a["text"], "start_a": 0, "end_a": len(a["text"]), "quote_b": b["text"],
        "start_b": 0, "end_b": len(b["text"]),
    }  # fmt: skip
    times = {name: a["created_at"] for name in CAMPAIGN.schema.names if name.endswith("_at")}
    campaign = {
        **times, "campaign_id": "c", "hours": 60.0, "narratives": [], "points": 3,
        "hashtags": ["tag"], "langs": ["en"], "accounts": 40, "with_evidence": 2, "share": 0.46,
        "share_low": 0.4, "share_high": 0.52, "evidence_share": 0.05, "originators": 1,
        "expanders": 0, "repeaters": 1, "p_value": 1e-9, "q_value": 1e-8, "basis": "b",
        "evidence": posts,
    }  # fmt: skip
    role = {
        "campaign_id": "c", "account_id": ids[0], "role": "originator", "tier": 1, "lag_s": 0.0,
        "reach": 3, "score": 2.0, "points": 3, "firsts": 3, "expected": 0.4, "p_value": 1e-6,
        "q_value": 1e-5, "reason": f"first, like «{a['handle']}»", "null_model": "H0",
        "evidence": posts[:1],
    }  # fmt: skip
    member = [
        {"campaign_id": "c", "account_id": one, "points": 3, "p_value": 0.0, "q_value": 0.0,
         "chance": 1.0, "with_evidence": True}
        for one in ids
    ]  # fmt: skip
    group = {
        "group_id": "g", "accounts": ids, "size": 2, "ties": 1, "density": 1.0, "stability": 0.9,
        "q_value": 0.01, "reason": "no class", "layers": ["url"], "objects": 4,
        "null_model": "H0", "evidence": posts,
    }  # fmt: skip
    front = {
        "network_id": "n", "group_id": "g", "kind": "hashtag", "value": "tag", "accounts_in": 3,
        "accounts_out": 0, "expected": 0.2, "platforms": ["x"], "p_value": 1e-6, "q_value": 1e-5,
        "null_model": "H0", "evidence": posts,
    }  # fmt: skip
    skipped = {
        "layer": "repost", "object_id": posts[0], "window_s": 60, "accounts": 900, "shares": 900,
        "reason": "too many",
    }  # fmt: skip
    fate = {
        "outcome": "gone", "at_risk": 40, "gone": 12, "control_at_risk": 100, "control_gone": 8,
        "risk_ratio": 3.75, "ci_low": 1.7, "ci_high": 8.3, "p_value": 0.001, "basis": "alike",
    }  # fmt: skip
    curve = [
        {"side": side, "day": day, "at_risk": 40, "share": share, "low": share - 0.1,
         "high": min(1.0, share + 0.1), "log_rank_p": 0.01}
        for side in ("with evidence", "controls")
        for day, share in ((0, 1.0), (9, 0.7))
    ]  # fmt: skip
    return tables | {
        "ties": TIES.from_rows([tie]),
        "tie_evidence": TIE_EVIDENCE.from_rows([pair]),
        "groups": GROUPS.from_rows([group]),
        "campaign": CAMPAIGN.from_rows([campaign]),
        "campaign_accounts": CAMPAIGN_ACCOUNTS.from_rows(member),
        "roles": ROLES.from_rows([role]),
        "fronts": FRONTS.from_rows([front]),
        "skipped_objects": SKIPPED_OBJECTS.from_rows([skipped]),
        "aftermath": AFTERMATH.from_rows([fate]),
        "survival": SURVIVAL.from_rows(curve),
    }


def ids_of(tables: Tables) -> set[str]:
    """Accounts, handles and posts of the two accounts tied."""
    return {
        str(row[name]) for row in _posts(tables) for name in ("account_id", "handle", "post_id")
    }


def test_each_section_stands_in_the_page_with_its_numbers(
    coordinated: Tables, settings: Settings, redactor: Redactor, manifest: dict[str, object]
) -> None:
    page = build_report(coordinated, manifest, settings, redactor)
    for words in ("46 %", "40 to 52 %", "1 originator", "3.8 (1.7 to 8.3)", "12 of 40", "8 of 100",
                  "chance gives at most 0.1", "class=\"net\"", "class=\"survival\""):  # fmt: skip
        assert words in page
    assert "operator or a motive" in page


def test_a_table_that_was_not_made_is_not_assessed(
    tables: Tables, settings: Settings, redactor: Redactor, manifest: dict[str, object]
) -> None:
    bare = {name: table for name, table in tables.items() if name in {"posts", "profiles"}}
    page = build_report(bare, manifest, settings, redactor)
    assert page.count("Not assessed: this run did not make the table.") >= 8


@pytest.mark.parametrize("mode", ["pseudonym", "full"])
def test_no_id_of_a_tie_leaves_in_page_findings_or_exports(
    coordinated: Tables,
    settings: Settings,
    manifest: dict[str, object],
    tmp_path: Path,
    mode: str,
) -> None:
    redactor = Redactor.of(coordinated, mode, b"k" * 32)
    case = coordinated | {"findings": rank_findings(coordinated, settings)}
    told = [build_report(case, manifest, settings, redactor)]
    told += [path.read_text("utf-8") for path in export_tables("csv", case, tmp_path, redactor)]
    everything = "\n".join(told).casefold()
    assert not [name for name in ids_of(coordinated) if name.casefold() in everything]


def test_redacted_tables_of_coordination_keep_their_contracts(
    coordinated: Tables, redactor: Redactor
) -> None:
    for name, table in coordinated.items():
        assert redactor.table(table, ALL[name]).schema.equals(ALL[name].schema)


def test_campaign_starters_group_and_aftermath_become_findings(
    coordinated: Tables, settings: Settings
) -> None:
    found = rank_findings(coordinated, settings)
    kinds = set(found["kind"].to_pylist())
    assert {"campaign", "starters", "group", "aftermath"} <= kinds
    assert all(row["evidence"] for row in found.to_pylist())


def test_a_talking_point_is_no_longer_called_untested_where_ties_were(
    coordinated: Tables, tables: Tables, settings: Settings
) -> None:
    def sentences(case: Tables) -> str:
        found = rank_findings(case, settings)
        return " ".join(
            found.filter(pc.equal(found["kind"], "talking_point"))["statement"].to_pylist()
        )

    assert "Chance has not been tested." in sentences(tables)
    assert "Chance has not been tested." not in sentences(coordinated)
    assert "tied beyond chance" in sentences(coordinated)


def test_the_drawing_does_not_depend_on_the_order_of_ties(redactor: Redactor) -> None:
    pairs = [("a", "b", False), ("b", "c", False), ("d", "e", True)]
    one, other = network(pairs, redactor), network(sorted(pairs, reverse=True), redactor)
    assert one is not None
    assert other is not None
    assert (one.accounts, one.ties, one.parts, one.left_out) == (5, 3, 2, 0)
    assert sorted(str(one.svg).split("<")) == sorted(str(other.svg).split("<"))


def test_a_drawing_too_large_says_how_many_are_left_out(redactor: Redactor) -> None:
    pairs = [(f"a{n:03d}", f"a{n + 1:03d}", False) for n in range(200)]
    drawn = network([*pairs, ("x", "y", False)], redactor)
    assert drawn is not None
    assert drawn.left_out == 201


def test_a_burst_opens_the_posts_that_it_counts(tables: Tables, redactor: Redactor) -> None:
    linked = Links(tables)
    posts = [row for row in linked.written.to_pylist() if row["created_at"] and row["account_id"]]
    post = next(row for row in posts if row["narrative_id"])
    same = [row for row in posts if row["narrative_id"] == post["narrative_id"]]
    accounts = len({row["account_id"] for row in same})
    burst = {
        "scope": "narrative", "scope_id": post["narrative_id"],
        "narrative_id": post["narrative_id"], "start_at": same[0]["created_at"],
        "end_at": same[-1]["created_at"] + timedelta(hours=1), "observed": len(same),
        "expected": 0.1, "dispersion": 0.1, "p_value": 1e-6, "q_value": 1e-5, "null_model": "n",
        "accounts": accounts, "evidence": [],
    }  # fmt: skip
    rows = [burst, {**burst, "observed": len(same) + 1}]
    held = Links({**tables, "bursts": ALL["bursts"].from_rows(rows)})
    shown = bursts(held, Evidence(held, redactor, 50, "case"))
    wanted = Opens(linked).posts(row["post_id"] for row in same)
    # Of other posts than were counted none are opened rather than others.
    assert wanted and sorted(row["opens"] for row in shown["shown"]) == ["", wanted]


def test_no_chance_is_printed_as_nought() -> None:
    assert wording.chance(0.0) == "under .001"
    assert wording.chance(0.0312) == ".031"
    assert wording.chance(1.0) == "1"
    assert wording.chance(None) == "not tested"


def test_a_ratio_without_events_on_one_side_is_not_defined() -> None:
    assert ratio_words({"risk_ratio": None, "ci_low": None, "ci_high": None}) == "not defined"
