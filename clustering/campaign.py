"""A campaign in one row: when, about what, how many accounts, and how many of them carried it.

In: the tables of talking points, narratives and benign classes. Out: tables campaign, roles
and campaign_accounts (who is on its narratives, with evidence or without).

* Points that the same accounts carried at one time make a campaign (`clustering.carried`).
* Its narratives: those in which a good part of the posts carries its points; who wrote there or
  carried a point is "on the narratives".
* Evidence: accounts that carry points beyond what talkers do (`clustering.carriers`).
* The window: a campaign must have hours with more of their posts than chance gives
  (`clustering.campaign_window`), else there is no row. Start and end are those of the talk on the
  narratives, by anyone but carriers, where that overlaps the crest (`clustering.talk_window`); else
  the crest's.

News, share buttons and other copies with a benign class carry nothing. What narratives are too
coarse to part (friends and foes of one event) stands in the number of accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.campaign_window import CampaignWindow, campaign_window
from clustering.carried import by_campaign, campaign_of_points, carried_posts
from clustering.carriers import Carriers, judge_carriers
from clustering.roles import LEVEL, find_roles
from clustering.talk_window import talk_window
from corpus.tables import CAMPAIGN, CAMPAIGN_ACCOUNTS, ROLES

if TYPE_CHECKING:
    import pandas as pd

# Part of a narrative's posts that must carry the points: less is a crowd that meets them by the way
# (measured on five generated campaigns: below it everyday narratives come in).
CARRIED_SHARE = 0.15
EVIDENCE = 20
MOST_HASHTAGS = 10
# Shares of the carrying posts that have a tag, for it to name the campaign.
TAGGED = 0.01
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Campaigns:
    """Tables that keep their contracts; `accounts`: who is on each campaign's narratives."""

    campaign: pa.Table
    roles: pa.Table
    accounts: pa.Table
    notes: tuple[str, ...] = ()


def find_campaigns(
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    point_classes: pa.Table,
    narrative_points: pa.Table,
    bin_s: int = 3_600,
    seed: int = 0,
) -> Campaigns:
    """Return the campaigns of a corpus; the tables keep their contracts. See the module."""
    carried = carried_posts(
        posts=posts, texts=texts, point_posts=point_posts, point_classes=point_classes
    )
    told = _told_posts(posts, point_posts, narrative_points)
    rows: list[dict[str, Any]] = []
    roles: list[dict[str, Any]] = []
    accounts: list[dict[str, Any]] = []
    notes: list[str] = []
    for name, own in by_campaign(carried, campaign_of_points(carried)):
        found = _Campaign.of(name, own, told, seed)
        window = campaign_window(posts, found.evident_posts(), bin_s=bin_s)
        if window is None:
            notes.append(_without_window(found))
            continue
        made = find_roles(own, found.judged, name)
        roles += found.with_narratives(made)
        rows.append(found.row(posts, told, made, window))
        accounts += found.accounts(made)
    return Campaigns(
        CAMPAIGN.from_rows(rows),
        ROLES.from_rows(roles),
        CAMPAIGN_ACCOUNTS.from_rows(accounts),
        tuple(notes),
    )


def _told_posts(posts: pa.Table, point_posts: pa.Table, narrative_points: pa.Table) -> pd.DataFrame:
    """Return what accounts wrote themselves: post_id, account_id, at, point_id, narrative_id."""
    wrote = posts.filter(pc.not_equal(posts.column("kind"), "repost"))
    wrote = wrote.select(["post_id", "account_id", "created_at"])
    point = pc.index_in(wrote.column("post_id"), value_set=point_posts.column("post_id"))
    points = point_posts.column("point_id").take(point)
    place = pc.index_in(points, value_set=narrative_points.column("point_id"))
    wrote = wrote.append_column("point_id", points)
    wrote = wrote.append_column("narrative_id", narrative_points.column("narrative_id").take(place))
    frame: pd.DataFrame = wrote.rename_columns(
        ["post_id", "account_id", "at", "point_id", "narrative_id"]
    ).to_pandas()
    return frame.dropna(subset=["account_id", "at"]).reset_index(drop=True)


def _without_window(found: _Campaign) -> str:
    return (
        f"{found.own['point_id'].nunique():,} talking points share accounts that carry several of"
        " them, but no hour holds more of their posts than chance gives: no campaign row"
    )


@dataclass(frozen=True)
class _Campaign:
    """One campaign: its carrying posts, narratives, and the accounts judged (index account_id)."""

    name: str
    own: pd.DataFrame
    narratives: list[str]
    judged: pd.DataFrame
    carriers: Carriers

    @classmethod
    def of(cls, name: str, own: pd.DataFrame, told: pd.DataFrame, seed: int) -> _Campaign:
        own = own.merge(told[["post_id", "narrative_id"]], on="post_id", how="left")
        carries = told["post_id"].isin(own["post_id"])
        part = carries.groupby(told["narrative_id"]).mean()
        narratives = sorted(part[part >= CARRIED_SHARE].index)
        on = told[carries | told["narrative_id"].isin(narratives)]
        points = own.groupby("account_id")["point_id"].nunique()
        accounts = on["account_id"].drop_duplicates().sort_values()
        judged = points.reindex(accounts, fill_value=0).rename("points").to_frame()
        found = judge_carriers(judged["points"].to_numpy(), seed=seed)
        judged = judged.assign(p_value=found.p_value, q_value=found.q_value)
        return cls(name, own, narratives, judged, found)

    def evident_posts(self) -> list[str]:
        """Ids of the carrying posts of accounts with evidence."""
        evident = self.judged.index[self.judged["q_value"] <= LEVEL]
        ids: list[str] = self.own[self.own["account_id"].isin(evident)]["post_id"].tolist()
        return ids

    def with_narratives(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Add the narrative in which most carrying posts of each account lie."""
        return [{**row, "narrative_id": self._narrative_of.get(row["account_id"])} for row in made]

    def accounts(self, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of CAMPAIGN_ACCOUNTS; who has a role has evidence."""
        evident = {row["account_id"] for row in made}
        columns = zip(
            self.judged.index, self.judged["points"], self.judged["p_value"],
            self.judged["q_value"], self.carriers.chance, strict=True,
        )  # fmt: skip
        return [
            {
                "campaign_id": self.name, "account_id": name, "points": int(points),
                "p_value": float(p), "q_value": float(q), "chance": float(chance),
                "with_evidence": name in evident,
            }
            for name, points, p, q, chance in columns
        ]  # fmt: skip

    @property
    def _narrative_of(self) -> dict[str, str]:
        counts = self.own.dropna(subset=["narrative_id"])
        counts = counts.groupby(["account_id", "narrative_id"]).size().rename("n").reset_index()
        counts = counts.sort_values(["n", "narrative_id"], ascending=[False, True])
        most = counts.drop_duplicates("account_id")
        return dict(zip(most["account_id"], most["narrative_id"], strict=True))

    def row(
        self, posts: pa.Table, told: pd.DataFrame, made: list[dict[str, Any]], w: CampaignWindow
    ) -> dict[str, Any]:
        start, end, by_talk = self._window(told, w)
        total, evident = len(self.judged), len(made)
        roles = [row["role"] for row in made]
        first = self.own[self.own["account_id"].isin({row["account_id"] for row in made})]
        return {
            "campaign_id": self.name, "start_at": start, "end_at": end,
            "hours": (end - start).total_seconds() / 3_600,
            "crest_start_at": w.start_at, "crest_end_at": w.end_at, "tail_end_at": w.tail_end_at,
            "narratives": self.narratives, "points": int(self.own["point_id"].nunique()),
            "hashtags": _hashtags(posts, self.own), "langs": sorted(set(self.own["lang"])),
            "accounts": total, "with_evidence": evident, "share": self.carriers.share,
            "share_low": self.carriers.low, "share_high": self.carriers.high,
            "evidence_share": evident / total,
            "originators": roles.count("originator"), "expanders": roles.count("expander"),
            "repeaters": roles.count("repeater"), "p_value": w.p_value, "q_value": w.q_value,
            "basis": _basis(self.carriers, evident, by_talk),
            "evidence": first.drop_duplicates("account_id")["post_id"].tolist()[:EVIDENCE],
        }  # fmt: skip

    def _window(self, told: pd.DataFrame, w: CampaignWindow) -> tuple[datetime, datetime, bool]:
        """Start and end of the talk around the crest, or the crest's own."""
        carries = told["point_id"].isin(self.own["point_id"])
        talk = told["narrative_id"].isin(self.narratives) & ~carries
        moments = told["at"].astype("datetime64[us, UTC]").astype("int64").to_numpy(np.int64)
        seconds = (moments // MICROSECONDS).astype(np.int64)
        found = talk_window(seconds[talk.to_numpy()], seconds[(~talk & ~carries).to_numpy()])
        if found is None or found[1] <= w.start_at or found[0] >= w.end_at:
            return w.start_at, w.end_at, False
        return *found, True


def _hashtags(posts: pa.Table, own: pd.DataFrame) -> list[str]:
    """Tags by how many carrying accounts used them, ties by spelling; without rare ones."""
    inside = pc.is_in(posts.column("post_id"), value_set=pa.array(own["post_id"].tolist()))
    tags = posts.filter(inside).select(["account_id", "hashtags"]).to_pandas()
    tags = tags.explode("hashtags").dropna()
    tags["hashtags"] = tags["hashtags"].str.lower()
    used = tags.groupby("hashtags")["account_id"].nunique().reset_index()
    used = used[used["account_id"] >= max(2.0, TAGGED * own["account_id"].nunique())]
    used = used.sort_values(["account_id", "hashtags"], ascending=[False, True])
    found: list[str] = used["hashtags"].tolist()[:MOST_HASHTAGS]
    return found


def _basis(carriers: Carriers, evident: int, by_talk: bool) -> str:
    window = (
        "height of the talk by all who wrote on the narratives without carrying a point"
        if by_talk
        else "crest of the carrying accounts' posts; the talk around it has no clear height"
    )
    return (
        f"share: accounts that carry points, parted from those who copy {carriers.copies:.2f}"
        " points on average; single copies count by their chance of being a carrier's. Interval:"
        f" bootstrap over accounts, no narrower than Wilson's. {evident:,} accounts have evidence"
        f" of their own: at q .05 about {LEVEL * evident:.0f} of them would be false."
        f" Window: {window}"
    )
