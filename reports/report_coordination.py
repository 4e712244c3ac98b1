"""The sections on who posted alike: campaigns, windows, groups, ties, roles, bursts, both sides.

In: the linked tables of a case, evidence to cite. Out: what the template prints, redacted. A table
that a run did not make gives None, and the template says "not assessed"; an empty one says that
nothing was found, and the manifest's notes say how large it would have had to be. Coordination is
about posting alike and says nothing of an operator, a motive or whether an account is genuine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from clustering.tie_evidence import tie_id
from corpus.tables import FRONTS
from reports import wording
from reports.evidence import Citation, Evidence
from reports.found import phrases
from reports.links import Links, tally
from reports.report_bursts import bursts, flooding
from reports.report_network import Network, network
from reports.report_sides import both_sides

MOST_GROUPS, MOST_TIES, MOST_ROLES, MOST_FRONTS = 8, 12, 40, 15
MOST_MEMBERS, MOST_POSTS = 30, 3
# Stages whose notes say what could not be seen.
STAGES = frozenset({"coordination", "campaign", "aftermath"})


@dataclass(frozen=True)
class Pair:
    """Two posts behind a tie, side by side."""

    first: Citation
    second: Citation
    quote_first: str
    quote_second: str
    gap: str
    layer: str


def section(links: Links, manifest: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Return everything that the template prints, None for what the run did not make."""
    parts = {
        "campaigns": ("campaign", campaigns),
        "windows": ("windows", windows),
        "groups": ("groups", groups),
        "ties": ("ties", ties),
        "roles": ("roles", roles),
        "bursts": ("bursts", bursts),
        "flooding": ("flooding", flooding),
        "sides": ("convergence", both_sides),
        "fronts": ("fronts", fronts),
        "facts": ("collection_facts", facts),
    }
    made = {
        name: look(links, evidence) if table in links.tables else None
        for name, (table, look) in parts.items()
    }
    return {**made, "network": _network(links, evidence), "notes": notes(manifest, evidence)}


def notes(manifest: Mapping[str, Any], evidence: Evidence) -> list[str]:
    """What the run says about coordination that it did not find or could not look for."""
    told = [str(n["sentence"]) for n in manifest.get("notes", []) if n["stage"] in STAGES]
    return list(dict.fromkeys(evidence.redactor.sentence(wording.sentence(s)) for s in told))


def campaigns(links: Links, evidence: Evidence) -> list[dict[str, Any]]:
    """The table of each campaign: one row a number, with its interval and what it rests on."""
    rows = sorted(
        links["campaign"].to_pylist(), key=lambda r: (-r["with_evidence"], r["campaign_id"])
    )
    return [_campaign(links, evidence, row) for row in rows]


def _campaign(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = evidence.redactor
    estimate = f"{100 * row['share']:.0f} %"
    interval = f"{100 * row['share_low']:.0f} to {100 * row['share_high']:.0f} %"
    lines = [
        ("Time of the talk", f"{wording.moment(row['start_at'])} to"
         f" {wording.moment(row['end_at'])} ({row['hours']:.0f} hours)", ""),
        ("Crest of the copies", f"{wording.moment(row['crest_start_at'])} to"
         f" {wording.moment(row['crest_end_at'])}", f"q {wording.chance(row['q_value'])}"),
        ("Accounts on the narratives", f"{row['accounts']:,}", "reposts left out"),
        ("Accounts with evidence", f"{row['with_evidence']:,}", "each with q at most .05"),
        ("Estimated share that carried it", estimate, interval),
        ("Share with evidence of their own", f"{100 * row['evidence_share']:.0f} %",
         "a floor of the estimate"),
        ("Talking points carried", f"{row['points']:,}", ""),
        ("Originators, expanders, repeaters",
         f"{row['originators']:,}, {row['expanders']:,}, {row['repeaters']:,}", "by time order"),
        ("Languages", ", ".join(phrases()["language"].get(c, c) for c in row["langs"]), ""),
        ("Hashtags", ", ".join("#" + shown.tag(tag) for tag in row["hashtags"][:8]) or "none", ""),
        ("Camps claimed", _camps(links, row["campaign_id"]), "by accounts with evidence, ever"),
    ]  # fmt: skip
    on_them = links["campaign_accounts"]
    on_them = on_them.filter(pc.equal(on_them["campaign_id"], row["campaign_id"]))
    proven = on_them.filter(on_them["with_evidence"])
    return {
        "lines": lines,
        "opens": {
            "Accounts on the narratives": evidence.opens.account(
                *on_them["account_id"].to_pylist()
            ),
            "Accounts with evidence": evidence.opens.account(*proven["account_id"].to_pylist()),
        },
        "basis": wording.sentence(row["basis"]),
        "cited": evidence.cite_all(row["evidence"][:8]),
        "evidence": len(row["evidence"]),
    }


def _camps(links: Links, campaign_id: str) -> str:
    accounts = links["campaign_accounts"]
    held = pc.and_(pc.equal(accounts["campaign_id"], campaign_id), accounts["with_evidence"])
    known = accounts.filter(held)["account_id"]
    rows = links["personas"]
    said = pc.and_(pc.equal(rows["attribute"], "affiliation"), pc.is_in(rows["account_id"], known))
    pairs = rows.filter(said).group_by(["account_id", "value"]).aggregate([])
    counts = [f"{name.replace('_', ' ')} {n}" for name, n in tally(pairs, "value")[:8]]
    return ", ".join(counts) or "none stated"


def windows(links: Links, evidence: Evidence) -> list[dict[str, Any]]:
    """The curve over windows: what was seen beside what chance gives, by layer."""
    rows = sorted(links["windows"].to_pylist(), key=lambda r: (r["layer"], r["window_s"]))
    return [
        {
            "layer": row["layer"].replace("_", " "),
            "window": wording.span(row["window_s"]),
            "ties": f"{row['ties']:,}",
            "expected": f"{row['expected_ties']:,.1f}",
            "repeated": f"{row['repeated_ties']:,}",
            "expected_repeated": f"{row['expected_repeated']:,.1f}",
            "significant": f"{row['significant_ties']:,}",
            "skipped": f"{row['skipped_objects']:,}",
            "suggested": row["suggested"],
            "reason": row["reason"],
        }
        for row in rows
        if row["ties"] or row["suggested"]
    ]


def groups(links: Links, evidence: Evidence) -> dict[str, Any]:
    """The groups, those without a harmless reason first, then the largest."""
    rows = links["groups"].to_pylist()
    rows.sort(key=lambda r: (r["benign_class"] is not None, -r["size"], r["group_id"]))
    shown = [
        {
            "members": [evidence.redactor.account(a) for a in sorted(row["accounts"])][
                :MOST_MEMBERS
            ],
            "size": row["size"],
            "opens": evidence.opens.account(*row["accounts"]),
            "ties": row["ties"],
            "density": f"{100 * row['density']:.0f} %",
            "stability": f"{row['stability']:.2f}",
            "p": wording.chance(row["p_value"]),
            "q": wording.chance(row["q_value"]),
            "layers": ", ".join(layer.replace("_", " ") for layer in row["layers"]),
            "window": wording.span(row["window_s"]) if row["window_s"] else "decay",
            "benign": (row["benign_class"] or "").replace("_", " "),
            "reason": evidence.redactor.sentence(row["reason"] or ""),
            "null": row["null_model"],
            "cited": evidence.cite_all(row["evidence"][:6]),
        }
        for row in rows[:MOST_GROUPS]
    ]
    unexplained = sum(row["benign_class"] is None for row in rows)
    return {"shown": shown, "total": len(rows), "open": unexplained}


def _network(links: Links, evidence: Evidence) -> Network | None:
    if "ties" not in links.tables:
        return None
    rows = links["ties"]
    held = rows.filter(pc.fill_null(rows["validated"], False))
    pairs = {
        tuple(sorted((row["account_a"], row["account_b"]))): row["benign_class"] is not None
        for row in held.select(["account_a", "account_b", "benign_class"]).to_pylist()
    }
    return network([(a, b, calm) for (a, b), calm in sorted(pairs.items())], evidence.redactor)


def ties(links: Links, evidence: Evidence) -> dict[str, Any]:
    """The least likely ties, each with its posts side by side."""
    rows = links["ties"]
    held = rows.filter(pc.fill_null(rows["validated"], False)).to_pylist()
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(held, key=lambda r: (r["benign_class"] is not None, *_surprise(r))):
        best.setdefault((row["account_a"], row["account_b"]), row)
    first = list(best.values())[:MOST_TIES]
    return {
        "shown": [_tie(links, evidence, row) for row in first],
        "open": sum(row["benign_class"] is None for row in first),
        "total": len(best),
        "tested": rows.num_rows,
    }


def _surprise(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["q_value"], row["p_value"], row["account_a"], row["account_b"], row["layer"]


def _tie(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> dict[str, Any]:
    table = links["tie_evidence"]
    name = tie_id(row["account_a"], row["account_b"], row["layer"], row["window_s"])
    found = table.filter(pc.equal(table["tie_id"], name))
    pairs = [_pair(evidence, pair) for pair in found.to_pylist()[:MOST_POSTS]]
    if not pairs:
        pairs = _pairs_of(links, evidence, row)
    return {
        "a": evidence.redactor.account(row["account_a"]),
        "b": evidence.redactor.account(row["account_b"]),
        "opens": evidence.opens.account(row["account_a"], row["account_b"]),
        "layer": row["layer"].replace("_", " "),
        "window": wording.span(row["window_s"]) if row["window_s"] else "decay",
        "objects": row["n_objects"],
        "expected": f"{row['expected']:.2g}",
        "q": wording.chance(row["q_value"]),
        "p": wording.chance(row["p_value"]),
        "gap": wording.span(row["median_gap_s"]),
        "a_first": f"{100 * row['a_first_share']:.0f} %",
        "benign": (row["benign_class"] or "").replace("_", " "),
        "reason": evidence.redactor.sentence(row["reason"] or ""),
        "pairs": [pair for pair in pairs if pair is not None],
    }


def _pairs_of(links: Links, evidence: Evidence, row: Mapping[str, Any]) -> list[Pair | None]:
    """The evidence of the same two accounts in another window of the same layer."""
    table = links["tie_evidence"]
    rows = table.filter(pc.equal(table["layer"], row["layer"]))
    sides = {row["account_a"], row["account_b"]}
    found = []
    for pair in rows.to_pylist():
        posts = [links.post(pair[f"post_{side}"]) for side in "ab"]
        if {post["account_id"] for post in posts if post} == sides:
            found.append(_pair(evidence, pair))
        if len(found) == MOST_POSTS:
            break
    return found


def _pair(evidence: Evidence, row: Mapping[str, Any]) -> Pair | None:
    order = ("a", "b") if row["at_a"] <= row["at_b"] else ("b", "a")
    cited = [evidence.cite(row[f"post_{side}"]) for side in order]
    if cited[0] is None or cited[1] is None:
        return None
    quotes = [evidence.redactor.text(row[f"quote_{side}"]) for side in order]
    gap = wording.span(row["gap_s"])
    return Pair(cited[0], cited[1], quotes[0], quotes[1], gap, row["layer"].replace("_", " "))


def roles(links: Links, evidence: Evidence) -> dict[str, Any]:
    """Who started, expanded and repeated, in tiers, each with lag, reach and posts."""
    rows = links["roles"].to_pylist()
    rows.sort(key=lambda r: (r["tier"], -r["score"], r["account_id"]))
    shown = [
        {
            "account": evidence.redactor.account(row["account_id"]),
            "role": row["role"],
            "tier": row["tier"],
            "lag": wording.span(row["lag_s"]) if row["lag_s"] > 0 else "first",
            "reach": f"{row['reach']:,}",
            "points": f"{row['points']:,}",
            "firsts": f"{row['firsts']:,}, {row['expected']:.1f} by chance",
            "q": wording.chance(row["q_value"]),
            "reason": evidence.redactor.sentence(row["reason"]),
            "cited": evidence.cite_all(row["evidence"][:3]),
        }
        for row in rows[:MOST_ROLES]
    ]
    nulls = list(dict.fromkeys(row["null_model"] for row in rows))
    return {"shown": shown, "counts": tally(links["roles"], "role"), "total": len(rows),
            "nulls": nulls}  # fmt: skip


def fronts(links: Links, evidence: Evidence) -> dict[str, Any]:
    """Domains, hashtags and bio templates that one group promotes together."""
    shown = evidence.redactor.table(links["fronts"], FRONTS).to_pylist()
    rows = [
        {
            "kind": row["kind"].replace("_", " "),
            "value": row["value"],
            "inside": f"{row['accounts_in']:,}",
            "outside": f"{row['accounts_out']:,}",
            "expected": f"{row['expected']:.1f}",
            "q": wording.chance(row["q_value"]),
            "network": row["network_id"][:8],
        }
        for row in shown
    ]
    return {"shown": rows[:MOST_FRONTS], "total": len(rows)}


def facts(links: Links, evidence: Evidence) -> list[dict[str, str]]:
    """How the corpus was collected."""
    return [
        {
            "fact": row["fact"].replace("_", " "),
            "basis": row["basis"],
            "reason": evidence.redactor.sentence(wording.sentence(row["reason"])),
        }
        for row in links["collection_facts"].to_pylist()
    ]
