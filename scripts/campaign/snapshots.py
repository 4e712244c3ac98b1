"""Profiles as an archive would have seen them: several snapshots an account, at irregular times.

In: accounts and plans. Out: snapshot rows, the history behind them, and what the histories contain:
stated facts (claims), handle changes (renames). A snapshot sees what the profile said at its time;
an edit undone between two snapshots is never seen, as in any archive.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from scripts.campaign import world
from scripts.campaign.biography import State, first_state, new_handle
from scripts.campaign.chance import Rng, lognormal_s, stream
from scripts.campaign.editing import History, ordinary_history
from scripts.campaign.people import Account
from scripts.campaign.shifts import Plan, changed_state, starting_state

Row = dict[str, str | int | None]
ALL_FIELDS = ("bio", "name", "location", "url", "handle")
BASE_SNAPSHOTS = 3.0  # beside the first and last; irregular, as by a stream that meets the account
SEEN_SOON_SHARE = 0.97  # edits after which a snapshot follows before long
SEEN_SOON_MEDIAN_S = 14 * 3600.0
MOST_SNAPSHOTS = 24
KEPT_DAYS = (-13.0, -6.0, -1.6, 1.4, 5.0, 10.5)  # snapshots around a change, days from it


@dataclass(frozen=True)
class Profile:
    """One account's history and the snapshots taken of it."""

    account: Account
    history: History
    rows: list[Row]
    snapshots: list[tuple[float, State]]  # while the account was active
    gone_seen_s: float | None  # when it was first seen suspended or deleted

    def state_at(self, moment: float) -> State:
        """Give the profile at a moment (seconds after WINDOW_START)."""
        index = bisect_right([at for at, _ in self.history], moment) - 1
        return self.history[max(index, 0)][1]


def make_profile(account: Account, plan: Plan | None, seed: int, handles: set[str]) -> Profile:
    """Write one account's history and observe it."""
    rng = stream(seed, "profile", account.account_id)
    start = first_state(rng, account, handles)
    if account.population == "outlet":
        start = _outlet(start)
    history = _history(rng, account, start, plan, handles)
    if account.fate == "renamed":
        history = _renamed(rng, account, history, handles)
    moments = _moments(rng, account, history, plan)
    counts = Counts(rng, account, plan)
    rows, seen, gone = [], [], None
    for moment in moments:
        active = account.fate not in ("suspended", "deleted") or moment < account.fate_at_s
        state = _at(history, moment)
        if active:
            rows.append(_row(account, moment, state, counts))
            seen.append((moment, state))
        else:
            rows.append(_gone_row(account, moment, state))
            gone = moment if gone is None else gone
    return Profile(account, history, rows, seen, gone)


def _outlet(start: State) -> State:
    """Newsrooms: the name and handle come from `news.py`; their bios say what they are."""
    return replace(start, fragments=start.fragments[:1])


def _history(
    rng: Rng, account: Account, start: State, plan: Plan | None, handles: set[str]
) -> History:
    if account.population == "outlet":
        return [(0.0, start)]
    if plan is None:
        return ordinary_history(rng, account, start, handles, ALL_FIELDS)
    start = starting_state(rng, account, start, plan)
    after = changed_state(rng, account, start, plan)
    history: History = [(0.0, start), (plan.at_s, after)]
    if plan.back_at_s is not None:
        history.append((plan.back_at_s, start))
    return history


def _renamed(rng: Rng, account: Account, history: History, handles: set[str]) -> History:
    """Give the account another handle from `fate_at_s` on, the same id."""
    handle, at = new_handle(rng, handles), account.fate_at_s
    before = [(moment, state) for moment, state in history if moment < at]
    later = [(moment, replace(state, handle=handle)) for moment, state in history if moment >= at]
    return [*before, (at, replace(before[-1][1], handle=handle)), *later]


def _at(history: History, moment: float) -> State:
    return history[bisect_right([at for at, _ in history], moment) - 1][1]


def _moments(rng: Rng, account: Account, history: History, plan: Plan | None) -> list[float]:
    """Draw when the profile was seen: first and last week, in between, and soon after edits."""
    last = world.WINDOW_S
    moments = [rng.random() * 6 * world.DAY_S, last - rng.random() * 5 * world.DAY_S]
    moments += list(rng.random(rng.poisson(BASE_SNAPSHOTS)) * last)
    for at, _ in history[1:]:
        if rng.random() < SEEN_SOON_SHARE:
            moments.append(at + lognormal_s(rng, SEEN_SOON_MEDIAN_S, 1.0))
    if len(moments) > MOST_SNAPSHOTS:
        moments = moments[:2] + [moments[i] for i in rng.permutation(len(moments))[:MOST_SNAPSHOTS]]
    if plan is not None:
        moments += [plan.at_s + days * world.DAY_S for days in KEPT_DAYS]
        if plan.back_at_s is not None:
            moments += [plan.back_at_s + days * world.DAY_S for days in (1.5, 4.0, 9.0)]
    if account.fate == "renamed":
        moments += [account.fate_at_s - world.DAY_S, account.fate_at_s + 2 * world.DAY_S]
    return sorted({float(int(m)) for m in moments if 0 <= m <= last})


class Counts:
    """Followers, following and statuses over time; a mass deletion makes the last one fall."""

    def __init__(self, rng: Rng, account: Account, plan: Plan | None) -> None:
        self._account = account
        self._per_day = account.activity * 3 + 0.1
        self._growth = float(np.exp(0.1 * rng.standard_normal()))
        self.fell_at_s, self.fell = self._fall(rng, account, plan)

    def _fall(self, rng: Rng, account: Account, plan: Plan | None) -> tuple[float, float]:
        if plan is not None and plan.deletes:
            return plan.at_s - 3600, 0.5 + 0.45 * rng.random()
        if account.fate == "mass_deleted":
            return account.fate_at_s, 0.4 + 0.55 * rng.random()
        kind = rng.random() if account.population != "outlet" else 1.0
        if kind < world.FELL_30_PERCENT_SHARE - world.ORGANIC_FATES["mass_deleted"]:
            return rng.random() * world.EVENT_S, 0.3 + 0.6 * rng.random()
        large = account.statuses >= 5000
        # Only large accounts can lose 1,000 and less than 30 %; about a seventh are.
        if large and kind < 7 * world.FELL_1000_SHARE:
            return rng.random() * world.WINDOW_S, 0.21 + 0.07 * rng.random()
        return float("inf"), 0.0

    def statuses(self, moment: float) -> int:
        """Give statuses_count at a moment."""
        lost = self.fell * self._written(self.fell_at_s) if moment >= self.fell_at_s else 0.0
        return int(self._written(moment) - lost)

    def _written(self, moment: float) -> float:
        return self._account.statuses + self._per_day * moment / world.DAY_S

    def followers(self, moment: float) -> int:
        """Give followers at a moment."""
        return int(self._account.followers * self._growth ** (moment / world.WINDOW_S))


def _row(account: Account, moment: float, state: State, counts: Counts) -> Row:
    return {
        "account_id": account.account_id,
        "observed_at": iso(moment),
        "handle": state.handle,
        "display_name": state.name,
        "bio": state.bio,
        "location": state.location,
        "url": state.url,
        "followers": counts.followers(moment),
        "following": account.following,
        "statuses_count": counts.statuses(moment),
        "state": "active",
    }


def _gone_row(account: Account, moment: float, state: State) -> Row:
    """An account that is gone shows its handle and nothing else."""
    blank: Row = dict.fromkeys(
        ("display_name", "bio", "location", "url", "followers", "following", "statuses_count")
    )
    known: Row = {
        "account_id": account.account_id,
        "observed_at": iso(moment),
        "handle": state.handle,
    }
    return {**known, **blank, "state": account.fate}


def iso(moment: float) -> str:
    """Write seconds after WINDOW_START as ISO time in UTC."""
    at = world.WINDOW_START + timedelta(seconds=int(moment))
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
