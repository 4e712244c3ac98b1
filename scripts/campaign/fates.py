"""What became of an account after the event: dormant, mass-deleted, renamed, suspended, gone.

In: accounts. Out: each account's `fate` and its time, in place. Organic accounts leave too, at
their own rates, and some renamed or deleted posts long before the event: fate alone says nothing.
"""

from __future__ import annotations

from scripts.campaign import world
from scripts.campaign.chance import Rng, stream, weighted
from scripts.campaign.people import Account

EVENT_END_S = world.EVENT_S + world.EVENT_LENGTH_S


def give_fates(accounts: list[Account], seed: int) -> None:
    """Draw every account's fate; managers and expanders share the odds of the others."""
    for account in accounts:
        rng = stream(seed, "fate", account.account_id)
        coordinated = account.population == "coordinated"
        rates = world.COORDINATED_FATES if coordinated else world.ORGANIC_FATES
        if account.population == "outlet":
            rates = {}
        account.fate = weighted(rng, {**rates, "active": 1 - sum(rates.values())})
        account.fate_at_s = _moment(rng, account.fate, coordinated)


def _moment(rng: Rng, fate: str, coordinated: bool) -> float:
    """Coordinated accounts stop soon after the event, others at any time after it."""
    days = rng.gamma(1.5, 2.0) if coordinated else rng.random() * 30
    latest = 13.0 if fate == "dormant" else 32.0  # dormant: 30 quiet days must still fit
    return float("inf") if fate == "active" else EVENT_END_S + min(days, latest) * world.DAY_S


def last_written_s(account: Account) -> float:
    """When the account could write for the last time."""
    if account.fate in ("dormant", "suspended", "deleted"):
        return account.fate_at_s
    return world.WINDOW_S
