"""What ordinary people write: their topics, their view of the summit, replies and reposts.

In: accounts that are not coordinated. Out: drafts. Critics attack the same target as the campaign,
in their own words and with their own reasons, and now and then repost or copy a campaign text:
they are on the negative talking points without being part of the campaign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.campaign import world
from scripts.campaign.chance import Rng, lognormal_s, pick, stream, weighted
from scripts.campaign.drafts import Draft, Timeline, UniqueTexts
from scripts.campaign.fates import last_written_s
from scripts.campaign.grammar import Words, capitalized, edit_data, expand, words
from scripts.campaign.people import Account

NARRATIVES = ("neg_money", "neg_luxury", "neg_crowd", "neg_past", "neg_split", "neg_empty")
MEAN_POSTS = {"bystander": 3.6, "supporter": 2.6, "critic": 2.2, "coordinated": 2.0}
LATE_DAYS = 25.0  # whoever is still active wrote at least once in the last 25 days observed
SLEEPY_HOURS = (1, 6)  # local night: nine of ten posts drawn there move to the day
CRITIC_COPY_SHARE = 0.12  # critics who copy a campaign text
CRITIC_REPOST_SHARE = 0.35  # critics who repost one
SECOND_SHARE = 0.85  # how readily a post goes on after its first sentence
MORE_EACH_TIME = 0.1  # and how much more readily when it has to be written anew
MOST_ATTEMPTS = 25
REPLY_SHARE = 0.14
REPOST_SHARE = 0.10


def topic_posts(accounts: Sequence[Account], seed: int, starts: dict[str, float]) -> list[Draft]:
    """Write everybody's posts on everyday topics; `starts`: who was silent until when."""
    texts = UniqueTexts()
    drafts = []
    for account in accounts:
        if account.population == "outlet":
            continue
        rng = stream(seed, "topics", account.account_id)
        for moment in _moments(rng, account, starts.get(account.account_id, 0.0)):
            drafts.append(_topic_post(rng, account, moment, texts))
    return drafts


def _moments(rng: Rng, account: Account, start: float) -> list[float]:
    last = last_written_s(account)
    count = rng.poisson(MEAN_POSTS[account.population] * account.activity)
    count = max(1, count) if account.fate == "dormant" else count  # silence needs a voice before
    moments = [start + rng.random() * (last - start) for _ in range(count)]
    if last == world.WINDOW_S:
        moments.append(last - rng.random() * LATE_DAYS * world.DAY_S)
    return [by_day(rng, moment, last) for moment in moments]


def by_day(rng: Rng, moment: float, last: float) -> float:
    """Move most of what would be written at night into the day."""
    hour = (moment % world.DAY_S) / 3600 + world.WINDOW_START.hour
    if SLEEPY_HOURS[0] <= hour % 24 < SLEEPY_HOURS[1] and rng.random() < 0.9:
        moment += (6 + rng.random() * 6) * 3600
    return min(moment, last - 1)


def _topic_post(rng: Rng, account: Account, moment: float, texts: UniqueTexts) -> Draft:
    vocabulary = words(account.lang)
    topics = account.topics if rng.random() < 0.8 else tuple(vocabulary.topics)
    topic = pick(rng, topics)
    text = _fresh(rng, vocabulary, vocabulary.topics[topic], texts)
    return Draft(account.account_id, moment, text, account.lang, topic)


def _fresh(
    rng: Rng, vocabulary: Words, source: Mapping[str, Sequence[str]], texts: UniqueTexts
) -> str:
    """Write a post that is nobody else's; what comes out too alike is written anew."""
    for attempt in range(MOST_ATTEMPTS):
        first = pick(rng, source["frames"])
        text = sentences(rng, vocabulary, first, source, SECOND_SHARE + attempt * MORE_EACH_TIME)
        if texts.take(text, first):
            return text
    return text


def sentences(
    rng: Rng, vocabulary: Words, first: str, source: Mapping[str, Sequence[str]], more: float
) -> str:
    """Write an opener now and then, a frame, what comes to mind next, a tag, an emoji."""
    parts = [expand(rng, pick(rng, vocabulary.openers), vocabulary)] if rng.random() < 0.22 else []
    parts.append(expand(rng, first, vocabulary))
    others = [frame for frame in source["frames"] if frame != first]
    if others and rng.random() < more * 0.45:
        parts.append(expand(rng, pick(rng, others), vocabulary))
    if rng.random() < more * 0.75:
        parts.append(expand(rng, pick(rng, vocabulary.reactions), vocabulary))
    text = " ".join(parts)
    text = capitalized(text) if rng.random() < 0.85 else text
    tags = source.get("tags", ())
    if tags and rng.random() < 0.22:
        text += " " + pick(rng, tags)
    if rng.random() < 0.2:
        text += " " + pick(rng, edit_data()["organic_emoji"])
    return text


def summit_posts(accounts: Sequence[Account], seed: int) -> list[Draft]:
    """Write what supporters and critics say about the summit, each in their own words."""
    texts = UniqueTexts()
    drafts = []
    for account in accounts:
        if account.population not in ("supporter", "critic"):
            continue
        rng = stream(seed, "summit", account.account_id)
        critic = account.population == "critic"
        for _ in range(1 + rng.poisson((0.55 if critic else 1.6) * account.activity)):
            drafts.append(_summit_post(rng, account, critic, texts))
    return drafts


def _summit_post(rng: Rng, account: Account, critic: bool, texts: UniqueTexts) -> Draft:
    vocabulary = words(account.lang)
    views = vocabulary.negative if critic else vocabulary.positive
    narrative = pick(rng, tuple(views))
    source = dict(views[narrative])
    if critic:
        source["tags"] = vocabulary.critic["tags"]
    text = _fresh(rng, vocabulary, source, texts)
    return Draft(account.account_id, summit_moment(rng, account), text, account.lang, narrative)


def summit_moment(rng: Rng, account: Account) -> float:
    """Draw when somebody writes about the summit: mostly in its 60 hours, some before and after."""
    kind = weighted(rng, {"before": 0.15, "during": 0.62, "after": 0.23})
    if kind == "before":
        moment = world.EVENT_S - lognormal_s(rng, 4 * world.DAY_S, 0.9)
    elif kind == "during":
        moment = world.EVENT_S + rng.random() * world.EVENT_LENGTH_S
    else:
        moment = world.EVENT_S + world.EVENT_LENGTH_S + lognormal_s(rng, 3 * world.DAY_S, 0.9)
    last = last_written_s(account)
    return by_day(rng, min(max(moment, 0.0), last - 60 * (1 + rng.random() * 600)), last)


def echoes_of_campaign(
    accounts: Sequence[Account], seed: int, campaign: dict[str, Timeline]
) -> list[Draft]:
    """Let critics repost or copy campaign texts of their language: benign, and in nobody's plan."""
    drafts = []
    for account in accounts:
        if account.population != "critic":
            continue
        rng = stream(seed, "echo", account.account_id)
        for share, copy in ((CRITIC_COPY_SHARE, True), (CRITIC_REPOST_SHARE, False)):
            if rng.random() >= share:
                continue
            moment = summit_moment(rng, account)
            seen = campaign[account.lang].recent(rng, moment, reach=300)
            if seen is not None:
                drafts.append(
                    copied(account, moment, seen) if copy else reposted(account, moment, seen)
                )
    return drafts


def copied(account: Account, moment: float, seen: Draft) -> Draft:
    """Paste somebody's text as one's own."""
    return Draft(
        account.account_id,
        moment,
        seen.text,
        seen.lang,
        seen.narrative,
        point=seen.point,
        wording=seen.wording,
        edit_kind="exact",
        benign_class="organic_copy",
        copied_from=seen,
        mention=seen.mention,
    )


def reposted(account: Account, moment: float, seen: Draft, coordinated: bool = False) -> Draft:
    """Repost somebody's post; the text follows the one it repeats."""
    source = seen.parent if seen.kind == "repost" and seen.parent is not None else seen
    return Draft(
        account.account_id,
        moment,
        source.text,
        source.lang,
        source.narrative,
        kind="repost",
        point=source.point,
        wording=source.wording,
        edit_kind="repost",
        coordinated=coordinated,
        benign_class="" if coordinated else "repost",
        parent=source,
        mention=source.mention,
    )


def replies_and_reposts(
    accounts: Sequence[Account], seed: int, drafts: list[Draft], timelines: dict[str, Timeline]
) -> list[Draft]:
    """Turn some organic posts into replies, and add reposts of other organic posts."""
    added = []
    people = {account.account_id: account for account in accounts}
    for draft in drafts:
        account = people[draft.account_id]
        rng = stream(seed, "social", draft.account_id, int(draft.at_s), draft.text[:20])
        if rng.random() < REPLY_SHARE:
            seen = timelines[draft.lang].recent(rng, draft.at_s)
            if seen is not None and seen.account_id != draft.account_id:
                draft.kind, draft.parent, draft.mention = "reply", seen, seen.account_id
                draft.text = "@{handle} " + draft.text
        elif rng.random() < REPOST_SHARE and account.population != "outlet":
            seen = timelines[draft.lang].recent(rng, draft.at_s)
            if seen is not None and seen.account_id != draft.account_id:
                added.append(reposted(account, draft.at_s + 30 + rng.random() * 600, seen))
    return added
