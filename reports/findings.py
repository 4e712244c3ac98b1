"""What should a reader look at first? One sentence a finding, each with its evidence.

In: the tables of a case and the settings. Out: the `findings` table, best first. The sentences
stand in `data/findings.toml`; the looks only count and fill. `score` is the order of reading: the
kind's weight times how large this finding is among its kind, and less for each further finding of
a kind, so that the first rows show different things. It is no measure of guilt.

It refuses to say more than was counted or tested: nothing about intent or about who somebody is.
Every finding names posts or snapshots of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from corpus.identity import content_id
from corpus.settings import Settings
from corpus.tables import FINDINGS
from reports import account_findings, coordination_findings, narrative_findings
from reports.found import MAX_IDS, Found, kinds
from reports.links import Links

# Each further finding of one kind counts this much less, so that five findings show several kinds.
REPEAT_DISCOUNT = 0.6

Look = Callable[[Links, Settings], Iterable[Found]]
LOOKS: tuple[Look, ...] = (
    narrative_findings.narratives,
    narrative_findings.talking_points,
    coordination_findings.campaigns,
    coordination_findings.starters,
    coordination_findings.groups,
    coordination_findings.both_sides,
    coordination_findings.aftermath,
    coordination_findings.bursts,
    narrative_findings.event_share,
    narrative_findings.corpus_size,
    account_findings.shifts,
    account_findings.re_identities,
    account_findings.coverage,
    account_findings.renamed,
    account_findings.gone,
)


def rank_findings(tables: Mapping[str, pa.Table], settings: Settings) -> pa.Table:
    """Return the findings of a case, keeping the FINDINGS contract, in the order of reading.

    Raises nothing for missing tables: what was not made is not reported on.
    """
    links = Links(tables)
    found = [finding for look in LOOKS for finding in look(links, settings)]
    rows: list[dict[str, Any]] = []
    for kind, about in kinds().items():
        same = sorted((f for f in found if f.kind == kind), key=lambda f: (-f.strength, f.key))
        for place, finding in enumerate(same[: about["most"]]):
            rows.append(_row(finding, about["weight"] * REPEAT_DISCOUNT**place))
    return in_reading_order(FINDINGS.from_rows(rows))


def in_reading_order(findings: pa.Table) -> pa.Table:
    """Return the findings best first, ties by kind and id: a stored table has another order."""
    keys = [("score", "descending"), ("kind", "ascending"), ("finding_id", "ascending")]
    return findings.sort_by(keys)


def _row(finding: Found, weight: float) -> dict[str, Any]:
    return {
        "finding_id": content_id("finding", finding.kind, finding.key),
        "kind": finding.kind,
        "score": weight * finding.strength,
        "statement": kinds()[finding.kind]["statement"].format_map(finding.words),
        "narrative_id": finding.narrative_id,
        "account_ids": list(finding.accounts[:MAX_IDS]),
        "evidence": list(finding.evidence[:MAX_IDS]),
    }
