"""The clusters that camps are counted in, and who could stand in for whom.

In: posts with their talking point, narrative and language, and the camps. Out: a `Cluster` for
each talking point and narrative: one vote an account, by the label it claimed when it first posted
there; and for each the pools of accounts like its own (`LEVELS`, finest first).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.convergence_camps import Camps, Codes
from reports.convergence_null import Pool

# What makes two accounts alike. The finest level is taken at which the pools are large enough.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("lang", "decile", "week"),
    ("lang", "third", "week"),
    ("lang", "week"),
    ("lang",),
    (),
)
WORDS = {
    "lang": "writing in the same language",
    "decile": "in the same tenth by number of posts",
    "third": "in the same third by number of posts",
    "week": "active in the same week",
}
# A pool must hold so many accounts for each of the cluster's, for so large a share of them: with
# fewer a shuffle hands the cluster its own labels back, and nothing could be found.
POOL_FACTOR, ENOUGH_POOLED = 2, 0.9
WEEK_US = 7 * 86_400e6
Key = tuple[Any, ...]
Strata = dict[Key, list[tuple[str, int]]]


@dataclass(frozen=True)
class Cluster:
    """One talking point or narrative: its posts, and one row for each labelled account."""

    narrative_id: str | None
    point_id: str | None
    posts: pd.DataFrame
    votes: pd.DataFrame  # account_id, code, at, lang, decile, third, week

    @property
    def labelled(self) -> int:
        """How many accounts with a known camp."""
        return len(self.votes)


@dataclass(frozen=True)
class Crowd:
    """All posts with labels, and the presence of labelled accounts by week."""

    posts: pd.DataFrame
    codes: Codes
    presence: pd.DataFrame

    @cached_property
    def strata(self) -> dict[tuple[str, ...], Strata]:
        """For each level the labelled accounts of each stratum, with their label."""
        return {level: _strata(self.presence, level) for level in LEVELS}


def crowd_of(posts: pd.DataFrame, camps: Camps) -> Crowd:
    """Label posts; columns post_id, account_id, created_at (microseconds), lang, point_id,
    narrative_id."""
    rows = posts[posts["account_id"].notna()].copy()
    rows = rows.sort_values(["created_at", "post_id"], kind="stable", ignore_index=True)
    labels = camps.at(rows["account_id"].tolist(), rows["created_at"].to_numpy(float))
    codes = Codes.of(camps, [label for label in labels if label is not None])
    rows["code"] = [-1 if label is None else codes.number[label] for label in labels]
    rows["week"] = np.floor(rows["created_at"].fillna(-WEEK_US) / WEEK_US).astype("int64")
    rows = rows.merge(_accounts(rows), left_on="account_id", right_index=True, how="left")
    rows = rows.sort_values(["created_at", "post_id"], kind="stable", ignore_index=True)
    seen = rows[rows["code"] >= 0].drop_duplicates(["account_id", "week"])
    columns = ["account_id", "code", "home", "decile", "third", "week"]
    return Crowd(rows, codes, seen[columns].rename(columns={"home": "lang"}))


def _accounts(rows: pd.DataFrame) -> pd.DataFrame:
    """Main language and rank of activity of each account."""
    counts = rows.groupby("account_id").size().sort_index()
    rank = (counts.rank(method="first") - 1) / max(len(counts), 1)
    langs = rows.groupby(["account_id", "lang"], dropna=False).size().reset_index(name="n")
    langs = langs.sort_values(["account_id", "n", "lang"], ascending=[True, False, True])
    home = langs.drop_duplicates("account_id").set_index("account_id")["lang"].fillna("und")
    return pd.DataFrame(
        {
            "home": home.reindex(counts.index),
            "decile": (rank * 10).astype("int64"),
            "third": (rank * 3).astype("int64"),
        }
    )


def clusters_of(crowd: Crowd, *, least: int) -> Iterator[Cluster]:
    """Every narrative, and every talking point with at least `least` labelled accounts."""
    rows = crowd.posts
    for narrative, part in rows[rows["narrative_id"].notna()].groupby("narrative_id", sort=True):
        yield Cluster(str(narrative), None, part, _votes(part))
    labelled = rows[(rows["code"] >= 0) & rows["point_id"].notna()]
    counts = labelled.groupby("point_id")["account_id"].nunique()
    wanted = counts.index[counts >= least]
    for point, part in rows[rows["point_id"].isin(wanted)].groupby("point_id", sort=True):
        narrative = part["narrative_id"].iloc[0]
        known = None if pd.isna(narrative) else str(narrative)
        yield Cluster(known, str(point), part, _votes(part))


def _votes(posts: pd.DataFrame) -> pd.DataFrame:
    first = posts[posts["code"] >= 0].drop_duplicates("account_id")
    columns = ["account_id", "code", "created_at", "home", "decile", "third", "week"]
    return first[columns].rename(columns={"created_at": "at", "home": "lang"})


def pools_of(cluster: Cluster, crowd: Crowd) -> tuple[list[Pool], str]:
    """Return the strata of a cluster at the finest level that serves, and the level in words."""
    for level in LEVELS:
        pools = _pools(cluster.votes, crowd.strata[level], level)
        held = sum(p.members for p in pools if len(p.labels) >= POOL_FACTOR * p.members)
        if held >= ENOUGH_POOLED * cluster.labelled or not level:
            break
    return pools, " and ".join(WORDS[name] for name in level) or "of the whole corpus"


def _pools(votes: pd.DataFrame, strata: Strata, level: tuple[str, ...]) -> list[Pool]:
    own: dict[Key, dict[str, int]] = {}
    for account, code, *key in _rows(votes, level):
        own.setdefault(tuple(key), {})[account] = code
    return [Pool(_with_own(strata.get(key, []), own[key]), len(own[key])) for key in sorted(own)]


def _with_own(held: list[tuple[str, int]], own: dict[str, int]) -> npt.NDArray[np.int64]:
    """The pool's labels; the cluster's accounts are in it with the label that they vote with."""
    others = [code for account, code in held if account not in own]
    return np.array([*own.values(), *others], np.int64)


def _strata(presence: pd.DataFrame, level: tuple[str, ...]) -> Strata:
    rows = presence if "week" in level else presence.drop_duplicates("account_id")
    found: Strata = {}
    for account, code, *key in _rows(rows, level):
        found.setdefault(tuple(key), []).append((account, code))
    return found


def _rows(rows: pd.DataFrame, level: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[name].tolist() for name in ("account_id", "code", *level)), strict=True)
