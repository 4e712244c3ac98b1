"""When and how many: the calendar of the invented event and the shares of its populations.

The edit rates are those measured on 8,178 real partisan accounts (`personas.md` section 3: edits
an account-year, and the share of accounts with at least one edit in 96 days). A gamma-mixed
Poisson process reproduces both numbers; its shape is solved from the two. `going_back` is set so
that the share of A-B-A edits seen in the snapshots comes out as measured (bio 1.3 %, name 6.0 %,
location 4.1 %, url 29.5 %, handle 4.5 % of edits); additions that are removed again count too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LANGS = ("en", "fa", "ar", "fr")
LANG_SHARES = (0.42, 0.30, 0.14, 0.14)

EVENT_START = datetime(2024, 5, 17, 6, 0, tzinfo=UTC)
EVENT_END = EVENT_START + timedelta(hours=60)
WINDOW_START = EVENT_START - timedelta(days=50)
WINDOW_END = WINDOW_START + timedelta(days=96)
WINDOW_S = (WINDOW_END - WINDOW_START).total_seconds()
EVENT_S = (EVENT_START - WINDOW_START).total_seconds()
EVENT_LENGTH_S = 60 * 3600.0
DAY_S = 86_400.0
QUIET_DAYS = 30  # an account is dormant when it wrote nothing in the last 30 days observed

MANAGERS = 4
EXPANDERS = 9
COORDINATED_SHARE = 0.16  # of all accounts
COORDINATED_AMONG_NEGATIVE = 0.46  # of the accounts on the negative talking points
SUPPORTER_SHARE = 0.14
OUTLET_SHARE = 0.012
MIN_ACCOUNTS = 150  # below, the fixed 4 + 9 are a third of the coordinated population

CAMPS = ("monarchist", "communist", "leftist", "regime_change")
CAMP_SHARES = (0.30, 0.20, 0.25, 0.25)


@dataclass(frozen=True)
class EditRate:
    """Edits an account-year, and the gamma shape that gives the measured share of editors."""

    per_year: float
    shape: float
    going_back: float  # chance that an edit with a state before the last one returns to it (A-B-A)
    cosmetic: float  # share of edits that touch emoji or punctuation alone


EDIT_RATES = {
    "bio": EditRate(6.4, 0.62, 0.012, 0.09),
    "name": EditRate(5.4, 0.28, 0.04, 0.13),
    "location": EditRate(0.66, 0.16, 0.041, 0.05),
    "url": EditRate(0.72, 0.10, 0.80, 0.0),
    "handle": EditRate(0.25, 0.06, 0.12, 0.0),
}
REWRITE_SHARE = 0.18  # of bio edits: nearly every word replaced
POINTER_SHARE = 0.062  # of bio edits: only a pointer to another platform is added
EVENT_WEEK_FACTOR = 2.07  # 1,840 bio edits in the event week against about 890 in an ordinary one
RETURN_WEEK_FACTOR = 1.64
REBRAND_SHARE = 0.0088  # of accounts: name, handle and bio replaced within days, by their owner
FELL_30_PERCENT_SHARE = 0.012  # of accounts: statuses_count fell by 30 % or more
FELL_1000_SHARE = 0.027  # of accounts: fell by 1,000 or more, but less than 30 %

# What became of the accounts after the event; the coordinated row sums to 35 % not active.
COORDINATED_FATES = {
    "dormant": 0.12,
    "mass_deleted": 0.06,
    "renamed": 0.06,
    "suspended": 0.07,
    "deleted": 0.04,
}
ORGANIC_FATES = {
    "dormant": 0.08,
    "mass_deleted": 0.008,
    "suspended": 0.025,
    "deleted": 0.03,
}


@dataclass(frozen=True)
class Sizes:
    """How many accounts of each population a campaign of a given size has."""

    coordinated: int
    critics: int
    supporters: int
    outlets: int
    bystanders: int


def sizes_of(accounts: int) -> Sizes:
    """Split a number of accounts; raise ValueError below MIN_ACCOUNTS."""
    if accounts < MIN_ACCOUNTS:
        raise ValueError(
            f"a campaign of {accounts} accounts is too small for its 4 managers and 9 expanders; "
            f"ask for {MIN_ACCOUNTS} or more"
        )
    coordinated = round(accounts * COORDINATED_SHARE)
    critics = round(coordinated * (1 / COORDINATED_AMONG_NEGATIVE - 1))
    supporters = round(accounts * SUPPORTER_SHARE)
    outlets = max(8, round(accounts * OUTLET_SHARE))
    rest = accounts - coordinated - critics - supporters - outlets
    return Sizes(coordinated, critics, supporters, outlets, rest)
