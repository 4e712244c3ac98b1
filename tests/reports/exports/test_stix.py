"""STIX 2.1: valid for the standard's own library, the same ids on every export."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import stix2
from hypothesis import given, settings
from stix2.properties import StringProperty, TimestampProperty

from reports.exports import stix_ids, stix_objects
from reports.exports.from_tables import export_tables
from reports.exports.registry import exporter
from reports.exports.source import CaseFacts
from reports.redaction import Redactor

from .conftest import FACTS, hostile, posts_of, source_of

KNOWN = [("name", StringProperty(required=True)), ("description", StringProperty())]
TIMES = [("start_time", TimestampProperty()), ("stop_time", TimestampProperty())]
MEDIA = [
    ("url", StringProperty(required=True)), ("content", StringProperty()),
    ("description", StringProperty()), ("media_category", StringProperty()),
    ("publication_date", TimestampProperty()),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def opencti_types() -> Iterator[None]:
    """Teach the library the kinds of objects that OpenCTI defines."""
    stix2.CustomObject("narrative", KNOWN)(type("Narrative", (), {}))
    stix2.CustomObject("event", KNOWN + TIMES)(type("Event", (), {}))
    stix2.CustomObservable("media-content", MEDIA, ["url"])(type("MediaContent", (), {}))
    yield
    kinds = stix2.registry.STIX2_OBJ_MAPS["2.1"]
    for kind in ("narrative", "event"):
        del kinds["objects"][kind]
    del kinds["observables"]["media-content"]


def objects(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["objects"]
    return found


@pytest.fixture(scope="module")
def bundle(
    told_tables: dict[str, pa.Table],
    redactor: Redactor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("stix")
    return export_tables("stix", told_tables, folder, redactor, facts=FACTS)[0]


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("narrative", "narrative--804a7e40-d39c-59b6-9e3f-1ba1bc92b739"),
        ("channel", "channel--4936cdd5-6b6a-5c92-a756-cae1f09dcd80"),
    ],
)
def test_names_have_the_ids_that_the_platform_gives_them(kind: str, known: str) -> None:
    assert stix_ids.named(kind, f" {kind.title()} ") == known


@settings(max_examples=60)
@given(user=hostile, login=hostile, kind=hostile, name=hostile)
def test_an_account_has_the_id_of_the_standard_and_its_shown_name_takes_no_part(
    user: str, login: str, kind: str, name: str
) -> None:
    parts = {"user_id": user or "u", "account_login": login or "l", "account_type": kind or "x"}
    theirs = stix2.v21.UserAccount(**parts, display_name=name or "n")
    assert stix_ids.user_account(parts) == theirs.id


def test_every_object_is_valid_for_the_library(bundle: Path) -> None:
    stix2.parse(bundle.read_text("utf-8"), allow_custom=True)
    kinds = {found["type"] for found in objects(bundle)}
    assert {
        "report", "narrative", "user-account", "media-content", "observed-data", "note",
        "relationship", "attack-pattern", "extension-definition", "identity", "marking-definition",
    } <= kinds  # fmt: skip
    for found in objects(bundle):
        if not set(json.dumps(found).split('"')) & {"narrative", "event", "media-content"}:
            refers = json.dumps(found)
            custom = re.search(r'"(narrative|event|media-content)--', refers)
            stix2.parse(found, allow_custom=bool(custom) or found["type"] == "marking-definition")


def test_every_reference_leads_to_an_object_of_the_bundle_and_ids_are_unique(bundle: Path) -> None:
    text = bundle.read_text("utf-8")
    ids = [found["id"] for found in objects(bundle)]
    assert len(ids) == len(set(ids))
    told = {
        ref
        for found in objects(bundle)
        for key, value in found.items()
        if key.endswith(("_ref", "_refs"))
        for ref in (value if isinstance(value, list) else [value])
    }
    assert told and told <= set(ids)
    assert "opinion--" not in text


def test_the_report_holds_everything_but_its_frame(bundle: Path) -> None:
    (report,) = [found for found in objects(bundle) if found["type"] == "report"]
    frame = {"report", "identity", "extension-definition", "marking-definition"}
    rest = {found["id"] for found in objects(bundle) if found["type"] not in frame}
    assert set(report["object_refs"]) == rest


def test_a_second_export_has_the_same_bytes_for_any_order_of_rows(
    bundle: Path, told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in
              told_tables.items()}  # fmt: skip
    again = export_tables("stix", turned, tmp_path, redactor, facts=FACTS)[0]
    assert again.read_bytes() == bundle.read_bytes()


def test_times_come_from_the_case_and_never_from_the_clock(
    bundle: Path, told_tables: dict[str, pa.Table]
) -> None:
    posts = told_tables["posts"]["created_at"].drop_null().to_pylist()
    profiles = told_tables["profiles"]["observed_at"].drop_null().to_pylist()
    seen = [*posts, *profiles]
    first, last = stix_objects.stamp(min(seen)), stix_objects.stamp(max(seen))
    fixed = {stix_objects.LONG_AGO, "2022-10-01T00:00:00.000Z"}
    for found in objects(bundle):
        for key in ("created", "modified", "published", "first_observed", "last_observed"):
            if key in found and found[key] not in fixed:
                assert first <= found[key] <= last, (found["type"], key)


def test_a_renamed_account_is_one_object_a_handle_joined_by_related_to(tmp_path: Path) -> None:
    from corpus.tables import ALL

    def seen(at: int, handle: str) -> dict[str, Any]:
        return {
            "snapshot_id": f"s{at}", "platform": "x", "account_id": "7", "basis": "event",
            "observed_at": stix_objects.datetime(2031, 1, at, tzinfo=stix_objects.UTC),
            "handle": handle, "display_name": "N", "state": "active", "source_file": "f",
            "source_row": at,
        }  # fmt: skip

    event = {"account_id": "7", "kind": "renamed", "before": "old", "after": "new",
             "source_file": "f", "source_row": 2}  # fmt: skip
    tables = {
        "profiles": ALL["profiles"].from_rows([seen(2, "new"), seen(1, "old"), seen(3, "new")]),
        "account_events": ALL["account_events"].from_rows([event]),
    }
    found = objects(export_tables("stix", tables, tmp_path, Redactor("none"))[0])
    accounts = {one["account_login"]: one["id"] for one in found if one["type"] == "user-account"}
    (joined,) = [one for one in found if one["type"] == "relationship"]
    assert list(accounts) and set(accounts) == {"old", "new"}
    assert (joined["source_ref"], joined["target_ref"]) == (accounts["old"], accounts["new"])
    assert joined["relationship_type"] == "related-to"


def test_a_note_quotes_what_stood_there_before_and_after(
    bundle: Path, told_tables: dict[str, pa.Table]
) -> None:
    notes = [one for one in objects(bundle) if one["type"] == "note" and "confidence" in one]
    noted = [row for row in told_tables["shifts"].to_pylist() if row["level"] > 0]
    assert len(notes) == len(noted)
    camp = next(row for row in noted if row["attribute"] == "affiliation")
    told = "\n".join(note["content"] for note in notes)
    assert f"«{camp['quote_before']}»" in told and f"«{camp['quote_after']}»" in told
    assert all(caveat in told for caveat in camp["caveats"])


def test_techniques_are_candidates_in_notes_and_nothing_uses_them(bundle: Path) -> None:
    found = objects(bundle)
    patterns = {one["id"]: one for one in found if one["type"] == "attack-pattern"}
    assert patterns
    for one in found:
        if one["type"] == "relationship":
            assert not patterns.keys() & {one["source_ref"], one["target_ref"]}
    told = [one for one in found if set(one.get("object_refs", [])) & set(patterns)]
    notes = [one for one in told if one["type"] == "note"]
    assert len(notes) == len(patterns)
    assert all("candidate" in note["content"] for note in notes)
    for one in patterns.values():
        assert one["external_references"][0]["source_name"] == "mitre-attack"


def test_the_marking_stands_on_every_object_that_can_carry_it(bundle: Path) -> None:
    marking = next(one for one in objects(bundle) if one["type"] == "marking-definition")
    free = {"identity", "extension-definition", "marking-definition", "attack-pattern"}
    for found in objects(bundle):
        if found["type"] not in free:
            assert found["object_marking_refs"] == [marking["id"]]
    assert marking["name"] == "TLP:AMBER"


@settings(max_examples=20)
@given(hostile, hostile)
def test_any_text_and_handle_make_a_bundle_that_parses(text: str, handle: str) -> None:
    tables = posts_of([text, handle])
    facts = CaseFacts(text or "t", "0", "d", "none")
    with source_of(tables, facts=facts) as (source, folder):
        exporter("stix")(source, folder)
        stix2.parse((folder / "bundle.json").read_text("utf-8"), allow_custom=True)
