"""Copying that nobody planned: syndicated headlines, share buttons, quotes of news, app templates.

In: outlets and everybody else. Out: drafts whose `benign_class` says which sort they are. An
account that reads a headline and presses a button makes a near copy, minutes after many others,
with the same link: the very traces of coordination, and none of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts.campaign import world
from scripts.campaign.biography import link
from scripts.campaign.chance import Rng, lognormal_s, pick, some, stream
from scripts.campaign.drafts import Draft, UniqueTexts
from scripts.campaign.fates import last_written_s
from scripts.campaign.grammar import capitalized, expand, words
from scripts.campaign.people import Account

HEADLINES_PER_ACCOUNT = 0.045
SYNDICATED_SHARE = 0.6  # headlines that more than one outlet carries
MOST_ATTEMPTS = 40
MEAN_SHARES = 3.4  # share-button copies of a headline; most have none, a few have many
APP_USER_SHARE = 0.05
OUTLETS = {
    "en": ("Amaris Courier", "Kestany Post", "Harbour Wire", "Lorvane Daily", "The Ondrel Herald"),
    "fa": ("پیک آماریس", "روزنامه کستانی", "خبر بندر", "رادیو تیروان"),
    "ar": ("بريد أماريس", "صحيفة كيستاني", "أخبار الميناء", "إذاعة تيرفان"),
    "fr": ("Le Courrier d'Amaris", "La Dépêche de Kestanie", "Radio Tirvan", "Le Quai"),
}
MARKS = (
    "{text} | {outlet}",
    "{text} {url}",
    "{outlet}: {text}",
    "{text} - {outlet} {url}",
    "{text}",
)
SHARES = ("{text} {url} via @{{handle}}", "{text} via @{{handle}} {url}")


def outlet_name(account: Account, number: int) -> str:
    """Name a newsroom; more newsrooms than names get a local edition's number."""
    names = OUTLETS[account.lang]
    edition = number // len(names)
    return names[number % len(names)] + (f" {edition + 1}" if edition else "")


def news_posts(
    accounts: Sequence[Account], names: dict[str, str], seed: int
) -> tuple[list[Draft], list[Draft]]:
    """Write headlines and what is shared of them; give (by newsrooms, by their readers)."""
    by_lang = {lang: [a for a in accounts if a.lang == lang] for lang in world.LANGS}
    newsrooms: list[Draft] = []
    readers: list[Draft] = []
    texts = UniqueTexts()
    for lang, everybody in by_lang.items():
        outlets = [a for a in everybody if a.population == "outlet"]
        people = [a for a in everybody if a.population in ("bystander", "supporter")]
        if not outlets or not people:
            continue
        for number in range(round(HEADLINES_PER_ACCOUNT * len(everybody))):
            rng = stream(seed, "headline", lang, number)
            carried = _carried(rng, outlets, names, texts, f"news_{lang}_{number}")
            newsrooms += carried
            readers += _shares(rng, people, carried)
    return newsrooms, readers


def _carried(
    rng: Rng, outlets: list[Account], names: dict[str, str], texts: UniqueTexts, wording: str
) -> list[Draft]:
    """Write one headline and give it to one outlet, or to several within hours."""
    vocabulary = words(outlets[0].lang)
    for _ in range(MOST_ATTEMPTS):
        frame = pick(rng, vocabulary.news["frames"])
        headline = capitalized(expand(rng, frame, vocabulary))
        if texts.take(headline, frame):
            break
    about_summit = any(word in headline for word in ("Lantern", "فانوس", "الفانوس", "Port Amaris"))
    first = world.EVENT_S + rng.random() * world.EVENT_LENGTH_S * 1.2
    first = first if about_summit else rng.random() * (world.WINDOW_S - world.DAY_S)
    several = rng.random() < SYNDICATED_SHARE
    carriers = some(rng, outlets, 2 + rng.poisson(2.0) if several else 1)
    drafts: list[Draft] = []
    for account in carriers:
        frame = pick(rng, MARKS)
        text = frame.format(text=headline, outlet=names[account.account_id], url=link(rng))
        at = first + (lognormal_s(rng, 2400, 1.1) if drafts else 0.0)
        drafts.append(
            Draft(
                account.account_id,
                min(at, world.WINDOW_S - 60),
                text,
                account.lang,
                "news",
                point=wording,
                wording=wording,
                edit_kind="syndication" if drafts else "original",
                benign_class="syndication" if several else "news",
                copied_from=drafts[0] if drafts else None,
            )
        )
    return drafts


def _shares(rng: Rng, people: list[Account], carried: list[Draft]) -> list[Draft]:
    """Let readers press the share button, or quote the headline with a word of their own."""
    count = int(rng.negative_binomial(0.5, 0.5 / (0.5 + MEAN_SHARES)))
    drafts = []
    for account in some(rng, people, count):
        source = pick(rng, carried)
        at = source.at_s + lognormal_s(rng, 3 * 3600, 1.3)
        if at >= last_written_s(account) - 60:
            continue
        quote = rng.random() < 0.25
        text = _quoted(rng, source) if quote else _shared(rng, carried[0], source)
        drafts.append(
            Draft(
                account.account_id,
                at,
                text,
                source.lang,
                "news",
                kind="quote" if quote else "post",
                point=source.point,
                wording=source.wording,
                edit_kind="share_quote" if quote else "share_button",
                benign_class="share_quote" if quote else "share_button",
                parent=source if quote else None,
                copied_from=source,
                mention=source.account_id,
            )
        )
    return drafts


def _shared(rng: Rng, first: Draft, source: Draft) -> str:
    return pick(rng, SHARES).format(text=source.text, url=link(rng))


def _quoted(rng: Rng, source: Draft) -> str:
    return f"{pick(rng, words(source.lang).news['quote'])} {source.text}"


def app_posts(accounts: Sequence[Account], seed: int) -> list[Draft]:
    """Write what apps write for their users: one template, other numbers."""
    drafts = []
    for account in accounts:
        rng = stream(seed, "app", account.account_id)
        if account.population != "bystander" or rng.random() >= APP_USER_SHARE:
            continue
        vocabulary = words(account.lang)
        number = int(rng.random() * len(vocabulary.apps))
        name = f"app_{account.lang}_{number}"
        for _ in range(1 + rng.poisson(2.0)):
            drafts.append(
                Draft(
                    account.account_id,
                    rng.random() * (last_written_s(account) - 60),
                    expand(rng, vocabulary.apps[number], vocabulary),
                    account.lang,
                    "apps",
                    point=name,
                    wording=name,
                    edit_kind="template",
                    benign_class="template",
                )
            )
    return drafts
