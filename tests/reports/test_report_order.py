"""What a first reader looks for: the event first, counts that agree, links that lead there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.settings import Settings
from corpus.tables import POSTS, PROFILES, SHARED_PASSAGES, SHIFTS
from reports.account_findings import strong_by_kind
from reports.evidence import Evidence
from reports.findings import rank_findings
from reports.html import build_report
from reports.links import Links
from reports.redaction import Redactor
from reports.report_narratives import ordered
from reports.report_overview import findings, narrative_notes, not_assessed
from reports.report_paraphrases import _size
from reports.report_passages import section


def replaced(tables: dict[str, pa.Table], level: int, many: int) -> dict[str, pa.Table]:
    """The case with further replaced identities of one level, each its own account."""
    rows = tables["shifts"].to_pylist()
    pattern = next(row for row in rows if row["kind"] == "re_identity" and row["level"] == 1)
    more = [
        pattern | {"shift_id": f"more{level}{n}", "account_id": f"880{level}{n}", "level": level}
        for n in range(many)
    ]
    return tables | {"shifts": SHIFTS.from_rows(rows + more)}


def statement(tables: dict[str, pa.Table], settings: Settings, kind: str) -> str:
    rows = rank_findings(tables, settings).to_pylist()
    (found,) = [row["statement"] for row in rows if row["kind"] == kind]
    return str(found)


def test_in_an_event_narratives_that_stand_out_in_it_come_before_larger_ones(
    tables: dict[str, pa.Table],
) -> None:
    links = Links(tables)
    by_size = [row["narrative_id"] for row in ordered(links, None)]
    assert by_size == ["narrative0", "narrative1", "narrative2", "narrative3"]
    posts = links.written.filter(pc.equal(links.written["narrative_id"], "narrative3"))
    start = posts["created_at"][0].as_py()
    # A window around one post of the smallest narrative, which others do not reach.
    inside = [row["narrative_id"] for row in ordered(links, (start, start + timedelta(seconds=30)))]
    assert inside[0] == "narrative3"
    assert inside[1:] == by_size[:3]


@pytest.mark.parametrize("event", [True, False])
def test_the_page_says_how_narratives_are_ordered(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor, event: bool
) -> None:
    page = build_report(tables, {}, settings if event else Settings(), redactor)
    words = "stand out in the event window" if event else "ordered by their number of posts"
    for name in ("narratives", "timeline"):
        found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
        assert found is not None and words in found.group()


def test_replaced_identities_are_counted_in_all_and_alone(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    told = statement(replaced(tables, 1, 3), settings, "re_identity")
    assert told.startswith("5 accounts replaced name, handle and bio")
    assert "; 4 of them with no further sign." in told


def test_strong_shifts_are_counted_by_what_was_seen(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> None:
    case = replaced(tables, 2, 4)
    assert strong_by_kind(Links(case)) == [
        (2, "made statements that exclude each other"),
        (5, "replaced their identity after a break or with further signs"),
    ]
    told = statement(case, settings, "shift_count")
    assert "2 accounts made statements that exclude each other and 5 accounts replaced" in told
    assert "2 made statements that exclude each other, 5 replaced" in build_report(
        case, {}, settings, redactor
    )


def test_the_event_share_names_the_whole_it_is_a_share_of(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    timed = len(Links(tables).written["created_at"].drop_null())
    told = statement(tables, settings, "event_share")
    assert "posts (reposts left out)" in told and f"% of {timed:,}, in" in told


def test_every_finding_is_on_the_page_and_counts_lead_to_sections(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> None:
    case = replaced(tables, 2, 8)
    rows = rank_findings(case, settings)
    evidence = Evidence(Links(case), redactor, 100, "title")
    first, further, total = findings(rows, evidence, {rows["evidence"][0][0].as_py(): "shift-1"})
    assert len(first) + len(further) == total == rows.num_rows
    targets = {found.kind: (found.target, found.open_words) for found in first + further}
    assert targets["shift_count"] == ("personas", "open the section")
    assert targets["renamed"] == targets["gone"] == ("accounts", "open the section")
    copied = [found for found in first + further if found.kind == "talking_point"]
    assert copied and all(found.quoted == found.cited[0] for found in copied)
    page = build_report(case, {}, settings, redactor)
    part = re.search(r'<section id="findings".*?</section>', page, re.DOTALL)
    assert part is not None and part.group().count("<li data-find>") == total


def test_a_replaced_identity_shows_name_and_handle_as_pseudonyms(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> None:
    page = build_report(tables, {}, settings, redactor)
    snapshots = {row["snapshot_id"]: row for row in tables["profiles"].to_pylist()}
    cards = [part for part in page.split("<article")[1:] if "name, handle and bio replaced" in part]
    identities = [row for row in tables["shifts"].to_pylist() if row["attribute"] == "identity"]
    assert len(cards) == len(identities) == 2
    for row in identities:
        for side in ("before_source", "after_source"):
            snapshot = snapshots[row[side]]
            told = (
                f'shown name <bdi class="id"><bdi>{redactor.name(snapshot["display_name"])}</bdi>'
            )
            assert any(told in card for card in cards)
            assert any(redactor.handle(snapshot["handle"]) in card for card in cards)
            assert not any(snapshot["display_name"] in card for card in cards)
    assert "likelihood" not in page


def test_accounts_that_never_posted_are_told_apart(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> None:
    assert "never posted" not in build_report(tables, {}, settings, redactor)
    silent = tables["profiles"].slice(0, 1).to_pylist()[0] | {
        "snapshot_id": "quiet", "account_id": "99",
    }  # fmt: skip
    more = PROFILES.from_rows([*tables["profiles"].to_pylist(), silent])
    page = build_report(tables | {"profiles": more}, {}, settings, redactor)
    assert "by platform id; 1 of them never posted" in page


def test_notes_on_narratives_stand_under_method_with_the_name_of_the_language(
    tables: dict[str, pa.Table], settings: Settings, redactor: Redactor
) -> None:
    sentence = "'ar': one group held 99% of the talking points and was split"
    manifest = {"notes": [{"stage": "narratives", "sentence": sentence}]}
    links = Links(tables)
    evidence = Evidence(links, redactor, 10, "title")
    told = "Arabic: one group held 99% of the talking points and was split."
    assert narrative_notes(manifest, evidence) == [told]
    assert not any("one group" in s for s in not_assessed(links, manifest, evidence, settings))
    page = build_report(tables, manifest, settings, redactor)
    method = re.search(r'<section id="method".*?</section>', page, re.DOTALL)
    assert method is not None and told in method.group()
    assert "Rows of files count from 0" in method.group()


def test_one_post_and_its_reposts_are_told_apart(tables: dict[str, pa.Table]) -> None:
    posts = tables["posts"].to_pylist()
    point = tables["point_posts"].filter(pc.equal(tables["point_posts"]["point_id"], "point00"))
    members = set(point["post_id"].to_pylist())
    first = min(members)
    for row in posts:
        if row["post_id"] in members and row["post_id"] != first:
            row["kind"] = "repost"
    reposters = {row["account_id"] for row in posts if row["post_id"] in members - {first}}
    case = tables | {"posts": POSTS.from_rows(posts)}
    assert _size(Links(case), "point00") == f"1 post, reposted by {len(reposters)} accounts"
    written = Links(tables).written_in_point("point00")
    accounts = len(pc.unique(written["account_id"]))
    assert _size(Links(tables), "point00") == f"{written.num_rows} posts by {accounts} accounts"


def test_a_passage_is_the_same_only_where_both_quotes_are(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    one, two = tables["posts"].sort_by("post_id").slice(0, 2).to_pylist()
    row: dict[str, Any] = {
        "post_a": one["post_id"], "start_a": 0, "end_a": 9, "quote_a": "same same", "share_a": 0.4,
        "post_b": two["post_id"], "start_b": 0, "end_b": 9, "quote_b": "same same", "share_b": 0.9,
        "jaccard": 0.56, "containment": 0.9, "kind": "copied",
    }  # fmt: skip
    told = []
    for quote in ("same same", "same some"):
        passages = SHARED_PASSAGES.from_rows([row | {"quote_b": quote}])
        links = Links(tables | {"shared_passages": passages})
        made = section(links, Evidence(links, redactor, 10, "title"))
        assert made is not None
        told.append((made.shown[0].kind, made.shown[0].similarity))
    like = "containment 0.90, Jaccard 0.56"
    assert told == [
        ("The same passage in both texts", like), ("Nearly the same passage in both texts", like),
    ]  # fmt: skip
