"""How often do the accounts of this corpus edit their profiles, and who does so far more often?

In: lanes and spans (`exposure`). Out: rows of `persona_base_rates` (one a field) and of
`persona_edits` (one for each account and field with an edit).

Ordinary people rewrite profiles all the time, and an event makes everybody do it in one week. So an
account is compared with this corpus and not with a number from elsewhere: the expected count is the
field's rate, times the effect of each calendar week, over the time the account was watched. Counts
scatter more than chance alone would have it (some people just edit a lot), so the comparison is a
negative binomial with the corpus' own dispersion, and what remains is held to a false discovery
rate over all accounts (Benjamini and Hochberg 1995). An unusual count is no shift: it shows no two
statements, has no level, and says how an account edits, not why.

Edits that change only case, emoji or punctuation do not count, nor do those in a gap of more than
30 days, which can be dated to no week.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.significance import benjamini_hochberg
from personas.similarity import fold

Array = np.ndarray[Any, Any]
FIELDS = ("handle", "name", "bio", "location")
# q at which a count is called unusual.
UNUSUAL_Q = 0.01
# Below these no rate can be told; a dozen accounts do not make a baseline.
MIN_ACCOUNTS = 30
MIN_YEARS = 1.0
# A week's effect is drawn towards 1 by as many expected edits as this: a week with two edits where
# one was expected says little.
WEEK_PRIOR_EDITS = 5.0
# Dispersions searched; 0 would be pure chance (Poisson), 100 a corpus of a few frantic editors.
DISPERSIONS = np.geomspace(0.01, 100.0, 81)
_WEEK_US = 7 * 86_400_000_000
_YEAR_WEEKS = 365.2425 / 7
# Weeks begin on Monday; 1970 began on a Thursday.
_MONDAY_US = 3 * 86_400_000_000

Row = dict[str, Any]
# Dated lanes by account and field, in order of time.
Lanes = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True)
class BaseRates:
    """Rows of both tables, and a sentence where no rate could be told."""

    rates: list[Row]
    edits: list[Row]
    notes: tuple[str, ...] = ()


def base_rates(
    lanes: Lanes,
    spans: pa.Table,
    hidden: Collection[str] = (),
) -> BaseRates:
    """Estimate every field's rate and set each account beside it.

    `lanes` holds dated lanes by account and field, in order of time. Accounts in `hidden` count for
    the rates and have no row of their own.
    """
    watch = _Watch.of(spans)
    if len(watch.accounts) < MIN_ACCOUNTS or watch.years < MIN_YEARS:
        return BaseRates([], [], (_too_few(watch),) if len(watch.accounts) else ())
    found = [_field_rates(field, lanes, watch) for field in FIELDS]
    edits = [row for _, rows in found for row in rows if row["account_id"] not in hidden]
    return BaseRates([rate for rate, _ in found], edits)


def _too_few(watch: _Watch) -> str:
    return (
        f"persona base rates: {len(watch.accounts)} accounts watched for {watch.years:.1f} "
        f"account-years in all; {MIN_ACCOUNTS} accounts and {MIN_YEARS:g} year are needed"
    )


@dataclass(frozen=True)
class _Watch:
    """When each account was watched: one row a span, times in weeks since 1970."""

    accounts: tuple[str, ...]
    owner: Array  # (spans,) int64, row of `accounts`
    begin: Array  # (spans,) float64, weeks
    end: Array

    @classmethod
    def of(cls, spans: pa.Table) -> _Watch:
        times = [_weeks(spans[c].cast(pa.int64()).to_numpy()) for c in ("from_at", "to_at")]
        kept = np.flatnonzero(times[1] > times[0])
        ids = spans["account_id"].take(pa.array(kept)).to_numpy(zero_copy_only=False)
        accounts, owner = np.unique(ids.astype(str), return_inverse=True)
        return cls(tuple(accounts.tolist()), owner, times[0][kept], times[1][kept])

    @property
    def years(self) -> float:
        """Account-years in all."""
        return float((self.end - self.begin).sum()) / _YEAR_WEEKS

    @property
    def first(self) -> int:
        """The first calendar week."""
        return int(np.floor(self.begin.min()))

    def by_week(self) -> Array:
        """Return the account-years of each calendar week from `first` on."""
        edges = np.arange(self.first, int(np.ceil(self.end.max())) + 1)
        before = np.array([np.minimum(self.end, e).sum() - np.minimum(self.begin, e).sum()
                           for e in edges.tolist()])  # fmt: skip
        shares: Array = np.diff(before) / _YEAR_WEEKS
        return shares

    def expected(self, weekly_rate: Array) -> Array:
        """Return each account's expected edits, (accounts,), given edits a year of each week."""
        edges = np.arange(self.first, self.first + len(weekly_rate) + 1, dtype=float)
        total = np.concatenate([[0.0], np.cumsum(weekly_rate / _YEAR_WEEKS)])
        each = np.interp(self.end, edges, total) - np.interp(self.begin, edges, total)
        return np.bincount(self.owner, weights=each, minlength=len(self.accounts))


def _weeks(microseconds: Array) -> Array:
    weeks: Array = (microseconds + _MONDAY_US) / _WEEK_US
    return weeks


def _field_rates(field: str, lanes: Lanes, watch: _Watch) -> tuple[Row, list[Row]]:
    weeks = [
        _weeks(np.array(edit_times(lanes.get(a, {}).get(field, ())), dtype=float))
        for a in watch.accounts
    ]
    dated = [_inside(at, watch, row) for row, at in enumerate(weeks)]
    counts = np.array([len(at) for at in dated])
    years = watch.by_week()
    every = np.floor(np.concatenate(dated)).astype(int) - watch.first
    in_week = np.bincount(np.minimum(every, len(years) - 1), minlength=len(years))
    rate = float(counts.sum()) / watch.years
    expected = watch.expected(_week_effects(in_week, years, rate) * rate)
    dispersion = _dispersion(counts, expected)
    row = {
        "field": field,
        "accounts": len(counts),
        "account_years": watch.years,
        "edits": int(counts.sum()),
        "edits_per_account_year": rate,
        "dispersion": dispersion,
        "accounts_with_edits": int((counts > 0).sum()),
        **_weeks_told(in_week, years, rate, watch),
    }
    return row, _edit_rows(field, counts, expected, dispersion, watch)


def _weeks_told(in_week: Array, years: Array, rate: float, watch: _Watch) -> Row:
    """Return how many weeks were watched, and the one with most edits."""
    watched = np.flatnonzero(years > 0)
    busiest = int(watched[np.argmax(in_week[watched])])
    monday = np.datetime64((watch.first + busiest) * _WEEK_US - _MONDAY_US, "us")
    return {
        "weeks": len(watched),
        "busiest_week": monday.astype(object).replace(tzinfo=UTC),
        "busiest_week_ratio": float(in_week[busiest] / (years[busiest] * rate)) if rate else 0.0,
    }


def edit_times(lanes: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return when a field was first seen with other words, microseconds since 1970."""
    return [
        int(new["from_at"].timestamp() * 1e6)
        for old, new in pairwise(lanes)
        if fold(old["value"]) != fold(new["value"])
    ]


def _inside(at: Array, watch: _Watch, account: int) -> Array:
    """Keep the edits that fall into a span and not on its first moment, which ends a gap."""
    own = np.flatnonzero(watch.owner == account).tolist() if len(at) else []
    kept = [t for t in at if any(watch.begin[s] < t <= watch.end[s] for s in own)]
    return np.array(kept)


def _week_effects(edits: Array, years: Array, rate: float) -> Array:
    """Return each week's rate over the mean rate, drawn towards 1 where little is known."""
    effects: Array = (edits + WEEK_PRIOR_EDITS) / (years * rate + WEEK_PRIOR_EDITS)
    return effects


def _dispersion(counts: Array, expected: Array) -> float:
    """Return the likeliest dispersion a of var = mu + a mu^2 among DISPERSIONS."""
    from scipy.stats import nbinom

    if counts.sum() == 0:
        return float(DISPERSIONS[0])
    fits = [
        nbinom.logpmf(counts, 1.0 / a, 1.0 / (1.0 + a * expected)).sum()
        for a in DISPERSIONS.tolist()
    ]
    return float(DISPERSIONS[int(np.argmax(fits))])


def _edit_rows(
    field: str, counts: Array, expected: Array, dispersion: float, watch: _Watch
) -> list[Row]:
    from scipy.stats import nbinom

    p: Array = np.asarray(
        nbinom.sf(counts - 1, 1.0 / dispersion, 1.0 / (1.0 + dispersion * expected))
    )
    q = benjamini_hochberg(p)
    return [
        {
            "account_id": watch.accounts[at],
            "field": field,
            "edits": int(counts[at]),
            "expected": float(expected[at]),
            "p_value": float(p[at]),
            "q_value": float(q[at]),
            "unusual": bool(q[at] <= UNUSUAL_Q),
        }
        for at in np.flatnonzero(counts).tolist()
    ]
