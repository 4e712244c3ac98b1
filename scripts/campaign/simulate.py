"""The whole campaign: accounts, fates, planned changes, profiles, posts, ids, in that order.

In: a number of accounts and a seed. Out: a `Campaign` in memory; `writing.py` makes files of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from scripts.campaign import world
from scripts.campaign.biography import State
from scripts.campaign.chance import stream
from scripts.campaign.coordinated import campaign_posts
from scripts.campaign.drafts import Draft, Timeline
from scripts.campaign.fates import give_fates
from scripts.campaign.ids import new_id
from scripts.campaign.news import app_posts, news_posts, outlet_name
from scripts.campaign.organic import (
    echoes_of_campaign,
    replies_and_reposts,
    summit_posts,
    topic_posts,
)
from scripts.campaign.people import Account, make_accounts
from scripts.campaign.shifts import Plan, make_plans
from scripts.campaign.snapshots import Profile, make_profile

SILENT_POSTS = 9  # old posts of an account that was silent for months before its change
SILENT_FROM_DAYS = (100.0, 190.0)  # days before the window


@dataclass(frozen=True)
class Campaign:
    """Everything that happened, and why."""

    seed: int
    accounts: list[Account]
    plans: dict[str, Plan]
    profiles: dict[str, Profile]
    posts: list[Draft]

    def handle(self, account_id: str, moment: float) -> str:
        """Give an account's handle at a moment."""
        return self.profiles[account_id].state_at(moment).handle


def simulate(accounts: int, seed: int) -> Campaign:
    """Simulate a campaign; ValueError when there are too few accounts for its roles."""
    taken: set[str] = set()
    handles: set[str] = set()
    people = make_accounts(accounts, seed, taken)
    give_fates(people, seed)
    plans = make_plans(people, seed, handles)
    profiles = {
        account.account_id: make_profile(account, plans.get(account.account_id), seed, handles)
        for account in people
    }
    names = _name_outlets(people, profiles)
    starts = {plan.account_id: plan.at_s for plan in plans.values() if plan.silent_before}
    posts = _all_posts(people, names, seed, starts)
    posts += _silent_pasts(people, starts, seed)
    return Campaign(seed, people, plans, profiles, _with_ids(posts, seed))


def _name_outlets(people: Sequence[Account], profiles: dict[str, Profile]) -> dict[str, str]:
    """Give every newsroom its name, on its profile too."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for account in people:
        if account.population == "outlet":
            number = counts.get(account.lang, 0)
            counts[account.lang] = number + 1
            name = names[account.account_id] = outlet_name(account, number)
            profile = profiles[account.account_id]
            for row in profile.rows:
                row["display_name"] = name
            profiles[account.account_id] = replace(
                profile,
                history=[(at, _named(state, name)) for at, state in profile.history],
                snapshots=[(at, _named(state, name)) for at, state in profile.snapshots],
            )
    return names


def _named(state: State, name: str) -> State:
    return replace(state, name=name, base_name=name)


def _all_posts(
    people: Sequence[Account], names: dict[str, str], seed: int, starts: dict[str, float]
) -> list[Draft]:
    """Write organic posts, then the campaign that replies to them, then what echoes both."""
    topics = topic_posts(people, seed, starts)
    summit = summit_posts(people, seed)
    newsrooms, shares = news_posts(people, names, seed)
    harmless = topics + newsrooms + [d for d in summit if d.narrative.startswith("pos_")]
    ordinary = {lang: _timeline(harmless, lang) for lang in world.LANGS}
    targets = _timeline(topics + summit, None)
    campaign = campaign_posts(people, seed, starts, targets)
    pushed = {lang: _timeline(campaign, lang) for lang in world.LANGS}
    echoes = echoes_of_campaign(people, seed, pushed)
    social = replies_and_reposts(people, seed, topics + summit, ordinary)
    return (
        topics + summit + newsrooms + shares + app_posts(people, seed) + campaign + echoes + social
    )


def _timeline(drafts: Sequence[Draft], lang: str | None) -> Timeline:
    timeline = Timeline([draft for draft in drafts if lang is None or draft.lang == lang])
    timeline.settle()
    return timeline


def _silent_pasts(people: Sequence[Account], starts: dict[str, float], seed: int) -> list[Draft]:
    """Write the posts that silent accounts wrote months ago, on everyday topics."""
    old = [account for account in people if account.account_id in starts]
    drafts: list[Draft] = []
    for number, account in enumerate(old):
        rng = stream(seed, "past", account.account_id)
        low, high = SILENT_FROM_DAYS
        busy = replace(account, activity=3.0, fate="active")
        for draft in topic_posts([busy], seed * 1000 + number, {})[:SILENT_POSTS]:
            draft.at_s = -(low + rng.random() * (high - low)) * world.DAY_S
            drafts.append(draft)
    return drafts


def _with_ids(posts: list[Draft], seed: int) -> list[Draft]:
    """Order the posts by time and give them ids that grow with it."""
    taken: set[str] = set()
    rng = stream(seed, "post ids")
    posts.sort(key=lambda draft: (draft.at_s, draft.account_id, draft.text, draft.kind))
    for draft in posts:
        moment = world.WINDOW_START + timedelta(seconds=int(draft.at_s))
        draft.post_id = new_id(rng, moment, taken)
    return posts
