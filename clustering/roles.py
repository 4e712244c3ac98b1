"""Who started a campaign's talking points, who carried them elsewhere, who repeated them?

In: the carrying posts of one campaign (`clustering.carried`) and the accounts with evidence
(`clustering.carriers`). Out: rows of the table roles.

An account that was the first to write a point more often than chance gives (`clustering.firsts`, q
at most .05) is a starter of points; which of the starters start things by themselves and which
carry on what others started, in other languages, other words or other places, is told by who
follows whom (`clustering.declustering`): originators and expanders. Who is not sure to start things
(`SURE`) is an expander, the weaker statement. All other accounts with evidence are repeaters. The
roles say in which order posts stand in this corpus, and nothing of who told whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from clustering import firsts as first_posts
from clustering.carriers import NULL_IN_WORDS as CARRIERS_NULL
from clustering.declustering import Parted, part_starts
from clustering.firsts import first_writers
from clustering.role_words import carried_on, repeated, started

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
# Log likelihood ratio from which on an account is said to start things: 20 to 1, "strong" in
# Kass and Raftery (1995).
SURE = 3.0
EVIDENCE = 10
TIERS = {"originator": 1, "expander": 2, "repeater": 3}


def find_roles(
    carried: pd.DataFrame, judged: pd.DataFrame, campaign_id: str
) -> list[dict[str, Any]]:
    """Return rows of ROLES without narrative_id, best first within each role.

    Parameters
    ----------
    carried
        Carrying posts of the campaign: COLUMNS of `clustering.carried`.
    judged
        Index account_id, columns p_value and q_value of carrying its points.
    """
    first = first_writers(carried)
    starters = first[first["q_value"] <= LEVEL]
    firsts = carried.drop_duplicates("point_id")
    told = _Told(carried, firsts, firsts[firsts["account_id"].isin(starters.index)])
    rows = told.starters(starters)
    evident = judged[(judged["q_value"] <= LEVEL) & ~judged.index.isin(starters.index)]
    rows += [
        told.repeater(str(name), row)
        for name, row in zip(evident.index, evident.to_dict("records"), strict=True)
    ]
    rows.sort(key=lambda row: (row["tier"], -row["score"], row["account_id"]))
    return [{"campaign_id": campaign_id, **row} for row in rows]


class _Told:
    """The posts of a campaign in the order of their times, ready to be asked about an account."""

    def __init__(self, carried: pd.DataFrame, firsts: pd.DataFrame, starts: pd.DataFrame) -> None:
        self.carried, self.starts = carried, starts.reset_index(drop=True)
        self.first_at = firsts.set_index("point_id")["at"]
        self.by_account = dict(list(carried.groupby("account_id")))
        self.by_point = dict(list(carried.groupby("point_id")))

    def starters(self, first: pd.DataFrame) -> list[dict[str, Any]]:
        """Originators and expanders."""
        names = first.index.tolist()
        if not names:
            return []
        at = self.starts["at"]
        seconds = (at - at.min()).dt.total_seconds().to_numpy(float)
        account = self.starts["account_id"].map({n: i for i, n in enumerate(names)}).to_numpy()
        parted = part_starts(seconds, account.astype(np.int64), len(names))
        records = first.to_dict("records")
        return [self._starter(i, str(names[i]), records[i], parted) for i in range(len(names))]

    def _starter(
        self, number: int, name: str, row: Mapping[Any, Any], parted: Parted
    ) -> dict[str, Any]:
        ratio = float(parted.evidence[number])
        own = self.starts[self.starts["account_id"] == name]
        counts = {key: row[key] for key in ("points", "firsts", "expected")}
        shown = (int(row["firsts"]), int(row["points"]), float(row["expected"]))
        if bool(parted.starts[number]) and ratio >= SURE:
            role, lag, reason = "originator", 0.0, started(*shown, ratio)
        else:
            sure = 0.0 if bool(parted.starts[number]) else ratio
            source = parted.source[own.index.to_numpy()]
            lag, elsewhere = self._carried_on(own[source >= 0], source[source >= 0])
            role, ratio = "expander", sure
            reason = carried_on(*shown, lag_s=lag, elsewhere=elsewhere, ratio=sure)
        return {
            "account_id": name, "role": role, "tier": TIERS[role], "lag_s": lag,
            "reach": self._reach(name, own["point_id"].tolist()), "score": ratio, **counts,
            "p_value": row["p_value"], "q_value": row["q_value"], "reason": reason,
            "null_model": first_posts.NULL_IN_WORDS,
            "evidence": own["post_id"].tolist()[:EVIDENCE],
        }  # fmt: skip

    def _carried_on(self, own: pd.DataFrame, source: Any) -> tuple[float, int]:
        """Median lag behind the sources, and how many lie in another language or platform."""
        if own.empty:
            return 0.0, 0
        of = self.starts.loc[source]
        lags = (own["at"].to_numpy() - of["at"].to_numpy()) / np.timedelta64(1, "s")
        other = (own["lang"].to_numpy() != of["lang"].to_numpy()) | (
            own["platform"].to_numpy() != of["platform"].to_numpy()
        )
        return float(np.median(lags)), int(other.sum())

    def _reach(self, name: str, points: list[str]) -> int:
        """How many other accounts wrote these points after the account first did."""
        reached: set[str] = set()
        for point in points:
            posts = self.by_point[point]
            mine = posts["account_id"] == name
            later = posts[(posts["at"] > posts[mine]["at"].min()) & ~mine]
            reached.update(later["account_id"])
        return len(reached)

    def repeater(self, name: str, row: Mapping[Any, Any]) -> dict[str, Any]:
        """One account that carried points which others had written."""
        own = self.by_account[name]
        firsts = own.drop_duplicates("point_id")
        lags = (firsts["at"] - firsts["point_id"].map(self.first_at)).dt.total_seconds()
        lag, points = float(lags.median()), len(firsts)
        return {
            "account_id": name, "role": "repeater", "tier": TIERS["repeater"], "lag_s": lag,
            "reach": self._reach(name, firsts["point_id"].tolist()), "score": float(points),
            "points": points, "firsts": int((lags == 0).sum()),
            "expected": self._chance(name, firsts["point_id"].tolist()),
            "p_value": row["p_value"], "q_value": row["q_value"],
            "reason": repeated(points, len(own), lag), "null_model": CARRIERS_NULL,
            "evidence": firsts["post_id"].tolist()[:EVIDENCE],
        }  # fmt: skip

    def _chance(self, name: str, points: list[str]) -> float:
        parts = [self.by_point[point]["account_id"] == name for point in points]
        return float(sum(part.mean() for part in parts))
