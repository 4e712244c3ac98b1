"""Scores of roles, of the campaign's row and of its aftermath, where a case has such tables.

In: roles, campaign, aftermath and the truth. Out: lines. Ranks are read as a reader reads them: the
first as many originators as there are accounts that started points, the next as many expanders as
there are accounts that carried them elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from scripts.campaign.metrics import Rate, matched
from scripts.campaign.scoring import Line, Tables, Truth, absent, rate_line, text_set

ROLES, CAMPAIGN, AFTERMATH = "roles", "campaign", "aftermath"
ROLE_NAMES = {"originator": "manager", "expander": "expander", "repeater": "repeater"}
RANKED = ("originator", "expander")
HOUR_S = 3_600.0
GONE = {"suspended": ("suspended",), "deleted": ("deleted",), "gone": ("suspended", "deleted")}


def score_roles(tables: Tables, truth: Truth) -> list[Line]:
    """Compare each account's role with the truth, and the ranks of starters and expanders."""
    if lines := absent(tables, ROLES, "roles"):
        return lines
    found, lines = tables["roles"], []
    for name, true_name in ROLE_NAMES.items():
        true = text_set(truth.accounts[truth.accounts.role == true_name], "account_id")
        precision, recall = matched(true, text_set(found[found.role == name], "account_id"))
        lines.append(rate_line(ROLES, f"{name}: precision", precision))
        lines.append(rate_line(ROLES, f"{name}: recall", recall))
    if "score" in found:
        lines.append(
            rate_line(ROLES, "starters and expanders not in their ranks", _misplaced(found, truth))
        )
    members = set(truth.accounts[truth.accounts.population == "coordinated"].account_id)
    accounts = set(found.account_id)
    lines.append(
        rate_line(ROLES, "with a role, coordinated", Rate(len(accounts & members), len(accounts)))
    )
    return lines


def _misplaced(found: pd.DataFrame, truth: Truth) -> Rate:
    """How many true starters and expanders are not among the first of their role."""
    missed = total = 0
    for name in RANKED:
        true = set(truth.accounts[truth.accounts.role == ROLE_NAMES[name]].account_id)
        ranked = found[found.role == name].sort_values(
            ["score", "account_id"], ascending=[False, True]
        )
        missed += len(true - set(ranked.account_id.head(len(true))))
        total += len(true)
    return Rate(missed, total)


def score_campaign(tables: Tables, truth: Truth) -> list[Line]:
    """Compare share and window of each campaign with the truth."""
    negative = truth.accounts[truth.accounts.on_negative_points == "true"]
    share = Rate(int((negative.population == "coordinated").sum()), len(negative))
    lines = [rate_line(CAMPAIGN, "true coordinated share on negative points", share)]
    if "campaign" not in tables:
        return [*lines, *absent(tables, CAMPAIGN, "campaign")]
    for row in tables["campaign"].to_dict("records"):
        lines += [_share(row), *_window(row, truth)]
    return lines


def _share(row: Mapping[Hashable, Any]) -> Line:
    return Line(
        CAMPAIGN,
        "estimated share of coordinated accounts",
        float(row["share"]),
        int(row["with_evidence"]),
        int(row["accounts"]),
        float(row["share_low"]),
        float(row["share_high"]),
        "counts: accounts with evidence, of all on the narratives",
    )


def _window(row: Mapping[Hashable, Any], truth: Truth) -> list[Line]:
    sides = zip(("start", "end"), (row["start_at"], row["end_at"]), truth.event, strict=True)
    return [
        Line(CAMPAIGN, f"hours from the true {side}", (found - true).total_seconds() / HOUR_S)
        for side, found, true in sides
    ]


def score_aftermath(tables: Tables, truth: Truth) -> list[Line]:
    """Show each risk ratio beside the true one, with whether its interval holds it."""
    if lines := absent(tables, AFTERMATH, "aftermath"):
        return lines
    lines = []
    for row in tables["aftermath"].to_dict("records"):
        if row["outcome"] not in GONE or pd.isna(row["risk_ratio"]):
            continue
        true = _true_ratio(truth, GONE[row["outcome"]])
        held = bool(row["ci_low"] <= true <= row["ci_high"])
        counts = (float(row["risk_ratio"]), int(row["gone"]), int(row["at_risk"]))
        limits = (float(row["ci_low"]), float(row["ci_high"]))
        remark = f"true {true:.2f} {'inside' if held else 'outside'}"
        lines.append(Line(AFTERMATH, f"{row['outcome']}: risk ratio", *counts, *limits, remark))
    return lines


def _true_ratio(truth: Truth, outcomes: tuple[str, ...]) -> float:
    """Coordinated accounts against all others but newsrooms."""
    met, population = truth.accounts.outcome.isin(outcomes), truth.accounts.population
    others = met[~population.isin(["coordinated", "outlet"])].mean()
    return float(met[population == "coordinated"].mean() / others) if others else float("inf")
