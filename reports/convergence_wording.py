"""Do opposed camps use the same words, more than where they meet on other subjects?

In: labelled posts. Out: for each narrative the share of its opposed pairs of accounts, active there
in the same week, that posted one and the same talking point in it; the same for event-matched
controls (all other narratives in those weeks); and a one-sided p that the two shares are alike.

News unites camps honestly: both sides write about what happened. So a shared subject shows nothing;
shared words may. Talking points with a harmless reason to be copied (headlines, share buttons) do
not count on either side, and accounts whose copying was itself found to be beyond chance are no
controls. Pairs that share an account are not independent, so the error comes from leaving out one
account at a time (the jackknife; Arvesen 1969, for statistics of pairs).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.convergence_clusters import Cluster, Crowd

Times = npt.NDArray[np.float64]
# With fewer opposed pairs, here or to compare with, the share of same words is not known.
LEAST_OWN, LEAST_PAIRS = 20, 20
# Weeks that hold at least this share of a narrative's labelled posts are its weeks.
WEEK_SHARE = 0.1


@dataclass(frozen=True)
class Wording:
    """How alike opposed accounts write in one narrative, beside event-matched controls."""

    share: float
    controls_share: float | None
    p_value: float | None
    control_pairs: int


@dataclass
class Cell:
    """One narrative in one week: opposed pairs and those that share words, by account."""

    narrative_id: str
    week: int
    posts: int
    pairs: Counter[str] = field(default_factory=Counter)
    sharing: Counter[str] = field(default_factory=Counter)

    @property
    def numbers(self) -> tuple[float, float]:
        """Pairs, and pairs that share words; each counts with both its accounts."""
        return self.pairs.total() / 2, self.sharing.total() / 2


def cells_of(crowd: Crowd, harmless: Collection[str], left_out: Collection[str] = ()) -> list[Cell]:
    """Count opposed pairs in every narrative and week, without the accounts `left_out`."""
    rows = crowd.posts[(crowd.posts["code"] >= 0) & crowd.posts["narrative_id"].notna()]
    rows = rows[~rows["account_id"].isin(list(left_out))]
    silent = frozenset(harmless)
    return [
        _cell(str(narrative), int(part["week"].iloc[0]), part, crowd.codes.oppose > 0, silent)
        for (narrative, _), part in rows.groupby(["narrative_id", "week"], sort=True)
    ]


def _cell(
    narrative: str,
    week: int,
    part: pd.DataFrame,
    oppose: npt.NDArray[np.bool_],
    silent: Collection[str],
) -> Cell:
    cell = Cell(narrative, week, len(part))
    votes = dict(zip(part["account_id"][::-1], part["code"][::-1], strict=True))
    numbers = Counter(votes.values())
    for account, code in votes.items():
        if met := sum(n for other, n in numbers.items() if oppose[code, other]):
            cell.pairs[account] = met
    if not cell.pairs:
        return cell
    by_point: dict[str, set[str]] = {}
    for account, point in zip(part["account_id"], part["point_id"], strict=True):
        if isinstance(point, str) and point not in silent:
            by_point.setdefault(point, set()).add(account)
    together = {
        (one, other)
        for accounts in by_point.values()
        if len(accounts) > 1
        for one in accounts
        for other in accounts
        if oppose[votes[one], votes[other]]
    }
    cell.sharing.update(one for one, _ in together)
    return cell


def wording_of(
    narrative_id: str, cells: Sequence[Cell], controls: Sequence[Cell]
) -> Wording | None:
    """Compare a narrative with the controls of its weeks; None where no opposed accounts meet.

    Parameters
    ----------
    cells
        Of `cells_of` over all accounts.
    controls
        Of `cells_of` without the accounts that are no controls.
    """
    own = [cell for cell in cells if cell.narrative_id == narrative_id]
    posts = sum(cell.posts for cell in own)
    own = [cell for cell in own if cell.posts >= WEEK_SHARE * posts]
    pairs, sharing = _summed(own)
    if not pairs:
        return None
    weeks = {cell.week for cell in own}
    others = [c for c in controls if c.narrative_id != narrative_id and c.week in weeks]
    held, shared = _summed(others)
    if pairs < LEAST_OWN or held < LEAST_PAIRS:
        return Wording(sharing / pairs, None, None, round(held))
    # One more of each: a share of none among few pairs is not known to be nought.
    expected = (shared + 1) / (held + 1)
    spread = math.hypot(_error(own), _error(others), math.sqrt(expected / (held + 1)))
    difference = sharing / pairs - expected
    p_value = 0.5 * math.erfc(difference / spread / math.sqrt(2))
    return Wording(sharing / pairs, shared / held, p_value, round(held))


def _summed(cells: Iterable[Cell]) -> tuple[float, float]:
    numbers = [cell.numbers for cell in cells]
    return sum(n[0] for n in numbers), sum(n[1] for n in numbers)


def _error(cells: Sequence[Cell]) -> float:
    """Standard error of the share of pairs, leaving out one account at a time."""
    pairs, sharing = _summed(cells)
    of_pairs: Counter[str] = Counter()
    of_sharing: Counter[str] = Counter()
    for cell in cells:
        of_pairs.update(cell.pairs)
        of_sharing.update(cell.sharing)
    left = [
        (sharing - of_sharing[account]) / (pairs - met)
        for account, met in of_pairs.items()
        if met < pairs
    ]
    number = len(left)
    return (
        math.sqrt((number - 1) / number * np.square(np.array(left) - np.mean(left)).sum())
        if number
        else 0.0
    )


def opposed_gap_s(cluster: Cluster, crowd: Crowd) -> float | None:
    """Median seconds from a labelled post to the nearest one of an opposed account, or None."""
    rows = cluster.posts[(cluster.posts["code"] >= 0) & cluster.posts["created_at"].notna()]
    times, codes = rows["created_at"].to_numpy(float), rows["code"].to_numpy("int64")
    gaps = []
    for code in np.unique(codes):
        against = np.sort(times[crowd.codes.oppose[code][codes] > 0])
        if len(against):
            gaps.append(_nearest(times[codes == code], against))
    return float(np.median(np.concatenate(gaps))) / 1e6 if gaps else None


def _nearest(times: Times, sorted_times: Times) -> Times:
    place = np.searchsorted(sorted_times, times)
    before = np.abs(times - sorted_times[np.maximum(place - 1, 0)])
    after = np.abs(times - sorted_times[np.minimum(place, len(sorted_times) - 1)])
    return np.minimum(before, after)
