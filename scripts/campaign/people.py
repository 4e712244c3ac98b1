"""Who writes: accounts of each population with the facts that their profiles may state.

In: a number of accounts and a seed. Out: `Account` rows. Facts (camp, occupation, family, origin,
age) never change by themselves: an ordinary account that rewrites its bio states the same facts in
other words or leaves them out. Only a planted shift or a look-alike (`shifts.py`) changes one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from scripts.campaign import world
from scripts.campaign.chance import Rng, pick, some, stream, weighted
from scripts.campaign.grammar import words
from scripts.campaign.ids import new_id

# Share of accounts whose facts hold each attribute; real coverage in `personas.md` section 3
# (occupation 19 %, family 13 %, gender 17 % among partisans, all lower among others).
OCCUPATION_SHARE = 0.28
FAMILY_SHARE = 0.15
ORIGIN_SHARE = 0.07
AGE_SHARE = 0.05
CAMP_STATED = {"coordinated": 0.64, "critic": 0.45, "supporter": 0.45, "bystander": 0.05}
LOCAL_WORDING = 0.25  # of stated camps: only in the words of the invented country's parties
CRITIC_CAMPS = {
    "monarchist": 0.27,
    "communist": 0.14,
    "leftist": 0.22,
    "regime_change": 0.22,
    "loyalist": 0.15,
}
ORDINARY_OCCUPATIONS = (
    *("nurse", "teacher", "engineer", "lawyer", "farmer", "journalist", "driver"),
    *("accountant", "architect", "pharmacist", "translator", "electrician", "cook"),
)
COUNTRIES = ("norway", "chile", "kenya", "portugal", "japan", "canada")
TOWNS = ("kestany", "lorvane", "ondrel", "tirvan")


@dataclass
class Account:
    """One account while the campaign is being simulated."""

    account_id: str
    population: str  # coordinated, critic, supporter, bystander, outlet
    role: str  # manager, expander, repeater, or "" outside the coordinated population
    lang: str
    camp: str  # the camp claimed, or ""
    camp_wording: str  # generic, local, or "" where the profile never states the camp
    gender: str
    given: str
    family: str
    joined_at: datetime
    followers: int
    following: int
    statuses: int
    activity: float  # relative number of posts, mean about 1
    topics: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)
    fate: str = "active"
    fate_at_s: float = float("inf")  # seconds after WINDOW_START


def make_accounts(count: int, seed: int, taken: set[str]) -> list[Account]:
    """Make the accounts of every population, in the order of their ids."""
    sizes = world.sizes_of(count)
    plan = [("coordinated", "manager")] * world.MANAGERS
    plan += [("coordinated", "expander")] * world.EXPANDERS
    plan += [("coordinated", "repeater")] * (sizes.coordinated - len(plan))
    for population in ("critic", "supporter", "outlet", "bystander"):
        number = getattr(sizes, "critics" if population == "critic" else population + "s")
        plan += [(population, "")] * number
    accounts = [_account(seed, i, population, role, taken) for i, (population, role) in _each(plan)]
    return sorted(accounts, key=lambda account: account.account_id)


def _each(plan: list[tuple[str, str]]) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(plan))


def _account(seed: int, number: int, population: str, role: str, taken: set[str]) -> Account:
    rng = stream(seed, "account", number)
    lang = _language(rng, role, number)
    joined = _joined(rng, population)
    gender = "f" if rng.random() < 0.5 else "m"
    profile = words(lang).profile
    camp, wording = _camp(rng, population, role, number)
    return Account(
        account_id=new_id(rng, joined, taken),
        population=population,
        role=role,
        lang=lang,
        camp=camp,
        camp_wording=wording,
        gender=gender,
        given=pick(rng, profile["given_" + gender]),
        family=pick(rng, profile["family"]),
        joined_at=joined,
        followers=int(np.exp(5.2 + 1.5 * rng.standard_normal())),
        following=int(np.exp(5.6 + 1.0 * rng.standard_normal())),
        statuses=int(np.exp(7.6 + 1.4 * rng.standard_normal())) + 20,
        activity=float(rng.gamma(0.9, 1 / 0.9)),
        topics=tuple(some(rng, list(words(lang).topics), 3)),
        facts=_facts(rng, population, lang, gender),
    )


def _language(rng: Rng, role: str, number: int) -> str:
    if role == "manager":
        return ("en", "fa", "en", "fa")[number % 4]
    if role == "expander":
        return ("fa", "en", "ar", "fr")[number % 4]
    return weighted(rng, dict(zip(world.LANGS, world.LANG_SHARES, strict=True)))


def _joined(rng: Rng, population: str) -> datetime:
    """Coordinated accounts are younger on the whole, but by no means all of them."""
    years = rng.beta(1.2, 2.2) * 10 if population == "coordinated" else rng.random() * 12
    return world.WINDOW_START - timedelta(days=200 + years * 365.25)


def _camp(rng: Rng, population: str, role: str, number: int) -> tuple[str, str]:
    if population == "outlet":
        return "", ""
    camps = {
        "coordinated": dict(zip(world.CAMPS, world.CAMP_SHARES, strict=True)),
        "critic": CRITIC_CAMPS,
        "supporter": {"supporter": 1.0},
        "bystander": {**CRITIC_CAMPS, "supporter": 0.4},
    }[population]
    camp = world.CAMPS[number % 4] if role in ("manager", "expander") else weighted(rng, camps)
    stated = rng.random() < CAMP_STATED[population]
    if not stated:
        return (camp if population == "coordinated" else ""), ""
    return camp, "local" if rng.random() < LOCAL_WORDING else "generic"


def _facts(rng: Rng, population: str, lang: str, gender: str) -> dict[str, str]:
    if population == "outlet":
        return {}
    facts: dict[str, str] = {}
    if rng.random() < OCCUPATION_SHARE:
        known = words(lang).profile["occupation"]
        facts["occupation"] = pick(rng, [job for job in ORDINARY_OCCUPATIONS if job in known])
    if rng.random() < FAMILY_SHARE:
        facts["family"] = "family_" + gender
    if rng.random() < ORIGIN_SHARE:
        facts["origin"] = pick(rng, COUNTRIES + TOWNS)
    if rng.random() < AGE_SHARE:
        facts["age"] = str(int(rng.integers(19, 72)))
    return facts
