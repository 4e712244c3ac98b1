"""STIX 2.1 objects as plain dictionaries, each with its deterministic id.

In: plain values, already redacted, and the frame that all objects of a bundle share (times, author,
marking). Out: dictionaries in the order of properties that the standard lists. Times come from the
case, never from the clock. It makes no opinion objects and asserts no use of a technique: what a
reader may consider stands in notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reports.exports import stix_ids

Object = dict[str, Any]
# Things that do not depend on a case carry this time, so that a platform which holds a newer state
# of them, such as DISARM's own objects, keeps it.
LONG_AGO = "2020-01-01T00:00:00.000Z"
AUTHOR_NAME = "narrashift"
AUTHOR_ID = stix_ids.stix_id("identity", {"identity_class": "system", "name": AUTHOR_NAME})
NEW_SDO = stix_ids.stix_id("extension-definition", {"name": "narrashift domain objects"})
NEW_SCO = stix_ids.stix_id("extension-definition", {"name": "narrashift observables"})
SCHEMA = "https://docs.opencti.io/latest/usage/data-model/"
# The values of the standard's vocabulary (account-type-ov) by platform; others stand as they are.
ACCOUNT_TYPES = {"x": "twitter", "twitter": "twitter", "facebook": "facebook"}


@dataclass(frozen=True)
class Frame:
    """What all objects of one bundle share."""

    created: datetime
    modified: datetime
    marking: str | None = None

    def common(self, created: datetime | None = None, modified: datetime | None = None) -> Object:
        """Properties of every domain object and relationship; modified is never before created."""
        start = created or self.created
        end = max(start, modified or start)
        return {
            "created_by_ref": AUTHOR_ID,
            "created": stamp(start),
            "modified": stamp(end),
            **self.marked(),
        }

    def marked(self) -> Object:
        """The marking, where there is one."""
        return {"object_marking_refs": [self.marking]} if self.marking else {}


def stamp(at: datetime) -> str:
    """Return a time as STIX writes it, to the millisecond."""
    told = at.astimezone(UTC)
    return f"{told:%Y-%m-%dT%H:%M:%S}.{told.microsecond // 1000:03d}Z"


def _object(kind: str, object_id: str, *parts: Mapping[str, Any]) -> Object:
    made: Object = {"type": kind, "spec_version": "2.1", "id": object_id}
    for part in parts:
        made |= {name: value for name, value in part.items() if value not in (None, "", [])}
    return made


def author() -> Object:
    """The engine as the source of a bundle."""
    fixed = {"created": LONG_AGO, "modified": LONG_AGO, "name": AUTHOR_NAME}
    about = "A text-analysis engine; what it computed is for an analyst to confirm."
    return _object("identity", AUTHOR_ID, fixed, {"description": about, "identity_class": "system"})


def extension_definitions() -> list[Object]:
    """What declares the kinds of objects that STIX does not have itself."""
    kinds = (
        (NEW_SDO, "narrative, event", "new-sdo"),
        (NEW_SCO, "media-content", "new-sco"),
    )
    return [
        _object(
            "extension-definition",
            extension_id,
            {"created_by_ref": AUTHOR_ID, "created": LONG_AGO, "modified": LONG_AGO},
            {"name": f"Objects as OpenCTI defines them: {names}", "schema": SCHEMA},
            {"version": "1.0.0", "extension_types": [extends]},
        )
        for extension_id, names, extends in kinds
    ]


def narrative(
    frame: Frame,
    name: str,
    description: str,
    *,
    reference: str,
    lang: str,
    first: datetime | None,
    last: datetime | None,
) -> Object:
    """A narrative, known by its name."""
    return _object(
        "narrative",
        stix_ids.named("narrative", name),
        frame.common(first, last),
        {"name": name, "description": description, "labels": [f"lang:{lang}"] if lang else []},
        {"external_references": [{"source_name": AUTHOR_NAME, "external_id": reference}]},
        {"extensions": {NEW_SDO: {"extension_type": "new-sdo"}}},
    )


def event(frame: Frame, name: str, start: datetime, end: datetime) -> Object:
    """The event that the analysis is about."""
    return _object(
        "event",
        stix_ids.named("event", name),
        frame.common(start, end),
        {"name": name, "start_time": stamp(start), "stop_time": stamp(end)},
        {"extensions": {NEW_SDO: {"extension_type": "new-sdo"}}},
    )


def user_account(
    frame: Frame, platform: str, user_id: str, handle: str, *, name: str, joined: datetime | None
) -> Object:
    """One handle of one account."""
    parts = {
        "user_id": user_id,
        "account_login": handle,
        "account_type": ACCOUNT_TYPES.get(platform.lower(), platform.lower()),
    }
    known = {part: value for part, value in parts.items() if value}
    more = {"display_name": name, "account_created": stamp(joined) if joined else None}
    return _object("user-account", stix_ids.user_account(known), frame.marked(), known, more)


def media_content(
    frame: Frame, url: str, content: str, description: str, at: datetime | None
) -> Object:
    """One post, quoted."""
    return _object(
        "media-content",
        stix_ids.media_content(url),
        frame.marked(),
        {"url": url, "content": content, "description": description},
        {"media_category": "social-media", "publication_date": stamp(at) if at else None},
        {"extensions": {NEW_SCO: {"extension_type": "new-sco"}}},
    )


def observed_data(
    frame: Frame, objects: Sequence[str], first: datetime, last: datetime, number: int
) -> Object:
    """When something was seen first and last, and how often."""
    times = {"first_observed": stamp(first), "last_observed": stamp(max(first, last))}
    # The standard allows 1 to 999,999,999.
    counted = {"number_observed": min(max(number, 1), 999_999_999)}
    return _object(
        "observed-data",
        stix_ids.observed(objects),
        frame.common(first, last),
        {**times, **counted, "object_refs": sorted(objects)},
    )


def attack_pattern(stix_id: str, technique_id: str, name: str) -> Object:
    """A technique of DISARM by its own id; its text stays with the framework."""
    reference = {"source_name": "mitre-attack", "external_id": technique_id}
    return _object(
        "attack-pattern",
        stix_id,
        {"created": LONG_AGO, "modified": LONG_AGO, "name": name},
        {"external_references": [reference]},
    )


def relationship(frame: Frame, source: str, target: str, description: str) -> Object:
    """Two objects that have to do with each other; no more is claimed."""
    return _object(
        "relationship",
        stix_ids.relationship("related-to", source, target),
        frame.common(),
        {"relationship_type": "related-to", "description": description},
        {"source_ref": source, "target_ref": target},
    )


def note(
    frame: Frame,
    abstract: str,
    content: str,
    about: Sequence[str],
    *,
    at: datetime | None = None,
    confidence: int | None = None,
) -> Object:
    """A sentence or quotes about other objects."""
    common = frame.common(at, at)
    return _object(
        "note",
        stix_ids.note(content, common["created"]),
        common,
        {"confidence": confidence, "abstract": abstract, "content": content},
        {"object_refs": sorted(set(about))},
    )


def report(frame: Frame, name: str, description: str, about: Sequence[str]) -> Object:
    """The whole case."""
    published = stamp(frame.modified)
    return _object(
        "report",
        stix_ids.report(name, published),
        frame.common(frame.created, frame.modified),
        {"name": name, "description": description, "report_types": ["observed-data"]},
        {"published": published, "object_refs": sorted(set(about))},
    )
