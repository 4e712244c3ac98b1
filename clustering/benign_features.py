"""What is measured of a shared talking point before a class is given to it?

In: `Told` posts, which of them are shared, and which accounts are outlets. Out: `Features`, one
entry for each point of two or more accounts. Shares are of the posts that are read: up to
`MOST_READ`, one of each account before a second of any. Everything is a count over posts, so the
order of rows changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.benign_accounts import DAY_S
from clustering.benign_posts import Flags, Floats, Ints, Told, first_posts
from clustering.benign_rules import (
    Phrase,
    is_quotation,
    numbers,
    person_words,
    phrase_of,
    shown,
    speaks_of_itself,
    without_links,
)

# Posts read of each point; a share of 40 is exact to eight points either way.
MOST_READ = 40
# What headlines do without: mentions, hashtags, exclamations, and symbols such as emoji.
_UNTITLED = re.compile(r"[@＠#＃!！‼\u2190-\u2bff\U0001f000-\U0001faff]")
# Accounts of a point whose pairs are looked at: 28 pairs.
MOST_ACCOUNTS = 8
# Points of fewer words ("thank you", emoji) are shared by anybody and relate nobody.
RELATING_WORDS = 4
# Points that look like templates before their accounts are looked at: they relate nobody either.
MOSTLY, FILLED, THIN = 0.5, 0.6, 0.4
# Names under which sources give the posting client.
CLIENT_COLUMNS = ("client", "source", "tweet_client_name", "app", "application")


@dataclass(frozen=True)
class Features:
    """One entry a point, in the order of `point` (numbers of `Told`)."""

    point: Ints
    posts: Ints
    accounts: Ints
    words: Floats
    outlets: Ints
    """accounts read that are outlets"""
    outlet_posts: Floats
    buttons: Floats
    """share of posts with a share button's phrase by accounts that are no outlets"""
    phrased: dict[str, Floats]
    means: list[str]
    """what the commonest phrase of an application does"""
    quotes: Floats
    titles: Floats
    """impersonal text with a link; no mention, hashtag, emoji or exclamation"""
    numbers: Floats
    """different fillings of the number slots, by posts read"""
    mentions: Floats
    crowded: Floats
    """largest share of posts within 24 hours"""
    related: Floats
    """share of pairs of accounts that share another point, templates and a few words apart"""
    client_share: Floats
    client_commonness: Floats
    read: list[Ints]
    """the posts read, by time"""

    def evidence(self, told: Told, at: int, most: int) -> list[str]:
        """Ids of the earliest posts read, of different accounts first."""
        rows = self.read[at]
        _, first = np.unique(told.account[rows], return_index=True)
        ordered = [*np.sort(first), *np.setdiff1d(np.arange(len(rows)), first)]
        ids = told.table.column("post_id").take(pa.array(rows[ordered[:most]]))
        return [str(each) for each in ids.to_pylist()]


@dataclass(frozen=True)
class _Post:
    """What one reading of a post gives."""

    phrase: Phrase | None
    quotation: bool
    title: bool
    numbers: tuple[str, ...]
    mentioned: tuple[str, ...]


def describe_points(
    told: Told, shared: Flags, outlet: Flags, kept: pa.Table | None = None
) -> Features:
    """Measure every point that has posts in `shared`."""
    rows = np.flatnonzero(shared)
    read = first_posts(told.point, told.account, rows, MOST_READ)
    read = read[np.lexsort((read, told.at_s[read], told.point[read]))]
    point, starts = np.unique(told.point[read], return_index=True)
    parts = _split(read, starts)
    seen = _read(told, read)
    seen_parts = [seen[a : a + len(b)] for a, b in zip(starts, parts, strict=True)]
    words = np.array([float(np.median(told.table["tokens"].take(pa.array(p)))) for p in parts])
    by_class = {
        name: _shares(seen_parts, name) for name in ("application_template", "chain_post", "fandom")
    }
    fillings = np.array([_fillings([s.numbers for s in each]) for each in seen_parts])
    crowded = _crowded(told, point, rows)
    framed = (fillings >= FILLED) & (crowded <= THIN)
    templates = point[(by_class["application_template"] >= MOSTLY) | framed]
    relating = np.isin(told.point, point[words >= RELATING_WORDS]) & shared
    relating &= ~np.isin(told.point, templates)
    client, common = _clients(told, parts, kept)
    posts = np.bincount(told.point[rows], minlength=len(told.points))[point]
    return Features(
        point=point,
        posts=posts.astype(np.int64),
        accounts=told.accounts_of_points()[point],
        words=words,
        outlets=np.array([_outlets(told, p, outlet) for p in parts], dtype=np.int64),
        outlet_posts=np.array([outlet[told.account[p]].mean() for p in parts]),
        buttons=_buttons(told, parts, seen_parts, outlet),
        phrased=by_class,
        means=[_commonest(each) for each in seen_parts],
        quotes=_mean(seen_parts, lambda each: each.quotation),
        titles=_mean(seen_parts, lambda each: each.title),
        numbers=fillings,
        mentions=np.array([_fillings([s.mentioned for s in each]) for each in seen_parts]),
        crowded=crowded,
        related=_related(told, parts, relating),
        client_share=client,
        client_commonness=common,
        read=list(parts),
    )


def _split(values: Ints, starts: Ints) -> list[Ints]:
    """The runs that begin at `starts`; none of no values."""
    return np.split(values, starts[1:]) if len(starts) else []


def _read(told: Told, rows: Ints) -> list[_Post]:
    found = told.table.take(pa.array(rows))
    columns = (found[name].to_pylist() for name in ("text", "text_norm", "lang", "links"))
    return [_post(*each) for each in zip(*columns, strict=True)]


def _post(text: str, norm: str, lang: str, links: int) -> _Post:
    form = shown(text)
    mentioned = tuple(word for word in text.split() if word[:1] in "@＠")
    impersonal = bool(person_words(lang)) and not speaks_of_itself(norm.split(), lang)
    title = bool(links) and impersonal and _UNTITLED.search(without_links(text)) is None
    return _Post(phrase_of(form), is_quotation(text), title, numbers(text), mentioned)


def _mean(parts: Sequence[Sequence[_Post]], judge: Callable[[_Post], bool]) -> Floats:
    return np.array([np.mean([bool(judge(each)) for each in part]) for part in parts])


def _shares(parts: Sequence[Sequence[_Post]], name: str) -> Floats:
    return _mean(parts, lambda each: each.phrase is not None and each.phrase.benign_class == name)


def _outlets(told: Told, rows: Ints, outlet: Flags) -> int:
    accounts = np.unique(told.account[rows])
    return int(outlet[accounts].sum())


def _buttons(
    told: Told, parts: Sequence[Ints], seen: Sequence[Sequence[_Post]], outlet: Flags
) -> Floats:
    shares = []
    for rows, posts in zip(parts, seen, strict=True):
        pressed = np.array(
            [s.phrase is not None and s.phrase.benign_class == "share_button" for s in posts]
        )
        shares.append(float((pressed & ~outlet[told.account[rows]]).mean()))
    return np.array(shares)


def _commonest(posts: Sequence[_Post]) -> str:
    """What the commonest phrase of an application does, in words; "" without one."""
    means = Counter(
        each.phrase.means
        for each in posts
        if each.phrase is not None and each.phrase.benign_class == "application_template"
    )
    return min(means, key=lambda name: (-means[name], name)) if means else ""


def _fillings(slots: Sequence[tuple[str, ...]]) -> float:
    """Different fillings by posts: 1 where every post fills the slot in its own way."""
    return len({each for each in slots if each}) / max(len(slots), 1)


def _crowded(told: Told, point: Ints, rows: Ints) -> Floats:
    """Largest share of each point's dated posts that one day (24 hours) holds; 1 without times."""
    rows = rows[told.dated[rows]]
    rows = rows[np.lexsort((told.at_s[rows], told.point[rows]))]
    crowded = np.ones(len(point))
    owners, starts = np.unique(told.point[rows], return_index=True)
    for owner, part in zip(owners, _split(told.at_s[rows], starts), strict=True):
        ends = np.searchsorted(part, part + DAY_S, side="left")
        most = int((ends - np.arange(len(part))).max())
        crowded[np.searchsorted(point, owner)] = most / len(part)
    return crowded


def _related(told: Told, parts: Sequence[Ints], relating: Flags) -> Floats:
    """Share of pairs of accounts of each point that share another of the `relating` points."""
    own: dict[int, set[int]] = {}
    rows = np.flatnonzero(relating)
    order = rows[np.argsort(told.account[rows], kind="stable")]
    owners, starts = np.unique(told.account[order], return_index=True)
    for owner, part in zip(owners, _split(told.point[order], starts), strict=True):
        own[int(owner)] = set(part.tolist())
    shares = []
    for rows_of in parts:
        accounts = np.unique(told.account[rows_of])[:MOST_ACCOUNTS].tolist()
        this = {int(told.point[rows_of[0]])}
        pairs = list(combinations(accounts, 2))
        shares.append(np.mean([_share_more(own, a, b, this) for a, b in pairs]))
    return np.array(shares)


def _share_more(own: dict[int, set[int]], a: int, b: int, this: set[int]) -> bool:
    first, second = own.get(a, set()), own.get(b, set())
    if len(first) > len(second):
        first, second = second, first
    return any(each in second for each in first if each not in this)


def _clients(told: Told, parts: Sequence[Ints], kept: pa.Table | None) -> tuple[Floats, Floats]:
    """Share of each point's posts by its commonest client, and that client's share of all posts."""
    nothing = np.zeros(len(parts)), np.ones(len(parts))
    if kept is None or not kept.num_rows:
        return nothing
    named = kept.filter(pc.is_in(kept.column("column"), value_set=pa.array(CLIENT_COLUMNS)))
    named = named.filter(pc.is_valid(named.column("value")))
    if not named.num_rows:
        return nothing
    place = pc.index_in(told.table.column("post_id"), value_set=named.column("post_id"))
    clients = named.column("value").take(place).to_pylist()
    overall = Counter(each for each in clients if each)
    shares, common = nothing
    for at, rows in enumerate(parts):
        here = Counter(clients[row] for row in rows if clients[row])
        if here:
            top = min(here, key=lambda name: (-here[name], name))
            shares[at] = here[top] / len(rows)
            common[at] = overall[top] / max(overall.total(), 1)
    return shares, common
