"""Which accounts hang together by the ties that count?

In: validated ties of all layers (`clustering.validated`). Out: the table groups: communities of
three or more accounts, with how firmly they are found, at which level of false ties they still hang
together, and what harmless reason there may be. Two accounts with a tie are a pair, no group.

The graph has an edge for each pair of accounts with a validated tie. Its weight is the number of
strands in which they have one: text, links, hashtags, reposts, replies. Layers of one strand repeat
each other (a copied text is a near-duplicate, too) and count once; strands are different things to
do together. Layers are not averaged. Communities: Leiden (Traag, Waltman, van Eck 2019) over
modularity, seeded, the best of TRIALS runs; so each community is connected.

* stability: mean over DRAWS runs, each with another seed and a tenth of the edges left out, of the
  largest Jaccard similarity of the group to a community found (Hennig 2007).
* q_value: edges in order of their smallest q; the q of the edge that connects the last account.
  Ties of at most that q keep the group together, and among all such ties at most that share is
  false by chance.
* p_value: see `clustering.tie_permutation`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.shares import Shares
from clustering.tie_null import NULL_IN_WORDS
from clustering.tie_permutation import PERMUTATION_IN_WORDS, SHUFFLES, group_p
from clustering.validated import judged, points_of
from corpus.identity import content_id
from corpus.tables import GROUPS

SMALLEST = 3
STRANDS = {
    "copied_text": "text",
    "near_duplicate": "text",
    "paraphrase": "text",
    "url": "link",
    "domain": "link",
    "hashtag": "hashtag",
    "hashtag_sequence": "hashtag",
    "repost": "repost",
    "reply": "reply",
    "media": "media",
}
TRIALS = 10
DRAWS = 10
LEFT_OUT = 0.1
# Ids of posts named for a group.
EVIDENCE = 20
NO_REASON = "no harmless reason that was looked for explains most of what is shared"

Pair = tuple[str, str]
Edge = tuple[str, str, float]


@dataclass
class _Side:
    """What one pair of accounts has: strands, layers, windows, smallest q, posts."""

    strands: set[str] = field(default_factory=set)
    layers: set[str] = field(default_factory=set)
    windows: set[int] = field(default_factory=set)
    q: float = 1.0
    objects: int = 0
    posts: list[str] = field(default_factory=list)


def find_groups(
    ties: pa.Table,
    *,
    posts: pa.Table,
    point_posts: pa.Table,
    point_classes: pa.Table,
    outlets: pa.Table,
    shares: Mapping[str, Shares] | None = None,
    seed: int = 0,
    shuffles: int = SHUFFLES,
) -> pa.Table:
    """Return GROUPS over these ties, all of which count.

    Parameters
    ----------
    ties
        Rows of the table ties that passed.
    posts, point_posts, point_classes, outlets
        The tables of these names.
    shares
        Shares of each layer, for p, which counts meetings in cells as wide as the group's window;
        without them, or without shuffles, p is null.
    """
    sides = _sides(ties)
    edges = [_edge(pair, side) for pair, side in sorted(sides.items())]
    found = communities(edges, seed)
    firm = _stabilities(edges, found, seed)
    p: list[float | None] = [None] * len(found)
    used = {name: each for name, each in (shares or {}).items() if name in _layers(ties)}
    if used and shuffles and found:
        widths = [_narrowest(_windows(group, sides)) or 0 for group in found]
        p = [*group_p(used, found, windows_s=widths, seed=seed, shuffles=shuffles).tolist()]
    classes = dict(
        zip(*(point_classes[c].to_pylist() for c in ("point_id", "benign_class")), strict=True)
    )
    told = _Told(posts, point_posts, classes, set(outlets.column("account_id").to_pylist()))
    rows = [
        _row(group, sides, told, stability=s, p=each)
        for group, s, each in zip(found, firm, p, strict=True)
    ]
    return GROUPS.from_rows(rows)


def communities(edges: Sequence[Edge], seed: int) -> list[list[str]]:
    """Return the communities of three or more nodes, largest first; nodes in order."""
    if not edges:
        return []
    from graspologic_native import leiden

    _, labels = leiden(list(edges), seed=seed + 1, trials=TRIALS, iterations=2)
    members: dict[int, list[str]] = defaultdict(list)
    for node in sorted(labels):
        members[labels[node]].append(node)
    kept = [group for group in members.values() if len(group) >= SMALLEST]
    return sorted(kept, key=lambda group: (-len(group), group))


def _layers(ties: pa.Table) -> set[str]:
    return set(pc.unique(ties.column("layer")).to_pylist())


def _sides(ties: pa.Table) -> dict[Pair, _Side]:
    found: dict[Pair, _Side] = defaultdict(_Side)
    names = ("account_a", "account_b", "layer", "window_s", "q_value", "n_objects", "evidence")
    for a, b, layer, window, q, objects, posts in zip(
        *(ties[name].to_pylist() for name in names), strict=True
    ):
        if a == b:
            continue
        side = found[a, b]
        side.strands.add(STRANDS.get(layer, layer))
        side.layers.add(layer)
        side.windows |= {window} if window is not None else set()
        side.q = min(side.q, q)
        if objects > side.objects:
            side.objects, side.posts = objects, posts
    return dict(found)


def _edge(pair: Pair, side: _Side) -> Edge:
    return (*pair, float(len(side.strands)))


def _stabilities(edges: list[Edge], groups: list[list[str]], seed: int) -> list[float]:
    """Mean best Jaccard of each group over draws of the edges."""
    random = np.random.default_rng(seed)
    total = np.zeros(len(groups))
    for draw in range(DRAWS if groups else 0):
        stays = np.flatnonzero(random.random(len(edges)) >= LEFT_OUT)
        again = communities([edges[i] for i in stays.tolist()], seed + 1 + draw)
        total += [_best_jaccard(set(group), again) for group in groups]
    return [float(each) for each in total / DRAWS]


def _best_jaccard(group: set[str], others: list[list[str]]) -> float:
    return max((len(group & (o := set(other))) / len(group | o) for other in others), default=0.0)


@dataclass(frozen=True)
class _Told:
    """What the words of a group's row are taken from."""

    posts: pa.Table
    point_posts: pa.Table
    classes: dict[str, str]
    outlets: set[str]

    def points(self, posts: Sequence[str]) -> Counter[str]:
        lists = pa.chunked_array([pa.array([list(posts)], pa.list_(pa.string()))])
        return Counter(points_of(lists, self.point_posts)[0])

    def places(self, posts: Sequence[str]) -> tuple[list[str], list[Any]]:
        """Account and time of each post."""
        ids = pa.array(list(posts), pa.string())
        at = pc.index_in(ids, value_set=self.posts.column("post_id").combine_chunks())
        rows = self.posts.select(["account_id", "created_at"]).take(at)
        return rows["account_id"].to_pylist(), rows["created_at"].to_pylist()


def _row(
    group: list[str], sides: Mapping[Pair, _Side], told: _Told, *, stability: float, p: float | None
) -> dict[str, Any]:
    own = set(group)
    inside = {pair: side for pair, side in sides.items() if own.issuperset(pair)}
    posts = sorted({post for side in inside.values() for post in side.posts})
    accounts, times = told.places(posts)
    known = [time for time in times if time is not None]
    benign, reason = judged(told.points(posts), told.classes, group, told.outlets)
    return {
        "group_id": content_id("group", *group),
        "accounts": group,
        "size": len(group),
        "ties": len(inside),
        "density": 2 * len(inside) / (len(group) * (len(group) - 1)),
        "stability": stability,
        "p_value": p,
        "q_value": level_of(group, {pair: side.q for pair, side in inside.items()}),
        "layers": sorted({layer for side in inside.values() for layer in side.layers}),
        "window_s": _narrowest(_windows(group, inside)),
        "objects": max(side.objects for side in inside.values()),
        "first_at": min(known, default=None),
        "last_at": max(known, default=None),
        "benign_class": benign,
        "reason": reason or NO_REASON,
        "null_model": _null(p),
        "evidence": _of_different(posts, accounts),
    }


def level_of(group: Sequence[str], q_of: Mapping[Pair, float]) -> float:
    """Return the smallest q at which the ties of at most that q connect the group."""
    root = {account: account for account in group}

    def top(account: str) -> str:
        while root[account] != account:
            account = root[account]
        return account

    left = len(root) - 1
    for (a, b), q in sorted(q_of.items(), key=lambda item: (item[1], item[0])):
        if top(a) != top(b):
            root[top(a)] = top(b)
            left -= 1
        if left == 0:
            return q
    return 1.0


def _windows(group: Sequence[str], sides: Mapping[Pair, _Side]) -> list[set[int]]:
    own = set(group)
    return [side.windows for pair, side in sides.items() if own.issuperset(pair)]


def _narrowest(windows: Sequence[set[int]]) -> int | None:
    """The narrowest window that holds a validated tie of most pairs; else the widest."""
    counts = Counter(window for each in windows for window in each)
    most = [window for window in sorted(counts) if 2 * counts[window] > len(windows)]
    if most:
        return most[0]
    return max(counts, default=None)


def _of_different(posts: Sequence[str], accounts: Sequence[str]) -> list[str]:
    """Up to EVIDENCE posts: one of each account first, then a second, and so on."""
    turn: Counter[str] = Counter()
    ranked = []
    for post, account in zip(posts, accounts, strict=True):
        ranked.append((turn[account], account or "", post))
        turn[account] += 1
    return [post for _, _, post in sorted(ranked)[:EVIDENCE]]


def _null(p: float | None) -> str:
    if p is None:
        return NULL_IN_WORDS
    return f"of its ties: {NULL_IN_WORDS} Of the group's meetings: {PERMUTATION_IN_WORDS}"
