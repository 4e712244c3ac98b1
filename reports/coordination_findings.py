"""Findings about who posted alike: campaigns, starters, groups, both sides, aftermath, bursts.

In: the tables of coordination of a case. Out: `Found` rows. Only what passed its test and has no
harmless reason becomes a finding; a number stands with its interval or beside what chance gives.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.settings import Settings
from corpus.significance import benjamini_hochberg
from reports import wording
from reports.found import Found, kinds, marked
from reports.links import Links

LEVEL = 0.05
NAMED = 4
OUTCOMES = {
    "gone": "gone (suspended, deleted or removed)",
    "renamed": "renamed",
    "dormant": "dormant",
}
_QUOTE_MARKS = re.compile("[“”«»‹›]")


def _p(value: float) -> str:
    return "under .001" if value < 0.001 else f"{value:.3f}".lstrip("0") if value < 1 else "1"


def _percent(share: float) -> str:
    return wording.share(share, 1.0)


def chance_words(links: Links, point_id: str, posts: pa.Table) -> str:
    """What is known of chance for one talking point: a harmless reason, its ties, or nothing."""
    classes = links["point_classes"]
    known = classes.filter(pc.equal(classes["point_id"], point_id))["benign_class"].to_pylist()
    if known:
        return f"It has a harmless reason to be copied: {known[0].replace('_', ' ')}."
    if "ties" not in links.tables:
        return "Chance has not been tested."
    accounts = pc.unique(posts["account_id"].drop_null())
    ties = links["ties"]
    between = pc.and_(pc.is_in(ties["account_a"], accounts), pc.is_in(ties["account_b"], accounts))
    held = ties.filter(pc.and_(between, pc.fill_null(ties["validated"], False)))
    pairs = {(r["account_a"], r["account_b"]) for r in held.to_pylist()}
    carried = _carriers(links, accounts)
    number = wording.count(len(pairs), "pair") if pairs else "No pair"
    verb = "are" if len(pairs) > 1 else "is"
    return f"{number} of these accounts {verb} tied beyond chance over all they share{carried}."


def _carriers(links: Links, accounts: pa.Array) -> str:
    if "campaign_accounts" not in links.tables:
        return ""
    of = links["campaign_accounts"]
    rows = of.filter(pc.and_(of["with_evidence"], pc.is_in(of["account_id"], accounts)))
    number = len(pc.unique(rows["account_id"]))
    return f"; {number:,} of {len(accounts):,} carry a campaign's points (q at most .05)"


def campaigns(links: Links, settings: Settings) -> Iterable[Found]:
    """The campaigns, the one with most accounts with evidence first."""
    rows = links["campaign"].to_pylist()
    most = max((row["with_evidence"] for row in rows), default=1)
    return [_campaign(links, row, most) for row in rows if row["with_evidence"]]


def _campaign(links: Links, row: Mapping[str, Any], most: int) -> Found:
    words = {
        "with_evidence": wording.count(row["with_evidence"], "account"),
        "points": wording.count(row["points"], "talking point"),
        "share": _percent(row["share"]),
        "low": _percent(row["share_low"]),
        "high": _percent(row["share_high"]),
        "accounts": wording.count(row["accounts"], "account"),
        "start": wording.moment(row["start_at"]),
        "end": wording.moment(row["end_at"]),
    }
    of = links["campaign_accounts"]
    held = of.filter(pc.and_(pc.equal(of["campaign_id"], row["campaign_id"]), of["with_evidence"]))
    accounts = tuple(sorted(held["account_id"].to_pylist()))
    words["median"] = f"{statistics.median(held['points'].to_pylist() or [0]):g}"
    strength = row["with_evidence"] / most
    return Found("campaign", row["campaign_id"], strength, words, tuple(row["evidence"]), accounts)


def starters(links: Links, settings: Settings) -> Iterable[Found]:
    """Who wrote the points first and who carried them on, in the largest campaign."""
    rows = links["roles"].to_pylist()
    found = []
    for campaign in sorted({row["campaign_id"] for row in rows}):
        own = [row for row in rows if row["campaign_id"] == campaign]
        own.sort(key=lambda r: (r["tier"], -r["score"], r["account_id"]))
        first = [row for row in own if row["role"] == "originator"]
        expanders = [row for row in own if row["role"] == "expander"]
        if not first:
            continue
        names = [f"account {marked(row['account_id'])}" for row in first[:NAMED]]
        words = {
            "originators": wording.count(len(first), "account"),
            "expanders": f"{len(expanders):,}",
            "names": wording.joined(names),
        }
        evidence = dict.fromkeys(post for row in first + expanders for post in row["evidence"][:2])
        accounts = tuple(row["account_id"] for row in first + expanders)
        found.append(Found("starters", campaign, float(len(own)), words, tuple(evidence), accounts))
    most = max((one.strength for one in found), default=1.0)
    return [_weaker(one, one.strength / most) for one in found]


def _weaker(one: Found, strength: float) -> Found:
    return Found(one.kind, one.key, strength, one.words, one.evidence, one.accounts)


def groups(links: Links, settings: Settings) -> Iterable[Found]:
    """Groups over validated ties without a harmless reason, the largest first."""
    rows = [row for row in links["groups"].to_pylist() if row["benign_class"] is None]
    most = max((row["size"] for row in rows), default=1)
    return [
        Found(
            "group",
            row["group_id"],
            row["size"] / most,
            {
                "accounts": wording.count(row["size"], "account"),
                "ties": _percent(row["density"]),
                "layers": wording.joined([name.replace("_", " ") for name in row["layers"]]),
                "q": _p(row["q_value"]),
                "stability": _percent(row["stability"]),
            },
            tuple(row["evidence"]),
            tuple(row["accounts"]),
        )
        for row in rows
    ]


def both_sides(links: Links, settings: Settings) -> Iterable[Found]:
    """Narratives that opposed claimed camps carry in the same words."""
    rows = links["convergence"].to_pylist()
    labels = {
        row["narrative_id"]: row["label"]
        for row in links["narratives"].select(["narrative_id", "label"]).to_pylist()
    }
    return [
        Found(
            "both_sides",
            row["narrative_id"],
            row["score"],
            {
                "camps": row["camps"],
                "label": _QUOTE_MARKS.sub("'", labels.get(row["narrative_id"], "a narrative")),
                "wording": _percent(row["wording"]),
                "controls": _percent(row["wording_controls"]),
                "q": _p(row["wording_q"]),
            },
            tuple(row["evidence"]),
            (),
            row["narrative_id"],
        )
        for row in rows
        if row["both_sides"] and row["point_id"] is None
    ]


def aftermath(links: Links, settings: Settings) -> Iterable[Found]:
    """What became of the accounts, the surest first: q over all outcomes, and an interval off 1."""
    every = links["aftermath"].to_pylist()
    q_values = benjamini_hochberg([row["p_value"] for row in every])
    tested = [(float(q), row) for q, row in zip(q_values, every, strict=True)]
    rows = [row for q, row in sorted(tested, key=_by_q) if q <= LEVEL and _tells(row)]
    evidence = tuple(post for row in links["campaign"].to_pylist() for post in row["evidence"][:5])
    if not evidence:
        return []
    return [
        Found(
            "aftermath",
            row["outcome"],
            1.0 - place / 100,
            {
                "outcome": OUTCOMES.get(row["outcome"], row["outcome"]),
                "ratio": f"{row['risk_ratio']:.1f}",
                "low": f"{row['ci_low']:.1f}",
                "high": f"{row['ci_high']:.1f}",
                **{
                    name: f"{row[name]:,}"
                    for name in ("gone", "at_risk", "control_gone", "control_at_risk")
                },
            },
            evidence,
        )
        for place, row in enumerate(rows)
    ]


def _by_q(tested: tuple[float, Mapping[str, Any]]) -> tuple[float, float, str]:
    q, row = tested
    return q, row["p_value"], row["outcome"]


def _tells(row: Mapping[str, Any]) -> bool:
    known = None not in (row["risk_ratio"], row["ci_low"], row["ci_high"])
    return known and (row["ci_low"] > 1 or row["ci_high"] < 1)


def bursts(links: Links, settings: Settings) -> Iterable[Found]:
    """The largest bursts of narratives beyond the null."""
    labels = {
        row["narrative_id"]: row["label"]
        for row in links["narratives"].select(["narrative_id", "label"]).to_pylist()
    }
    rows = [
        row
        for row in links["bursts"].to_pylist()
        if row["scope"] == "narrative" and row["q_value"] <= LEVEL and row["scope_id"] in labels
    ]
    rows.sort(key=lambda r: (-(r["observed"] - r["expected"]), r["scope_id"], r["start_at"]))
    most = max((row["observed"] for row in rows), default=1)
    return [
        Found(
            "burst",
            f"{row['scope_id']} {row['start_at'].isoformat()}",
            row["observed"] / most,
            {
                "label": _QUOTE_MARKS.sub("'", labels[row["scope_id"]]),
                "observed": wording.count(row["observed"], "post"),
                "expected": f"{row['expected']:,.1f}" if row["expected"] >= 0.1 else "under 0.1",
                "start": wording.moment(row["start_at"]),
                "end": wording.moment(row["end_at"]),
                "q": _p(row["q_value"]),
            },
            tuple(row["evidence"]),
            (),
            row["scope_id"],
        )
        for row in rows[: kinds()["burst"]["most"]]
    ]
