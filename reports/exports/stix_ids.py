"""Ids of STIX objects that depend on content alone, so that a second import adds nothing.

In: the properties that name an object. Out: `type--uuid5`. Method: UUID version 5 in the namespace
that STIX 2.1 lays down for observables (section 2.9), over canonical JSON (RFC 8785) of those
properties. OpenCTI names its own kinds of objects in the same way and namespace, so a narrative of
a name has the id that the platform would give it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence

NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")


def stix_id(kind: str, named_by: Mapping[str, str | Sequence[str]]) -> str:
    """Return the id of an object; `named_by` may hold strings and lists of strings only.

    For such values compact JSON with sorted ASCII keys is canonical JSON.
    """
    told = json.dumps(named_by, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{kind}--{uuid.uuid5(NAMESPACE, told)}"


def named(kind: str, name: str) -> str:
    """Return the id of what is known by its name: narrative, channel, event."""
    return stix_id(kind, {"name": name.lower().strip()})


def media_content(url: str) -> str:
    """Return the id of a piece of content, known by its address."""
    return stix_id("media-content", {"url": url.lower().strip()})


def user_account(account: Mapping[str, str]) -> str:
    """Return the id of an account; its display name does not take part."""
    parts = ("account_type", "user_id", "account_login")
    return stix_id("user-account", {part: account[part] for part in parts if part in account})


def relationship(kind: str, source: str, target: str) -> str:
    """Return the id of a relationship without times of its own."""
    return stix_id(
        "relationship", {"relationship_type": kind, "source_ref": source, "target_ref": target}
    )


def note(content: str, created: str) -> str:
    """Return the id of a note."""
    return stix_id("note", {"content": content, "created": created})


def observed(objects: Sequence[str]) -> str:
    """Return the id of an observation of objects."""
    return stix_id("observed-data", {"objects": sorted(objects)})


def report(name: str, published: str) -> str:
    """Return the id of a report."""
    return stix_id("report", {"name": name.lower().strip(), "published": published})
