"""DISARM techniques are candidates with evidence; some are never proposed, gender never counts."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from corpus.settings import Settings
from corpus.tables import ALL
from reports.disarm import disarm_candidates, framework, never_proposed, techniques
from reports.disarm_accounts import at_least
from reports.html import build_report
from reports.redaction import Redactor

START = datetime(2031, 5, 10, tzinfo=UTC)
TOGETHER = [f"together{n}" for n in range(6)]


def rows(name: str, made: list[dict[str, Any]]) -> pa.Table:
    return ALL[name].from_rows(made)


def posted(account: str, number: int, at: datetime, point: str, **more: Any) -> dict[str, Any]:
    return {
        "post_id": f"{account}-{number}", "platform": "x", "account_id": account, "created_at": at,
        "time_precision": "second", "text": f"{point} #{point}", "kind": "post", "urls": [],
        "hashtags": [point], "mentions": [], "source_file": "posts.csv", "source_row": number,
        **more,
    }  # fmt: skip


def snapshot(account: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "snapshot_id": f"{account}@{at:%m%d}", "platform": "x", "account_id": account,
        "observed_at": at, "basis": "retrieved", "state": "active", "source_file": "p.csv",
        "source_row": 0, **more,
    }  # fmt: skip


def campaign(**more: Any) -> dict[str, Any]:
    end = START + timedelta(days=2)
    return {
        "campaign_id": "c1", "start_at": START, "end_at": end, "hours": 48.0,
        "crest_start_at": START, "crest_end_at": end, "tail_end_at": end, "narratives": ["n1"],
        "points": 2, "hashtags": ["bread"], "langs": ["en"], "accounts": 9, "with_evidence": 6,
        "share": 0.6, "share_low": 0.5, "share_high": 0.7, "evidence_share": 0.6, "originators": 1,
        "expanders": 1, "repeaters": 4, "p_value": 1e-9, "q_value": 1e-8, "basis": "b",
        "evidence": [f"{TOGETHER[0]}-0"], **more,
    }  # fmt: skip


def shift(account: str, attribute: str, kind: str, level: int) -> dict[str, Any]:
    return {
        "shift_id": f"s-{account}", "account_id": account, "attribute": attribute, "kind": kind,
        "level": level, "before": "a", "after": "b", "quote_before": "a", "quote_after": "b",
        "before_source": f"{account}@0501", "after_source": f"{account}@0601",
        "before_field": "bio", "after_field": "bio", "before_start": 0, "before_end": 1,
        "after_start": 0, "after_end": 1, "at_before": START, "at_after": START, "reasons": [],
        "caveats": [],
    }  # fmt: skip


@pytest.fixture
def case() -> dict[str, pa.Table]:
    """Six accounts that carry one point in a campaign, three that merely talk of bread."""
    posts = [posted(a, 0, START + timedelta(hours=n), "bread") for n, a in enumerate(TOGETHER)]
    posts += [posted(f"talker{n}", 0, START + timedelta(hours=n + 9), "bread") for n in range(3)]
    profiles = [snapshot(a, at) for a in TOGETHER for at in (START, START + timedelta(days=20))]
    return {
        "posts": rows("posts", posts),
        "profiles": rows("profiles", profiles),
        "point_posts": rows("point_posts", [
            {"post_id": p["post_id"], "point_id": "bread", "similarity": 1.0} for p in posts]),
        "talking_points": rows("talking_points", [{
            "point_id": "bread", "exemplar_id": posts[0]["post_id"], "posts": 9, "reposts": 0,
            "accounts": 9, "exact_share": 1.0}]),
        "campaign": rows("campaign", [campaign()]),
        "campaign_accounts": rows("campaign_accounts", [
            {"campaign_id": "c1", "account_id": p["account_id"], "points": 1, "p_value": 0.001,
             "q_value": 0.01, "chance": 0.9, "with_evidence": p["account_id"] in TOGETHER}
            for p in posts]),
    }  # fmt: skip


def found(tables: dict[str, pa.Table]) -> dict[str, list[dict[str, Any]]]:
    by: dict[str, list[dict[str, Any]]] = {}
    for row in disarm_candidates(tables).to_pylist():
        by.setdefault(row["technique_id"], []).append(row)
    return by


def test_ids_are_unique_and_every_uuid_is_one() -> None:
    ids = [one.technique_id for one in techniques()]
    assert len(ids) == len(set(ids)) == len({one.uuid for one in techniques()}) == 31
    for one in techniques():
        assert str(uuid.UUID(one.uuid)) == one.uuid
        assert re.fullmatch(r"T\d{4}(\.\d{3})?", one.technique_id)
        assert bool(one.kinds) != bool(one.unseen)
        assert set(one.kinds) <= framework()["kind"].keys()
    assert "CC BY-SA 4.0" in framework()["credit"]


@pytest.mark.parametrize(
    "technique", ["T0143", "T0143.002", "TA01", "TA02", "T0135.004", "T0150.005", "T0099.001"]
)
def test_what_is_left_to_the_analyst_is_never_proposed(technique: str) -> None:
    assert never_proposed(technique)
    assert all(not one.kinds for one in techniques() if never_proposed(one.technique_id)), (
        "a listed technique may accompany nothing"
    )


def test_the_list_is_obeyed_even_when_the_data_file_names_a_kind(
    case: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports import disarm

    wrong = disarm.Technique("T0150.005", "Compromised Asset", "0" * 36, ("campaign",), "")
    monkeypatch.setattr(disarm, "techniques", lambda: (wrong,))
    assert disarm.disarm_candidates(case).num_rows == 0


def test_copying_counts_only_with_evidence_and_without_a_harmless_reason(
    case: dict[str, pa.Table],
) -> None:
    copied = found(case)["T0084.001"]
    assert [row["finding_id"] for row in copied] == ["bread"]
    assert set(copied[0]["account_ids"]) == set(TOGETHER)
    assert copied[0]["stix_id"] == "attack-pattern--4cd719a9-e817-4acc-9581-6b6a60e42f35"
    harmless = rows("point_classes", [
        {"point_id": "bread", "benign_class": "headline", "reason": "r", "evidence": [],
         "score": 1.0}])  # fmt: skip
    assert "T0084.001" not in found(case | {"point_classes": harmless})
    nobody = {name: table for name, table in case.items() if not name.startswith("campaign")}
    assert found(nobody) == {}


def test_a_persona_shift_is_no_evidence_of_posting_together(case: dict[str, pa.Table]) -> None:
    alone = {name: table for name, table in case.items() if not name.startswith("campaign")}
    alone["shifts"] = rows("shifts", [shift(a, "affiliation", "reversal", 3) for a in TOGETHER])
    assert "T0084.001" not in found(alone)


def test_a_hashtag_is_new_only_when_nobody_used_it_before(case: dict[str, pa.Table]) -> None:
    assert "T0015.002" in found(case)
    earlier = rows("posts", [posted("talker9", 0, START - timedelta(days=9), "bread")])
    known = case | {"posts": pa.concat_tables([case["posts"], earlier])}
    assert "T0015.001" in found(known)
    assert "T0015.002" not in found(known)


def test_a_gender_change_triggers_nothing_at_any_level(case: dict[str, pa.Table]) -> None:
    before = found(case)
    for level in (1, 2, 3):
        changed = case | {
            "shifts": rows("shifts", [shift("talker1", "gender", "gender", level)]),
            "claims": rows("claims", [
                {"claim_id": "g", "account_id": TOGETHER[0], "attribute": "gender",
                 "value": "woman", "status": "asserted", "grade": "P", "quote": "woman",
                 "field": "bio", "source_id": f"{TOGETHER[0]}@0510", "start": 0, "end": 5,
                 "rule_id": "r", "strength": 1.0, "n_snapshots": 1}]),
        }  # fmt: skip
        assert found(changed) == before


def test_only_the_highest_level_is_a_repurposed_asset(case: dict[str, pa.Table]) -> None:
    for level, proposed in ((2, False), (3, True)):
        table = rows("shifts", [shift("talker1", "identity", "re_identity", level)])
        assert ("T0150.004" in found(case | {"shifts": table})) is proposed


def test_renames_of_accounts_without_other_evidence_are_left_out(
    case: dict[str, pa.Table],
) -> None:
    events = rows("account_events", [
        {"account_id": who, "kind": "renamed", "at": START, "before": "a", "after": "b",
         "source_file": "p.csv", "source_row": 0} for who in (TOGETHER[2], "talker2")])  # fmt: skip
    renamed = found(case | {"account_events": events})["T0128.005"]
    assert [row["account_ids"] for row in renamed] == [[TOGETHER[2]]]


def test_who_went_is_told_apart_only_where_a_source_states_it(case: dict[str, pa.Table]) -> None:
    def gone(kind: str) -> list[dict[str, Any]]:
        events = rows("account_events", [
            {"account_id": TOGETHER[1], "kind": kind, "at": START + timedelta(days=9),
             "source_file": "p.csv", "source_row": 0}])  # fmt: skip
        return found(case | {"account_events": events}).get("T0129.007", [])

    assert "states that the account was deleted" in gone("deleted")[0]["why"]
    assert "cannot be told apart" in gone("removed")[0]["why"]
    assert gone("suspended") == []


def test_accounts_created_on_one_day_count_beyond_what_all_accounts_let_expect(
    case: dict[str, pa.Table],
) -> None:
    day = START - timedelta(days=700)
    crowd = [snapshot(f"else{n}", START, joined_at=day + timedelta(days=n)) for n in range(60)]
    batch = [snapshot(a, START, joined_at=day + timedelta(days=99)) for a in TOGETHER]
    made = found(case | {"profiles": rows("profiles", crowd + batch)})["T0150.008"]
    assert set(made[0]["account_ids"]) == set(TOGETHER)
    spread = [snapshot(a, START, joined_at=day + timedelta(days=n)) for n, a in enumerate(TOGETHER)]
    assert "T0150.008" not in found(case | {"profiles": rows("profiles", crowd + spread)})


def test_the_chance_of_a_batch_is_the_hypergeometric_one() -> None:
    assert at_least(0, 50, 10, 5) == pytest.approx(1.0)
    assert at_least(2, 4, 2, 2) == pytest.approx(1 / 6)
    assert at_least(5, 50, 5, 5) == pytest.approx(1 / 2_118_760)


def test_silence_before_the_campaign_needs_a_post_on_both_sides(case: dict[str, pa.Table]) -> None:
    old = rows("posts", [posted(TOGETHER[3], 9, START - timedelta(days=200), "tea")])
    made = found(case | {"posts": pa.concat_tables([case["posts"], old])})["T0150.002"]
    assert made[0]["account_ids"] == [TOGETHER[3]]
    assert made[0]["evidence"] == [f"{TOGETHER[3]}-9", f"{TOGETHER[3]}-0"]


def test_row_order_changes_nothing(case: dict[str, pa.Table]) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in case.items()}
    assert disarm_candidates(turned).equals(disarm_candidates(case))


def test_the_page_says_that_an_analyst_confirms_and_shows_no_bare_assertion(
    case: dict[str, pa.Table], settings: Settings
) -> None:
    page = build_report(case, {}, settings, Redactor.of(case, "pseudonym", b"k" * 32))
    part = page[page.index('id="disarm"') : page.index('id="counter"')]
    assert part.count("Candidate, analyst to confirm.") == part.count('class="card technique"') > 2
    assert "T0143*" in part
    assert "together0" not in part
