"""The two networks of a case: who wrote on which narrative, and who shares things with whom.

In: redacted tables. Out: nodes and edges with plain attributes, sorted, for GEXF and GraphML.

    accounts_narratives   an edge joins an account and a narrative; weight = its posts there
    account_ties          an edge joins two accounts in one layer; weight = pairs of shares

Of ties those are taken that survive the test of chance (`validated`), each pair once a layer, in
the window with the lowest q. Where a run asked for no validation, q at most .05 decides. Every edge
names posts; times are those of the posts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.exports.cells import iso
from reports.exports.source import ExportSource

# Posts named on an edge: enough to look it up, few enough for a table cell in Gephi.
MAX_EVIDENCE = 10
# Where ties were not validated, the level of false ties at which one still counts.
Q_LEVEL = 0.05
Value = str | int | float | bool


@dataclass(frozen=True)
class Node:
    """A node; `first` and `last` bound the time in which it is seen."""

    node_id: str
    label: str
    values: Mapping[str, Value]
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class Edge:
    """An edge between two nodes, without direction."""

    source: str
    target: str
    weight: float
    values: Mapping[str, Value]
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class Graph:
    """Nodes by id and edges by their ends, in a fixed order."""

    name: str
    description: str
    nodes: list[Node]
    edges: list[Edge]


@dataclass
class _Seen:
    """What is gathered of one account or one edge while posts go by."""

    posts: int = 0
    first: datetime | None = None
    last: datetime | None = None
    evidence: list[tuple[str, str]] = field(default_factory=list)

    def add(self, post_id: str, at: datetime | None) -> None:
        self.posts += 1
        self.evidence.append((iso(at) if at else "~", post_id))
        if len(self.evidence) > 4 * MAX_EVIDENCE:
            self.evidence = sorted(self.evidence)[:MAX_EVIDENCE]
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)

    def named(self) -> str:
        return " ".join(post_id for _, post_id in sorted(self.evidence)[:MAX_EVIDENCE])


def graphs(source: ExportSource) -> list[Graph]:
    """Return the networks that this case has material for."""
    made = []
    accounts = _accounts(source)
    if "narrative_points" in source.tables and "point_posts" in source.tables:
        made.append(_accounts_narratives(source, accounts))
    if "ties" in source.tables:
        made.append(_account_ties(source, accounts))
    return made


# accounts -----------------------------------------------------------------------------------


def _accounts(source: ExportSource) -> dict[str, Node]:
    seen: dict[str, _Seen] = {}
    if "posts" in source.tables:
        for batch in source.batches("posts", ["post_id", "account_id", "created_at"]):
            for row in batch.to_pylist():
                if row["account_id"] is not None:
                    seen.setdefault(row["account_id"], _Seen()).add(
                        row["post_id"], row["created_at"]
                    )
    roles = _first_of(source, "roles", "account_id", "role")
    shifts = _highest_shift(source)
    groups = _groups(source)
    for table, column in (("ties", "account_a"), ("ties", "account_b")):
        for account in pc.unique(source.table(table, [column])[column]).to_pylist():
            seen.setdefault(account, _Seen())
    return {
        account: Node(
            f"account:{account}",
            account,
            {
                "node_type": "account",
                "posts": had.posts,
                "role": roles.get(account, ""),
                "group_id": groups.get(account, ""),
                "highest_shift_level": shifts.get(account, 0),
            },
            had.first,
            had.last,
        )
        for account, had in sorted(seen.items())
    }


def _first_of(source: ExportSource, name: str, key: str, value: str) -> dict[str, str]:
    """The smallest value by key, so that an account of two campaigns has one role here."""
    rows = source.table(name, [key, value]).to_pylist()
    return {row[key]: row[value] for row in sorted(rows, key=lambda r: (r[key], r[value]))[::-1]}


def _highest_shift(source: ExportSource) -> dict[str, int]:
    highest: dict[str, int] = {}
    for row in source.table("shifts", ["account_id", "level"]).to_pylist():
        highest[row["account_id"]] = max(highest.get(row["account_id"], 0), row["level"])
    return highest


def _groups(source: ExportSource) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in source.table("groups", ["group_id", "accounts"]).to_pylist():
        for account in row["accounts"]:
            found[account] = min(found.get(account, row["group_id"]), row["group_id"])
    return found


# who wrote on which narrative ---------------------------------------------------------------


def _accounts_narratives(source: ExportSource, accounts: Mapping[str, Node]) -> Graph:
    narrative_of = _narrative_of_post(source)
    seen: dict[tuple[str, str], _Seen] = {}
    if "posts" in source.tables:
        for batch in source.batches("posts", ["post_id", "account_id", "created_at"]):
            for row in batch.to_pylist():
                narrative = narrative_of.get(row["post_id"])
                if narrative is not None and row["account_id"] is not None:
                    key = (row["account_id"], narrative)
                    seen.setdefault(key, _Seen()).add(row["post_id"], row["created_at"])
    edges = [
        Edge(
            f"account:{account}",
            f"narrative:{narrative}",
            float(had.posts),
            {"kind": "wrote_on", "posts": had.posts, "evidence_ids": had.named()},
            had.first,
            had.last,
        )
        for (account, narrative), had in sorted(seen.items())
    ]
    met = {account for account, _ in seen}
    nodes = [accounts[account] for account in sorted(met)] + _narratives(source)
    return Graph(
        "accounts_narratives",
        "Accounts and the narratives they wrote on, reposts included. Weight: posts.",
        nodes,
        edges,
    )


def _narrative_of_post(source: ExportSource) -> dict[str, str]:
    points = source.table("narrative_points", ["point_id", "narrative_id"])
    points = points.filter(pc.is_valid(points["narrative_id"]))
    of_point = dict(
        zip(points["point_id"].to_pylist(), points["narrative_id"].to_pylist(), strict=True)
    )
    found = {}
    for batch in source.batches("point_posts", ["post_id", "point_id"]):
        for post_id, point_id in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            if point_id in of_point:
                found[post_id] = of_point[point_id]
    return found


def _narratives(source: ExportSource) -> list[Node]:
    columns = [
        "narrative_id",
        "label",
        "lang",
        "posts",
        "reposts",
        "accounts",
        "first_at",
        "last_at",
    ]
    rows = source.table("narratives", columns).to_pylist()
    return [
        Node(
            f"narrative:{row['narrative_id']}",
            row["label"] or row["narrative_id"],
            {
                "node_type": "narrative",
                "posts": row["posts"] + row["reposts"],
                "lang": row["lang"],
                "accounts": row["accounts"],
            },
            row["first_at"],
            row["last_at"],
        )
        for row in sorted(rows, key=lambda row: row["narrative_id"])
    ]


# who shares things with whom ----------------------------------------------------------------


def _account_ties(source: ExportSource, accounts: Mapping[str, Node]) -> Graph:
    kept, tested = _kept_ties(source)
    times = _times_of(source, (post for row in kept for post in row["evidence"]))
    edges = [_tie(row, times) for row in kept]
    met = sorted({row[side] for row in kept for side in ("account_a", "account_b")})
    return Graph(
        "account_ties",
        "Pairs of accounts that shared the same things more than chance explains. Weight: pairs of"
        f" shares within the window. {len(kept):,} of {tested:,} pairs and layers are kept.",
        [accounts[account] for account in met],
        edges,
    )


def _kept_ties(source: ExportSource) -> tuple[list[dict[str, Any]], int]:
    """For each pair and layer the window with the lowest q; and how many pairs there were."""
    ties = source.table("ties")
    ties = ties.filter(pc.not_equal(ties["account_a"], ties["account_b"]))
    tested = ties.select(["account_a", "account_b", "layer"]).group_by(
        ["account_a", "account_b", "layer"]
    ).aggregate([]).num_rows  # fmt: skip
    asked = ties["validated"].null_count < ties.num_rows
    mask = (
        pc.fill_null(ties["validated"], False) if asked else pc.less_equal(ties["q_value"], Q_LEVEL)
    )
    best: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in _in_order(ties.filter(mask)):
        best.setdefault((row["account_a"], row["account_b"], row["layer"]), row)
    return [best[key] for key in sorted(best)], tested


def _in_order(ties: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ties.to_pylist()
    return sorted(rows, key=lambda row: (row["q_value"], row["window_s"] or 0, row["weight"]))


def _times_of(source: ExportSource, posts: Iterable[str]) -> dict[str, datetime]:
    wanted = pa.array(sorted(set(posts)), pa.string())
    found: dict[str, datetime] = {}
    if not len(wanted) or "posts" not in source.tables:
        return found
    for batch in source.batches("posts", ["post_id", "created_at"]):
        hit = batch.filter(pc.is_in(batch["post_id"], value_set=wanted))
        pairs = zip(*(column.to_pylist() for column in hit.columns), strict=True)
        found |= {post_id: at for post_id, at in pairs if at is not None}
    return found


def _tie(row: Mapping[str, Any], times: Mapping[str, datetime]) -> Edge:
    seen = [times[post] for post in row["evidence"] if post in times]
    values: dict[str, Value] = {
        "kind": row["layer"],
        "q": row["q_value"],
        "p": row["p_value"],
        "objects": row["n_objects"],
        "expected_objects": row["expected"],
        "mean_gap_s": row["mean_gap_s"],
        "benign_class": row["benign_class"] or "",
        "evidence_ids": " ".join(row["evidence"][:MAX_EVIDENCE]),
    }
    if row["window_s"] is not None:
        values["window_s"] = row["window_s"]
    return Edge(
        f"account:{row['account_a']}",
        f"account:{row['account_b']}",
        float(row["weight"]),
        values,
        min(seen, default=None),
        max(seen, default=None),
    )
