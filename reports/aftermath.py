"""What became of the accounts after the event, beside accounts like them that took no part?

In: the tables of a case, the accounts with evidence of having moved together, and the event. Out:
one row an outcome (suspended, deleted, removed, gone by any of these, renamed, dormant): how many
of either side met it, the risk ratio among like accounts with its interval, an exact p-value; and
for "gone" the share still there by day on either side (Kaplan and Meier 1958, log-rank within
strata).

Accounts are alike when they were created about the same time, posted about as much before the event
and write in the same language; the finest of `LEVELS` at which nine in ten find a counterpart is
taken, and said. A control took no part in the narratives of the accounts compared. It refuses to
give a raw share as a finding: in a reference sample half of an organic community was gone within
two years. Only what a source says counts: an account that is not seen again is dormant, not gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.significance import Z_95
from corpus.tables import AFTERMATH, SURVIVAL, conform
from reports.matched_risk import Strata, matched_risk

if TYPE_CHECKING:
    import pandas as pd

GONE = ("suspended", "deleted", "removed")
# No post for so long at the end of the corpus; shorter stretches are holidays.
DORMANT_DAYS = 30
DAY_S = 86_400.0
# From fine to coarse: what two accounts must have in common to be compared.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("quarter", "decile", "lang"),
    ("year", "decile", "lang"),
    ("year", "third", "lang"),
    ("third", "lang"),
    ("lang",),
    (),
)
WORDS = {
    "quarter": "created in the same quarter",
    "year": "created in the same year",
    "decile": "in the same tenth of posts before the event",
    "third": "in the same third of posts before the event",
    "lang": "writing in the same language",
}
# The share of the accounts that must find a counterpart for a level to be taken.
ENOUGH_MATCHED = 0.9
# Fewer accounts on either side give intervals that say nothing.
LEAST_ACCOUNTS = 5


@dataclass(frozen=True)
class Aftermath:
    """AFTERMATH and SURVIVAL rows, and why there are none where there are none."""

    aftermath: pa.Table
    survival: pa.Table
    notes: tuple[str, ...] = ()


def compare_fates(
    tables: Mapping[str, pa.Table],
    exposed: Collection[str],
    *,
    start: datetime,
    end: datetime,
    took_part: Collection[str] = (),
) -> Aftermath:
    """Compare `exposed` accounts with matched controls after an event.

    Parameters
    ----------
    tables
        posts, profiles, texts and account_events.
    exposed
        Accounts with evidence of having moved together.
    start, end
        The event.
    took_part
        Further accounts on the same narratives: neither side.

    Returns
    -------
    Aftermath
        Empty tables with a note where there is nothing to compare.
    """
    accounts = _accounts(tables, start, end)
    accounts = accounts[~accounts["gone_before"]]
    accounts["exposed"] = accounts.index.isin(list(exposed))
    accounts = accounts[accounts["exposed"] | ~accounts.index.isin(list(took_part))]
    few = _too_few(accounts)
    if few is not None:
        return Aftermath(AFTERMATH.empty(), SURVIVAL.empty(), (few,))
    level = _level(accounts)
    stratum = _stratum(accounts, level)
    outcomes = _outcomes(accounts)
    basis = _basis(accounts, stratum, level)
    rows = [
        row
        for outcome, met in outcomes.items()
        if (row := _row(outcome, met, accounts["exposed"], stratum, basis)) is not None
    ]
    return Aftermath(
        conform(pa.Table.from_pylist(rows, AFTERMATH.schema), AFTERMATH),
        _survival(accounts, stratum),
        _what_is_missing(accounts, outcomes),
    )


def _accounts(tables: Mapping[str, pa.Table], start: datetime, end: datetime) -> pd.DataFrame:
    """One row an account that was seen before the event ended, with all that is needed."""
    import pandas as pd

    posts = tables["posts"].select(["post_id", "account_id", "created_at"]).to_pandas()
    posts = posts.dropna(subset=["account_id"])
    profiles = tables["profiles"].select(["account_id", "observed_at", "joined_at"]).to_pandas()
    first_seen = pd.concat(
        [
            posts.groupby("account_id")["created_at"].min(),
            profiles.groupby("account_id")["observed_at"].min(),
        ],
        axis=1,
    ).min(axis=1)
    found = pd.DataFrame({"first_seen": first_seen}).sort_index()
    found = found[~(found["first_seen"] > end)].copy()
    found["joined"] = profiles.groupby("account_id")["joined_at"].min().reindex(found.index)
    before = posts[posts["created_at"] < start].groupby("account_id").size()
    found["before"] = before.reindex(found.index, fill_value=0)
    found["last_post"] = posts.groupby("account_id")["created_at"].max().reindex(found.index)
    found["lang"] = _languages(tables, found.index)
    found = found.assign(until=_last_moment(posts, profiles), end=pd.Timestamp(end))
    return found.join(_departures(tables["account_events"], start, found.index))


def _last_moment(posts: pd.DataFrame, profiles: pd.DataFrame) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(pd.concat([posts["created_at"], profiles["observed_at"]]).max())


def _languages(tables: Mapping[str, pa.Table], index: pd.Index) -> pd.Series:
    """The language most posts of each account are in, ties by its code."""
    posts, texts = tables["posts"], tables["texts"]
    row = pc.index_in(posts.column("post_id"), value_set=texts.column("post_id"))
    frame = pa.table(
        {"account_id": posts.column("account_id"), "lang": texts.column("lang").take(row)}
    ).to_pandas()
    counts = frame.groupby(["account_id", "lang"]).size().rename("n").reset_index()
    counts = counts.sort_values(["account_id", "n", "lang"], ascending=[True, False, True])
    most: pd.Series = counts.drop_duplicates("account_id").set_index("account_id")["lang"]
    return most.reindex(index)


def _departures(events: pa.Table, start: datetime, index: pd.Index) -> pd.DataFrame:
    """How and when each account went, as a source says; and whether it was renamed after."""
    import pandas as pd

    frame = events.select(["account_id", "kind", "at"]).to_pandas()
    gone = frame[frame["kind"].isin(GONE)].sort_values(["account_id", "at", "kind"])
    # Without a time the account went some time: it took part, so after the event.
    early = gone[gone["at"] < start]
    late = gone[~(gone["at"] < start)].drop_duplicates("account_id").set_index("account_id")
    renamed = frame[(frame["kind"] == "renamed") & (frame["at"] >= start)]["account_id"]
    return pd.DataFrame(
        {
            "gone_before": index.isin(early["account_id"]),
            "gone_as": late["kind"].reindex(index),
            "gone_at": late["at"].reindex(index),
            "renamed": index.isin(renamed),
        },
        index=index,
    )


def _too_few(accounts: pd.DataFrame) -> str | None:
    sides = (int(accounts["exposed"].sum()), int((~accounts["exposed"]).sum()))
    if min(sides) >= LEAST_ACCOUNTS:
        return None
    return (
        f"what became of the accounts was not compared: {sides[0]:,} with evidence and"
        f" {sides[1]:,} others were seen before the event ended, {LEAST_ACCOUNTS} of either are"
        " needed"
    )


def _stratum(accounts: pd.DataFrame, level: Sequence[str]) -> pd.Series:
    """A name of the stratum of each account at this level."""
    import pandas as pd

    rank = accounts["before"].rank(method="average", pct=True)
    quarter = accounts["joined"].dt.year * 4 + accounts["joined"].dt.quarter
    columns = {
        "quarter": quarter.fillna(-1).astype(int),
        "year": accounts["joined"].dt.year.fillna(-1).astype(int),
        "decile": np.ceil(rank * 10).astype(int),
        "third": np.ceil(rank * 3).astype(int),
        "lang": accounts["lang"].fillna("und"),
    }
    chosen = [columns[name].astype(str) for name in level]
    whole = pd.Series("", index=accounts.index)
    for column in chosen:
        whole = whole + "|" + column
    return whole


def _matched(exposed: pd.Series, stratum: pd.Series) -> pd.Series:
    """Which exposed accounts share a stratum with a control."""
    return exposed & stratum.isin(stratum[~exposed])


def _level(accounts: pd.DataFrame) -> tuple[str, ...]:
    for level in LEVELS:
        matched = _matched(accounts["exposed"], _stratum(accounts, level)).sum()
        if matched >= ENOUGH_MATCHED * accounts["exposed"].sum():
            return level
    return LEVELS[-1]


def _outcomes(accounts: pd.DataFrame) -> dict[str, pd.Series]:
    """Who met which outcome; dormant only where the corpus goes on long enough."""
    found = {kind: accounts["gone_as"].eq(kind).fillna(False).astype(bool) for kind in GONE}
    found["gone"] = accounts["gone_as"].notna()
    found["renamed"] = accounts["renamed"] & ~found["gone"]
    quiet = (accounts["until"] - accounts["last_post"]).dt.total_seconds() / DAY_S
    goes_on = (accounts["until"] - accounts["end"]).dt.total_seconds() / DAY_S >= DORMANT_DAYS
    if goes_on.any():
        found["dormant"] = (quiet >= DORMANT_DAYS) & ~found["gone"]
    return found


def _basis(accounts: pd.DataFrame, stratum: pd.Series, level: Sequence[str]) -> str:
    alike = ", ".join(WORDS[name] for name in level) or "nothing but being in the corpus"
    matched = int(_matched(accounts["exposed"], stratum).sum())
    return (
        f"within strata of accounts {alike}; {matched:,} of {int(accounts['exposed'].sum()):,}"
        " accounts with evidence had a counterpart"
    )


def _row(
    outcome: str, met: pd.Series, exposed: pd.Series, stratum: pd.Series, basis: str
) -> dict[str, object] | None:
    """One outcome, or None when nobody on either side met it."""
    strata = _strata(met, exposed, stratum).compared()
    if not (strata.exposed_met.sum() + strata.controls_met.sum()):
        return None
    risk = matched_risk(strata)
    return {
        "outcome": outcome,
        "at_risk": int(strata.exposed.sum()), "gone": int(strata.exposed_met.sum()),
        "control_at_risk": int(strata.controls.sum()),
        "control_gone": int(strata.controls_met.sum()),
        "risk_ratio": risk.ratio, "ci_low": risk.low, "ci_high": risk.high,
        "p_value": risk.p_value, "basis": basis,
    }  # fmt: skip


def _strata(met: pd.Series, exposed: pd.Series, stratum: pd.Series) -> Strata:
    import pandas as pd

    frame = pd.DataFrame({"s": stratum, "e": exposed, "m": met})
    grouped = (
        frame.assign(
            a=frame["e"], am=frame["e"] & frame["m"], c=~frame["e"], cm=~frame["e"] & frame["m"]
        )
        .groupby("s")[["a", "am", "c", "cm"]]
        .sum()
    )
    columns = (grouped[name].to_numpy(np.int64) for name in ("a", "am", "c", "cm"))
    return Strata(*columns)


def _survival(accounts: pd.DataFrame, stratum: pd.Series) -> pa.Table:
    """Share of either side that is still there, by day after the event; none without times."""
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    timed = accounts[accounts["gone_as"].isna() | accounts["gone_at"].notna()]
    timed = timed[stratum.reindex(timed.index).isin(_both_sides(accounts, stratum))]
    gone = timed["gone_as"].notna()
    if not gone.any():
        return SURVIVAL.empty()
    ends = timed["gone_at"].where(gone, timed["until"])
    later = (ends - timed["end"]).dt.total_seconds().clip(lower=0).to_numpy(float)
    days, left = np.floor(later / DAY_S) + 1, gone.to_numpy(int)
    side = np.where(timed["exposed"], "with evidence", "controls")
    _, p_value = survdiff(days, left, side, strata=stratum.reindex(timed.index).to_numpy())
    tested = float(p_value) if np.isfinite(p_value) else None
    rows: list[dict[str, object]] = []
    for name in ("with evidence", "controls"):
        own = side == name
        curve = SurvfuncRight(days[own], left[own])
        steps = zip(
            curve.surv_times, curve.surv_prob, curve.n_risk, curve.surv_prob_se, strict=True
        )
        rows += [{**_step(*step), "side": name, "log_rank_p": tested} for step in steps]
    return conform(pa.Table.from_pylist(rows, SURVIVAL.schema), SURVIVAL)


def _step(day: float, share: float, at_risk: float, error: float) -> dict[str, object]:
    spread = Z_95 * (error if np.isfinite(error) else 0.0)
    return {
        "day": int(day) - 1, "at_risk": int(at_risk), "share": float(share),
        "low": max(0.0, float(share) - spread), "high": min(1.0, float(share) + spread),
    }  # fmt: skip


def _both_sides(accounts: pd.DataFrame, stratum: pd.Series) -> set[str]:
    exposed = accounts["exposed"]
    return set(stratum[exposed]) & set(stratum[~exposed])


def _what_is_missing(accounts: pd.DataFrame, outcomes: Mapping[str, pd.Series]) -> tuple[str, ...]:
    notes = []
    if not outcomes["gone"].any():
        notes.append(
            "no source says that an account is gone: give later profile dumps, or a list of"
            " removals with --removed"
        )
    if "dormant" not in outcomes:
        notes.append(
            f"whether accounts fell silent cannot be told: the data end less than {DORMANT_DAYS}"
            " days after the event"
        )
    untimed = int((accounts["gone_as"].notna() & accounts["gone_at"].isna()).sum())
    if untimed:
        notes.append(
            f"{untimed:,} accounts are gone at a time that no source states: they count in the"
            " risk ratios, not in the curves"
        )
    return tuple(notes)
