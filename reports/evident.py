"""Which accounts have evidence of more than an ordinary life?

In: the linked tables of a case. Out: ids of accounts that carried a campaign's points beyond what
talkers carry, stand in a group over validated ties without a harmless reason, or have a shift of
level 2 or above. Statements about gender count for nothing here. It says nothing about a person.
"""

from __future__ import annotations

import pyarrow.compute as pc

from reports.links import Links

STRONG = 2


def evident_accounts(links: Links) -> frozenset[str]:
    """Return the ids."""
    return moving_together(links) | _shifted(links)


def moving_together(links: Links) -> frozenset[str]:
    """Those with evidence from posts alone: campaigns and open groups."""
    members = links["campaign_accounts"]
    found = set(members.filter(members["with_evidence"])["account_id"].to_pylist())
    groups = links["groups"]
    for accounts in groups.filter(pc.is_null(groups["benign_class"]))["accounts"].to_pylist():
        found |= set(accounts)
    return frozenset(found)


def _shifted(links: Links) -> frozenset[str]:
    shifts = links["shifts"]
    strong = pc.and_(
        pc.greater_equal(shifts["level"], STRONG), pc.not_equal(shifts["attribute"], "gender")
    )
    return frozenset(shifts.filter(strong)["account_id"].to_pylist())
