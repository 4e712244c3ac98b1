"""Stages on campaigns: who had which part in them, what they promote, what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from corpus.progress import Progress
from corpus.settings import Settings, parse_time
from corpus.tables import AFTERMATH, SURVIVAL
from corpus.workspace import StageResult
from engines.engine import Engine
from narrashift.stages.stage import Stage, Tables

if TYPE_CHECKING:
    from clustering.campaign import Campaigns

_CAMPAIGN_READS = ("posts", "texts", "point_posts", "point_classes", "narrative_points")


def _campaigns(tables: Tables, settings: Settings) -> Campaigns:
    from clustering.campaign import find_campaigns

    return find_campaigns(
        **{name: tables[name] for name in _CAMPAIGN_READS},
        bin_s=settings.narratives.bin_s,
        seed=settings.seed,
    )


def _campaign(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    progress.stage("campaigns", None)
    found = _campaigns(tables, settings)
    made = {
        "campaign": found.campaign,
        "roles": found.roles,
        "campaign_accounts": found.accounts,
    }
    return StageResult(made, found.notes)


def _fronts(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from clustering.fronts import find_fronts

    progress.stage("fronts", None)
    groups = {
        row["group_id"]: row["accounts"]
        for row in tables["groups"].to_pylist()
        if row["benign_class"] is None
    }
    for row in tables["campaign_accounts"].to_pylist():
        if row["with_evidence"]:
            groups.setdefault(row["campaign_id"], []).append(row["account_id"])
    found = find_fronts(posts=tables["posts"], groups=groups, bio_templates=tables["bio_templates"])
    return StageResult({"fronts": found})


def _aftermath(
    engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    from reports.aftermath import compare_fates

    progress.stage("aftermath", None)
    exposed, talkers = _sides(tables["campaign_accounts"])
    when = _event(tables["campaign"], settings)
    if when is None or not exposed:
        note = (
            "what became of the accounts was not compared: no account has evidence of carrying a"
            " campaign's points"
        )
        return StageResult({"aftermath": AFTERMATH.empty(), "survival": SURVIVAL.empty()}, (note,))
    found = compare_fates(tables, exposed, start=when[0], end=when[1], took_part=talkers)
    made = {"aftermath": found.aftermath, "survival": found.survival}
    return StageResult(made, found.notes)


def _sides(accounts: pa.Table) -> tuple[list[str], list[str]]:
    """Accounts with evidence, and the others on the narratives."""
    rows = accounts.to_pylist()
    exposed = {row["account_id"] for row in rows if row["with_evidence"]}
    return sorted(exposed), sorted({row["account_id"] for row in rows} - exposed)


def _event(campaign: pa.Table, settings: Settings) -> tuple[datetime, datetime] | None:
    """The event of the settings, or the window of the largest campaign."""
    if settings.event.start and settings.event.end:
        return parse_time(settings.event.start), parse_time(settings.event.end)
    rows = sorted(campaign.to_pylist(), key=lambda r: (-r["with_evidence"], r["campaign_id"]))
    return (rows[0]["start_at"], rows[0]["end_at"]) if rows else None


CAMPAIGN_TABLES = ("campaign", "roles", "campaign_accounts")
CAMPAIGN = Stage("campaign", _CAMPAIGN_READS, CAMPAIGN_TABLES, ("narratives", "seed"), _campaign)
FRONTS = Stage(
    "fronts",
    ("posts", "groups", "campaign_accounts", "bio_templates"),
    ("fronts",),
    (),
    _fronts,
)
AFTERMATH_STAGE = Stage(
    "aftermath",
    ("posts", "profiles", "texts", "account_events", "campaign", "campaign_accounts"),
    ("aftermath", "survival"),
    ("event",),
    _aftermath,
)
