"""Which DISARM techniques may an analyst want to consider, and on which evidence?

In: the tables of a case. Out: one row for each technique and finding that it may accompany, always
a candidate for an analyst to confirm. It proposes nothing on the never-list of `data/disarm.toml`
(whether a persona is legitimate, what somebody wants to reach, whether an account was taken over),
and a change in what an account says about gender is no finding here. What counts as a finding of a
kind stands in `disarm_seen` and `disarm_accounts`: mostly things that accounts do who also have
evidence of posting together beyond chance, since alone they are ordinary.

Ids and names are those of DISARM v1.6 (CC BY-SA 4.0).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa

from reports.disarm_accounts import seen_of_accounts
from reports.disarm_seen import Seen, seen_of_posts
from reports.links import Links

STIX_PREFIX = "attack-pattern--"
SCHEMA = pa.schema(
    [
        ("technique_id", pa.string()),
        ("name", pa.string()),
        ("stix_id", pa.string()),
        ("finding_kind", pa.string()),
        ("finding_id", pa.string()),
        ("evidence", pa.list_(pa.string())),
        ("account_ids", pa.list_(pa.string())),
        ("why", pa.string()),
    ]
)


@dataclass(frozen=True)
class Technique:
    """One technique of the framework; `kinds` are the findings that it may accompany."""

    technique_id: str
    name: str
    uuid: str
    kinds: tuple[str, ...]
    unseen: str

    @property
    def stix_id(self) -> str:
        """Its id in STIX bundles."""
        return f"{STIX_PREFIX}{self.uuid}"


@cache
def framework() -> Mapping[str, Any]:
    """The data file: version, credit, confirm, technique, never, kind."""
    text = resources.files("reports").joinpath("data/disarm.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def techniques() -> tuple[Technique, ...]:
    """Every technique of the data file, in its order."""
    return tuple(
        Technique(row["id"], row["name"], row["uuid"], tuple(row["kinds"]), row.get("unseen", ""))
        for row in framework()["technique"]
    )


def never_proposed(technique_id: str) -> bool:
    """Is this id on the list of what is left to the analyst?"""
    listed = [one for entry in framework()["never"] for one in entry["ids"]]
    return any(
        technique_id.startswith(one[:-1]) if one.endswith("*") else technique_id == one
        for one in listed
    )


def disarm_candidates(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return candidate techniques, one row for each technique and finding.

    Parameters
    ----------
    tables
        The tables of a case, as read; what a run did not make gives no candidates.

    Returns
    -------
    pyarrow.Table
        technique_id, name, stix_id ("attack-pattern--" and the framework's uuid), finding_kind (a
        `kind` of data/disarm.toml), finding_id (id of the row or thing found: talking point,
        campaign, shift, claim, account, template; for hashtags and the like a content hash),
        evidence (post and snapshot ids), account_ids (accounts it is about, as far as it is about
        accounts), why (a sentence; corpus text inside “ ”). Ordered by technique as in the data
        file, then kind, then most evidence first. Ids and texts are as read: redact before they
        leave.
    """
    return candidates_of(Links(tables))


def candidates_of(links: Links) -> pa.Table:
    """The same over joined tables."""
    found: dict[str, list[Seen]] = {}
    for seen in (*seen_of_posts(links), *seen_of_accounts(links)):
        found.setdefault(seen.kind, []).append(seen)
    rows = [
        _row(technique, seen)
        for technique in techniques()
        if not never_proposed(technique.technique_id)
        for kind in technique.kinds
        for seen in sorted(found.get(kind, []), key=lambda s: (-s.weight, s.finding_id))
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def _row(technique: Technique, seen: Seen) -> dict[str, Any]:
    return {
        "technique_id": technique.technique_id,
        "name": technique.name,
        "stix_id": technique.stix_id,
        "finding_kind": seen.kind,
        "finding_id": seen.finding_id,
        "evidence": list(seen.evidence),
        "account_ids": list(seen.accounts),
        "why": seen.why,
    }
