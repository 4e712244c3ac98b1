"""Scores of shifts, claims and renames: what the accounts claimed, and what changed.

A planted change counts as found when the account has a shift of that attribute at the level that
the truth expects or above. A look-alike that deserves nothing is falsely flagged when it has any
shift at level 1 or above; for a transition with markers any row at all is one, since such a change
is to appear nowhere.
"""

from __future__ import annotations

import pandas as pd

from scripts.campaign.metrics import Rate, matched
from scripts.campaign.scoring import (
    CAMP_VALUES,
    Line,
    Tables,
    Truth,
    absent,
    rate_line,
    spellings,
    text_set,
)

SHIFTS = "persona shifts"
CLAIMS = "claims"
EVENTS = "account events"
SUPPRESSED = {"gender", "identity", "name", "handle", "bio"}


def score_shifts(tables: Tables, truth: Truth) -> list[Line]:
    """Score shifts against planted changes, look-alikes and everybody else."""
    if lines := absent(tables, SHIFTS, "shifts"):
        return lines
    found = tables["shifts"]
    found = found.assign(level=pd.to_numeric(found.level))
    expected = truth.shifts.assign(
        level=pd.to_numeric(truth.shifts.expected_level, errors="coerce").fillna(0)
    )
    return [
        *_contradictions(found, expected),
        *_identities(found, expected),
        *_notes(found, expected),
        *_false_flags(found, expected, truth.accounts),
    ]


def _contradictions(found: pd.DataFrame, expected: pd.DataFrame) -> list[Line]:
    """Precision and recall at level 2 and above, by attribute, identities apart."""
    strong = expected[(expected.level >= 2) & (expected.attribute != "identity")]
    flagged = found[(found.level >= 2) & (found.attribute != "identity")]
    true_accounts: dict[str, set[str]] = {}
    for row in expected[expected.level >= 2].itertuples():
        for changed in (str(row.attribute), *str(row.also).split()):
            for name in spellings(changed):
                true_accounts.setdefault(name, set()).add(str(row.account_id))
    pairs = {(str(r.attribute), str(r.account_id)) for r in flagged.itertuples()}
    right = sum(account in true_accounts.get(attribute, set()) for attribute, account in pairs)
    lines = [rate_line(SHIFTS, "level 2+: precision, all attributes", Rate(right, len(pairs)))]
    for attribute, rows in strong.groupby("attribute"):
        lines += _attribute_lines(str(attribute), rows, pairs)
    return lines


def _attribute_lines(attribute: str, rows: pd.DataFrame, pairs: set[tuple[str, str]]) -> list[Line]:
    accounts = {account for name, account in pairs if name in spellings(attribute)}
    hits = rows.account_id.isin(accounts)
    lines = [rate_line(SHIFTS, f"level 2+: recall, {attribute}", Rate(int(hits.sum()), len(rows)))]
    for name, part in rows.groupby("wording"):
        wording = str(name)
        seen = Rate(int(hits[part.index].sum()), len(part))
        remark = "only in the words of the invented country" if wording == "local" else ""
        if len(part) < len(rows):
            lines.append(
                rate_line(SHIFTS, f"level 2+: recall, {attribute}, {wording}", seen, remark)
            )
    return lines


def _identities(found: pd.DataFrame, expected: pd.DataFrame) -> list[Line]:
    """Re-identities at level 1 and above, and whether the level is the one expected."""
    true = expected[expected.attribute == "identity"]
    flagged = found[(found.attribute == "identity") & (found.level >= 1)]
    precision, recall = matched(text_set(true, "account_id"), text_set(flagged, "account_id"))
    lines = [
        rate_line(SHIFTS, "re-identity: precision", precision),
        rate_line(SHIFTS, "re-identity: recall", recall),
    ]
    highest = found.groupby("account_id")["level"].max()
    for look, rows in true.groupby("look"):
        levels = rows.account_id.map(highest).fillna(0)
        right = int((levels == rows.level).sum())
        lines.append(rate_line(SHIFTS, f"level as expected, {look}", Rate(right, len(rows))))
    return lines


def _notes(found: pd.DataFrame, expected: pd.DataFrame) -> list[Line]:
    """Planted changes that deserve a note: told at level 1 or above."""
    notes = expected[
        (expected.kind == "planted") & (expected.level == 1) & (expected.attribute != "identity")
    ]
    seen = set(found[found.level >= 1].account_id)
    hits = int(notes.account_id.isin(seen).sum())
    return [rate_line(SHIFTS, "notes: recall at level 1+", Rate(hits, len(notes)))]


def _false_flags(found: pd.DataFrame, expected: pd.DataFrame, accounts: pd.DataFrame) -> list[Line]:
    lines = []
    noted, flagged = (set(found[found.level >= level].account_id) for level in (1, 2))
    shown = set(found[found.attribute.isin(SUPPRESSED)].account_id)
    looks = expected[expected.kind == "benign_lookalike"]
    for look, rows in looks.groupby("look"):
        bad = shown | noted if look == "transition" else noted
        bad = flagged if rows["level"].max() >= 1 else bad
        what = "above its level" if rows["level"].max() >= 1 else "flagged"
        wrong = int(rows.account_id.isin(bad).sum())
        lines.append(
            rate_line(SHIFTS, f"look-alike {look}: {what}", Rate(wrong, len(rows)), "false flags")
        )
    plain = accounts[~accounts.account_id.isin(set(expected.account_id))]
    for population, rows in plain.groupby("population"):
        wrong = int(rows.account_id.isin(flagged).sum())
        measure = f"no planned change, {population}: level 2+"
        lines.append(rate_line(SHIFTS, measure, Rate(wrong, len(rows)), "false flags"))
    return lines


def score_claims(tables: Tables, truth: Truth) -> list[Line]:
    """Score claimed camps, and whether other stated facts were seen at all."""
    if lines := absent(tables, CLAIMS, "claims"):
        return lines
    found = tables["claims"]
    found = found[(found.status == "asserted") & (found.field != "post")]
    lines = _camps(found, truth.claims)
    for attribute in ("occupation", "age", "origin", "family"):
        stated = truth.claims[truth.claims.attribute == attribute]
        seen = found[found.attribute.isin(spellings(attribute))]
        precision, recall = matched(text_set(stated, "account_id"), text_set(seen, "account_id"))
        lines.append(rate_line(CLAIMS, f"{attribute} stated: recall by account", recall))
        if attribute in ("occupation", "age"):
            lines.append(rate_line(CLAIMS, f"{attribute} stated: precision by account", precision))
        for wording, part in stated.groupby("wording"):
            if len(part) < len(stated):
                _, rate = matched(text_set(part, "account_id"), text_set(seen, "account_id"))
                lines.append(rate_line(CLAIMS, f"{attribute} stated: recall, {wording}", rate))
    return lines


def _camps(found: pd.DataFrame, claims: pd.DataFrame) -> list[Line]:
    """Compare (account, camp) pairs; values outside the six camps of the truth are left out."""
    camps = {value: camp for camp, values in CAMP_VALUES.items() for value in (camp, *values)}
    seen = found[found.attribute == "affiliation"].copy()
    seen["camp"] = [camps.get(_plain(value)) for value in seen.value]
    pairs = text_set(seen[seen.camp.notna()], "account_id", "camp")
    stated = claims[claims.attribute == "affiliation"]
    precision, recall = matched(text_set(stated, "account_id", "value"), pairs)
    lines = [
        rate_line(CLAIMS, "camp: precision by account", precision),
        rate_line(CLAIMS, "camp: recall by account", recall),
    ]
    for column in ("wording", "value", "lang"):
        rows = stated if column == "wording" else stated[stated.wording == "generic"]
        for name, part in rows.groupby(column):
            _, rate = matched(text_set(part, "account_id", "value"), pairs)
            lines.append(rate_line(CLAIMS, f"camp: recall, {column} {name}", rate))
    return lines


def _plain(value: object) -> str:
    return str(value).strip().lower().replace("-", "_").replace(" ", "_")


def score_events(tables: Tables, truth: Truth) -> list[Line]:
    """Score renames, suspensions and deletions in account_events."""
    if lines := absent(tables, EVENTS, "account_events"):
        return lines
    found = tables["account_events"]
    renamed = found[found.kind == "renamed"]
    precision, recall = matched(
        text_set(truth.renames, "account_id", "before", "after"),
        text_set(renamed, "account_id", "before", "after"),
    )
    lines = [
        rate_line(EVENTS, "renames: precision", precision),
        rate_line(EVENTS, "renames: recall", recall),
    ]
    for state in ("suspended", "deleted"):
        gone = truth.accounts[truth.accounts.outcome == state]
        rates = matched(
            text_set(gone, "account_id"), text_set(found[found.kind == state], "account_id")
        )
        lines.append(rate_line(EVENTS, f"{state}: precision", rates[0]))
        lines.append(rate_line(EVENTS, f"{state}: recall", rates[1]))
    return lines
