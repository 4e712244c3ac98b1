"""Which posts carry a talking point that several accounts carry, and which points go together?

In: posts, texts, point_posts and point_classes. Out: one row a carrying post, and for each point
its campaign. Points that the same accounts carry belong together (components of the graph of
accounts that carry two or more points); and components that rise and fall together do, since
accounts of two languages or platforms share no text. Reposts carry nothing here (they are another
layer), and points with a benign class are left out: news, share buttons, application templates and
what else `clustering.benign` names are copied for reasons of their own.

Rising together: the posts of two components are counted in bins of six hours; H0 is that one of
them could as well lie at any other time, so its counts are shifted by every whole number of bins
around the time the corpus spans; p is the share of shifts that overlap at least as much. What one
event makes two unrelated crowds do is not told from this: a campaign is "what moved together".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpus.identity import content_id
from corpus.significance import benjamini_hochberg

if TYPE_CHECKING:
    import pandas as pd

# Accounts that make a point "carried": two may be a coincidence or an answer.
LEAST_ACCOUNTS = 3
# Carried points from which on an account has a habit that can be tested: one copy is no habit.
LEAST_POINTS = 2
# Accounts with such a habit that make a component worth a row.
LEAST_HABITUAL = 5
# A quarter of a day: time zones and habits differ by hours, waves of one campaign hardly by more.
BIN_S = 6 * 3_600
MICROSECONDS = 1_000_000
LEVEL = 0.05
COLUMNS = ("post_id", "account_id", "at", "platform", "lang", "point_id")


def carried_posts(
    *, posts: pa.Table, texts: pa.Table, point_posts: pa.Table, point_classes: pa.Table
) -> pd.DataFrame:
    """Return post_id, account_id, at, platform, lang, point_id of carrying posts.

    Rows are ordered by time and id. Posts without an account or a time are left out.
    """
    own = pc.and_(pc.is_valid(posts.column("account_id")), pc.is_valid(posts.column("created_at")))
    own = pc.and_(own, pc.not_equal(posts.column("kind"), "repost"))
    wrote = posts.filter(own).select(["post_id", "account_id", "created_at", "platform"])
    ids = wrote.column("post_id")
    point = pc.index_in(ids, value_set=point_posts.column("post_id"))
    text = pc.index_in(ids, value_set=texts.column("post_id"))
    wrote = wrote.rename_columns(["post_id", "account_id", "at", "platform"])
    wrote = wrote.append_column("point_id", point_posts.column("point_id").take(point))
    wrote = wrote.append_column("lang", texts.column("lang").take(text))
    benign = pc.is_in(wrote.column("point_id"), value_set=point_classes.column("point_id"))
    open_ = pc.and_(pc.is_valid(wrote.column("point_id")), pc.invert(benign))
    frame: pd.DataFrame = wrote.filter(open_).to_pandas()
    crowd = frame.groupby("point_id")["account_id"].transform("nunique")
    frame = frame[crowd >= LEAST_ACCOUNTS].sort_values(["at", "post_id"], ignore_index=True)
    frame["lang"] = frame["lang"].fillna("und")
    return frame[list(COLUMNS)]


def campaign_of_points(carried: pd.DataFrame) -> dict[str, str]:
    """Return point_id to campaign_id; points that no account joins to another are left out.

    The id is the hash of the campaign's points, so that it depends on nothing else. Components with
    fewer than `LEAST_HABITUAL` accounts that carry several points are no campaign.
    """
    pairs = carried[["account_id", "point_id"]].drop_duplicates()
    pairs = pairs[pairs.groupby("account_id")["point_id"].transform("size") >= LEAST_POINTS]
    accounts = pairs.groupby("point_id")["account_id"].agg(set)
    parts = [
        members
        for members in _components(pairs)
        if len(set().union(*(accounts[point] for point in members))) >= LEAST_HABITUAL
    ]
    named: dict[str, str] = {}
    for together in _rising_together(carried, parts):
        members = sorted(point for part in together for point in parts[part])
        named.update(dict.fromkeys(members, content_id("campaign", *members)))
    return named


def _rising_together(carried: pd.DataFrame, parts: list[list[str]]) -> list[list[int]]:
    """Groups of numbers of `parts` that any significant pair joins."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not parts:
        return []
    number = {point: at for at, part in enumerate(parts) for point in part}
    moments = carried["at"].astype("datetime64[us, UTC]").astype("int64").to_numpy(np.int64)
    bins = moments // (BIN_S * MICROSECONDS)
    bins -= bins.min()
    part = carried["point_id"].map(number)
    size = int(bins.max()) + 1
    counts = [
        np.bincount(bins[(part == at).to_numpy()], minlength=size) for at in range(len(parts))
    ]
    pairs = [(a, b) for a in range(len(parts)) for b in range(a + 1, len(parts))]
    q = benjamini_hochberg([_overlap_p(counts[a], counts[b]) for a, b in pairs])
    joined = np.array([pair for pair, each in zip(pairs, q, strict=True) if each <= LEVEL])
    joined = joined.reshape(-1, 2)
    graph = coo_matrix(
        (np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(len(parts),) * 2
    )
    labels = connected_components(graph, directed=False)[1].tolist()
    return [[at for at, each in enumerate(labels) if each == name] for name in sorted(set(labels))]


def _overlap_p(counts: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> float:
    """Share of shifts of one series around the span that overlap the other at least as much."""
    overlaps = [int(np.minimum(counts, np.roll(others, by)).sum()) for by in range(len(counts))]
    return sum(each >= overlaps[0] for each in overlaps) / len(overlaps)


def _components(pairs: pd.DataFrame) -> list[list[str]]:
    """Points joined by accounts, each component in the order of its ids."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if pairs.empty:
        return []
    accounts, points = (pairs[name].astype("category") for name in ("account_id", "point_id"))
    # Codes come in the smallest integers that hold them: adding to an int8 would wrap.
    rows, columns = (each.cat.codes.to_numpy(np.int64) for each in (accounts, points))
    names = points.cat.categories.tolist()
    size = len(accounts.cat.categories)
    shape = (size + len(names), size + len(names))
    graph = coo_matrix((np.ones(len(rows)), (rows, columns + size)), shape=shape)
    labels = connected_components(graph, directed=False)[1][size:]
    found: dict[int, list[str]] = {}
    for name, label in sorted(zip(names, labels.tolist(), strict=True)):
        found.setdefault(label, []).append(name)
    return list(found.values())


def by_campaign(carried: pd.DataFrame, named: Mapping[str, str]) -> list[tuple[str, pd.DataFrame]]:
    """Part the carrying posts by campaign, in the order of the ids."""
    campaign = carried["point_id"].map(dict(named))
    return [(str(name), rows) for name, rows in carried.groupby(campaign, sort=True)]
