"""The truth tables: what each post, account, change and claim really was.

In: a campaign. Out: rows for the files in truth/. Claims and renames are read off the snapshots
that were taken, so that nothing is asked of a detector that no file shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from scripts.campaign.drafts import Draft
from scripts.campaign.people import Account
from scripts.campaign.simulate import Campaign
from scripts.campaign.snapshots import Profile, iso

Row = Mapping[str, object]


def post_rows(campaign: Campaign) -> list[Row]:
    """Give one row a post; a post like no other is its own point and wording."""
    return [
        {
            "post_id": draft.post_id,
            "point_truth": draft.point or _repeated(draft),
            "wording_truth": draft.wording or _repeated(draft),
            "narrative_truth": draft.narrative,
            "lang": draft.lang,
            "edit_kind": draft.edit_kind,
            "coordinated": str(draft.coordinated).lower(),
            "benign_class": draft.benign_class,
            "copied_from": draft.copied_from.post_id if draft.copied_from else "",
        }
        for draft in campaign.posts
    ]


def _repeated(draft: Draft) -> str:
    """Give the id of the post itself, or of the one that a repost repeats."""
    return draft.parent.post_id if draft.kind == "repost" and draft.parent else draft.post_id


def account_rows(campaign: Campaign) -> list[Row]:
    """Give one row an account: population, role, claimed camp, outcome and when."""
    negative = {d.account_id for d in campaign.posts if d.narrative.startswith("neg_")}
    return [
        {
            "account_id": account.account_id,
            "population": account.population,
            "role": account.role,
            "lang": account.lang,
            "camp_claimed": account.camp,
            "camp_wording": account.camp_wording,
            "on_negative_points": str(account.account_id in negative).lower(),
            "outcome": account.fate,
            "outcome_at": "" if account.fate == "active" else iso(account.fate_at_s),
        }
        for account in campaign.accounts
    ]


def shift_rows(campaign: Campaign) -> list[Row]:
    """Give one row a planted change or look-alike, in the order of the account ids."""
    rows: list[Row] = []
    for account_id in sorted(campaign.plans):
        plan = campaign.plans[account_id]
        own = {plan.recipe.attribute}
        wordings = {fragment.wording for fragment in plan.before + plan.after} - {""}
        rows.append(
            {
                "account_id": account_id,
                "attribute": plan.recipe.attribute,
                "kind": plan.recipe.kind,
                "look": plan.recipe.look,
                "before": plan.wrote(late=False),
                "after": plan.wrote(late=True),
                "at": iso(plan.at_s),
                "expected_level": plan.recipe.level,
                "also": " ".join(sorted({f.attribute for f in plan.after} - own - {""})),
                "wording": "local" if "local" in wordings else "generic",
            }
        )
    return rows


def claim_rows(campaign: Campaign) -> list[Row]:
    """Give one row for each fact that an account's snapshots were seen to state."""
    rows: list[Row] = []
    for account in campaign.accounts:
        rows += _claims(account, campaign.profiles[account.account_id])
    return rows


def _claims(account: Account, profile: Profile) -> list[Row]:
    stated: dict[tuple[str, str, str, str], list[float]] = {}
    for moment, state in profile.snapshots:
        for fragment in state.fragments:
            if fragment.attribute:
                key = (fragment.attribute, fragment.value, fragment.wording, fragment.text)
                stated.setdefault(key, []).append(moment)
    return [
        {
            "account_id": account.account_id,
            "attribute": attribute,
            "value": value,
            "wording": wording,
            "quote": quote,
            "lang": account.lang,
            "first_at": iso(min(moments)),
            "last_at": iso(max(moments)),
            "snapshots": len(moments),
        }
        for (attribute, value, wording, quote), moments in sorted(stated.items())
    ]


def rename_rows(campaign: Campaign) -> list[Row]:
    """Give one row for each change of handle between two sightings, in posts or snapshots."""
    sightings: dict[str, list[tuple[str, str]]] = {a.account_id: [] for a in campaign.accounts}
    for account_id, profile in campaign.profiles.items():
        sightings[account_id] += [(str(r["observed_at"]), str(r["handle"])) for r in profile.rows]
    for draft in campaign.posts:
        handle = campaign.handle(draft.account_id, draft.at_s)
        sightings[draft.account_id].append((iso(draft.at_s), handle))
    return [
        {"account_id": account_id, "at": at, "before": before, "after": after}
        for account_id, seen in sightings.items()
        for (_, before), (at, after) in pairwise(sorted(seen))
        if before != after
    ]
