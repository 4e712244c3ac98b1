"""How many posts and accounts of a narrative hold each name?

In: the posts in narratives, names by talking point, tags by post. Out: one row a narrative and key
with posts, reposts, distinct accounts, and their share of the narrative's accounts. A post counts
once for a name, whether its talking point or one of its own tags holds it. Work runs on codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Told:
    """Posts in narratives, earliest first (ties by id; unknown times last), with their text.

    `rows` holds post_id, account_id, kind, point_id, narrative_id, text, hashtags and mentions.
    """

    rows: pa.Table

    @classmethod
    def of(cls, told: pa.Table, posts: pa.Table) -> Told:
        """Join what `narrative_of_posts` gives with the texts and tags."""
        told = told.sort_by([("created_at", "ascending"), ("post_id", "ascending")])
        at = pc.index_in(told.column("post_id"), value_set=posts.column("post_id"))
        for name in ("text", "hashtags", "mentions"):
            told = told.append_column(name, posts.column(name).take(at))
        return cls(told)

    @cached_property
    def reposted(self) -> NDArray[np.bool_]:
        """Which rows are reposts."""
        flags: NDArray[np.bool_] = np.asarray(pc.equal(self.rows.column("kind"), "repost"))
        return flags

    def listed(self, column: str) -> tuple[Codes, list[str]]:
        """Row and value of each hashtag or mention; whom a repost names is whom it repeats."""
        lists = self.rows.column(column).combine_chunks()
        parent = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
        values = np.array(pc.list_flatten(lists).to_pylist(), dtype=object)
        kept = ~self.reposted[parent] if column == "mentions" else np.ones(len(parent), bool)
        return parent[kept], values[kept].tolist()

    def codes(self, column: str) -> tuple[Codes, list[str]]:
        """Codes of a column's values (null is -1) and the values they stand for."""
        values = sorted(v for v in pc.unique(self.rows.column(column)).to_pylist() if v is not None)
        at = pc.index_in(self.rows.column(column), value_set=pa.array(values, pa.string()))
        return np.asarray(pc.fill_null(at, -1)).astype(np.int64), values


def counted(
    told: Told, found: pd.DataFrame, tags: pd.DataFrame, narratives: pa.Table
) -> pd.DataFrame:
    """Return narrative_id, key, posts, reposts, accounts, accounts_share, kind, shown, source."""
    keys = sorted({*found["key"], *tags["key"]})
    code = {key: number for number, key in enumerate(keys)}
    held = pd.concat([_through_points(told, found, code), _own(tags, code)]).drop_duplicates()
    narrative, names = told.codes("narrative_id")
    account, _ = told.codes("account_id")
    frame = held.assign(
        narrative=narrative[held["post"]],
        account=account[held["post"]],
        repost=told.reposted[held["post"]],
    )
    rows = _sums(frame)
    rows["narrative_id"] = [names[n] for n in rows["narrative"]]
    rows["key"] = [keys[n] for n in rows["key"]]
    of = dict(zip(*(narratives.column(c).to_pylist() for c in ("narrative_id", "accounts"))))  # noqa: B905
    everyone = rows["narrative_id"].map(of).astype(float)
    rows["accounts_share"] = (rows["accounts"] / everyone.where(everyone > 0)).clip(upper=1.0)
    return rows.drop(columns="narrative").merge(_spelled(found, tags), on="key")


def _through_points(told: Told, found: pd.DataFrame, code: dict[str, int]) -> pd.DataFrame:
    point, points = told.codes("point_id")
    place = {name: number for number, name in enumerate(points)}
    names = pd.DataFrame(
        {"point": found["point_id"].map(place), "key": found["key"].map(code)}
    ).dropna()
    posts = pd.DataFrame({"point": point, "post": np.arange(len(point))})
    return posts.merge(names.astype(np.int64), on="point")[["post", "key"]]


def _own(tags: pd.DataFrame, code: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame({"post": tags["post"], "key": tags["key"].map(code)}).astype(np.int64)


def _sums(frame: pd.DataFrame) -> pd.DataFrame:
    by = ["narrative", "key"]
    sums = frame.groupby(by, sort=True)["repost"].agg(["size", "sum"])
    people = frame[frame["account"] >= 0].drop_duplicates([*by, "account"])
    accounts = people.groupby(by, sort=True).size().reindex(sums.index, fill_value=0)
    counts = {
        "posts": sums["size"] - sums["sum"], "reposts": sums["sum"], "accounts": accounts,
    }  # fmt: skip
    return pd.DataFrame(counts).astype(np.int64).reset_index()


def _spelled(found: pd.DataFrame, tags: pd.DataFrame) -> pd.DataFrame:
    """The most frequent spelling, kind and source of each key; ties by spelling."""
    columns = ["key", "kind", "shown", "source", "size"]
    both = pd.concat([found[columns], tags.assign(size=1)[columns]])
    parts = [_most(both, column) for column in ("kind", "shown", "source")]
    return pd.concat(parts, axis=1).reset_index()


def _most(both: pd.DataFrame, column: str) -> pd.Series:
    sizes = both.groupby(["key", column], sort=True)["size"].sum().reset_index()
    first = sizes.sort_values(["key", "size", column], ascending=[True, False, True])
    return first.drop_duplicates("key").set_index("key")[column]
