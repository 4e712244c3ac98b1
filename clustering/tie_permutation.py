"""How often would these accounts meet if labels were shuffled? The permutation null.

In: the shares of each layer (`clustering.ties.Ties.shares`), groups, and a seed. Out: for each
window how many pairs of accounts met under shuffled labels, and for each group a p.

A shuffle moves accounts' labels among shares of one stratum: accounts of about equal activity
(their shares, by powers of two, ALIKE accounts at least) in one hour of the day (UTC). Each object
keeps its popularity and its moments, each account its number of shares and its hours; who shares
what becomes chance. Rows of a stratum with one account cannot move, which makes p larger.

It checks the analytic null (`clustering.tie_null`), which is finer: that one also knows on which
days an account was active. p of a group = (1 + shuffles with at least as many meetings) / (1 +
shuffles) (Phipson, Smyth 2010). Meetings are counted on a grid of cells as wide as the window, real
and shuffled alike: pairs of its accounts in one object and cell. The accounts were chosen by the
data, so p is a check of the group as found, not a second finding: q_value carries the finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clustering.shares import MICROSECONDS, Codes, Ints, Shares
from clustering.ties import find_ties

HOUR = 3_600 * MICROSECONDS
PERMUTATION_IN_WORDS = (
    "H0: labels of accounts are shuffled among shares by accounts of about equal activity in the"
    " same hour of the day; every object keeps its popularity and its moments."
)
# Accounts of a stratum, at least: a team alone in its stratum would be shuffled among itself.
ALIKE = 50
# p of a group is at best 1 in 100: enough to say "never seen in 99 shuffles".
SHUFFLES = 99
# Shuffles over which expected ties are averaged, and accounts among which pairs are counted: each
# shuffle draws its own, so the mean is over some 600,000 pairs.
CURVE_SHUFFLES = 5
CURVE_ACCOUNTS = 500
# Shares moved in all shuffles of a layer: larger layers get fewer shuffles, 19 at least (p .05).
MOST_MOVED = 10_000_000
FEWEST = 19
# Below the number of the stratum in one sorting key; strata are fewer than 2^12.
RANDOM_BITS = 48


@dataclass(frozen=True)
class Permuted:
    """Pairs of accounts that met, and that met in two or more objects, by window; means."""

    ties: tuple[float, ...]
    repeated: tuple[float, ...]


def strata_of(shares: Shares) -> Ints:
    """Return the stratum of each share: activity of its account, and hour of the day."""
    activity = np.bincount(shares.account, minlength=len(shares.accounts))
    hour = (shares.at // HOUR) % 24
    strata: Ints = _levels(activity)[shares.account] * 24 + hour
    return strata


def _levels(activity: Ints) -> Ints:
    """Cut accounts in order of activity at equal steps of its logarithm, none below a size."""
    step = np.floor(np.log2(activity.clip(min=1))).astype(np.int64)
    sizes = np.bincount(step)
    level_of, level, held = np.zeros(len(sizes), dtype=np.int64), 0, 0
    for number in range(len(sizes) - 1, -1, -1):  # from the busiest down
        level_of[number] = level
        held += int(sizes[number])
        if held >= ALIKE and sizes[:number].sum() >= ALIKE:
            level, held = level + 1, 0
    found: Ints = level_of[step]
    return found


def shuffled_accounts(shares: Shares, strata: Ints, random: np.random.Generator) -> Codes:
    """Return the accounts of the shares, shuffled within strata."""
    order = np.argsort(strata, kind="stable")
    keys = (strata << RANDOM_BITS) | random.integers(0, 1 << RANDOM_BITS, len(strata))
    found = np.empty_like(shares.account)
    found[order] = shares.account[np.argsort(keys)]
    return found


def permuted_ties(
    shares: Shares,
    windows_s: Sequence[int],
    *,
    min_participation: int = 2,
    max_accounts: int,
    seed: int = 0,
    shuffles: int = CURVE_SHUFFLES,
) -> Permuted:
    """Return how many pairs of accounts meet in each window under shuffled labels."""
    random = np.random.default_rng(seed)
    strata = strata_of(shares)
    accounts = len(shares.accounts)
    chosen = min(accounts, CURVE_ACCOUNTS)
    scale = accounts * (accounts - 1) / max(chosen * (chosen - 1), 1)
    met = np.zeros((2, len(windows_s)))
    for _ in range(shuffles):
        labels = shuffled_accounts(shares, strata, random)
        among = np.zeros(accounts, dtype=bool)
        among[random.permutation(accounts)[:chosen]] = True
        events = _events(shares, labels, np.flatnonzero(among[labels]))
        found = find_ties(
            events,
            windows_s=windows_s,
            min_participation=min_participation,
            max_accounts=max_accounts,
        ).table
        at, objects = found["window_s"].to_numpy(), found["n_objects"].to_numpy()
        for number, window in enumerate(windows_s):
            here = objects[at == window]
            met[:, number] += len(here), (here >= 2).sum()
    once, again = (met * scale / max(shuffles, 1)).tolist()
    return Permuted(tuple(once), tuple(again))


def _events(shares: Shares, labels: Codes, rows: Ints) -> pa.Table:
    """The shares of these rows as events, under other labels."""
    return pa.table(
        {
            "object_id": shares.objects.take(pa.array(shares.object[rows])),
            "account_id": shares.accounts.take(pa.array(labels[rows])),
            "content_id": shares.contents.take(pa.array(shares.content[rows])),
            "created_at": pa.array(shares.at[rows]).cast(pa.timestamp("us", tz="UTC")),
            "variant": pa.array(shares.variant[rows]).cast(pa.string()),
        }
    )


def group_p(
    layers: Mapping[str, Shares],
    groups: Sequence[Sequence[str]],
    *,
    windows_s: Sequence[int],
    seed: int = 0,
    shuffles: int = SHUFFLES,
) -> npt.NDArray[np.float64]:
    """Return (groups,) p of the meetings of each group's accounts, over all layers given.

    `groups` hold account ids and share none; `windows_s` is the width of each group's cells.
    """
    if not groups:
        return np.zeros(0)
    random = np.random.default_rng(seed)
    largest = max((len(shares) for shares in layers.values()), default=0)
    shuffles = min(shuffles, max(FEWEST, MOST_MOVED // max(largest, 1)))
    observed = np.zeros(len(groups))
    null = np.zeros((shuffles, len(groups)))
    for name in sorted(layers):
        shares = layers[name]
        grids = _grids(shares, groups, windows_s)
        observed += sum(_meetings(shares.account, *grid, len(groups)) for grid in grids)
        strata = strata_of(shares)
        for number in range(shuffles):
            labels = shuffled_accounts(shares, strata, random)
            null[number] += sum(_meetings(labels, *grid, len(groups)) for grid in grids)
    reached = (null >= observed).sum(axis=0)
    p: npt.NDArray[np.float64] = (1 + reached) / (1 + shuffles)
    return p


def _grids(
    shares: Shares, groups: Sequence[Sequence[str]], windows_s: Sequence[int]
) -> list[tuple[Ints, Ints]]:
    """For each width its groups' accounts, and the cells; accounts of other groups are in none."""
    member = _members(shares, groups)
    wide = np.array([*windows_s, -1])[member]  # the last one stands for accounts of no group
    return [
        (np.where(wide == width, member, -1), _cells(shares, width * MICROSECONDS))
        for width in sorted(set(windows_s))
    ]


def _members(shares: Shares, groups: Sequence[Sequence[str]]) -> Ints:
    """The group of each account of the layer; -1 for none."""
    of = {account: number for number, group in enumerate(groups) for account in group}
    return np.array([of.get(account, -1) for account in shares.accounts.to_pylist()], np.int64)


def _cells(shares: Shares, width: int) -> Ints:
    """A number for each object and stretch of time."""
    keys = np.column_stack([shares.object.astype(np.int64), shares.at // max(width, 1)])
    change = np.any(np.diff(keys, axis=0) != 0, axis=1)  # shares stand in order of both
    return np.concatenate([[0], np.cumsum(change)])[: len(keys)].astype(np.int64)


def _meetings(labels: Codes, member: Ints, cells: Ints, groups: int) -> npt.NDArray[np.float64]:
    """Pairs of a group's accounts in one cell, added up over cells."""
    group = member[labels]
    rows = np.flatnonzero(group >= 0)
    once = _different(cells[rows] * np.int64(len(member)) + labels[rows])
    cell, account = np.divmod(once, np.int64(len(member)))
    place = np.sort(cell * np.int64(groups) + member[account])
    first = np.flatnonzero(np.diff(place, prepend=-1))
    places, held = place[first], np.diff(first, append=len(place))
    pairs = held * (held - 1) / 2
    return np.bincount(places % groups, weights=pairs, minlength=groups).astype(np.float64)


def _different(values: Ints) -> Ints:
    ordered = np.sort(values)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]
