"""The coordinated population: managers start, expanders carry, repeaters repeat with small edits.

In: the coordinated accounts. Out: drafts. A manager writes a talking point in its first language;
expanders translate and paraphrase it for other languages and camps, minutes to hours later;
repeaters copy the wordings of their language with one typed edit each, sometimes from another copy,
so that edits add up along a chain. Times follow waves: bursts of minutes, then hours, then a tail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scripts.campaign import world
from scripts.campaign.chance import Rng, lognormal_s, pick, stream, weighted
from scripts.campaign.drafts import Draft, Timeline
from scripts.campaign.edits import Material, edited
from scripts.campaign.fates import last_written_s
from scripts.campaign.grammar import Point, as_carried, points, swap_pairs, words
from scripts.campaign.organic import reposted
from scripts.campaign.people import Account

MEAN_REPEATS = 7.0  # campaign posts a repeater, heavy-tailed over repeaters
EARLY_POINTS = 4  # talking points tried out in the weeks before the event
TRANSLATION_MEDIAN_S = 50 * 60.0
PARAPHRASE_MEDIAN_S = 110 * 60.0
WAVES = {"burst": 0.38, "hours": 0.42, "tail": 0.20}
BURST_MEDIAN_S = 7 * 60.0
HOURS_MEDIAN_S = 3.5 * 3600.0
FIRST_WORDING_SHARE = 0.78  # of repeats: the carried wording, not a paraphrase
FROM_COPY_SHARE = 0.25  # of repeats: copied from another copy
LONGEST_CHAIN = 3
SEEN_BY_THEN_S = 3 * 3600.0  # an account that stops repeats only what it could see hours before
REPOST_SHARE = 0.12
REPLY_SHARE = 0.16
QUOTE_SHARE = 0.04


@dataclass
class Wording:
    """One wording of a point in a language: its text, its first post and its copies."""

    point: Point
    lang: str
    number: int
    first: Draft
    copies: list[tuple[Draft, int]]  # (post, edits since the wording)


def campaign_posts(
    accounts: Sequence[Account], seed: int, starts: dict[str, float], targets: Timeline
) -> list[Draft]:
    """Write the whole campaign; `targets` are posts that repeaters reply to or mention."""
    roles = {
        role: [account for account in accounts if account.role == role]
        for role in ("manager", "expander", "repeater")
    }
    waves = [
        wording for n, point in enumerate(points()) for wording in _seeds(n, point, roles, seed)
    ]
    drafts = [wording.first for wording in waves]
    for account in roles["repeater"]:
        drafts += _repeats(account, waves, seed, starts.get(account.account_id, 0.0), targets)
    for account in roles["expander"]:
        drafts += _repeats(account, waves, seed, 0.0, targets)
    return drafts


def _seeds(number: int, point: Point, roles: dict[str, list[Account]], seed: int) -> list[Wording]:
    """Write each wording of a point for the first time, by a manager or an expander."""
    rng = stream(seed, "point", point.point_id)
    manager = roles["manager"][number % len(roles["manager"])]
    start = _start(rng, number)
    wordings: list[Wording] = []
    for lang in (manager.lang, *(lang for lang in world.LANGS if lang != manager.lang)):
        for version, frame in enumerate(point.wordings[lang]):
            source = wordings[0].first if wordings else None
            kind = _seed_kind(lang, version, manager.lang)
            account = manager if source is None else _carrier(rng, lang, roles, number)
            median = TRANSLATION_MEDIAN_S if kind == "translation" else PARAPHRASE_MEDIAN_S
            at = start if source is None else start + lognormal_s(rng, median, 0.8)
            wordings.append(_first(account, point, lang, version, frame, kind, at, source))
    return wordings


def _start(rng: Rng, number: int) -> float:
    if number % 6 == 5 and number // 6 < EARLY_POINTS:
        return world.EVENT_S - (4 + rng.random() * 20) * world.DAY_S
    return world.EVENT_S + rng.random() * world.EVENT_LENGTH_S * 0.6


def _seed_kind(lang: str, version: int, first_lang: str) -> str:
    if lang != first_lang:
        return "translation" if version == 0 else "paraphrase"
    return "original" if version == 0 else "paraphrase"


def _carrier(rng: Rng, lang: str, roles: dict[str, list[Account]], number: int) -> Account:
    """Choose an expander of that language, or any other when none has it."""
    speakers = [account for account in roles["expander"] if account.lang == lang]
    return pick(rng, speakers or roles["expander"])


def _first(
    account: Account,
    point: Point,
    lang: str,
    version: int,
    frame: str,
    kind: str,
    at: float,
    source: Draft | None,
) -> Wording:
    name = f"{point.point_id}.{lang}.{version}"
    draft = Draft(
        account.account_id,
        min(at, last_written_s(account) - 60),
        as_carried(frame),
        lang,
        point.narrative,
        point=point.point_id,
        wording=name,
        edit_kind=kind,
        coordinated=True,
        copied_from=source,
    )
    return Wording(point, lang, version, draft, [(draft, 0)])


def _repeats(
    account: Account, waves: list[Wording], seed: int, start: float, targets: Timeline
) -> list[Draft]:
    """Write one account's campaign posts, at least one."""
    rng = stream(seed, "repeats", account.account_id)
    last = last_written_s(account)
    spoken = [w for w in waves if w.lang == account.lang and w.first.at_s < last - SEEN_BY_THEN_S]
    drafts: list[Draft] = []
    for _ in range(1 + rng.poisson(max(0.2, (MEAN_REPEATS - 1) * account.activity))):
        wave = _wave(rng, spoken)
        at = _moment(rng, wave, start, last)
        drafts.append(_repeat(rng, account, wave, at, targets))
    return drafts


def _wave(rng: Rng, spoken: list[Wording]) -> Wording:
    """Choose a wording of the account's language; some points are pushed harder than others."""
    first = rng.random() < FIRST_WORDING_SHARE
    fit = [wave for wave in spoken if (wave.number == 0) == first] or spoken
    weights = {index: 1.0 / (1 + index % 7) for index in range(len(fit))}
    return fit[weighted(rng, weights)]


def _moment(rng: Rng, wave: Wording, start: float, last: float) -> float:
    """Draw when a wording is repeated, never before it was first written."""
    first, kind = wave.first.at_s, weighted(rng, WAVES)
    if kind == "burst":
        # Bursts follow the first post or come back at the same clock time of a later day.
        at = (
            first
            + pick(rng, (0, 0, 0, 1, 2)) * 0.4 * world.DAY_S
            + lognormal_s(rng, BURST_MEDIAN_S, 0.9)
        )
    elif kind == "hours":
        at = first + lognormal_s(rng, HOURS_MEDIAN_S, 1.0)
    else:
        at = first + rng.random() * 5 * world.DAY_S
    at = max(at, start + rng.random() * 2 * world.DAY_S if start else 0.0)
    return min(at, max(last - 60 - rng.random() * 7200, first + 30))


def _repeat(rng: Rng, account: Account, wave: Wording, at: float, targets: Timeline) -> Draft:
    source, depth = _source(rng, wave, at)
    if rng.random() < REPOST_SHARE and source.account_id != account.account_id:
        return reposted(account, at, source, coordinated=True)
    material = Material(swap_pairs(wave.point.wordings[wave.lang][wave.number]), words(wave.lang))
    kind, text = edited(rng, source.text, material)
    draft = replace(
        source,
        account_id=account.account_id,
        at_s=at,
        text=text,
        kind="post",
        edit_kind=kind,
        parent=None,
        copied_from=source,
    )
    _address(rng, draft, targets)
    if kind != "exact" and depth + 1 <= LONGEST_CHAIN:
        wave.copies.append((draft, depth + 1))
    return draft


def _source(rng: Rng, wave: Wording, at: float) -> tuple[Draft, int]:
    """Choose what is copied: the first post, or a copy that could be seen by then."""
    if rng.random() < FROM_COPY_SHARE:
        seen = [
            entry for entry in wave.copies[-40:] if entry[0].at_s < at and entry[1] < LONGEST_CHAIN
        ]
        if seen:
            return pick(rng, seen)
    return wave.first, 0


def _address(rng: Rng, draft: Draft, targets: Timeline) -> None:
    """Fill an open mention, and make some copies replies or quotes of what is going around."""
    seen = targets.recent(rng, draft.at_s, reach=200)
    if seen is None:
        raise ValueError("nobody wrote before the campaign: there is no account to mention")
    if draft.edit_kind == "mention_swap":
        draft.mention = seen.account_id
    form = weighted(
        rng, {"reply": REPLY_SHARE, "quote": QUOTE_SHARE, "post": 1 - REPLY_SHARE - QUOTE_SHARE}
    )
    if form != "post":
        draft.kind, draft.parent = form, seen
