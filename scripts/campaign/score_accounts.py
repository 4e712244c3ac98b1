"""Scores of coordination and of what became of the accounts, where a case has such tables.

In: ties, bursts and fates. Out: lines; each table that is absent gives one that
says so.
"""

from __future__ import annotations

import pandas as pd

from scripts.campaign.metrics import Rate, matched
from scripts.campaign.scoring import Line, Tables, Truth, absent, rate_line, text_set

TIES, BURSTS, FATES = "ties", "bursts", "fates"
Q_LEVEL = 0.05
OUTCOMES = ("dormant", "mass_deleted", "renamed", "suspended", "deleted")
OUTCOME_NAMES = {"gone": "deleted", "not_found": "deleted", "mass_deletion": "mass_deleted"}


def score_ties(tables: Tables, truth: Truth) -> list[Line]:
    """Count significant ties between two coordinated accounts, and accounts that have one."""
    if lines := absent(tables, TIES, "ties"):
        return lines
    ties = tables["ties"]
    strong = ties[(pd.to_numeric(ties.q_value) <= Q_LEVEL) & ties.benign_class.isna()]
    members = set(truth.accounts[truth.accounts.population == "coordinated"].account_id)
    pairs = {tuple(sorted(pair)) for pair in zip(strong.account_a, strong.account_b, strict=True)}
    right = sum(a in members and b in members for a, b in pairs)
    tied = {account for pair in pairs for account in pair}
    return [
        rate_line(TIES, "both coordinated, of ties at q 0.05", Rate(right, len(pairs))),
        rate_line(TIES, "coordinated accounts with a tie", Rate(len(members & tied), len(members))),
    ]


def score_bursts(tables: Tables, truth: Truth) -> list[Line]:
    """Count bursts at q 0.05 that touch the event."""
    if lines := absent(tables, BURSTS, "bursts"):
        return lines
    bursts = tables["bursts"]
    strong = bursts[pd.to_numeric(bursts.q_value) <= Q_LEVEL]
    touching = (strong.start_at <= truth.event[1]) & (strong.end_at >= truth.event[0])
    return [
        rate_line(
            BURSTS, "within the event, of bursts at q 0.05", Rate(int(touching.sum()), len(strong))
        )
    ]


def score_fates(tables: Tables, truth: Truth) -> list[Line]:
    """Compare outcomes after the event."""
    if lines := absent(tables, FATES, "fates"):
        return lines
    found, lines = tables["fates"], []
    outcomes = found.outcome.map(lambda name: OUTCOME_NAMES.get(name, name))
    for outcome in OUTCOMES:
        true = text_set(truth.accounts[truth.accounts.outcome == outcome], "account_id")
        precision, recall = matched(true, text_set(found[outcomes == outcome], "account_id"))
        lines.append(rate_line(FATES, f"{outcome}: precision", precision))
        lines.append(rate_line(FATES, f"{outcome}: recall", recall))
    return lines
