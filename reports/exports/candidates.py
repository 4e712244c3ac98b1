"""DISARM candidates as one more table of the exports, redacted like the others.

In: the tables of a case, a redactor. Out: the candidates as they may leave. Ids and names of
techniques are the framework's own and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from corpus.tables import Table
from corpus.tables.contract import table
from reports.disarm import disarm_candidates
from reports.redaction import Redactor

NAME = "disarm_candidates"
DISARM_CANDIDATES: Table = table(
    NAME,
    "DISARM techniques that a finding may accompany; each for an analyst to confirm.",
    """
    technique_id str
    name str               the framework's name of it
    stix_id str            its id in STIX bundles
    finding_kind str       what was found
    finding_id str         where
    evidence list<str>     post or snapshot ids
    account_ids list<str>  accounts it is about
    why str                in words
    """,
)


def redacted_candidates(tables: Mapping[str, pa.Table], redactor: Redactor) -> pa.Table:
    """Return the candidates of a case as they may leave it."""
    rows = [_row(row, redactor) for row in disarm_candidates(tables).to_pylist()]
    return DISARM_CANDIDATES.from_rows(rows)


def _row(row: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    return {
        **row,
        "finding_id": _found(row["finding_id"], redactor),
        "evidence": [redactor.source(source) for source in row["evidence"]],
        "account_ids": [redactor.account(account) for account in row["account_ids"]],
        "why": redactor.statement(row["why"]),
    }


def _found(finding_id: str, redactor: Redactor) -> str:
    """What was found may be an account, a post or a snapshot, or a row with an id of ours."""
    if finding_id in redactor.accounts:
        return redactor.account(finding_id)
    if finding_id in redactor.posts or finding_id in redactor.snapshots:
        return redactor.source(finding_id)
    return redactor.derived(finding_id)
