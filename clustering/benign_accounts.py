"""Which accounts read like news outlets, by everything they wrote?

In: `Told` posts and which of them stand in talking points of several accounts. Out: one entry for
each account of such a point: how personal its posts are, how much of them others have too and how
soon, over how many hours of the day and days it writes, and whether all that is an outlet's manner.

An outlet writes whole sentences that hardly ever speak in the first or second person, addresses
nobody, and is spread over the day and over days. An account most of whose posts appear elsewhere in
the same two minutes is no outlet in this sense: newsrooms that copy need longer. Being an outlet is
a manner of writing: nobody's honesty, and accounts that pose as newsrooms have it too.

Measured on real accounts (called an outlet): 21 of 24 Russian news channels, most accounts that
were hand-coded as news feeds of an influence operation, no member of a parliament, one account of
an electoral crowd of 2,027. A language without a list of person words leaves the question open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from clustering.benign_posts import NO_GAP, Flags, Floats, Ints, Told, first_posts
from clustering.benign_rules import languages, speaks_of_itself

# Posts an account needs before its manner can be told; people write one or two by the way.
MIN_POSTS = 5
# Posts read of each account; more change the shares by less than five points.
MOST_READ = 400
# Shares that real outlets stay below and most people stay above (quantiles in the notes above).
MOST_PERSONAL = 0.2
MOST_MENTIONING = 0.15
MOST_REPLIES = 0.05
# Median words of a post: newsrooms write sentences.
MIN_WORDS = 6
# Different hours of the day and days: all that a few posts can show, or these.
STEADY_HOURS, STEADY_DAYS = 12, 5
HOURS_PER_POST, DAYS_PER_POST = 0.5, 1 / 3
# Most of the account's posts are others' too, and within this time: one hand or one program.
CLONE_SHARE, CLONE_GAP_S = 0.5, 120
DAY_S, HOUR_S = 86_400, 3_600


@dataclass(frozen=True)
class Manners:
    """One entry an account (numbers of `Told`); shares are of its posts."""

    judged: Ints
    personal: Floats
    mentioning: Floats
    replies: Floats
    words: Floats
    hours: Ints
    days: Ints
    copied: Floats
    gap_s: Floats
    outlet: Flags
    clone: Flags


def manners(told: Told, shared: Flags, gaps: Ints) -> Manners:
    """Describe every account that has a post in `shared`; others get zeros."""
    wanted = np.zeros(len(told.accounts), dtype=bool)
    wanted[told.account[shared]] = True
    rows = np.flatnonzero(wanted[told.account])
    read = first_posts(told.account, told.at_s, rows, MOST_READ)
    judged, personal = _personal(told, read)
    copied = _share(told, rows, shared[rows])
    gap = _median(told.account, gaps, np.flatnonzero(shared & (gaps < NO_GAP)), len(told.accounts))
    hours = _different(told, rows, told.at_s // HOUR_S % 24)
    days = _different(told, rows, told.at_s // DAY_S)
    words = _median(told.account, told.table["tokens"].to_numpy(), rows, len(told.accounts))
    mentioning = _share(told, rows, told.table["mentions"].to_numpy()[rows] > 0)
    replies = _share(told, rows, _replies(told)[rows])
    clone = (copied >= CLONE_SHARE) & (gap <= CLONE_GAP_S)
    posts = np.bincount(told.account[rows], minlength=len(told.accounts))
    steady = (hours >= np.minimum(STEADY_HOURS, posts * HOURS_PER_POST)) & (
        days >= np.minimum(STEADY_DAYS, posts * DAYS_PER_POST)
    )
    writes = (personal <= MOST_PERSONAL) & (mentioning <= MOST_MENTIONING)
    writes &= (replies <= MOST_REPLIES) & (words >= MIN_WORDS)
    outlet = wanted & (judged >= MIN_POSTS) & writes & steady & ~clone
    return Manners(
        judged, personal, mentioning, replies, words, hours, days, copied, gap, outlet, clone
    )


def _personal(told: Told, read: Ints) -> tuple[Ints, Floats]:
    """Posts whose language has a list of person words, and the share of them that has one."""
    rows = told.table.take(read)
    lang = rows.column("lang").to_pylist()
    known = np.array([each in set(languages()) for each in lang], dtype=bool)
    personal = np.array(
        [
            speaks_of_itself(text.split(), each)
            for text, each in zip(rows.column("text_norm").to_pylist(), lang, strict=True)
        ],
        dtype=bool,
    )
    size = len(told.accounts)
    judged = np.bincount(told.account[read], known, minlength=size)
    found = np.bincount(told.account[read], personal & known, minlength=size)
    return judged.astype(np.int64), found / np.maximum(judged, 1)


def _replies(told: Told) -> Flags:
    addressed = pc.match_substring_regex(told.table.column("text"), r"^\W{0,3}[@＠]")
    replies: Flags = pc.or_(addressed, pc.equal(told.table.column("kind"), "reply")).to_numpy()
    return replies


def _share(told: Told, rows: Ints, flags: Flags) -> Floats:
    size = len(told.accounts)
    found = np.bincount(told.account[rows], flags, minlength=size)
    share: Floats = found / np.maximum(np.bincount(told.account[rows], minlength=size), 1)
    return share


def _different(told: Told, rows: Ints, values: Ints) -> Ints:
    """How many different values each account has."""
    rows = rows[told.dated[rows]]
    pairs = np.unique(np.stack([told.account[rows], values[rows]], axis=1), axis=0)
    counts: Ints = np.bincount(pairs[:, 0], minlength=len(told.accounts)).astype(np.int64)
    return counts


def _median(group: Ints, values: Ints, rows: Ints, size: int) -> Floats:
    """Median of `values` for each group; infinite where a group has none."""
    medians = np.full(size, np.inf)
    order = rows[np.lexsort((values[rows], group[rows]))]
    if len(order) == 0:
        return medians
    groups, start, count = np.unique(group[order], return_index=True, return_counts=True)
    low, high = start + (count - 1) // 2, start + count // 2
    medians[groups] = (values[order[low]] + values[order[high]]) / 2
    return medians
